/**
 * A lane of a reaction: it reads the log behind its cursor, works and moves the cursor in one transaction.
 *
 * The reading rule, learned by losing events: rows with `xid < pg_snapshot_xmin(pg_current_snapshot())`, in the order
 * (generation, xid, id). An id alone says nothing about the order of commits.
 */
import { type RawBuilder, sql } from 'kysely'
import { bulkGoing } from '#platform/bulk'
import { type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { isOutage } from '#platform/errors'
import { inLogOrder, type LoggedEvent } from '#platform/events'
import type { Reaction } from '#platform/reactions'
import { membersWithParked, park } from '#platform/reactions/parked'
import { laneOf, nobody, takeLane } from '#platform/reactions/turns'

interface Logged extends LoggedEvent {
  wanted: boolean
  /** Its number in the batch, counting events that are not wanted too. */
  passed: number
}

interface Batch {
  limit: number
  /** How many events have been passed, wanted or not, and the last of them. */
  passed: number
  last: LoggedEvent | null
}

/**
 * One batch of one lane; says how many events the cursor has passed, wanted or not. When the data is at fault the batch
 * is halved until the bad event is alone, and that one is parked.
 */
export async function stepLane(
  db: Database,
  reaction: Reaction,
  lane: number,
  { log, atOnce }: { log: { warn(fields: object, text: string): void }; atOnce: boolean },
): Promise<number> {
  const batch: Batch = { limit: reaction.batch ?? 1_000, passed: 0, last: null }
  for (;;) {
    try {
      return await inTx(db, systemActor, (ctx) => runBatch(ctx, reaction, lane, batch, { atOnce }))
    } catch (error) {
      const { last: bad, passed } = batch
      if (isOutage(error) || !bad) throw error
      if (passed > 1) {
        batch.limit = Math.floor(passed / 2)
        continue
      }
      const { message } = error as Error
      log.warn({ reaction: reaction.name, eventId: bad.id, error: message }, 'event parked')
      return await inTx(db, systemActor, (ctx) =>
        runBatch(
          ctx,
          reaction,
          lane,
          { limit: 1, passed: 0, last: null },
          { atOnce: true, parking: { event: bad.id, message } },
        ),
      )
    }
  }
}

async function runBatch(
  ctx: Ctx,
  reaction: Reaction,
  lane: number,
  batch: Batch,
  { atOnce, parking }: { atOnce: boolean; parking?: { event: string; message: string } },
): Promise<number> {
  batch.passed = 0
  batch.last = null
  const lanes = reaction.lanes ?? 1
  // Two statements: the second must see what whoever had the lane before has committed.
  if (!(await takeLane(ctx, reaction.name, lane))) return 0
  const cursor = await cursorOf(ctx, reaction, lane, lanes)
  // The last xid below the horizon is complete; of an older generation every row is.
  const unread = sql`(generation, xid, id) > (${cursor.generation}::int, ${cursor.xid}::xid8, ${cursor.id}::uuid)
        and (generation < (select max(generation) from platform.generations) or xid < (select pg_snapshot_xmin(pg_current_snapshot())))`
  if (reaction.gather && !atOnce && !(await hasGathered(ctx, reaction.gather, unread))) return 0
  // What is not wanted moves the cursor but does not come along, the last excepted.
  const reading = sql<Logged>`
    select generation, xid, id, type, "memberId", "recordId", actor, cause, depth, origin, "eventAt", "createdAt", wanted, passed,
      case when wanted then payload end as payload
    from (
      select read.*, row_number() over in_order as passed, lead(id) over in_order is null as last from (
        select generation, xid as xid8, xid::text as xid, id, type, member_id as "memberId", record_id as "recordId", actor, cause,
          depth, origin, event_at as "eventAt", created_at as "createdAt", payload,
          (${wantedOf(reaction)}
            and (${lanes}::int = 1 or ${laneOf(sql`coalesce(member_id, ${nobody}::uuid)`, lanes)} = ${lane}::int)) as wanted
        from platform.events
        where ${unread}
        order by platform.events.generation, platform.events.xid, platform.events.id
        limit ${batch.limit}
      ) read window in_order as (order by generation, xid8, id)
    ) batch
    where wanted or last
    order by generation, xid8, id`
  const { rows } = await inLogOrder(ctx, () => reading.execute(ctx.tx))
  const last = rows.at(-1)
  if (!last) return 0
  batch.passed = last.passed
  batch.last = last
  // Between its failing and its parking another program may have had the lane, and parked it.
  if (parking && parking.event !== last.id) return 0
  const wanted = rows.filter((event) => event.wanted)
  if (wanted.length > 0) {
    const waiting = await membersWithParked(ctx, reaction, wanted)
    const free = wanted.filter(({ memberId }) => memberId === null || !waiting.has(memberId))
    const behind = wanted.filter(({ memberId }) => memberId !== null && waiting.has(memberId))
    if (parking) await park(ctx, reaction, free, parking.message)
    else if (free.length > 0) await reaction.run(ctx, free)
    if (behind.length > 0) await park(ctx, reaction, behind, null)
  }
  await sql`update platform.cursors set generation = ${last.generation}, xid = ${last.xid}::xid8, id = ${last.id}, moved_at = clock_timestamp()
    where reaction = ${reaction.name} and lane = ${lane}`.execute(ctx.tx)
  return last.passed
}

/** Types and origins that the reaction takes. */
function wantedOf({ types, origins, importsOf }: Reaction): RawBuilder<unknown> {
  const type = types === 'all' ? sql`true` : sql`type = any(${types}::text[])`
  const origin = sql`origin = any(${origins}::text[])`
  return importsOf
    ? sql`${type} and (${origin} or (origin = 'import' and type = any(${importsOf}::text[])))`
    : sql`${type} and ${origin}`
}

async function hasGathered(
  ctx: Ctx,
  { events, milliseconds, whileBulkMilliseconds }: NonNullable<Reaction['gather']>,
  unread: RawBuilder<unknown>,
): Promise<boolean> {
  const bulk = whileBulkMilliseconds !== undefined && bulkGoing()
  const counting = sql<{ ready: number; oldest: Date | null }>`
    select count(*) as ready, min("createdAt") as oldest from (
      select created_at as "createdAt" from platform.events where ${unread} order by generation, xid, id limit ${bulk ? 1 : events}
    ) gathered`
  const { rows } = await inLogOrder(ctx, () => counting.execute(ctx.tx))
  const { ready, oldest } = rows[0]!
  // The age of a row is read from the clock of the computer, as its `created_at` was.
  const age = oldest === null ? 0 : Date.now() - oldest.getTime()
  return bulk ? age >= whileBulkMilliseconds : ready === events || (oldest !== null && age >= milliseconds)
}

/** Where the lane stands, which is at its beginning when it has never run. */
async function cursorOf(
  ctx: Ctx,
  reaction: Reaction,
  lane: number,
  lanes: number,
): Promise<{ generation: number; xid: string; id: string }> {
  const { rows } = await sql<{ generation: number; xid: string; id: string; lanes: number }>`
    select generation, xid::text as xid, id, lanes from platform.cursors
    where reaction = ${reaction.name} and lane = ${lane}`.execute(ctx.tx)
  if (rows[0]) {
    if (rows[0].lanes !== lanes) {
      // Members move to other lanes when their number changes: all lanes go on from the one furthest behind, which is
      // only right for a reaction that may see an event twice. So the number is fixed with the reaction's first run.
      throw new Error(`Reaction ${reaction.name} began with ${rows[0].lanes} lanes and can't go on with ${lanes}`)
    }
    return rows[0]
  }
  const start =
    reaction.startsAt === 'now'
      ? sql`(select max(generation) from platform.generations), pg_snapshot_xmin(pg_current_snapshot()), ${nobody}::uuid`
      : sql`0, '0'::xid8, ${nobody}::uuid`
  const { rows: begun } = await sql<{ generation: number; xid: string; id: string }>`
    insert into platform.cursors (reaction, lane, lanes, generation, xid, id)
    select ${reaction.name}, ${lane}, ${lanes}, ${start} returning generation, xid::text as xid, id`.execute(ctx.tx)
  return begun[0]!
}
