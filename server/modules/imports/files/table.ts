/**
 * A spreadsheet as its readers see it: named columns, then rows in batches, once. CSV and XLSX each give rows as they
 * stand in the file; what the header is, and how rows relate to it, is decided here for both.
 */

import { emptyFile, noRows, tooManyColumns } from './errors.ts'
import { findHeader, type Merge } from './header.ts'
import type { Limits } from './limits.ts'
import type { Warning, Warnings } from './warnings.ts'

export interface SourceRow {
  /** As a spreadsheet program numbers it: from 1, header and blank rows counted, a line in quotes not. */
  number: number
  /** As they stand, not trimmed; null is an empty cell. As many as there are columns, or more in a row too long. */
  cells: (string | null)[]
}

export interface Table {
  format: 'csv' | 'xlsx'
  encoding: string | null
  /** ' ' stands for runs of blanks; null for a file of one column, or an XLSX. */
  delimiter: string | null
  sheet: string | null
  /** There is no header row: the columns are called "1", "2" … */
  headerless: boolean
  columns: string[]
  /** Batches of about 500 rows, fewer where rows are huge; blank rows are left out. Can be read once. */
  rows(): AsyncIterable<SourceRow[]>
  bytesRead(): number
  bytesTotal: number
  /** Complete when the rows are read. */
  warnings(): Warning[]
  /** Only needed when rows() is never begun: reading to the end, breaking off or failing closes the file by itself. */
  close(): Promise<void>
}

/** Rows as they stand in the file, in batches of any size that memory bears. */
export interface RawTable
  extends Pick<Table, 'format' | 'encoding' | 'delimiter' | 'sheet' | 'bytesRead' | 'bytesTotal'> {
  batches: AsyncGenerator<SourceRow[], void, undefined>
  merges: Merge[]
  /** In text a missing cell means a broken row; a sheet just doesn't write empty cells. */
  cellsAreWritten: boolean
  warnings: Warnings
}

const sampledRows = 100
const sampledCells = 500_000
const rowsPerBatch = 500
const charactersPerBatch = 2_000_000
const cellsPerBatch = 50_000

export async function tableOf(raw: RawTable, limits: Limits, forcedHeader: boolean | undefined): Promise<Table> {
  try {
    const { sample, ended } = await readSample(raw.batches)
    if (sample.length === 0) throw emptyFile()
    const header = findHeader(sample.slice(0, sampledRows), {
      merges: raw.merges,
      forced: forcedHeader,
      columnsAtMost: limits.columns,
      cellsAreWritten: raw.cellsAreWritten,
    })
    if (header.columns.length > limits.columns) throw tooManyColumns(header.columns.length, limits.columns)
    if (header.rowsAbove === sample.length && ended) throw noRows()
    const lastAbove = sample[header.rowsAbove - 1]?.number ?? 0
    for (const { top } of raw.merges) if (top > lastAbove) raw.warnings.add('file.merged_cells', top)
    if (header.titleRows > 0) raw.warnings.add('file.title_rows', sample[0]!.number, header.titleRows)

    let begun = false
    return {
      format: raw.format,
      encoding: raw.encoding,
      delimiter: raw.delimiter,
      sheet: raw.sheet,
      headerless: header.headerless,
      columns: header.columns,
      bytesTotal: raw.bytesTotal,
      bytesRead: raw.bytesRead,
      warnings: () => raw.warnings.list(),
      close: async () => void (await raw.batches.return()),
      rows() {
        if (begun) throw new Error('The rows of a table can be read once')
        begun = true
        return rowsBelow(raw, sample.splice(0).slice(header.rowsAbove), header.columns.length)
      },
    }
  } catch (error) {
    await raw.batches.return()
    throw error
  }
}

async function readSample(batches: RawTable['batches']): Promise<{ sample: SourceRow[]; ended: boolean }> {
  const sample: SourceRow[] = []
  let cells = 0
  while (sample.length < sampledRows && cells < sampledCells) {
    const { value, done } = await batches.next()
    if (done) return { sample, ended: true }
    for (const row of value) {
      if (isBlank(row)) continue
      sample.push(row)
      cells += row.cells.length
    }
  }
  return { sample, ended: false }
}

async function* rowsBelow(raw: RawTable, sampled: SourceRow[], columns: number): AsyncGenerator<SourceRow[]> {
  try {
    let batch: SourceRow[] = []
    let cells = 0
    let characters = 0
    for await (const rows of chain(sampled, raw.batches)) {
      for (const row of rows) {
        if (isBlank(row)) continue
        fitToColumns(row, columns, raw)
        batch.push(row)
        cells += row.cells.length
        for (const cell of row.cells) if (cell !== null) characters += cell.length
        if (batch.length < rowsPerBatch && cells < cellsPerBatch && characters < charactersPerBatch) continue
        yield batch
        batch = []
        cells = 0
        characters = 0
      }
    }
    if (batch.length > 0) yield batch
  } finally {
    await raw.batches.return()
  }
}

async function* chain(first: SourceRow[], rest: AsyncIterable<SourceRow[]>): AsyncGenerator<SourceRow[]> {
  yield first.splice(0)
  yield* rest
}

/** Gives the row as many cells as there are columns, and more only if something stands there. */
function fitToColumns(row: SourceRow, columns: number, raw: RawTable): void {
  const { cells } = row
  while (cells.length > columns && cells.at(-1) === null) cells.pop()
  if (cells.length > columns) raw.warnings.add('file.row_long', row.number)
  else if (cells.length < columns && raw.cellsAreWritten) raw.warnings.add('file.row_short', row.number)
  while (cells.length < columns) cells.push(null)
}

function isBlank(row: SourceRow): boolean {
  return row.cells.every((cell) => cell === null || cell.trim() === '')
}
