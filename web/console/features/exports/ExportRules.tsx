/** What the group rules about exports: how large, approved when, kept for how long. */
import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Form, InputNumber, Modal } from 'antd'
import { changeExportRules, type ExportRules as Rules, readExportRules } from '#modules/exports/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'

export function ExportRules({ onClose }: { onClose: () => void }) {
  const say = useText()
  const rules = useQuery(reading(readExportRules, {}))
  const [form] = Form.useForm<Rules>()
  const saving = useAct(changeExportRules, { changes: [keyOf(readExportRules)], onDone: onClose })
  const number = (most: number) => <InputNumber min={1} max={most} precision={0} style={{ width: 180 }} />
  const needed = [{ required: true, message: say('exports.numberNeeded') }]
  return (
    <Modal
      open
      title={say('exports.ruling')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} disabled={!rules.data} onClick={() => form.submit()}>
            {say('exports.save')}
          </Button>
        </>
      }
    >
      {rules.data && (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={rules.data}
          onFinish={({ approvalFromRows, ...rest }) =>
            saving.mutate({ ...rest, approvalFromRows: approvalFromRows ?? null })
          }
        >
          <Form.Item name="mostRows" label={say('exports.mostRows')} rules={needed}>
            {number(1_000_000)}
          </Form.Item>
          <Form.Item
            name="approvalFromRows"
            label={say('exports.approvalFromRows')}
            extra={say('exports.approvalFromRowsWhy')}
          >
            {number(1_000_000)}
          </Form.Item>
          <Form.Item name="approvalOfClear" valuePropName="checked">
            <Checkbox>{say('exports.approveClear')}</Checkbox>
          </Form.Item>
          <Form.Item name="hours" label={say('exports.hours')} rules={needed}>
            {number(720)}
          </Form.Item>
          <Form.Item name="downloads" label={say('exports.downloads')} rules={needed}>
            {number(100)}
          </Form.Item>
          <ProblemNote error={saving.error ?? rules.error} />
        </Form>
      )}
    </Modal>
  )
}
