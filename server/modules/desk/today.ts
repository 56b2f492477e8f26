/**
 * The numbers of the page Today, from the warehouse. A week begins on Monday in the group's time zone; it is held
 * against the same days of the week before, up to the same hour.
 */
import { channels } from '#modules/channels'
import { eventsInScope, factsInScope, namesOf } from '#modules/members'
import { dayOf, instantOf } from '#platform/clock'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { isOutage } from '#platform/errors'
import type { House } from '#platform/house'
import { type GroupSettings, readSettings } from '#platform/settings'
import type { Warehouse } from '#platform/warehouse'
import type { memberFilters } from './contract.ts'

const dayMilliseconds = 86_400_000
const expiringDays = 30
const refundsShown = 5
/** Days in the line beside a number. */
const daysDrawn = 14

interface Week {
  /** First day, `YYYY-MM-DD`. */
  from: string
  begin: Date
  beginBefore: Date
  /** Where the week before is cut, so that both are as long. */
  nowBefore: Date
  now: Date
  days: string[]
}

export function weekOf(now: Date, timeZone: string): Week {
  const today = dayOf(now, timeZone)
  const dayAfter = (day: string, days: number) =>
    new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMilliseconds).toISOString().slice(0, 10)
  const sinceMonday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7
  const from = dayAfter(today, -sinceMonday)
  return {
    from,
    begin: instantOf(from, timeZone),
    beginBefore: instantOf(dayAfter(from, -7), timeZone),
    nowBefore: new Date(now.getTime() - 7 * dayMilliseconds),
    now,
    days: Array.from({ length: daysDrawn }, (_, index) => dayAfter(today, index - daysDrawn + 1)),
  }
}

interface DayOfEvents {
  day: string
  type: string
  events: number
  minor: number
  points: number
  /** Part of the week now, or of the week before. */
  week: 'now' | 'before' | ''
}

const partOfWeek = (time: string) => `multiIf(${time} >= parseDateTime64BestEffort({begin:String}, 3, 'UTC'), 'now',
    ${time} >= parseDateTime64BestEffort({beginBefore:String}, 3, 'UTC')
      and ${time} < parseDateTime64BestEffort({nowBefore:String}, 3, 'UTC'), 'before', '')`
const sinceFirstDay = (time: string) => `${time} >= least(parseDateTime64BestEffort({beginBefore:String}, 3, 'UTC'),
    parseDateTime64BestEffort({firstDay:String}, 3, 'UTC')) and ${time} <= parseDateTime64BestEffort({now:String}, 3, 'UTC')`

/** The warehouse as the actor sees it: what to read where all would be read of `facts` and `events`. */
interface Seen {
  warehouse: Warehouse
  facts: string
  events: string
}

async function seenBy(house: House, actor: Actor): Promise<Seen> {
  const codes = await inTx(
    house.db,
    actor,
    async (ctx) => new Map((await channels(ctx)).map(({ id, code }) => [id, code])),
  )
  return {
    warehouse: house.warehouse,
    facts: factsInScope(actor.scope),
    events: eventsInScope(actor.scope, (id) => codes.get(id)),
  }
}

/** What is paid and given by its events; new members as they are now, so that joined and withdrawn ones don't count. */
async function numbersByDay(seen: Seen, week: Week, { timeZone, currency }: GroupSettings) {
  return seen.warehouse.query<DayOfEvents>(
    `select toString(toDate(members_created_at, {zone:String})) as day, 'new member' as type, count() as events, toInt64(0) as minor, toInt64(0) as points,
       ${partOfWeek('members_created_at')} as week
     from ${seen.facts} where member_id = members_person_id and members_live and ${sinceFirstDay('members_created_at')} group by day, week
     union all
     select toString(toDate(event_at, {zone:String})) as day, toString(type) as type, count() as events,
       toInt64(sumIf(JSONExtractInt(payload, 'amountMinor'), JSONExtractString(payload, 'currency') = {currency:String})) as minor,
       toInt64(sumIf(JSONExtractInt(payload, 'points'), type like 'points.%')) as points,
       ${partOfWeek('event_at')} as week
     from ${seen.events} where type in ('order.paid', 'points.awarded', 'points.opened') and ${sinceFirstDay('event_at')}
     group by day, type, week`,
    {
      zone: timeZone,
      currency,
      begin: week.begin.toISOString(),
      beginBefore: week.beginBefore.toISOString(),
      nowBefore: week.nowBefore.toISOString(),
      now: week.now.toISOString(),
      firstDay: instantOf(week.days[0]!, timeZone).toISOString(),
    },
  )
}

/** Of the members who paid in a time, the share that had paid before it. */
async function returningShare(seen: Seen, from: Date, to: Date): Promise<number | null> {
  const [row] = await seen.warehouse.query<{ paid: number; paid_before: number }>(
    `select count() as paid, countIf(first_at < parseDateTime64BestEffort({from:String}, 3, 'UTC')) as paid_before
     from (
       select members_person_id, min(orders_first_at) as first_at from ${seen.facts}
       where members_person_id in (
         select members_person_id from ${seen.facts} where member_id in (
           select assumeNotNull(member_id) from ${seen.events} where type = 'order.paid'
             and event_at >= parseDateTime64BestEffort({from:String}, 3, 'UTC') and event_at < parseDateTime64BestEffort({to:String}, 3, 'UTC')))
       group by members_person_id)`,
    { from: from.toISOString(), to: to.toISOString() },
  )
  return row!.paid === 0 ? null : row!.paid_before / row!.paid
}

async function refundsSince(seen: Seen, from: Date) {
  return seen.warehouse.query<{ memberId: string; payload: string; at: string; all: number }>(
    `select toString(assumeNotNull(member_id)) as memberId, payload, event_at as at, count() over () as all from ${seen.events}
     where type = 'order.refunded' and event_at >= parseDateTime64BestEffort({from:String}, 3, 'UTC')
     order by event_at desc, id limit ${refundsShown}`,
    { from: from.toISOString() },
  )
}

async function expiringUntil(seen: Seen, now: Date, until: Date) {
  const [row] = await seen.warehouse.query<{ members: number; points: number; firstAt: string | null }>(
    `select uniqExact(members_person_id) as members, sum(points_next_expiry_points) as points, min(points_next_expiry_at) as firstAt
     from ${seen.facts} where points_next_expiry_at >= parseDateTime64BestEffort({now:String}, 3, 'UTC')
       and points_next_expiry_at < parseDateTime64BestEffort({until:String}, 3, 'UTC')`,
    { now: now.toISOString(), until: until.toISOString() },
  )
  return row!
}

/** What the warehouse counts for today; null while it is away. */
export async function countedToday(house: House, actor: Actor, now: Date, settings: GroupSettings) {
  const seen = await seenBy(house, actor)
  const week = weekOf(now, settings.timeZone)
  try {
    const [rows, returningNow, returningBefore, refunds, expiring] = await Promise.all([
      numbersByDay(seen, week, settings),
      returningShare(seen, week.begin, now),
      returningShare(seen, week.beginBefore, week.nowBefore),
      refundsSince(seen, new Date(now.getTime() - 7 * dayMilliseconds)),
      expiringUntil(seen, now, new Date(now.getTime() + expiringDays * dayMilliseconds)),
    ])
    const numberOf = (types: readonly string[], value: 'events' | 'minor' | 'points') => {
      const of = rows.filter(({ type }) => types.includes(type))
      const sum = (some: readonly DayOfEvents[]) => some.reduce((total, row) => total + row[value], 0)
      return {
        now: sum(of.filter((row) => row.week === 'now')),
        before: sum(of.filter((row) => row.week === 'before')),
        days: week.days.map((day) => sum(of.filter((row) => row.day === day))),
      }
    }
    const names = await inTx(house.db, actor, (ctx) =>
      namesOf(
        ctx,
        refunds.map(({ memberId }) => memberId),
      ),
    )
    return {
      refunds: {
        count: refunds[0]?.all ?? 0,
        newest: refunds.map(({ memberId, payload, at }) => {
          const { channel, amountMinor, currency } = JSON.parse(payload)
          return { memberId, name: names.get(memberId) ?? null, channel, amountMinor, currency, at: isoOf(at) }
        }),
      },
      expiring: {
        members: expiring.members,
        points: expiring.points,
        firstAt: expiring.firstAt && expiring.members > 0 ? isoOf(expiring.firstAt) : null,
        days: expiringDays,
      },
      week: {
        from: week.from,
        newMembers: numberOf(['new member'], 'events'),
        orders: numberOf(['order.paid'], 'events'),
        revenueMinor: numberOf(['order.paid'], 'minor'),
        pointsGiven: numberOf(['points.awarded', 'points.opened'], 'points'),
        returning: { now: returningNow, before: returningBefore },
      },
    }
  } catch (error) {
    if (!isOutage(error)) throw error
    house.log.warn({ part: 'warehouse', err: error }, 'today without numbers')
    return null
  }
}

/** What a filter of the member list asks of the warehouse, which knows times of all members. */
const filters = {
  new: "member_id = members_person_id and members_created_at >= parseDateTime64BestEffort({begin:String}, 3, 'UTC')",
  paid: "orders_last_at >= parseDateTime64BestEffort({begin:String}, 3, 'UTC')",
  lapsing: `points_next_expiry_at >= parseDateTime64BestEffort({now:String}, 3, 'UTC')
    and points_next_expiry_at < parseDateTime64BestEffort({until:String}, 3, 'UTC')`,
} satisfies Record<(typeof memberFilters)[number], string>

/** A page of the persons whom a filter means, newest first; whoever shows one asks PostgreSQL again. */
export async function membersShown(
  house: House,
  actor: Actor,
  show: keyof typeof filters,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ ids: string[]; next: string | null }> {
  const { now, timeZone } = await inTx(house.db, actor, async (ctx) => ({
    now: ctx.now,
    timeZone: (await readSettings(ctx)).timeZone,
  }))
  // As text, because the warehouse compares the second half of an id first.
  const rows = await house.warehouse.query<{ id: string }>(
    `select distinct toString(members_person_id) as id from ${factsInScope(actor.scope)} where ${filters[show]} and members_live
     ${after ? 'and id < {after:String}' : ''} order by id desc limit ${limit + 1}`,
    {
      begin: weekOf(now, timeZone).begin.toISOString(),
      now: now.toISOString(),
      until: new Date(now.getTime() + expiringDays * dayMilliseconds).toISOString(),
      ...(after ? { after } : {}),
    },
  )
  const ids = rows.slice(0, limit).map(({ id }) => id)
  return { ids, next: rows.length > limit ? ids.at(-1)! : null }
}

const isoOf = (time: string) => new Date(time).toISOString()
