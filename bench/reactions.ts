/**
 * How long it takes from the commit of an act to the commit of its effect while 2,000 events a second come in, each
 * from an act of its own. The floor is the same effect by the plainest loop: two connections that read the log by the
 * same rule behind a cursor, write the same rows, and ask again after 10 ms; nothing is parked, halved or woken.
 *
 * `npm run bench -- reactions [--seconds 20] [--rate 2000] [--per-act 1]`
 */
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import { systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { emitMany } from '#platform/events'
import { newId } from '#platform/ids'
import { openReactions, reaction } from '#platform/reactions'
import { bench, note, onGround, percentile } from './ground.ts'

declare module '#platform/events' {
  interface Events {
    'bench.fare_paid': { fare: number }
  }
}

interface Load {
  seconds: number
  /** Events a second. */
  rate: number
  eventsPerAct: number
}

interface Measured {
  p50: number
  p95: number
  p99: number
  /** Events a second that really came in. */
  rate: number
}

const lanes = 2
const members = Array.from({ length: 100_000 }, () => newId())
/** The first seconds fill caches and compile; they are not counted. */
const warmSeconds = 3

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '20' },
      rate: { type: 'string', default: '2000' },
      'per-act': { type: 'string', default: '1' },
    },
  })
  const load = { seconds: Number(values.seconds), rate: Number(values.rate), eventsPerAct: Number(values['per-act']) }
  const floor = await onEmptyLog((db) => plainest(db, load))
  const full = await onEmptyLog((db) => reactions(db, load))
  for (const [name, { p50, p95, p99, rate }] of Object.entries({ floor, reactions: full })) {
    note(
      `${name}: ${Math.round(rate)} events/s came in; commit to effect p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    )
  }
  bench('reactions-lag-p95', full.p95, 'ms', floor.p95)
}

/** The program's own reactions rest: they would read the same events twice over. */
async function onEmptyLog<T>(work: (db: Database) => Promise<T>): Promise<T> {
  return onGround(async ({ house }) => {
    await house.reactions.stop()
    await sql`create table public.bench_fares (member_id uuid primary key, fares int not null, total bigint not null)`.execute(
      house.db.kysely,
    )
    return work(house.db)
  })
}

const writeFares = `insert into public.bench_fares as f (member_id, fares, total)
  select member_id, count(*), sum(fare) from unnest($1::uuid[], $2::int[]) as e(member_id, fare) group by member_id order by member_id
  on conflict (member_id) do update set fares = f.fares + excluded.fares, total = f.total + excluded.total`

async function reactions(db: Database, load: Load): Promise<Measured> {
  const clock = stopwatch()
  const running = openReactions(db, [
    reaction({
      name: 'bench',
      types: ['bench.fare_paid'],
      origins: ['live'],
      lanes,
      run: async (ctx, events) => {
        const fares = events.map(({ payload }) => payload.fare)
        await sql`insert into public.bench_fares as f (member_id, fares, total)
          select member_id, count(*), sum(fare) from unnest(${events.map(({ memberId }) => memberId)}::uuid[], ${fares}::int[]) as e(member_id, fare)
          group by member_id order by member_id
          on conflict (member_id) do update set fares = f.fares + excluded.fares, total = f.total + excluded.total`.execute(
          ctx.tx,
        )
        ctx.afterCommit(() => clock.effect(fares))
      },
    }),
  ])
  running.start()
  const rate = await comeIn(db, load, clock)
  await running.caughtUp()
  await running.stop()
  await proven(db, clock)
  return { ...clock.lags(), rate }
}

async function plainest(db: Database, load: Load): Promise<Measured> {
  const clock = stopwatch()
  let stopped = false
  const loop = async (lane: number) => {
    const client = new pg.Client({ connectionString: db.url })
    await client.connect()
    let cursor = { xid: '0', id: '00000000-0000-0000-0000-000000000000' }
    while (!stopped || clock.waiting() > 0) {
      await client.query('begin')
      const { rows } = await client.query<{ xid: string; id: string; mine: boolean; member_id: string; fare: number }>(
        `select xid::text, id, abs(hashtext(member_id::text) % ${lanes}) = $3 as mine, member_id, (payload->>'fare')::int as fare
        from platform.events where (generation, xid, id) > (1, $1, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
        order by generation, platform.events.xid, id limit 1000`,
        [cursor.xid, cursor.id, lane],
      )
      const mine = rows.filter((row) => row.mine)
      if (mine.length > 0) {
        await client.query(writeFares, [mine.map((row) => row.member_id), mine.map((row) => row.fare)])
      }
      await client.query('commit')
      clock.effect(mine.map(({ fare }) => fare))
      cursor = rows.at(-1) ?? cursor
      // Asking without a pause takes the processor from those who act: a third as many came in.
      if (rows.length < 1_000) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await client.end()
  }
  const loops = Array.from({ length: lanes }, (_, lane) => loop(lane))
  const rate = await comeIn(db, load, clock)
  stopped = true
  await Promise.all(loops)
  await proven(db, clock)
  return { ...clock.lags(), rate }
}

/** Each fare is the number of its event, so that its effect is known by it. */
function stopwatch() {
  const committed = new Map<number, number>()
  const early = new Map<number, number>()
  const lags: number[] = []
  let counting = false
  return {
    begin: () => {
      counting = true
    },
    commit(fares: readonly number[]) {
      const now = performance.now()
      for (const fare of fares) {
        // The effect may be told of before the act itself has heard that it is committed.
        if (early.delete(fare)) lags.push(...(counting ? [0] : []))
        else committed.set(fare, counting ? now : Number.NaN)
      }
    },
    effect(fares: readonly number[]) {
      const now = performance.now()
      for (const fare of fares) {
        const since = committed.get(fare)
        if (since === undefined) early.set(fare, now)
        else if (!Number.isNaN(since)) lags.push(now - since)
        committed.delete(fare)
      }
    },
    waiting: () => committed.size,
    lags: () => ({ p50: percentile(lags, 0.5), p95: percentile(lags, 0.95), p99: percentile(lags, 0.99) }),
  }
}

type Stopwatch = ReturnType<typeof stopwatch>

/** Acts at an even pace, whether or not the ones before have ended, as guests at many tills. */
async function comeIn(db: Database, { seconds, rate, eventsPerAct }: Load, clock: Stopwatch): Promise<number> {
  const acting = new Set<Promise<void>>()
  let begun = 0
  const act = async () => {
    const fares = Array.from({ length: eventsPerAct }, () => begun++)
    await inTx(db, systemActor, (ctx) =>
      emitMany(
        ctx,
        fares.map((fare) => ({
          type: 'bench.fare_paid' as const,
          memberId: members[Math.floor(Math.random() * members.length)]!,
          payload: { fare },
        })),
      ),
    )
    clock.commit(fares)
  }
  const pace = async (forSeconds: number) => {
    const [started, before] = [performance.now(), begun]
    for (let now = started; now - started < forSeconds * 1_000; now = performance.now()) {
      while (begun - before < ((now - started) / 1_000) * rate && acting.size < 200) {
        const acted: Promise<void> = act().finally(() => acting.delete(acted))
        acting.add(acted)
      }
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return (begun - before) / ((performance.now() - started) / 1_000)
  }
  await pace(warmSeconds)
  clock.begin()
  const came = await pace(seconds)
  await Promise.all(acting)
  return came
}

/** Each event had its effect once. */
async function proven(db: Database, clock: Stopwatch): Promise<void> {
  const { rows } = await sql<{ events: number; fares: number }>`
    select (select count(*) from platform.events where type = 'bench.fare_paid') as events,
      (select coalesce(sum(fares), 0)::bigint from public.bench_fares) as fares`.execute(db.kysely)
  const { events, fares } = rows[0]!
  if (events !== fares || clock.waiting() > 0) throw new Error(`${events} events had ${fares} effects`)
}
