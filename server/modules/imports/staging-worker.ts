/**
 * Runs in a thread of its own: whatever a file does to the parser, the server answers on. Reads the file, cleans and
 * seals its rows, and copies them into `imports.rows` in short transactions. It holds a connection of its own.
 */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { guessDayFirst, guessDecimalComma } from '#modules/cleaning'
import { Refusal } from '#platform/errors'
import { type VaultKeys, vaultOf } from '#platform/vault'
import { openTable } from './files/index.ts'
import { guessMapping } from './mapping.ts'
import { RowStager, type StagingOptions, type StagingReport } from './staging-rows.ts'

export interface AnalyseTask {
  task: 'analyse'
  file: string
  kind: 'members' | 'orders'
}

export interface StageTask {
  task: 'stage'
  file: string
  importId: string
  staging: number
  databaseUrl: string
  keys: VaultKeys
  options: StagingOptions
}

export interface Analysis {
  format: string
  encoding: string | null
  delimiter: string | null
  sheet: string | null
  headerless: boolean
  columns: {
    name: string
    samples: string[]
    field: string | null
    certainty: 'certain' | 'likely' | 'confirm'
    reason: string
    dayFirst: boolean | null
    decimalComma: boolean | null
  }[]
}

export type WorkerMessage =
  | { type: 'progress'; bytes: number; of: number; rows: number }
  | { type: 'analysed'; analysis: Analysis }
  | { type: 'staged'; report: StagingReport }
  | { type: 'refused'; kind: Refusal['kind']; code: string; params: Record<string, unknown>; message: string }
  | { type: 'failed'; message: string; code: string | null }

const port = parentPort!
const say = (message: WorkerMessage) => port.postMessage(message)
const samplesRead = 300
const samplesShown = 4
/** Rows in one COPY: a transaction of well under a second. */
const rowsInCopy = 5_000

async function analyse({ file, kind }: AnalyseTask): Promise<Analysis> {
  const table = await openTable(file)
  const samples: string[][] = table.columns.map(() => [])
  let rows = 0
  for await (const batch of table.rows()) {
    for (const row of batch) {
      if (++rows > samplesRead) break
      table.columns.forEach((_, index) => {
        const cell = row.cells[index]
        if (cell !== null && cell !== undefined && cell.trim() !== '') samples[index]!.push(cell)
      })
    }
    if (rows >= samplesRead) break
  }
  const guesses = guessMapping({ columns: table.columns, samples, kind, headerless: table.headerless })
  return {
    format: table.format,
    encoding: table.encoding,
    delimiter: table.delimiter,
    sheet: table.sheet,
    headerless: table.headerless,
    columns: guesses.map(({ column, field, certainty, reason }, index) => ({
      name: column,
      samples: [...new Set(samples[index]!.map((sample) => sample.slice(0, 80)))].slice(0, samplesShown),
      field,
      certainty,
      reason,
      dayFirst: guessDayFirst(samples[index]!) ?? null,
      decimalComma: guessDecimalComma(samples[index]!) ?? null,
    })),
  }
}

async function stage({ file, importId, staging, databaseUrl, keys, options }: StageTask): Promise<StagingReport> {
  const vault = vaultOf(keys)
  const table = await openTable(file)
  const stager = new RowStager(vault, options)
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'roundtrip staging' })
  client.on('error', () => {})
  await client.connect()
  let lines: string[] = []
  let rejected: { rowNumber: number; sealed: Buffer }[] = []
  let rows = 0
  const copyOut = async () => {
    if (lines.length > 0) {
      const stream = client.query(
        copyFrom('copy imports.rows (import_id, staging, row_key, row_number, content_hash, sealed) from stdin'),
      )
      const finished = once(stream, 'finish')
      stream.end(lines.join(''))
      lines = []
      await finished
    }
    if (rejected.length > 0) {
      await client.query(
        'insert into imports.rejected (import_id, staging, row_number, sealed) select $1, $2, n, s from unnest($3::int[], $4::bytea[]) as u(n, s)',
        [importId, staging, rejected.map(({ rowNumber }) => rowNumber), rejected.map(({ sealed }) => sealed)],
      )
      rejected = []
    }
    say({ type: 'progress', bytes: table.bytesRead(), of: table.bytesTotal, rows })
  }
  try {
    for await (const batch of table.rows()) {
      for (const row of batch) {
        rows++
        const result = stager.stage(row)
        if ('rejected' in result) {
          rejected.push({
            rowNumber: row.number,
            sealed: vault.seal(keys.staging, `rejected:${importId}`, { reason: result.rejected, cells: row.cells }),
          })
        } else {
          const { rowNumber, key, contentHash, payload } = result.staged
          const sealed = vault.seal(keys.staging, `row:${importId}`, payload)
          lines.push(`${importId}\t${staging}\t${key}\t${rowNumber}\t${contentHash}\t\\\\x${sealed.toString('hex')}\n`)
        }
      }
      if (lines.length + rejected.length >= rowsInCopy) await copyOut()
    }
    await copyOut()
  } finally {
    await client.end()
  }
  return stager.report(table.warnings())
}

try {
  const task = workerData as AnalyseTask | StageTask
  if (task.task === 'analyse') say({ type: 'analysed', analysis: await analyse(task) })
  else say({ type: 'staged', report: await stage(task) })
} catch (error) {
  if (error instanceof Refusal)
    say({ type: 'refused', kind: error.kind, code: error.code, params: error.params, message: error.message })
  else say({ type: 'failed', message: (error as Error).message, code: (error as { code?: string }).code ?? null })
}
