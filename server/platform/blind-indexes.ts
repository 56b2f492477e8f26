/**
 * Changes the key of the blind indexes while the program serves. Between two acts the new key comes into force; from
 * then on everything is written under it. An act that names values moves them first (`moveOn`), so it meets all who have
 * them; a search looks for both forms. A job moves the rest, page by page, and goes on where it stopped; when nothing is
 * left under the former key, that key is destroyed.
 */
import { createSecretKey, randomBytes } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { bulkGoing } from '#platform/bulk'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { betweenActs, type Database, inTx } from '#platform/db'
import { assert, Refusal } from '#platform/errors'
import type { House } from '#platform/house'
import { addJob, type Job } from '#platform/jobs'
import { arrayOf } from '#platform/rows'
import { indexPurpose, wrap } from '#platform/vault'

/** Where values lie under the index key. */
export interface BlindIndex {
  readonly name: string
  /** How many there are, about. */
  count(ctx: Ctx): Promise<number>
  /** Moves what lies in some pages from this one on; says which comes next (null: that was the last) and how many moved. */
  move(ctx: Ctx, page: number): Promise<{ next: number | null; moved: number }>
  /** Work that is more than an act, before it is asked whether anything is left. */
  outside?(house: Pick<House, 'db' | 'stopping'>): Promise<void>
  /** Whether anything is left under a former key. */
  anyLeft(ctx: Pick<Ctx, 'tx' | 'vault'>): Promise<boolean>
}

export interface BlindColumn {
  readonly table: string
  /** Of uuids; the column of the same name and `_by` has the number of their key. */
  readonly column: string
}

const byOf = (column: string) => sql.ref(`${column}_by`)

/** Moves these values (as they are under the key of now) wherever they lie in a column that has an index. */
export async function moveOn(ctx: Ctx, { table, column }: BlindColumn, blinds: readonly string[]): Promise<void> {
  const former = ctx.vault.former(blinds)
  if (former.length === 0) return
  const sorted = former
    .map((before, at) => ({ before, now: blinds[at]! }))
    .sort((a, b) => (a.before < b.before ? -1 : 1))
  await sql`update ${sql.table(table)} t set ${sql.ref(column)} = u.now, ${byOf(column)} = ${ctx.vault.indexBy}
    from unnest(${arrayOf(
      'uuid',
      sorted.map(({ before }) => before),
    )}, ${arrayOf(
      'uuid',
      sorted.map(({ now }) => now),
    )}) as u(before, now)
    where t.${sql.ref(column)} = u.before`.execute(ctx.tx)
}

/** Pages of one transaction: a few thousand rows, some tens of milliseconds. */
const pages = 24
/** Up to this size rows are counted; of more the planner's estimate is told. */
const countedBytes = 64 * 1024 ** 2

/**
 * A column of keyed hashes. `together`: columns with an index that are compared with each other in SQL; a value moves in
 * all of them at once, in all their rows. A column by itself moves row by row.
 */
export function blindColumn(own: BlindColumn, together: readonly BlindColumn[] = []): BlindIndex {
  const { table, column } = own
  const before = (ctx: Pick<Ctx, 'vault'>) => sql`${byOf(column)} < ${ctx.vault.indexBy}`
  return {
    name: `${table}.${column}`,
    count: (ctx) => roughly(ctx, table),
    anyLeft: async (ctx) => {
      const { rows } = await sql<{ left: boolean }>`
        select exists (select from ${sql.table(table)} where ${before(ctx)} and ${sql.ref(column)} is not null) as left`.execute(
        ctx.tx,
      )
      return rows[0]!.left
    },
    move: async (ctx, page) => {
      const within = inPages(page)
      const { rows } = await sql<{ row: string; kept: string; by: number }>`
        select ctid::text as row, ${sql.ref(column)}::text as kept, ${byOf(column)} as by from ${sql.table(table)}
        where ${within} and ${before(ctx)} and ${sql.ref(column)} is not null
        ${together.length > 0 ? sql`` : sql`for update`}`.execute(ctx.tx)
      const next = rows.map(({ kept, by }) => ctx.vault.current(kept, by))
      if (together.length > 0) for (const one of [own, ...together]) await moveOn(ctx, one, [...new Set(next)])
      else if (rows.length > 0)
        await sql`update ${sql.table(table)} t set ${sql.ref(column)} = u.next, ${byOf(column)} = ${ctx.vault.indexBy}
          from unnest(${arrayOf(
            'text',
            rows.map(({ row }) => row),
          )}, ${arrayOf('uuid', next)}) as u(row, next)
          where t.ctid = u.row::tid and ${inPages(page, sql`t.ctid`)}`.execute(ctx.tx)
      return { next: await nextPage(ctx, table, page), moved: rows.length }
    },
  }
}

/** Rows of a table that lie in the pages from this one on. */
export const inPages = (page: number, ctid: RawBuilder<unknown> = sql`ctid`) =>
  sql`${ctid} >= ${`(${page},0)`}::tid and ${ctid} < ${`(${page + pages},0)`}::tid`

export async function nextPage(ctx: Pick<Ctx, 'tx'>, table: string, page: number): Promise<number | null> {
  const { rows } = await sql<{ pages: number }>`
    select pg_relation_size(${table}::regclass) / current_setting('block_size')::int as pages`.execute(ctx.tx)
  return page + pages < rows[0]!.pages ? page + pages : null
}

export async function roughly(ctx: Pick<Ctx, 'tx'>, table: string): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    select case when pg_relation_size(${table}::regclass) < ${countedBytes}::bigint then (select count(*) from ${sql.table(table)})
      else (select greatest(reltuples, 0)::bigint from pg_class where oid = ${table}::regclass) end as rows`.execute(
    ctx.tx,
  )
  return rows[0]!.rows
}

export interface IndexRotation {
  number: number
  startedAt: Date
  finishedAt: Date | null
  moved: number
  rows: number
}

export async function lastIndexRotation(ctx: Pick<Ctx, 'tx'>): Promise<IndexRotation | null> {
  const { rows } = await sql<IndexRotation>`
    select number, started_at as "startedAt", finished_at as "finishedAt", moved, rows from platform.index_rotations
    order by number desc limit 1`.execute(ctx.tx)
  return rows[0] ?? null
}

export const reindexJobName = 'vault.reindex'
/** The longest that acts which are going on may take before the new key comes into force. */
const pauseMilliseconds = 10_000

/** Begins to change the key. Returns when the new one is in force; the job does the rest. */
export async function beginReindexing(
  { db }: Pick<House, 'db'>,
  actor: Actor,
  indexes: readonly BlindIndex[],
  recordIt: (ctx: Ctx) => Promise<void>,
): Promise<void> {
  const { vault } = db
  assert(vault, 'a rotation before the vault is open')
  // Counted first: nobody waits for that.
  const rows = await inTx(db, actor, async (ctx) => {
    let sum = 0
    for (const index of indexes) sum += await index.count(ctx)
    return sum
  })
  const key = randomBytes(32)
  const afterwards: (() => void)[] = []
  const begun = await betweenActs(vault, pauseMilliseconds, async () => {
    // Threads at work have the keys of before only.
    if (bulkGoing()) throw busy()
    const now = { number: vault.indexBy + 1, key: createSecretKey(key) }
    await db.kysely.transaction().execute(async (tx) => {
      const { rows: made } = await sql`insert into platform.index_rotations (number, started_at, rows)
        values (${now.number}, ${db.clock.now()}, ${rows}) on conflict do nothing returning number`.execute(tx)
      if (made.length === 0) throw reindexingGoing()
      const wrapped = wrap(vault.keys, indexPurpose(now.number), key)
      await sql`insert into platform.vault_keys (purpose, wrapped) values (${indexPurpose(now.number)}, ${wrapped})`.execute(
        tx,
      )
      await addJob({ tx }, reindexJobName, {}, { key: 'one' })
      await recordIt({ tx, actor, now: db.clock.now(), vault, afterCommit: (what) => afterwards.push(what) })
    })
    vault.keys.index = { now, former: { number: now.number - 1, key: vault.keys.index?.now.key ?? null } }
    return true
  })
  if (!begun) throw actsGoOn()
  for (const what of afterwards) what()
}

/** Moves what is left, then destroys the former key; goes on where it stopped, and with the next start of the program. */
export function reindexJob(indexes: readonly BlindIndex[]): Job {
  return {
    name: reindexJobName,
    run: async ({ db, stopping, log }) => {
      const done = await moveAll({ db, stopping }, indexes)
      if (done === 'done') log.info({ part: 'vault' }, 'every blind index is under the new key')
      // Something still holds hashes of before (a file that is staged and not applied): asked again in a while.
      else if (done === 'waiting')
        await inTx(db, systemActor, (ctx) =>
          addJob(ctx, reindexJobName, {}, { key: 'one', runAt: new Date(ctx.now.getTime() + waitMilliseconds) }),
        )
      // Begun again by the job, which is kept until it ends well.
      else throw new Error('The change of the index key goes on when the program does')
    },
  }
}
const waitMilliseconds = 60_000

/** At each start: the job of a program that was killed counts as being done for hours yet. */
export async function resumeReindexing(ctx: Pick<Ctx, 'tx'>): Promise<void> {
  const last = await lastIndexRotation(ctx)
  if (last && !last.finishedAt) await addJob(ctx, reindexJobName, {}, { key: 'one' })
}

export async function moveAll(
  { db, stopping }: Pick<House, 'db' | 'stopping'>,
  indexes: readonly BlindIndex[],
): Promise<'done' | 'waiting' | 'stopped'> {
  const { vault } = db
  assert(vault, 'a rotation before the vault is open')
  const at = await standing(db)
  if (!at) return 'done'
  if (at.number !== vault.indexBy) throw new Error('This program does not have the new index key; start it again')
  const from = Math.max(
    0,
    indexes.findIndex(({ name }) => name === at.index),
  )
  for (const [place, index] of indexes.entries()) {
    if (place < from) continue
    let page: number | null = place === from ? at.page : 0
    if (page === 0 && !(await inTx(db, systemActor, (ctx) => index.anyLeft(ctx)))) continue
    while (page !== null) {
      if (stopping.aborted) return 'stopped'
      page = await moveSome(db, index, page)
    }
    await index.outside?.({ db, stopping })
  }
  // All acts that are going on write under the new key, so what is found moved stays moved.
  const left = await inTx(db, systemActor, async (ctx) => {
    for (const index of indexes) if (await index.anyLeft(ctx)) return true
    return false
  })
  if (left) {
    await sql`update platform.index_rotations set at = null, page = 0 where finished_at is null`.execute(db.kysely)
    return 'waiting'
  }
  await inTx(db, systemActor, async (ctx) => {
    await sql`update platform.index_rotations set at = null, page = 0, finished_at = ${ctx.now} where finished_at is null`.execute(
      ctx.tx,
    )
    await sql`delete from platform.vault_keys where purpose = ${indexPurpose(vault.indexBy - 1)}`.execute(ctx.tx)
    ctx.afterCommit(() => {
      vault.keys.index = { now: vault.keys.index!.now, former: null }
    })
  })
  return 'done'
}

async function standing(db: Database): Promise<{ number: number; index: string | null; page: number } | null> {
  const { rows } = await sql<{ number: number; index: string | null; page: number }>`
    select number, at as index, page from platform.index_rotations where finished_at is null`.execute(db.kysely)
  return rows[0] ?? null
}

async function moveSome(db: Database, index: BlindIndex, page: number): Promise<number | null> {
  return inTx(db, systemActor, async (ctx) => {
    // What a power cut takes back is moved again.
    await sql`set local synchronous_commit = off`.execute(ctx.tx)
    const { next, moved } = await index.move(ctx, page)
    await sql`update platform.index_rotations set at = ${index.name}, page = ${next ?? page}, moved = moved + ${moved}
      where finished_at is null`.execute(ctx.tx)
    return next
  })
}

const busy = () =>
  new Refusal('conflict', 'vault.import_going', {}, 'An import is going on. Wait until it has ended, then try again.')
const actsGoOn = () =>
  new Refusal(
    'conflict',
    'vault.acts_going',
    {},
    'Something that is going on did not end within ten seconds, so nothing was changed. Try again in a while.',
  )
const reindexingGoing = () =>
  new Refusal(
    'conflict',
    'vault.reindexing_going',
    {},
    'The key of the blind indexes is being changed already; see how far it has come with: bin/roundtrip vault',
  )
