/** When points expire: pure arithmetic of days in the group's time zone. */
import { dayOf, instantOf } from '#platform/clock'
import type { Expires } from './contract.ts'

const monthsOf = { month: 1, quarter: 3, half_year: 6, year: 12 } as const

/**
 * The first instant at which points earned at `from` can't be spent any more; null: never. The last day counts whole,
 * so this is the midnight after it. A month later than the 31st is the last day of a shorter month.
 */
export function expiryOf(expires: Expires, from: Date, timeZone: string): Date | null {
  if (expires.mode === 'never') return null
  const day = dayAt(from, timeZone)
  const known = memo(expires, timeZone)
  let at = known.get(day)
  if (!at) {
    at = expiryOfDay(expires, day, timeZone)
    known.set(day, at)
  }
  return at
}

function expiryOfDay(expires: Exclude<Expires, { mode: 'never' }>, day: string, timeZone: string): Date {
  switch (expires.mode) {
    case 'on':
      return startOf(addDays(expires.day, 1), timeZone)
    case 'after': {
      const last = expires.unit === 'day' ? addDays(day, expires.count) : addMonths(day, expires.count)
      if (expires.endOf === 'day') return startOf(addDays(last, 1), timeZone)
      return startOf(firstAfterPeriod(last, monthsOf[expires.endOf]), timeZone)
    }
  }
}

/** Midnight of the day that comes so many days after an instant's. */
export function dayStartAfter(from: Date, days: number, timeZone: string): Date {
  return startOf(addDays(dayAt(from, timeZone), days), timeZone)
}

// A batch asks about the same days and terms a thousand times, and each answer from the calendar of a time zone costs
// as much as writing a row: answers are remembered, by day for each terms, by minute for days.
const expiries = new WeakMap<Expires, Map<string, Map<string, Date>>>()

function memo(expires: Expires, timeZone: string): Map<string, Date> {
  const zones = expiries.get(expires) ?? new Map<string, Map<string, Date>>()
  expiries.set(expires, zones)
  const days = zones.get(timeZone) ?? new Map<string, Date>()
  zones.set(timeZone, days)
  return days
}

const daysByMinute = new Map<string, Map<number, string>>()
// Before this some zones stood apart from the world's time by odd seconds, so a minute could lie in two days.
const evenMinutesSince = Date.UTC(1973, 0, 1)

/** The day of an instant in a time zone, as `YYYY-MM-DD`. */
export function dayAt(at: Date, timeZone: string): string {
  if (at.getTime() < evenMinutesSince) return dayOf(at, timeZone)
  let days = daysByMinute.get(timeZone)
  if (!days || days.size > 10_000) {
    days = new Map()
    daysByMinute.set(timeZone, days)
  }
  const minute = Math.floor(at.getTime() / 60_000)
  const known = days.get(minute)
  if (known !== undefined) return known
  const day = dayOf(at, timeZone)
  days.set(minute, day)
  return day
}

const startOf = (day: string, timeZone: string) => instantOf(day, timeZone)

function addDays(day: string, days: number): string {
  const [year, month, date] = partsOf(day)
  return dayText(Date.UTC(year, month - 1, date + days))
}

function addMonths(day: string, months: number): string {
  const [year, month, date] = partsOf(day)
  const lastOfMonth = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate()
  return dayText(Date.UTC(year, month - 1 + months, Math.min(date, lastOfMonth)))
}

/** The first day after the period of so many months that a day lies in. */
function firstAfterPeriod(day: string, months: number): string {
  const [year, month] = partsOf(day)
  return dayText(Date.UTC(year, (Math.floor((month - 1) / months) + 1) * months, 1))
}

function partsOf(day: string): [number, number, number] {
  return day.split('-').map(Number) as [number, number, number]
}

const dayText = (utc: number) => new Date(utc).toISOString().slice(0, 10)
