/**
 * Takes a person who is erased out of what files have left: samples and examples, rejected rows, rows that wait to be
 * applied, and the file itself where it held them. A row is known by what identifies it, a text by what it says: of a
 * namesake's rejected row the cells go too, which costs a look into the original file and no more.
 *
 * A file that nobody has told to be read yet is not looked into; it meets the list of the refused when it is read, and
 * goes by the retention rule when it isn't.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { type Erased, isRefused, type Mentions, mentionsOf, refusalsOf } from '#modules/members'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { arrayOf } from '#platform/rows'
import { underKeyOfNow } from './blind-indexes.ts'
import type { ImportView } from './contract.ts'
import { type ImportRow, importOf, keepColumns, keepReport, openColumns, openReport } from './imports.ts'
import type { StagedMember, StagedOrder } from './staging-rows.ts'

const page = 500

export async function forgetInFiles(house: House, { homes, records }: Erased): Promise<void> {
  const { db } = house
  const mentions = mentionsOf(records.map(({ values }) => values))
  const refused = await inTx(db, systemActor, async (ctx) => new Set(await refusalsOf(ctx, homes)))
  const { rows: imports } = await sql<{
    id: string
    state: string
  }>`select id, state from imports.imports order by id`.execute(db.kysely)
  for (const { id } of imports)
    await inTx(db, systemActor, (ctx) => forgetExamples(ctx, id, (text) => mentions.isIn(text)))
  await forgetRejected(house, mentions)
  for (const { id, state } of imports) {
    if (!['staged', 'applying', 'paused'].includes(state)) continue
    if (await forgetWaiting(house, id, refused)) await rm(join(house.folder, 'uploads', id), { force: true })
  }
}

/** Takes samples of columns and examples of the report out of an import, where the test says so. */
export async function forgetExamples(ctx: Ctx, id: string, goes: (text: string) => boolean): Promise<number> {
  const row = await importOf(ctx, id, { lock: true })
  let gone = 0
  const stays = (text: string | null) => {
    if (text === null || !goes(text)) return true
    gone++
    return false
  }
  const columns = openColumns(ctx, row).map((column) => ({ ...column, samples: column.samples.filter(stays) }))
  const report = openReport(ctx, row)
  const thinned = <L extends { examples: { before: string; after: string | null }[] }>(lines: readonly L[]) =>
    lines.map((line) => ({
      ...line,
      examples: line.examples.filter(({ before, after }) => stays(before) && stays(after)),
    }))
  const kept = report && { ...report, changes: thinned(report.changes), problems: thinned(report.problems) }
  if (gone === 0) return 0
  await keepColumns(ctx, id, columns, row.mappingRemembered)
  if (kept) await keepReport(ctx, id, kept)
  return gone
}

async function forgetRejected({ db }: House, mentions: Mentions): Promise<void> {
  for (let after = { id: '00000000-0000-0000-0000-000000000000', staging: 0, number: 0 }; ; ) {
    const { rows } = await sql<{ id: string; staging: number; number: number; sealed: Buffer }>`
      select import_id as id, staging, row_number as number, sealed from imports.rejected
      where (import_id, staging, row_number) > (${after.id}::uuid, ${after.staging}::int, ${after.number}::int)
      order by import_id, staging, row_number limit ${page}`.execute(db.kysely)
    const vault = db.vault!
    for (const { id, staging, number, sealed } of rows) {
      const said = vault.open<{ reason: string; cells: (string | null)[] }>(
        vault.keys.staging,
        `rejected:${id}`,
        sealed,
      )
      if (!said.cells.some((cell) => cell !== null && mentions.isIn(cell))) continue
      const empty = vault.seal(vault.keys.staging, `rejected:${id}`, { ...said, cells: [] })
      await sql`update imports.rejected set sealed = ${empty}
        where import_id = ${id} and staging = ${staging} and row_number = ${number}`.execute(db.kysely)
    }
    if (rows.length < page) return
    after = rows.at(-1)!
  }
}

/** Rows that wait to be applied; says whether there were any. */
async function forgetWaiting({ db }: House, importId: string, refused: ReadonlySet<string>): Promise<boolean> {
  const { rows: places } = await sql<{ place: string }>`
    select ctid::text as place from imports.blocks where import_id = ${importId}`.execute(db.kysely)
  let found = false
  for (const { place } of places)
    found = (await inTx(db, systemActor, (ctx) => forgetInBlock(ctx, importId, place, refused))) || found
  return found
}

async function forgetInBlock(
  ctx: Ctx,
  importId: string,
  place: string,
  refused: ReadonlySet<string>,
): Promise<boolean> {
  const { rows } = await sql<{
    staging: number
    bucket: number
    keys: string[]
    numbers: number[]
    hashes: string[]
    sealed: Buffer
  }>`select staging, bucket, row_keys::text[] as keys, row_numbers as numbers, content_hashes::text[] as hashes, sealed
    from imports.blocks where ctid = ${place}::tid and import_id = ${importId} for update`.execute(ctx.tx)
  const block = rows[0]
  if (!block) return false
  const name = `rows:${importId}:${block.staging}:${block.bucket}`
  const { stagedBy } = await importOf(ctx, importId)
  const payloads = ctx.vault.open<(StagedMember | StagedOrder)[]>(ctx.vault.keys.staging, name, block.sealed)
  const isTheirs = (kept: StagedMember | StagedOrder, keptKey: string) => {
    const { key, payload } = underKeyOfNow(
      ctx.vault,
      { key: keptKey, hash: keptKey, number: 0, payload: kept },
      stagedBy,
    )
    const record = 'record' in payload ? { key, identities: payload.record.identities } : payload.customer
    return record !== null && isRefused(ctx.vault, refused, record)
  }
  const theirs = new Set(payloads.flatMap((payload, index) => (isTheirs(payload, block.keys[index]!) ? index : [])))
  if (theirs.size === 0) return false
  // An order comes in without its customer; a row about the person doesn't come in.
  const goes = (index: number) => theirs.has(index) && 'record' in payloads[index]!
  const left = payloads.flatMap((payload, index) =>
    goes(index) ? [] : [theirs.has(index) ? { ...payload, customer: null } : payload],
  )
  const stay = <T>(list: readonly T[]) => list.filter((_, index) => !goes(index))
  await sql`update imports.blocks set row_keys = ${arrayOf('uuid', stay(block.keys))}, row_numbers = ${arrayOf('int', stay(block.numbers))},
    content_hashes = ${arrayOf('uuid', stay(block.hashes))}, sealed = ${ctx.vault.seal(ctx.vault.keys.staging, name, left)}
    where ctid = ${place}::tid and import_id = ${importId}`.execute(ctx.tx)
  await noteRefused(
    ctx,
    importId,
    block.numbers.filter((_, index) => goes(index)),
  )
  return true
}

/**
 * Rows that don't come in because their person was erased at own request: in the counts, in the report, and in the error
 * file by their number alone.
 */
export async function noteRefused(ctx: Ctx, importId: string, numbers: readonly number[]): Promise<void> {
  if (numbers.length === 0) return
  const row = await importOf(ctx, importId, { lock: true })
  const empty = () => ctx.vault.seal(ctx.vault.keys.staging, `rejected:${importId}`, { reason: refusedRow, cells: [] })
  for (const number of numbers)
    await sql`insert into imports.rejected (import_id, staging, row_number, sealed)
      values (${importId}, ${row.staging}, ${number}, ${empty()}) on conflict do nothing`.execute(ctx.tx)
  await keepCounts(ctx, row, numbers.length)
  const report = openReport(ctx, row)
  if (!report) return
  const before = report.rejections.find(({ code }) => code === refusedRow)?.count ?? 0
  await keepReport(ctx, importId, {
    ...report,
    rejections: [
      ...report.rejections.filter(({ code }) => code !== refusedRow),
      { code: refusedRow, count: before + numbers.length },
    ],
  })
}

async function keepCounts(ctx: Ctx, row: ImportRow, more: number): Promise<void> {
  if (!row.counts) return
  const counts: ImportView['counts'] = {
    ...row.counts,
    rejected: row.counts.rejected + more,
    // Before it is applied the counts say what it would do.
    ...(row.state === 'staged' ? { created: Math.max(0, row.counts.created - more) } : {}),
  }
  const progress = row.progress && { ...row.progress, of: row.progress.of - more }
  await sql`update imports.imports set counts = ${JSON.stringify(counts)}::jsonb,
    progress = ${progress === null ? null : JSON.stringify(progress)}::jsonb where id = ${row.id}`.execute(ctx.tx)
}

export const refusedRow = 'row.refused'

/** Error files and samples of imports that ended before a moment. Says how many rows and samples went. */
export async function forgetErrorFiles({ db, stopping }: House, before: Date): Promise<number> {
  let gone = 0
  const { rows: old } = await sql<{ id: string }>`select id from imports.imports where finished_at < ${before}`.execute(
    db.kysely,
  )
  for (const { id } of old) {
    if (stopping.aborted) break
    gone += await inTx(db, systemActor, async (ctx) => {
      const { numAffectedRows } = await sql`delete from imports.rejected where import_id = ${id}`.execute(ctx.tx)
      return Number(numAffectedRows ?? 0n) + (await forgetExamples(ctx, id, () => true))
    })
  }
  return gone
}
