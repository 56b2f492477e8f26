/**
 * From what a cell stores to what a person sees in it. A date is stored as a number and only its format tells, so the
 * formats decide; they are given in the invariant form that files have, whatever the language of the program was.
 */

export type Format =
  | { kind: 'number' }
  | { kind: 'padded'; digits: number }
  | { kind: 'date' | 'datetime' | 'time' | 'elapsed' }

const number: Format = { kind: 'number' }
const date: Format = { kind: 'date' }
const time: Format = { kind: 'time' }

/** Formats that a file names without defining them; 27–36 and 50–58 are those of the East Asian editions. */
export function builtinFormat(id: number): Format {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36) return date
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id === 45 || id === 47) return time
  if (id === 22) return { kind: 'datetime' }
  if (id === 46) return { kind: 'elapsed' }
  if (id === 55 || id === 56) return time
  return id >= 50 && id <= 58 ? date : number
}

export function customFormat(code: string): Format {
  const section = code.split(';', 1)[0]!
  if (/^"?0{2,}"?$/.test(section)) return { kind: 'padded', digits: section.replaceAll('"', '').length }
  // What is quoted, escaped, a colour or a language says nothing about the kind of the value.
  const plain = section
    .replace(/"[^"]*"?/g, '')
    .replace(/[\\_*]./g, '')
    .replace(/AM\/PM|A\/P|上午\/下午/gi, '')
  if (/\[(?:h+|m+|s+)\]/i.test(plain)) return { kind: 'elapsed' }
  const letters = plain.replace(/\[[^\]]*\]/g, '').toLowerCase()
  if (letters.includes('general') || letters.includes('标准')) return number
  const clock = /[hs]/.test(letters)
  // An m is a minute beside hours or seconds, else a month; an e beside digits is an exponent, else a year.
  const calendar = /[yd]/.test(letters) || (!clock && /m/.test(letters)) || /e(?![+-])/.test(letters)
  if (/[0#?]/.test(letters.replace(/s\.0+/, ''))) return number
  if (clock) return calendar ? { kind: 'datetime' } : time
  return calendar ? date : number
}

/** As a spreadsheet shows it: 15 digits, because beyond them it keeps only noise, and never an exponent. */
export function numberText(stored: string): string {
  if (/^-?\d+$/.test(stored)) return stored
  const value = Number(stored)
  if (stored.trim() === '' || !Number.isFinite(value)) return stored
  const [, sign = '', whole = '', fraction = '', power = ''] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential(14)) ?? []
  const exponent = Number(power)
  if (Math.abs(exponent) > 40) return String(value)
  const digits = `${whole}${fraction}`.replace(/0+$/, '')
  if (digits === '') return '0'
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const integer = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const rest = digits.slice(exponent + 1)
  return `${sign}${integer}${rest === '' ? '' : `.${rest}`}`
}

export function formattedText(stored: string, format: Format, from1904: boolean): string {
  if (format.kind === 'number') return numberText(stored)
  if (format.kind === 'padded') return /^\d+$/.test(stored) ? stored.padStart(format.digits, '0') : numberText(stored)
  return dateText(Number(stored), format.kind, from1904) ?? numberText(stored)
}

const daySeconds = 86_400
/** 9999-12-31, the last day that spreadsheets know. */
const lastDay = 2_958_465

/** Null for what is no date in a spreadsheet either: before its first day, or after its last. */
function dateText(serial: number, kind: 'date' | 'datetime' | 'time' | 'elapsed', from1904: boolean): string | null {
  if (!(serial >= 0 && serial <= lastDay + 1)) return null
  const seconds = Math.round(serial * daySeconds)
  if (kind === 'elapsed') return clockText(seconds)
  const day = Math.floor(seconds / daySeconds)
  const inDay = seconds % daySeconds
  if (day === 0 && !from1904) return inDay > 0 || kind === 'time' ? clockText(inDay) : null
  if (day === 0 && kind === 'time') return clockText(inDay)
  const calendar = calendarText(day, from1904)
  return kind === 'date' && inDay === 0 ? calendar : `${calendar}T${clockText(inDay)}`
}

/** The 1900 system counts a 29 February 1900 that never was; shown as it is there, for a person to correct. */
function calendarText(day: number, from1904: boolean): string {
  if (!from1904 && day === 60) return '1900-02-29'
  const start = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, day < 60 ? 31 : 30)
  return new Date(start + day * daySeconds * 1000).toISOString().slice(0, 10)
}

function clockText(seconds: number): string {
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0')
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}
