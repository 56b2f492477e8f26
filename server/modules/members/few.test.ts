import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Behind, fewest, refuseFew, singlesOut, told } from './few.ts'

const all = (persons: number): Behind => ({ persons, elsewhere: persons, leftOut: 0, leftOutElsewhere: 0 })

test('under five is told as under five, and a filter that leaves so few is refused', () => {
  expect(told(3, all(3))).toBe('<5')
  expect(told(4, all(4))).toBe('<5')
  expect(told(5, all(5))).toBe(5)
  expect(() => refuseFew('city', all(4))).toThrow(/city/)
  expect(() => refuseFew('city', all(0))).toThrow(/city/)
  refuseFew('city', all(5))
})

test('a total that differs from the own part, or from that without the filter, by under five is not told', () => {
  expect(told(100, { ...all(100), elsewhere: 4 })).toBe('<5')
  expect(told(100, { ...all(100), elsewhere: 0 })).toBe(100)
  expect(told(100, { ...all(100), leftOut: 1 })).toBe('<5')
  expect(told(100, { ...all(100), leftOut: 30, leftOutElsewhere: 2 })).toBe('<5')
})

/** Persons with a city and whether they are of the asker's own part. */
const pools = fc.array(fc.record({ city: fc.constantFrom('a', 'b', 'c'), own: fc.boolean() }), { maxLength: 60 })

test('whatever is asked, with and without a filter, no difference of two answers stands on one to four persons', () => {
  fc.assert(
    fc.property(pools, fc.constantFrom('a', 'b', 'c'), (pool, city) => {
      const count = (some: (one: (typeof pool)[number]) => boolean) => pool.filter(some).length
      const behind = {
        persons: count((one) => one.city === city),
        elsewhere: count((one) => one.city === city && !one.own),
        leftOut: count((one) => one.city !== city),
        leftOutElsewhere: count((one) => one.city !== city && !one.own),
      }
      const whole = { ...all(pool.length), elsewhere: count(({ own }) => !own) }
      if (singlesOut(behind) || singlesOut(whole)) return
      // What the asker can subtract: their own exact numbers, and one answer from the other.
      for (const rest of [
        behind.elsewhere,
        whole.elsewhere,
        whole.persons - behind.persons,
        whole.elsewhere - behind.elsewhere,
      ])
        expect(rest === 0 || rest >= fewest).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})
