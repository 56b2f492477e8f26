/** Rows of members, thousands of them: only those in view are drawn, and the next page is read before it is reached. */
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef } from 'react'
import type { z } from 'zod'
import type { memberRow } from '#modules/desk/contract'
import type { Formats } from '#ui/formats.ts'
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
  const virtual = useVirtualizer({
    count: waiting ? 12 : members.length + (more ? 1 : 0),
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

  const written = useWritten()
  const count = members.length
  const scrollTo = virtual.scrollToIndex
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const at = Number((event.target as HTMLElement).closest('tr')?.dataset.at)
      const next = at + (event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0)
      if (next === at || next < 0 || next >= count) return
      event.preventDefault()
      scrollTo(next)
      requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-at="${next}"] a`)?.focus())
    },
    [count, scrollTo],
  )
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
                {member ? <Cells member={member} written={written} onKeyDown={onKeyDown} /> : <WaitingCells />}
              </tr>
            )
          })}
        </tbody>
      </table>
      <ProblemNote error={failed} />
    </div>
  )
}

interface Written {
  formats: Formats
  currency: string
  nameOf: (channel: string) => string
  unnamed: string
}

/** How values are written, once for all rows. */
function useWritten(): Written {
  const unnamed = useText()('members.unnamed')
  const formats = useFormats()
  const { currency } = useSession().group
  const nameOf = useChannelNames()
  return useMemo(() => ({ formats, currency, nameOf, unnamed }), [formats, currency, nameOf, unnamed])
}

/** Remembered, because scrolling draws the table anew many times a second and a row never changes by it. */
const Cells = memo(function Cells({
  member,
  written: { formats, currency, nameOf, unnamed },
  onKeyDown,
}: {
  member: Member
  written: Written
  onKeyDown: (event: KeyboardEvent) => void
}) {
  return (
    <>
      <td className={css.name}>
        <Avatar name={member.name} of={member.id} size={28} />
        <span className={css.who}>
          <Link to="/members/$memberId" params={{ memberId: member.id }} className="cut" onKeyDown={onKeyDown}>
            {member.name ?? unnamed}
          </Link>
          <small className="cut">
            <Dotted>{member.channels.map(nameOf)}</Dotted>
          </small>
        </span>
      </td>
      <td className={css.phone}>{member.phone && <Masked value={member.phone} />}</td>
      <td className={`${css.city} cut`}>{member.city}</td>
      <td className={css.count}>{formats.number(member.records)}</td>
      <td className={css.count} data-none={member.orders === 0 || undefined}>
        {formats.number(member.orders)}
      </td>
      <td className={css.spent} data-none={member.spentMinor === 0 || undefined}>
        {formats.money(member.spentMinor, currency)}
      </td>
      <td className={css.points} data-none={member.points === 0 || undefined}>
        {formats.number(member.points)}
      </td>
      <td className={css.last}>{member.lastOrderAt && formats.shortDate(member.lastOrderAt)}</td>
      <td className={css.since}>{formats.shortDate(member.since)}</td>
    </>
  )
})

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
