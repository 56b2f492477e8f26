/**
 * How the warehouse hears of things: a reaction that writes each event as it is and, for each home that events touch,
 * its row of facts anew. It writes before its cursor moves, so after a crash some rows are written again, and the
 * tables keep one of each. And how the warehouse is built again while the program runs.
 *
 * Which row of a home is the newest is told by its version: (generation, oldest running transaction), read before the
 * facts. Two readings of one home may come from the feed and from a rebuild and be written in either order. Whichever
 * has the higher version saw every transaction below that version, and the event of each such change is already read;
 * what changed above it has an event that is yet to be read, and writes the row again.
 */
import { sql } from 'kysely'
import { type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { isOutage, Refusal } from '#platform/errors'
import { eventColumns, inLogOrder, type LoggedEvent } from '#platform/events'
import type { House } from '#platform/house'
import { addJob, type Job } from '#platform/jobs'
import { type Reaction, restReaction } from '#platform/reactions'
import type { Warehouse } from '#platform/warehouse'
import {
  beginBuilding,
  dropBuilding,
  type ModuleFacts,
  markComplete,
  prepareTables,
  type Shape,
  shapeOf,
  type Tables,
  tables,
  tablesInBuilding,
  useBuilt,
} from '#platform/warehouse/tables'

export type { ModuleFacts }

const reactionName = 'warehouse'
const jobName = 'warehouse.rebuild'

/** Feeds the warehouse. A warehouse that is away is an outage: the batch is repeated, the program lives on. */
export function warehouseReaction(options: { warehouse: Warehouse; facts: readonly ModuleFacts[] }): Reaction {
  const { warehouse } = options
  const shape = shapeOf(options.facts)
  let ready = false
  return {
    name: reactionName,
    types: 'all',
    origins: ['live', 'import', 'replay'],
    // Each insert is flushed to the disk and later merged, so rather few and large; but twice as many events a batch
    // took 25 MB more of this process, and two seconds on a busy machine instead of half of one.
    batch: 2_500,
    // While an import is applied it waits: the machine has enough to do, and after it one reading of a home is enough.
    gather: { events: 5_000, milliseconds: 1_000, whileBulkMilliseconds: 600_000 },
    async run(ctx, events) {
      try {
        if (!ready) {
          await makeReady(ctx, warehouse, shape, events[0]!)
          ctx.afterCommit(() => {
            ready = true
          })
        }
        await write(ctx, { warehouse, shape, into: tables }, events)
      } catch (error) {
        // Whoever was away may come back empty.
        ready = false
        throw error
      }
    },
  }
}

/** Makes the tables at the start, so that questions before the first event find them. A server may be away. */
export async function prepareWarehouse(
  house: Pick<House, 'warehouse' | 'log'>,
  facts: readonly ModuleFacts[],
): Promise<void> {
  try {
    await prepareTables(house.warehouse, shapeOf(facts))
  } catch (error) {
    if (!isOutage(error)) throw error
    house.log.warn({ part: 'warehouse', err: error }, 'the feed makes its tables when the warehouse is back')
  }
}

/**
 * What the feed asks for when it finds the warehouse new, emptied or with new columns, and a restore in any case:
 * `startJobs` takes it.
 */
export function warehouseRebuildJob(facts: readonly ModuleFacts[]): Job {
  return {
    name: jobName,
    run: async (house, payload) => {
      const { complete } = await prepareTables(house.warehouse, shapeOf(facts))
      const { anew } = payload as Partial<typeof rebuildAnew.payload>
      if (anew || !complete) await rebuildWarehouse(house, facts)
    },
  }
}

/** Adds that job to the caller's act: facts of everybody have changed at once, and no event tells of each. */
export const askForRebuild = (ctx: Ctx) => addJob(ctx, jobName, rebuildAnew.payload, { key: 'anew' })

/** The job of a restore: a warehouse that stands there may be whole, but of another database. */
export const rebuildAnew = { name: jobName, payload: { anew: true }, key: `${jobName}:whole` } as const

/**
 * Builds the warehouse again from PostgreSQL, beside the one in use, while the feed goes on; then they change places.
 *
 * @throws Refusal warehouse.rebuilding when another is at it
 */
export async function rebuildWarehouse(
  house: Pick<House, 'db' | 'warehouse' | 'stopping'>,
  facts: readonly ModuleFacts[],
): Promise<{ events: number; homes: number }> {
  const { db, warehouse, stopping } = house
  const target = { warehouse, shape: shapeOf(facts), into: tablesInBuilding }
  return await alone(db, async () => {
    await prepareTables(warehouse, target.shape)
    await beginBuilding(warehouse, target.shape)
    const since = await inTx(db, systemActor, (ctx) => readingNow(ctx))
    const homes = await copyHomes(db, target, stopping)
    const { position, events } = await copyLog(db, target, { since, stopping })
    const last = await changePlaces(db, target, { since, position })
    await dropBuilding(warehouse)
    return { events: events + last, homes }
  })
}

interface Target {
  readonly warehouse: Warehouse
  readonly shape: Shape
  readonly into: Tables
}

async function makeReady(ctx: Ctx, warehouse: Warehouse, shape: Shape, first: LoggedEvent): Promise<void> {
  const { complete } = await prepareTables(warehouse, shape)
  if (complete) return
  const { rows } = await sql`
    select from platform.events where (generation, xid, id) < (${first.generation}::int, ${first.xid}::xid8, ${first.id}::uuid)
    limit 1`.execute(ctx.tx)
  if (rows.length === 0) await markComplete(warehouse)
  else await addJob(ctx, jobName, {}, { key: 'whole' })
}

async function write(ctx: Ctx, target: Target, events: readonly LoggedEvent[]): Promise<void> {
  await writeEvents(target, events)
  await writeFacts(ctx, target, await homesTouched(ctx, target.shape, events))
}

async function writeEvents({ warehouse, into }: Target, events: readonly LoggedEvent[]): Promise<void> {
  const place = ({ generation, xid, id }: LoggedEvent) => `${generation}.${xid}.${id}`
  await warehouse.insert(
    into.events,
    events.map((event) => ({
      generation: event.generation,
      xid: event.xid,
      id: event.id,
      type: event.type,
      member_id: event.memberId,
      record_id: event.recordId,
      actor: event.actor,
      cause: event.cause,
      depth: event.depth,
      origin: event.origin,
      event_at: event.eventAt,
      created_at: event.createdAt,
      payload: JSON.stringify(event.payload),
    })),
    `${place(events[0]!)}-${place(events.at(-1)!)}-${events.length}`,
  )
}

async function homesTouched(ctx: Ctx, { modules }: Shape, events: readonly LoggedEvent[]): Promise<string[]> {
  const homes = new Set<string>()
  for (const { memberId } of events) if (memberId !== null) homes.add(memberId)
  for (const { facts } of modules) {
    for (const home of (await facts.alongside?.(ctx, events)) ?? []) homes.add(home)
  }
  return [...homes].sort()
}

/** Without a deduplication token: of the same homes read again, the later reading must win. */
async function writeFacts(ctx: Ctx, { warehouse, shape, into }: Target, homes: readonly string[]): Promise<void> {
  if (homes.length === 0) return
  const { generation, xid } = await readingNow(ctx)
  const version = String((BigInt(generation) << 48n) | BigInt(xid))
  const rows = new Map(
    homes.map((home) => [home, { member_id: home, version, is_deleted: 1 } as Record<string, unknown>]),
  )
  for (const { module, facts } of shape.modules) {
    for (const [home, columns] of await facts.read(ctx, homes)) {
      const row = rows.get(home)
      if (!row) continue
      for (const [column, value] of Object.entries(columns)) row[`${module}_${column}`] = value
      if (module === shape.homes.module) row.is_deleted = 0
    }
  }
  await warehouse.insert(into.facts, [...rows.values()])
}

interface Position {
  readonly generation: number
  readonly xid: string
  readonly id: string
}

const beginning: Position = { generation: 0, xid: '0', id: '00000000-0000-0000-0000-000000000000' }

/** What every reading from now on has seen: all transactions before this one. */
async function readingNow(ctx: Ctx): Promise<Position> {
  const { rows } = await sql<Position>`
    select (select max(generation) from platform.generations) as generation,
      pg_snapshot_xmin(pg_current_snapshot())::text as xid, ${beginning.id} as id`.execute(ctx.tx)
  return rows[0]!
}

async function copyHomes(db: Database, target: Target, stopping: AbortSignal): Promise<number> {
  const limit = 5_000
  let homes = 0
  for (let after: string | null = null; ; ) {
    stopping.throwIfAborted()
    const page: readonly string[] = await inTx(db, systemActor, async (ctx) => {
      const found = await target.shape.homes.facts.everyHome!(ctx, { after, limit })
      await writeFacts(ctx, target, found)
      return found
    })
    homes += page.length
    if (page.length < limit) return homes
    after = page.at(-1)!
  }
}

/** Copies the log from its beginning, and the facts of the homes that changed since they may have been copied. */
async function copyLog(
  db: Database,
  target: Target,
  { since, stopping }: { since: Position; stopping: AbortSignal },
): Promise<{ position: Position; events: number }> {
  const limit = 5_000
  let position = beginning
  let events = 0
  for (;;) {
    stopping.throwIfAborted()
    const copied = await inTx(db, systemActor, async (ctx) => {
      const found = await readLog(ctx, position, limit)
      await copyEvents(ctx, target, found, since)
      return found
    })
    events += copied.length
    position = copied.at(-1) ?? position
    if (copied.length < limit) return { position, events }
  }
}

async function copyEvents(ctx: Ctx, target: Target, events: readonly LoggedEvent[], since: Position): Promise<void> {
  if (events.length === 0) return
  await writeEvents(target, events)
  const later = events.filter((event) => !isBefore(event, since))
  if (later.length > 0) await writeFacts(ctx, target, await homesTouched(ctx, target.shape, later))
}

/**
 * While the feed rests: what it has written and we have not yet, then the exchange. What we have written and it has not,
 * it writes again.
 */
async function changePlaces(
  db: Database,
  target: Target,
  { since, position }: { since: Position; position: Position },
): Promise<number> {
  return await inTx(db, systemActor, async (ctx) => {
    const cursor = (await restReaction(ctx, reactionName)) ?? beginning
    const rest = isBefore(position, cursor) ? await readLog(ctx, position, null, cursor) : []
    await copyEvents(ctx, target, rest, since)
    // Every event behind the cursor is in the new tables, those that the feed could not digest among them.
    await sql`delete from platform.parked_events where reaction = ${reactionName}`.execute(ctx.tx)
    // Last, because an act may be run again, and an exchange told twice is none.
    await useBuilt(target.warehouse)
    return rest.length
  })
}

async function readLog(ctx: Ctx, after: Position, limit: number | null, to?: Position): Promise<LoggedEvent[]> {
  const reading = sql<LoggedEvent>`
    select ${eventColumns} from platform.events
    where (generation, xid, id) > (${after.generation}::int, ${after.xid}::xid8, ${after.id}::uuid)
      and (generation < (select max(generation) from platform.generations) or xid < (select pg_snapshot_xmin(pg_current_snapshot())))
      ${to ? sql`and (generation, xid, id) <= (${to.generation}::int, ${to.xid}::xid8, ${to.id}::uuid)` : sql``}
    order by platform.events.generation, platform.events.xid, platform.events.id
    limit ${limit}`
  const { rows } = await inLogOrder(ctx, () => reading.execute(ctx.tx))
  return rows
}

function isBefore(a: Position, b: Position): boolean {
  if (a.generation !== b.generation) return a.generation < b.generation
  if (a.xid !== b.xid) return BigInt(a.xid) < BigInt(b.xid)
  return a.id < b.id
}

/** One rebuild at a time in all programs on this database; the lock ends with its connection. */
async function alone<T>(db: Database, work: () => Promise<T>): Promise<T> {
  const client = await db.pool.connect()
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(hashtext('roundtrip.warehouse.rebuild')) as mine`,
    )
    if (!rows[0]!.mine) {
      throw new Refusal('conflict', 'warehouse.rebuilding', {}, 'The warehouse is being built again already.')
    }
    try {
      return await work()
    } finally {
      await client.query(`select pg_advisory_unlock(hashtext('roundtrip.warehouse.rebuild'))`)
    }
  } finally {
    client.release()
  }
}
