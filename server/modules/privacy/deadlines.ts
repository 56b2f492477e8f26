/** By when the law wants a request answered. Pure arithmetic of days; holidays are not known and not counted on. */
import { dayOf, instantOf } from '#platform/clock'

export type Law = 'pipl' | 'gdpr' | 'both'

const workingDays = 15

/** The end of the last day: 15 working days (PIPL, as handled in practice), one month (GDPR article 12 (3)). */
export function deadlineOf(law: Law, askedAt: Date, timeZone: string): Date {
  const day = dayOf(askedAt, timeZone)
  const ends = {
    pipl: () => endOf(afterWorkingDays(day, workingDays), timeZone),
    gdpr: () => endOf(monthLater(day), timeZone),
  }
  if (law !== 'both') return ends[law]()
  return new Date(Math.min(ends.pipl().getTime(), ends.gdpr().getTime()))
}

const endOf = (day: string, timeZone: string) => instantOf(addDays(day, 1), timeZone)

function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

function afterWorkingDays(day: string, count: number): string {
  let left = count
  let at = day
  while (left > 0) {
    at = addDays(at, 1)
    const weekday = new Date(`${at}T00:00:00Z`).getUTCDay()
    if (weekday !== 0 && weekday !== 6) left--
  }
  return at
}

function monthLater(day: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return new Date(Date.UTC(year, month, Math.min(date, lastOfMonth))).toISOString().slice(0, 10)
}
