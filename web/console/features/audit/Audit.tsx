/** Who saw, changed or exported what: found by person, act, time and words of the reason, kept in the address bar. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, Input, Select } from 'antd'
import { useEffect, useId, useRef, useState } from 'react'
import { auditNames, exportAudit, listAudit, outcomes } from '#modules/audit/contract'
import { addressOf } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { reading, readingOn } from '#ui/queries.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats } from '../../parts/session.ts'
import { useLater } from '../../parts/useLater.ts'
import { whoName } from '../../parts/who.ts'
import { useText } from '../../texts/texts.ts'
import css from './Audit.module.css'
import { EntryRow } from './EntryRow.tsx'
import { Seal } from './Seal.tsx'
import { actText, type Entry } from './tell.ts'

const route = getRouteApi('/frame/audit')

type Asked = ReturnType<typeof route.useSearch>

export function Audit() {
  const say = useText()
  const formats = useFormats()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const asked = wanted(search)
  const log = useInfiniteQuery({
    ...readingOn(listAudit, { ...asked, limit: 100 }, { from: 'before', next: (page) => page.next }),
    placeholderData: keepPreviousData,
  })
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? []
  const filtered = Object.keys(asked).length > 0
  const filter = (change: Asked) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    void navigate({ search: Object.fromEntries(next) as Asked, replace: true })
  }
  return (
    <>
      <PageHead
        title={say('frame.audit')}
        state={<Seal />}
        actions={
          <Button icon={<Icon name="download" size={15} />} href={addressOf(exportAudit, asked)} download>
            {say('audit.export')}
          </Button>
        }
      />
      <Filters search={search} onFilter={filter} />
      {search.member && (
        <p className={css.about}>
          <span className="cut">{say('audit.of', { name: memberName(entries, search.member) })}</span>
          <Button
            size="small"
            type="text"
            icon={<Icon name="close" size={13} />}
            onClick={() => filter({ member: '' })}
          >
            {say('audit.unfilter')}
          </Button>
        </p>
      )}
      <div className={css.page} data-dimmed={log.isPlaceholderData || undefined}>
        {log.isError && !log.data ? (
          <Failure error={log.error} onRetry={() => void log.refetch()} />
        ) : log.isPending ? (
          [1, 2, 3, 4, 5, 6].map((row) => (
            <div key={row} className={css.waiting}>
              <Skeleton width="60%" />
            </div>
          ))
        ) : entries.length === 0 ? (
          <Empty
            icon="shield"
            title={say(filtered ? 'audit.none' : 'audit.empty')}
            action={filtered && <Button onClick={() => void navigate({ search: {} })}>{say('audit.unfilter')}</Button>}
          >
            {say(filtered ? 'audit.noneHint' : 'audit.emptyHint')}
          </Empty>
        ) : (
          days(entries, formats.dayKey).map(({ key, entries: own }) => (
            <section key={key}>
              <Day at={own[0]!.at} />
              {own.map((entry) => (
                <EntryRow key={entry.id} entry={entry} />
              ))}
            </section>
          ))
        )}
        <ProblemNote error={log.isFetchNextPageError ? log.error : null} />
        {log.hasNextPage && (
          <Button type="text" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {say('audit.more')}
          </Button>
        )}
      </div>
    </>
  )
}

/** What of the address bar the program understands; the rest filters nothing. */
function wanted({ reason, actor, act, outcome, member, from, until }: Asked) {
  const day = /^\d{4}-\d\d-\d\d$/
  return {
    ...(reason ? { words: reason } : {}),
    ...(actor ? { actor } : {}),
    ...(act ? { act } : {}),
    ...(outcome === 'done' || outcome === 'refused' ? { outcome: outcome as (typeof outcomes)[number] } : {}),
    ...(member ? { member } : {}),
    ...(from && day.test(from) ? { from } : {}),
    ...(until && day.test(until) ? { until } : {}),
  }
}

/** The name stands in the entries themselves; of one without a name the end of the id tells it apart. */
function memberName(entries: readonly Entry[], id: string): string {
  const one = entries.flatMap(({ members }) => members)
  return one.find((member) => member.id === id)?.name ?? `…${id.slice(-6)}`
}

function Filters({ search, onFilter }: { search: Asked; onFilter: (change: Asked) => void }) {
  const say = useText()
  const names = useQuery({ ...reading(auditNames, {}), staleTime: 60_000 })
  const outcome = outcomes.find((one) => one === search.outcome)
  return (
    <div className={css.tools}>
      <ReasonField reason={search.reason ?? ''} onReason={(reason) => onFilter({ reason })} />
      <Select
        className={css.choice ?? ''}
        value={search.actor ?? ''}
        onChange={(actor) => onFilter({ actor })}
        aria-label={say('audit.who')}
        showSearch={{ optionFilterProp: 'label' }}
        popupMatchSelectWidth={false}
        options={[
          { value: '', label: say('audit.anyone') },
          ...(names.data?.actors ?? []).map((who) => ({ value: who.actor, label: whoName(say, who) })),
        ]}
      />
      <Select
        className={css.choice ?? ''}
        value={search.act ?? ''}
        onChange={(act) => onFilter({ act })}
        aria-label={say('audit.what')}
        showSearch={{ optionFilterProp: 'label' }}
        popupMatchSelectWidth={false}
        options={[
          { value: '', label: say('audit.anything') },
          ...(names.data?.acts ?? []).map((act) => ({ value: act, label: actText(say, act) })),
        ]}
      />
      <Select
        className={css.choice ?? ''}
        value={outcome ?? ''}
        onChange={(wish) => onFilter({ outcome: wish })}
        aria-label={say('audit.outcome')}
        popupMatchSelectWidth={false}
        options={[
          { value: '', label: say('auditOutcome.all') },
          ...outcomes.map((value) => ({ value, label: say(`auditOutcome.${value}`) })),
        ]}
      />
      <Time search={search} onFilter={onFilter} />
    </div>
  )
}

const periods = ['0', '6', '29'] as const

/** A stretch of days up to today, or days of one's choice. */
function Time({ search, onFilter }: { search: Asked; onFilter: (change: Asked) => void }) {
  const say = useText()
  const formats = useFormats()
  const [choosing, setChoosing] = useState(false)
  const daysAgo = (days: string) => formats.dayKey(new Date(Date.now() - Number(days) * 86_400_000).toISOString())
  const { from, until } = search
  const period = until ? undefined : periods.find((days) => daysAgo(days) === from)
  const shown = choosing || (from && !period) || until ? 'days' : (period ?? 'any')
  return (
    <>
      <Select
        className={css.choice ?? ''}
        value={shown}
        onChange={(wish) => {
          setChoosing(wish === 'days')
          if (wish === 'any') onFilter({ from: '', until: '' })
          else if (wish !== 'days') onFilter({ from: daysAgo(wish), until: '' })
        }}
        aria-label={say('audit.time')}
        popupMatchSelectWidth={false}
        options={(['any', ...periods, 'days'] as const).map((value) => ({ value, label: say(`auditTime.${value}`) }))}
      />
      {shown === 'days' && (
        <>
          <DayField name={say('audit.from')} day={from} onDay={(day) => onFilter({ from: day })} />
          <DayField name={say('audit.until')} day={until} onDay={(day) => onFilter({ until: day })} />
        </>
      )}
    </>
  )
}

function DayField({ name, day = '', onDay }: { name: string; day: string | undefined; onDay: (day: string) => void }) {
  const id = useId()
  return (
    <span className={css.day}>
      <label htmlFor={id}>{name}</label>
      <Input id={id} type="date" value={day} onChange={({ target }) => onDay(target.value)} />
    </span>
  )
}

function ReasonField({ reason, onReason }: { reason: string; onReason: (words: string) => void }) {
  const say = useText()
  const [words, setWords] = useState(reason)
  const rested = useLater(words.trim(), 300)
  const told = useRef(reason)
  // The address bar keeps the search: it follows the field, and the field follows it when it changes alone.
  useEffect(() => {
    if (rested === told.current) return
    told.current = rested
    onReason(rested)
  }, [rested, onReason])
  useEffect(() => {
    if (reason === told.current) return
    told.current = reason
    setWords(reason)
  }, [reason])
  return (
    <Input
      className={css.search ?? ''}
      type="search"
      prefix={<Icon name="search" size={15} />}
      placeholder={say('audit.search')}
      aria-label={say('audit.search')}
      maxLength={100}
      allowClear
      value={words}
      onChange={({ target }) => setWords(target.value)}
    />
  )
}

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
    <h2 className={css.rule}>
      <b>{name ?? date}</b>
      {name && <span>{date}</span>}
    </h2>
  )
}
