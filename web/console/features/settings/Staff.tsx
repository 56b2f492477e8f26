/** Who works here: found by name, role or place, with what each holds; whoever left is folded away. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { listStaff, seeAs } from '#modules/access/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { RoleChip } from '../../parts/RoleChip.tsx'
import { heldRoleText, placeText } from '../../parts/roles.ts'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { AddStaff } from './AddStaff.tsx'
import css from './Staff.module.css'
import { StaffPerson } from './StaffPerson.tsx'

export type StaffMember = Output<typeof listStaff>['staff'][number]

const shownAtOnce = 100

export function Staff() {
  const say = useText()
  const mayChange = useMay('access.staff')
  const staff = useQuery(reading(listStaff, {}))
  const [words, setWords] = useState('')
  const [shown, setShown] = useState(shownAtOnce)
  const [adding, setAdding] = useState(false)
  const [openId, setOpenId] = useState<string | null>(null)
  const all = staff.data?.staff ?? []
  const wanted = words.trim().toLocaleLowerCase()
  const found = all.filter(
    ({ login, name, roles }) =>
      wanted === '' ||
      [login, name, ...roles.flatMap((held) => [heldRoleText(say, held), placeText(say, held.place)])].some((text) =>
        text.toLocaleLowerCase().includes(wanted),
      ),
  )
  const working = found.filter(({ leftAt }) => leftAt === null)
  const left = found.filter(({ leftAt }) => leftAt !== null)
  const open = all.find(({ id }) => id === openId)
  return (
    <div className={css.page}>
      <div className={css.tools}>
        <Input
          className={css.search ?? ''}
          type="search"
          allowClear
          prefix={<Icon name="search" size={15} />}
          placeholder={say('staff.search')}
          aria-label={say('staff.search')}
          value={words}
          onChange={({ target }) => {
            setWords(target.value)
            setShown(shownAtOnce)
          }}
        />
        <span className={css.count} aria-live="polite">
          {staff.data && say('staff.count', { count: working.length })}
        </span>
        {mayChange && (
          <Button type="primary" icon={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
            {say('staff.add')}
          </Button>
        )}
      </div>
      {staff.isError && !staff.data ? (
        <Failure error={staff.error} onRetry={() => void staff.refetch()} />
      ) : staff.isPending ? (
        [1, 2, 3, 4, 5].map((row) => (
          <div key={row} className={css.row}>
            <Skeleton width={24} height={24} />
            <Skeleton width="50%" />
          </div>
        ))
      ) : found.length === 0 ? (
        <Empty
          icon="search"
          title={say('staff.noHit', { search: words.trim() })}
          action={<Button onClick={() => setWords('')}>{say('staff.dropSearch')}</Button>}
        />
      ) : (
        <>
          <ul>
            {working.slice(0, shown).map((one) => (
              <Row key={one.id} one={one} onOpen={() => setOpenId(one.id)} />
            ))}
          </ul>
          {working.length > shown && (
            <Button type="text" onClick={() => setShown(shown + shownAtOnce)}>
              {say('staff.more', { count: working.length - shown })}
            </Button>
          )}
          {left.length > 0 && (
            <details className={css.left}>
              <summary>{say('staff.left', { count: left.length })}</summary>
              <ul>
                {left.slice(0, shown).map((one) => (
                  <Row key={one.id} one={one} onOpen={null} />
                ))}
              </ul>
            </details>
          )}
        </>
      )}
      {adding && (
        <AddStaff
          onClose={() => setAdding(false)}
          onAdded={(staffId) => {
            setAdding(false)
            setOpenId(staffId)
          }}
        />
      )}
      {open && <StaffPerson key={open.id} one={open} all={all} onClose={() => setOpenId(null)} />}
    </div>
  )
}

function Row({ one, onOpen }: { one: StaffMember; onOpen: (() => void) | null }) {
  const say = useText()
  const formats = useFormats()
  const { staffId } = useSession()
  const maySeeAs = useMay('access.see_as')
  const seeing = useAct(seeAs, {
    // Nothing that was read as oneself may stay on the page.
    onDone: () => location.assign('/console/'),
  })
  const name = say.code('ownName', one.name) ?? one.name
  return (
    <li className={css.row}>
      <Avatar name={name} of={one.id} staff />
      <span className={css.who}>
        {onOpen ? (
          <button type="button" className="cut" onClick={onOpen}>
            {name}
          </button>
        ) : (
          <span className="cut">{name}</span>
        )}
        <small className="cut">{one.login}</small>
        <ProblemNote error={seeing.error} />
      </span>
      <span className={css.roles}>
        {one.roles.map((held) => (
          <RoleChip key={held.id} held={held} />
        ))}
        {one.roles.length === 0 && (
          <small>{one.leftAt ? say('staff.leftAt', { at: formats.date(one.leftAt) }) : say('staff.nothingHeld')}</small>
        )}
      </span>
      <span className={css.acts}>
        {maySeeAs && one.leftAt === null && one.id !== staffId && (
          <Button
            size="small"
            type="text"
            icon={<Icon name="eye" size={14} />}
            aria-label={say('staff.seeAsOf', { name })}
            title={say('staff.seeAs')}
            loading={seeing.isPending}
            onClick={() => seeing.mutate({ staffId: one.id })}
          />
        )}
      </span>
    </li>
  )
}
