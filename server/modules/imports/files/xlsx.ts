/** The first sheet of an XLSX that a person sees and that isn't empty. */

import type { Source } from '#platform/sealed-file'
import { emptyFile } from './errors.ts'
import type { Limits } from './limits.ts'
import { mergesOf, sheetRows } from './sheet.ts'
import { type SourceRow, type Table, tableOf } from './table.ts'
import { Warnings } from './warnings.ts'
import { readWorkbook } from './workbook.ts'
import { openZip } from './zip.ts'

export async function openXlsx(
  source: Source,
  options: { header: boolean | undefined; limits: Limits },
): Promise<Table> {
  const { limits } = options
  const zip = await openZip(source, limits)
  const open: { close(): void }[] = [zip]
  const close = () => {
    for (const resource of open.splice(0)) resource.close()
  }
  try {
    const workbook = await readWorkbook(zip, limits)
    open.push(workbook.strings)
    for (const { name, part } of workbook.sheets) {
      const warnings = new Warnings()
      let bytesRead = 0
      const onBytes = (bytes: number) => {
        bytesRead += bytes
      }
      const rows = sheetRows(zip, part, { workbook, limits, warnings, onBytes })
      const first = await rows.next()
      if (first.done) continue
      return await tableOf(
        {
          format: 'xlsx',
          encoding: null,
          delimiter: null,
          sheet: name,
          cellsAreWritten: false,
          merges: await mergesOf(zip, part),
          bytesTotal: zip.inflatedBytes(part),
          bytesRead: () => bytesRead,
          batches: resume(first.value, rows, close),
          warnings,
        },
        limits,
        options.header,
      )
    }
    throw emptyFile()
  } catch (error) {
    close()
    throw error
  }
}

async function* resume(first: SourceRow[], rest: AsyncGenerator<SourceRow[]>, close: () => void) {
  try {
    // Taken out, so that it isn't kept for as long as the rest is read.
    yield first.splice(0)
    yield* rest
  } finally {
    close()
  }
}
