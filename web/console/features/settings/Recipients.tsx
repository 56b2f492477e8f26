/** Who outside of the group is given data, on which agreement; connectors ask this register before anything leaves. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Popconfirm, Select } from 'antd'
import { useState } from 'react'
import { bases, endRecipient, listRecipients, purposes, putRecipient, transfers, uses } from '#modules/privacy/contract'
import { listWebhooks } from '#modules/webhooks/contract'
import type { Input as InputOf, Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { countryName, countryOptions } from '../../parts/countries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import { Waiting } from './Privacy.tsx'
import css from './Settings.module.css'

type Recipient = Output<typeof listRecipients>['recipients'][number]

const tones = { holds: 'green', soon: 'amber', over: 'red', ended: 'grey' } as const
const changes = [keyOf(listRecipients), keyOf(listWebhooks)]

export function Recipients() {
  const say = useText()
  const mayChange = useMay('privacy.change')
  const [editing, setEditing] = useState<Recipient | 'new' | null>(null)
  const list = useQuery(reading(listRecipients, {}))
  if (list.isError) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  if (list.isPending) return <Waiting />
  const { recipients, missing } = list.data
  return (
    <section aria-labelledby="privacy-recipients">
      <div className={css.title}>
        <h2 id="privacy-recipients">{say('recipients.title')}</h2>
        {mayChange && (
          <Button icon={<Icon name="plus" size={15} />} onClick={() => setEditing('new')}>
            {say('recipients.add')}
          </Button>
        )}
      </div>
      <p className={css.why}>{say('recipients.why')}</p>
      {missing.includes('sms') && (
        <p className={css.error} role="status">
          {say('recipients.noSms')}
        </p>
      )}
      {recipients.length === 0 ? (
        <p className={css.none}>{say('recipients.none')}</p>
      ) : (
        <ul>
          {recipients.map((recipient) => (
            <Row key={recipient.id} recipient={recipient} onEdit={() => setEditing(recipient)} />
          ))}
        </ul>
      )}
      {editing && <Edit recipient={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </section>
  )
}

function Row({ recipient, onEdit }: { recipient: Recipient; onEdit: () => void }) {
  const say = useText()
  const formats = useFormats()
  const language = useLanguage()
  const mayChange = useMay('privacy.change')
  const ending = useAct(endRecipient, { changes })
  const { id, name, country, purpose, basis, uses: used, agreement, agreementUntil, state } = recipient
  return (
    <li className={css.row}>
      <div>
        <span>
          <b>{name}</b> <Chip tone={tones[state]}>{say(`agreementState.${state}`)}</Chip>
        </span>
        <small>
          <Dotted>
            {countryName(language, country)}
            {say(`purpose.${purpose}`)}
            {say(`basis.${basis}`)}
            {used.map((use) => say(`use.${use}`)).join(say('comma'))}
          </Dotted>
        </small>
        <small>
          <Dotted>
            {agreement}
            {agreementUntil
              ? say('recipients.lastDay', { at: formats.calendarDate(agreementUntil) })
              : say('recipients.openEnd')}
          </Dotted>
        </small>
        <ProblemNote error={ending.error} />
      </div>
      {mayChange && state !== 'ended' && (
        <span className={css.acts}>
          <Button size="small" aria-label={say('recipients.editOne', { name })} onClick={onEdit}>
            {say('recipients.edit')}
          </Button>
          <Popconfirm
            title={say('recipients.endTitle', { name })}
            description={say('recipients.endEffect')}
            okText={say('recipients.end')}
            okButtonProps={{ danger: true }}
            onConfirm={() => ending.mutate({ recipientId: id })}
          >
            <Button size="small" loading={ending.isPending}>
              {say('recipients.end')}
            </Button>
          </Popconfirm>
        </span>
      )}
    </li>
  )
}

type Values = Omit<InputOf<typeof putRecipient>, 'recipientId' | 'agreementUntil' | 'transfer'> & {
  agreementUntil: string
  transfer: (typeof transfers)[number] | undefined
}

function Edit({ recipient, onClose }: { recipient: Recipient | null; onClose: () => void }) {
  const say = useText()
  const language = useLanguage()
  const { group } = useSession()
  // One name for it however often it is sent.
  const [recipientId] = useState(() => recipient?.id ?? newId())
  const [form] = Form.useForm<Values>()
  const country = Form.useWatch('country', form) ?? recipient?.country ?? group.country
  const isAbroad = country !== group.country
  const saving = useAct(putRecipient, { changes, onDone: onClose })
  return (
    <Modal
      open
      title={recipient ? say('recipients.editOne', { name: recipient.name }) : say('recipients.add')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} onClick={() => form.submit()}>
            {say('recipients.save')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{
          country: group.country,
          purpose: 'booking',
          basis: 'contract',
          details: '',
          uses: ['webhooks'],
          ...recipient,
          transfer: recipient?.transfer ?? undefined,
          agreementUntil: recipient?.agreementUntil ?? '',
        }}
        onFinish={({ agreementUntil, transfer, ...values }: Values) =>
          saving.mutate({
            recipientId,
            ...values,
            agreementUntil: agreementUntil || null,
            transfer: isAbroad ? (transfer ?? null) : null,
          })
        }
      >
        <Form.Item
          name="name"
          label={say('recipients.name')}
          rules={[{ required: true, whitespace: true, min: 2, message: say('hooks.nameNeeded') }]}
        >
          <Input maxLength={120} autoComplete="off" />
        </Form.Item>
        <Form.Item name="country" label={say('recipients.country')}>
          <Select showSearch={{ optionFilterProp: 'label' }} options={countryOptions(language, country)} />
        </Form.Item>
        {isAbroad && (
          <Form.Item
            name="transfer"
            label={say('recipients.transfer')}
            extra={say('recipients.transferWhy')}
            rules={[{ required: true, message: say('recipients.transferNeeded') }]}
          >
            <Select options={transfers.map((value) => ({ value, label: say(`transfer.${value}`) }))} />
          </Form.Item>
        )}
        <Form.Item name="purpose" label={say('recipients.purpose')}>
          <Select options={purposes.map((value) => ({ value, label: say(`purpose.${value}`) }))} />
        </Form.Item>
        <Form.Item name="details" label={say('recipients.details')}>
          <Input maxLength={300} placeholder={say('recipients.detailsExample')} autoComplete="off" />
        </Form.Item>
        <Form.Item name="basis" label={say('recipients.basis')}>
          <Select options={bases.map((value) => ({ value, label: say(`basis.${value}`) }))} />
        </Form.Item>
        <Form.Item
          name="uses"
          label={say('recipients.uses')}
          rules={[{ required: true, message: say('recipients.usesNeeded') }]}
        >
          <Select mode="multiple" options={uses.map((value) => ({ value, label: say(`use.${value}`) }))} />
        </Form.Item>
        <Form.Item
          name="agreement"
          label={say('recipients.agreement')}
          rules={[{ required: true, whitespace: true, min: 3, message: say('recipients.agreementNeeded') }]}
        >
          <Input maxLength={200} placeholder={say('recipients.agreementExample')} autoComplete="off" />
        </Form.Item>
        <Form.Item name="agreementUntil" label={say('recipients.until')}>
          <Input type="date" />
        </Form.Item>
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}
