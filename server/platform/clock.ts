/**
 * Time as the business reads it. An act reads the clock once (`Ctx.now`); a test moves it.
 * Days, months and expiry are those of the group's time zone.
 */

export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock that stands still until it is moved; for tests. */
export function stoppedClock(
  at: Date | string,
): Clock & { set(at: Date | string): void; add(milliseconds: number): void } {
  let now = new Date(at)
  return {
    now: () => new Date(now),
    set: (next) => {
      now = new Date(next)
    },
    add: (milliseconds) => {
      now = new Date(now.getTime() + milliseconds)
    },
  }
}

const dayMilliseconds = 86_400_000

const partsFormats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = partsFormats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    partsFormats.set(timeZone, format)
  }
  return format
}

/** The wall clock of a time zone at an instant, as `YYYY-MM-DDTHH:mm:ss`. */
export function wallTime(at: Date, timeZone: string): string {
  const parts: Record<string, string> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) parts[type] = value
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}`
}

/** The day in a time zone at an instant, as `YYYY-MM-DD`. */
export function dayOf(at: Date, timeZone: string): string {
  return wallTime(at, timeZone).slice(0, 10)
}

/**
 * The instant at which a wall clock of the time zone shows `YYYY-MM-DDTHH:mm:ss`, or a day's midnight. Of two (autumn)
 * the earlier; a time that the clock leaps over (spring) comes as much later as it leaps.
 */
export function instantOf(wall: string, timeZone: string): Date {
  const asUtc = Date.parse(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`)
  const offsetAt = (at: number) => Date.parse(`${wallTime(new Date(at), timeZone)}Z`) - at
  // No zone changes its clock twice within two days, so these are the offsets before and after a change nearby.
  const [before, after] = [offsetAt(asUtc - dayMilliseconds), offsetAt(asUtc + dayMilliseconds)]
  if (before === after) return new Date(asUtc - before)
  // In autumn both may be right, and the first is the earlier.
  const right = [asUtc - before, asUtc - after].find((at) => at + offsetAt(at) === asUtc)
  return new Date(right ?? asUtc - before)
}
