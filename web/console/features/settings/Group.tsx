/** The group: its name, and what its days, money and phones are read by. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, InputNumber, Select } from 'antd'
import { useEffect, useId } from 'react'
import { changeGroup, readGroup } from '#app/contract'
import { whoAmI } from '#modules/access/contract'
import type { Output } from '#ui/call.ts'
import { minorUnitsOf } from '#ui/formats.ts'
import { type Language, languageNames, languages } from '#ui/languages.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import css from './Settings.module.css'

const secondFactors = ['nobody', 'whole_group', 'everybody'] as const
const refundPolicies = ['only_pending', 'within_balance', 'negative'] as const

type Choices = Output<typeof readGroup>
/** What points are worth as one fills it in: so many for so much, in whole units of the currency; or nothing. */
type Fields = Omit<Choices, 'pointValue'> & { first: Language; points: number | null; worth: number | null }

const fieldsOf = ({ pointValue, ...choices }: Choices): Fields => ({
  ...choices,
  first: choices.languages[0]!,
  points: pointValue?.points ?? null,
  worth: pointValue && pointValue.minor / minorUnitsOf(choices.currency),
})

/** Those whose phones the program reads best stand first; any other is found by typing. */
const countries = ['CN', 'HK', 'MO', 'TW', 'SG', 'MY', 'TH', 'JP', 'KR', 'RU', 'KZ', 'US', 'GB', 'AU', 'CA', 'DE', 'FR']

export function Group() {
  const say = useText()
  const mayChange = useMay('settings.change')
  const language = useLanguage()
  const group = useQuery(reading(readGroup, {}))
  const saving = useAct(changeGroup, { changes: [keyOf(readGroup), keyOf(whoAmI)] })
  if (group.isError) return <Failure error={group.error} onRetry={() => void group.refetch()} />
  if (group.isPending) {
    return (
      <div className={css.page} aria-busy="true">
        <Skeleton width="60%" height={32} />
      </div>
    )
  }
  const save = ({ points, worth, first, ...choices }: Fields) => {
    const others = choices.languages.filter((language) => language !== first)
    const minor = worth === null ? 0 : Math.round(worth * minorUnitsOf(choices.currency))
    saving.mutate({
      ...choices,
      languages: [first, ...others],
      pointValue: points !== null && minor > 0 ? { points, minor } : null,
    })
  }
  const regionName = new Intl.DisplayNames(language, { type: 'region' })
  const currencyName = new Intl.DisplayNames(language, { type: 'currency' })
  return (
    <div className={css.page}>
      <Form
        className={css.form ?? ''}
        layout="vertical"
        requiredMark={false}
        initialValues={fieldsOf(group.data)}
        disabled={!mayChange}
        onFinish={save}
        onValuesChange={() => saving.reset()}
      >
        <Form.Item
          name="name"
          label={say('group.name')}
          rules={[{ required: true, whitespace: true, message: say('group.nameNeeded') }]}
        >
          <Input maxLength={80} autoComplete="organization" />
        </Form.Item>
        <Form.Item name="timeZone" label={say('group.timeZone')} extra={say('group.timeZoneWhy')}>
          <Select
            showSearch
            options={['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => ({ value: zone, label: zone }))}
          />
        </Form.Item>
        <Form.Item name="currency" label={say('group.currency')} extra={say('group.currencyWhy')}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={Intl.supportedValuesOf('currency').map((code) => ({
              value: code,
              label: `${code} ${currencyName.of(code) ?? ''}`,
            }))}
          />
        </Form.Item>
        <Form.Item name="country" label={say('group.country')} extra={say('group.countryWhy')}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={[...new Set([group.data.country, ...countries])].map((code) => ({
              value: code,
              label: `${regionName.of(code) ?? code} (${code})`,
            }))}
          />
        </Form.Item>
        <Form.Item name="refundPolicy" label={say('group.refunds')} extra={say('group.refundsWhy')}>
          <Select options={refundPolicies.map((value) => ({ value, label: say(`refundPolicy.${value}`) }))} />
        </Form.Item>
        <Form.Item name="secondFactor" label={say('group.secondFactor')} extra={say('group.secondFactorWhy')}>
          <Select options={secondFactors.map((value) => ({ value, label: say(`secondFactor.${value}`) }))} />
        </Form.Item>
        <Form.Item
          name="languages"
          label={say('group.languages')}
          extra={say('group.languagesWhy')}
          rules={[{ required: true, message: say('group.languagesNeeded') }]}
        >
          <Select mode="multiple" options={languages.map((value) => ({ value, label: languageNames[value] }))} />
        </Form.Item>
        <FirstLanguage />
        <Worth />
        <ProblemNote error={saving.error} />
        {mayChange && (
          <div className={css.save}>
            <Button type="primary" htmlType="submit" loading={saving.isPending}>
              {say('group.save')}
            </Button>
            {saving.isSuccess && <span role="status">{say('group.saved')}</span>}
          </div>
        )}
      </Form>
    </div>
  )
}

/** One of those that are offered; when it goes, the next of them takes its place. */
function FirstLanguage() {
  const say = useText()
  const form = Form.useFormInstance<Fields>()
  const offered = Form.useWatch<Language[]>('languages', form) ?? []
  const first = Form.useWatch<Language>('first', form)
  useEffect(() => {
    if (offered[0] && first && !offered.includes(first)) form.setFieldValue('first', offered[0])
  }, [offered, first, form])
  return (
    <Form.Item name="first" label={say('group.firstLanguage')} extra={say('group.firstLanguageWhy')}>
      <Select options={offered.map((value) => ({ value, label: languageNames[value] }))} />
    </Form.Item>
  )
}

function Worth() {
  const say = useText()
  const id = useId()
  const form = Form.useFormInstance<Fields>()
  const currency = Form.useWatch<string>('currency', form) ?? 'CNY'
  const digits = Math.round(Math.log10(minorUnitsOf(currency)))
  /** One without the other says nothing. */
  const both = (other: 'points' | 'worth') => ({
    validator: (_: unknown, value: number | null) =>
      value === null && form.getFieldValue(other) !== null
        ? Promise.reject(new Error(say('group.pointValueBoth')))
        : Promise.resolve(),
  })
  return (
    <fieldset className={css.worth} aria-labelledby={id}>
      <b id={id}>{say('group.pointValue')}</b>
      <Form.Item name="points" label={say('group.worthPoints')} dependencies={['worth']} rules={[both('worth')]}>
        <InputNumber min={1} max={1_000_000} precision={0} />
      </Form.Item>
      <Form.Item
        name="worth"
        label={say('group.worthMoney', { currency })}
        dependencies={['points']}
        rules={[both('points')]}
      >
        <InputNumber min={1 / 10 ** digits} max={1_000_000} precision={digits} />
      </Form.Item>
      <p className={css.why}>{say('group.pointValueWhy')}</p>
    </fieldset>
  )
}
