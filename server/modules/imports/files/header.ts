/**
 * Which rows of a sheet are its header. Above it may stand titles ("Members, exported on …"); it may itself have
 * several rows joined by merged cells; or there is none, and the first row is data.
 */

import type { SourceRow } from './table.ts'

/** A merged range of cells; rows as a person counts them, columns from 0, ends included. */
export interface Merge {
  top: number
  left: number
  bottom: number
  right: number
}

export interface Header {
  columns: string[]
  headerless: boolean
  /** How many of the sampled rows are titles and header: the data begins after them. */
  rowsAbove: number
  titleRows: number
}

const titleRowsAtMost = 20
const headerRowsAtMost = 5

/**
 * `sample` is the first rows of the sheet that aren't blank, at least one. `forced` is what the user said, if so. Rows
 * wider than `columnsAtMost` make no columns below a header: they are broken rows, and are rejected one by one.
 */
export function findHeader(
  sample: SourceRow[],
  options: { merges: Merge[]; forced: boolean | undefined; columnsAtMost: number; cellsAreWritten: boolean },
): Header {
  const { merges, forced, columnsAtMost } = options
  const rows = sample.slice(0, titleRowsAtMost + headerRowsAtMost).map((row) => spread(row, merges, columnsAtMost))
  const typical = median(sample.map((row) => filled(row.cells).length))

  let first = rows.slice(0, titleRowsAtMost).findIndex((row) => weight(row) > Math.max(1, typical / 2))
  if (first === -1) first = 0
  const last = lastHeaderRow(sample, first, merges)
  const body = sample.slice(last + 1)

  if (forced === false || (forced === undefined && !looksLikeHeader(rows[first]!, body))) {
    const columns = Array.from({ length: usualWidth(sample.map(widthOf)) }, (_, at) => String(at + 1))
    return { columns, headerless: true, rowsAbove: 0, titleRows: 0 }
  }
  const written = options.cellsAreWritten ? sample[last]!.cells.length : Number.POSITIVE_INFINITY
  const width = widthBelow(body, written, columnsAtMost)
  const columns = distinct(namesOf(rows.slice(first, last + 1), width))
  return { columns, headerless: false, rowsAbove: last + 1, titleRows: first }
}

/** The cells of a row, with the text of a merged cell in each cell that it covers. */
function spread(row: SourceRow, merges: Merge[], columnsAtMost: number): (string | null)[] {
  const cells = [...row.cells]
  for (const merge of merges) {
    if (merge.top !== row.number) continue
    const text = row.cells[merge.left] ?? null
    if (text !== null) for (let at = merge.left; at <= Math.min(merge.right, columnsAtMost); at++) cells[at] = text
  }
  return cells
}

/** A title merged over the whole width is still one text. */
function weight(cells: (string | null)[]): number {
  const texts = filled(cells)
  return new Set(texts).size === 1 ? 1 : texts.length
}

/** A header reaches down as far as its merged cells do, and below a heading that is merged over several columns. */
function lastHeaderRow(sample: SourceRow[], first: number, merges: Merge[]): number {
  let last = first
  for (let at = first; at <= last && at < sample.length; at++) {
    const { number } = sample[at]!
    for (const merge of merges) {
      if (merge.top !== number) continue
      const heading = merge.right > merge.left && namesBelow(sample[last + 1], merge)
      const bottom = heading ? merge.bottom + 1 : merge.bottom
      while (last + 1 < sample.length && last - first < headerRowsAtMost - 1 && sample[last + 1]!.number <= bottom)
        last++
    }
  }
  return last
}

/** A name merged over two columns may also just be wide: then the row below is data, and has values in it. */
function namesBelow(row: SourceRow | undefined, heading: Merge): boolean {
  if (row === undefined || row.cells.some((cell) => cell !== null && isValue(cell))) return false
  return filled(row.cells.slice(heading.left, heading.right + 1)).length > 1
}

/**
 * Each column has a say: a text over values (numbers, dates, phones) speaks for a header, a value over values or a
 * text that comes again below speaks against one. Names of years ("2023") over numbers must not outvote the rest.
 */
function looksLikeHeader(first: (string | null)[], body: SourceRow[]): boolean {
  let votes = 0
  for (const [at, text] of first.entries()) {
    if (text === null || text.trim() === '') continue
    const below = filled(body.map((row) => row.cells[at] ?? null))
    const values = below.filter(isValue).length
    if (isValue(text)) {
      if (values * 2 >= below.length) votes -= 1
    } else if (below.length > 0 && values >= below.length * 0.9) votes += 3
    else if (below.includes(text)) votes -= 1
  }
  if (votes !== 0) return votes > 0
  return !filled(first).some(isValue)
}

/** What is more likely a value than a name: numbers, money, dates, times, phones, mail addresses, codes, truth. */
function isValue(text: string): boolean {
  const value = text.trim()
  if (value.length > 40) return false
  return (
    /^[-+(]?\s*[¥￥$€£₽]?\s*\d[\d\s.,'/:()+-]*(?:e[+-]?\d+)?\s*[%¥￥$€£₽元]?$/i.test(value) ||
    /^\d{1,4}[-/.年]\d{1,2}[-/.月]/.test(value) ||
    /^\S+@\S+\.\S+$/.test(value) ||
    /^(?:\+|00)\d{6,}/.test(value) ||
    /\d{5,}/.test(value) ||
    /^(?:true|false|null|n\/a|无)$/i.test(value)
  )
}

function namesOf(rows: (string | null)[][], width: number): string[] {
  const columns = Math.max(width, ...rows.map((row) => row.findLastIndex((cell) => cell?.trim()) + 1))
  return Array.from({ length: columns }, (_, at) => {
    const parts = rows.map((row) => (row[at] ?? '').replace(/\s+/g, ' ').trim()).filter((part) => part !== '')
    return parts.filter((part, index) => part !== parts[index - 1]).join(' / ') || `#${at + 1}`
  })
}

function distinct(names: string[]): string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name)
      return name
    }
    let number = 2
    while (taken.has(`${name} (${number})`)) number++
    taken.add(`${name} (${number})`)
    return `${name} (${number})`
  })
}

/**
 * The width that nine rows in ten keep within, and no less than the commonest: a sparse last column is a column, one
 * row of ten thousand cells doesn't make ten thousand of them.
 */
function usualWidth(widths: number[]): number {
  const rows = new Map<number, number>()
  for (const width of widths) rows.set(width, (rows.get(width) ?? 0) + 1)
  let commonest = 0
  for (const [width, count] of rows) {
    const most = rows.get(commonest) ?? 0
    if (count > most || (count === most && width > commonest)) commonest = width
  }
  const sorted = [...widths].sort((a, b) => a - b)
  return Math.max(commonest, sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0)
}

/**
 * Columns that have values but no name: as far as the header row was written, or where it wasn't, as any row goes; and
 * as far as half of the rows go in any case.
 */
function widthBelow(body: SourceRow[], written: number, columnsAtMost: number): number {
  const widths = body.map(widthOf).filter((width) => width <= columnsAtMost)
  widths.sort((a, b) => a - b)
  return Math.max(widths[Math.floor((widths.length - 1) / 2)] ?? 0, Math.min(written, widths.at(-1) ?? 0))
}

function widthOf(row: SourceRow): number {
  return row.cells.findLastIndex((cell) => cell !== null) + 1
}

function filled(cells: (string | null)[]): string[] {
  return cells.filter((cell) => cell !== null && cell.trim() !== '') as string[]
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
