/**
 * From whatever bytes a text file holds to UTF-8. Which encoding it is, is decided by the first megabyte; a line that
 * then turns out to be in another one (files glued together from two systems) is read by itself and reported, so that
 * nothing is lost without a word.
 */

import { isAscii, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'windows-1251'

export type Oddity = 'file.mixed_encoding' | 'file.undecodable'

const LF = 0x0a
const CR = 0x0d
const replacement = Buffer.from('\uFFFD')

/** Null says that this is no text at all. */
export function recogniseEncoding(head: Buffer): { encoding: Encoding; bomBytes: number } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bomBytes: 3 }
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bomBytes: 2 }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bomBytes: 2 }
  const encoding = utf16WithoutMark(head) ?? (looksBinary(head) ? null : eightBitEncoding(head))
  return encoding === null ? null : { encoding, bomBytes: 0 }
}

/** Delimiters, digits and line ends have a zero byte in UTF-16, always on the same side; no other text has zeros. */
function utf16WithoutMark(head: Buffer): Encoding | null {
  let even = 0
  let odd = 0
  for (let at = head.indexOf(0); at !== -1; at = head.indexOf(0, at + 1)) at % 2 === 0 ? even++ : odd++
  if (even + odd < head.length / 50) return null
  const [encoding, onSide, onOther] =
    odd > even ? (['utf-16le', odd, even] as const) : (['utf-16be', even, odd] as const)
  return onOther * 20 <= onSide ? encoding : null
}

function looksBinary(head: Buffer): boolean {
  let controls = 0
  for (const byte of head) if (byte < 0x20 && byte !== LF && byte !== CR && byte !== 0x09 && byte !== 0x0c) controls++
  return controls > head.length / 500
}

/**
 * UTF-8 when most lines that could tell are valid UTF-8. Of the rest, Chinese in GBK and Russian in windows-1251 would
 * each decode as the other without any error, so frequency decides: nearly all high bytes of Russian are letters,
 * C0–FF, against 60 % of Chinese; and the pairs of everyday Chinese begin with A1–A9 or B0–D7, where small Russian
 * letters, E0–FF, never are. A few characters alone can't tell, and are taken for Chinese.
 */
function eightBitEncoding(head: Buffer): Encoding {
  if (isUtf8(head)) return 'utf-8'
  let validLines = 0
  let invalidLines = 0
  const count = { high: 0, letters: 0, pairs: 0, everyday: 0 }
  for (const line of linesOf(head, newlineOf(head))) {
    if (isAscii(line)) continue
    if (isUtf8(line)) {
      validLines++
      continue
    }
    invalidLines++
    let inPair = false
    for (const byte of line) {
      if (byte >= 0x80) count.high++
      if (byte >= 0xc0 || byte === 0xa8 || byte === 0xb8) count.letters++
      if (inPair) inPair = false
      else if (byte > 0x80) {
        inPair = true
        count.pairs++
        if ((byte >= 0xa1 && byte <= 0xa9) || (byte >= 0xb0 && byte <= 0xd7)) count.everyday++
      }
    }
  }
  if (validLines >= invalidLines) return 'utf-8'
  const russian = count.letters > count.high * 0.85 && (count.high > 60 || count.everyday < count.pairs * 0.6)
  return russian ? 'windows-1251' : 'gb18030'
}

/** Lines end with LF, with or without CR before it, unless the text has practically nothing but CR: old Mac exports. */
export function newlineOf(head: Buffer): number {
  let lineFeeds = 0
  let returns = 0
  for (let at = 0; at < head.length; at++) {
    if (head[at] === LF) lineFeeds++
    else if (head[at] === CR && head[at + 1] !== LF) returns++
  }
  return returns > lineFeeds * 10 ? CR : LF
}

export function* linesOf(bytes: Buffer, newline: number): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    let end = bytes.indexOf(newline, start)
    if (end === -1) end = bytes.length - 1
    yield bytes.subarray(start, end + 1)
    start = end + 1
  }
}

/** UTF-16 has no byte that always means a line end, so it becomes UTF-8 first and is cut into lines afterwards. */
export async function* fromUtf16(
  source: AsyncIterable<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}

/**
 * Makes UTF-8 of a chunk of whole lines. `onOddLine` hears of each line that was in another encoding, or in none, with
 * its number in the chunk, from 0. No encoding here has a line end as part of a character, so lines can be cut first.
 */
export function toUtf8(encoding: Encoding, newline: number, onOddLine: (line: number, oddity: Oddity) => void) {
  const strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  return (chunk: Buffer): Buffer => {
    if (!chunk.includes(0)) {
      if (isAscii(chunk)) return chunk
      if (encoding === 'utf-8') {
        if (isUtf8(chunk) && !chunk.includes(replacement)) return chunk
      } else if (!hasPlainUtf8(chunk)) {
        // Many lines in one call: decoding line by line takes three times as long.
        const whole = decoded(strict, chunk)
        if (whole) return whole
      }
    }
    const lines: Buffer[] = []
    for (const line of linesOf(chunk, newline)) {
      const { utf8, oddity } = readLine(line, encoding, strict)
      if (oddity) onOddLine(lines.length, oddity)
      lines.push(utf8)
    }
    return Buffer.concat(lines)
  }
}

const strictGb18030 = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true })
const forgivingGb18030 = new TextDecoder('gb18030', { ignoreBOM: true })

function readLine(line: Buffer, encoding: Encoding, strict: TextDecoder): { utf8: Buffer; oddity: Oddity | null } {
  // Text columns of the database can't hold a zero character, so it is replaced and said.
  if (line.includes(0)) {
    const read = readLine(Buffer.from(line.map((byte) => (byte === 0 ? 0x20 : byte))), encoding, strict)
    return { utf8: read.utf8, oddity: 'file.undecodable' }
  }
  if (isAscii(line)) return { utf8: line, oddity: null }
  if (encoding === 'utf-8' && isUtf8(line)) {
    return { utf8: line, oddity: line.includes(replacement) ? 'file.undecodable' : null }
  }
  if (isUtf8(line) && hasPlainUtf8(line)) return { utf8: line, oddity: 'file.mixed_encoding' }
  const own = encoding === 'utf-8' ? null : decoded(strict, line)
  if (own) return { utf8: own, oddity: null }
  const other = decoded(strictGb18030, line)
  if (other) return { utf8: other, oddity: 'file.mixed_encoding' }
  return { utf8: Buffer.from(forgivingGb18030.decode(line)), oddity: 'file.undecodable' }
}

/**
 * A line with characters of three bytes only, as Chinese in UTF-8 is. A short GBK name can be valid two-byte UTF-8 by
 * accident; three-byte characters alone hardly can. Looked for in the bytes read as Latin-1, many lines at a time.
 */
const plainUtf8Line =
  /(?:^|[\r\n])[^\r\n\u0080-\u00ff]*(?:[\u00e3-\u00ef][\u0080-\u00bf]{2}[^\r\n\u0080-\u00ff]*)+(?=[\r\n]|$)/

function hasPlainUtf8(lines: Buffer): boolean {
  return plainUtf8Line.test(lines.toString('latin1'))
}

function decoded(decoder: TextDecoder, line: Buffer): Buffer | null {
  try {
    return Buffer.from(decoder.decode(line))
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}
