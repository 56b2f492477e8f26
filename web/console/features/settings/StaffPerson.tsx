/** One member of staff: what they are called, what they hold and where, how they come in, and how they leave. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Popconfirm } from 'antd'
import { useState } from 'react'
import {
  endRole,
  endSecondFactorOf,
  endSessionsOf,
  giveRole,
  inviteStaff,
  listRoles,
  listStaff,
  putStaff,
  readSignInOf,
  whoAmI,
} from '#modules/access/contract'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { RoleAndPlace, type RoleAndPlaceValues } from '../../parts/RoleAndPlace.tsx'
import { RoleChip } from '../../parts/RoleChip.tsx'
import { type HeldRole, heldRoleText, placeOfKey, placeText } from '../../parts/roles.ts'
import { useFormats, useMay, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { LoginField } from './AddStaff.tsx'
import { Leaving } from './Leaving.tsx'
import { Once } from './Once.tsx'
import css from './Staff.module.css'
import type { StaffMember } from './Staff.tsx'

export function StaffPerson({
  one,
  all,
  onClose,
}: {
  one: StaffMember
  all: readonly StaffMember[]
  onClose: () => void
}) {
  const say = useText()
  const mayChange = useMay('access.staff')
  const { staffId: own } = useSession()
  const [leaving, setLeaving] = useState(false)
  const name = say.code('ownName', one.name) ?? one.name
  if (leaving) return <Leaving one={one} all={all} onClose={() => setLeaving(false)} onLeft={onClose} />
  return (
    <Modal
      open
      title={name}
      onCancel={onClose}
      footer={
        <>
          {mayChange && one.id !== own && (
            <Button danger className={css.leave ?? ''} onClick={() => setLeaving(true)}>
              {say('staff.leaves')}
            </Button>
          )}
          <Button type="primary" onClick={onClose}>
            {say('staff.done')}
          </Button>
        </>
      }
    >
      {mayChange ? <Names one={one} /> : <p>{one.login}</p>}
      <section className={css.part}>
        <h3>{say('staff.holds')}</h3>
        {one.roles.length === 0 && <p>{say('staff.nothingHeld')}</p>}
        <ul>
          {one.roles.map((held) => (
            <Held key={held.id} staffId={one.id} held={held} mayChange={mayChange} />
          ))}
        </ul>
        {mayChange && <Give staffId={one.id} />}
      </section>
      {mayChange && <SignIn one={one} name={name} />}
      {mayChange && <Invite one={one} />}
    </Modal>
  )
}

function Names({ one }: { one: StaffMember }) {
  const say = useText()
  const [form] = Form.useForm<{ name: string; login: string }>()
  const given = Form.useWatch([], form)
  const saving = useAct(putStaff, { changes: [keyOf(listStaff), keyOf(whoAmI)] })
  const changed = given !== undefined && (given.name !== one.name || given.login !== one.login)
  return (
    <section className={css.part}>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: one.name, login: one.login }}
        onFinish={({ name, login }) => saving.mutate({ staffId: one.id, name: name.trim(), login: login.trim() })}
      >
        <div className={css.fields}>
          <Form.Item
            name="name"
            label={say('staff.name')}
            rules={[{ required: true, whitespace: true, message: say('staff.nameNeeded') }]}
          >
            <Input maxLength={80} autoComplete="off" />
          </Form.Item>
          <LoginField />
        </div>
        <ProblemNote error={saving.error} />
        {changed && (
          <Button htmlType="submit" loading={saving.isPending}>
            {say('staff.rename')}
          </Button>
        )}
      </Form>
    </section>
  )
}

function useRightsChanged() {
  const queries = useQueryClient()
  return () =>
    Promise.all(
      [listStaff, listRoles, whoAmI].map((route) => queries.invalidateQueries({ queryKey: keyOf(route) })),
    ).then(() => undefined)
}

function Held({ staffId, held, mayChange }: { staffId: string; held: HeldRole; mayChange: boolean }) {
  const say = useText()
  const changed = useRightsChanged()
  const ending = useAct(endRole, { onDone: changed })
  return (
    <li>
      <div className={css.held}>
        <RoleChip held={held} />
        {mayChange && (
          <Popconfirm
            title={say('staff.takeTitle', { role: heldRoleText(say, held), place: placeText(say, held.place) })}
            description={say('staff.takeEffect')}
            okText={say('staff.take')}
            okButtonProps={{ danger: true }}
            onConfirm={() => ending.mutate({ staffId, grantId: held.id })}
          >
            <Button size="small" type="text" loading={ending.isPending}>
              {say('staff.take')}
            </Button>
          </Popconfirm>
        )}
      </div>
      <ProblemNote error={ending.error} />
    </li>
  )
}

function Give({ staffId }: { staffId: string }) {
  const say = useText()
  const [open, setOpen] = useState(false)
  const [grantId, setGrantId] = useState(newId)
  const changed = useRightsChanged()
  const [form] = Form.useForm<RoleAndPlaceValues>()
  const giving = useAct(giveRole, {
    onDone: async () => {
      setOpen(false)
      setGrantId(newId())
      form.resetFields()
      await changed()
    },
  })
  if (!open)
    return (
      <Button
        className={css.give ?? ''}
        size="small"
        icon={<Icon name="plus" size={14} />}
        onClick={() => setOpen(true)}
      >
        {say('staff.giveAnother')}
      </Button>
    )
  return (
    <Form
      form={form}
      className={css.give ?? ''}
      layout="vertical"
      requiredMark={false}
      onFinish={({ role, place }) => giving.mutate({ staffId, grantId, role, place: placeOfKey(place) })}
    >
      <div className={css.fields}>
        <RoleAndPlace permission="access.staff" />
      </div>
      <ProblemNote error={giving.error} />
      <Button htmlType="submit" loading={giving.isPending}>
        {say('staff.give')}
      </Button>{' '}
      <Button type="text" onClick={() => setOpen(false)}>
        {say('cancel')}
      </Button>
    </Form>
  )
}

/** How they come in, and what a colleague can do when a phone is lost or a browser was left open. */
function SignIn({ one, name }: { one: StaffMember; name: string }) {
  const say = useText()
  const formats = useFormats()
  const changes = [keyOf(readSignInOf)]
  const read = useQuery(reading(readSignInOf, { staffId: one.id }))
  const signingOut = useAct(endSessionsOf, { changes })
  const takingOff = useAct(endSecondFactorOf, { changes })
  // Of somebody who reaches further than oneself nothing is shown here.
  if (!read.data) return null
  const { passwordSetAt, secondFactorSince, sessions } = read.data
  return (
    <section className={css.part}>
      <h3>{say('staff.signIn')}</h3>
      <p>
        <Dotted>
          {passwordSetAt ? say('staff.passwordSince', { at: formats.date(passwordSetAt) }) : say('staff.noPassword')}
          {secondFactorSince
            ? say('staff.factorSince', { at: formats.date(secondFactorSince) })
            : say('staff.noFactor')}
          {sessions.length > 0
            ? say('staff.sessions', { n: formats.number(sessions.length) })
            : say('staff.noSessions')}
        </Dotted>
      </p>
      <div className={css.acts}>
        {sessions.length > 0 && (
          <Popconfirm
            title={say('staff.endSessionsTitle', { name })}
            description={say('staff.endSessionsEffect')}
            okText={say('staff.endSessions')}
            okButtonProps={{ danger: true }}
            onConfirm={() => signingOut.mutate({ staffId: one.id })}
          >
            <Button size="small" loading={signingOut.isPending}>
              {say('staff.endSessions')}
            </Button>
          </Popconfirm>
        )}
        {secondFactorSince && (
          <Popconfirm
            title={say('staff.factorOffTitle', { name })}
            description={say('staff.factorOffEffect')}
            okText={say('staff.factorOff')}
            okButtonProps={{ danger: true }}
            onConfirm={() => takingOff.mutate({ staffId: one.id })}
          >
            <Button size="small" loading={takingOff.isPending}>
              {say('staff.factorOff')}
            </Button>
          </Popconfirm>
        )}
      </div>
      {signingOut.data && (
        <p role="status">{say('staff.sessionsEnded', { n: formats.number(signingOut.data.ended) })}</p>
      )}
      <ProblemNote error={signingOut.error ?? takingOff.error} />
    </section>
  )
}

function Invite({ one }: { one: StaffMember }) {
  const say = useText()
  const formats = useFormats()
  const inviting = useAct(inviteStaff)
  return (
    <section className={css.part}>
      <h3>{say('staff.comesIn')}</h3>
      {inviting.data ? (
        <>
          <p>{say('staff.linkOnce', { at: formats.dateTime(inviting.data.expiresAt) })}</p>
          <Once text={inviting.data.url} label={say('staff.link')} qr />
        </>
      ) : (
        <>
          <p>{say('staff.linkWhy')}</p>
          <Button
            size="small"
            icon={<Icon name="link" size={14} />}
            loading={inviting.isPending}
            onClick={() => inviting.mutate({ staffId: one.id })}
          >
            {say('links.make')}
          </Button>
        </>
      )}
      <ProblemNote error={inviting.error} />
    </section>
  )
}
