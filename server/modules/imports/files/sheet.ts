/**
 * The rows of one sheet that have something in them, as its XML comes. A formula is never computed: the value that is
 * stored with it is read.
 */

import { brokenFile, cellTooLong, lineTooLong, rowTooWide } from './errors.ts'
import { formattedText } from './formats.ts'
import type { Merge } from './header.ts'
import type { Limits } from './limits.ts'
import type { SourceRow } from './table.ts'
import type { Warnings } from './warnings.ts'
import { unescaped, type Workbook } from './workbook.ts'
import { xmlReader } from './xml.ts'
import type { Zip } from './zip.ts'

const pieceBytes = 4096

interface Cell {
  column: number
  type: string
  style: number
  formula: boolean
  text: string
}

export async function* sheetRows(
  zip: Zip,
  part: string,
  options: { workbook: Workbook; limits: Limits; warnings: Warnings; onBytes(bytes: number): void },
): AsyncGenerator<SourceRow[]> {
  const { workbook, limits, warnings } = options
  let rows: SourceRow[] = []
  let row: SourceRow = { number: 0, cells: [] }
  let cell: Cell | null = null
  let filled = false
  let characters = 0
  let inValue = false
  let inReading = false

  const reader = xmlReader(part, limits, {
    open(name, attributes) {
      if (name === 'c') {
        const column = attributes.r === undefined ? row.cells.length : columnOf(attributes.r, row.number)
        if (column >= limits.rowCells) throw rowTooWide(row.number, limits.rowCells)
        cell = { column, type: attributes.t ?? 'n', style: Number(attributes.s ?? 0), formula: false, text: '' }
        while (row.cells.length <= column) row.cells.push(null)
      } else if (name === 'v') inValue = true
      else if (name === 't') inValue = cell !== null && !inReading
      else if (name === 'rPh') inReading = true
      else if (name === 'f') {
        if (cell) cell.formula = true
      } else if (name === 'row') {
        filled = false
        characters = 0
        row = { number: attributes.r === undefined ? row.number + 1 : Number(attributes.r), cells: [] }
        if (!Number.isSafeInteger(row.number)) throw brokenFile(`row number ${attributes.r}`)
      }
    },
    text(piece) {
      if (!inValue || !cell) return
      cell.text += piece
      if (cell.text.length > limits.cellChars) throw cellTooLong(row.number, limits.cellChars)
    },
    close(name) {
      if (name === 'v' || name === 't') inValue = false
      else if (name === 'rPh') inReading = false
      else if (name === 'c' && cell) {
        const value = readCell(cell, row.number, workbook, warnings)
        row.cells[cell.column] = value
        characters += value?.length ?? 0
        if (characters > limits.lineBytes) throw lineTooLong(row.number, limits.lineBytes)
        filled ||= value !== null && value.trim() !== ''
        cell = null
      } else if (name === 'row' && filled) rows.push(row)
    },
  })

  for await (const chunk of zip.read(part)) {
    options.onBytes(chunk.length)
    // In little pieces, because a row of a few bytes can have 16,384 cells if it says so.
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      reader.write(chunk.subarray(at, at + pieceBytes))
      if (rows.length > 0) yield rows
      rows = []
    }
  }
  reader.end()
  if (rows.length > 0) yield rows
}

function readCell(cell: Cell, row: number, workbook: Workbook, warnings: Warnings): string | null {
  const { type, text } = cell
  if (type === 's') {
    const shared = workbook.strings.get(Number(text))
    if (shared === undefined) throw brokenFile(`row ${row} names a text that isn't there`)
    return shared || null
  }
  if (type === 'str' || type === 'inlineStr') return unescaped(text) || null
  if (type === 'e') {
    warnings.add('file.cell_error', row)
    return null
  }
  if (text === '') {
    if (cell.formula) warnings.add('file.formula_without_value', row)
    return null
  }
  if (type === 'b') return text === '1' ? 'TRUE' : 'FALSE'
  const format = workbook.formats[cell.style] ?? { kind: 'number' }
  if (type === 'd') return text.replace(/(?:\.\d+)?Z?$/, '').replace(format.kind === 'date' ? /T00:00:00$/ : /$^/, '')
  return formattedText(text, format, workbook.from1904)
}

/** From 0, of a place like `AB12`. */
function columnOf(place: string, row: number): number {
  let column = 0
  let at = 0
  for (; at < place.length; at++) {
    const letter = place.charCodeAt(at) - 64
    if (letter < 1 || letter > 26) break
    column = column * 26 + letter
  }
  if (at === 0) throw brokenFile(`cell ${place} of row ${row}`)
  return column - 1
}

const mergesKept = 20_000
const mark = Buffer.from('mergeCell ')
const longestMark = 200

/**
 * Merged ranges stand after all rows, but the header can't be read without them: so the sheet is gone through once
 * more, without parsing it, which takes a tenth of the time. It also finds a damaged or bloated sheet before the first
 * row is given away.
 */
export async function mergesOf(zip: Zip, part: string): Promise<Merge[]> {
  const merges: Merge[] = []
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of zip.read(part)) {
    const bytes = Buffer.concat([rest, chunk])
    let from = 0
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, from)) {
      if (at + longestMark > bytes.length) break
      const merge = mergeFrom(bytes.toString('latin1', at, at + longestMark))
      if (merge && merges.length < mergesKept) merges.push(merge)
      from = at + mark.length
    }
    rest = bytes.subarray(Math.max(from, bytes.length - longestMark))
  }
  const last = rest.toString('latin1')
  for (const [found] of last.matchAll(/mergeCell [^>]*/g)) {
    const merge = mergeFrom(found)
    if (merge && merges.length < mergesKept) merges.push(merge)
  }
  return merges
}

function mergeFrom(tag: string): Merge | null {
  const found = /^mergeCell [^>]*?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']/.exec(tag)
  if (!found) return null
  const [, left = '', top, right = '', bottom] = found
  return {
    top: Number(top),
    left: columnOf(left, Number(top)),
    bottom: Number(bottom),
    right: columnOf(right, Number(bottom)),
  }
}
