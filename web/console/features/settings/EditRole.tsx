/** A new role, or a built-in one in the group's own way. How many people it touches is said before it is saved. */
import { Button, Checkbox, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { listRoles, putRole, whoAmI } from '#modules/access/contract'
import { newId } from '#ui/ids.ts'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { roleText } from '../../parts/roles.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Roles.module.css'
import { byArea, type Permissions, type Role } from './Roles.tsx'

export function EditRole({
  role,
  permissions,
  onClose,
}: {
  role: Role | null
  permissions: Permissions
  onClose: () => void
}) {
  const say = useText()
  const [form] = Form.useForm<{ name: string }>()
  const [code] = useState(() => role?.code ?? `role-${newId().slice(0, 8)}`)
  const before: readonly string[] = role && role.permissions !== 'all' ? role.permissions : []
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set(before))
  const saving = useAct(putRole, { changes: [keyOf(listRoles), keyOf(whoAmI)], onDone: onClose })
  const holders = role?.holders ?? 0
  const given = [...held].filter((permission) => !before.includes(permission)).length
  const taken = before.filter((permission) => !held.has(permission)).length
  const touches = holders > 0 && given + taken > 0
  const toggle = (permission: string, on: boolean) => {
    const next = new Set(held)
    if (on) next.add(permission)
    else next.delete(permission)
    setHeld(next)
  }
  return (
    <Modal
      open
      width={680}
      title={role ? say('roles.editOf', { name: roleText(say, role) }) : say('roles.add')}
      onCancel={onClose}
      footer={
        <div className={css.foot}>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} onClick={() => form.submit()}>
            {touches ? say('roles.saveFor', { count: holders }) : say('roles.save')}
          </Button>
        </div>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: role?.name ?? '' }}
        onFinish={({ name }) => saving.mutate({ code, name: name.trim(), permissions: [...held] })}
      >
        <Form.Item
          name="name"
          label={say('roles.name')}
          extra={role?.builtIn ? say('roles.nameKept', { name: say.code('role', role.code) ?? role.code }) : undefined}
          rules={role?.builtIn ? [] : [{ required: true, whitespace: true, message: say('roles.nameNeeded') }]}
        >
          <Input maxLength={60} autoComplete="off" placeholder={say('roles.nameExample')} />
        </Form.Item>
        {byArea(permissions).map(([area, of]) => (
          <fieldset key={area} className={css.area}>
            <legend>{say.code('permissionArea', area) ?? area}</legend>
            <div className={css.choices}>
              {of.map(({ name, wants }) => (
                <Checkbox key={name} checked={held.has(name)} onChange={({ target }) => toggle(name, target.checked)}>
                  {say.code('permission', name) ?? name}
                  {wants === 'group' && <small>{say('roles.wholeGroup')}</small>}
                </Checkbox>
              ))}
            </div>
          </fieldset>
        ))}
        {touches && (
          <p className={css.touches} role="status">
            {say('roles.touches', { count: holders })} {say('roles.difference', { given, taken })}
          </p>
        )}
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}
