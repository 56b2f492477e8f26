/** Which sign separates the cells of a text file, told from its first lines. */

export interface Dialect {
  /** ' ' means runs of blanks, as in fixed-width files; null that there is one column only. */
  delimiter: string | null
  /** How many cells most lines have. */
  width: number
  /** Some write a blank after each delimiter, and quotes after that blank; then the blank is no part of the cell. */
  blankAfterDelimiter: boolean
  /** Bytes of a first line like `sep=;`, by which Excel is told the delimiter and which it doesn't show as a row. */
  skipBytes: number
}

/** In the order of preference when two would give equally many columns: `1;2,5;3,7` is three cells of `;`. */
const candidates = ['\t', ';', '|', ',']

const sampledLines = 200

/** `head` is whole lines, decoded. */
export function recogniseDialect(head: string): Dialect {
  const told = /^sep=([\t !#-~])\r?(?:\n|$)/i.exec(head)

  // What is between quotes counts for nothing here, whatever it contains.
  const lines = head
    .slice(told?.[0].length ?? 0)
    .slice(0, 200_000)
    .replace(/"[^"]*(?:""[^"]*)*"/g, 'q')
    .split(/\r\n|\n|\r/, sampledLines)
    .filter((line) => line.trim() !== '')

  const delimiter = told?.[1] ?? delimiterOf(lines)
  const width = delimiter === null ? 1 : agreement(lines.map((line) => cellsOf(line, delimiter))).width
  const padded = delimiter === ',' && lines.every((line) => /^[^,]*(?:, [^,]*)*$/.test(line)) && /, "/.test(head)
  return { delimiter, width, blankAfterDelimiter: padded, skipBytes: told ? Buffer.byteLength(told[0]) : 0 }
}

function delimiterOf(lines: string[]): string | null {
  const weighed = candidates.map((sign) => ({ sign, ...agreement(lines.map((line) => cellsOf(line, sign))) }))
  const best = Math.max(...weighed.map(({ share }) => share))
  // A header cut into cells is enough: the rows below may be as uneven as they like.
  const inFirstLine = weighed.some(({ sign }) => lines[0]?.includes(sign))
  if (best >= 0.5 || (best > 0 && inFirstLine)) {
    const close = weighed.filter(({ share }) => share > 0 && share >= best * 0.8)
    return close.reduce((chosen, other) => (other.width > chosen.width ? other : chosen)).sign
  }
  if (lines.length === 1) return candidates.find((sign) => lines[0]?.includes(sign)) ?? null
  return separatedByBlanks(lines) ? ' ' : null
}

/** The number of cells most lines have, and the share of lines that have it; no share when that is one cell. */
function agreement(widths: number[]): { width: number; share: number } {
  const lines = new Map<number, number>()
  for (const width of widths) lines.set(width, (lines.get(width) ?? 0) + 1)
  let width = 1
  for (const [candidate, count] of lines) if (candidate > 1 && count > (lines.get(width) ?? 0)) width = candidate
  // When lines without the sign are the most, it separates nothing.
  return { width, share: width === 1 ? 0 : lines.get(width)! / widths.length }
}

/** Alignment must show: a list of phones `138 0013 8000` has blanks too, and equally many in each line. */
function separatedByBlanks(lines: string[]): boolean {
  const aligned = lines.filter((line) => /^ +\S| {2,}\S/.test(line)).length
  const { share } = agreement(lines.map((line) => cellsOf(line, ' ')))
  return aligned > lines.length / 2 && share >= 0.9
}

function cellsOf(line: string, delimiter: string): number {
  return delimiter === ' ' ? line.trim().split(/[ \t]+/).length : line.split(delimiter).length
}
