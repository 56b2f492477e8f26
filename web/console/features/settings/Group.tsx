/** The group: its name, and what its days, money and phones are read by. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Select } from 'antd'
import { changeGroup, readGroup } from '#app/contract'
import { whoAmI } from '#modules/access/contract'
import type { Input as InputOf } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import css from './Settings.module.css'

const refundPolicies = ['only_pending', 'within_balance', 'negative'] as const
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
  const regionName = new Intl.DisplayNames(language, { type: 'region' })
  const currencyName = new Intl.DisplayNames(language, { type: 'currency' })
  return (
    <div className={css.page}>
      <Form
        className={css.form ?? ''}
        layout="vertical"
        requiredMark={false}
        initialValues={group.data}
        disabled={!mayChange}
        onFinish={(values: InputOf<typeof changeGroup>) => saving.mutate(values)}
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
