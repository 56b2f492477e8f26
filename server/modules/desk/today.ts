/**
 * The numbers of the page Today, from the warehouse. A week begins on Monday in the group's time zone; it is held
 * against the same days of the week before, up to the same hour.
 */
import { isDeepStrictEqual } from 'node:util'
import { channelOf, channels } from '#modules/channels'
import { eventsInScope, factsInScope, namesOf, personsSearched } from '#modules/members'
import { dayOf, instantOf } from '#platform/clock'
import { type Actor, scopeOf } from '#platform/ctx'
import { inTx } from '#platform/db'
import { isOutage } from '#platform/errors'
import type { House } from '#platform/house'
import { type GroupSettings, readSettings } from '#platform/settings'
import type { Warehouse } from '#platform/warehouse'
import type { memberFilters } from './contract.ts'
import { filterNeeds } from './member-rows.ts'

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

/** The warehouse as somebody sees it: what to read where all would be read of `facts` and `events`. */
export interface Seen {
  warehouse: Warehouse
  facts: string
  events: string
}

async function seenBy(house: House, actor: Actor): Promise<Seen> {
  const { warehouse } = house
  const codes = await inTx(
    house.db,
    actor,
    async (ctx) => new Map((await channels(ctx)).map(({ id, code }) => [id, code])),
  )
  return { warehouse, facts: factsInScope(actor.scope), events: eventsInScope(actor.scope, (id) => codes.get(id)) }
}

/** What is paid and given, by the events of it. */
async function eventsByDay({ warehouse, events }: Seen, week: Week, { timeZone, currency }: GroupSettings) {
  return warehouse.query<DayOfEvents>(
    `select toString(toDate(event_at, {zone:String})) as day, toString(type) as type, count() as events,
       toInt64(sumIf(JSONExtractInt(payload, 'amountMinor'), JSONExtractString(payload, 'currency') = {currency:String})) as minor,
       toInt64(sumIf(JSONExtractInt(payload, 'points'), type like 'points.%')) as points,
       ${partOfWeek('event_at')} as week
     from ${events} where type in ('order.paid', 'points.awarded', 'points.opened') and ${sinceFirstDay('event_at')}
     group by day, type, week`,
    { zone: timeZone, currency, ...timesOf(week, timeZone) },
  )
}

/**
 * New members by day, as they are now, so that joined and withdrawn ones don't count; and whose points lapse soon. In
 * one reading: to read all facts, each once, is most of what either costs.
 */
async function countedMembers(
  { warehouse, facts }: Seen,
  week: Week,
  { timeZone, until }: { timeZone: string; until: Date },
) {
  const isNew = `member_id = members_person_id and members_live and ${sinceFirstDay('members_created_at')}`
  const lapses = `points_next_expiry_at >= parseDateTime64BestEffort({now:String}, 3, 'UTC')
    and points_next_expiry_at < parseDateTime64BestEffort({until:String}, 3, 'UTC')`
  const part = partOfWeek('members_created_at')
  const [row] = await warehouse.query<{
    now: number
    before: number
    days: [string[], number[]]
    expiring: number
    points: number
    firstAt: string | null
  }>(
    `select countIf(fresh and part = 'now') as now, countIf(fresh and part = 'before') as before,
       sumMapIf([toString(toDate(members_created_at, {zone:String}))], [1], fresh) as days,
       uniqExactIf(members_person_id, soon) as expiring, sumIf(points_next_expiry_points, soon) as points,
       minIf(points_next_expiry_at, soon) as firstAt
     from (select *, ${isNew} as fresh, ifNull(${lapses}, 0) as soon, ${part} as part from ${facts} where fresh or soon)`,
    { zone: timeZone, until: until.toISOString(), ...timesOf(week, timeZone) },
  )
  const { now, before, days, expiring, points, firstAt } = row!
  const byDay = new Map(days[0].map((day, index) => [day, days[1][index]!]))
  return {
    newMembers: { now, before, days: week.days.map((day) => byDay.get(day) ?? 0) },
    expiring: {
      members: expiring,
      points,
      firstAt: firstAt && expiring > 0 ? isoOf(firstAt) : null,
      days: expiringDays,
    },
  }
}

/** Of the members who paid this week, and of those of the week before, the share that had paid before. */
async function returningShares({ warehouse, facts, events }: Seen, week: Week, timeZone: string) {
  const paidNow = `event_at >= parseDateTime64BestEffort({begin:String}, 3, 'UTC') and event_at < parseDateTime64BestEffort({now:String}, 3, 'UTC')`
  const paidBefore = `event_at >= parseDateTime64BestEffort({beginBefore:String}, 3, 'UTC') and event_at < parseDateTime64BestEffort({nowBefore:String}, 3, 'UTC')`
  const homes = (when: string) =>
    `(select assumeNotNull(member_id) from ${events} where type = 'order.paid' and (${when}))`
  const [row] = await warehouse.query<Record<'now' | 'again' | 'before' | 'againBefore', number>>(
    `select countIf(paid_now) as now, countIf(paid_now and first_at < parseDateTime64BestEffort({begin:String}, 3, 'UTC')) as again,
       countIf(paid_before) as before,
       countIf(paid_before and first_at < parseDateTime64BestEffort({beginBefore:String}, 3, 'UTC')) as againBefore
     from (
       select min(orders_first_at) as first_at, max(member_id in ${homes(paidNow)}) as paid_now,
         max(member_id in ${homes(paidBefore)}) as paid_before
       from ${facts} where members_person_id in (
         select members_person_id from ${facts} where member_id in ${homes(`${paidNow} or ${paidBefore}`)})
       group by members_person_id)`,
    timesOf(week, timeZone),
  )
  const { now, again, before, againBefore } = row!
  return { now: now === 0 ? null : again / now, before: before === 0 ? null : againBefore / before }
}

function timesOf(week: Week, timeZone: string) {
  return {
    begin: week.begin.toISOString(),
    beginBefore: week.beginBefore.toISOString(),
    nowBefore: week.nowBefore.toISOString(),
    now: week.now.toISOString(),
    firstDay: instantOf(week.days[0]!, timeZone).toISOString(),
  }
}

async function refundsSince({ warehouse, events }: Seen, from: Date) {
  return warehouse.query<{ memberId: string; payload: string; at: string; all: number }>(
    `select toString(assumeNotNull(member_id)) as memberId, payload, event_at as at, count() over () as all from ${events}
     where type = 'order.refunded' and event_at >= parseDateTime64BestEffort({from:String}, 3, 'UTC')
     order by event_at desc, id limit ${refundsShown}`,
    { from: from.toISOString() },
  )
}

/** For so long the numbers of all members are kept: who opens the page again, or after another, needn't wait for them. */
const keptMilliseconds = 15_000

interface Kept {
  settings: GroupSettings
  at: number
  counts: ReturnType<typeof countToday>
}
/** By what of the warehouse is seen; the oldest goes when many look at once. */
const kept = new WeakMap<Warehouse, Map<string, Kept>>()
const keptAtMost = 500

/** The numbers of today, each within the scope in which the actor may read what it counts; null while they are away. */
export async function countedToday(house: House, actor: Actor, now: Date, settings: GroupSettings) {
  const counts = new Map<string, ReturnType<typeof countedWithin>>()
  const within = (permission: string) => {
    const scope = scopeOf(actor, permission)
    if (scope === null) return null
    const key = JSON.stringify(scope)
    const known = counts.get(key) ?? countedWithin(house, { ...actor, scope }, now, settings)
    counts.set(key, known)
    return known
  }
  const [all, ofOrders, ofPoints] = await Promise.all(
    ['members.read', 'orders.read', 'points.read'].map((permission) => within(permission)),
  )
  if (!all) return null
  return {
    at: all.at,
    refunds: ofOrders?.refunds ?? null,
    expiring: ofPoints?.expiring ?? null,
    week: {
      from: all.week.from,
      newMembers: all.week.newMembers,
      orders: ofOrders?.week.orders ?? null,
      revenueMinor: ofOrders?.week.revenueMinor ?? null,
      pointsGiven: ofPoints?.week.pointsGiven ?? null,
      returning: ofOrders?.week.returning ?? null,
    },
  }
}

/** What the warehouse counts within the actor's scope, and when it was counted; null while it is away. */
async function countedWithin(house: House, actor: Actor, now: Date, settings: GroupSettings) {
  const seen = await seenBy(house, actor)
  const before = kept.get(seen.warehouse)?.get(seen.events)
  const age = before ? now.getTime() - before.at : Number.POSITIVE_INFINITY
  const fresh = age >= 0 && age < keptMilliseconds && isDeepStrictEqual(before?.settings, settings)
  const { counts } = before && fresh ? before : keep(seen, now, settings)
  try {
    const { refunds, ...rest } = await counts
    const names = await inTx(house.db, actor, (ctx) =>
      namesOf(
        ctx,
        refunds.newest.map(({ memberId }) => memberId),
      ),
    )
    return {
      ...rest,
      refunds: {
        ...refunds,
        newest: refunds.newest.map((refund) => ({ ...refund, name: names.get(refund.memberId) ?? null })),
      },
    }
  } catch (error) {
    if (!isOutage(error)) throw error
    house.log.warn({ part: 'warehouse', err: error }, 'today without numbers')
    return null
  }
}

/** Whoever asks while it is being counted waits for the same count. What failed is not kept. */
function keep(seen: Seen, now: Date, settings: GroupSettings): Kept {
  const one: Kept = { settings, at: now.getTime(), counts: countToday(seen, now, settings) }
  const all = kept.get(seen.warehouse) ?? new Map<string, Kept>()
  kept.set(seen.warehouse, all)
  all.delete(seen.events)
  all.set(seen.events, one)
  if (all.size > keptAtMost) all.delete(all.keys().next().value!)
  one.counts.catch(() => {
    // Whoever waits for it is told; the next one asks anew.
    if (all.get(seen.events) === one) all.delete(seen.events)
  })
  return one
}

export async function countToday(seen: Seen, now: Date, settings: GroupSettings) {
  const week = weekOf(now, settings.timeZone)
  const [rows, members, returning, refunds] = await Promise.all([
    eventsByDay(seen, week, settings),
    countedMembers(seen, week, {
      timeZone: settings.timeZone,
      until: new Date(now.getTime() + expiringDays * dayMilliseconds),
    }),
    returningShares(seen, week, settings.timeZone),
    refundsSince(seen, new Date(now.getTime() - 7 * dayMilliseconds)),
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
  return {
    at: now.toISOString(),
    refunds: {
      count: refunds[0]?.all ?? 0,
      newest: refunds.map(({ memberId, payload, at }) => {
        const { channel, amountMinor, currency } = JSON.parse(payload)
        return { memberId, channel, amountMinor, currency, at: isoOf(at) }
      }),
    },
    expiring: members.expiring,
    week: {
      from: week.from,
      newMembers: members.newMembers,
      orders: numberOf(['order.paid'], 'events'),
      revenueMinor: numberOf(['order.paid'], 'minor'),
      pointsGiven: numberOf(['points.awarded', 'points.opened'], 'points'),
      returning,
    },
  }
}

/** What a filter of the member list asks of the warehouse, which knows times of all members. */
const filters = {
  new: "member_id = members_person_id and members_created_at >= parseDateTime64BestEffort({begin:String}, 3, 'UTC')",
  paid: "orders_last_at >= parseDateTime64BestEffort({begin:String}, 3, 'UTC')",
  lapsing: `points_next_expiry_at >= parseDateTime64BestEffort({now:String}, 3, 'UTC')
    and points_next_expiry_at < parseDateTime64BestEffort({until:String}, 3, 'UTC')`,
} satisfies Record<(typeof memberFilters)[number], string>

/**
 * A page of the persons whom a filter means, of those whom a search or a channel leaves, newest first; whoever shows one
 * asks PostgreSQL again.
 */
export async function membersShown(
  house: House,
  actor: Actor,
  show: keyof typeof filters,
  {
    search,
    channel,
    after,
    limit,
  }: { search?: string | undefined; channel?: string | undefined; after?: string | undefined; limit: number },
): Promise<{ ids: string[]; next: string | null }> {
  const { now, timeZone, among, channelId } = await inTx(house.db, actor, async (ctx) => {
    const { timeZone, country } = await readSettings(ctx)
    return {
      now: ctx.now,
      timeZone,
      among: search?.trim() ? await personsSearched(ctx, { search, country }) : null,
      channelId: channel === undefined ? null : (await channelOf(ctx, channel)).id,
    }
  })
  const seen = factsInScope(actor.scope)
  // What the filter tells is told of those alone of whom it may be known.
  const known = factsInScope(scopeOf(actor, filterNeeds[show]) ?? { channelIds: [], servedBy: null })
  // As text, because the warehouse compares the second half of an id first.
  const rows = await house.warehouse.query<{ id: string }>(
    `select distinct toString(members_person_id) as id from ${seen} where ${filters[show]} and members_live
     ${known === seen ? '' : `and member_id in (select member_id from ${known})`}
     ${among ? 'and members_person_id in {among:Array(UUID)}' : ''}
     ${channelId === null ? '' : `and members_person_id in (select members_person_id from ${seen} where members_channel_id = {channelId:Int32} and members_live)`}
     ${after ? 'and id < {after:String}' : ''} order by id desc limit ${limit + 1}`,
    {
      begin: weekOf(now, timeZone).begin.toISOString(),
      now: now.toISOString(),
      until: new Date(now.getTime() + expiringDays * dayMilliseconds).toISOString(),
      ...(among ? { among } : {}),
      ...(channelId === null ? {} : { channelId }),
      ...(after ? { after } : {}),
    },
  )
  const ids = rows.slice(0, limit).map(({ id }) => id)
  return { ids, next: rows.length > limit ? ids.at(-1)! : null }
}

const isoOf = (time: string) => new Date(time).toISOString()
