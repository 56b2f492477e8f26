/** Entries of the points account, newest first, each opening into how it was worked out. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { z } from 'zod'
import { type entryView, memberEntries, memberPoints } from '#modules/points/contract'
import { reading, readingOn } from '#ui/queries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useSession } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { Ledger, useLineText } from './Ledger.tsx'
import css from './Points.module.css'

type Entry = z.output<typeof entryView>

export function Points({ memberId }: { memberId: string }) {
  const say = useText()
  const entries = useInfiniteQuery(
    readingOn(memberEntries, { memberId }, { from: 'before', next: (page) => page.next }),
  )
  if (entries.isError && !entries.data) return <Failure error={entries.error} onRetry={() => void entries.refetch()} />
  const rows = entries.data?.pages.flatMap((page) => page.entries) ?? []
  return (
    <div className={css.points}>
      <Sums memberId={memberId} />
      {entries.isPending &&
        [1, 2, 3, 4].map((row) => (
          <div key={row} className={css.entry}>
            <Skeleton width="40%" />
          </div>
        ))}
      {entries.data && rows.length === 0 && <Empty icon="points" title={say('points.none')} />}
      <ul>
        {rows.map((entry) => (
          <EntryRow key={entry.id} entry={entry} />
        ))}
      </ul>
      <ProblemNote error={entries.isFetchNextPageError ? entries.error : null} />
      {entries.hasNextPage && (
        <Button type="text" loading={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
          {say('points.older')}
        </Button>
      )}
    </div>
  )
}

function Sums({ memberId }: { memberId: string }) {
  const say = useText()
  const formats = useFormats()
  const { currency } = useSession().group
  const { data } = useQuery(reading(memberPoints, { memberId }))
  const sums = [
    ['points.available', data?.available],
    ['points.waiting', data?.pending],
    ['points.earned', data?.earned],
    ['points.spent', data?.spent],
    ...(data && data.deficit > 0 ? [['points.owed', data.deficit] as const] : []),
  ] as const
  return (
    <dl className={css.sums}>
      {sums.map(([name, value]) => (
        <div key={name}>
          <dt>{say(name)}</dt>
          <dd>
            {value === undefined ? <Skeleton width={56} height={20} /> : formats.number(value)}
            {name === 'points.available' && data && data.worthMinor !== null && data.worthMinor > 0 && (
              <small>{say('points.worth', { amount: formats.money(data.worthMinor, currency) })}</small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function EntryRow({ entry }: { entry: Entry }) {
  const say = useText()
  const formats = useFormats()
  const lineText = useLineText()
  const only = entry.lines.length === 1 ? entry.lines[0] : undefined
  const moved = entry.points !== 0 ? entry.points : entry.pending !== 0 ? entry.pending : -entry.deficit
  return (
    <li className={css.entry}>
      <div className={css.line}>
        <time dateTime={entry.eventAt}>{formats.dateTime(entry.eventAt)}</time>
        <div className={css.what}>
          <b>{say.code('entry', entry.kind) ?? entry.kind}</b>
          <small>
            <Dotted>
              {entry.points === 0 && entry.pending > 0 && say('points.notYet')}
              {entry.deficit > 0 && say('points.nowOwed', { n: entry.deficit })}
              {only && lineText(only)}
              {entry.source === 'elsewhere' && say('points.elsewhere')}
              {entry.reason}
            </Dotted>
          </small>
        </div>
        <span className={css.amount} data-less={moved < 0 || undefined}>
          {formats.signed(moved)}
        </span>
      </div>
      {entry.lines.length > 1 && <Ledger lines={entry.lines} sum={moved} />}
    </li>
  )
}
