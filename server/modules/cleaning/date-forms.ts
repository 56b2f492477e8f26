/**
 * The forms in which people and programs write dates. Reading only takes a text apart; whether the day exists and is
 * believable is decided in `dates.ts`. Nothing is rolled over and nothing is guessed: where two readings stand and no
 * hint was given, the answer is `date.ambiguous`.
 */
import type { ChangeCode, ProblemCode } from './codes.ts'
import { chineseAsSigns, millisecondsOf, minutesOf, months, takeClock } from './date-words.ts'
import { fold, simplified } from './text.ts'

export interface WrittenDate {
  readonly year: number
  readonly month: number
  readonly day: number
  /** Milliseconds since midnight; null when no time was written. */
  readonly time: number | null
  /** The offset from UTC that was written behind the time, else null. */
  readonly offsetMinutes: number | null
  readonly change: ChangeCode | null
}

export interface DateHints {
  /** 03/04/2015 is 3 April; known from the column, the country or the user. */
  readonly dayFirst?: boolean | undefined
  /** What `87` or `05` means as a year. */
  readonly yearOf: (twoDigits: number) => number
}

const dayMilliseconds = 86_400_000
const longestDate = 80

export function readWritten(written: string, hints: DateHints): WrittenDate | ProblemCode {
  const raw = written.trim()
  const iso = readIso(raw)
  if (iso) return iso
  if (raw.length > longestDate) return 'date.unreadable'
  let text = fold(raw)
    .toLowerCase()
    .replace(/^['"=]+|["']+$/g, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
  if (/农历|阴历|农曆|陰曆|正月|腊月|闰|初[一二三四五六七八九十]/.test(text)) return 'date.lunar'
  if (/^\d+(?:\.\d+)?$/.test(text)) return readNumber(text, hints)
  if (/[\u4e00-\u9fff]/.test(text)) text = chineseAsSigns(simplified(text))

  const clock = takeClock(text)
  if (clock === 'wrong') return 'date.impossible'
  const day = readDay((clock ? clock.before : text).trim(), hints)
  if (typeof day === 'string' || clock === null) return day
  return { ...day, time: clock.time, offsetMinutes: clock.offsetMinutes }
}

/** `1987-06-04`, alone or followed by a time, as programs write it; most dates of a file end here. */
function readIso(text: string): WrittenDate | null {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return null
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-]\d\d):?(\d\d))?)?$/.exec(
      text,
    )
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction, zulu, offsetHour, offsetMinute] = match
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    time: hour === undefined ? null : millisecondsOf(hour, minute, second, fraction),
    offsetMinutes: zulu ? 0 : offsetHour === undefined ? null : minutesOf(offsetHour, offsetMinute),
    change: null,
  }
}

/** Only digits: 19870604, 20150701123000, the day number of a spreadsheet, seconds or milliseconds since 1970. */
function readNumber(written: string, hints: DateHints): WrittenDate | ProblemCode {
  const [whole = '', fraction = ''] = written.split('.')
  const number = Number(whole)
  switch (whole.length) {
    case 4:
      return number >= 1900 && number <= 2100 ? 'date.partial' : 'date.unreadable'
    case 5: {
      // The epoch is 1899-12-30 because spreadsheets believe in 1900-02-29; days before that are not written so.
      if (number < 10_000) return 'date.unreadable'
      const time = fraction === '' ? 0 : Math.round(Number(`0.${fraction}`) * 86_400) * 1000
      const at = new Date(Date.UTC(1899, 11, 30) + number * dayMilliseconds + time)
      const hasTime = time > 0 && time < dayMilliseconds
      return fromUtc(at, hasTime ? time : null, null, 'date.serial_number')
    }
    case 6: {
      const [a, b, c] = [Number(whole.slice(0, 2)), Number(whole.slice(2, 4)), Number(whole.slice(4))]
      if ((a === 19 || a === 20) && c >= 1 && c <= 12) return 'date.partial'
      if (b < 1 || b > 12 || c < 1 || c > 31) return 'date.unreadable'
      return dayAlone(hints.yearOf(a), b, c, 'date.two_digit_year')
    }
    case 8: {
      const year = Number(whole.slice(0, 4))
      if ((year >= 1000 && year <= 2100 && Number(whole.slice(4, 6)) <= 12) || /^(?:0000|9999)/.test(whole)) {
        return dayAlone(year, Number(whole.slice(4, 6)), Number(whole.slice(6)), 'date.form')
      }
      const last = Number(whole.slice(4))
      if (last < 1900 || last > 2100) return year >= 1900 && year <= 2100 ? 'date.impossible' : 'date.unreadable'
      return dayAndMonth(Number(whole.slice(0, 2)), Number(whole.slice(2, 4)), last, hints)
    }
    case 10:
      return fromUtc(new Date(number * 1000), null, 0, 'date.unix_time')
    case 13:
      return fromUtc(new Date(number), null, 0, 'date.unix_time')
    case 12:
    case 14: {
      const [hour, minute, second] = [whole.slice(8, 10), whole.slice(10, 12), whole.slice(12) || '0']
      if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return 'date.impossible'
      const day = dayAlone(Number(whole.slice(0, 4)), Number(whole.slice(4, 6)), Number(whole.slice(6, 8)), 'date.form')
      return { ...day, time: millisecondsOf(hour, minute, second, '') }
    }
    default:
      return 'date.unreadable'
  }
}

function readDay(text: string, hints: DateHints): WrittenDate | ProblemCode {
  const signs = text.replace(/(?:г\.?|года?)$/, '').trim()
  if (/[a-zа-я]/.test(signs)) return readMonthName(signs, hints)
  const triple = /^(\d{1,4})\s*([-/.\s_])\s*(\d{1,2})\s*[-/.\s_]\s*(\d{1,4})\.?$/.exec(signs)
  if (!triple) {
    if (
      /^\d{4}\s*[-/.]?\s*(?:\d{1,2})?[-/.]?$/.test(signs) ||
      /^\d{1,2}\s*[-/.]\s*(?:\d{4}|\d{1,2})[-/.]?$/.test(signs)
    ) {
      return 'date.partial'
    }
    return /^\d{6,14}$/.test(signs) ? readNumber(signs, hints) : 'date.unreadable'
  }
  const [first, sign, second, third] = [triple[1]!, triple[2]!, triple[3]!, triple[4]!]
  if (first.length >= 3) return dayAlone(Number(first), Number(second), Number(third), 'date.form')
  if (third.length >= 3) {
    return dayAndMonth(Number(first), Number(second), Number(third), sign === '.' ? { dayFirst: true } : hints)
  }
  return readShortYear(Number(first), Number(second), Number(third), sign, hints)
}

/** 87-06-04, 4.6.87, 6/4/87: which end is the year is told by its size, else by the hint or the sign. */
function readShortYear(first: number, second: number, third: number, sign: string, hints: DateHints) {
  const yearFirst =
    first > 31 || first === 0 ? true : third > 31 || third === 0 || hints.dayFirst !== undefined ? false : sign === '-'
  if (yearFirst) return dayAlone(hints.yearOf(first), second, third, 'date.two_digit_year')
  const day = dayAndMonth(first, second, hints.yearOf(third), sign === '.' ? { dayFirst: true } : hints)
  return typeof day === 'string' ? day : { ...day, change: 'date.two_digit_year' as const }
}

function dayAndMonth(
  first: number,
  second: number,
  year: number,
  { dayFirst }: Pick<DateHints, 'dayFirst'>,
): WrittenDate | ProblemCode {
  if (first > 12 && second > 12) return 'date.impossible'
  if (first > 12) return dayAlone(year, second, first, dayFirst === true ? 'date.form' : 'date.order')
  if (second > 12) return dayAlone(year, first, second, dayFirst === false ? 'date.form' : 'date.order')
  if (first === second) return dayAlone(year, first, second, 'date.form')
  if (dayFirst === undefined) return 'date.ambiguous'
  return dayFirst ? dayAlone(year, second, first, 'date.form') : dayAlone(year, first, second, 'date.form')
}

/** July 1 2015, 1 July 2015, 1-Jul-15, 2015 Jul 1, 1 июля 2015, Wed, 01 Jul 2015. */
function readMonthName(text: string, hints: DateHints): WrittenDate | ProblemCode {
  const words = text
    .replace(
      /^(?:mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|понед|втор|сред|четв|пятн|субб|воскр)[a-zа-я]*[.,]?\s+/,
      '',
    )
    .split(/[\s,./_-]+/)
    .filter((word) => word !== '' && word !== 'of' && word !== 'the' && word !== 'г' && word !== 'года')
  const at = words.findIndex((word) => months.has(word))
  if (at < 0 || words.length > 3) return 'date.unreadable'
  const month = months.get(words[at]!)!
  const numbers = words
    .filter((_, index) => index !== at)
    .map((word) => word.replace(/(?<=\d)(?:st|nd|rd|th|го|е|ое)$/, ''))
  if (!numbers.every((word) => /^\d{1,4}$/.test(word))) return 'date.unreadable'
  if (numbers.length < 2) return 'date.partial'
  const [first, second] = numbers as [string, string]
  if (first.length >= 3) return dayAlone(Number(first), month, Number(second), 'date.form')
  if (second.length >= 3) return dayAlone(Number(second), month, Number(first), 'date.form')
  return Number(first) > 31
    ? dayAlone(hints.yearOf(Number(first)), month, Number(second), 'date.two_digit_year')
    : dayAlone(hints.yearOf(Number(second)), month, Number(first), 'date.two_digit_year')
}

function dayAlone(year: number, month: number, day: number, change: ChangeCode): WrittenDate {
  return { year, month, day, time: null, offsetMinutes: null, change }
}

function fromUtc(at: Date, time: number | null, offsetMinutes: number | null, change: ChangeCode): WrittenDate {
  const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate())
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    time: offsetMinutes === null ? time : at.getTime() - midnight,
    offsetMinutes,
    change,
  }
}
