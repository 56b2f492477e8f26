/**
 * From keys to candidates: entries (key, record) are sorted, records with the same key are a block, every two of a block
 * are candidates, each once. A block that is too large is narrowed by more facts, twice at most, and else left: what so
 * many share says nothing. All by typed arrays, and each thread has the keys of its own share.
 */
import { type Arena, keysOfRecord } from './arena.ts'
import { narrowed } from './blocking.ts'
import type { HashKey } from './hashing.ts'

/** Records of one block at most. */
export const mostInBlock = 50

export interface Entries {
  keys: Uint32Array
  records: Uint32Array
}

/** Entries of the keys that belong to a lane, sorted by key. */
export function entriesOf(arena: Arena, records: number, lane: number, lanes: number): Entries {
  let count = 0
  const end = records * keysOfRecord
  for (let at = 0; at < end; at++) {
    const key = arena.keys[at]!
    if (key !== 0 && key % lanes === lane) count++
  }
  const entries = { keys: new Uint32Array(count), records: new Uint32Array(count) }
  count = 0
  for (let record = 0, at = 0; record < records; record++) {
    for (const last = at + keysOfRecord; at < last; at++) {
      const key = arena.keys[at]!
      if (key === 0 || key % lanes !== lane) continue
      entries.keys[count] = key
      entries.records[count++] = record
    }
  }
  return sorted(entries)
}

/** Radix sort by key, eleven bits at a time; records of one key stay in their order. */
export function sorted({ keys, records }: Entries): Entries {
  let [fromKeys, fromRecords] = [keys, records]
  let [toKeys, toRecords]: [Uint32Array, Uint32Array] = [new Uint32Array(keys.length), new Uint32Array(keys.length)]
  for (const shift of [0, 11, 22]) {
    const counts = new Uint32Array(2049)
    for (let at = 0; at < fromKeys.length; at++) counts[((fromKeys[at]! >>> shift) & 2047) + 1]!++
    for (let bucket = 0; bucket < 2048; bucket++) counts[bucket + 1]! += counts[bucket]!
    for (let at = 0; at < fromKeys.length; at++) {
      const place = counts[(fromKeys[at]! >>> shift) & 2047]!++
      toKeys[place] = fromKeys[at]!
      toRecords[place] = fromRecords[at]!
    }
    ;[fromKeys, toKeys] = [toKeys, fromKeys]
    ;[fromRecords, toRecords] = [toRecords, fromRecords]
  }
  return { keys: fromKeys, records: fromRecords }
}

/**
 * Narrows the blocks that are too large; the arena's keys become what is left, 0 where a key was given up. Gives back
 * the entries of all blocks, narrowed ones behind, and which keys were too large.
 */
export function narrowBlocks(
  arena: Arena,
  entries: Entries,
  secret: HashKey,
  most = mostInBlock,
): { blocks: Entries[]; narrowedKeys: number[] } {
  const all = [entries]
  const narrowedKeys: number[] = []
  let last = entries
  for (let step = 0; step < 3; step++) {
    const large: { key: number; record: number }[] = []
    eachBlock(last, (from, to) => {
      if (to - from <= most) return
      const key = last.keys[from]!
      narrowedKeys.push(key)
      for (let at = from; at < to; at++) {
        const record = last.records[at]!
        const place = placeOf(arena, record, key)
        const next = step < 2 ? narrowed(arena, record, key, secret, step) : 0
        arena.keys[place] = next
        if (next !== 0) large.push({ key: next, record })
      }
    })
    if (large.length === 0) break
    last = sorted({
      keys: Uint32Array.from(large, ({ key }) => key),
      records: Uint32Array.from(large, ({ record }) => record),
    })
    all.push(last)
  }
  return { blocks: all, narrowedKeys }
}

function placeOf(arena: Arena, record: number, key: number): number {
  const first = record * keysOfRecord
  for (let at = first; at < first + keysOfRecord; at++) if (arena.keys[at] === key) return at
  return first
}

export function eachBlock({ keys }: Entries, visit: (from: number, to: number) => void): void {
  for (let from = 0; from < keys.length; ) {
    let to = from + 1
    while (to < keys.length && keys[to] === keys[from]) to++
    if (to - from > 1) visit(from, to)
    from = to
  }
}

/** Sorts each record's keys, so that common ones are found by walking both lists. */
export function sortKeys(arena: Arena, from: number, to: number): void {
  const { keys } = arena
  for (let record = from; record < to; record++) {
    const first = record * keysOfRecord
    for (let at = first + 1; at < first + keysOfRecord; at++) {
      const key = keys[at]!
      let place = at - 1
      while (place >= first && keys[place]! > key) {
        keys[place + 1] = keys[place]!
        place--
      }
      keys[place + 1] = key
    }
  }
}

/** Visits each pair of candidates once, at the least of the keys that they have in common; `fresh`: one of them at least is. */
export function eachCandidate(
  arena: Arena,
  all: readonly Entries[],
  visit: (a: number, b: number) => void,
  { share = 1, most = mostInBlock, fresh = null }: { share?: number; most?: number; fresh?: Uint8Array | null } = {},
): void {
  const limit = share * 2 ** 32
  for (const entries of all) {
    eachBlock(entries, (from, to) => {
      const key = entries.keys[from]!
      if (to - from > most) return
      // Keys are hashes: those below a limit are a fair sample.
      if (share < 1 && Math.imul(key, 0x9e3779b1) >>> 0 > limit) return
      for (let one = from; one < to; one++) {
        const a = entries.records[one]!
        for (let other = one + 1; other < to; other++) {
          const b = entries.records[other]!
          if (fresh !== null && fresh[a] === 0 && fresh[b] === 0) continue
          if (a !== b && isLeastCommon(arena.keys, a, b, key)) visit(a, b)
        }
      }
    })
  }
}

function isLeastCommon(keys: Uint32Array, a: number, b: number, key: number): boolean {
  let one = a * keysOfRecord
  let other = b * keysOfRecord
  const lastOne = one + keysOfRecord
  const lastOther = other + keysOfRecord
  while (one < lastOne && keys[one] === 0) one++
  while (other < lastOther && keys[other] === 0) other++
  while (one < lastOne && other < lastOther) {
    const x = keys[one]!
    const y = keys[other]!
    if (x >= key || y >= key) return true
    if (x === y) return false
    if (x < y) one++
    else other++
  }
  return true
}

/** How many pairs the blocks have, counted once for each key. */
export function pairsIn(all: readonly Entries[], most = mostInBlock): number {
  let pairs = 0
  for (const entries of all)
    eachBlock(entries, (from, to) => {
      const size = to - from
      if (size <= most) pairs += (size * (size - 1)) / 2
    })
  return pairs
}
