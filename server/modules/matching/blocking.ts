/**
 * Keys by which records find those that may be the same person: a few dozen ways, each from another pair of facts, so
 * that errors in any one or two of them leave a way that meets. Keys are keyed hashes and may be kept.
 */
import { type Arena, keysOfRecord, lengthOf, slot, slots, startOf, texts } from './arena.ts'
import { type HashKey, hashOf, keyedHash } from './hashing.ts'

const shortDocument = 10

/** Writes the keys of a record; those that it has no facts for are 0. Says how many there are. */
export function writeKeys(arena: Arena, index: number, secret: HashKey): number {
  const { numbers, keys } = arena
  const base = index * slots
  const first = index * keysOfRecord
  let count = 0
  const add = (way: number, a: number, b: number) => {
    if (count === keysOfRecord) return
    const key = keyedHash(secret, way, a, b)
    for (let at = 0; at < count; at++) if (keys[first + at] === key) return
    keys[first + count++] = key
  }
  const on = (name: number) => numbers[base + name]!
  const birth = on(slot.birth)
  const [family, given] = [on(slot.familySound), on(slot.givenSound)]
  const names = given === family ? [family] : [family, given]
  const { year, month, day } = birthOf(arena, base)
  const [suburb, postcode, street] = [on(slot.suburbSound), on(slot.postcode), on(slot.streetSound)]

  for (let phone = 0; phone < 3; phone++) {
    if (on(slot.phone + phone) === 0) break
    const length = lengthOf(numbers, base, texts.phone0 + phone)
    const at = startOf(numbers, base, texts.phone0 + phone)
    add(1, part(arena, at + Math.max(0, length - 8), at + length), 0)
    if (family !== 0) {
      add(2, part(arena, at, at + length - 4), family)
      add(3, part(arena, at + length - 4, at + length), family)
    }
  }
  if (on(slot.local) !== 0 && lengthOf(numbers, base, texts.local) >= 4) add(4, on(slot.local), 0)
  if (on(slot.document) !== 0) {
    add(5, on(slot.document), 0)
    const length = lengthOf(numbers, base, texts.document)
    const at = startOf(numbers, base, texts.document)
    if (length <= shortDocument) {
      // Two numbers that differ by one sign have a number in common when one sign is left out of each.
      for (let left = 0; left < length; left++) add(5, without(arena, at, length, left), 0)
    } else {
      add(6, part(arena, at, at + (length >> 1)), 0)
      add(7, part(arena, at + (length >> 1), at + length), 0)
    }
  }
  if (birth !== 0) {
    // Either letter, so that names the other way round meet too.
    const [familyLetter, givenLetter] = [on(slot.initials) & 0xffff, on(slot.initials) >>> 16]
    if (familyLetter !== 0) add(8, birth, familyLetter)
    if (givenLetter !== 0) add(8, birth, givenLetter)
    if (names[0] === 0 && names.length === 1) add(8, birth, 0)
  }
  if (family !== 0 && given !== 0) add(9, Math.min(family, given), Math.max(family, given))
  for (const name of names) {
    if (name === 0) continue
    if (postcode !== 0) add(10, postcode, name)
    if (suburb !== 0) add(11, suburb, name)
    if (street !== 0) add(12, street, name)
    if (birth !== 0) {
      // A family name is had by so many that the city has to be the same too, where lists have one.
      const more = name === family ? on(slot.city) : 0
      add(13, year * 16 + month, name ^ more)
      add(14, month * 32 + day, name ^ more)
      add(15, year * 32 + day, name ^ more)
    }
  }
  if (birth !== 0) {
    if (postcode !== 0) add(16, postcode, year)
    if (street !== 0) add(17, street, year)
  }
  if (street !== 0 && on(slot.number) !== 0) add(18, street, on(slot.number))
  if (street !== 0 && postcode !== 0) add(19, street, postcode)
  if (street !== 0 && suburb !== 0) add(20, street, suburb)
  if (postcode !== 0 && suburb !== 0) add(21, postcode, suburb)
  if (birth !== 0 && suburb !== 0) add(22, suburb, month * 32 + day)
  if (birth !== 0 && postcode !== 0) add(23, postcode, month * 32 + day)
  if (on(slot.beginnings) !== 0 && (postcode !== 0 || suburb !== 0)) add(24, on(slot.beginnings), on(slot.region))
  // In a small pool even one fact finds few; in a large one these are narrowed or given up.
  if (street !== 0) add(25, street, 0)
  if (postcode !== 0) add(26, postcode, 0)
  if (suburb !== 0) add(27, suburb, 0)
  for (let at = count; at < keysOfRecord; at++) keys[first + at] = 0
  return count
}

/** What a key becomes for a record where too many have it: narrowed by another fact, of two in turn. */
export function narrowed(arena: Arena, index: number, key: number, secret: HashKey, step: number): number {
  const { numbers } = arena
  const base = index * slots
  const facts =
    step === 0
      ? [numbers[base + slot.birth]! === 0 ? 0 : birthOf(arena, base).year, numbers[base + slot.gender]!]
      : [numbers[base + slot.givenSound]!, numbers[base + slot.suburb]! || numbers[base + slot.city]!]
  return keyedHash(secret, 32 + step + (facts[0]! | 0), key, facts[1]! | 0)
}

/** The first four digits are the year, the last two the day, also where a digit is missing or too many. */
function birthOf({ numbers, letters }: Arena, base: number): { year: number; month: number; day: number } {
  const length = lengthOf(numbers, base, texts.birth)
  const at = startOf(numbers, base, texts.birth)
  const digit = (index: number) => (letters[at + index] ?? 48) - 48
  if (length < 7) return { year: 0, month: 0, day: 0 }
  const year = digit(0) * 1_000 + digit(1) * 100 + digit(2) * 10 + digit(3)
  return { year, month: digit(4) * 10 + digit(5), day: digit(length - 2) * 10 + digit(length - 1) }
}

function part({ letters }: Arena, from: number, to: number): number {
  let text = ''
  for (let at = from; at < to; at++) text += String.fromCharCode(letters[at]!)
  return hashOf(text)
}

function without({ letters }: Arena, at: number, length: number, left: number): number {
  let text = ''
  for (let index = 0; index < length; index++) if (index !== left) text += String.fromCharCode(letters[at + index]!)
  return hashOf(text)
}
