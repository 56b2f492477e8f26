/**
 * Dates and instants from text. A day that no calendar has (2026-02-30) is refused, never moved to the next one; a
 * birth date must lie between 1900 and today.
 */
import { dayOf, instantOf } from '#platform/clock'
import { BLANK, cleaned, type Outcome, type ProblemCode, unusable } from './codes.ts'
import { readWritten, type WrittenDate } from './date-forms.ts'
import { monthOf } from './date-words.ts'
import { isBlank } from './text.ts'

const dayMilliseconds = 86_400_000
const placeholders = new Set(['0000-00-00', '0001-01-01', '1900-01-00', '1900-01-01', '1899-12-30', '9999-12-31'])

/** A day without a year before it could be: the year 5 is 2005, 87 is 1987. */
const yearOfTwoDigits = (digits: number): number => (digits < 69 ? 2000 + digits : 1900 + digits)

/**
 * A birth date as `YYYY-MM-DD`. `today` (`YYYY-MM-DD` in the group's time zone) bounds it and decides two-digit years:
 * in 2026 a person "born 30" was born in 1930. With a `timeZone`, a moment with an offset is read as the day there:
 * programs write a birthday in Shanghai as 1987-06-03T15:00:00Z.
 */
export function cleanBirthDate(
  text: string | null | undefined,
  { today, timeZone, dayFirst }: { today: string; timeZone?: string | undefined; dayFirst?: boolean | undefined },
): Outcome<string> {
  if (text === null || text === undefined || isBlank(text)) return BLANK
  const thisYear = Number(today.slice(0, 4))
  const yearOf = (digits: number) => (2000 + digits <= thisYear ? 2000 + digits : 1900 + digits)
  const written = readWritten(text, { dayFirst, yearOf })
  if (typeof written === 'string') return unusable(written)
  if (written.change === 'date.unix_time') return unusable('date.unreadable')
  let day = existingDay(written)
  if (isProblem(day)) return unusable(day)
  if (written.offsetMinutes !== null && written.time !== null && timeZone !== undefined) {
    day = dayOf(new Date(utcOf(written) - written.offsetMinutes * 60_000), timeZone)
  }
  if (day < '1900') return unusable('date.too_old')
  if (day <= today) return cleaned(day, written.change)
  // "30-06-26" told in May 2026: this year's June has not come, so it was the last century's.
  if (written.change !== 'date.two_digit_year') return unusable('date.future')
  return cleaned(`${written.year - 100}${day.slice(4)}`, written.change)
}

/** A day as `YYYY-MM-DD`; a time written behind it is dropped. */
export function cleanDate(
  text: string | null | undefined,
  { dayFirst }: { dayFirst?: boolean | undefined } = {},
): Outcome<string> {
  if (text === null || text === undefined || isBlank(text)) return BLANK
  const written = readWritten(text, { dayFirst, yearOf: yearOfTwoDigits })
  if (typeof written === 'string') return unusable(written)
  const day = existingDay(written)
  if (isProblem(day)) return unusable(day)
  return cleaned(day, written.change ?? (written.time === null ? null : 'date.time_removed'))
}

/** An instant. A text without an offset is the wall clock of `timeZone`; a date alone is that day's midnight there. */
export function cleanDateTime(
  text: string | null | undefined,
  { timeZone, dayFirst }: { timeZone: string; dayFirst?: boolean | undefined },
): Outcome<Date> {
  if (text === null || text === undefined || isBlank(text)) return BLANK
  const written = readWritten(text, { dayFirst, yearOf: yearOfTwoDigits })
  if (typeof written === 'string') return unusable(written)
  const day = existingDay(written)
  if (isProblem(day)) return unusable(day)
  const wall = utcOf(written)
  if (written.offsetMinutes !== null) return cleaned(new Date(wall - written.offsetMinutes * 60_000), written.change)
  return cleaned(instantOfWall(day, wall, timeZone), written.change)
}

/** A day given in three columns or fields (2015, "July", 1). */
export function dateOfParts(year: string, month: string, day: string): Outcome<string> {
  if (isBlank(year) && isBlank(month) && isBlank(day)) return BLANK
  const monthNumber = monthOf(month)
  if (monthNumber === null || !/^\s*\d{4}\s*$/.test(year) || !/^\s*\d{1,2}\s*$/.test(day))
    return unusable('date.unreadable')
  return cleanDate(`${year.trim()}-${monthNumber}-${day.trim()}`)
}

/**
 * Whether a column writes the day before the month: told by the first value that can be read in only one way.
 * Undefined when no value tells.
 */
export function guessDayFirst(values: readonly string[]): boolean | undefined {
  let dayFirst = 0
  let monthFirst = 0
  for (const value of values) {
    const match = /^\D?(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})(?:\D|$)/.exec(value.trim())
    if (!match) continue
    const [first, second] = [Number(match[1]), Number(match[2])]
    if (first > 12 && first <= 31 && second <= 12) dayFirst++
    if (second > 12 && second <= 31 && first <= 12) monthFirst++
  }
  if (dayFirst === monthFirst) return undefined
  return dayFirst > monthFirst
}

function utcOf({ year, month, day, time }: WrittenDate): number {
  return Date.UTC(year, month - 1, day) + (time ?? 0)
}

function isProblem(day: string): day is ProblemCode {
  return day.startsWith('date.')
}

/** The day as `YYYY-MM-DD`, or why it is none. */
function existingDay({ year, month, day }: WrittenDate): string {
  const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
  if (placeholders.has(text)) return 'date.placeholder'
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return 'date.impossible'
  return text
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0')
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

// Asking the runtime for a zone's offset costs some 10 µs, so days without a switch of summer time are remembered:
// orders of one file lie on a few thousand days.
const offsets = new Map<string, number | null>()

function instantOfWall(day: string, wall: number, timeZone: string): Date {
  const key = timeZone + day
  let offset = offsets.get(key)
  if (offset === undefined) {
    const midnight = Date.parse(`${day}T00:00:00Z`)
    const next = new Date(midnight + dayMilliseconds).toISOString().slice(0, 10)
    const start = instantOf(day, timeZone).getTime()
    const even = instantOf(next, timeZone).getTime() - start === dayMilliseconds
    offset = even ? midnight - start : null
    if (offsets.size > 50_000) offsets.clear()
    offsets.set(key, offset)
  }
  if (offset !== null) return new Date(wall - offset)
  const time = new Date(wall).toISOString()
  return new Date(instantOf(time.slice(0, 19), timeZone).getTime() + (wall % 1000))
}
