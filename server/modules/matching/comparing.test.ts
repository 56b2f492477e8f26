import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanRecord } from '#modules/members'
import { arenaOf, keysOfRecord, mostLetters, writeFeatures } from './arena.ts'
import { writeKeys } from './blocking.ts'
import { eachCandidate, entriesOf, narrowBlocks, sortKeys } from './blocks.ts'
import { compare, fieldCount, fields } from './comparing.ts'
import { edits, withinOneEdit } from './distance.ts'
import { featuresOf } from './features.ts'
import { writtenPeople } from './people.testing.ts'

type Raw = Record<string, string>

const placed = (raws: readonly Raw[]) => {
  const arena = arenaOf(raws.length)
  for (const [index, raw] of raws.entries()) {
    const { values } = cleanRecord(raw, { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai' })
    writeFeatures(arena, index, featuresOf(values), index * mostLetters)
    writeKeys(arena, index, { k0: 1, k1: 2 })
  }
  return arena
}

/** Levels by name, of the fields that both say. */
function levels(one: Raw, other: Raw): Record<string, string> {
  const found = new Uint8Array(fieldCount)
  compare(placed([one, other]), 0, 1, found)
  const said = fields.map(({ name, levels: ofField }, index): [string, string] => [name, ofField[found[index]!]!])
  return Object.fromEntries(said.filter(([, level]) => level !== 'missing' && level !== '-/-/-'))
}

describe('names', () => {
  test.for<[string, Raw, Raw, Record<string, string>]>([
    ['the same', { name: '王小明' }, { name: '王小明' }, { family: 'exact', given: 'exact' }],
    ['traditional characters', { name: '張偉' }, { name: '张伟' }, { family: 'exact', given: 'exact' }],
    ['pinyin', { name: '王小明' }, { name: 'WANG XIAOMING' }, { family: 'exact', given: 'exact' }],
    ['pinyin, given name first', { name: '王小明' }, { name: 'Xiaoming Wang' }, { family: 'exact', given: 'exact' }],
    ['other characters of one sound', { name: '王晓明' }, { name: '王小明' }, { family: 'exact', given: 'sounds' }],
    ['Cyrillic', { name: 'Иванов Сергей' }, { name: 'Sergei Ivanov' }, { family: 'exact', given: 'exact' }],
    [
      'a nickname',
      { familyName: 'Smith', givenName: 'Bill' },
      { familyName: 'Smith', givenName: 'William' },
      { family: 'exact', given: 'close' },
    ],
    [
      'a typing error',
      { familyName: 'Harrington', givenName: 'Kayla' },
      { familyName: 'Harringotn', givenName: 'Kaylla' },
      { family: 'close', given: 'close' },
    ],
    [
      'in each other’s column',
      { familyName: 'Lachlan', givenName: 'Berry' },
      { familyName: 'Berry', givenName: 'Lachlan' },
      { family: 'crossed' },
    ],
    ['two people', { name: '王伟' }, { name: '刘敏' }, { family: 'differs', given: 'differs' }],
    ['short names of another sound', { name: '李娜' }, { name: '陆敏' }, { family: 'alike', given: 'differs' }],
  ])('%s', ([, one, other, expected]) => {
    expect(levels(one, other)).toEqual(expected)
    expect(levels(other, one)).toEqual(expected)
  })
})

describe('the rest', () => {
  const named = { name: '王伟' }
  test.for<[string, Raw, Raw, Record<string, string>]>([
    ['day and month exchanged', { birthDate: '1980-02-11' }, { birthDate: '1980-11-02' }, { birth: 'swapped' }],
    ['a digit of the birth date', { birthDate: '1980-02-11' }, { birthDate: '1980-02-17' }, { birth: 'one_digit' }],
    ['a day that isn’t', { birthDate: '19990231' }, { birthDate: '19990221' }, { birth: 'one_digit' }],
    ['a digit lost', { birthDate: '1990221' }, { birthDate: '19990221' }, { birth: 'one_digit' }],
    ['another day of the month', { birthDate: '1980-02-11' }, { birthDate: '1980-02-28' }, { birth: 'two_parts' }],
    [
      'two neighbours of a document',
      { documentNumber: '6988048' },
      { documentNumber: '6980848' },
      { document: 'one_edit' },
    ],
    ['another document', { documentNumber: '6988048' }, { documentNumber: '7364009' }, { document: 'differs' }],
    [
      'a passport beside another number',
      { documentType: 'passport', documentNumber: 'E12345678' },
      { documentNumber: '7364009' },
      {},
    ],
    [
      'an old phone among several',
      { phone: '13800138001' },
      { phone: '13900139000 / 13800138001' },
      { phone: 'exact' },
    ],
    ['a digit of the phone', { phone: '13800138001' }, { phone: '13800138801' }, { phone: 'one_edit' }],
    ['before the @', { email: 'wang.wei@a.cn' }, { email: 'wang.wei@b.com' }, { email: 'local' }],
    [
      'words of the street exchanged',
      { addressLine: '6 Tullaroop Street' },
      { addressLine: 'Street Tullaroop 6' },
      { street: 'close', number: 'exact' },
    ],
    [
      'suburb and postcode',
      { suburb: 'Willaroo', postcode: '4011', region: 'wa' },
      { suburb: 'Wilaroo', postcode: '4011', region: 'wa' },
      { place: 'close/exact/exact' },
    ],
  ])('%s', ([, one, other, expected]) => {
    const { family: _family, given: _given, ...rest } = levels({ ...named, ...one }, { ...named, ...other })
    expect(rest).toEqual(expected)
  })
})

test('one edit is told from two as the table of all edits tells them', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(text, text, (one, other) => {
      const letters = Uint16Array.from([...one, ...other], (letter) => letter.charCodeAt(0))
      const table = edits(letters, 0, one.length, one.length, other.length, 1) <= 1
      expect(withinOneEdit(letters, 0, one.length, one.length, other.length)).toBe(table)
    }),
  )
})

describe('candidates', () => {
  const person: Raw = {
    familyName: 'Harrington',
    givenName: 'Kayla',
    birthDate: '1915-06-12',
    addressLine: 'Maltby Circuit',
    suburb: 'Coolaroo',
    postcode: '3465',
    documentNumber: '9004242',
  }
  const wrong: Raw = {
    familyName: 'Arrinkton',
    givenName: 'Qaila',
    birthDate: '1951-09-21',
    addressLine: 'Waltpy Zircvit',
    suburb: 'Goolarou',
    postcode: '3546',
    documentNumber: '904242',
  }
  const meet = (one: Raw, other: Raw) => {
    const { keys } = placed([one, other])
    const first = new Set(keys.subarray(0, keysOfRecord).filter((key) => key !== 0))
    return keys.subarray(keysOfRecord).some((key) => first.has(key))
  }

  test('whichever two facts are wrong, the records meet', () => {
    const names = Object.keys(person)
    for (const one of names)
      for (const other of names)
        expect(meet(person, { ...person, [one]: wrong[one]!, [other]: wrong[other]! }), `${one}, ${other}`).toBe(true)
    expect(meet(person, wrong)).toBe(true) // a document with a digit too few
    expect(
      meet(person, { familyName: 'Sondergeld', givenName: 'Deakin', birthDate: '1960-02-10', postcode: '2776' }),
    ).toBe(false)
  })

  test('each pair once, by one thread or by two, and large blocks are narrowed', () => {
    const people = writtenPeople({ people: 400, copies: 200, mostCopies: 3, mostInValue: 1, mostInRecord: 3, seed: 8 })
    const found = (lanes: number, most?: number) => {
      const arena = placed(people.map(({ raw }) => raw))
      const blocks = Array.from(
        { length: lanes },
        (_, lane) => narrowBlocks(arena, entriesOf(arena, people.length, lane, lanes), { k0: 1, k1: 2 }, most).blocks,
      )
      sortKeys(arena, 0, people.length)
      const pairs: string[] = []
      for (const ofLane of blocks)
        eachCandidate(arena, ofLane, (a, b) => pairs.push(`${Math.min(a, b)} ${Math.max(a, b)}`), most ? { most } : {})
      return pairs.sort()
    }
    const one = found(1)
    expect(new Set(one).size).toBe(one.length)
    expect(found(2)).toEqual(one)
    const narrow = found(1, 4)
    expect(new Set(narrow).size).toBe(narrow.length)
    expect(narrow.length).toBeLessThan(one.length)
  })
})
