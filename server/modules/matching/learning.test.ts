import { expect, test } from 'vitest'
import { field, fieldCount, levelsOf, patternOf } from './comparing.ts'
import { learn } from './learning.ts'
import { assumed } from './model.ts'
import { dice } from './people.testing.ts'

/** Draws patterns of pairs whose levels are met as often as said. */
function drawn(count: number, shares: readonly (readonly number[])[], roll: () => number): Map<number, number> {
  const patterns = new Map<number, number>()
  const levels = new Uint8Array(fieldCount)
  for (let pair = 0; pair < count; pair++) {
    for (let index = 0; index < fieldCount; index++) {
      const ofField = shares[index]!
      let at = roll() * ofField.reduce((sum, share) => sum + share, 0)
      levels[index] = Math.max(
        0,
        ofField.findIndex((share) => {
          at -= share
          return at < 0
        }),
      )
    }
    const pattern = patternOf(levels)
    patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
  }
  return patterns
}

const silent = () => Array.from({ length: fieldCount }, () => [1])
const merged = (one: Map<number, number>, other: Map<number, number>) => {
  const all = new Map(one)
  for (const [pattern, count] of other) all.set(pattern, (all.get(pattern) ?? 0) + count)
  return all
}

test('a pattern gives its levels back', () => {
  const levels = Uint8Array.from([7, 5, 6, 4, 5, 4, 3, 4, 47, 2, 2])
  expect(levelsOf(patternOf(levels), new Uint8Array(fieldCount))).toEqual(levels)
})

test('what one person’s records and strangers’ are like is learned from pairs that nobody has marked', () => {
  const roll = dice(4)
  const m = silent()
  const u = silent()
  m[field.family] = [0, 0.1, 0, 0.1, 0, 0.8, 0, 0]
  u[field.family] = [0, 0.97, 0, 0.01, 0, 0.02, 0, 0]
  m[field.given] = [0, 0.2, 0, 0.2, 0, 0.6]
  u[field.given] = [0, 0.98, 0, 0.01, 0, 0.01]
  m[field.birth] = [0, 0.06, 0, 0, 0.24, 0, 0.7]
  u[field.birth] = [0, 0.994, 0, 0, 0.005, 0, 0.001]
  m[field.phone] = [0, 0.5, 0, 0, 0.5]
  u[field.phone] = [0, 1, 0, 0, 0]
  m[field.email] = [0, 0.3, 0, 0, 0.7]
  u[field.email] = [0, 1, 0, 0, 0]
  // All pairs of these records, and of those who are assumed beside them, are candidates here.
  const records = 100
  const strangers = (records + 2_000) ** 2 / 2 - 6_000
  const sampled = 200_000
  const times = strangers / sampled
  const drawnStrangers = new Map([...drawn(sampled, u, roll)].map(([pattern, count]) => [pattern, count * times]))
  const candidates = merged(drawn(6_000, m, roll), drawnStrangers)
  const learned = learn({
    records,
    candidates,
    candidateWeight: 1,
    random: drawn(200_000, u, roll),
    joined: new Map(),
    apart: new Map(),
  })
  for (const name of ['family', 'given', 'birth', 'phone', 'email'] as const) {
    for (const [level, share] of m[field[name]]!.entries())
      if (level > 0)
        expect(Math.abs(learned.m[field[name]]![level]! - share), `m of ${name} ${level}`).toBeLessThan(0.03)
    for (const [level, share] of u[field[name]]!.entries())
      if (level > 0)
        expect(Math.abs(learned.u[field[name]]![level]! - share), `u of ${name} ${level}`).toBeLessThan(0.005)
  }
  expect(Math.abs((learned.matches * (records + 2_000) ** 2) / 2 - 6_000)).toBeLessThan(600)
})

test('what staff decide is learned too: a company whose people often change phones', () => {
  const levels = new Uint8Array(fieldCount)
  levels[field.phone] = 1
  const changed = patternOf(levels)
  const lessons = { records: 1_000, candidates: new Map(), candidateWeight: 1, random: new Map(), apart: new Map() }
  const before = learn({ ...lessons, joined: new Map() }).m[field.phone]![1]!
  const after = learn({ ...lessons, joined: new Map([[changed, 100]]) }).m[field.phone]![1]!
  expect(before).toBeCloseTo(assumed.m[field.phone]![1]!, 1)
  expect(after).toBeGreaterThan(0.85)
})
