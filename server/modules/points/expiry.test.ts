import { describe, expect, test } from 'vitest'
import type { Expires } from './contract.ts'
import { dayAt, dayStartAfter, expiryOf } from './expiry.ts'

const shanghai = 'Asia/Shanghai'
/** The last day that counts, and the instant after it, for what was earned at a wall time in Shanghai. */
const ends = (expires: Expires, earned: string, timeZone = shanghai) =>
  expiryOf(expires, new Date(earned), timeZone)?.toISOString() ?? null

describe('points expire at the midnight after their last day, in the time zone of the group', () => {
  const rolling = (count: number, unit: 'day' | 'month', endOf: Extract<Expires, { mode: 'after' }>['endOf'] = 'day') =>
    ({ mode: 'after', count, unit, endOf }) as const

  test('never', () => expect(ends({ mode: 'never' }, '2026-05-17T15:00+08:00')).toBeNull())

  test('a fixed day counts whole', () =>
    expect(ends({ mode: 'on', day: '2026-12-31' }, '2026-05-17T15:00+08:00')).toBe('2026-12-31T16:00:00.000Z'))

  test.each([
    [rolling(30, 'day'), '2026-05-17T15:00+08:00', '2026-06-17T00:00+08:00'],
    [rolling(1, 'month'), '2026-01-31T09:00+08:00', '2026-03-01T00:00+08:00'],
    [rolling(1, 'month'), '2028-01-31T09:00+08:00', '2028-03-01T00:00+08:00'],
    [rolling(24, 'month', 'month'), '2026-05-17T15:00+08:00', '2028-06-01T00:00+08:00'],
    [rolling(24, 'month', 'month'), '2026-12-31T23:59+08:00', '2029-01-01T00:00+08:00'],
    [rolling(1, 'month', 'quarter'), '2026-05-17T15:00+08:00', '2026-07-01T00:00+08:00'],
    [rolling(2, 'month', 'quarter'), '2026-05-17T15:00+08:00', '2026-10-01T00:00+08:00'],
    [rolling(1, 'month', 'half_year'), '2026-05-17T15:00+08:00', '2026-07-01T00:00+08:00'],
    [rolling(2, 'month', 'half_year'), '2026-05-17T15:00+08:00', '2027-01-01T00:00+08:00'],
    [rolling(12, 'month', 'year'), '2026-05-17T15:00+08:00', '2028-01-01T00:00+08:00'],
    [rolling(1, 'day', 'year'), '2026-12-31T15:00+08:00', '2028-01-01T00:00+08:00'],
  ])('%o, earned at %s', (expires, earned, until) => expect(ends(expires, earned)).toBe(new Date(until).toISOString()))

  test('the day is that of the time zone: 17:00 in London is the next day in Shanghai', () => {
    expect(ends(rolling(1, 'day'), '2026-05-17T17:00Z')).toBe('2026-05-19T16:00:00.000Z')
    expect(ends(rolling(1, 'day'), '2026-05-17T17:00Z', 'Europe/London')).toBe('2026-05-18T23:00:00.000Z')
  })

  test('a day of 23 hours ends when the clock says midnight', () =>
    expect(ends(rolling(1, 'day'), '2026-03-28T12:00Z', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z'))
})

test('days of the group around its midnight', () => {
  expect(dayAt(new Date('2026-05-17T15:59:59.999Z'), shanghai)).toBe('2026-05-17')
  expect(dayAt(new Date('2026-05-17T16:00:00.000Z'), shanghai)).toBe('2026-05-18')
  expect(dayStartAfter(new Date('2026-05-17T16:00Z'), 7, shanghai)).toEqual(new Date('2026-05-24T16:00Z'))
})
