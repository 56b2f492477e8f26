/** Gives or takes points by hand. What it does to the balance is said before; the reason is kept with the entry. */
import { Button, Form, Input, InputNumber, Modal, Segmented } from 'antd'
import { useState } from 'react'
import { listMembers, memberPage } from '#modules/desk/contract'
import { adjustPoints, memberEntries, memberPoints } from '#modules/points/contract'
import { newId } from '#ui/ids.ts'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import type { MemberPageData } from './MemberPage.tsx'

export function AdjustPoints({
  memberId,
  points,
  onClose,
}: {
  memberId: string
  points: NonNullable<MemberPageData['points']>
  onClose: () => void
}) {
  const say = useText()
  // One name for this adjustment however often it is sent, so that it acts once.
  const [id] = useState(newId)
  const [way, setWay] = useState<'give' | 'take'>('give')
  const [form] = Form.useForm<{ amount: number; reason: string }>()
  const amount = Form.useWatch('amount', form) ?? 0
  const adjusting = useAct(adjustPoints, {
    changes: [keyOf(memberPage), keyOf(memberPoints), keyOf(memberEntries), keyOf(listMembers)],
    onDone: onClose,
  })
  const signed = way === 'give' ? amount : -amount
  return (
    <Modal
      open
      title={say('adjust.title')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            danger={way === 'take'}
            loading={adjusting.isPending}
            disabled={amount === 0}
            onClick={() => form.submit()}
          >
            {say(way === 'give' ? 'adjust.give' : 'adjust.take', { count: amount })}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ reason }) => adjusting.mutate({ memberId, id, points: signed, reason: reason.trim() })}
      >
        <Form.Item>
          <Segmented
            value={way}
            onChange={setWay}
            options={[
              { value: 'give', label: say('adjust.giving') },
              { value: 'take', label: say('adjust.taking') },
            ]}
          />
        </Form.Item>
        <Form.Item
          name="amount"
          label={say('adjust.amount')}
          extra={say('adjust.after', { n: points.available, m: points.available + signed })}
        >
          <InputNumber min={1} max={1_000_000_000} precision={0} style={{ width: 180 }} autoFocus />
        </Form.Item>
        <Form.Item
          name="reason"
          label={say('adjust.reason')}
          rules={[{ required: true, whitespace: true, message: say('reasonNeeded') }]}
        >
          <Input maxLength={300} placeholder={say('adjust.reasonExample')} autoComplete="off" />
        </Form.Item>
        <ProblemNote error={adjusting.error} />
      </Form>
    </Modal>
  )
}
