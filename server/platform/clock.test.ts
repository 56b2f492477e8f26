import { expect, test } from 'vitest'
import { dayOf, instantOf, stoppedClock, wallTime } from '#platform/clock'

test.for([
  ['Asia/Shanghai', '2026-12-31T16:00:00Z', '2027-01-01T00:00:00'],
  ['Asia/Urumqi', '2026-12-31T18:00:00Z', '2027-01-01T00:00:00'],
  ['UTC', '2026-12-31T16:00:00Z', '2026-12-31T16:00:00'],
  ['America/New_York', '2026-07-01T04:00:00Z', '2026-07-01T00:00:00'],
  ['America/New_York', '2026-12-01T04:00:00Z', '2026-11-30T23:00:00'],
  ['Asia/Kathmandu', '2026-01-01T18:15:00Z', '2026-01-02T00:00:00'],
] as const)('a clock on the wall in %s at %s shows %s, and back', ([zone, instant, wall]) => {
  expect(wallTime(new Date(instant), zone)).toBe(wall)
  expect(instantOf(wall, zone)).toEqual(new Date(instant))
  expect(dayOf(new Date(instant), zone)).toBe(wall.slice(0, 10))
})

test('a day begins at its midnight in the time zone of the group', () => {
  expect(instantOf('2026-11-21', 'Asia/Shanghai')).toEqual(new Date('2026-11-20T16:00:00Z'))
  expect(dayOf(new Date('2026-11-20T15:59:59.999Z'), 'Asia/Shanghai')).toBe('2026-11-20')
  expect(dayOf(new Date('2026-11-20T16:00:00Z'), 'Asia/Shanghai')).toBe('2026-11-21')
})

test.for([
  ['Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
  ['Europe/London', '2026-10-25T01:30:00', '2026-10-25T00:30:00Z'],
  ['America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00Z'],
  ['Australia/Lord_Howe', '2026-04-05T01:45:00', '2026-04-04T14:45:00Z'],
] as const)('in autumn %s shows %s twice: the earlier is meant', ([zone, wall, instant]) => {
  expect(instantOf(wall, zone)).toEqual(new Date(instant))
  expect(wallTime(new Date(instant), zone)).toBe(wall)
})

test.for([
  ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T03:30:00'],
  ['America/New_York', '2026-03-08T02:30:00', '2026-03-08T03:30:00'],
  // Where the clock leaps at midnight a day begins at one o'clock, and never on the day before.
  ['America/Santiago', '2026-09-06', '2026-09-06T01:00:00'],
  ['Africa/Cairo', '2026-04-24', '2026-04-24T01:00:00'],
  // A whole day was left out here.
  ['Pacific/Apia', '2011-12-30T12:00:00', '2011-12-31T12:00:00'],
] as const)('in spring %s leaps over %s: %s is meant', ([zone, wall, meant]) => {
  expect(wallTime(instantOf(wall, zone), zone)).toBe(meant)
})

test('every hour of a year is found again in every kind of zone, whatever their summer time does', () => {
  for (const zone of [
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Santiago',
  ]) {
    const missed: string[] = []
    for (let hour = 0; hour < 365 * 24; hour++) {
      const at = new Date(Date.UTC(2026, 0, 1, hour))
      const wall = wallTime(at, zone)
      const found = instantOf(wall, zone)
      if (wallTime(found, zone) !== wall || found > at) missed.push(wall)
    }
    expect(missed).toEqual([])
  }
})

test('a stopped clock stands until it is moved, and nobody moves it by what it gave', () => {
  const clock = stoppedClock('2026-11-21T08:00:00Z')
  clock.now().setFullYear(1999)
  expect(clock.now()).toEqual(new Date('2026-11-21T08:00:00Z'))
  clock.add(90_000)
  expect(clock.now()).toEqual(new Date('2026-11-21T08:01:30Z'))
  clock.set('2027-01-01T00:00:00Z')
  expect(clock.now()).toEqual(new Date('2027-01-01T00:00:00Z'))
})
