/** What happened, newest first, by days; older things come on request. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { memberTimeline } from '#modules/desk/contract'
import { memberEntries } from '#modules/points/contract'
import { call } from '#ui/call.ts'
import { Icon, type IconName } from '#ui/icons.tsx'
import { keyOf, readingOn } from '#ui/queries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMaySee, useSession } from '../../parts/session.ts'
import { type TextKey, useText } from '../../texts/texts.ts'
import { useChannelNames } from './channels.ts'
import { Ledger, type LedgerLine, useLineText } from './Ledger.tsx'
import type { MemberPageData } from './MemberPage.tsx'
import css from './Timeline.module.css'
import { type Happening, tell } from './tell.ts'
import { useTierNames } from './useTierNames.ts'

type Entry = MemberPageData['timeline'][number]

const filters = [
  { key: 'all', name: 'timeline.all', icon: null, types: /./ },
  { key: 'orders', name: 'timeline.orders', icon: 'card', types: /^order\./ },
  { key: 'points', name: 'timeline.points', icon: 'points', types: /^points\./ },
  { key: 'records', name: 'timeline.records', icon: 'merge', types: /^(member|members|record|value)\./ },
] as const satisfies readonly { key: string; name: TextKey; icon: IconName | null; types: RegExp }[]

const pageOf = 100

export function Timeline({ memberId, page }: { memberId: string; page: MemberPageData }) {
  const say = useText()
  const formats = useFormats()
  const [filter, setFilter] = useState<(typeof filters)[number]>(filters[0])
  const first = page.timeline
  const older = useInfiniteQuery({
    queryKey: [...keyOf(memberTimeline, { memberId, before: first.at(-1)?.at ?? '' }), 'pages'],
    queryFn: ({ signal, pageParam }) =>
      call(memberTimeline, { memberId, before: pageParam, limit: pageOf }, { signal }),
    initialPageParam: justAfter(first.at(-1)?.at),
    getNextPageParam: ({ entries }) => (entries.length < pageOf ? null : justAfter(entries.at(-1)?.at)),
    enabled: false,
  })
  // Pages overlap by the last moment of the one before, because several things can happen in one.
  const entries = [
    ...new Map(
      [...first, ...(older.data?.pages.flatMap((one) => one.entries) ?? [])].map((entry) => [entry.id, entry]),
    ).values(),
  ]
  const explained = useExplanations(memberId)
  const maySeePoints = useMaySee('points.read')
  const allowed = filters.filter(({ key }) => key !== 'points' || maySeePoints)
  const shown = entries.filter(({ type }) => filter.types.test(type) && (maySeePoints || !type.startsWith('points.')))
  const more = older.data ? older.hasNextPage : first.length >= 50
  return (
    <div className={css.timeline}>
      <fieldset className={css.filters}>
        <legend className="spoken">{say('timeline.filter')}</legend>
        {allowed.map((each) => (
          <button key={each.key} type="button" aria-pressed={each.key === filter.key} onClick={() => setFilter(each)}>
            {each.icon && <Icon name={each.icon} size={13} />}
            {say(each.name)}
          </button>
        ))}
      </fieldset>
      {shown.length === 0 && !more && <Empty icon="clock" title={say('timeline.none')} />}
      {days(shown, formats.dayKey).map(({ key, entries }) => (
        <section key={key}>
          <Day at={entries[0]!.at} />
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} why={explained.get(`${entry.recordId}-${entry.payload.sequence}`)} />
          ))}
        </section>
      ))}
      <ProblemNote error={older.error} />
      {more && (
        <Button
          type="text"
          loading={older.isFetching}
          onClick={() => void (older.data ? older.fetchNextPage() : older.refetch())}
        >
          {say('timeline.older')}
        </Button>
      )}
    </div>
  )
}

/** The program's times are finer than a millisecond, so what lies in the last one is asked for again. */
const justAfter = (at: string | undefined) => new Date(new Date(at ?? 0).getTime() + 1).toISOString()

function days(entries: readonly Entry[], keyOf: (at: string) => string): { key: string; entries: Entry[] }[] {
  const found: { key: string; entries: Entry[] }[] = []
  for (const entry of entries) {
    const key = keyOf(entry.at)
    if (found.at(-1)?.key === key) found.at(-1)!.entries.push(entry)
    else found.push({ key, entries: [entry] })
  }
  return found
}

function Day({ at }: { at: string }) {
  const { name, date } = useFormats().day(at)
  return (
    <h3 className={css.day}>
      <b>{name ?? date}</b>
      {name && <span>{date}</span>}
    </h3>
  )
}

interface Explanation {
  lines: readonly LedgerLine[]
  sum: number
}

/** Why points came or went, by the entry that an event of the timeline stands for: account and number. */
function useExplanations(memberId: string): ReadonlyMap<string, Explanation> {
  const entries = useInfiniteQuery({
    ...readingOn(memberEntries, { memberId }, { from: 'before', next: (page) => page.next }),
    enabled: useMaySee('points.read'),
  })
  return new Map(
    entries.data?.pages.flatMap((page) =>
      page.entries.map(({ id, lines, points, pending }) => [id, { lines, sum: points || pending }] as const),
    ),
  )
}

function Row({ entry, why }: { entry: Entry; why: Explanation | undefined }) {
  const say = useText()
  const formats = useFormats()
  const { currency } = useSession().group
  const nameOf = useChannelNames()
  const tierOf = useTierNames()
  const happening: Happening = tell(entry, { say, formats, currency, nameOf, tierOf })
  const lineText = useLineText()
  // One line says all beside the title; more of them are a sum to be followed.
  const only = why?.lines.length === 1 ? why.lines[0] : undefined
  return (
    <div className={css.entry}>
      <time dateTime={entry.at}>{formats.time(entry.at)}</time>
      <span className={css.sign} data-tone={happening.tone}>
        <Icon name={happening.icon} size={13} />
      </span>
      <div className={css.what}>
        <b>{happening.title}</b>
        <span>
          <Dotted>
            {happening.details}
            {only && lineText(only)}
          </Dotted>
        </span>
        {why && why.lines.length > 1 && <Ledger lines={why.lines} sum={why.sum} />}
      </div>
    </div>
  )
}
