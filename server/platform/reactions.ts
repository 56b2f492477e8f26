/**
 * Reactions: effects of events. Each is a name, the event types it wants and a function over a batch. It reads the
 * log behind a cursor of its own, and the cursor moves in the transaction of its work, so an effect happens once
 * whatever crashes.
 *
 * How the log is read: reactions/lane. What can't be digested: reactions/parked.
 */
import { sql } from 'kysely'
import { bulkGoing } from '#platform/bulk'
import type { Ctx } from '#platform/ctx'
import { type Database, openDatabase } from '#platform/db'
import { type EventType, inLogOrder, type LoggedEvent, type Origin, onEmit } from '#platform/events'
import { stepLane } from '#platform/reactions/lane'
import { runParked } from '#platform/reactions/parked'

export { parkedEvents } from '#platform/reactions/parked'
export { restReaction } from '#platform/reactions/turns'

export interface Reaction {
  readonly name: string
  readonly types: readonly EventType[] | 'all'
  /** An import of old data does not fire welcomes: each reaction says which origins it takes. */
  readonly origins: readonly Origin[]
  /** Types that it takes from imports too, where `origins` leaves imports out. */
  readonly importsOf?: readonly EventType[]
  /** Lanes share the members among them. They are for speed; correctness comes from row locks. Default 1. */
  readonly lanes?: number
  /** Events read at once. Default 1,000. */
  readonly batch?: number
  /** Where a reaction that has never run begins. Default `beginning`. */
  readonly startsAt?: 'beginning' | 'now'
  /** Waits until at least this many are there or the oldest is this old, for work that is cheaper in bulk. */
  readonly gather?: {
    events: number
    milliseconds: number
    /** While bulk work goes on in this process, it waits until the oldest is this old, however many there are. */
    whileBulkMilliseconds?: number
  }
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
// Bulk work needs the machine, and behind its long transactions nothing can be read: looking at each commit finds little.
const bulkPollMilliseconds = 500
const outagePauseMilliseconds = 500

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
  let stopListening = () => {}
  // Those who hear of new events, and those who only wait.
  const listening = new Set<() => void>()
  const waiting = new Set<() => void>()
  let wakes = 0

  const sleep = (milliseconds: number, among: Set<() => void>) =>
    new Promise<void>((resolve) => {
      const stir = () => {
        clearTimeout(timer)
        among.delete(stir)
        resolve()
      }
      const timer = setTimeout(stir, milliseconds)
      among.add(stir)
    })
  const wake = () => {
    wakes++
    for (const stir of [...listening]) stir()
  }

  /** How many wait until all has been read. */
  let hurrying = 0

  async function lane(own: Database, reaction: Reaction, number: number): Promise<void> {
    while (!stopped) {
      const heard = wakes
      try {
        const moved = await stepLane(own, reaction, number, { log, atOnce: hurrying > 0 })
        lastErrors.delete(reaction.name)
        if (moved > 0 || stopped) continue
        if (bulkGoing() && hurrying === 0) await sleep(bulkPollMilliseconds, waiting)
        else if (reaction.gather) await sleep(pollMilliseconds, waiting)
        else if (heard === wakes) await sleep(pollMilliseconds, listening)
      } catch (error) {
        const { message } = error as Error
        lastErrors.set(reaction.name, message)
        log.warn({ reaction: reaction.name, lane: number, error: message }, 'reaction waits and tries again')
        if (!stopped) await sleep(outagePauseMilliseconds, waiting)
      }
    }
  }

  return {
    start() {
      if (!stopped) return
      stopped = false
      stopListening = onEmit(wake)
      const lanes = reactions.flatMap((reaction) =>
        Array.from({ length: reaction.lanes ?? 1 }, (_, number) => ({ reaction, number })),
      )
      // Connections of their own: in a rush acts queue for those of the program, and effects would queue behind them.
      // With as many acts as two cores bear, p95 from commit to effect was 235 ms, and 68 ms so.
      const own = openDatabase({ url: db.url, clock: { now: () => db.clock.now() }, maxConnections: lanes.length || 1 })
      own.vault = db.vault
      const running = lanes.map(({ reaction, number }) => lane(own, reaction, number))
      loops = [Promise.all(running).then(() => own.close())]
    },
    async stop() {
      stopped = true
      stopListening()
      for (const stir of [...listening, ...waiting]) stir()
      await Promise.all(loops)
      loops = []
    },
    async caughtUp() {
      const target = await horizon(db)
      // Somebody waits: what gathers is read as it is.
      hurrying++
      try {
        for (;;) {
          const behind = await lanesBehind(db, reactions, target)
          if (behind.length === 0) return
          let moved = 0
          if (stopped) {
            for (const { reaction, lane } of behind) {
              moved += await stepLane(db, byName.get(reaction)!, lane, { log, atOnce: true })
            }
          }
          // The loops are at it, or another program, or what is to be read is still being written.
          if (moved === 0) await new Promise((resolve) => setTimeout(resolve, 15))
        }
      } finally {
        hurrying--
      }
    },
    async states() {
      const lagging = sql<{ reaction: string; lag: number }>`
        select c.reaction, coalesce(max(extract(epoch from clock_timestamp() - n.created_at) * 1000), 0)::float8 as lag
        from platform.cursors c left join lateral (
          select e.created_at from platform.events e
          where (e.generation, e.xid, e.id) > (c.generation, c.xid, c.id) order by e.generation, e.xid, e.id limit 1
        ) n on true group by c.reaction`
      const { rows } = await db.kysely.transaction().execute((tx) => inLogOrder({ tx }, () => lagging.execute(tx)))
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
    step: (name, number = 0) => stepLane(db, byName.get(name)!, number, { log, atOnce: true }),
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
