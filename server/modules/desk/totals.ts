/**
 * The own part of the group beside the whole of it, for those who see a part: how many members, and the last full week,
 * which changes no more while somebody asks again. What may be told of the whole is decided by `members/few`.
 */
import { channels } from '#modules/channels'
import { type Behind, eventsInScope, factsInScope, refuseFew, told } from '#modules/members'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { readSettings } from '#platform/settings'
import { weekOf } from './today.ts'

/** Money is told in steps of so many of the smallest unit. */
const moneyStep = 100_000

interface Counted extends Behind {
  value: number
  own: number
}

export async function groupTotals(house: House, actor: Actor, { city }: { city?: string | undefined }) {
  const { week, codes, currency } = await inTx(house.db, actor, async (ctx) => {
    const { timeZone, currency: own } = await readSettings(ctx)
    return {
      week: weekOf(ctx.now, timeZone),
      codes: new Map((await channels(ctx)).map(({ id, code }) => [id, code])),
      currency: own,
    }
  })
  const until = week.begin
  const ownFacts = factsInScope(actor.scope)
  const ownEvents = eventsInScope(actor.scope, (id) => codes.get(id))
  const params = { from: week.beginBefore.toISOString(), until: until.toISOString(), currency, city: city ?? '' }
  const [members] = await house.warehouse.query<Record<'all' | 'fresh', [number, number, number, number, number]>>(
    `select ${counting('1')} as all, ${counting('fresh')} as fresh from (
       select members_person_id as person, ${city === undefined ? '1' : 'max(members_city = {city:String})'} as wanted,
         max(member_id in (select member_id from ${ownFacts})) as own,
         min(members_created_at) >= parseDateTime64BestEffort({from:String}, 3, 'UTC')
           and min(members_created_at) < parseDateTime64BestEffort({until:String}, 3, 'UTC') as fresh
       from facts where members_live group by person)`,
    params,
  )
  const [orders] = await house.warehouse.query<
    Behind & Record<'buyers' | 'ownBuyers' | 'orders' | 'ownOrders' | 'minor' | 'ownMinor', number>
  >(
    `select uniqExactIf(person, wanted) as persons, uniqExactIf(person, wanted and not own) as elsewhere,
       uniqExactIf(person, not wanted) as leftOut, uniqExactIf(person, not wanted and not own) as leftOutElsewhere,
       uniqExactIf(person, wanted) as buyers, uniqExactIf(person, wanted and own) as ownBuyers,
       countIf(wanted) as orders, countIf(wanted and own) as ownOrders,
       toInt64(sumIf(amount, wanted)) as minor, toInt64(sumIf(amount, wanted and own)) as ownMinor
     from (
       select f.members_person_id as person, ${city === undefined ? '1' : 'f.members_city = {city:String}'} as wanted,
         e.id in (select id from ${ownEvents} where type = 'order.paid') as own,
         if(JSONExtractString(e.payload, 'currency') = {currency:String}, JSONExtractInt(e.payload, 'amountMinor'), 0) as amount
       from (select id, assumeNotNull(member_id) as home, payload from events where type = 'order.paid' and member_id is not null
         and event_at >= parseDateTime64BestEffort({from:String}, 3, 'UTC')
         and event_at < parseDateTime64BestEffort({until:String}, 3, 'UTC')) as e
       inner join (select member_id, members_person_id, members_city from facts) as f on f.member_id = e.home)`,
    params,
  )
  const all = countedOf(members!.all)
  // Whoever sees the whole group is told what it has.
  const exact = actor.scope === 'group'
  if (!exact && city !== undefined) refuseFew('city', all)
  const paid = orders!
  const cell = ({ value, own, ...behind }: Counted, step?: number) => ({
    own,
    group: exact ? value : told(value, behind, step),
  })
  return {
    from: week.beginBefore.toISOString(),
    until: until.toISOString(),
    currency,
    members: cell(all),
    newMembers: cell(countedOf(members!.fresh)),
    buyers: cell({ ...paid, value: paid.buyers, own: paid.ownBuyers }),
    orders: cell({ ...paid, value: paid.orders, own: paid.ownOrders }),
    revenueMinor: cell({ ...paid, value: paid.minor, own: paid.ownMinor }, moneyStep),
  }
}

/** Persons whom a filter means: all, own, elsewhere; and whom it leaves out, of all and elsewhere. */
const counting = (which: string) =>
  `[countIf(${which} and wanted), countIf(${which} and wanted and own), countIf(${which} and wanted and not own),
    countIf(${which} and not wanted), countIf(${which} and not wanted and not own)]`

const countedOf = ([value, own, elsewhere, leftOut, leftOutElsewhere]: [
  number,
  number,
  number,
  number,
  number,
]): Counted => ({ value, own, persons: value, elsewhere, leftOut, leftOutElsewhere })
