/**
 * From staged rows to the member pool, in chunks of at most a second: rows of one key always in one chunk, the place
 * where it goes on moved in the chunk's own transaction. Killed at any moment, it goes on where it was.
 */
import { sql } from 'kysely'
import { companyOf } from '#modules/members'
import { inBulk } from '#platform/bulk'
import type { Actor, Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { lowestId } from '#platform/ids'
import { applyLane } from './applying-lane.ts'
import type { ImportView } from './contract.ts'
import { claim, type ImportRow, importOf } from './imports.ts'
import { discard, dropFile } from './staging.ts'
import { applyLaneInThread } from './worker.ts'

const lanes = 2

export async function claimApplying(house: House, actor: Actor, id: string): Promise<ImportRow> {
  return inTx(house.db, actor, async (ctx) => {
    const row = await claim(ctx, id, ['staged', 'paused'], 'applying')
    if (await beginLanes(ctx, id)) {
      // Counted anew from what really happens; until now it said what would.
      const { rows, rejected } = row.counts!
      const fresh = { ...row.counts!, created: 0, updated: 0, unchanged: 0, joined: null, members: null }
      await sql`update imports.imports set counts = ${JSON.stringify(fresh)}::jsonb, progress = ${JSON.stringify({ step: 'applying', done: 0, of: rows - rejected, unit: 'rows' })}::jsonb where id = ${id}`.execute(
        ctx.tx,
      )
    }
    return row
  })
}

/** Shares the keys, which are evenly spread, among the lanes; false when an earlier run has done so. */
async function beginLanes(ctx: Ctx, id: string): Promise<boolean> {
  const bounds = Array.from({ length: lanes + 1 }, (_, index) => keyAt(index / lanes))
  const { rows } = await sql`insert into imports.lanes (import_id, lane, applied_key, last_key)
    select ${id}, lane, after, last from unnest(${bounds.slice(1).map((_, lane) => lane)}::smallint[], ${bounds.slice(0, -1)}::uuid[], ${bounds.slice(1)}::uuid[]) as u(lane, after, last)
    on conflict do nothing returning lane`.execute(ctx.tx)
  return rows.length > 0
}

/** The key at a share of all keys: 0 is before the first, 1 is the last. */
function keyAt(share: number): string {
  if (share === 1) return 'ffffffff-ffff-ffff-ffff-ffffffffffff'
  return `${Math.floor(share * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}-0000-0000-0000-000000000000`
}

/** An import of fewer rows is applied before threads of its own have come to their senses. */
const rowsWorthThreads = 20_000

/**
 * Applies what is staged, in lanes side by side: while one prepares its next rows the other's are written. Returns when
 * all is applied. A stop between two chunks leaves it `paused`, and so does whatever goes wrong in a lane.
 */
export async function apply(house: House, actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  // From here on only the staged rows are read.
  await dropFile(house, id)
  await inBulk(() => applyAll(house, actor, id, signal))
}

async function applyAll(house: House, actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  const failing = new AbortController()
  const either = AbortSignal.any([signal, failing.signal])
  const row = await inTx(house.db, actor, (ctx) => importOf(ctx, id))
  const run = row.counts!.rows < rowsWorthThreads ? applyLane : applyLaneInThread
  const noteTime = stopwatch(house, id)
  const noting = setInterval(noteTime, 1_000)
  try {
    const results = await Promise.allSettled(
      Array.from({ length: lanes }, (_, lane) =>
        run(house.db, { importId: id, lane, actor, folder: house.folder }, either).catch((error: unknown) => {
          failing.abort()
          throw error
        }),
      ),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    if (!signal.aborted) await finish(house, actor, id, noteTime)
  } finally {
    clearInterval(noting)
    await noteTime()
  }
  if (signal.aborted) {
    await inTx(house.db, actor, (ctx) =>
      sql`update imports.imports set state = 'paused' where id = ${id} and state = 'applying'`.execute(ctx.tx),
    )
  }
}

/** Notes how long the work has taken since it was noted last. A courtesy: work that can't go on says so itself. */
function stopwatch(house: House, id: string): () => Promise<void> {
  let noted = Date.now()
  return async () => {
    const now = Date.now()
    const took = now - noted
    noted = now
    await sql`update imports.imports set work_milliseconds = work_milliseconds + ${took} where id = ${id}`
      .execute(house.db.kysely)
      .catch((error: unknown) => house.log.warn({ err: error, importId: id }, 'time not noted'))
  }
}

async function finish(house: House, actor: Actor, id: string, noteTime: () => Promise<void>): Promise<void> {
  // Counted before anything is locked: it takes seconds, and a transaction that writes holds up all reactions.
  const members = await inTx(house.db, actor, (ctx) => membersTouched(ctx, id))
  await noteTime()
  await inTx(house.db, actor, async (ctx) => {
    const row = await importOf(ctx, id, { lock: true })
    const counts: ImportView['counts'] = { ...row.counts!, ...members }
    await sql`update imports.imports set state = 'done', counts = ${JSON.stringify(counts)}::jsonb, progress = null, finished_at = ${ctx.now} where id = ${id} and state = 'applying'`.execute(
      ctx.tx,
    )
  })
  await discard(house, id)
}

/** Different members that the rows belong to, and records of this import whose member has another record. */
async function membersTouched(ctx: Ctx, id: string): Promise<{ members: number; joined: number }> {
  let members = 0
  let joined = 0
  const persons = new Set<string>()
  for (let after = lowestId; ; ) {
    const { rows } = await sql<{ member_id: string }>`
      select member_id from imports.touched where import_id = ${id} and member_id > ${after}::uuid order by member_id limit 5000`.execute(
      ctx.tx,
    )
    if (rows.length === 0) break
    const homes = rows.map((row) => row.member_id)
    for (const { person, records, own } of (await companyOf(ctx, homes, id)).values()) {
      if (records > 1) {
        // Only a member of several records can be met twice, so the set stays as small as the joins are.
        persons.add(person)
        if (own) joined++
      } else members++
    }
    after = homes.at(-1)!
  }
  return { members: members + persons.size, joined }
}
