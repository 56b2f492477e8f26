/**
 * Rows of a text file. Bytes become UTF-8, UTF-8 is cut into whole lines of bounded length, and csv-parse makes cells
 * of them: 470,000 rows of 8 columns a second by itself, so nothing of our own is needed there.
 */

import { pipeline, Readable, type TransformOptions } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Options, type Parser, parse } from 'csv-parse'
import type { Source } from '#platform/sealed-file'
import { type Dialect, recogniseDialect } from './dialect.ts'
import { type Encoding, fromUtf16, newlineOf, type Oddity, recogniseEncoding, toUtf8 } from './encoding.ts'
import {
  brokenFile,
  cellTooLong,
  emptyFile,
  lineTooLong,
  quoteNeverCloses,
  rowTooWide,
  unknownFormat,
} from './errors.ts'
import { Inflation } from './inflation.ts'
import { recogniseText } from './kind.ts'
import type { Limits } from './limits.ts'
import { type SourceRow, type Table, tableOf } from './table.ts'
import { Warnings } from './warnings.ts'

const sampledBytes = 1024 * 1024
const chunkBytes = 128 * 1024
const quote = 0x22

export async function openCsv(
  source: Source,
  options: { gzip: boolean; header: boolean | undefined; limits: Limits },
): Promise<Table> {
  const { limits } = options
  const bytesTotal = source.bytes
  let bytesRead = 0
  const stored = closing(source, (bytes) => {
    bytesRead += bytes
  })
  try {
    const text = await recogniseAndDecode(
      options.gzip ? new Inflation(limits).watch(gunzip(stored), bytesTotal) : stored,
    )
    const dialect = recogniseDialect(text.head)
    const warnings = new Warnings()
    const lines = wholeLines(skip(text.bytes, dialect.skipBytes), { newline: text.newline, limits })
    return await tableOf(
      {
        format: 'csv',
        encoding: text.encoding,
        delimiter: dialect.delimiter,
        sheet: null,
        cellsAreWritten: true,
        bytesTotal,
        bytesRead: () => bytesRead,
        merges: [],
        batches: records(lines, { ...text, dialect, limits, warnings }),
        warnings,
      },
      limits,
      options.header,
    )
  } catch (error) {
    await stored.return(undefined)
    throw error
  }
}

/** All of a file, which is closed at the end or where it is left. */
async function* closing(source: Source, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source.chunks()) {
      onBytes(chunk.length)
      yield chunk
    }
  } finally {
    await source.close()
  }
}

interface Text {
  encoding: Encoding
  newline: number
  /** The first lines, as text. */
  head: string
  /** All of it without a byte order mark; UTF-8 if it was UTF-16, else still as it is. */
  bytes: AsyncGenerator<Buffer>
}

async function recogniseAndDecode(source: AsyncGenerator<Buffer>): Promise<Text> {
  const raw = await peek(source)
  if (raw.head.length === 0) throw emptyFile()
  const found = recogniseEncoding(raw.head)
  if (found === null) throw unknownFormat('binary')
  const { encoding, bomBytes } = found

  let bytes = skip(raw.all, bomBytes)
  let head = raw.head.subarray(bomBytes)
  if (encoding === 'utf-16le' || encoding === 'utf-16be')
    ({ head, all: bytes } = await peek(fromUtf16(bytes, encoding)))
  const newline = newlineOf(head)
  const sample = toUtf8(storedAs(encoding), newline, () => {})(head).toString()
  const other = recogniseText(sample)
  if (other !== null) throw unknownFormat(other)
  return { encoding, newline, head: sample, bytes }
}

const storedAs = (encoding: Encoding): Encoding => (encoding.startsWith('utf-16') ? 'utf-8' : encoding)

/** Reads the first megabyte to look at, up to its last line end if there is more, and gives all of it back to read. */
async function peek(source: AsyncGenerator<Buffer>): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const chunks: Buffer[] = []
  let bytes = 0
  let ended = false
  while (bytes < sampledBytes && !ended) {
    const next = await source.next()
    if (next.done) {
      ended = true
    } else {
      chunks.push(next.value)
      bytes += next.value.length
    }
  }
  const head = Buffer.concat(chunks)
  const lineEnd = Math.max(head.lastIndexOf('\n'), head.lastIndexOf('\r'))
  return { head: ended || lineEnd === -1 ? head : head.subarray(0, lineEnd + 1), all: resume(chunks, source) }
}

async function* resume(chunks: Buffer[], source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) yield chunk
    yield* source
  } finally {
    await source.return(undefined)
  }
}

async function* skip(source: AsyncGenerator<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of source) {
    yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}

async function* gunzip(stored: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const file = Readable.from(stored, { objectMode: false })
  try {
    // An error of either stream ends this iteration, which is where it is heard.
    yield* pipeline(file, createGunzip({ chunkSize: chunkBytes }), () => {})
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw code?.startsWith('Z_') ? brokenFile(message) : error
  }
}

/** Ends with null before a line that is over the limit, of which no more than the limit was kept. */
async function* wholeLines(
  source: AsyncIterable<Buffer>,
  { newline, limits }: { newline: number; limits: Limits },
): AsyncGenerator<Buffer | null> {
  let begun: Buffer[] = []
  let bytes = 0
  for await (const chunk of source) {
    const first = chunk.indexOf(newline)
    if (bytes + (first === -1 ? chunk.length : first) > limits.lineBytes) {
      yield null
      return
    }
    if (first === -1) {
      begun.push(chunk)
      bytes += chunk.length
      continue
    }
    const end = chunk.lastIndexOf(newline) + 1
    yield begun.length === 0 && end === chunk.length ? chunk : Buffer.concat([...begun, chunk.subarray(0, end)])
    begun = end === chunk.length ? [] : [chunk.subarray(end)]
    bytes = chunk.length - end
  }
  if (bytes > 0) yield Buffer.concat(begun)
}

interface Reading {
  encoding: Encoding
  newline: number
  dialect: Dialect
  limits: Limits
  warnings: Warnings
}

async function* records(lines: AsyncIterable<Buffer | null>, reading: Reading): AsyncGenerator<SourceRow[]> {
  const { newline, dialect, limits, warnings } = reading
  const settings: Options & TransformOptions = {
    delimiter: dialect.delimiter === ' ' ? '\t' : (dialect.delimiter ?? '\u0000'),
    quote: dialect.delimiter === ' ' ? null : '"',
    ltrim: dialect.blankAfterDelimiter,
    record_delimiter: newline === 0x0a ? ['\r\n', '\n'] : ['\r\n', '\r'],
    relax_quotes: true,
    relax_column_count: true,
    max_record_size: limits.lineBytes,
    // All rows of a chunk are taken from it before the next is written.
    readableHighWaterMark: Number.MAX_SAFE_INTEGER,
  }
  const parser = parse(settings)
  // Heard through the callback of each write, where the rows before it are known.
  parser.on('error', () => {})

  // Lines and rows are counted apart, because a row with line ends in quotes has several: `odd` waits for its row.
  const odd: { line: number; oddity: Oddity }[] = []
  let linesWritten = 0
  let linesTaken = 0
  let rowsTaken = 0
  let quotes = false
  const decode = toUtf8(storedAs(reading.encoding), newline, (line, oddity) =>
    odd.push({ line: linesWritten + line, oddity }),
  )
  const newlineText = String.fromCharCode(newline)

  const take = (): SourceRow[] => {
    const rows: SourceRow[] = []
    for (let cells: string[] | null = parser.read(); cells !== null; cells = parser.read()) {
      const row: SourceRow = { number: ++rowsTaken, cells }
      if (cells.length > limits.rowCells) throw rowTooWide(row.number, limits.rowCells)
      linesTaken++
      for (const [at, cell] of cells.entries()) {
        if (cell === '') row.cells[at] = null
        else if (cell.length > limits.cellChars) throw cellTooLong(row.number, limits.cellChars)
        else if (quotes && cell.includes(newlineText)) {
          const inside = cell.split(newlineText)
          linesTaken += inside.length - 1
          if (inside.some((line) => looksLikeRow(line, dialect))) warnings.add('file.cell_holds_rows', row.number)
        }
      }
      while (odd[0] && odd[0].line < linesTaken) warnings.add(odd.shift()!.oddity, row.number)
      rows.push(row)
    }
    return rows
  }

  try {
    for await (const chunk of lines) {
      if (chunk === null) {
        // What the parser makes of a line that is cut off plays no part: the line is refused.
        await Promise.allSettled([finish(parser)])
        yield take()
        throw lineTooLong(rowsTaken + 1, limits.lineBytes)
      }
      const text = dialect.delimiter === ' ' ? blanksToTabs(decode(chunk)) : decode(chunk)
      quotes ||= text.includes(quote)
      linesWritten += count(chunk, newline)
      await write(parser, text)
      yield take()
    }
    await finish(parser)
    yield take()
  } catch (error) {
    if (!isUnclosedQuote(error)) throw error
    yield take()
    throw quoteNeverCloses(rowsTaken + 1)
  } finally {
    parser.destroy()
  }
}

/** Half a table in one cell: a quotation mark is missing somewhere above or below. */
function looksLikeRow(line: string, { delimiter, width }: Dialect): boolean {
  return delimiter !== null && width > 2 && line.split(delimiter).length >= width
}

function blanksToTabs(chunk: Buffer): Buffer {
  return Buffer.from(
    chunk
      .toString()
      .replace(/^[ \t]+|[ \t]+(?=\r?$)/gm, '')
      .replace(/[ \t]+/g, '\t'),
  )
}

function count(chunk: Buffer, newline: number): number {
  let lines = 0
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) lines++
  return lines
}

const write = (parser: Parser, text: Buffer) =>
  new Promise<void>((done, fail) => parser.write(text, (error) => (error ? fail(error) : done())))

const finish = (parser: Parser) =>
  new Promise<void>((done, fail) => {
    parser.once('error', fail)
    parser.end(() => done())
  })

function isUnclosedQuote(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE'
}
