/**
 * Fills an empty program with the demonstration group, by the verbs that every import uses. Each batch is one
 * transaction that also says how far it is; stopped or killed in the middle, the next start goes on behind it.
 */
import { sql } from 'kysely'
import { anyoneInvited, employ } from '#modules/access'
import { type Channel, channelOf, channels, openChannels } from '#modules/channels'
import { describedFor, Lexicon } from '#modules/dictionary'
import { confirm, proposals } from '#modules/families'
import { findHouseholds } from '#modules/matching'
import {
  addRelations,
  cleanRecord,
  howManyPersons,
  type NewRelation,
  type PreparedRecord,
  prepareRecord,
  putRecords,
} from '#modules/members'
import { type OrderStatus, orderContentHash, orderKey, type PreparedOrder, putOrders } from '#modules/orders'
import { putTree } from '#modules/organisation'
import { addTier, inviteMany } from '#modules/points'
import { askForDays, askForSurvey } from '#modules/quality'
import { inBulk } from '#platform/bulk'
import { dayOf } from '#platform/clock'
import { type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { assert } from '#platform/errors'
import type { Origin } from '#platform/events'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { changeSettings, groupSettings, readSettings } from '#platform/settings'
import { type Booking, bookingsOf } from './bookings.ts'
import { groupName, highestTier, otherChannels, treeRows, websiteCode } from './group.ts'
import { endOf, firstSeen, invitationOf, type Plan, personOf, recordOf, type Sighting, sightings } from './people.ts'
import { servedIn, staffOf } from './staff.ts'
import { type Demonstration, keepState, percentOf, readState } from './state.ts'

export const demonstrationPeople = 19_000
const defaultSeed = 1
/** Records of a batch, with their orders: about a third of a second. */
const batchRecords = 400
const saidEachMilliseconds = 5_000
/** So many days of data quality are told in looking back. */
const daysOfQuality = 45

const atWork = new WeakSet<Database>()
export const isFilling = (db: Database): boolean => atWork.has(db)

/**
 * Begins the demonstration in a program that nobody has used yet, or finds the one that was begun. Null where there is
 * nothing to fill: it is filled, was cleared, or somebody is at home.
 */
export async function beginDemonstration(
  db: Database,
  { people = demonstrationPeople, seed = defaultSeed }: { people?: number; seed?: number } = {},
): Promise<Demonstration | null> {
  return inTx(db, systemActor, async (ctx) => {
    const found = await readState(ctx)
    if (found) return found.state === 'filling' ? found : null
    const untouched =
      !(await anyoneInvited(ctx)) &&
      (await channels(ctx)).length === 0 &&
      (await howManyPersons(ctx)).persons === 0 &&
      (await readSettings(ctx)).name === groupSettings.parse({}).name
    if (!untouched) return null
    const { timeZone } = await changeSettings(ctx, { name: groupName, pointValue: { points: 100, minor: 100 } })
    await addTier(ctx, highestTier)
    await putTree(ctx, treeRows)
    await openChannels(ctx, otherChannels)
    const plan = { seed, day: dayOf(ctx.now, timeZone), people }
    await employ(ctx, staffOf(plan))
    const begun: Demonstration = {
      ...plan,
      state: 'filling',
      id: newId(),
      batches: 0,
      of: batchesOf(plan, sightings(plan).byChannel).length,
      members: 0,
      records: 0,
      orders: 0,
    }
    await keepState(ctx, begun)
    return begun
  })
}

/** Goes on until it is ready, or until `signal` between two batches. */
export async function fillDemonstration(
  house: Pick<House, 'db' | 'reactions' | 'log'>,
  begun: Demonstration,
  signal: AbortSignal,
): Promise<Demonstration | null> {
  const { db } = house
  atWork.add(db)
  try {
    await inBulk(() => writeBatches(house, begun, signal))
    await Promise.race([house.reactions.caughtUp(), aborted(signal)])
    if (signal.aborted) return null
    await tieFamilies(db, signal)
    if (signal.aborted) return null
    return await inTx(db, systemActor, async (ctx) => {
      const filled = await readState(ctx)
      assert(filled, 'a demonstration that vanished while it was filled')
      const { persons } = await howManyPersons(ctx)
      const ready: Demonstration = { ...filled, state: 'ready', members: persons }
      await keepState(ctx, ready)
      await askForSurvey(ctx)
      await askForDays(ctx, daysOfQuality)
      return ready
    })
  } finally {
    atWork.delete(db)
  }
}

/** So many families have been confirmed; the others wait for somebody. */
const confirmedFamilies = 120

/** Who belongs together is found as a run finds it; some of it staff have confirmed already. */
async function tieFamilies(db: Database, signal: AbortSignal): Promise<void> {
  await findHouseholds(db, systemActor, signal)
  const found = await inTx(db, systemActor, (ctx) => proposals(ctx, { limit: confirmedFamilies * 2, offset: 0 }))
  for (const [index, { a, b, kind }] of found.entries()) {
    if (signal.aborted) return
    // Every other one, so that both are there to see.
    if (index % 2 === 0)
      await inTx(db, systemActor, (ctx) => confirm(ctx, { memberId: a.memberId, otherId: b.memberId, kind }))
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

interface Batch {
  channel: string
  sightings: readonly Sighting[]
}

/** In which they came, in days before the first start: lists show the newest first, and those come from every store. */
const periods = [Number.POSITIVE_INFINITY, 10, 0]

/** Always the same for the same plan, so that a number says which. */
function batchesOf(plan: Plan, byChannel: ReadonlyMap<string, readonly Sighting[]>): Batch[] {
  const daysAgo = new Map(
    [...byChannel.values()].flat().map((one) => [one, (endOf(plan) - firstSeen(plan, one)) / 86_400_000]),
  )
  return periods.slice(1).flatMap((until, period) =>
    [...byChannel].flatMap(([channel, all]) => {
      const list = all.filter((one) => {
        const days = Math.max(0, daysAgo.get(one)!)
        return days >= until && days < periods[period]!
      })
      return Array.from({ length: Math.ceil(list.length / batchRecords) }, (_, index) => ({
        channel,
        sightings: list.slice(index * batchRecords, (index + 1) * batchRecords),
      }))
    }),
  )
}

async function writeBatches(
  { db, log }: Pick<House, 'db' | 'log'>,
  begun: Demonstration,
  signal: AbortSignal,
): Promise<void> {
  const { byChannel, households } = sightings(begun)
  const { timeZone, country, lexicon } = await inTx(db, systemActor, async (ctx) => {
    // The group's fields are the same everywhere, and its companies have none of their own yet.
    const { id } = await channelOf(ctx, websiteCode)
    return { ...(await readSettings(ctx)), lexicon: new Lexicon(await describedFor(ctx, id)) }
  })
  let said = Date.now()
  for (const [number, batch] of batchesOf(begun, byChannel).entries()) {
    if (signal.aborted) return
    if (number < begun.batches) continue
    // Thought out before the transaction, which holds up reactions for as long as it is open.
    const seen = batch.sightings.map((sighting) => {
      const raw = recordOf(begun, sighting, personOf(begun, sighting.person, households[sighting.person]!))
      const { values, name } = cleanRecord(raw, { country, timeZone, today: begun.day, lexicon })
      return {
        values,
        name,
        seenAt: new Date(firstSeen(begun, sighting)),
        bookings: bookingsOf(begun, sighting),
        served: servedIn(begun, sighting),
        invitation: invitationOf(begun, sighting),
      }
    })
    const now = await inTx(db, systemActor, async (ctx) => {
      // What a power cut takes back is written again: how far it is goes with it.
      await sql`set local synchronous_commit = off`.execute(ctx.tx)
      const channel = await channelOf(ctx, batch.channel)
      return writeBatch(ctx, {
        number,
        channel,
        seen: seen.map(({ values, name, seenAt, bookings, served, invitation }) => ({
          record: { ...prepareRecord(ctx.vault, channel, values, { name }), seenAt },
          bookings,
          served,
          invitation,
        })),
      })
    })
    if (Date.now() - said > saidEachMilliseconds) {
      said = Date.now()
      log.info({ percent: percentOf(now), records: now.records, orders: now.orders }, 'filling the demonstration')
    }
  }
}

interface Seen {
  record: PreparedRecord & { seenAt: Date }
  bookings: readonly Booking[]
  served: ReturnType<typeof servedIn>
  invitation: { tier: string; reason: string } | null
}

async function writeBatch(
  ctx: Ctx,
  { number, channel, seen }: { number: number; channel: Channel; seen: readonly Seen[] },
): Promise<Demonstration> {
  const before = await readState(ctx)
  assert(before?.state === 'filling' && before.batches === number, 'a demonstration that is filled twice at once')
  const puts = await putRecords(
    ctx,
    seen.map(({ record }) => record),
    { channel, origin: 'import', importId: before.id },
  )
  const relations = seen.flatMap(({ record, served }, index): NewRelation[] => {
    if (!served) return []
    const at = { home: puts[index]!.memberId, channelId: channel.id, store: channel.code, since: record.seenAt }
    return [
      ...(served.home ? [{ ...at, kind: 'home' as const, staffId: null }] : []),
      { ...at, kind: 'served' as const, staffId: served.staffId },
    ]
  })
  await addRelations(ctx, relations, { reason: 'demonstration', origin: 'import' })
  const told = seen.flatMap(({ bookings }, index) =>
    bookings.map((booking) => ({ booking, memberId: puts[index]!.memberId })),
  )
  const put = (which: typeof told, origin: Origin, status?: OrderStatus) =>
    putOrders(
      ctx,
      which.map(({ booking, memberId }) => ordered(ctx, channel, memberId, { ...booking, ...(status && { status }) })),
      { channel, origin, importId: before.id },
    )
  await put(
    told.filter(({ booking }) => !booking.earns),
    'import',
  )
  await put(
    told.filter(({ booking }) => booking.earns && !booking.refundedLately),
    'live',
  )
  const refunded = told.filter(({ booking }) => booking.refundedLately)
  await put(refunded, 'live', 'paid')
  await put(refunded, 'live', 'refunded')
  await inviteMany(
    ctx,
    seen.flatMap(({ invitation }, index) =>
      invitation ? [{ ...invitation, memberId: puts[index]!.memberId, id: newId(), until: null }] : [],
    ),
  )
  const after = {
    ...before,
    batches: number + 1,
    records: before.records + seen.length,
    orders: before.orders + told.length,
  }
  await keepState(ctx, after)
  return after
}

function ordered(
  { vault }: Ctx,
  channel: Channel,
  memberId: string,
  { number, orderedAt, currency, status, paymentMethod, lines }: Booking,
): PreparedOrder {
  const facts = { number, orderedAt, currency, status, paymentMethod, lines }
  return {
    ...facts,
    memberId,
    key: orderKey(vault, channel, { number, content: '', ordinal: 0 }),
    contentHash: orderContentHash(vault, facts),
  }
}
