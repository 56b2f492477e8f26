/** Somebody new, with a first role in one place. The link by which they come in is made afterwards. */
import { Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { listRoles, listStaff, putStaff } from '#modules/access/contract'
import { newId } from '#ui/ids.ts'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { RoleAndPlace, type RoleAndPlaceValues } from '../../parts/RoleAndPlace.tsx'
import { placeOfKey } from '../../parts/roles.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Staff.module.css'

export function AddStaff({ onClose, onAdded }: { onClose: () => void; onAdded: (staffId: string) => void }) {
  const say = useText()
  // One name for this person however often it is sent.
  const [staffId] = useState(newId)
  const [form] = Form.useForm<RoleAndPlaceValues & { name: string; login: string }>()
  const adding = useAct(putStaff, {
    changes: [keyOf(listStaff), keyOf(listRoles)],
    onDone: () => onAdded(staffId),
  })
  return (
    <Modal
      open
      title={say('staff.add')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={adding.isPending} onClick={() => form.submit()}>
            {say('staff.addAct')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ name, login, role, place }) =>
          adding.mutate({ staffId, name: name.trim(), login: login.trim(), role, place: placeOfKey(place) })
        }
      >
        <div className={css.fields}>
          <Form.Item
            name="name"
            label={say('staff.name')}
            rules={[{ required: true, whitespace: true, message: say('staff.nameNeeded') }]}
          >
            <Input maxLength={80} autoComplete="off" autoFocus />
          </Form.Item>
          <LoginField />
          <RoleAndPlace permission="access.staff" />
        </div>
        <ProblemNote error={adding.error} />
      </Form>
    </Modal>
  )
}

export function LoginField() {
  const say = useText()
  return (
    <Form.Item
      name="login"
      label={say('staff.login')}
      rules={[
        {
          required: true,
          pattern: /^\S{2,120}$/,
          transform: (value: string) => value?.trim(),
          message: say('staff.loginForm'),
        },
      ]}
    >
      <Input maxLength={120} placeholder="wang@example.com" autoComplete="off" spellCheck={false} />
    </Form.Item>
  )
}
