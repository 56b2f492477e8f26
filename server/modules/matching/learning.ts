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
const mostRounds = 60
const settled = 1e-5

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
const together = new Set<number>([field.family, field.number, field.street, field.place])
const sometimes = new Set<number>([field.phone, field.email])

export function logOfClasses(
  { m, u }: Pick<Model, 'm' | 'u'>,
  levels: Uint8Array,
  rarer: Float64Array | null,
): { match: number; household: number; twins: number; stranger: number } {
  let [match, household, twins, stranger] = [0, 0, 0, 0]
  for (let index = 0; index < fieldCount; index++) {
    const level = levels[index]!
    const same = Math.log2(m[index]![level]!)
    const by = Math.log2(u[index]![level]!) - (rarer ? rarer[index]! : 0)
    match += same
    stranger += by
    // Whose given name is the other's family name is no relative but the same person.
    const relative = index !== field.family || level < 6
    const mixed = together.has(index) && relative
      ? same
      : sometimes.has(index)
        ? Math.log2((2 ** same + 2 ** by) / 2)
        : by
    household += mixed
    twins += index === field.birth ? same : mixed
  }
  return { match, household, twins, stranger }
}

export function posteriorOf(model: Model, levels: Uint8Array, rarer: Float64Array | null = null): Posterior {
  const { match, household, twins, stranger } = logOfClasses(model, levels, rarer)
  const logs = [
    match + Math.log2(model.matches),
    household + Math.log2(model.households),
    twins + Math.log2(model.households * twinShare),
    stranger,
  ]
  const most = Math.max(...logs)
  const [a, b, c, d] = logs.map((log) => 2 ** (log - most)) as [number, number, number, number]
  const all = a + b + c + d
  return { match: a / all, household: (b + c) / all, stranger: d / all }
}

/** Evidence in bits: the logarithm of the odds that two are one. */
export function bitsOf(model: Model, levels: Uint8Array, rarer: Float64Array | null): number {
  const { match, household, twins, stranger } = logOfClasses(model, levels, rarer)
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
    let [matches, households] = [assumedMatches(people), assumedHouseholds(people)]
    for (const { levels, count } of met) {
      const { match, household } = posteriorOf(model, levels)
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
      const { stranger } = posteriorOf(model, levels)
      for (let index = 0; index < fieldCount; index++) uCounts[index]![levels[index]!]! += stranger * count
    }
    const next: Model = {
      records,
      m: sharesOf(mCounts, 'm'),
      u: sharesOf(uCounts, 'u'),
      matches: matches / pairs,
      households: households / pairs,
      ...agreements(uCounts[field.place]!),
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
