/**
 * The one door to PostgreSQL. Every act runs in `inTx`, which repeats it a few times when PostgreSQL reports a
 * deadlock or a serialization failure; so nothing inside an act may touch the outside world.
 */
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { type Clock, systemClock } from '#platform/clock'
import type { Actor, Ctx } from '#platform/ctx'
import { assert, isRetryable } from '#platform/errors'
import { arrayOf } from '#platform/rows'
import type { Vault } from '#platform/vault'

/** Each module adds its tables here: `declare module '#platform/db' { interface Tables { 'points.lots': … } }`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the modules' declaration merging
export interface Tables {}
export type Tx = Transaction<Tables>

/** For what only reads, within an act or before one. */
export interface Reading {
  readonly tx: Kysely<Tables>
}

export interface Database {
  readonly kysely: Kysely<Tables>
  readonly pool: pg.Pool
  readonly clock: Clock
  /** Opened once the migrations have run. */
  vault: Vault | null
  /** The connection string, for what needs a connection of its own (graphile-worker, COPY). */
  readonly url: string
  close(): Promise<void>
}

// Counts and sums of bigint fit a JavaScript number here (points, minor units of money below 2^53); anything larger
// is a bug that we want to hear of, not a rounding.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`A bigint of ${text} does not fit a number`)
  return value
})
// A date is a day, not an instant: it stays `YYYY-MM-DD`.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text)

export interface DatabaseOptions {
  url: string
  clock?: Clock
  maxConnections?: number
}

export function openDatabase({ url, clock = systemClock, maxConnections = 12 }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 15_000,
    application_name: 'roundtrip',
  })
  // A connection that breaks (server restart) is replaced by the pool, and whoever was using it hears of it from their
  // query. The event beside that has nobody else to hear it, and unheard it would end the program.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return {
    kysely,
    pool,
    clock,
    vault: null,
    url,
    close: async () => {
      await kysely.destroy()
    },
  }
}

const tries = 5

/** Runs one act in one transaction, again when PostgreSQL asks for it, and gives back what the act returns. */
export async function inTx<T>(db: Database, actor: Actor, act: (ctx: Ctx) => Promise<T>): Promise<T> {
  const { vault } = db
  assert(vault, 'an act before the vault is open')
  for (let attempt = 1; ; attempt++) {
    const leave = await enter(vault)
    const afterwards: (() => void)[] = []
    let met: unknown
    let result: T
    try {
      result = await db.kysely.transaction().execute(async (tx) => {
        const ctx: Ctx = { tx, actor, now: db.clock.now(), vault, afterCommit: (what) => afterwards.push(what) }
        try {
          return await act(ctx)
        } catch (error) {
          met = error
          throw error
        }
      })
    } catch (error) {
      // Over a broken connection the rollback fails too, and says less than what broke it.
      const reason = met ?? error
      if (!isRetryable(reason) || attempt === tries) throw reason
      // A random pause keeps two deadlocked acts from meeting again at the same place.
      leave()
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt))
      continue
    } finally {
      leave()
    }
    // Out of reach of the repeating: the act is done, whatever happens here.
    for (const what of afterwards) what()
    return result
  }
}

/** Acts that are going on over a vault, and what those that come have to wait for. */
interface Going {
  acts: number
  pause: Promise<void> | null
  ended(): void
}
const goings = new WeakMap<Vault, Going>()

function goingOf(vault: Vault): Going {
  let going = goings.get(vault)
  if (!going) {
    going = { acts: 0, pause: null, ended: () => {} }
    goings.set(vault, going)
  }
  return going
}

async function enter(vault: Vault): Promise<() => void> {
  const going = goingOf(vault)
  while (going.pause) await going.pause
  going.acts++
  let inside = true
  return () => {
    if (inside && --going.acts === 0) going.ended()
    inside = false
  }
}

/**
 * Changes what every act stands on while none is going on: those that come meanwhile wait, for as long as the longest of
 * those that are there takes. Gives null, and has changed nothing, where they don't end in time. The change must be no act.
 */
export async function betweenActs<T>(vault: Vault, milliseconds: number, change: () => Promise<T>): Promise<T | null> {
  const going = goingOf(vault)
  while (going.pause) await going.pause
  const { promise, resolve } = Promise.withResolvers<void>()
  going.pause = promise
  let late: NodeJS.Timeout | undefined
  try {
    const alone = await new Promise<boolean>((settle) => {
      going.ended = () => settle(true)
      late = setTimeout(() => settle(false), milliseconds)
      if (going.acts === 0) settle(true)
    })
    return alone ? await change() : null
  } finally {
    clearTimeout(late)
    going.ended = () => {}
    going.pause = null
    resolve()
  }
}

/**
 * Waits its turn for named things (an identity's value, a person about to be joined) until the transaction ends.
 * Names fall on 1,024 stripes, taken in sorted order, so two acts can't deadlock on them and a batch of thousands
 * stays within PostgreSQL's lock table.
 */
export async function takeTurns(
  ctx: Ctx,
  space: 'identity' | 'join' | 'record' | 'access' | 'tier' | 'views',
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return
  const spaceNumber = { identity: 1, join: 2, record: 3, access: 4, tier: 5, views: 6 }[space]
  await sql`
    select pg_advisory_xact_lock(${spaceNumber}::int4, stripe) from (
      select distinct abs(hashtext(name) % 1024) as stripe from unnest(${arrayOf('text', names)}) as name order by 1
    ) stripes`.execute(ctx.tx)
}

/**
 * Whether somebody may ask for a table to himself. While a backup reads he would wait until it has ended, and all who
 * want the table after him with him. What he was about to do waits for another day, or goes a slower way.
 */
export async function mayLockTables(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('roundtrip.backup')) as mine`.execute(tx)
  return rows[0]!.mine
}
