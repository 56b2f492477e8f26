/**
 * The log of what happened: the member's timeline and the queue of every reaction at once. An event is written in
 * the transaction of the act that it tells of, so neither exists without the other.
 */
import { sql } from 'kysely'
import type { Actor, Ctx } from '#platform/ctx'
import { type Database, mayLockTables } from '#platform/db'
import { Refusal } from '#platform/errors'
import { newId } from '#platform/ids'
import { type Columns, insertOf } from '#platform/rows'

/** `live`: happened now. `import`: old data came in. `replay`: counted again over history. */
export type Origin = 'live' | 'import' | 'replay'

/** Names and payloads; each module adds its own: `declare module '#platform/events' { interface Events { … } }`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the modules' declaration merging
export interface Events {}
export type EventType = keyof Events & string

export interface LoggedEvent<T extends EventType = EventType> {
  readonly generation: number
  readonly xid: string
  readonly id: string
  readonly type: T
  readonly memberId: string | null
  readonly recordId: string | null
  readonly actor: string
  readonly cause: string | null
  readonly depth: number
  readonly origin: Origin
  readonly eventAt: Date
  readonly createdAt: Date
  /** Ids, codes and amounts; never names, phones or free text. */
  readonly payload: Events[T]
}

export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    type: K
    memberId: string | null
    recordId?: string | null
    payload: Events[K]
    /** When it happened, if not now. */
    at?: Date
    origin?: Origin
    /** The event that this one answers to; its depth grows by one, and beyond 20 it is a loop and refused. */
    cause?: { id: string; depth: number }
  }
}[T]

const listeners = new Set<() => void>()

/** Calls `wake` after each commit in this process that wrote events; gives back how to stop that. */
export function onEmit(wake: () => void): () => void {
  listeners.add(wake)
  return () => listeners.delete(wake)
}

function wakeAll(): void {
  for (const wake of listeners) wake()
}

export async function emit<T extends EventType>(ctx: Ctx, event: NewEvent<T>): Promise<void> {
  await emitMany(ctx, [event])
}

/** Writes events in one statement, in their order. */
export async function emitMany<T extends EventType>(ctx: Ctx, events: readonly NewEvent<T>[]): Promise<void> {
  if (events.length === 0) return
  for (const { type, cause } of events) {
    if (cause && cause.depth >= 20)
      throw new Refusal(
        'conflict',
        'events.loop',
        { type },
        `Events answer to each other more than 20 deep at ${type}: a loop.`,
      )
  }
  const columns: Columns<NewEvent<T>> = {
    id: ['uuid', () => newId()],
    generation: sql`(select max(generation) from platform.generations)`,
    type: ['text', (event) => event.type],
    member_id: ['uuid', (event) => event.memberId],
    record_id: ['uuid', (event) => event.recordId ?? null],
    actor: ['text', () => actorName(ctx.actor)],
    cause: ['uuid', (event) => event.cause?.id ?? null],
    depth: ['smallint', (event) => (event.cause ? event.cause.depth + 1 : 0)],
    origin: ['text', (event) => event.origin ?? 'live'],
    event_at: ['timestamptz', (event) => event.at ?? ctx.now],
    created_at: ['timestamptz', () => ctx.now],
    payload: ['jsonb', (event) => JSON.stringify(event.payload)],
  }
  await insertOf('platform.events', columns, events).execute(ctx.tx)
  ctx.afterCommit(wakeAll)
}

export function actorName(actor: Pick<Actor, 'kind' | 'id'>): string {
  return actor.id === null ? actor.kind : `${actor.kind}:${actor.id}`
}

/**
 * Finds which generation of the log this database system writes. A restore or a move to another system starts a new
 * one, because transaction ids begin again there and would otherwise stand before those already read.
 */
export async function openGeneration(db: Database): Promise<number> {
  // Of two programs that come to a new system at once, one adds it.
  await sql`
    with this_system as (select system_identifier::text as identifier from pg_control_system()),
    newest as (select generation, system_identifier from platform.generations order by generation desc limit 1)
    insert into platform.generations (generation, system_identifier)
    select coalesce((select generation from newest), 0) + 1, identifier from this_system
    where not exists (select from newest, this_system where newest.system_identifier = this_system.identifier)
    on conflict do nothing`.execute(db.kysely)
  const { rows } = await sql<{
    generation: number
  }>`select max(generation) as generation from platform.generations`.execute(db.kysely)
  return rows[0]!.generation
}

/** Makes the partitions of this month and the two after it. Called at the start and daily. */
export async function makeEventPartitions(db: Database): Promise<void> {
  const now = db.clock.now()
  for (let ahead = 0; ahead < 3; ahead++) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1))
    await makeEventPartition(db, { name: `events_${from.toISOString().slice(0, 7).replace('-', '_')}`, from, to })
  }
}

async function makeEventPartition(
  db: Database,
  { name, from, to }: { name: string; from: Date; to: Date },
): Promise<void> {
  const partition = sql.table(`platform.${name}`)
  const exists = async (where: Database['kysely']) => {
    const { rows } = await sql<{ exists: boolean }>`
      select to_regclass(${`platform.${name}`}) is not null as exists`.execute(where)
    return rows[0]!.exists
  }
  if (await exists(db.kysely)) return
  await db.kysely.transaction().execute(async (tx) => {
    // There is time: it is made two months before its first event, and asked for again each day.
    if (!(await mayLockTables(tx))) return
    // A moment in which nobody reads or writes the log, once a month. A lesser lock fails those who were on their way
    // into the default partition, and taken in another order deadlocks with reactions that emit.
    await sql`lock table platform.events in access exclusive mode`.execute(tx)
    if (await exists(tx)) return
    await sql`create table ${partition} (like platform.events including defaults including constraints)`.execute(tx)
    // Events of this month that came before it was made lie in the default partition, which would refuse it.
    await sql`with early as (delete from platform.events_default where created_at >= ${from} and created_at < ${to} returning *)
      insert into ${partition} select * from early`.execute(tx)
    await sql`alter table platform.events attach partition ${partition}
      for values from (${sql.lit(from.toISOString())}) to (${sql.lit(to.toISOString())})`.execute(tx)
  })
}

export const eventColumns = sql`generation, xid::text as xid, id, type, member_id as "memberId", record_id as "recordId",
  actor, cause, depth, origin, event_at as "eventAt", created_at as "createdAt", payload`

/**
 * Reads the log in its order by its index. Of a comparison of (generation, xid, id) the planner weighs the first column
 * only, so it takes what is left to read for a row or two and would sort it: with 500,000 events left, 1.5 s for each
 * 5,000 of them instead of 20 ms.
 */
export async function inLogOrder<T>(ctx: Pick<Ctx, 'tx'>, read: () => Promise<T>): Promise<T> {
  await sql`set local enable_sort = off`.execute(ctx.tx)
  const found = await read()
  await sql`set local enable_sort = on`.execute(ctx.tx)
  return found
}

/** What happened to one person (all homes), newest first, before a moment; for timelines. */
export async function eventsOf(
  ctx: Ctx,
  {
    homes,
    before,
    types,
    begins,
    but = [],
    channels,
    limit,
  }: {
    homes: readonly string[]
    before?: Date
    types?: readonly string[]
    /** Only types that begin so, and none that begin like these. */
    begins?: string
    but?: readonly string[]
    /** Of what came by a channel only that by these; of some homes everything. */
    channels?: { codes: readonly string[]; everyOf: readonly string[] }
    limit: number
  },
): Promise<LoggedEvent[]> {
  const { rows } = await sql<LoggedEvent>`
    select ${eventColumns} from platform.events
    where member_id = any(${homes}::uuid[]) ${before ? sql`and event_at < ${before}` : sql``}
      ${types ? sql`and type = any(${types}::text[])` : sql``}
      ${begins === undefined ? sql`` : sql`and starts_with(type, ${begins})`}
      ${but.length === 0 ? sql`` : sql`and not type like any(${but.map((one) => `${one}%`)}::text[])`}
      ${channels ? sql`and (coalesce(payload ->> 'channel' = any(${channels.codes}::text[]), true) or member_id = any(${channels.everyOf}::uuid[]))` : sql``}
    order by event_at desc, id desc limit ${limit}`.execute(ctx.tx)
  return rows
}
