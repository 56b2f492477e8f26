/**
 * Runs in a thread of its own: whatever a file does to the parser, the server answers on. Reads the file, cleans and
 * seals its rows, and copies them into `imports.blocks` in short transactions.
 */
import { availableParallelism } from 'node:os'
import { scheduler } from 'node:timers/promises'
import { MessageChannel, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { guessDayFirst, guessDecimalComma } from '#modules/cleaning'
import type { SealedFile } from '#platform/sealed-file'
import { openTable, type SourceRow, type Table } from './files/index.ts'
import { guessMapping } from './mapping.ts'
import { openPart, type Staging } from './staging-part.ts'
import { mergeReports, type StagingReport } from './staging-rows.ts'
import { runWorker } from './worker.ts'
import { answer } from './worker-answer.ts'

export interface AnalyseTask {
  task: 'analyse'
  file: SealedFile
  kind: 'members' | 'orders'
}

export interface StageTask extends Omit<Staging, 'bytes'> {
  task: 'stage'
  file: SealedFile
}

export interface HelpTask extends Staging {
  task: 'help'
  /** Where batches come from. */
  port: MessagePort
}

export interface ReadTask {
  task: 'read'
  file: SealedFile
  /** One more is read, so that whoever asks sees that there are more. */
  rowsAtMost: number
}

/** A small table, whole. */
export interface WholeTable extends Pick<Table, 'format' | 'encoding' | 'sheet' | 'headerless' | 'columns'> {
  rows: SourceRow[]
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

export type StagingMessage =
  | { type: 'progress'; bytes: number; of: number; rows: number }
  | { type: 'analysed'; analysis: Analysis }
  | { type: 'staged'; report: StagingReport }
  | { type: 'read'; table: WholeTable }

const port = parentPort!
const say = (message: StagingMessage) => port.postMessage(message)
const samplesRead = 300
const samplesShown = 4
/** Of a cell in a table that is read whole; longer than anything that it may hold. */
const cellCharacters = 200

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

async function readWhole({ file, rowsAtMost }: ReadTask): Promise<WholeTable> {
  const table = await openTable(file)
  const rows: SourceRow[] = []
  for await (const batch of table.rows()) {
    for (const { number, cells } of batch)
      rows.push({ number, cells: cells.map((cell) => cell?.slice(0, cellCharacters) ?? null) })
    if (rows.length > rowsAtMost) break
  }
  const { format, encoding, sheet, headerless, columns } = table
  return { format, encoding, sheet, headerless, columns, rows: rows.slice(0, rowsAtMost + 1) }
}

/** A small file is read before a helper has come to its senses. */
const bytesWorthHelping = 2_000_000
/** Batches that a helper may have before it, so that it has work while the reader cleans one itself. */
const batchesAhead = 4

/** Reads the file, and cleans it together with a helper: cleaning and sealing take ten times as long as reading. */
async function stage(task: StageTask): Promise<StagingReport> {
  const table = await openTable(task.file)
  const staging = { ...task, bytes: table.bytesTotal }
  const part = await openPart(staging)
  const helper = table.bytesTotal >= bytesWorthHelping && availableParallelism() > 1 ? openHelper(staging) : null
  let rows = 0
  try {
    for await (const batch of table.rows()) {
      rows += batch.length
      if (!helper?.take(batch)) await part.take(batch)
      // What the helper says, and what the database takes, is heard between two batches only.
      await scheduler.yield()
      say({ type: 'progress', bytes: table.bytesRead(), of: table.bytesTotal, rows })
    }
    const reports = [await part.finish(), ...(helper ? [await helper.finish()] : [])]
    return {
      ...mergeReports(reports),
      warnings: table.warnings().map(({ code, count, row }) => ({ code, count, row: row ?? null })),
    }
  } finally {
    await part.close()
  }
}

function openHelper(staging: Staging) {
  const { port1, port2 } = new MessageChannel()
  const outcome = Promise.allSettled([
    runWorker({ ...staging, task: 'help', port: port2 }, 'staged', { transfer: [port2] }),
  ])
  let failed: PromiseRejectedResult | null = null
  void outcome.then(([said]) => {
    if (said.status === 'rejected') failed = said
  })
  let ahead = 0
  port1.on('message', () => ahead--)
  return {
    /** False when it has enough to do. */
    take(batch: readonly SourceRow[]): boolean {
      if (failed) throw failed.reason
      if (ahead === batchesAhead) return false
      ahead++
      port1.postMessage(batch)
      return true
    },
    async finish(): Promise<StagingReport> {
      port1.postMessage(null)
      const [said] = await outcome
      port1.close()
      if (said.status === 'rejected') throw said.reason
      return said.value.report
    },
  }
}

/** Takes batches until there are no more, and says after each that it is done. */
async function help({ port, ...task }: HelpTask): Promise<StagingReport> {
  const part = await openPart(task)
  const ended = Promise.withResolvers<void>()
  let working = Promise.resolve()
  const work = async (batch: readonly SourceRow[] | null) => {
    if (batch === null) return ended.resolve()
    await part.take(batch)
    port.postMessage(batch.length)
  }
  port.on('message', (batch) => {
    working = working.then(() => work(batch)).catch(ended.reject)
  })
  try {
    await ended.promise
    return await part.finish()
  } finally {
    port.close()
    await part.close()
  }
}

await answer(async () => {
  const task = workerData as AnalyseTask | StageTask | HelpTask | ReadTask
  if (task.task === 'read') return { type: 'read', table: await readWhole(task) }
  if (task.task === 'analyse') return { type: 'analysed', analysis: await analyse(task) }
  return { type: 'staged', report: await (task.task === 'stage' ? stage(task) : help(task)) }
})
