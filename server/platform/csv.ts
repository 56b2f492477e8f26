/** Lines of CSV that a spreadsheet opens as they are meant. */

/** The mark at the front makes Excel read UTF-8. */
export const csvMark = '\ufeff'

/** A text that no spreadsheet takes for a formula, also one that looks like a number with a sign. */
export const neverFormula = (text: string): string => (/^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text)

/** A cell that begins like a formula gets an apostrophe, so that opening the file runs nothing. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells
    .map((cell) => {
      if (cell === null) return ''
      const safe = /^[=+\-@\t\r＝＋－＠]/.test(cell) && !/^[+-]?[\d\s().,-]+$/.test(cell) ? `'${cell}` : cell
      return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
    })
    .join(',')}\r\n`
}
