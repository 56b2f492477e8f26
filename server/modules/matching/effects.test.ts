import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effectOf } from './contract.ts'

/** From -2 bits on: 100 pairs that are hardly one, 10 on the border, 4 likely, 6 nearly sure of which 4 say enough. */
const histogram = {
  from: -2,
  pairs: [100, 10, 0, 4, 6],
  expected: [5, 4, 0, 3.6, 5.9],
  enough: [20, 2, 0, 4, 4],
  expectedEnough: [1, 1, 0, 3.6, 3.95],
  together: [0, 0, 0, 0, 50],
}
const now = { joinFrom: 2, reviewFrom: -1 }

test('the lines in force say what the run did: joined, asked, and how much of it is expected wrong', () => {
  // The two of the sure ones that say too little are asked, whatever their score.
  expect(effectOf(histogram, now, now)).toEqual({ joined: 4, asked: 16, apart: 100, wrong: 0.1, missed: 5, moved: 0 })
})

test('other lines say how many pairs stand elsewhere', () => {
  expect(effectOf(histogram, { joinFrom: 1, reviewFrom: -1 }, now)).toMatchObject({
    joined: 8,
    asked: 12,
    wrong: 0.5,
    moved: 4,
  })
  // Within a bar pairs are spread evenly.
  expect(effectOf(histogram, { joinFrom: 2, reviewFrom: -1.5 }, now)).toMatchObject({ asked: 66, apart: 50, moved: 50 })
  expect(effectOf(histogram, { joinFrom: 10, reviewFrom: 10 }, now)).toMatchObject({
    joined: 0,
    asked: 0,
    apart: 120,
    wrong: 0,
  })
})

test('an older run, which did not keep what says enough, is taken as if all did', () => {
  const older = { ...histogram, enough: [], expectedEnough: [], together: [] }
  expect(effectOf(older, now, now)).toMatchObject({ joined: 6, asked: 14, apart: 100 })
})

test('no line loses a pair, and a lower one never expects fewer wrong joins or more missed ones', () => {
  const line = fc.integer({ min: -30, max: 40 }).map((tenths) => tenths / 10)
  fc.assert(
    fc.property(line, line, line, (one, two, other) => {
      const [reviewFrom, joinFrom] = [Math.min(one, two), Math.max(one, two)]
      const effect = effectOf(histogram, { joinFrom, reviewFrom }, now)
      expect(effect.joined + effect.asked + effect.apart).toBe(120)
      const lower = effectOf(
        histogram,
        { joinFrom: Math.min(joinFrom, other), reviewFrom: Math.min(reviewFrom, other) },
        now,
      )
      expect(lower.wrong).toBeGreaterThanOrEqual(effect.wrong)
      expect(lower.missed).toBeLessThanOrEqual(effect.missed)
    }),
  )
})
