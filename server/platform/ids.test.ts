import { expect, test } from 'vitest'
import { hexToUuid, newId } from '#platform/ids'

const timeOf = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

test('200,000 ids rise strictly, none is there twice, and each is a UUID of version 7', () => {
  const ids = Array.from({ length: 200_000 }, () => newId())
  expect(ids.every((id, index) => index === 0 || id > ids[index - 1]!)).toBe(true)
  expect(new Set(ids).size).toBe(200_000)
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  expect(ids.filter((id) => !shape.test(id))).toEqual([])
})

test('an id tells its time', () => {
  const before = Date.now()
  // Many ids of one millisecond run a little ahead of the clock.
  expect(timeOf(newId()) - before).toBeGreaterThanOrEqual(0)
  const nextYear = Date.now() + 365 * 86_400_000
  expect(timeOf(newId(nextYear))).toBe(nextYear)
})

test('ids go on rising when the clock is set back, and when a millisecond is used up', () => {
  const at = Date.now() + 2 * 365 * 86_400_000
  const ids = [newId(at), newId(at - 60_000), newId(at - 3_600_000), ...Array.from({ length: 5_000 }, () => newId(at))]
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids.map(timeOf))).toEqual(new Set([at, at + 1]))
})

test('what two processes make in the same millisecond differs by 62 random bits', () => {
  const tails = Array.from({ length: 10_000 }, () => newId().slice(19))
  expect(new Set(tails).size).toBe(10_000)
})

test('32 hexadecimal digits become a UUID', () => {
  expect(hexToUuid('00112233445566778899aabbccddeeff')).toBe('00112233-4455-6677-8899-aabbccddeeff')
})
