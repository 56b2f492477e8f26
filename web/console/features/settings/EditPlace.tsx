/** A company or a store by a form: new ones, another name, another city, another company. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Select } from 'antd'
import { channelCode, listChannels } from '#modules/channels/contract'
import { channelActivity, readFirstSteps } from '#modules/desk/contract'
import { putTree, readTree, suggestCode } from '#modules/organisation/contract'
import type { Output } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useLater } from '../../parts/useLater.ts'
import { useText } from '../../texts/texts.ts'

/** What is edited; `of` null is a new one. */
export type Place =
  | { kind: 'company'; of: { code: string; name: string } | null }
  | { kind: 'store'; of: { code: string; name: string; city: string } | null; company: string | null }

interface Answers {
  name: string
  code?: string
  city: string
  company: string
}

/** What the tree changes elsewhere. */
export const changedByTree = [readTree, listChannels, readFirstSteps, channelActivity].map((route) => keyOf(route))

export function EditPlace({
  place,
  companies,
  onClose,
}: {
  place: Place
  companies: Output<typeof readTree>['companies']
  onClose: () => void
}) {
  const say = useText()
  const { kind, of } = place
  const [form] = Form.useForm<Answers>()
  const saving = useAct(putTree, { changes: changedByTree, onDone: onClose })
  const name = useLater((Form.useWatch('name', form) ?? '').trim(), 250)
  const suggested = useQuery({
    ...reading(suggestCode, { kind, name }),
    enabled: of === null && name !== '',
    placeholderData: (before) => before,
  })
  const save = async ({ name: written, code: own, city, company }: Answers) => {
    const said = written.trim()
    const code = of?.code ?? (own?.trim() || suggested.data?.code || said)
    saving.mutate({
      rows: [kind === 'company' ? { kind, code, name: said } : { kind, code, name: said, city: city.trim(), company }],
    })
  }
  const title = of ? say('org.editOf', { name: of.name }) : say(kind === 'company' ? 'org.addCompany' : 'org.addStore')
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} onClick={() => form.submit()}>
            {say(of ? 'org.save' : 'org.add')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{
          name: of?.name ?? '',
          ...(place.kind === 'store' ? { city: place.of?.city ?? '', company: place.company ?? undefined } : {}),
        }}
        onFinish={save}
        onValuesChange={() => saving.reset()}
      >
        <Form.Item
          name="name"
          label={say(kind === 'company' ? 'org.companyName' : 'org.storeName')}
          extra={of ? say('channels.codeStays', { code: of.code }) : undefined}
          rules={[{ required: true, whitespace: true, message: say('org.nameNeeded') }]}
        >
          <Input
            maxLength={120}
            autoComplete="off"
            autoFocus
            placeholder={say(kind === 'company' ? 'org.companyExample' : 'org.storeExample')}
          />
        </Form.Item>
        {kind === 'store' && (
          <>
            <Form.Item
              name="city"
              label={say('org.city')}
              rules={[{ required: true, whitespace: true, message: say('org.cityNeeded') }]}
            >
              <Input maxLength={60} autoComplete="off" placeholder={say('org.cityExample')} />
            </Form.Item>
            <Form.Item
              name="company"
              label={say('org.company')}
              rules={[{ required: true, message: say('org.companyNeeded') }]}
            >
              <Select
                showSearch={{ optionFilterProp: 'label' }}
                options={companies.map(({ code, name: label }) => ({ value: code, label }))}
              />
            </Form.Item>
          </>
        )}
        {!of && (
          <Form.Item
            name="code"
            label={say('org.code')}
            extra={say('org.codeWhy')}
            rules={[
              {
                validator: (_, code?: string) =>
                  !code?.trim() || channelCode.safeParse(code.trim()).success
                    ? Promise.resolve()
                    : Promise.reject(new Error(say('imports.codeForm'))),
              },
            ]}
          >
            <Input maxLength={64} autoComplete="off" spellCheck={false} placeholder={suggested.data?.code ?? ''} />
          </Form.Item>
        )}
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}
