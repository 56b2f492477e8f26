/**
 * Several people who share an address or a phone, for `families` to propose: found among the records that a run has in
 * memory, or among the few that a single one was compared with. It plays no part in who is one person.
 */
import { type Arena, former, lengthOf, slot, slots, texts } from './arena.ts'
import { eachBlock, sorted } from './blocks.ts'
import { compare, field, fieldCount } from './comparing.ts'
import { mixedHash } from './hashing.ts'

/** Records, and persons, that one household has at most: more are a firm, a hotel or a tour leader. */
const mostRecords = 24
const mostPersons = 8
/** An address is a house: a street of so many letters, a number, and where it is. */
const leastStreet = 3

export interface Sharing {
  a: Uint32Array
  b: Uint32Array
  /** 1: the address, 2: a phone. */
  by: Uint8Array
}

/** Number of an address; 0 where it isn't a whole one. */
function addressAt({ numbers }: Arena, x: number): number {
  const place = numbers[x + slot.suburb]! || numbers[x + slot.city]! || numbers[x + slot.postcode]!
  if (numbers[x + slot.number] === 0 || place === 0) return 0
  if (lengthOf(numbers, x, texts.street) < leastStreet) return 0
  return mixedHash(numbers[x + slot.street]!, numbers[x + slot.number]!, place)
}

const isFormer = ({ numbers }: Arena, x: number, phone: number) => ((lengthOf(numbers, x, former) >> phone) & 1) === 1

/** What two records share of a household: 1 the address, 2 a phone, 3 both; 0 also where they may be one person's. */
export function sharedBy(arena: Arena, a: number, b: number, levels = new Uint8Array(fieldCount)): number {
  const { numbers } = arena
  const [x, y] = [a * slots, b * slots]
  let by = 0
  const same = (name: number) => numbers[x + name] === numbers[y + name]
  if (
    addressAt(arena, x) !== 0 &&
    addressAt(arena, x) === addressAt(arena, y) &&
    same(slot.street) &&
    same(slot.number)
  )
    by |= 1
  for (let one = 0; one < 3; one++) {
    const phone = numbers[x + slot.phone + one]!
    if (phone === 0 || isFormer(arena, x, one)) continue
    for (let other = 0; other < 3; other++)
      if (phone === numbers[y + slot.phone + other] && !isFormer(arena, y, other)) by |= 2
  }
  return by !== 0 && areTwo(arena, a, b, levels) ? by : 0
}

/** By what they are called and when they were born, not only by what is unknown. */
function areTwo(arena: Arena, a: number, b: number, levels: Uint8Array): boolean {
  compare(arena, a, b, levels)
  const [family, given, birth] = [levels[field.family]!, levels[field.given]!, levels[field.birth]!]
  if (family >= 6) return false
  return given === 1 ? birth !== 6 : given === 2 && birth === 1
}

/** Pairs of its share of addresses and phones, each pair of two persons once for each; `fresh`: at least one of them is. */
export function householdsIn(
  arena: Arena,
  { records, lane, lanes, fresh }: { records: number; lane: number; lanes: number; fresh: Uint8Array | null },
): Sharing {
  const { numbers, persons } = arena
  const kinds = 4
  const keyOf = (record: number, kind: number) => {
    const x = record * slots
    if (kind === 0) return addressAt(arena, x)
    const phone = numbers[x + slot.phone + kind - 1]!
    return phone === 0 || isFormer(arena, x, kind - 1) ? 0 : mixedHash(phone, 0, 0)
  }
  let count = 0
  const isMine = (key: number) => key !== 0 && key % lanes === lane
  for (let record = 0; record < records; record++)
    for (let kind = 0; kind < kinds; kind++) if (isMine(keyOf(record, kind))) count++
  const entries = { keys: new Uint32Array(count), records: new Uint32Array(count) }
  count = 0
  for (let record = 0; record < records; record++)
    for (let kind = 0; kind < kinds; kind++) {
      const key = keyOf(record, kind)
      if (!isMine(key)) continue
      entries.keys[count] = key
      entries.records[count++] = record
    }
  const ordered = sorted(entries)
  const [a, b, by]: [number[], number[], number[]] = [[], [], []]
  const levels = new Uint8Array(fieldCount)
  eachBlock(ordered, (from, to) => {
    if (to - from > mostRecords) return
    // Of each person the newest of their records here: what it says is what counts.
    const people = new Map<number, number>()
    let isFresh = fresh === null
    for (let at = from; at < to; at++) {
      const record = ordered.records[at]!
      people.set(persons[record]!, record)
      isFresh ||= fresh![record] === 1
    }
    if (!isFresh || people.size < 2 || people.size > mostPersons) return
    const list = [...people.values()]
    for (let one = 0; one < list.length; one++)
      for (let other = one + 1; other < list.length; other++) {
        const [first, second] = [list[one]!, list[other]!]
        if (fresh !== null && fresh[first] === 0 && fresh[second] === 0) continue
        const shared = sharedBy(arena, first, second, levels)
        if (shared === 0) continue
        a.push(first)
        b.push(second)
        by.push(shared)
      }
  })
  return { a: Uint32Array.from(a), b: Uint32Array.from(b), by: Uint8Array.from(by) }
}
