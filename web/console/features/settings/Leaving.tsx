/** Somebody leaves: what ends and who is handed on is said before, and the colleague who takes over is chosen. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Modal, Select } from 'antd'
import { useState } from 'react'
import { listRoles, listStaff, staffLeaves } from '#modules/access/contract'
import { memberPage } from '#modules/desk/contract'
import { departurePreview } from '#modules/members/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { heldRoleText, placeText } from '../../parts/roles.ts'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Staff.module.css'
import type { StaffMember } from './Staff.tsx'

const theStore = ''

export function Leaving({
  one,
  all,
  onClose,
  onLeft,
}: {
  one: StaffMember
  all: readonly StaffMember[]
  onClose: () => void
  onLeft: () => void
}) {
  const say = useText()
  const [successor, setSuccessor] = useState(theStore)
  const preview = useQuery({ ...reading(departurePreview, { staffId: one.id }), staleTime: 0 })
  const leaving = useAct(staffLeaves, {
    changes: [keyOf(listStaff), keyOf(listRoles), keyOf(memberPage)],
    onDone: onLeft,
  })
  const name = say.code('ownName', one.name) ?? one.name
  const nameOf = (staff: StaffMember) => say.code('ownName', staff.name) ?? staff.name
  const served = new Set(preview.data?.stores.map(({ code }) => code))
  const isNear = ({ roles }: StaffMember) => roles.some(({ place }) => place.code !== null && served.has(place.code))
  const option = (staff: StaffMember) => ({
    value: staff.id,
    label: [nameOf(staff), ...staff.roles.slice(0, 1).map((held) => placeText(say, held.place))].join(' '),
  })
  const others = all.filter(({ id, leftAt }) => id !== one.id && leftAt === null)
  const near = others.filter(isNear)
  const members = preview.data?.members ?? 0
  return (
    <Modal
      open
      title={say('leaving.title', { name })}
      onCancel={onClose}
      footer={
        <div className={css.foot}>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            danger
            disabled={!preview.data}
            loading={leaving.isPending}
            onClick={() => leaving.mutate({ staffId: one.id, successorId: successor || null })}
          >
            {members > 0 ? say('leaving.actHanding', { count: members }) : say('leaving.act')}
          </Button>
        </div>
      }
    >
      <ProblemNote error={preview.error} />
      {preview.isPending && <Skeleton width="70%" height={60} />}
      {preview.data && (
        <ul className={css.ends}>
          <li>
            {say('leaving.roles', { count: preview.data.roles })}
            {one.roles.length > 0 && (
              <small>
                {one.roles.map((held) => `${heldRoleText(say, held)} ${placeText(say, held.place)}`).join(say('comma'))}
              </small>
            )}
          </li>
          <li>
            {preview.data.sessions > 0
              ? say('leaving.sessions', { count: preview.data.sessions })
              : say('leaving.links')}
          </li>
          <li>
            {members > 0 ? say('leaving.members', { count: members }) : say('leaving.noMembers')}
            {preview.data.stores.map((store) => (
              <small key={store.code}>
                <Dotted>
                  {store.name}
                  {say('members.count', { count: store.members })}
                </Dotted>
              </small>
            ))}
          </li>
        </ul>
      )}
      {members > 0 && (
        <Form layout="vertical" requiredMark={false}>
          <Form.Item label={say('leaving.successor')} htmlFor="successor">
            <Select
              id="successor"
              value={successor}
              onChange={setSuccessor}
              showSearch={{ optionFilterProp: 'label' }}
              options={[
                { value: theStore, label: say('leaving.storeKeeps') },
                ...(near.length > 0 ? [{ label: say('leaving.near'), options: near.map(option) }] : []),
                {
                  label: say('leaving.others'),
                  options: others.filter((staff) => !isNear(staff)).map(option),
                },
              ]}
            />
          </Form.Item>
        </Form>
      )}
      <p>{say('leaving.effect', { name })}</p>
      <ProblemNote error={leaving.error} />
    </Modal>
  )
}
