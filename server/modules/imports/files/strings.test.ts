import { expect, test } from 'vitest'
import { SharedStrings } from './strings.ts'

test('more texts than are kept in memory are found again in any order', () => {
  const strings = new SharedStrings(100_000)
  const text = (at: number) => `${at} ${'长ab'.repeat((at * 31) % 300)}`
  const count = 40_000
  for (let at = 0; at < count; at++) strings.add(text(at))
  for (let at = 0; at < count; at++) {
    const index = (at * 7919) % count
    if (strings.get(index) !== text(index)) expect(strings.get(index)).toBe(text(index))
  }
  expect(strings.get(count)).toBeUndefined()
  expect(strings.get(-1)).toBeUndefined()
  expect(strings.get(Number.NaN)).toBeUndefined()
  strings.close()
})

test('an empty text, and one longer than a block', () => {
  const strings = new SharedStrings(10)
  const long = '长'.repeat(100_000)
  for (const text of ['', long, '', 'x']) strings.add(text)
  expect([0, 1, 2, 3].map((at) => strings.get(at))).toEqual(['', long, '', 'x'])
  strings.close()
})

test('a text over the edge of two blocks, when the second takes the place of the first', () => {
  const strings = new SharedStrings(100_000)
  const text = (at: number) => String(at).padStart(1000, '-')
  for (let at = 0; at < 20_000; at++) strings.add(text(at))
  // Block 0 is read first, then 191 others of the 192 that are kept; text 65 begins in block 0 and ends in block 1.
  const inBlock = (number: number) => Math.floor((number * 65_536) / 1000) + 1
  expect(strings.get(0)).toBe(text(0))
  for (let block = 2; block <= 192; block++) expect(strings.get(inBlock(block))).toBe(text(inBlock(block)))
  expect(strings.get(65)).toBe(text(65))
  strings.close()
})
