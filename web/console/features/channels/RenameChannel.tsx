/** Another name for a channel; what came by it stays where it is. */
import { Button, Form, Input, Modal } from 'antd'
import { listChannels, renameChannel } from '#modules/channels/contract'
import { readTree } from '#modules/organisation/contract'
import type { Output } from '#ui/call.ts'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'

export function RenameChannel({
  channel,
  onClose,
}: {
  channel: Output<typeof listChannels>['channels'][number]
  onClose: () => void
}) {
  const say = useText()
  const [form] = Form.useForm<{ name: string }>()
  const renaming = useAct(renameChannel, { changes: [keyOf(listChannels), keyOf(readTree)], onDone: onClose })
  return (
    <Modal
      open
      title={say('channels.rename')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={renaming.isPending} onClick={() => form.submit()}>
            {say('channels.save')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: channel.name }}
        onFinish={({ name }) => renaming.mutate({ code: channel.code, name: name.trim() })}
      >
        <Form.Item
          name="name"
          label={say('channels.name')}
          extra={say('channels.codeStays', { code: channel.code })}
          rules={[{ required: true, whitespace: true, message: say('channels.nameNeeded') }]}
        >
          <Input maxLength={120} autoComplete="off" autoFocus />
        </Form.Item>
        <ProblemNote error={renaming.error} />
      </Form>
    </Modal>
  )
}
