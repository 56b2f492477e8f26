/** Rows of members, thousands of them: only those in view are drawn, and the next page is read before it is reached. */
import { Link, useRouterState } from '@tanstack/react-router'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { z } from 'zod'
import type { MemberColumn, memberRow } from '#modules/desk/contract'
import { Avatar } from '../../parts/Avatar.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Masked } from '../../parts/Masked.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useSession } from '../../parts/session.ts'
import { phone, useMedia } from '../../parts/useMedia.ts'
import { type TextKey, useText } from '../../texts/texts.ts'
import { useChannelNames } from './channels.ts'
import css from './MemberTable.module.css'

type Member = z.output<typeof memberRow>

const rowHeight = 54
const gap = 12
const sidePadding = 24

export const columnNames = {
  phone: 'members.phone',
  city: 'members.city',
  gender: 'members.gender',
  birthDate: 'members.birthDate',
  records: 'members.records',
  orders: 'members.orders',
  spent: 'members.spent',
  points: 'members.points',
  lastOrder: 'members.lastOrder',
  since: 'members.since',
} as const satisfies Record<MemberColumn, TextKey>

/** Pixels that a column needs; numbers stand at the right. */
const shapes: Record<MemberColumn, { wide: number; cls?: string | undefined }> = {
  phone: { wide: 138, cls: css.phone },
  city: { wide: 88, cls: css.word },
  gender: { wide: 56, cls: css.word },
  birthDate: { wide: 128, cls: css.word },
  records: { wide: 64, cls: css.number },
  orders: { wide: 64, cls: css.number },
  spent: { wide: 112, cls: `${css.number} ${css.spent}` },
  points: { wide: 88, cls: `${css.number} ${css.points}` },
  lastOrder: { wide: 104, cls: css.word },
  since: { wide: 104, cls: css.word },
}
const nameWide = 180

/** On a phone a row is two lines of what matters most. */
const onPhone: readonly MemberColumn[] = ['points', 'spent']

/** The member whose page was opened last, and the list that it was opened from: coming back, the focus is there again. */
let left: { from: string; id: string } | null = null

export function MemberTable({
  members,
  columns: chosen,
  waiting,
  dimmed,
  more,
  failed,
  onMore,
}: {
  members: readonly Member[]
  columns: readonly MemberColumn[]
  waiting: boolean
  dimmed: boolean
  more: boolean
  failed: unknown
  onMore: () => void
}) {
  const say = useText()
  const box = useRef<HTMLDivElement>(null)
  const isPhone = useMedia(phone)
  const columns = isPhone ? onPhone : chosen
  const headHeight = isPhone ? 0 : 36
  /** The one row that Tab comes to; from there the arrows go on. */
  const [at, setAt] = useState(0)
  const count = members.length
  const virtual = useVirtualizer({
    count: waiting ? 12 : count + (more ? 1 : 0),
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: headHeight,
    // The row that has the focus stays, however far one scrolls away from it.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), ...(at < range.count ? [at] : [])])].sort((a, b) => a - b),
  })
  const drawn = virtual.getVirtualItems()
  const last = virtual.range?.endIndex ?? 0
  useEffect(() => {
    if (more && !failed && last >= count - 20) onMore()
  }, [more, failed, last, count, onMore])

  const written = useWritten()
  const scrollTo = virtual.scrollToIndex
  /** Where the focus is on its way to: keys may be faster than the drawing. */
  const heading = useRef<number | null>(null)
  const goTo = useCallback(
    (index: number) => {
      setAt(index)
      scrollTo(index)
      heading.current = index
      // It is drawn when it has been scrolled to.
      requestAnimationFrame(() => {
        if (heading.current !== index) return
        heading.current = null
        box.current?.querySelector<HTMLElement>(`[data-at="${index}"] a`)?.focus({ preventScroll: true })
      })
    },
    [scrollTo],
  )
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const from = heading.current ?? Number((event.target as HTMLElement).closest('tr')?.dataset.at)
    const page = Math.max(1, Math.floor(((box.current?.clientHeight ?? 0) - headHeight) / rowHeight) - 1)
    const steps: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: count - 1,
    }
    const wanted = steps[event.key]
    if (wanted === undefined || Number.isNaN(wanted)) return
    event.preventDefault()
    goTo(Math.min(Math.max(wanted, 0), count - 1))
  }

  const from = useRouterState({ select: ({ location }) => location.href })
  const onOpen = useCallback(
    (id: string) => {
      left = { from, id }
    },
    [from],
  )
  // Whoever came here by a link elsewhere has the focus there, and keeps it.
  const [returned] = useState(() =>
    left?.from === from && (document.activeElement ?? document.body) === document.body ? left.id : null,
  )
  const back = useRef(returned)
  useEffect(() => {
    const index = members.findIndex(({ id }) => id === back.current)
    if (back.current === null || index === -1) return
    back.current = null
    goTo(index)
  }, [members, goTo])

  const grid = {
    gridTemplateColumns: isPhone
      ? undefined
      : [`minmax(${nameWide}px, 1fr)`, ...columns.map((column) => `${shapes[column].wide}px`)].join(' '),
  }
  const wide = isPhone
    ? undefined
    : columns.reduce((sum, column) => sum + gap + shapes[column].wide, nameWide + sidePadding)
  return (
    <div ref={box} className={css.box} data-dimmed={dimmed || undefined} data-scroll-restoration-id="members">
      <table
        aria-label={say('frame.members')}
        aria-rowcount={more ? -1 : count + 1}
        aria-busy={waiting || dimmed}
        className={css.table}
        style={{ height: virtual.getTotalSize() + headHeight, minWidth: wide }}
        onKeyDown={onKeyDown}
      >
        <thead className={css.heads}>
          <tr className={css.head} aria-rowindex={1} style={grid}>
            <th scope="col" className={css.name}>
              {say('members.name')}
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" className={shapes[column].cls}>
                {say(columnNames[column])}
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
                style={{ ...grid, transform: `translateY(${start}px)`, height: rowHeight }}
              >
                {member ? (
                  <Cells member={member} columns={columns} written={written} current={index === at} onOpen={onOpen} />
                ) : (
                  <WaitingCells columns={columns} />
                )}
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
  cell: Record<MemberColumn, (member: Member) => ReactNode>
  nameOf: (channel: string) => string
  unnamed: string
}

/** Nothing says nothing. */
const none = (is: boolean, text: string) => (is ? <span className={css.none}>{text}</span> : text)

/** How values are written, once for all rows. */
function useWritten(): Written {
  const say = useText()
  const formats = useFormats()
  const { currency } = useSession().group
  const nameOf = useChannelNames()
  return useMemo(
    () => ({
      nameOf,
      unnamed: say('members.unnamed'),
      cell: {
        phone: ({ phone: number }) => number && <Masked value={number} />,
        city: ({ city }) => <span className="cut">{city}</span>,
        gender: ({ gender }) => gender && (say.code('gender', gender) ?? gender),
        birthDate: ({ birthDate }) => birthDate && formats.calendarDate(birthDate),
        records: ({ records }) => formats.number(records),
        orders: ({ orders }) => orders !== null && none(orders === 0, formats.number(orders)),
        spent: ({ spentMinor }) => spentMinor !== null && none(spentMinor === 0, formats.money(spentMinor, currency)),
        points: ({ points }) => points !== null && none(points === 0, formats.number(points)),
        lastOrder: ({ lastOrderAt }) => lastOrderAt && formats.shortDate(lastOrderAt),
        since: ({ since }) => formats.shortDate(since),
      },
    }),
    [say, formats, currency, nameOf],
  )
}

/** Remembered, because scrolling draws the table anew many times a second and a row never changes by it. */
const Cells = memo(function Cells({
  member,
  columns,
  written: { cell, nameOf, unnamed },
  current,
  onOpen,
}: {
  member: Member
  columns: readonly MemberColumn[]
  written: Written
  current: boolean
  onOpen: (id: string) => void
}) {
  return (
    <>
      <td className={css.name}>
        <Avatar name={member.name} of={member.id} size={28} />
        <span className={css.who}>
          <Link
            to="/members/$memberId"
            params={{ memberId: member.id }}
            className="cut"
            tabIndex={current ? 0 : -1}
            onClick={() => onOpen(member.id)}
          >
            {member.name ?? unnamed}
          </Link>
          <small className="cut">
            <Dotted>{member.channels.map(nameOf)}</Dotted>
          </small>
        </span>
      </td>
      {columns.map((column) => (
        <td key={column} className={shapes[column].cls}>
          {cell[column](member)}
        </td>
      ))}
    </>
  )
})

function WaitingCells({ columns }: { columns: readonly MemberColumn[] }) {
  return (
    <>
      <td className={css.name}>
        <Skeleton width={28} height={28} round />
        <span className={css.who}>
          <Skeleton width={96} />
          <Skeleton width={140} height={10} />
        </span>
      </td>
      {columns.map((column) => (
        <td key={column} className={shapes[column].cls}>
          <Skeleton width={48} />
        </td>
      ))}
    </>
  )
}
