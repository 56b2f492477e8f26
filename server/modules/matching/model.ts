/**
 * What a level is worth: how often it is met among pairs that are one person (m) and among pairs that aren't (u). Before
 * anything is learned these are what such lists are like; what the data says is added to them, and soon outweighs them.
 */
import { field, fieldCount, levelCounts, placeLevel } from './comparing.ts'

export interface Model {
  /** Records that it was learned from. */
  records: number
  m: number[][]
  u: number[][]
  /** Of all pairs of records: how many are one person, and how many two of one household. */
  matches: number
  households: number
  /** How often two strangers live in one suburb (or city), and share a postcode. */
  suburbs: number
  postcodes: number
  /**
   * What answers of staff add to each level, in bits. The data says what is usual; staff are asked about what is not, and
   * see what no field tells.
   */
  taught: number[][]
}

/** People who are assumed to exist beside those that are known, so that in a short list a name isn't thought rare. */
export const othersOutside = 2_000
/** Pairs that the assumptions count for. */
const mStrength = 15
const uStrength = 400

const marginals = {
  m: { suburb: [1, 0.15, 0.05, 0.8], postcode: [1, 0.15, 0.08, 0.77], region: [1, 0.05, 0.95] },
  u: { suburb: [1, 0.94, 0.03, 0.03], postcode: [1, 0.95, 0.04, 0.01], region: [1, 0.7, 0.3] },
}

function places({ suburb, postcode, region }: (typeof marginals)['m']): number[] {
  const shares: number[] = []
  for (let s = 0; s < 4; s++)
    for (let p = 0; p < 4; p++)
      for (let r = 0; r < 3; r++) shares[placeLevel(s, p, r)] = suburb[s]! * postcode[p]! * region[r]!
  return shares
}

/** Level 0 says nothing and has no share. */
export const assumed: { m: number[][]; u: number[][] } = {
  m: [
    [0, 0.03, 0.02, 0.05, 0.04, 0.84, 0.01, 0.01],
    [0, 0.05, 0.05, 0.08, 0.05, 0.77],
    [0, 0.03, 0.02, 0.02, 0.05, 0.02, 0.86],
    [0, 0.08, 0.02, 0.05, 0.85],
    [0, 0.32, 0.03, 0.02, 0.6, 0.03],
    [0, 0.4, 0.03, 0.05, 0.52],
    [0, 0.2, 0.1, 0.7],
    [0, 0.2, 0.05, 0.1, 0.65],
    places(marginals.m),
    [0, 0.03, 0.97],
    [0, 0.6, 0.4],
  ],
  u: [
    [0, 0.935, 0.04, 0.01, 0.003, 0.0115, 0.0001, 0.0004],
    [0, 0.935, 0.045, 0.01, 0.003, 0.007],
    [0, 0.9694, 0.02, 0.01, 0.0005, 0.00003, 0.00007],
    [0, 0.99988, 0.0001, 0.00001, 0.000001],
    [0, 0.999968, 0.00003, 0.000001, 0.000001, 0.000001],
    [0, 0.9985, 0.001, 0.0003, 0.000001],
    [0, 0.9, 0.07, 0.03],
    [0, 0.95, 0.04, 0.007, 0.003],
    places(marginals.u),
    [0, 0.5, 0.5],
    [0, 0.995, 0.005],
  ],
}

/** Levels that are shares of one whole: those of a place only where the same of its parts are said. */
export function groupOf(index: number, level: number): number {
  if (index !== field.place) return level === 0 ? 0 : 1
  const region = level % 3
  const postcode = Math.trunc(level / 3) % 4
  const suburb = Math.trunc(level / 12)
  return (suburb === 0 ? 0 : 1) + (postcode === 0 ? 0 : 2) + (region === 0 ? 0 : 4)
}

/** Shares of each level from counts, with what is assumed. */
export function sharesOf(counts: readonly (readonly number[])[], which: 'm' | 'u'): number[][] {
  const strength = which === 'm' ? mStrength : uStrength
  return counts.map((ofField, index) => {
    const shares: number[] = []
    const groups = new Map<number, { counted: number; assumed: number }>()
    for (let level = 0; level < levelCounts[index]!; level++) {
      const group = groups.get(groupOf(index, level)) ?? { counted: 0, assumed: 0 }
      group.counted += ofField[level]!
      group.assumed += assumed[which][index]![level]!
      groups.set(groupOf(index, level), group)
    }
    for (let level = 0; level < levelCounts[index]!; level++) {
      const group = groups.get(groupOf(index, level))!
      const before = group.assumed === 0 ? 0 : assumed[which][index]![level]! / group.assumed
      shares[level] =
        groupOf(index, level) === 0 ? 1 : (ofField[level]! + strength * before) / (group.counted + strength)
    }
    return shares
  })
}

export const noCounts = () =>
  Array.from({ length: fieldCount }, (_, index) => new Array<number>(levelCounts[index]!).fill(0))

/** What is assumed before a first run, for a pool of so many records. */
export function assumedModel(records: number): Model {
  const people = records + othersOutside
  return {
    records,
    m: sharesOf(noCounts(), 'm'),
    u: sharesOf(noCounts(), 'u'),
    matches: assumedMatches(people) / allPairs(people),
    households: assumedHouseholds(people) / allPairs(people),
    ...agreements(noCounts()[field.place]!),
    taught: noCounts(),
  }
}

export const allPairs = (people: number) => (people * people) / 2
export const assumedMatches = (people: number) => people * 0.02
export const assumedHouseholds = (people: number) => people * 0.0005

/** How often strangers share a suburb and a postcode, from counts of the levels of their places. */
export function agreements(counts: readonly number[]): Pick<Model, 'suburbs' | 'postcodes'> {
  const share = (partOf: (level: number) => number, before: number) => {
    let [said, same] = [0, 0]
    for (const [level, count] of counts.entries()) {
      if (partOf(level) > 0) said += count
      if (partOf(level) === 3) same += count
    }
    return (same + uStrength * before) / (said + uStrength)
  }
  return {
    suburbs: share((level) => Math.trunc(level / 12), marginals.u.suburb[3]!),
    postcodes: share((level) => Math.trunc(level / 3) % 4, marginals.u.postcode[3]!),
  }
}
