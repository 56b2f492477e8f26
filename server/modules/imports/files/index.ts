/**
 * Reading spreadsheets that strangers made. A file is read once, from front to back, in memory that doesn't grow with
 * it; whatever is wrong with it comes as a Refusal that names the place. Nothing in a file is ever executed or fetched.
 */

import type { SealedFile } from '#platform/sealed-file'
import { openCsv } from './csv.ts'
import { openFile, recogniseFile } from './kind.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { Table } from './table.ts'
import { openXlsx } from './xlsx.ts'

export type { Limits } from './limits.ts'
export type { SourceRow, Table } from './table.ts'
export type { Warning, WarningCode } from './warnings.ts'

/** `header` says whether there is a header row where looking at the rows would answer wrongly. */
export async function openTable(
  file: string | SealedFile,
  options: { header?: boolean; limits?: Partial<Limits> } = {},
): Promise<Table> {
  const limits = { ...defaultLimits, ...options.limits }
  const source = await openFile(file)
  try {
    const kind = await recogniseFile(source)
    if (kind === 'zip') return await openXlsx(source, { header: options.header, limits })
    return await openCsv(source, { gzip: kind === 'gzip', header: options.header, limits })
  } catch (error) {
    await source.close()
    throw error
  }
}
