/**
 * Reactions: effects of events. Each is a name, the event types it wants and a function over a batch. It reads the
 * log behind a cursor of its own, and the cursor moves in the transaction of its work, so an effect happens once
 * whatever crashes.
 *
 * The reading rule, learned by losing events: rows with `xid < pg_snapshot_xmin(pg_current_snapshot())`, in the order
 * (generation, xid, id). An id alone says nothing about the order of commits.
 */
import { sql } from 'kysely'
import { type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { isOutage } from '#platform/errors'
import { type EventType, type LoggedEvent, type Origin, onEmit } from '#platform/events'

export interface Reaction {
  readonly name: string
  readonly types: readonly EventType[] | 'all'
  /** An import of old data does not fire welcomes: each reaction says which origins it takes. */
  readonly origins: readonly Origin[]
  /** Lanes share the members among them. They are for speed; correctness comes from row locks. Default 1. */
  readonly lanes?: number
  /** Events read at once. Default 1,000. */
  readonly batch?: number
  /** Where a reaction that has never run begins. Default `beginning`. */
  readonly startsAt?: 'beginning' | 'now'
  /** Waits until at least this many are there or the oldest is this old, for work that is cheaper in bulk. */
  readonly gather?: { events: number; milliseconds: number }
  /** Reads in order of the log; all or nothing; may not touch the outside world (the warehouse excepted). */
  run(ctx: Ctx, events: readonly LoggedEvent[]): Promise<void>
}

/** Declares a reaction with the payloads of its types known inside `run`. */
export function reaction<T extends EventType>(
  declared: Omit<Reaction, 'types' | 'run'> & {
    types: readonly T[]
    run(ctx: Ctx, events: readonly LoggedEvent<T>[]): Promise<void>
  },
): Reaction {
  return declared as unknown as Reaction
}

export interface ReactionState {
  reaction: string
  /** Milliseconds since the oldest event that it has not read was written; 0 when caught up. */
  lagMilliseconds: number
  parked: number
  lastError: string | null
}

const pollMilliseconds = 100
const outagePauseMilliseconds = 500
const nobody = '00000000-0000-0000-0000-000000000000'

interface Logged extends LoggedEvent {
  wanted: boolean
}

export interface Reactions {
  start(): void
  /** Finishes the batch in hand and stops. */
  stop(): Promise<void>
  /** Resolves when each reaction has read all that was committed when it was called. */
  caughtUp(): Promise<void>
  states(): Promise<ReactionState[]>
  /** Runs one lane once; says how many events it moved past. For tests and `caughtUp` of a program at rest. */
  step(reactionName: string, lane?: number): Promise<number>
  /** Runs the parked events of a reaction again, in order; says how many are left. */
  runParked(reactionName: string): Promise<number>
}

export function openReactions(
  db: Database,
  reactions: readonly Reaction[],
  log: { warn(fields: object, text: string): void } = { warn: () => {} },
): Reactions {
  const byName = new Map(reactions.map((reaction) => [reaction.name, reaction]))
  const lastErrors = new Map<string, string>()
  let stopped = true
  let loops: Promise<void>[] = []
  let sleepers: (() => void)[] = []
  const wake = () => {
    const awake = sleepers
    sleepers = []
    for (const stir of awake) stir()
  }
  let stopListening = () => {}

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      sleepers.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })

  async function lane(reaction: Reaction, number: number): Promise<void> {
    while (!stopped) {
      let moved = 0
      try {
        moved = await stepLane(db, reaction, number, log)
        lastErrors.delete(reaction.name)
      } catch (error) {
        lastErrors.set(reaction.name, (error as Error).message)
        log.warn(
          { reaction: reaction.name, lane: number, error: (error as Error).message },
          'reaction waits and tries again',
        )
        if (!stopped) await new Promise((resolve) => setTimeout(resolve, outagePauseMilliseconds))
        continue
      }
      if (moved === 0 && !stopped) await sleep(pollMilliseconds)
    }
  }

  return {
    start() {
      if (!stopped) return
      stopped = false
      stopListening = onEmit(wake)
      loops = reactions.flatMap((reaction) =>
        Array.from({ length: reaction.lanes ?? 1 }, (_, number) => lane(reaction, number)),
      )
    },
    async stop() {
      stopped = true
      stopListening()
      wake()
      await Promise.all(loops)
      loops = []
    },
    async caughtUp() {
      const target = await horizon(db)
      for (;;) {
        const behind = await lanesBehind(db, reactions, target)
        if (behind.length === 0) return
        if (stopped) {
          for (const { reaction, lane } of behind) await stepLane(db, byName.get(reaction)!, lane, log, true)
        } else {
          await new Promise((resolve) => setTimeout(resolve, 15))
        }
      }
    },
    async states() {
      const { rows } = await sql<{ reaction: string; lag: number }>`
        select c.reaction, coalesce(max(extract(epoch from clock_timestamp() - n.created_at) * 1000), 0)::float8 as lag
        from platform.cursors c left join lateral (
          select e.created_at from platform.events e
          where (e.generation, e.xid, e.id) > (c.generation, c.xid, c.id) order by e.generation, e.xid, e.id limit 1
        ) n on true group by c.reaction`.execute(db.kysely)
      const { rows: parked } = await sql<{ reaction: string; events: number }>`
        select reaction, count(*) as events from platform.parked_events group by reaction`.execute(db.kysely)
      const lags = new Map(rows.map(({ reaction, lag }) => [reaction, Math.max(0, Math.round(lag))]))
      const parkedOf = new Map(parked.map(({ reaction, events }) => [reaction, events]))
      return reactions.map(({ name }) => ({
        reaction: name,
        lagMilliseconds: lags.get(name) ?? 0,
        parked: parkedOf.get(name) ?? 0,
        lastError: lastErrors.get(name) ?? null,
      }))
    },
    step: (name, number = 0) => stepLane(db, byName.get(name)!, number, log, true),
    runParked: (name) => runParked(db, byName.get(name)!),
  }
}

/** The newest row of the log, committed or about to be, as its place in the order. */
async function horizon(db: Database): Promise<{ generation: number; xid: string }> {
  const { rows } = await sql<{ generation: number; xid: string }>`
    select (select max(generation) from platform.generations) as generation,
      pg_snapshot_xmax(pg_current_snapshot())::text as xid`.execute(db.kysely)
  return rows[0]!
}

async function lanesBehind(
  db: Database,
  reactions: readonly Reaction[],
  target: { generation: number; xid: string },
): Promise<{ reaction: string; lane: number }[]> {
  const all = reactions.flatMap(({ name, lanes = 1 }) =>
    Array.from({ length: lanes }, (_, lane) => ({ reaction: name, lane })),
  )
  const { rows } = await sql<{ reaction: string; lane: number }>`
    select l.reaction, l.lane from unnest(${all.map((l) => l.reaction)}::text[], ${all.map((l) => l.lane)}::int[]) as l(reaction, lane)
    left join platform.cursors c on c.reaction = l.reaction and c.lane = l.lane
    where c.reaction is null or exists (
      select from platform.events e
      where (e.generation, e.xid, e.id) > (c.generation, c.xid, c.id)
        and (e.generation, e.xid) < (${target.generation}::int, ${target.xid}::xid8))`.execute(db.kysely)
  return rows
}

/**
 * One batch of one lane: read, work, move the cursor, commit. When the data is at fault the batch is halved until the
 * bad event is alone, and that one is parked.
 */
async function stepLane(
  db: Database,
  reaction: Reaction,
  lane: number,
  log: { warn(fields: object, text: string): void },
  atOnce = false,
): Promise<number> {
  let limit = reaction.batch ?? 1_000
  for (;;) {
    try {
      return await inTx(db, systemActor, (ctx) => runBatch(ctx, reaction, lane, limit, false, atOnce))
    } catch (error) {
      if (isOutage(error)) throw error
      if (limit > 1) {
        limit = Math.max(1, Math.floor(limit / 2))
        continue
      }
      log.warn({ reaction: reaction.name, error: (error as Error).message }, 'event parked')
      return await inTx(db, systemActor, (ctx) => runBatch(ctx, reaction, lane, 1, error as Error, true))
    }
  }
}

async function runBatch(
  ctx: Ctx,
  reaction: Reaction,
  lane: number,
  limit: number,
  parkBecause: Error | false,
  atOnce: boolean,
): Promise<number> {
  const lanes = reaction.lanes ?? 1
  const cursor = await takeCursor(ctx, reaction, lane, lanes)
  if (!cursor) return 0 // another program has this lane
  const wantedType = reaction.types === 'all' ? sql`true` : sql`type = any(${reaction.types}::text[])`
  // The last xid below the horizon is complete; of an older generation every row is. What is not wanted moves the
  // cursor but brings no payload.
  const { rows } = await sql<Logged>`
    select generation, xid, id, type, "memberId", "recordId", actor, cause, depth, origin, "eventAt", "createdAt", wanted,
      case when wanted then payload end as payload
    from (
      select generation, xid::text as xid, id, type, member_id as "memberId", record_id as "recordId", actor, cause, depth,
        origin, event_at as "eventAt", created_at as "createdAt", payload,
        (${wantedType} and origin = any(${reaction.origins}::text[])
          and (${lanes}::int = 1 or abs(hashtext(coalesce(member_id, ${nobody}::uuid)::text) % ${lanes}::int) = ${lane}::int)) as wanted
      from platform.events
      where (generation, xid, id) > (${cursor.generation}::int, ${cursor.xid}::xid8, ${cursor.id}::uuid)
        and (generation < (select max(generation) from platform.generations) or xid < pg_snapshot_xmin(pg_current_snapshot()))
      order by platform.events.generation, platform.events.xid, platform.events.id
      limit ${limit}
    ) batch`.execute(ctx.tx)
  const last = rows.at(-1)
  if (!last) return 0
  if (!atOnce && reaction.gather && rows.length < Math.min(limit, reaction.gather.events)) {
    // The age of a row is read from the clock of the computer, as its `created_at` was.
    if (Date.now() - rows[0]!.createdAt.getTime() < reaction.gather.milliseconds) return 0
  }
  const wanted = rows.filter((event) => event.wanted)
  if (wanted.length > 0) {
    const waiting = await parkedMembers(ctx, reaction, wanted)
    const free = waiting.size === 0 ? wanted : wanted.filter((event) => !waiting.has(event.memberId ?? nobody))
    const behind = waiting.size === 0 ? [] : wanted.filter((event) => waiting.has(event.memberId ?? nobody))
    if (parkBecause) {
      await park(ctx, reaction, free, parkBecause.message)
    } else if (free.length > 0) {
      await reaction.run(ctx, free)
    }
    if (behind.length > 0) await park(ctx, reaction, behind, null)
  }
  await sql`update platform.cursors set generation = ${last.generation}, xid = ${last.xid}::xid8, id = ${last.id}, moved_at = clock_timestamp()
    where reaction = ${reaction.name} and lane = ${lane}`.execute(ctx.tx)
  return rows.length
}

/** Takes the lane until the transaction ends and reads its cursor; null when another program has the lane. */
async function takeCursor(
  ctx: Ctx,
  reaction: Reaction,
  lane: number,
  lanes: number,
): Promise<{ generation: number; xid: string; id: string } | null> {
  // An advisory lock and not one of the row: a row lock takes a transaction id, and with it this batch would hold up
  // every reaction for as long as it works (the warehouse's answers in its own time). Two statements: the second must
  // see what whoever had the lock before has committed.
  const { rows: turn } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${laneLock(reaction.name, lane)}) as mine`.execute(ctx.tx)
  if (!turn[0]!.mine) return null
  const read = () =>
    sql<{ generation: number; xid: string; id: string; lanes: number }>`
    select generation, xid::text as xid, id, lanes from platform.cursors
    where reaction = ${reaction.name} and lane = ${lane}`.execute(ctx.tx)
  const { rows } = await read()
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
  await sql`insert into platform.cursors (reaction, lane, lanes, generation, xid, id)
    select ${reaction.name}, ${lane}, ${lanes}, ${start} on conflict do nothing`.execute(ctx.tx)
  return (await read()).rows[0] ?? null
}

const laneLock = (reactionName: string, lane: number) => sql`hashtext(${`reaction ${reactionName}`}), ${lane}::int`

/**
 * Lets a reaction of one lane rest until the transaction ends, once the batch in its hand is done, and says how far it
 * has read; null when it has never run.
 */
export async function restReaction(
  ctx: Ctx,
  reactionName: string,
): Promise<{ generation: number; xid: string; id: string } | null> {
  await sql`select pg_advisory_xact_lock(${laneLock(reactionName, 0)})`.execute(ctx.tx)
  const { rows } = await sql<{ generation: number; xid: string; id: string }>`
    select generation, xid::text as xid, id from platform.cursors where reaction = ${reactionName} and lane = 0`.execute(
    ctx.tx,
  )
  return rows[0] ?? null
}

async function parkedMembers(ctx: Ctx, reaction: Reaction, events: readonly LoggedEvent[]): Promise<Set<string>> {
  const { rows: any } = await sql`select from platform.parked_events limit 1`.execute(ctx.tx)
  if (any.length === 0) return new Set()
  const members = [...new Set(events.map((event) => event.memberId ?? nobody))].filter((member) => member !== nobody)
  const { rows } = await sql<{ member_id: string }>`
    select distinct member_id from platform.parked_events
    where member_id = any(${members}::uuid[]) and reaction = ${reaction.name}`.execute(ctx.tx)
  return new Set(rows.map(({ member_id }) => member_id))
}

async function park(ctx: Ctx, reaction: Reaction, events: readonly LoggedEvent[], error: string | null): Promise<void> {
  await sql`insert into platform.parked_events (reaction, member_id, event, error)
    select ${reaction.name}, e.member_id, e.event, ${error}
    from unnest(${events.map((event) => event.memberId ?? nobody)}::uuid[], ${events.map((event) => JSON.stringify(event))}::jsonb[])
      with ordinality as e(member_id, event, place) order by place`.execute(ctx.tx)
}

async function runParked(db: Database, reaction: Reaction): Promise<number> {
  const { rows: members } = await sql<{ member_id: string }>`
    select distinct member_id from platform.parked_events where reaction = ${reaction.name} order by member_id`.execute(
    db.kysely,
  )
  for (const { member_id: member } of members) {
    // One event an act: the ones before a still bad event stay done.
    for (let going = true; going; ) {
      try {
        going = await inTx(db, systemActor, async (ctx) => {
          const { rows } = await sql<{ position: number; event: LoggedEvent }>`
            select position, event from platform.parked_events
            where member_id = ${member} and reaction = ${reaction.name} order by position limit 1 for update`.execute(
            ctx.tx,
          )
          const first = rows[0]
          if (!first) return false
          const event = {
            ...first.event,
            eventAt: new Date(first.event.eventAt),
            createdAt: new Date(first.event.createdAt),
          }
          await reaction.run(ctx, [event])
          await sql`delete from platform.parked_events where member_id = ${member} and reaction = ${reaction.name} and position = ${first.position}`.execute(
            ctx.tx,
          )
          return true
        })
      } catch (error) {
        if (isOutage(error)) throw error
        going = false
        await sql`update platform.parked_events set error = ${(error as Error).message}, tries = tries + 1
          where (member_id, reaction, position) = (
            select member_id, reaction, position from platform.parked_events
            where member_id = ${member} and reaction = ${reaction.name} order by position limit 1)`.execute(db.kysely)
      }
    }
  }
  const { rows } = await sql<{
    left: number
  }>`select count(*) as left from platform.parked_events where reaction = ${reaction.name}`.execute(db.kysely)
  return rows[0]!.left
}

/** For a page: what is parked, oldest first. */
export async function parkedEvents(
  ctx: Ctx,
  limit: number,
): Promise<
  { reaction: string; memberId: string | null; type: string; error: string | null; tries: number; parkedAt: Date }[]
> {
  const { rows } = await sql<{
    reaction: string
    memberId: string | null
    type: string
    error: string | null
    tries: number
    parkedAt: Date
  }>`
    select reaction, nullif(member_id, ${nobody}::uuid) as "memberId", event->>'type' as type, error, tries, parked_at as "parkedAt"
    from platform.parked_events order by parked_at, position limit ${limit}`.execute(ctx.tx)
  return rows
}
