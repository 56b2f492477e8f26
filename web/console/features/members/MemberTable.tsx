/** Rows of members, thousands of them: only those in view are drawn, and the next page is read before it is reached. */
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { z } from 'zod'
import type { memberRow } from '#modules/desk/contract'
import { Avatar } from '../../parts/Avatar.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Masked } from '../../parts/Masked.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useSession } from '../../parts/session.ts'
import { phone, useMedia } from '../../parts/useMedia.ts'
import { useText } from '../../texts/texts.ts'
import { useChannelNames } from './channels.ts'
import css from './MemberTable.module.css'

type Member = z.output<typeof memberRow>

const rowHeight = 54
const columns = [
  { name: 'members.name', cls: css.name },
  { name: 'members.phone', cls: css.phone },
  { name: 'members.city', cls: css.city },
  { name: 'members.records', cls: css.count },
  { name: 'members.orders', cls: css.count },
  { name: 'members.spent', cls: css.spent },
  { name: 'members.points', cls: css.points },
  { name: 'members.lastOrder', cls: css.last },
  { name: 'members.since', cls: css.since },
] as const

export function MemberTable({
  members,
  waiting,
  dimmed,
  more,
  failed,
  onMore,
}: {
  members: readonly Member[]
  waiting: boolean
  dimmed: boolean
  more: boolean
  failed: unknown
  onMore: () => void
}) {
  const say = useText()
  const box = useRef<HTMLDivElement>(null)
  const headHeight = useMedia(phone) ? 0 : 36
  const count = waiting ? 12 : members.length + (more ? 1 : 0)
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: headHeight,
  })
  const drawn = virtual.getVirtualItems()
  const last = drawn.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && !failed && last >= members.length - 20) onMore()
  }, [more, failed, last, members.length, onMore])

  const move = (event: KeyboardEvent, at: number) => {
    const next = at + (event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0)
    if (next === at || next < 0 || next >= members.length) return
    event.preventDefault()
    virtual.scrollToIndex(next)
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-at="${next}"] a`)?.focus())
  }
  return (
    <div ref={box} className={css.box} data-dimmed={dimmed || undefined} data-scroll-restoration-id="members">
      <table
        aria-label={say('frame.members')}
        aria-rowcount={more ? -1 : members.length + 1}
        aria-busy={waiting || dimmed}
        className={css.table}
        style={{ height: virtual.getTotalSize() + headHeight }}
      >
        <thead className={css.heads}>
          <tr className={css.head} aria-rowindex={1}>
            {columns.map(({ name, cls }) => (
              <th key={name} scope="col" className={cls}>
                {say(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {drawn.map(({ index, start }) => {
            const member = members[index]
            return (
              <tr
                key={member?.id ?? index}
                aria-rowindex={index + 2}
                data-at={index}
                className={css.row}
                style={{ transform: `translateY(${start}px)`, height: rowHeight }}
              >
                {member ? <Cells member={member} onKeyDown={(event) => move(event, index)} /> : <WaitingCells />}
              </tr>
            )
          })}
        </tbody>
      </table>
      <ProblemNote error={failed} />
    </div>
  )
}

function Cells({ member, onKeyDown }: { member: Member; onKeyDown: (event: KeyboardEvent) => void }) {
  const say = useText()
  const formats = useFormats()
  const { currency } = useSession().group
  const nameOf = useChannelNames()
  return (
    <>
      <td className={css.name}>
        <Avatar name={member.name} of={member.id} size={28} />
        <span className={css.who}>
          <Link to="/members/$memberId" params={{ memberId: member.id }} className="cut" onKeyDown={onKeyDown}>
            {member.name ?? say('members.unnamed')}
          </Link>
          <small className="cut">
            <Dotted>{member.channels.map(nameOf)}</Dotted>
          </small>
        </span>
      </td>
      <td className={css.phone}>{member.phone && <Masked value={member.phone} />}</td>
      <td className={`${css.city} cut`}>{member.city}</td>
      <td className={css.count}>{formats.number(member.records)}</td>
      <td className={css.count}>{formats.number(member.orders)}</td>
      <td className={css.spent}>{formats.money(member.spentMinor, currency)}</td>
      <td className={css.points}>{formats.number(member.points)}</td>
      <td className={css.last}>{member.lastOrderAt && formats.shortDate(member.lastOrderAt)}</td>
      <td className={css.since}>{formats.shortDate(member.since)}</td>
    </>
  )
}

function WaitingCells() {
  return (
    <>
      <td className={css.name}>
        <Skeleton width={28} height={28} round />
        <span className={css.who}>
          <Skeleton width={96} />
          <Skeleton width={140} height={10} />
        </span>
      </td>
      {columns.slice(1).map(({ name, cls }) => (
        <td key={name} className={cls}>
          <Skeleton width={48} />
        </td>
      ))}
    </>
  )
}
