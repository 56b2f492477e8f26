/** `roundtrip import`: a file in, one result out. Killed or cancelled, the same command goes on where it stopped. */
import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ChannelKind } from '#modules/channels'
import * as imports from '#modules/imports/contract'
import type { Config } from '#platform/config'
import { Refusal } from '#platform/errors'
import type { Program } from './commands.ts'
import { catchUp } from './contract.ts'

export interface ImportOptions {
  file: string
  channel: string
  create?: ChannelKind
  as: 'members' | 'orders'
  map?: string
  dryRun: boolean
  wait: boolean
  live: boolean
  onProgress(text: string): void
}

export interface ImportResult {
  importId: string
  rows: number
  created: number
  updated: number
  joined: number | null
  unchanged: number
  rejected: number
  members: number | null
  seconds: number
  errorFile: string | null
  mapping: Record<string, string | null>
  dryRun?: true
  /** Opening balances: their sum in the file, and what of it the ledger has; missing where no column brings them. */
  openingPoints?: { inFile: number; inLedger: number }
  changes: { code: string; field: string; count: number }[]
  problems: { code: string; field: string; count: number }[]
  rejections: { code: string; count: number }[]
  warnings: { code: string; count: number; row: number | null }[]
}

export async function importFile(program: Program, config: Config, options: ImportOptions): Promise<ImportResult> {
  const path = resolve(options.file)
  const found = await stat(path).catch(() => null)
  if (!found?.isFile())
    throw new Refusal('invalid', 'file.not_found', { file: options.file }, `There is no file ${options.file}.`)
  const mapping = options.map === undefined ? null : await readMap(options.map)

  const id = randomUUID()
  await program.call(imports.addImport, {
    id,
    fileName: basename(path),
    channel: options.channel,
    ...(options.create ? { create: options.create } : {}),
    as: options.as,
    origin: options.live ? 'live' : 'import',
  })
  let view: imports.ImportView
  try {
    view = await program.send(imports.putImportFile, { importId: id }, createReadStream(path))
    if (view.id !== id && mapping && !agrees(view, mapping)) throw begunOtherwise(view.id)
    if (view.state === 'mapping') {
      if (mapping) view = await program.call(imports.putMapping, { importId: view.id, mapping })
      await program.call(imports.stageImport, { importId: view.id })
      view = await follow(program, view.id, 'staging', options.onProgress)
    }
    if (view.state !== 'staged' && view.state !== 'paused' && view.state !== 'applying') throw failureOf(view)
  } catch (error) {
    // A draft that never became an import leaves nothing behind, and one that failed says why; where even asking
    // fails, the first error says more.
    const [left] = await Promise.allSettled([program.call(imports.readImport, { importId: id })])
    if (left.status === 'fulfilled' && left.value.state !== 'failed')
      await Promise.allSettled([program.call(imports.cancelImport, { importId: id })])
    throw error
  }
  if (options.dryRun) {
    const result = {
      ...resultOf(view),
      errorFile: await writeErrorFile(program, config, view, path),
      dryRun: true as const,
    }
    if (view.state === 'staged') await program.call(imports.cancelImport, { importId: view.id })
    return result
  }
  if (view.state !== 'applying') await program.call(imports.applyImport, { importId: view.id })
  view = await follow(program, view.id, 'applying', options.onProgress)
  if (view.state !== 'done') throw failureOf(view)
  if (options.wait) await program.call(catchUp, {})
  return { ...resultOf(view), errorFile: await writeErrorFile(program, config, view, path) }
}

/** Undoes an import and waits until reactions have followed. */
export async function undoImport(program: Program, importId: string, onProgress: (text: string) => void) {
  const preview = await program.call(imports.undoPreview, { importId })
  await program.call(imports.undoImport, { importId })
  const view = await follow(program, importId, 'undoing', onProgress)
  if (view.state !== 'undone') throw failureOf(view)
  await program.call(catchUp, {})
  return { importId, ...preview }
}

/** Seconds for which a command waits for a database that is away. */
const triesWhileAway = 60

async function follow(
  program: Program,
  importId: string,
  state: string,
  onProgress: (text: string) => void,
): Promise<imports.ImportView> {
  let away = 0
  for (let pause = 20; ; pause = Math.min(500, pause * 1.5)) {
    const view = await program.call(imports.readImport, { importId }).catch((error: unknown) => {
      // The program waits for its database too, and goes on with the work when it is back.
      if (!(error instanceof Refusal && error.code === 'program.database_away') || ++away > triesWhileAway) throw error
      return null
    })
    if (!view) {
      onProgress('the database is away; waiting for it')
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      continue
    }
    away = 0
    if (view.progress)
      onProgress(
        `${view.progress.step} ${view.progress.done.toLocaleString('en')} / ${view.progress.of.toLocaleString('en')} ${view.progress.unit}`,
      )
    // An undo that stopped stays where it is and says why; nobody is working on it any more.
    if (view.state !== state || view.error) return view
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

/** A file that was half applied before goes on by the mapping that it began with. */
function agrees(view: imports.ImportView, mapping: Readonly<Record<string, string | null>>): boolean {
  return view.columns.every(({ name, field }, index) => {
    const position = String(index + 1)
    const wanted = name in mapping ? mapping[name] : (mapping[position] ?? null)
    return wanted === field
  })
}

const begunOtherwise = (importId: string) =>
  new Refusal(
    'conflict',
    'imports.begun_otherwise',
    { importId },
    `A part of this file was applied already, by another mapping, as import ${importId}. Go on without --map, or take it back first: bin/roundtrip import undo ${importId}`,
  )

async function readMap(file: string): Promise<Record<string, string | null>> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Refusal('invalid', 'mapping.no_file', { file }, `There is no mapping file ${file}.`)
  })
  try {
    const parsed = imports.mapping.safeParse(JSON.parse(text.replace(/^\ufeff/, '')))
    if (parsed.success) return parsed.data
  } catch {
    // Said below, together with JSON of another shape.
  }
  throw new Refusal(
    'invalid',
    'mapping.bad_file',
    { file },
    `${file} should be JSON of the form {"column": "field"}, with null for a column to leave out.`,
  )
}

function resultOf(view: imports.ImportView): ImportResult {
  const counts: NonNullable<imports.ImportView['counts']> = view.counts ?? {
    rows: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    rejected: 0,
    joined: null,
    members: null,
  }
  const short = (lines: { code: string; field: string; count: number }[]) =>
    lines.map(({ code, field, count }) => ({ code, field, count }))
  return {
    importId: view.id,
    rows: counts.rows,
    created: counts.created,
    updated: counts.updated,
    joined: counts.joined,
    unchanged: counts.unchanged,
    rejected: counts.rejected,
    members: counts.members,
    seconds: view.seconds,
    errorFile: null,
    ...(counts.openingPoints ? { openingPoints: counts.openingPoints } : {}),
    mapping: Object.fromEntries(view.columns.map(({ name, field }) => [name, field])),
    changes: short(view.report?.changes ?? []),
    problems: short(view.report?.problems ?? []),
    rejections: view.report?.rejections ?? [],
    warnings: view.report?.warnings ?? [],
  }
}

/** Writes the rejected rows beside the file, or into the data folder where that can't be written to. */
async function writeErrorFile(
  program: Program,
  config: Config,
  view: imports.ImportView,
  file: string,
): Promise<string | null> {
  if (!view.counts || view.counts.rejected === 0) return null
  const name = `${basename(file).replace(/\.[^.]*$/, '')}.errors.csv`
  const beside = join(dirname(file), name)
  const target = await access(dirname(file), 2).then(
    () => beside,
    () => join(config.dataFolder, name),
  )
  await pipeline(
    await program.stream(imports.errorFile, { importId: view.id }),
    createWriteStream(target, { mode: 0o600 }),
  )
  return target
}

function failureOf(view: imports.ImportView): Refusal {
  if (view.error)
    return new Refusal('conflict', view.error.code, { ...view.error.params, importId: view.id }, view.error.message)
  return new Refusal(
    'conflict',
    `imports.${view.state}`,
    { importId: view.id },
    `Import ${view.id} is ${view.state}. Give the same command again to go on.`,
  )
}
