/**
 * A spreadsheet of companies and stores on its way into the tree. It is read like any file that strangers made, in a
 * thread with limits, and kept no longer than that; what it says goes back to whoever sent it, to be looked at and told.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { codesInUse, tree } from '#modules/organisation'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { hasRoom } from '#platform/folder'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { sealed } from '#platform/sealed-file'
import { diskFull, noRoom, noTreeColumns, tooManyTreeRows } from './errors.ts'
import type { WholeTable } from './staging-worker.ts'
import { treeRowsOf } from './tree-rows.ts'
import { guessTreeColumns, isTreeHeader, type TreeField } from './tree-words.ts'
import { runWorker } from './worker.ts'

/** Of companies and stores together; the tree takes no more at once. */
const rowsAtMost = 5_000
const samplesShown = 3

export async function readTree(
  house: House,
  actor: Actor,
  { body, columns }: { body: Readable; columns: readonly (TreeField | null)[] | undefined },
) {
  const table = await tableIn(house, body)
  const guessed = columns ?? guessTreeColumns(table.columns)
  const fields = table.columns.map((_, index) => guessed[index] ?? null)
  const shown = {
    file: { format: table.format, encoding: table.encoding, sheet: table.sheet },
    columns: table.columns.map((name, index) => ({
      name,
      field: fields[index]!,
      samples: samplesOf(table, index),
    })),
  }
  if (fields.every((field) => field === null || field === 'city')) {
    if (columns) throw noTreeColumns()
    return { ...shown, rows: [], mistakes: [] }
  }
  const known = await inTx(house.db, actor, async (ctx) => ({
    standing: await tree(ctx),
    inUse: await codesInUse(ctx),
  }))
  const { rows, mistakes } = treeRowsOf(table.rows, { fields, ...known })
  if (table.rows.length > rowsAtMost || rows.length > rowsAtMost) throw tooManyTreeRows(rowsAtMost)
  return { ...shown, rows, mistakes }
}

async function tableIn(house: House, body: Readable): Promise<WholeTable> {
  if (!(await hasRoom(house.folder))) throw noRoom()
  const folder = join(house.folder, 'uploads')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // What a crash leaves of it goes at the next start, by this ending.
  const name = `tree-${newId()}`
  const path = join(folder, `${name}.part`)
  const file = { path, key: house.db.vault!.keys.staging, place: name }
  try {
    await pipeline(
      body,
      (chunks: AsyncIterable<Buffer>) => sealed(chunks, file),
      createWriteStream(path, { mode: 0o600 }),
    )
    const { table } = await runWorker({ task: 'read', file, rowsAtMost }, 'read', { signal: house.stopping })
    return withHeader(table)
  } catch (error) {
    throw (error as { code?: string }).code === 'ENOSPC' ? diskFull() : error
  } finally {
    await rm(path, { force: true })
  }
}

/** Where all cells are words the reader can't tell a header from a row; the words can. */
function withHeader(table: WholeTable): WholeTable {
  const [first, ...rest] = table.rows
  if (!table.headerless || !first || rest.length === 0) return table
  const names = first.cells.map((cell, index) => cell?.trim() || String(index + 1))
  return names.some(isTreeHeader) ? { ...table, headerless: false, columns: names, rows: rest } : table
}

function samplesOf({ rows }: WholeTable, index: number): string[] {
  const samples = new Set<string>()
  for (const { cells } of rows) {
    const cell = cells[index]?.trim()
    if (cell) samples.add(cell.slice(0, 40))
    if (samples.size === samplesShown) break
  }
  return [...samples]
}
