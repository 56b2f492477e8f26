/** What can be done with the list as it stands: keep it as a view; or save, drop, rename and delete the open one. */
import { App, Button, Dropdown, Form, Input, type InputRef, Modal } from 'antd'
import { useRef, useState } from 'react'
import { deleteView, listViews, putView } from '#modules/desk/contract'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { keyOf } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { problemText } from '../../parts/problems.ts'
import { useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { addressOf, definitionOf, type ListAddress, sameDefinition, type View } from './views.ts'

const changes = [keyOf(listViews)]

export function ViewActions({
  address,
  open,
  onGo,
}: {
  address: ListAddress
  /** The view whose filters and columns these were. */
  open: View | undefined
  onGo: (address: ListAddress) => void
}) {
  const say = useText()
  const { message, modal } = App.useApp()
  const [naming, setNaming] = useState<'new' | 'rename' | null>(null)
  const definition = definitionOf(address)
  const saving = useAct(putView, { changes })
  const deleting = useAct(deleteView, { changes })
  const { onlyLooking } = useSession()
  const { view: _, ...withoutView } = address
  const tell = (error: unknown) => void message.error(problemText(say, error))

  const changed = open && !sameDefinition(open.definition, definition)
  const nothingChosen = Object.keys(definition).length === 0
  if (onlyLooking) return null
  return (
    <>
      {changed && (
        <>
          <Chip tone="amber">{say('views.changed')}</Chip>
          <Button type="text" onClick={() => onGo(addressOf(open))}>
            {say('views.drop')}
          </Button>
          <Button
            type="primary"
            loading={saving.isPending}
            onClick={() =>
              saving.mutate({ viewId: open.id, name: open.name, page: 'members', definition }, { onError: tell })
            }
          >
            {say('views.saveChange')}
          </Button>
        </>
      )}
      {(open ? changed : !nothingChosen) && (
        <Button icon={<Icon name="view" size={15} />} onClick={() => setNaming('new')}>
          {say('views.save')}
        </Button>
      )}
      {open && (
        <Dropdown
          trigger={['click']}
          placement="bottomRight"
          menu={{
            items: [
              { key: 'rename', label: say('views.rename'), icon: <Icon name="edit" size={14} /> },
              { key: 'delete', label: say('views.delete'), icon: <Icon name="close" size={14} />, danger: true },
            ],
            onClick: ({ key }) => {
              if (key === 'rename') setNaming('rename')
              else
                void modal.confirm({
                  title: say('views.deleteOf', { name: open.name }),
                  content: say('views.deleteEffect'),
                  okText: say('views.delete'),
                  okButtonProps: { danger: true },
                  cancelText: say('cancel'),
                  onOk: () => deleting.mutateAsync({ viewId: open.id }).then(() => onGo(withoutView), tell),
                })
            },
          }}
        >
          <Button
            icon={<Icon name="more" size={16} />}
            aria-label={say('views.more', { name: open.name })}
            title={say('views.more', { name: open.name })}
          />
        </Dropdown>
      )}
      {naming && (
        <NameView
          view={naming === 'rename' && open ? open : { id: newId(), name: '', page: 'members' as const, definition }}
          title={say(naming === 'rename' ? 'views.rename' : 'views.save')}
          onClose={() => setNaming(null)}
          onKept={(id) => {
            setNaming(null)
            if (naming === 'new') onGo({ ...withoutView, view: id })
          }}
        />
      )}
    </>
  )
}

function NameView({
  view: asked,
  title,
  onClose,
  onKept,
}: {
  view: View
  title: string
  onClose: () => void
  onKept: (id: string) => void
}) {
  const say = useText()
  // Its id stays while it is being named, so that sent twice it is one.
  const [view] = useState(asked)
  const [form] = Form.useForm<{ name: string }>()
  const field = useRef<InputRef>(null)
  const saving = useAct(putView, { changes, onDone: () => onKept(view.id) })
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      // While it opens, the dialog keeps the focus to itself.
      afterOpenChange={(shown) => shown && field.current?.focus({ cursor: 'all' })}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} onClick={() => form.submit()}>
            {say('views.act')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: view.name }}
        onFinish={({ name }) => {
          const { id, ...rest } = view
          saving.mutate({ viewId: id, ...rest, name: name.trim() })
        }}
      >
        <Form.Item
          name="name"
          label={say('views.name')}
          extra={view.name === '' && say('views.keeps')}
          rules={[{ required: true, whitespace: true, message: say('views.nameNeeded') }]}
        >
          <Input ref={field} maxLength={40} autoComplete="off" placeholder={say('views.nameExample')} />
        </Form.Item>
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}
