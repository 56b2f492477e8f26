import { expect, test } from 'vitest'
import { deadlineOf } from './deadlines.ts'

const asked = new Date('2026-11-20T09:00:00+08:00') // a Friday
const day = (law: 'pipl' | 'gdpr' | 'both', at = asked) =>
  // The last day counts whole, so the end is the midnight after it.
  new Date(deadlineOf(law, at, 'Asia/Shanghai').getTime() - 1).toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' })

test('15 working days for PIPL, one month for GDPR, the earlier of both', () => {
  expect([day('pipl'), day('gdpr'), day('both')]).toEqual(['2026-12-11', '2026-12-20', '2026-12-11'])
})

test('a month after the 31st ends with the shorter month', () => {
  expect(day('gdpr', new Date('2027-01-31T10:00:00+08:00'))).toBe('2027-02-28')
})
