/**
 * Learns a model from the data itself (expectation and maximisation over patterns of levels): candidates found by keys
 * teach what one person's records are like, random pairs what strangers' are like. Two of one household are a class of
 * their own: they share family name and address but neither given name nor birth date, and would else be taken for one.
 */
import { field, fieldCount, levelsOf } from './comparing.ts'
import {
  agreements,
  allPairs,
  assumedHouseholds,
  assumedMatches,
  assumedModel,
  type Model,
  noCounts,
  othersOutside,
  sharesOf,
} from './model.ts'

/** Twins among two of one household. */
const twinShare = 0.02
const mostRounds = 40
const settled = 1e-4

export interface Lessons {
  records: number
  /** Pattern → how many candidates have it; `weight`: how many each of them stands for. */
  candidates: ReadonlyMap<number, number>
  candidateWeight: number
  random: ReadonlyMap<number, number>
  /** Pairs that staff decided about. */
  joined: ReadonlyMap<number, number>
  apart: ReadonlyMap<number, number>
}

export interface Posterior {
  match: number
  household: number
  stranger: number
}

/** How two of one household look: by what they share as one person would, by the rest as strangers do. */
const together = new Set<number>([field.family, field.number, field.street, field.place, field.companion])
const sometimes = new Set<number>([field.phone, field.email])

/** Logarithms of what each level is worth in each class, so that a pair costs additions only. */
export interface Worth {
  match: Float64Array[]
  household: Float64Array[]
  stranger: Float64Array[]
  /** Of a household: whether the field's rarity counts, because strangers share it so. */
  chance: Uint8Array
}

export function worthOf({ m, u, taught }: Pick<Model, 'm' | 'u' | 'taught'>): Worth {
  const logs = (shares: readonly (readonly number[])[]) =>
    shares.map((ofField) => Float64Array.from(ofField, Math.log2))
  const [match, stranger] = [logs(m), logs(u)]
  const household = m.map((ofField, index) =>
    Float64Array.from(ofField, (share, level) => {
      const by = u[index]![level]!
      // Whose given name is the other's family name is no relative but the same person.
      if (together.has(index) && (index !== field.family || level < 6)) return Math.log2(share)
      return Math.log2(sometimes.has(index) ? (share + by) / 2 : by)
    }),
  )
  return {
    match: match.map((ofField, index) => ofField.map((bits, level) => bits + taught[index]![level]!)),
    household,
    stranger,
    chance: Uint8Array.from(m, (_, index) => (together.has(index) || sometimes.has(index) ? 0 : 1)),
  }
}

/** Logarithms of how likely these levels are in each class. */
export function logOfClasses(
  { match, household, stranger, chance }: Worth,
  levels: Uint8Array,
  rarer: Float64Array | null,
): { match: number; household: number; twins: number; stranger: number } {
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let index = 0; index < fieldCount; index++) {
    const level = levels[index]!
    if (level === 0) continue
    const rare = rarer ? rarer[index]! : 0
    const same = match[index]![level]!
    a += same
    d += stranger[index]![level]! - rare
    const mixed = household[index]![level]! - (chance[index] === 1 ? rare : 0)
    b += mixed
    c += index === field.birth ? same : mixed
  }
  return { match: a, household: b, twins: c, stranger: d }
}

export function posteriorOf(model: Model, worth: Worth, levels: Uint8Array): Posterior {
  const logs = logOfClasses(worth, levels, null)
  const match = logs.match + Math.log2(model.matches)
  const household = logs.household + Math.log2(model.households)
  const twins = logs.twins + Math.log2(model.households * twinShare)
  const most = Math.max(match, household, twins, logs.stranger)
  const [a, b, c, d] = [2 ** (match - most), 2 ** (household - most), 2 ** (twins - most), 2 ** (logs.stranger - most)]
  const all = a + b + c + d
  return { match: a / all, household: (b + c) / all, stranger: d / all }
}

/** Evidence in bits: the logarithm of the odds that two are one. */
export function bitsOf(model: Model, worth: Worth, levels: Uint8Array, rarer: Float64Array | null): number {
  const { match, household, twins, stranger } = logOfClasses(worth, levels, rarer)
  const a = household + Math.log2(model.households)
  const b = twins + Math.log2(model.households * twinShare)
  const most = Math.max(a, b, stranger)
  const others = most + Math.log2(2 ** (a - most) + 2 ** (b - most) + 2 ** (stranger - most))
  return match + Math.log2(model.matches) - others
}

export function learn({ records, candidates, candidateWeight, random, joined, apart }: Lessons): Model {
  const people = records + othersOutside
  const pairs = allPairs(people)
  let model = assumedModel(records)
  const unpacked = (patterns: ReadonlyMap<number, number>) =>
    [...patterns].map(([pattern, count]) => ({ levels: levelsOf(pattern, new Uint8Array(fieldCount)), count }))
  const met = unpacked(candidates)
  const strangers = unpacked(random)
  const [sure, never] = [unpacked(joined), unpacked(apart)]

  for (let round = 0; round < mostRounds; round++) {
    const mCounts = noCounts()
    const uCounts = noCounts()
    const worth = worthOf(model)
    let [matches, households] = [assumedMatches(people), assumedHouseholds(people)]
    for (const { levels, count } of met) {
      const { match, household } = posteriorOf(model, worth, levels)
      const weight = count * candidateWeight
      matches += match * weight
      households += household * weight
      for (let index = 0; index < fieldCount; index++) mCounts[index]![levels[index]!]! += match * weight
    }
    for (const { levels, count } of sure)
      for (let index = 0; index < fieldCount; index++) mCounts[index]![levels[index]!]! += count
    for (const { levels, count } of never)
      for (let index = 0; index < fieldCount; index++) uCounts[index]![levels[index]!]! += count
    for (const { levels, count } of strangers) {
      const { stranger } = posteriorOf(model, worth, levels)
      for (let index = 0; index < fieldCount; index++) uCounts[index]![levels[index]!]! += stranger * count
    }
    const next: Model = {
      records,
      m: sharesOf(mCounts, 'm'),
      u: sharesOf(uCounts, 'u'),
      matches: matches / pairs,
      households: households / pairs,
      ...agreements(uCounts[field.place]!),
      taught: model.taught,
    }
    const moved = farthest(model, next)
    model = next
    if (moved < settled) break
  }
  return model
}

function farthest(a: Model, b: Model): number {
  let most = Math.abs(Math.log2(a.matches / b.matches))
  for (let index = 0; index < fieldCount; index++)
    for (let level = 0; level < a.m[index]!.length; level++)
      most = Math.max(most, Math.abs(a.m[index]![level]! - b.m[index]![level]!))
  return most
}
