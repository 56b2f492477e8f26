/**
 * What a spreadsheet may cost. Every number that a stranger's file could push up without end has its bound here, so
 * that the worst file costs a refusal instead of the machine's memory.
 */

const KiB = 1024
const MiB = 1024 * KiB

export interface Limits {
  /** Bytes of one line of text; characters of one record that spans lines by quotes, and of one row of a sheet. */
  lineBytes: number
  /** Characters of one cell: Excel's own bound. */
  cellChars: number
  /** Columns that a table may have. */
  columns: number
  /** Cells of one row, however many columns the table has: Excel's own bound. */
  rowCells: number
  /** Bytes that a compressed file may grow to; a sheet counts twice, because it is gone through twice. */
  inflatedBytes: number
  /** How many times its compressed size a part may grow, counted once it is over `ratioFromBytes`. */
  inflationRatio: number
  ratioFromBytes: number
  /** Bytes of a part that is kept in memory: the workbook, its relations, its styles. */
  partBytes: number
  /** Files inside an XLSX. */
  zipEntries: number
  /** Elements within elements. */
  xmlDepth: number
  /** Bytes of XML between two tags. */
  xmlTokenBytes: number
  /** Different texts of an XLSX; each costs four bytes of memory, the texts themselves are on disk. */
  sharedStrings: number
}

export const defaultLimits: Limits = {
  lineBytes: MiB,
  cellChars: 32_767,
  columns: 512,
  rowCells: 16_384,
  inflatedBytes: 8192 * MiB,
  // Deflate can do 1,032; measured: hotel bookings as CSV 15, a sheet of equal cells 17, member rows equal but for an id 24.
  inflationRatio: 200,
  ratioFromBytes: 16 * MiB,
  partBytes: 32 * MiB,
  zipEntries: 5_000,
  xmlDepth: 64,
  xmlTokenBytes: MiB,
  sharedStrings: 10_000_000,
}
