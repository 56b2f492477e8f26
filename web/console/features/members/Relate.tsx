/** Makes a store the home store, or puts somebody of it in charge. The reason is kept. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Select } from 'antd'
import { listColleagues } from '#modules/access/contract'
import { memberPage } from '#modules/desk/contract'
import { relate } from '#modules/members/contract'
import { readTree } from '#modules/organisation/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useMaySee, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import type { Relation } from './Relations.tsx'

const anybody = ''

export function Relate({
  memberId,
  kind,
  instead,
  onClose,
}: {
  memberId: string
  kind: Relation['kind']
  /** What this takes the place of. */
  instead: Relation | null
  onClose: () => void
}) {
  const say = useText()
  const { staffId: own } = useSession()
  const [form] = Form.useForm<{ store: string; staff: string; reason: string }>()
  const tree = useQuery({ ...reading(readTree, {}), enabled: useMaySee('organisation.read') })
  const colleagues = useQuery({ ...reading(listColleagues, {}), enabled: kind === 'served' })
  const relating = useAct(relate, { changes: [keyOf(memberPage)], onDone: onClose })
  const companies = tree.data?.companies ?? []
  const only = companies.length === 1 && companies[0]!.stores.length === 1 ? companies[0]!.stores[0]!.code : undefined
  const store = Form.useWatch('store', form) ?? instead?.store.code ?? only
  const companyOfStore = companies.find(({ stores }) => stores.some(({ code }) => code === store))?.code
  const isNear = ({ places }: { places: readonly { kind: string; code: string }[] }) =>
    places.some(({ kind: of, code }) => code === (of === 'store' ? store : companyOfStore))
  const all = colleagues.data?.colleagues ?? []
  const option = ({ id, name }: { id: string; name: string }) => ({
    value: id,
    label: id === own ? say('relations.me', { name }) : (say.code('ownName', name) ?? name),
  })
  return (
    <Modal
      open
      title={say(kind === 'home' ? 'relations.homeTitle' : 'relations.servedTitle')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={relating.isPending} onClick={() => form.submit()}>
            {say('relations.save')}
          </Button>
        </>
      }
    >
      {tree.data && (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ store: instead?.store.code ?? only, staff: instead?.staff?.id ?? anybody, reason: '' }}
          onFinish={({ store, staff, reason }) =>
            relating.mutate({
              memberId,
              store,
              kind,
              staffId: kind === 'served' ? staff || null : null,
              instead: kind === 'served' && instead?.store.code === store,
              reason: reason.trim(),
            })
          }
        >
          <Form.Item
            name="store"
            label={say('relations.store')}
            rules={[{ required: true, message: say('relations.storeNeeded') }]}
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              disabled={kind === 'served' && instead !== null}
              options={[
                ...companies.map(({ name, stores }) => ({
                  label: name,
                  options: stores.map(({ code, name }) => ({ value: code, label: name })),
                })),
                ...tree.data.storesWithoutCompany.map(({ code, name }) => ({ value: code, label: name })),
              ]}
            />
          </Form.Item>
          {kind === 'served' && (
            <Form.Item name="staff" label={say('relations.staff')}>
              <Select
                showSearch={{ optionFilterProp: 'label' }}
                loading={colleagues.isPending}
                options={[
                  { value: anybody, label: say('relations.anybody') },
                  { label: say('relations.ofStore'), options: all.filter(isNear).map(option) },
                  { label: say('relations.others'), options: all.filter((one) => !isNear(one)).map(option) },
                ].filter((group) => !('options' in group) || group.options!.length > 0)}
              />
            </Form.Item>
          )}
          <Form.Item
            name="reason"
            label={say('adjust.reason')}
            rules={[{ required: true, whitespace: true, message: say('reasonNeeded') }]}
          >
            <Input maxLength={300} placeholder={say('relations.reasonExample')} autoComplete="off" />
          </Form.Item>
          <ProblemNote error={colleagues.error ?? relating.error} />
        </Form>
      )}
      <ProblemNote error={tree.error} />
    </Modal>
  )
}
