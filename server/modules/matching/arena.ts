/**
 * The features of many records in three arrays, which threads may share: numbers (hashes and lengths) that settle most
 * comparisons at once, the letters behind them for the rest, and the keys by which candidates are found. They are in
 * memory only, for as long as a run takes.
 */
import type { Features } from './features.ts'
import { soundOf } from './features.ts'
import { hashOf } from './hashing.ts'
import { rootOf } from './nicknames.ts'

/** Numbers of one record. */
export const slot = {
  family: 0,
  familyHan: 1,
  given: 2,
  givenHan: 3,
  givenRoot: 4,
  familySound: 5,
  givenSound: 6,
  birth: 7,
  document: 8,
  documentKind: 9,
  phone: 10,
  email: 13,
  local: 14,
  number: 15,
  street: 16,
  suburb: 17,
  city: 18,
  postcode: 19,
  region: 20,
  gender: 21,
  unionid: 22,
  /** First letters of family and given name, sixteen bits each. */
  initials: 23,
  streetSound: 24,
  suburbSound: 25,
  /** The beginnings of both names, in whichever order. */
  beginnings: 26,
  /** Where its letters begin, and how many there are of each text, a byte each. */
  letters: 27,
  lengths: 28,
} as const
// Two lines of the processor's cache: most of comparing is waiting for memory.
export const slots = 32
export const keysOfRecord = 40
/** Letters that a record needs at most. */
export const mostLetters = 256

/** Order of the texts within a record's letters. */
export const texts = {
  family: 0,
  given: 1,
  document: 2,
  phone0: 3,
  phone1: 4,
  phone2: 5,
  local: 6,
  street: 7,
  suburb: 8,
  city: 9,
  postcode: 10,
  number: 11,
  birth: 12,
} as const
const textCount = 13
/** Bytes behind the lengths: which of the phones are former ones, a bit each; whether companions are known. */
export const former = 13
export const accompanied = 14
export const companionsOfRecord = 4

export interface Arena {
  numbers: Int32Array
  letters: Uint16Array
  keys: Uint32Array
  /** Whose each record is, as a number that is hardly ever another's, and who travels with them, by the same numbers. */
  persons: Int32Array
  companions: Int32Array
}

export function arenaOf(records: number, { shared = false, lettersEach = mostLetters } = {}): Arena {
  const buffer = (bytes: number) => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  return {
    numbers: new Int32Array(buffer(records * slots * 4)),
    letters: new Uint16Array(buffer(records * lettersEach * 2)),
    keys: new Uint32Array(buffer(records * keysOfRecord * 4)),
    persons: new Int32Array(buffer(records * 4)),
    companions: new Int32Array(buffer(records * companionsOfRecord * 4)),
  }
}

const hashed = (text: string) => (text === '' ? 0 : hashOf(text))

/** Writes a record's features; says where the letters of the next one may begin. */
export function writeFeatures(arena: Arena, index: number, features: Features, lettersAt: number): number {
  const { numbers, letters } = arena
  const base = index * slots
  const [family, given] = [features.family, features.given]
  const local = features.email.split('@')[0]!.slice(0, 24)
  numbers[base + slot.family] = hashed(family)
  numbers[base + slot.familyHan] = hashed(features.familyHan)
  numbers[base + slot.given] = hashed(given)
  numbers[base + slot.givenHan] = hashed(features.givenHan)
  numbers[base + slot.givenRoot] = given === '' ? 0 : hashOf(rootOf(given))
  numbers[base + slot.familySound] = hashed(soundOf(family))
  numbers[base + slot.givenSound] = hashed(soundOf(given))
  numbers[base + slot.birth] = features.birth === '' ? 0 : Number(features.birth)
  numbers[base + slot.streetSound] = hashed(soundOf(features.streetWord))
  const beginnings = [soundOf(family).slice(0, 3), soundOf(given).slice(0, 3)].sort()
  numbers[base + slot.beginnings] = family === '' || given === '' ? 0 : hashOf(beginnings.join(' '))
  numbers[base + slot.suburbSound] = hashed(soundOf(features.suburbWord))
  numbers[base + slot.document] = hashed(features.document)
  numbers[base + slot.documentKind] = hashed(features.documentKind)
  for (let phone = 0; phone < 3; phone++) numbers[base + slot.phone + phone] = hashed(features.phones[phone] ?? '')
  numbers[base + slot.email] = hashed(features.email)
  numbers[base + slot.local] = hashed(local)
  numbers[base + slot.number] = hashed(features.number)
  numbers[base + slot.street] = hashed(features.street)
  numbers[base + slot.suburb] = hashed(features.suburb)
  numbers[base + slot.city] = hashed(features.city)
  numbers[base + slot.postcode] = hashed(features.postcode)
  numbers[base + slot.region] = hashed(features.region)
  numbers[base + slot.gender] = features.gender === 'male' ? 1 : features.gender === 'female' ? 2 : 0
  numbers[base + slot.unionid] = hashed(features.unionid)
  numbers[base + slot.initials] =
    (family === '' ? 0 : family.charCodeAt(0)) | (given === '' ? 0 : given.charCodeAt(0) << 16)
  numbers[base + slot.letters] = lettersAt
  let at = lettersAt
  for (let text = 0; text < textCount; text++) {
    const value = textOf(features, local, text)
    writeByte(numbers, base, text, value.length)
    for (let index = 0; index < value.length; index++) letters[at++] = value.charCodeAt(index)
  }
  writeByte(numbers, base, former, features.formerPhones)
  return at
}

function writeByte(numbers: Int32Array, base: number, text: number, value: number): void {
  const shift = (text & 3) * 8
  const place = base + slot.lengths + (text >> 2)
  numbers[place] = (numbers[place]! & ~(0xff << shift)) | (value << shift)
}

/** Notes that somebody travels with a record's person; the first few are enough. */
export function writeCompanion({ numbers, companions }: Arena, index: number, person: number): void {
  writeByte(numbers, index * slots, accompanied, 1)
  for (let at = index * companionsOfRecord; at < (index + 1) * companionsOfRecord; at++) {
    if (companions[at] === person) return
    if (companions[at] !== 0) continue
    companions[at] = person
    return
  }
}

function textOf(features: Features, local: string, text: number): string {
  switch (text) {
    case texts.family:
      return features.family
    case texts.given:
      return features.given
    case texts.document:
      return features.document
    case texts.phone0:
      return features.phones[0] ?? ''
    case texts.phone1:
      return features.phones[1] ?? ''
    case texts.phone2:
      return features.phones[2] ?? ''
    case texts.local:
      return local
    case texts.street:
      return features.street
    case texts.suburb:
      return features.suburb
    case texts.city:
      return features.city
    case texts.postcode:
      return features.postcode
    case texts.number:
      return features.number
    default:
      return features.birth
  }
}

export function lengthOf(numbers: Int32Array, base: number, text: number): number {
  return (numbers[base + slot.lengths + (text >> 2)]! >>> ((text & 3) * 8)) & 0xff
}

/** Where a text of a record begins. */
export function startOf(numbers: Int32Array, base: number, text: number): number {
  let at = numbers[base + slot.letters]!
  for (let before = 0; before < text; before++) at += lengthOf(numbers, base, before)
  return at
}
