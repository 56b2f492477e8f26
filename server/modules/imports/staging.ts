/**
 * From a file to cleaned rows: the upload is kept in the data folder until it is staged, a worker reads its columns,
 * a mapping is guessed, remembered or given, and the whole file is cleaned before anything of it is applied.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { channels } from '#modules/channels'
import { type Described, describedFor, wordOf } from '#modules/dictionary'
import { inBulk } from '#platform/bulk'
import { dayOf } from '#platform/clock'
import type { Actor } from '#platform/ctx'
import { inTx, mayLockTables } from '#platform/db'
import { isOutage, Refusal, sqlStateOf } from '#platform/errors'
import { hasRoom } from '#platform/folder'
import type { House } from '#platform/house'
import { contentBytes, isSealed, type SealedFile, sealed } from '#platform/sealed-file'
import { readSettings } from '#platform/settings'
import { differenceOf } from './difference.ts'
import { diskFull, fileGone, noRoom, nothingMapped, wrongState } from './errors.ts'
import {
  claim,
  type ImportRow,
  importOf,
  type KeptColumn,
  keepColumns,
  keepReport,
  openColumns,
  rememberedMapping,
  rememberMapping,
  unfinishedOf,
} from './imports.ts'
import { checkMapping } from './mapping.ts'
import { runWorker } from './worker.ts'

const folderOf = (house: House) => join(house.folder, 'uploads')
const fileOf = (house: House, id: string) => join(folderOf(house), id)
/** Files lie sealed; the thread that reads one opens it chunk by chunk. */
const sealedFileOf = (house: House, id: string): SealedFile => ({
  path: fileOf(house, id),
  key: house.db.vault!.keys.staging,
  place: `upload:${id}`,
})

/**
 * Takes the file in and reads its columns. A file that was half applied before is that import again: its row comes
 * back instead, and the new one is dropped.
 */
export async function receive(house: House, actor: Actor, id: string, body: Readable): Promise<ImportRow> {
  // The state can't say it: an upload that was cut off may come again.
  if (receiving.has(id)) throw wrongState(id, 'uploading', ['mapping', 'failed'])
  receiving.add(id)
  try {
    return await takeIn(house, actor, id, body)
  } finally {
    receiving.delete(id)
  }
}

const receiving = new Set<string>()

async function takeIn(house: House, actor: Actor, id: string, body: Readable): Promise<ImportRow> {
  await inTx(house.db, actor, (ctx) => claim(ctx, id, ['uploading', 'mapping', 'failed'], 'uploading'))
  await mkdir(folderOf(house), { recursive: true, mode: 0o700 })
  const file = fileOf(house, id)
  const hash = createHash('sha256')
  try {
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          yield chunk
        }
      },
      (chunks: AsyncIterable<Buffer>) => sealed(chunks, sealedFileOf(house, id)),
      createWriteStream(`${file}.part`, { mode: 0o600 }),
    )
  } catch (error) {
    await rm(`${file}.part`, { force: true })
    throw (error as { code?: string }).code === 'ENOSPC' ? diskFull() : error
  }
  await rename(`${file}.part`, file)
  const contentHash = hash.digest()
  const before = await inTx(house.db, actor, async (ctx) => {
    const row = await importOf(ctx, id, { lock: true })
    const unfinished = await unfinishedOf(ctx, {
      hash: contentHash,
      channelId: row.channelId,
      kind: row.kind,
      origin: row.origin,
    })
    if (unfinished && unfinished.id !== id) {
      await sql`delete from imports.imports where id = ${id}`.execute(ctx.tx)
      return unfinished
    }
    await sql`update imports.imports set content_hash = ${contentHash} where id = ${id}`.execute(ctx.tx)
    return null
  })
  if (before) {
    await rm(file, { force: true })
    return before
  }
  return analyse(house, actor, id)
}

async function analyse(house: House, actor: Actor, id: string): Promise<ImportRow> {
  const file = fileOf(house, id)
  const row = await inTx(house.db, actor, (ctx) => importOf(ctx, id))
  try {
    const { analysis } = await runWorker(
      { task: 'analyse', file: sealedFileOf(house, id), kind: row.kind },
      'analysed',
      {
        signal: house.stopping,
      },
    )
    const { size } = await stat(file)
    return await inTx(house.db, actor, async (ctx) => {
      const names = analysis.columns.map(({ name }) => name)
      const remembered = await rememberedMapping(ctx, row.channelId, row.kind, names)
      const fields = row.kind === 'members' ? await describedFor(ctx, row.channelId) : []
      const kept: KeptColumn[] = analysis.columns.map((column, index) => ({
        ...column,
        ...ownField(fields, column),
        position: index + 1,
        counts: null,
        ...(remembered
          ? { field: remembered[index] ?? null, certainty: 'certain' as const, reason: 'remembered' }
          : {}),
      }))
      await keepColumns(ctx, id, kept, remembered !== null)
      // Unless somebody cancelled it meanwhile.
      await claim(ctx, id, ['uploading'], 'mapping')
      const { format, encoding, delimiter, sheet, headerless } = analysis
      await sql`update imports.imports set file = ${JSON.stringify({ format, encoding, delimiter, sheet, headerless, bytes: contentBytes(size) })}::jsonb where id = ${id}`.execute(
        ctx.tx,
      )
      return importOf(ctx, id)
    })
  } catch (error) {
    const cancelled = error instanceof Refusal && error.code === 'imports.wrong_state'
    if (!cancelled) await fail(house, actor, id, error)
    await rm(file, { force: true })
    throw error
  }
}

const uploads = (house: House) => readdir(folderOf(house)).catch((): string[] => [])

/** What was being sent when the program ended the last time goes; what an older program left unsealed is sealed. */
export async function tidyUploads(house: House): Promise<void> {
  for (const name of await uploads(house)) {
    const file = fileOf(house, name)
    if (name.endsWith('.part')) await rm(file, { force: true })
    else if (!(await isSealed(file))) {
      const content = createReadStream(file) as AsyncIterable<Buffer>
      await pipeline(sealed(content, sealedFileOf(house, name)), createWriteStream(`${file}.part`, { mode: 0o600 }))
      await rename(`${file}.part`, file)
    }
  }
}

/** A column that is headed as a field that the group or the company added is called. */
function ownField(fields: readonly Described[], { name, field }: { name: string; field: string | null }) {
  if (field !== null) return {}
  const own = fields.find(
    (one) =>
      one.field.startsWith('custom.') &&
      [one.field.slice('custom.'.length), ...Object.values(one.names)].some(
        (called) => called !== null && wordOf(called) === wordOf(name),
      ),
  )
  return own ? { field: own.field, certainty: 'certain' as const, reason: 'dictionary' } : {}
}

/** Says which column is what. What was staged by another mapping is not read any more. */
export async function setMapping(
  house: House,
  actor: Actor,
  id: string,
  mapping: Readonly<Record<string, string | null>>,
): Promise<ImportRow> {
  return inTx(house.db, actor, async (ctx) => {
    const row = await claim(ctx, id, ['mapping', 'staged'], 'mapping')
    const kept = openColumns(ctx, row)
    const fields = checkMapping(
      mapping,
      kept.map(({ name }) => name),
      row.kind,
    )
    const next = kept.map((column, index) => ({
      ...column,
      field: fields[index]!,
      certainty: 'certain' as const,
      reason: 'given',
      counts: null,
    }))
    await keepColumns(ctx, id, next, false)
    await sql`update imports.imports set sealed_report = null, counts = null, progress = null where id = ${id}`.execute(
      ctx.tx,
    )
    return importOf(ctx, id)
  })
}

/** Cleans the whole file into staged rows and says what applying them would do. */
export function stage(house: House, actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  return inBulk(() => stageAll(house, actor, id, signal))
}

async function stageAll(house: House, actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  const started = Date.now()
  const prepared = await inTx(house.db, actor, async (ctx) => {
    const row = await importOf(ctx, id, { lock: true })
    const staging = row.staging + 1
    await sql`update imports.imports set staging = ${staging}, staged_by = ${ctx.vault.indexBy}, sealed_report = null, counts = null,
      progress = ${JSON.stringify({ step: 'reading', done: 0, of: row.file?.bytes ?? 0, unit: 'bytes' })}::jsonb where id = ${id}`.execute(
      ctx.tx,
    )
    const channel = (await channels(ctx)).find((one) => one.id === row.channelId)!
    const settings = await readSettings(ctx)
    return {
      row,
      staging,
      channel,
      settings,
      kept: openColumns(ctx, row),
      today: dayOf(ctx.now, settings.timeZone),
      described: await describedFor(ctx, channel.id),
    }
  })
  const { row, staging, channel, settings, kept, today, described } = prepared
  const dateColumn = kept.find(({ field }) => field === (row.kind === 'members' ? 'birthDate' : 'orderedAt'))
  let noted = Date.now()
  const crowded = new AbortController()
  try {
    if (!(await hasRoom(house.folder))) throw noRoom()
    await haveFile(house, id)
    const { report } = await inBulk(() =>
      runWorker(
        {
          task: 'stage',
          file: sealedFileOf(house, id),
          importId: id,
          staging,
          databaseUrl: house.db.url,
          keys: house.db.vault!.keys,
          options: {
            channel,
            kind: row.kind,
            fields: kept.map(({ field }) => field),
            columns: kept.length,
            country: settings.country,
            currency: settings.currency,
            timeZone: settings.timeZone,
            today,
            dayFirst: dateColumn?.dayFirst ?? null,
            decimalComma: kept.find(({ field }) => field === 'amount')?.decimalComma ?? null,
            described,
          },
        },
        'staged',
        {
          signal: AbortSignal.any([signal, crowded.signal]),
          onProgress: ({ bytes, of }) => {
            if (Date.now() - noted < 400) return
            noted = Date.now()
            void stopWithoutRoom(house.folder, crowded)
            // Progress is a courtesy: when it can't be written, the work that can't go on says so itself.
            sql`update imports.imports set progress = ${JSON.stringify({ step: 'reading', done: bytes, of, unit: 'bytes' })}::jsonb where id = ${id} and state = 'staging'`
              .execute(house.db.kysely)
              .catch((error: unknown) => house.log.warn({ err: error, importId: id }, 'progress not noted'))
          },
        },
      ),
    )
    if (report.rows === 0) throw new Refusal('invalid', 'file.no_rows', {}, 'The file has a header but no rows.')
    await inTx(house.db, actor, async (ctx) => {
      const { columns: counts, rows, rejections, openingPoints, ...said } = report
      const rejected = rejections.reduce((sum, { count }) => sum + count, 0)
      const difference = await differenceOf(ctx, { importId: id, staging, kind: row.kind, rows, rejected })
      if (kept.some(({ field }) => field === 'openingPoints')) {
        difference.openingPoints = { inFile: openingPoints, inLedger: 0 }
      }
      await keepColumns(
        ctx,
        id,
        kept.map((column, index) => ({ ...column, counts: counts[index]! })),
        row.mappingRemembered,
      )
      await keepReport(ctx, id, { ...said, rejections })
      await rememberMapping(ctx, row.channelId, row.kind, kept)
      await sql`update imports.imports set state = 'staged', counts = ${JSON.stringify(difference)}::jsonb, progress = null,
        work_milliseconds = work_milliseconds + ${Date.now() - started} where id = ${id} and state = 'staging'`.execute(
        ctx.tx,
      )
    })
    if (report.rows > 0) await house.db.pool.query('analyze imports.blocks')
  } catch (met) {
    const error = crowded.signal.aborted ? noRoom() : met
    if (signal.aborted) await backToMapping(house, actor, id)
    // While the database is away nothing can be said of it; the work is tried again from its beginning.
    else if (!isOutage(error) || sqlStateOf(error) === diskFullState) {
      await fail(house, actor, id, error)
      await discard(house, id)
    }
    throw error
  }
}

/** Ends the reading where the disk has no room for more. */
async function stopWithoutRoom(folder: string, crowded: AbortController): Promise<void> {
  const [room] = await Promise.allSettled([hasRoom(folder)])
  if (room.status === 'fulfilled' && !room.value) crowded.abort()
}

export async function claimStaging(house: House, actor: Actor, id: string): Promise<ImportRow> {
  return inTx(house.db, actor, async (ctx) => {
    const row = await claim(ctx, id, ['mapping', 'staged'], 'staging')
    const fields = openColumns(ctx, row).map(({ field }) => field)
    if (fields.every((field) => field === null)) throw nothingMapped()
    // What a guess left out must still say whom a row is about.
    checkMapping(
      Object.fromEntries(fields.map((field, index) => [String(index + 1), field])),
      openColumns(ctx, row).map(({ name }) => name),
      row.kind,
    )
    return row
  })
}

async function backToMapping(house: House, actor: Actor, id: string): Promise<void> {
  await inTx(house.db, actor, (ctx) =>
    sql`update imports.imports set state = 'mapping', progress = null where id = ${id} and state = 'staging'`.execute(
      ctx.tx,
    ),
  )
}

const diskFullState = '53100'

async function fail(house: House, actor: Actor, id: string, error: unknown): Promise<void> {
  const code = sqlStateOf(error)
  const refusal = error instanceof Refusal ? error : code === 'ENOSPC' || code === diskFullState ? diskFull() : null
  const said = {
    code: refusal?.code ?? 'program.bug',
    params: refusal?.params ?? {},
    message: refusal?.message ?? 'Something went wrong that should not have; the log says more.',
  }
  if (!refusal) house.log.error({ err: error, importId: id }, 'import failed')
  await inTx(house.db, actor, (ctx) =>
    sql`update imports.imports set state = 'failed', error = ${JSON.stringify(said)}::jsonb, progress = null, finished_at = ${ctx.now} where id = ${id}`.execute(
      ctx.tx,
    ),
  )
}

async function haveFile(house: House, id: string): Promise<void> {
  try {
    await stat(fileOf(house, id))
  } catch (error) {
    throw (error as { code?: string }).code === 'ENOENT' ? fileGone() : error
  }
}

export const dropFile = (house: House, id: string) => rm(fileOf(house, id), { force: true })

/** The file and the staged rows of an import that needs them no more. */
export async function discard(house: House, id: string): Promise<void> {
  await dropFile(house, id)
  await sql`delete from imports.lanes where import_id = ${id}`.execute(house.db.kysely)
  const emptied = await house.db.kysely.transaction().execute(async (tx) => {
    if (!(await mayLockTables(tx))) return false
    // An import that begins to stage now waits for the lock and is not seen below; one that began before is.
    await sql`lock table imports.blocks in access exclusive mode`.execute(tx)
    const { rows: others } = await sql`select from imports.imports
      where id <> ${id} and state in ('staging', 'staged', 'applying', 'paused') limit 1`.execute(tx)
    if (others.length > 0) return false
    // Nobody else has rows here: emptying the table costs nothing, deleting a million rows does.
    await sql`truncate imports.blocks`.execute(tx)
    return true
  })
  if (emptied) return
  for (;;) {
    const { numAffectedRows } =
      await sql`delete from imports.blocks where ctid in (select ctid from imports.blocks where import_id = ${id} limit 2000)`.execute(
        house.db.kysely,
      )
    if (!numAffectedRows) return
  }
}

/**
 * Files and rows of imports that somebody began before a moment and left lying; their state says so. And files of that age
 * which no import will read again, whatever left them. Says how many.
 */
export async function dropForgotten(house: House, before: Date): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    update imports.imports set state = 'cancelled', finished_at = now()
    where state in ('uploading', 'mapping', 'staged') and created_at < ${before} returning id`.execute(house.db.kysely)
  for (const { id } of rows) await discard(house, id)
  const { rows: wanted } = await sql<{ id: string }>`
    select id from imports.imports where state in ('uploading', 'mapping', 'staging', 'staged')`.execute(
    house.db.kysely,
  )
  const kept = new Set(wanted.map(({ id }) => id))
  let orphans = 0
  for (const name of await uploads(house)) {
    const file = fileOf(house, name)
    if (kept.has(name.replace(/\.part$/, '')) || (await stat(file)).mtime >= before) continue
    await rm(file, { force: true })
    orphans++
  }
  return rows.length + orphans
}
