/**
 * Event → rule → ledger, durably, at 10,000, 100,000 and 1,000,000 members; beside it a floor that reads the same
 * batches behind the same cursor and writes the same rows by the plainest SQL. Then how long an effect takes while
 * 2,000 events a second come in.
 *
 * Members and their accounts are laid by SQL, one lot each, and the books are proven before and after.
 */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { verify } from '#modules/points'
import { systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { emitMany, type LoggedEvent } from '#platform/events'
import { newId } from '#platform/ids'
import { openReactions, type Reaction } from '#platform/reactions'
import { module as points } from '../server/modules/points/module.ts'
import { bench, note, onGround, percentile } from './ground.ts'

export interface EventsOptions {
  members: readonly number[]
  /** How long awards are measured at each size, for the floor and for the reaction. */
  seconds: number
  lagSeconds: number
}

/** `--minutes 10` for the long run, `--members 1000000` for one size. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { minutes: { type: 'string' }, seconds: { type: 'string' }, members: { type: 'string' } },
  })
  const seconds = values.minutes ? Number(values.minutes) * 60 : Number(values.seconds ?? 60)
  const members = values.members ? values.members.split(',').map(Number) : [10_000, 100_000, 1_000_000]
  await events({ members, seconds, lagSeconds: Math.min(30, seconds) })
}

const earning = points.reactions![0]!
/** Events laid at a time; laying them is not measured. */
const backlog = 100_000

export async function events({ members, seconds, lagSeconds }: EventsOptions): Promise<void> {
  for (const size of members) {
    await onLaid(size, (plain) =>
      onLaid(size, async (db) => {
        const floor = new Course(plain, size, { ...plainest, name: 'bench.floor' })
        const full = new Course(db, size, earning)
        // By turns, so that a busy neighbour on the machine slows both down alike.
        while (full.seconds < seconds) {
          await floor.drain()
          await full.drain()
          if (full.seconds > (seconds / 3) * (full.checkpointsAsked + 1))
            await Promise.all([floor.checkpoint(), full.checkpoint()])
        }
        bench('events', full.perSecond, 'events/s', floor.perSecond)
        note(`${size} members, the reaction: ${await full.told()}`)
        note(`${size} members, the floor: ${await floor.told()}`)
        const lag = await lagOf(db, lagSeconds)
        note(
          `${size} members, ${lag.rate.toFixed(0)} events/s coming in: commit to effect p50 ${lag.p50.toFixed(0)} ms, p95 ${lag.p95.toFixed(0)} ms`,
        )
        await proven(db)
        await proven(plain)
      }),
    )
  }
}

/** A fresh program with so many members, whose books are proven. */
async function onLaid<T>(size: number, work: (db: Database) => Promise<T>): Promise<T> {
  return onGround(async ({ house: { db, reactions } }) => {
    await reactions.stop()
    await lay(db, size)
    await proven(db)
    await db.pool.query('vacuum analyze')
    await db.pool.query('checkpoint')
    return work(db)
  })
}

/** The n-th member's id, the same at every size: spread over the index like ids that came in any order. */
const memberId = (n: ReturnType<typeof sql>) => sql`md5((${n})::text)::uuid`

async function lay(db: Database, size: number): Promise<void> {
  const step = 100_000
  for (let from = 1; from <= size; from += step) {
    const numbers = sql`generate_series(${from}::int, ${Math.min(size, from + step - 1)}::int) as n`
    await inTx(db, systemActor, async (ctx) => {
      await sql`insert into members.homes (member_id, person_id, created_at) select ${memberId(sql`n`)}, ${memberId(sql`n`)}, ${ctx.now} from ${numbers}`.execute(
        ctx.tx,
      )
      await sql`insert into points.accounts (member_id, sequence, available, earned, due_at) select ${memberId(sql`n`)}, 1, 100, 100, ${ctx.now}::timestamptz + interval '1 year' from ${numbers}`.execute(
        ctx.tx,
      )
      await sql`insert into points.lots (member_id, source, part, number, given_by, base_minor, amount, remaining, pending, available_at, expires_at, earned_at)
        select ${memberId(sql`n`)}, 'opening:' || n, 1, 1, '00000000-0000-0000-0000-000000000000', 100, 100, 100, false, ${ctx.now}, ${ctx.now}::timestamptz + interval '1 year', ${ctx.now} from ${numbers}`.execute(
        ctx.tx,
      )
      await sql`insert into points.entries (member_id, sequence, kind, amount, leaves, enters, source, actor, event_at, created_at)
        select ${memberId(sql`n`)}, 1, 'opening', 100, 'ISSUED', 'MEMBER_AVAILABLE', 'opening:' || n, 'system', ${ctx.now}, ${ctx.now} from ${numbers}`.execute(
        ctx.tx,
      )
    })
  }
}

/** Paid orders of members at random, in transactions of a thousand, like acts that came one after the other. */
async function layOrders(db: Database, size: number, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1_000) {
    await inTx(db, systemActor, (ctx) =>
      sql`insert into platform.events (generation, id, type, member_id, record_id, actor, depth, origin, event_at, created_at, payload)
        select 1, id, 'order.paid', ${memberId(sql`1 + floor(random() * ${size}::int)::int`)}, null, 'system', 0, 'live', ${ctx.now}, ${ctx.now},
          jsonb_build_object('orderId', gen_random_uuid(), 'channel', 'bench', 'amountMinor', 100 + floor(random() * 100000)::int, 'currency', 'CNY', 'paymentMethod', 'wechat')
        from unnest(${Array.from({ length: 1_000 }, () => newId())}::uuid[]) as id`.execute(ctx.tx),
    )
  }
}

/** One reaction on one database, over backlogs that are laid before each of its turns. */
class Course {
  readonly #db: Database
  readonly #size: number
  readonly #reaction: Reaction
  readonly #batches: number[] = []
  #events = 0
  checkpointsAsked = 0
  seconds = 0

  constructor(db: Database, size: number, reaction: Reaction) {
    this.#db = db
    this.#size = size
    this.#reaction = {
      ...reaction,
      run: async (ctx, batch) => {
        const started = performance.now()
        await reaction.run(ctx, batch)
        ctx.afterCommit(() => {
          this.#batches.push(performance.now() - started)
          this.#events += batch.length
        })
      },
    }
  }

  get perSecond(): number {
    return this.#events / this.seconds
  }

  async drain(): Promise<void> {
    await layOrders(this.#db, this.#size, backlog)
    const reactions = openReactions(this.#db, [this.#reaction])
    const target = this.#events + backlog
    const started = performance.now()
    reactions.start()
    while (this.#events < target) await new Promise((resolve) => setTimeout(resolve, 5))
    this.seconds += (performance.now() - started) / 1000
    await reactions.stop()
  }

  /** So that the full pages after a checkpoint are paid for. Runs beside the next turn. */
  async checkpoint(): Promise<void> {
    this.checkpointsAsked++
    await this.#db.pool.query('checkpoint')
  }

  async told(): Promise<string> {
    const p99 = percentile(this.#batches, 0.99).toFixed(0)
    const { rows } = await this.#db.pool.query('select num_timed + num_requested as done from pg_stat_checkpointer')
    return `${this.#events} awards in ${this.seconds.toFixed(0)} s, ${rows[0].done} checkpoints so far, p99 of a batch ${p99} ms`
  }
}

/** From the commit of an order to the commit of its award, while 2,000 orders a second come in. */
async function lagOf(db: Database, seconds: number): Promise<{ p50: number; p95: number; rate: number }> {
  const committed = new Map<string, number>()
  const lags: number[] = []
  const timed: Reaction = {
    ...earning,
    run: async (ctx, batch) => {
      await earning.run(ctx, batch)
      ctx.afterCommit(() => {
        const now = performance.now()
        for (const { payload } of batch as readonly LoggedEvent<'order.paid'>[]) {
          const since = committed.get(payload.orderId)
          if (since !== undefined) lags.push(now - since)
        }
      })
    },
  }
  const { rows: ids } = await sql<{
    member_id: string
  }>`select member_id from members.homes order by random() limit 10000`.execute(db.kysely)
  const reactions = openReactions(db, [timed])
  reactions.start()
  const perAct = 20
  const started = performance.now()
  let sent = 0
  while (performance.now() - started < seconds * 1000) {
    const due = ((performance.now() - started) / 1000) * 2_000
    if (sent + perAct > due) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      continue
    }
    const orders = Array.from({ length: perAct }, () => randomUUID())
    await inTx(db, systemActor, (ctx) =>
      emitMany(
        ctx,
        orders.map((orderId) => ({
          type: 'order.paid' as const,
          memberId: ids[Math.floor(Math.random() * ids.length)]!.member_id,
          payload: { orderId, channel: 'bench', amountMinor: 12_345, currency: 'CNY', paymentMethod: null },
        })),
      ),
    )
    const now = performance.now()
    for (const order of orders) committed.set(order, now)
    sent += perAct
  }
  const rate = sent / ((performance.now() - started) / 1000)
  await reactions.caughtUp()
  await reactions.stop()
  return { p50: percentile(lags, 0.5), p95: percentile(lags, 0.95), rate }
}

async function proven(db: Database): Promise<void> {
  const broken = await inTx(db, systemActor, (ctx) => verify(ctx))
  if (broken.length > 0) throw new Error(`The books are broken: ${JSON.stringify(broken.slice(0, 3))}`)
}

/** The floor: no rules, no looking, the same rows. */
const plainest: Reaction = {
  ...earning,
  run: async (ctx, events) => {
    const paid = (events as readonly LoggedEvent<'order.paid'>[])
      .map(({ id, memberId: member, payload }) => ({
        id,
        member: member!,
        source: `order:${payload.orderId}`,
        minor: payload.amountMinor,
        points: Math.round(payload.amountMinor / 100),
        why: JSON.stringify({
          channel: payload.channel,
          amountMinor: payload.amountMinor,
          currency: 'CNY',
          paymentMethod: payload.paymentMethod,
          rules: [{ group: 'purchases', rule: 'paid-orders', version: 1, points: payload.amountMinor / 100 }],
        }),
      }))
      .sort((a, b) => (a.member < b.member ? -1 : 1))
    const end = new Date('2028-06-01T00:00:00Z')
    const { rows } = await sql<{ member_id: string; sequence: number }>`
      update points.accounts a set sequence = a.sequence + n.entries, available = a.available + n.points, earned = a.earned + n.points
      from (select member_id, count(*) as entries, sum(points)::bigint as points
        from unnest(${paid.map((p) => p.member)}::uuid[], ${paid.map((p) => p.points)}::bigint[]) as p(member_id, points) group by member_id order by member_id) n
      where a.member_id = n.member_id returning a.member_id, a.sequence`.execute(ctx.tx)
    const numbers = new Map(rows.map((row) => [row.member_id, row.sequence]))
    const sequences = paid.map(({ member }) => {
      const number = numbers.get(member)!
      numbers.set(member, number - 1)
      return number
    })
    await sql`insert into points.lots (member_id, source, part, number, given_by, base_minor, amount, remaining, pending, available_at, expires_at, priority, earned_at)
      select m, s, 1, n, i, b, p, p, false, ${ctx.now}, ${end}, 50, ${ctx.now}
      from unnest(${paid.map((p) => p.member)}::uuid[], ${paid.map((p) => p.source)}::text[], ${sequences}::int[], ${paid.map((p) => p.id)}::uuid[],
        ${paid.map((p) => p.minor)}::bigint[], ${paid.map((p) => p.points)}::bigint[]) as u(m, s, n, i, b, p)`.execute(
      ctx.tx,
    )
    await sql`insert into points.entries (member_id, sequence, kind, amount, leaves, enters, source, actor, event_at, created_at, explanation)
      select m, n, 'award', p, 'ISSUED', 'MEMBER_AVAILABLE', s, 'system', ${ctx.now}, ${ctx.now}, e
      from unnest(${paid.map((p) => p.member)}::uuid[], ${sequences}::int[], ${paid.map((p) => p.points)}::bigint[], ${paid.map((p) => p.source)}::text[], ${paid.map((p) => p.why)}::jsonb[]) as u(m, n, p, s, e)`.execute(
      ctx.tx,
    )
    await sql`insert into platform.events (generation, id, type, member_id, actor, cause, depth, origin, event_at, created_at, payload)
      select 1, i, 'points.awarded', m, 'system', c, 1, 'live', ${ctx.now}, ${ctx.now}, p
      from unnest(${paid.map(() => newId())}::uuid[], ${paid.map((p) => p.member)}::uuid[], ${paid.map((p) => p.id)}::uuid[],
        ${paid.map((p, at) => JSON.stringify({ sequence: sequences[at], source: p.source, points: p.points, pending: false }))}::jsonb[]) as u(i, m, c, p)`.execute(
      ctx.tx,
    )
  },
}
