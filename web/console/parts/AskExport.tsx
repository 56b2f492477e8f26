/** Asks for a file of what a list shows: what, in which form, and why. What the group has ruled about it is said before. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Checkbox, Form, Input, Modal, Segmented } from 'antd'
import { useState } from 'react'
import {
  addExport,
  type ExportAsked,
  exportFormats,
  exportKinds,
  listExports,
  readExportRules,
} from '#modules/exports/contract'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { useText } from '../texts/texts.ts'
import css from './AskExport.module.css'
import { ProblemNote } from './ProblemNote.tsx'
import { useFormats, useMay, useMaySee } from './session.ts'
import { useAct } from './useAct.ts'

type Kind = (typeof exportKinds)[number]

interface Fields {
  reason: string
  clear?: boolean
  from?: string
  until?: string
}

export function AskExport({
  kind: first = 'members',
  asked = {},
  about,
  onClose,
}: {
  kind?: Kind
  asked?: ExportAsked
  /** The filter in words; without one it is everybody whom one sees. */
  about?: string | undefined
  onClose: () => void
}) {
  const say = useText()
  const formats = useFormats()
  const navigate = useNavigate()
  // One name for this export however often it is sent, so that it is one.
  const [id] = useState(newId)
  const [kind, setKind] = useState<Kind>(first)
  const [format, setFormat] = useState<(typeof exportFormats)[number]>('xlsx')
  const [form] = Form.useForm<Fields>()
  const clear = Form.useWatch('clear', form) ?? false
  const maySee = { members: true, orders: useMaySee('orders.read'), points: useMaySee('points.read') }
  const mayReveal = useMay('members.reveal')
  const rules = useQuery(reading(readExportRules, {}))
  const asking = useAct(addExport, {
    changes: [keyOf(listExports)],
    onDone: async () => {
      onClose()
      await navigate({ to: '/exports' })
    },
  })
  const { columns, ...whom } = asked
  return (
    <Modal
      open
      title={say('exports.ask')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={asking.isPending} onClick={() => form.submit()}>
            {say('exports.make')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ reason, from, until }) =>
          asking.mutate({
            id,
            kind,
            format,
            reason: reason.trim(),
            clear,
            asked: {
              ...whom,
              ...(kind === 'members'
                ? columns
                  ? { columns }
                  : {}
                : { ...(from && { from }), ...(until && { until }) }),
            },
          })
        }
      >
        <p className={css.about}>{about ?? say('exports.everybody')}</p>
        <div className={css.choices}>
          <Segmented
            value={kind}
            onChange={setKind}
            aria-label={say('exports.kind')}
            options={exportKinds
              .filter((one) => maySee[one])
              .map((value) => ({ value, label: say(`exportKind.${value}`) }))}
          />
          <Segmented
            value={format}
            onChange={setFormat}
            aria-label={say('exports.format')}
            options={exportFormats.map((value) => ({ value, label: value.toUpperCase() }))}
          />
        </div>
        {kind !== 'members' && (
          <div className={css.choices}>
            <Form.Item name="from" label={say('exports.from')}>
              <Input type="date" />
            </Form.Item>
            <Form.Item name="until" label={say('exports.until')}>
              <Input type="date" />
            </Form.Item>
          </div>
        )}
        <Form.Item
          name="reason"
          label={say('exports.reason')}
          rules={[{ required: true, whitespace: true, min: 3, message: say('reasonNeeded') }]}
        >
          <Input maxLength={300} placeholder={say('exports.reasonExample')} autoComplete="off" autoFocus />
        </Form.Item>
        {mayReveal && (
          <Form.Item name="clear" valuePropName="checked" extra={clear && say('exports.clearWhy')}>
            <Checkbox>{say('exports.clear')}</Checkbox>
          </Form.Item>
        )}
        {rules.data && (
          <p className={css.rules}>
            {say('exports.rules', {
              hours: formats.number(rules.data.hours),
              times: formats.number(rules.data.downloads),
            })}
            {rules.data.approvalOfClear && clear
              ? ` ${say('exports.approvalOfClear')}`
              : rules.data.approvalFromRows !== null
                ? ` ${say('exports.approvalFrom', { n: formats.number(rules.data.approvalFromRows) })}`
                : ''}
          </p>
        )}
        <ProblemNote error={asking.error} />
      </Form>
    </Modal>
  )
}
