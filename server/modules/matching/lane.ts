/**
 * One thread's share of a run. Records are opened here, in memory, and nowhere else; between its steps a thread waits for
 * the others, because each step reads what all have written in the step before.
 */
import type { OpenRecord, SealedRecord } from '#modules/members'
import type { Vault } from '#platform/vault'
import { type Arena, slot, slots, writeCompanion, writeFeatures } from './arena.ts'
import { writeKeys } from './blocking.ts'
import { type Entries, eachCandidate, entriesOf, narrowBlocks, pairsIn, sortKeys } from './blocks.ts'
import { type Bands, bandsFor, chanceOf, cluster, type Edge } from './clusters.ts'
import { compare, fieldCount, patternOf } from './comparing.ts'
import { featuresOf } from './features.ts'
import { type HashKey, hashOf } from './hashing.ts'
import { householdsIn } from './households.ts'
import { type Lessons, learn } from './learning.ts'
import type { Model } from './model.ts'
import { countValues, type Frequencies, type Part, partsOf, saysEnough, scorer } from './scoring.ts'
import { type Answer, teach } from './teaching.ts'

/** What the threads of a run have in common. */
export interface Ground {
  arena: Arena
  frequencies: Frequencies
  /** Sixteen bytes a record: its home. */
  homes: Uint8Array
  /** Two numbers a record: whose it is now. */
  persons: Int32Array
  /** Two numbers a record, of its key: an order that nobody gave. */
  labels: Uint32Array
  /** 1 for a record that came or changed since the last run. */
  fresh: Uint8Array
}

export interface Share {
  lane: number
  lanes: number
  /** Records of this thread: from `first` on, as many as it finds, up to `room`. */
  first: number
  room: number
  /** Of all threads. */
  records: number
}

export interface Found {
  a: Uint32Array
  b: Uint32Array
  bits: Float64Array
  enough: Uint8Array
}

/** Pairs of evidence in whole bits, from the lowest, and how many of them are expected to be one person. */
export interface Histogram {
  from: number
  pairs: number[]
  expected: number[]
  /** Of these, those of which enough kinds of facts agree for a join. */
  enough: number[]
  expectedEnough: number[]
  /** Pairs that are one person already; they are in none of the others. */
  together: number[]
}

const lowestBits = -40
const highestBits = 60
/** Below this chance nobody will ever be asked. */
const keptFrom = -7
const samplePairs = 400_000
const randomPairs = 250_000

export class Lane {
  private readonly ground: Ground
  private readonly share: Share
  private readonly secret: HashKey
  private count = 0
  private blocks: Entries[] = []
  private narrowedKeys: number[] = []

  constructor(ground: Ground, share: Share, secret: HashKey) {
    this.ground = ground
    this.share = share
    this.secret = secret
  }

  /** Opens its records and writes what they say into the common memory. */
  async read(
    vault: Vault,
    records: AsyncIterable<readonly SealedRecord[]>,
    { compareNothing = false, changed = none }: { compareNothing?: boolean; changed?: ReadonlySet<string> } = {},
  ): Promise<number> {
    const { arena, frequencies, homes, persons, labels, fresh } = this.ground
    const { first, room } = this.share
    let lettersAt = first * (arena.letters.length / this.share.records)
    for await (const chunk of records) {
      for (const { home, person, label, wrappedKey, sealed, fresh: isFresh } of chunk) {
        if (this.count === room) return this.count
        const id = uuidOf(home)
        const values = vault.open<OpenRecord['values']>(vault.unwrap(wrappedKey), `record:${id}`, sealed)
        const index = first + this.count++
        if (compareNothing) continue
        lettersAt = writeFeatures(arena, index, featuresOf(values), lettersAt)
        writeKeys(arena, index, this.secret)
        countValues(frequencies, arena, index)
        homes.set(home, index * 16)
        persons[index * 2] = person.readInt32BE(8)
        persons[index * 2 + 1] = person.readInt32BE(12)
        arena.persons[index] = personNumber(person)
        fresh[index] = isFresh || changed.has(id) ? 1 : 0
        labels[index * 2] = label.readUInt32BE(0)
        labels[index * 2 + 1] = label.readUInt32BE(4)
      }
    }
    return this.count
  }

  /** Puts the keys of its share in order and narrows large blocks; says how many pairs they have. */
  block(): number {
    const { lane, lanes, records } = this.share
    const { arena } = this.ground
    const { blocks, narrowedKeys } = narrowBlocks(arena, entriesOf(arena, records, lane, lanes), this.secret)
    this.blocks = blocks
    this.narrowedKeys = narrowedKeys
    return pairsIn(blocks)
  }

  /** Keys of its share that were narrowed, for the look-up. */
  narrowed(): Uint32Array {
    return Uint32Array.from(this.narrowedKeys)
  }

  /** Notes who travels with whom, by pairs of homes. */
  accompany(pairs: readonly { a: string; b: string }[]): void {
    const { arena } = this.ground
    const at = this.placesOf(pairs.flatMap(({ a, b }) => [a, b]))
    for (const pair of pairs) {
      const [a, b] = [at.get(pair.a), at.get(pair.b)]
      if (a === undefined || b === undefined) continue
      writeCompanion(arena, a, arena.persons[b]!)
      writeCompanion(arena, b, arena.persons[a]!)
    }
  }

  /** Several people with one address or phone, of its share of both; pairs are told by their homes. */
  households({ onlyFresh }: { onlyFresh: boolean }): { a: string; b: string; address: boolean; phone: boolean }[] {
    const { arena, fresh } = this.ground
    const { a, b, by } = householdsIn(arena, { ...this.share, fresh: onlyFresh ? fresh : null })
    return Array.from(by, (shared, index) => ({
      a: this.homeOf(a[index]!),
      b: this.homeOf(b[index]!),
      address: (shared & 1) === 1,
      phone: (shared & 2) === 2,
    }))
  }

  settle(): void {
    sortKeys(this.ground.arena, this.share.first, this.share.first + this.count)
  }

  /** Patterns of a sample of candidates and of random pairs. */
  sample(
    pairs: number,
    seed: number,
  ): { candidates: Map<number, number>; random: Map<number, number>; weight: number } {
    const { arena, homes } = this.ground
    const { records, lanes } = this.share
    const levels = new Uint8Array(fieldCount)
    const candidates = new Map<number, number>()
    const random = new Map<number, number>()
    const note = (patterns: Map<number, number>, a: number, b: number) => {
      compare(arena, a, b, levels)
      const pattern = patternOf(levels)
      patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
    }
    const share = Math.min(1, samplePairs / Math.max(1, pairs))
    eachCandidate(arena, this.blocks, (a, b) => note(candidates, a, b), { share })
    const roll = dice(seed)
    const wanted = Math.min(randomPairs, (records * records) / 2) / lanes
    for (let pair = 0; pair < wanted; pair++) {
      const a = Math.floor(roll() * records)
      const b = Math.floor(roll() * records)
      if (a !== b && isThere(homes, a) && isThere(homes, b)) note(random, a, b)
    }
    return { candidates, random, weight: 1 / share }
  }

  learn(
    lessons: Omit<Lessons, 'joined' | 'apart'>,
    decided: { joined: [string, string][]; apart: [string, string][] },
  ): Model {
    const at = this.placesOf([...decided.joined, ...decided.apart].flat())
    const patterns = (pairs: readonly [string, string][]) => {
      const levels = new Uint8Array(fieldCount)
      const counts = new Map<number, number>()
      for (const [one, other] of pairs) {
        const [a, b] = [at.get(one), at.get(other)]
        if (a === undefined || b === undefined) continue
        compare(this.ground.arena, a, b, levels)
        const pattern = patternOf(levels)
        counts.set(pattern, (counts.get(pattern) ?? 0) + 1)
      }
      return counts
    }
    const model = learn({ ...lessons, joined: patterns(decided.joined), apart: patterns(decided.apart) })
    const score = scorer(this.ground.arena, model, this.ground.frequencies)
    const answers = (pairs: readonly [string, string][], joined: boolean) =>
      pairs.flatMap(([one, other]): Answer[] => {
        const [a, b] = [at.get(one), at.get(other)]
        if (a === undefined || b === undefined) return []
        const { bits, levels } = score(a, b)
        return [{ bits, levels: levels.slice(), joined }]
      })
    return { ...model, taught: teach([...answers(decided.joined, true), ...answers(decided.apart, false)]) }
  }

  /** Scores all candidates of its share that aren't one person yet. */
  score(
    model: Model,
    { onlyFresh = false } = {},
  ): { found: Found; compared: number; together: number; histogram: Histogram } {
    const { arena, persons, frequencies } = this.ground
    const score = scorer(arena, model, frequencies)
    const found = new FoundPairs()
    let [compared, together] = [0, 0]
    const none = () => new Array<number>(highestBits - lowestBits + 1).fill(0)
    const histogram: Histogram = {
      from: lowestBits,
      pairs: none(),
      expected: none(),
      enough: none(),
      expectedEnough: none(),
      together: none(),
    }
    eachCandidate(
      arena,
      this.blocks,
      (a, b) => {
        const { bits, levels } = score(a, b, keptFrom)
        const place = Math.max(lowestBits, Math.min(highestBits, Math.floor(bits))) - lowestBits
        if (persons[a * 2] === persons[b * 2] && persons[a * 2 + 1] === persons[b * 2 + 1]) {
          together++
          histogram.together[place]!++
          return
        }
        compared++
        const chance = chanceOf(bits)
        histogram.pairs[place]!++
        histogram.expected[place]! += chance
        if (bits < keptFrom) return
        const enough = saysEnough(levels)
        if (enough) {
          histogram.enough[place]!++
          histogram.expectedEnough[place]! += chance
        }
        found.add(a, b, bits, enough)
      },
      { fresh: onlyFresh ? this.ground.fresh : null },
    )
    this.blocks = []
    return { found: found.all(), compared, together, histogram }
  }

  /** Makes people of what all threads found; pairs are told by their homes. */
  cluster(
    model: Model,
    founds: readonly Found[],
    wanted: { precision: number; join: number | null; review: number | null },
    apart: readonly [string, string][],
  ): { joins: ToldPair[]; reviews: ToldPair[]; bands: Bands; expectedWrong: number } {
    const { arena, persons, labels, frequencies } = this.ground
    const edges: Edge[] = founds.flatMap(({ a, b, bits, enough }) =>
      Array.from(a, (one, index) => ({ a: one, b: b[index]!, bits: bits[index]!, enough: enough[index] === 1 })),
    )
    const bands = bandsFor(edges, wanted)
    const score = scorer(arena, model, frequencies)
    const groups = this.groupsOf(edges)
    const keptApart = this.pairsApart(apart)
    const personOf = (record: number) => `${persons[record * 2]} ${persons[record * 2 + 1]}`
    const { joins, reviews } = cluster(edges, {
      bands,
      groupOf: (record) => groups.get(personOf(record)) ?? [record],
      bitsOf: (a, b) => score(a, b).bits,
      mayJoin: (a, b) => !contradict(arena, a, b) && !keptApart.has(a < b ? `${a} ${b}` : `${b} ${a}`),
      before: (a, b) => labels[a * 2]! - labels[b * 2]! || labels[a * 2 + 1]! - labels[b * 2 + 1]!,
    })
    const told = ({ a, b, bits }: Edge): ToldPair => {
      const { levels, rarer } = score(a, b)
      return { a: this.homeOf(a), b: this.homeOf(b), score: bits, parts: written(partsOf(model, levels, rarer)) }
    }
    return {
      joins: joins.map(told),
      reviews: reviews.map(told),
      bands,
      expectedWrong: joins.reduce((sum, { bits }) => sum + 1 - chanceOf(bits), 0),
    }
  }

  /** Entries of its records for the look-up of single records: the key and the record, sorted by key. */
  entries(): Entries {
    const { lane, lanes, records } = this.share
    return entriesOf(this.ground.arena, records, lane, lanes)
  }

  homeOf(record: number): string {
    return uuidOf(Buffer.from(this.ground.homes.buffer, this.ground.homes.byteOffset + record * 16, 16))
  }

  /** The records of each person who has several, of those that edges touch. */
  private groupsOf(edges: readonly Edge[]): Map<string, number[]> {
    const { persons, homes } = this.ground
    const groups = new Map<string, number[]>()
    for (const { a, b } of edges)
      for (const record of [a, b]) groups.set(`${persons[record * 2]} ${persons[record * 2 + 1]}`, [])
    if (groups.size === 0) return groups
    for (let record = 0; record < this.share.records; record++) {
      if (isThere(homes, record)) groups.get(`${persons[record * 2]} ${persons[record * 2 + 1]}`)?.push(record)
    }
    return groups
  }

  private pairsApart(apart: readonly [string, string][]): Set<string> {
    const at = this.placesOf(apart.flat())
    const pairs = new Set<string>()
    for (const [one, other] of apart) {
      const [a, b] = [at.get(one), at.get(other)]
      if (a !== undefined && b !== undefined) pairs.add(a < b ? `${a} ${b}` : `${b} ${a}`)
    }
    return pairs
  }

  /** Where records of these homes lie. */
  private placesOf(homes: readonly string[]): Map<string, number> {
    const wanted = new Set(homes)
    const places = new Map<string, number>()
    if (wanted.size === 0) return places
    for (let record = 0; record < this.share.records && places.size < wanted.size; record++) {
      if (!isThere(this.ground.homes, record)) continue
      const home = this.homeOf(record)
      if (wanted.has(home)) places.set(home, record)
    }
    return places
  }
}

export interface ToldPair {
  a: string
  b: string
  score: number
  parts: string
}

export const written = (parts: readonly Part[]) =>
  parts.map(({ field, level, bits }) => `${field}.${level} ${bits}`).join(' ')

/** Two people for certain, whatever else they share: another identity card, another UnionID. */
export function contradict({ numbers }: Arena, a: number, b: number): boolean {
  const [x, y] = [a * slots, b * slots]
  const differ = (name: number) =>
    numbers[x + name] !== 0 && numbers[y + name] !== 0 && numbers[x + name] !== numbers[y + name]
  if (differ(slot.unionid)) return true
  return (
    differ(slot.document) &&
    numbers[x + slot.documentKind] === identityCard &&
    numbers[y + slot.documentKind] === identityCard
  )
}

const identityCard = hashOf('id_card')

const none: ReadonlySet<string> = new Set()

/** A person as a number that is hardly ever another's; of a UUID's bytes those that chance gave. */
export const personNumber = (bytes: Buffer) => bytes.readInt32BE(8) ^ bytes.readInt32BE(12) || 1

const isThere = (homes: Uint8Array, record: number) => homes[record * 16 + 6] !== 0

export function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

class FoundPairs {
  private a = new Uint32Array(1024)
  private b = new Uint32Array(1024)
  private bits = new Float64Array(1024)
  private enough = new Uint8Array(1024)
  private count = 0

  add(a: number, b: number, bits: number, enough: boolean): void {
    if (this.count === this.a.length) {
      const grown = <T extends Uint32Array | Float64Array | Uint8Array>(array: T, next: T): T => {
        next.set(array as never)
        return next
      }
      const size = this.count * 2
      this.a = grown(this.a, new Uint32Array(size))
      this.b = grown(this.b, new Uint32Array(size))
      this.bits = grown(this.bits, new Float64Array(size))
      this.enough = grown(this.enough, new Uint8Array(size))
    }
    this.a[this.count] = a
    this.b[this.count] = b
    this.bits[this.count] = bits
    this.enough[this.count++] = enough ? 1 : 0
  }

  all(): Found {
    const { count } = this
    return {
      a: this.a.slice(0, count),
      b: this.b.slice(0, count),
      bits: this.bits.slice(0, count),
      enough: this.enough.slice(0, count),
    }
  }
}
