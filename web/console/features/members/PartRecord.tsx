/** Takes a record out of a member; says before what goes with it and what stays. */
import { useNavigate } from '@tanstack/react-router'
import { App, Button, Checkbox, Form, Input, Modal } from 'antd'
import { listMembers, memberPage } from '#modules/desk/contract'
import { partRecord } from '#modules/members/contract'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './PartRecord.module.css'
import type { SourceRecord } from './Records.tsx'

export function PartRecord({
  memberId,
  record,
  records,
  onClose,
}: {
  memberId: string
  record: SourceRecord
  /** All of the member's, in the order of the chain. */
  records: readonly SourceRecord[]
  onClose: () => void
}) {
  const say = useText()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ along?: string[]; reason: string }>()
  const others = records.filter(({ id }) => id !== record.id)
  const along = Form.useWatch('along', form) ?? []
  const parting = useAct(partRecord, {
    changes: [keyOf(memberPage), keyOf(listMembers)],
    onDone: async ({ memberId: rest, recordMemberId }) => {
      onClose()
      void message.success(
        <>
          {say('part.done')}{' '}
          <Button
            type="link"
            size="small"
            onClick={() => void navigate({ to: '/members/$memberId', params: { memberId: recordMemberId } })}
          >
            {say('part.see')}
          </Button>
        </>,
        6,
      )
      if (rest !== memberId) await navigate({ to: '/members/$memberId', params: { memberId: rest }, replace: true })
    },
  })
  return (
    <Modal
      open
      title={say('part.title', { channel: record.channel.name })}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            danger
            disabled={along.length > 0 && along.length === others.length}
            loading={parting.isPending}
            onClick={() => form.submit()}
          >
            {along.length > 0 ? say('part.actMany', { count: along.length + 1 }) : say('part.act')}
          </Button>
        </>
      }
    >
      <ul className={css.effects}>
        <li>{say('part.goes')}</li>
        <li>{say('part.spent')}</li>
        <li>{say('part.remembered')}</li>
      </ul>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ along = [], reason }) =>
          parting.mutate({ memberId, recordId: record.id, along, reason: reason.trim() })
        }
      >
        {others.length > 1 && (
          <Form.Item
            name="along"
            label={say('part.along')}
            extra={say(along.length === others.length ? 'part.alongAll' : 'part.alongWhy')}
          >
            <Checkbox.Group
              options={others.map(({ id, channel, fields }) => ({
                value: id,
                label: [channel.name, fields.find(({ field }) => field === 'name')?.value]
                  .filter(Boolean)
                  .join(say('comma')),
              }))}
            />
          </Form.Item>
        )}
        <Form.Item
          name="reason"
          label={say('part.reason')}
          rules={[{ required: true, whitespace: true, message: say('reasonNeeded') }]}
        >
          <Input maxLength={300} placeholder={say('part.reasonExample')} autoComplete="off" />
        </Form.Item>
        <ProblemNote error={parting.error} />
      </Form>
    </Modal>
  )
}
