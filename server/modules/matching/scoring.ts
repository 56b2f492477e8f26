/** The score of a pair: what its levels are worth by the model, more where what they share is rare. */
import { frequentSurnames, spelledPart } from '#modules/cleaning'
import { type Arena, slot, slots } from './arena.ts'
import { compare, field, fieldCount, fields, levelCounts, patternOf } from './comparing.ts'
import { hashOf } from './hashing.ts'
import { bitsOf, logOfClasses, worthOf } from './learning.ts'
import { type Model, othersOutside } from './model.ts'

/** How many records carry a value, by its hash; two values that fall on one place count together, which is seldom. */
export interface Frequencies {
  counts: Int32Array
}

export const frequencyPlaces = 1 << 21
export const frequencies = (shared = false): Frequencies => ({
  counts: new Int32Array(shared ? new SharedArrayBuffer(frequencyPlaces * 4) : new ArrayBuffer(frequencyPlaces * 4)),
})

const placeOf = (of: number, value: number) => (Math.imul(value ^ Math.imul(of + 1, 0x9e3779b1), 0x85ebca6b) >>> 11) | 0

/** Values whose rarity counts. */
const counted = [
  slot.family,
  slot.familyHan,
  slot.given,
  slot.givenHan,
  slot.birth,
  slot.document,
  slot.phone,
  slot.email,
  slot.street,
  slot.suburb,
  slot.city,
  slot.postcode,
]

export function countValues({ counts }: Frequencies, { numbers }: Arena, index: number): void {
  const base = index * slots
  for (const name of counted) {
    const value = numbers[base + name]!
    if (value !== 0) Atomics.add(counts, placeOf(name, value), 1)
  }
  for (let other = 1; other < 3; other++) {
    const value = numbers[base + slot.phone + other]!
    if (value !== 0) Atomics.add(counts, placeOf(slot.phone, value), 1)
  }
}

/** How many of those who are assumed outside have a value of which it is known that many have it. */
function carriersOutside(name: number, value: number): number {
  if (name === slot.birth) return value % 10_000 === newYear ? othersOutside * shareOfNewYear : 0
  return name === slot.family || name === slot.familyHan ? (surnames.get(value) ?? 0) : 0
}

/** Who doesn't know a birthday writes the first of January. */
const newYear = 101
const shareOfNewYear = 0.002

/** The most frequent Chinese family names have a fourteenth of all people each; the hundredth has a three-hundredth. */
const surnames = new Map<number, number>()
for (const [rank, surname] of frequentSurnames.entries()) {
  const carriers = othersOutside * (0.085 / (1 + rank * 0.3) ** 0.9)
  for (const spelled of [surname, spelledPart(surname, { asFamily: true }).latin]) {
    const value = hashOf(spelled)
    surnames.set(value, (surnames.get(value) ?? 0) + carriers)
  }
}

export interface Scored {
  bits: number
  levels: Uint8Array
  /** How much rarer than usual, in bits, what the two share is. */
  rarer: Float64Array
}

/** Scores pairs. A pair that can't have `least` bits comes with the most that it could have. */
export function scorer(
  arena: Arena,
  model: Model,
  { counts }: Frequencies,
): (a: number, b: number, least?: number) => Scored {
  const levels = new Uint8Array(fieldCount)
  const rarer = new Float64Array(fieldCount)
  const { numbers } = arena
  const people = model.records + othersOutside
  const worth = worthOf(model)
  const rarity = (usual: number, name: number, value: number) => {
    const carriers = Math.max(1, Atomics.load(counts, placeOf(name, value)) - 1 + carriersOutside(name, value))
    return Math.log2(usual / (carriers * Math.min(1 / people, usual)))
  }
  const nameRarity = (usual: number, x: number, y: number, latin: number, han: number) => {
    const characters = numbers[x + han]!
    return characters !== 0 && characters === numbers[y + han]
      ? rarity(usual, han, characters)
      : rarity(usual, latin, numbers[x + latin]!)
  }
  const result: Scored = { bits: 0, levels, rarer }
  const [mostRarer, bitsBefore] = [rarestOf(model, people), new Map<number, number>()]
  return (a, b, least = Number.NEGATIVE_INFINITY) => {
    compare(arena, a, b, levels)
    if (least !== Number.NEGATIVE_INFINITY) {
      // Most pairs are far from being one, however rare what they share; patterns repeat, so that is soon known.
      const pattern = patternOf(levels)
      let most = bitsBefore.get(pattern)
      if (most === undefined) {
        for (let index = 0; index < fieldCount; index++) rarer[index] = mostRarer[index]![levels[index]!]!
        most = bitsOf(model, worth, levels, rarer)
        bitsBefore.set(pattern, most)
      }
      if (most < least) {
        result.bits = most
        return result
      }
    }
    const x = a * slots
    const y = b * slots
    rarer.fill(0)
    const exactFamily = model.u[field.family]![5]!
    const exactGiven = model.u[field.given]![5]!
    if (levels[field.family] === 5) rarer[field.family] = nameRarity(exactFamily, x, y, slot.family, slot.familyHan)
    else if (levels[field.family] === 6)
      rarer[field.family] =
        rarity(exactFamily, slot.family, numbers[x + slot.family]!) +
        rarity(exactGiven, slot.given, numbers[x + slot.given]!)
    if (levels[field.given] === 5) rarer[field.given] = nameRarity(exactGiven, x, y, slot.given, slot.givenHan)
    if (levels[field.birth] === 6)
      rarer[field.birth] = rarity(model.u[field.birth]![6]!, slot.birth, numbers[x + slot.birth]!)
    if (levels[field.document] === 4)
      rarer[field.document] = rarity(model.u[field.document]![4]!, slot.document, numbers[x + slot.document]!)
    const phone = levels[field.phone]!
    if (phone >= 4) rarer[field.phone] = rarity(model.u[field.phone]![phone]!, slot.phone, sharedPhone(x, y))
    if (levels[field.email] === 4)
      rarer[field.email] = rarity(model.u[field.email]![4]!, slot.email, numbers[x + slot.email]!)
    if (levels[field.street] === 4)
      rarer[field.street] = rarity(model.u[field.street]![4]!, slot.street, numbers[x + slot.street]!)
    const place = levels[field.place]!
    if (Math.trunc(place / 12) === 3) {
      const fine = numbers[x + slot.suburb] !== 0 && numbers[y + slot.suburb] !== 0
      const name = fine ? slot.suburb : slot.city
      rarer[field.place] = rarity(model.suburbs, name, numbers[x + name]!)
    } else if (Math.trunc(place / 3) % 4 === 3) {
      rarer[field.place] = rarity(model.postcodes, slot.postcode, numbers[x + slot.postcode]!)
    }
    result.bits = bitsOf(model, worth, levels, rarer)
    return result
  }

  function sharedPhone(x: number, y: number): number {
    for (let one = 0; one < 3; one++) {
      const phone = numbers[x + slot.phone + one]!
      for (let other = 0; other < 3; other++) if (phone !== 0 && numbers[y + slot.phone + other] === phone) return phone
    }
    return 0
  }
}

/** How much a level can gain at most by what is shared being rare. */
function rarestOf({ u, suburbs, postcodes }: Model, people: number): number[][] {
  const gain = (usual: number) => Math.log2(usual / Math.min(1 / people, usual))
  return levelCounts.map((count, index) =>
    Array.from({ length: count }, (_, level) => {
      if (index === field.place)
        return level >= 36 ? gain(suburbs) : Math.trunc(level / 3) % 4 === 3 ? gain(postcodes) : 0
      if (index === field.family && level === 6) return gain(u[field.family]![5]!) + gain(u[field.given]![5]!)
      const exact = {
        [field.family]: 5,
        [field.given]: 5,
        [field.birth]: 6,
        [field.document]: 4,
        [field.phone]: 4,
        [field.email]: 4,
        [field.street]: 4,
      }
      return exact[index] === level || (index === field.phone && level === 5) ? gain(u[index]![level]!) : 0
    }),
  )
}

/**
 * Whether enough kinds of facts agree for a join: a name alone, an address alone, a birthday alone never make one person,
 * however rare they are.
 */
export function saysEnough(levels: Uint8Array): boolean {
  const [family, given, birth] = [levels[field.family]!, levels[field.given]!, levels[field.birth]!]
  const suburb = Math.trunc(levels[field.place]! / 12)
  const postcode = Math.trunc(levels[field.place]! / 3) % 4
  const house = levels[field.street]! >= 3 && (suburb >= 2 || postcode >= 2)
  const points =
    ((family >= 3 && given >= 3) || family >= 6 ? 2 : family >= 3 || given >= 3 ? 1 : 0) +
    (birth >= 3 ? 2 : birth === 2 ? 1 : 0) +
    (levels[field.document]! >= 3 ? 2 : 0) +
    (levels[field.phone]! >= 3 ? 2 : 0) +
    (levels[field.email]! >= 3 ? 2 : 0) +
    (house ? 2 : suburb >= 2 && postcode >= 2 ? 1 : 0)
  return points >= 3
}

export interface Part {
  field: string
  level: string
  /** Bits for (above 0) or against (below 0) that the two are one person. */
  bits: number
}

/** What each field adds to the score, and what it begins from; `others`: that it may be another of the household. */
export function partsOf(model: Model, levels: Uint8Array, rarer: Float64Array): Part[] {
  const parts: Part[] = []
  for (let index = 0; index < fieldCount; index++) {
    const level = levels[index]!
    const name: string = (fields[index]!.levels as readonly string[])[level]!
    const bits =
      Math.log2(model.m[index]![level]! / model.u[index]![level]!) + model.taught[index]![level]! + rarer[index]!
    if (model.m[index]![level] !== 1 || model.u[index]![level] !== 1)
      parts.push({ field: fields[index]!.name, level: name, bits: round(bits) })
  }
  const worth = worthOf(model)
  const { match, stranger } = logOfClasses(worth, levels, rarer)
  const plain = match - stranger + Math.log2(model.matches)
  const household = bitsOf(model, worth, levels, rarer) - plain
  if (household < -0.05) parts.push({ field: 'household', level: 'possible', bits: round(household) })
  parts.push({ field: 'start', level: 'any_two', bits: round(Math.log2(model.matches)) })
  return parts
}

const round = (bits: number) => Math.round(bits * 10) / 10
