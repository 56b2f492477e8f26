/** Dates, numbers and money as the language writes them, in the time zone of the group. */
import type { Language } from './languages.ts'

export interface Formats {
  number(value: number): string
  /** With its sign, also above zero. */
  signed(value: number): string
  /** From the currency's smallest unit. */
  money(minor: number, currency: string): string
  bytes(value: number): string
  percent(share: number): string
  /** With its sign, also above zero. */
  signedPercent(share: number): string
  /** 2026 年 4 月 16 日 */
  date(at: string): string
  /** 2026/4/16: for columns. */
  shortDate(at: string): string
  /** The last day before a moment at which something ends: what ends at midnight of the 1st is good on the 31st. */
  lastDay(end: string): string
  /** A date without a time, as a birth date is: the same in every time zone. */
  calendarDate(date: string): string
  /** The same without the year. */
  calendarDay(date: string): string
  time(at: string): string
  dateTime(at: string): string
  /** Today and yesterday by name; any other day by its date, with the year if it isn't this one. */
  day(at: string): { name: string | null; date: string }
  /** Tells whether two moments are on one day of the group. */
  dayKey(at: string): string
  ago(at: string): string
  duration(seconds: number): string
}

/** How many of its smallest units one unit of a currency has: 100 fen, 1 yen. */
export function minorUnitsOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  return 10 ** (maximumFractionDigits ?? 2)
}

const made = new Map<string, Formats>()

export function formatsOf(language: Language, timeZone: string): Formats {
  const key = `${language} ${timeZone}`
  const formats = made.get(key) ?? make(language, timeZone)
  made.set(key, formats)
  return formats
}

function make(language: Language, timeZone: string): Formats {
  const number = new Intl.NumberFormat(language)
  const signed = new Intl.NumberFormat(language, { signDisplay: 'exceptZero' })
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 })
  const signedPercent = new Intl.NumberFormat(language, {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  })
  const moneys = new Map<string, Intl.NumberFormat>()
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone })
  const calendarDate = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
  const calendarDay = new Intl.DateTimeFormat(language, { month: 'long', day: 'numeric', timeZone: 'UTC' })
  const shortDate = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'numeric', day: 'numeric', timeZone })
  const dayOfYear = new Intl.DateTimeFormat(language, { month: 'long', day: 'numeric', timeZone })
  const time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23', timeZone })
  const dateTime = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  })
  const dayKey = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const unit = (value: number, name: string) =>
    spaced(
      new Intl.NumberFormat(language, {
        style: 'unit',
        unit: name,
        unitDisplay: 'short',
        maximumFractionDigits: value < 10 ? 1 : 0,
      }).format(value),
    )

  const moneyOf = (currency: string) => {
    const known = moneys.get(currency)
    if (known) return known
    const format = new Intl.NumberFormat(language, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      trailingZeroDisplay: 'stripIfInteger',
    })
    moneys.set(currency, format)
    return format
  }

  return {
    number: (value) => number.format(value),
    signed: (value) => signed.format(value),
    money: (minor, currency) => {
      const format = moneyOf(currency)
      return format.format(minor / minorUnitsOf(currency))
    },
    bytes: (value) =>
      value < 1_000_000
        ? unit(value / 1000, 'kilobyte')
        : value < 1_000_000_000
          ? unit(value / 1_000_000, 'megabyte')
          : unit(value / 1_000_000_000, 'gigabyte'),
    percent: (share) => percent.format(share),
    signedPercent: (share) => signedPercent.format(share),
    date: (at) => spaced(date.format(new Date(at))),
    shortDate: (at) => shortDate.format(new Date(at)),
    lastDay: (end) => spaced(date.format(new Date(new Date(end).getTime() - 1))),
    calendarDate: (day) => spaced(calendarDate.format(new Date(`${day}T00:00:00Z`))),
    calendarDay: (day) => spaced(calendarDay.format(new Date(`${day}T00:00:00Z`))),
    time: (at) => time.format(new Date(at)),
    dateTime: (at) => spaced(dateTime.format(new Date(at))),
    day: (at) => {
      const now = Date.now()
      const key = dayKey.format(new Date(at))
      const thisYear = dayKey.format(now).slice(0, 4) === key.slice(0, 4)
      const daysBack = [0, 1].find((days) => dayKey.format(now - days * 86_400_000) === key)
      return {
        name: daysBack === undefined ? null : capital(relative.format(-daysBack, 'day'), language),
        date: spaced((thisYear ? dayOfYear : date).format(new Date(at))),
      }
    },
    dayKey: (at) => dayKey.format(new Date(at)),
    ago: (at) => {
      const seconds = (Date.now() - new Date(at).getTime()) / 1000
      if (seconds < 60) return spaced(relative.format(0, 'second'))
      if (seconds < 3600) return spaced(relative.format(-Math.floor(seconds / 60), 'minute'))
      if (seconds < 86_400) return spaced(relative.format(-Math.floor(seconds / 3600), 'hour'))
      if (seconds < 7 * 86_400) return spaced(relative.format(-Math.floor(seconds / 86_400), 'day'))
      return spaced(date.format(new Date(at)))
    },
    duration: (seconds) =>
      seconds < 60
        ? unit(seconds, 'second')
        : seconds < 3600
          ? unit(seconds / 60, 'minute')
          : unit(seconds / 3600, 'hour'),
  }
}

/** Chinese has a space between a number and a character; Intl leaves it out. It must not break a line. */
function spaced(text: string): string {
  return text.replace(/(?<=\d)(?=\p{Script=Han})|(?<=\p{Script=Han})(?=\d)/gu, '\u00a0')
}

function capital(text: string, language: Language): string {
  return text.slice(0, 1).toLocaleUpperCase(language) + text.slice(1)
}
