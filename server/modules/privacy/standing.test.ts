import { describe, expect, test } from 'vitest'
import { type Said, standingOf } from './standing.ts'

let said = 0
const say = (home: string, given: boolean, covers = [home]): Said => {
  said++
  return { home, given, covers, at: new Date(Date.UTC(2026, 0, 1) + said * 60_000), id: String(said).padStart(6, '0') }
}
/** Withdrawn while several homes were one person: a row under each. */
const withdrawnBy = (...homes: string[]) => homes.map((home) => say(home, false, homes))

const states = (rows: readonly Said[], ...persons: string[][]) =>
  persons.map((homes) => standingOf(rows.filter(({ home }) => homes.includes(home))).state)

describe('what is in force', () => {
  test('is what was said last, and nothing where nothing was said', () => {
    expect(standingOf([])).toEqual({ state: 'unsaid', by: null })
    const rows = [say('a', true), say('a', false), say('a', true)]
    expect(states(rows, ['a'])).toEqual(['given'])
    expect(states(rows.slice(0, 2), ['a'])).toEqual(['withdrawn'])
  })

  test('is the strictest of both after a merge, in either order; who said nothing takes nothing away', () => {
    const first = [say('a', false), say('b', true)]
    const later = [say('c', true), say('d', false)]
    expect(states(first, ['a', 'b'])).toEqual(['withdrawn'])
    expect(states(later, ['c', 'd'])).toEqual(['withdrawn'])
    expect(states([say('e', true)], ['e', 'f'])).toEqual(['given'])
  })

  test('withdrawn while joined stays withdrawn for all after they are taken apart', () => {
    const rows = [say('a', true), say('b', true), ...withdrawnBy('a', 'b')]
    expect(states(rows, ['a', 'b'], ['a'], ['b'])).toEqual(['withdrawn', 'withdrawn', 'withdrawn'])
  })

  test('given while joined answers what both had withdrawn, and stays with the home that it was given by', () => {
    const rows = [...withdrawnBy('a', 'b'), say('a', true, ['a', 'b'])]
    expect(states(rows, ['a', 'b'], ['a'], ['b'])).toEqual(['given', 'given', 'withdrawn'])
  })

  test('given alone answers nothing that somebody else withdrew who is joined later', () => {
    const rows = [say('b', false), say('a', true, ['a'])]
    expect(states(rows, ['a', 'b'])).toEqual(['withdrawn'])
  })

  test('does not depend on the order in which it is read', () => {
    const rows = [say('a', true), ...withdrawnBy('a', 'b'), say('b', true, ['a', 'b']), say('a', false, ['a'])]
    expect(standingOf(rows).state).toBe('withdrawn')
    expect(standingOf(rows.toReversed()).by).toBe(standingOf(rows).by)
  })
})
