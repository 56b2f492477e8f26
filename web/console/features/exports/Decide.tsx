/** Approves or refuses what somebody else wants to take out, with a reason that both and the log keep. */
import { Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { decideExport, type ExportView, listApprovals } from '#modules/exports/contract'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'

export function Decide({ one }: { one: ExportView }) {
  const say = useText()
  const formats = useFormats()
  const mayDecide = useMay('exports.approve')
  const [wish, setWish] = useState<'approve' | 'refuse' | null>(null)
  const [form] = Form.useForm<{ reason: string }>()
  const close = () => setWish(null)
  const deciding = useAct(decideExport, { changes: [keyOf(listApprovals)], onDone: close })
  if (!mayDecide) return null
  return (
    <>
      <Button size="small" type="primary" onClick={() => setWish('approve')}>
        {say('exports.approve')}
      </Button>
      <Button size="small" danger onClick={() => setWish('refuse')}>
        {say('exports.refuse')}
      </Button>
      {wish && (
        <Modal
          open
          title={say(wish === 'approve' ? 'exports.approveTitle' : 'exports.refuseTitle', {
            n: formats.number(one.rows ?? 0),
          })}
          onCancel={close}
          footer={
            <>
              <Button onClick={close}>{say('cancel')}</Button>
              <Button
                type="primary"
                danger={wish === 'refuse'}
                loading={deciding.isPending}
                onClick={() => form.submit()}
              >
                {say(wish === 'approve' ? 'exports.approve' : 'exports.refuse')}
              </Button>
            </>
          }
        >
          <Form
            form={form}
            layout="vertical"
            requiredMark={false}
            onFinish={({ reason }) =>
              deciding.mutate({ exportId: one.id, approved: wish === 'approve', reason: reason.trim() })
            }
          >
            <p>{one.reason}</p>
            <Form.Item
              name="reason"
              label={say('exports.decisionReason')}
              rules={[{ required: true, whitespace: true, min: 3, message: say('reasonNeeded') }]}
            >
              <Input maxLength={300} autoComplete="off" autoFocus />
            </Form.Item>
            <ProblemNote error={deciding.error} />
          </Form>
        </Modal>
      )}
    </>
  )
}
