/**
 * How alike two records are, field by field, in levels; what a level is worth is learned elsewhere. The levels of all
 * fields are one number (mixed radix), so that patterns can be counted.
 */
import { type Arena, accompanied, companionsOfRecord, former, lengthOf, slot, slots, startOf, texts } from './arena.ts'
import { commonPairs, edits, jaroWinkler, withinOneEdit } from './distance.ts'

/** Fields and their levels, in the order in which patterns are made of them. Level 0: one of the two doesn't say. */
export const fields = [
  { name: 'family', levels: ['missing', 'differs', 'alike', 'close', 'sounds', 'exact', 'crossed', 'crossed_close'] },
  { name: 'given', levels: ['missing', 'differs', 'alike', 'close', 'sounds', 'exact'] },
  { name: 'birth', levels: ['missing', 'differs', 'two_digits', 'two_parts', 'one_digit', 'swapped', 'exact'] },
  { name: 'document', levels: ['missing', 'differs', 'two_edits', 'one_edit', 'exact'] },
  { name: 'phone', levels: ['missing', 'differs', 'one_edit', 'last_eight', 'exact', 'former'] },
  { name: 'email', levels: ['missing', 'differs', 'close', 'local', 'exact'] },
  { name: 'number', levels: ['missing', 'differs', 'close', 'exact'] },
  { name: 'street', levels: ['missing', 'differs', 'alike', 'close', 'exact'] },
  { name: 'place', levels: placeLevels() },
  { name: 'gender', levels: ['missing', 'differs', 'exact'] },
  { name: 'companion', levels: ['missing', 'differs', 'shared'] },
] as const satisfies readonly { name: string; levels: readonly string[] }[]

export const fieldCount = fields.length
export const field = {
  family: 0,
  given: 1,
  birth: 2,
  document: 3,
  phone: 4,
  email: 5,
  number: 6,
  street: 7,
  place: 8,
  gender: 9,
  companion: 10,
}
export const levelCounts = fields.map(({ levels }) => levels.length)

/** Suburb (or city), postcode and region together: in most countries they say the same thing twice. */
function placeLevels(): string[] {
  const names = ['-', 'differs', 'close', 'exact']
  return names.flatMap((suburb) =>
    names.flatMap((postcode) => ['-', 'differs', 'exact'].map((region) => `${suburb}/${postcode}/${region}`)),
  )
}
export const placeLevel = (suburb: number, postcode: number, region: number) => (suburb * 4 + postcode) * 3 + region

const alike = 0.8
const close = 0.9

/**
 * Levels of pairs of texts met before, by their hashes: the same two family names meet again and again. A place is taken
 * over by whoever needs it next.
 */
class Met {
  private readonly a = new Int32Array(metPlaces)
  private readonly b = new Int32Array(metPlaces)
  private readonly level = new Uint8Array(metPlaces)

  /** Where the level of a pair lies, or would. */
  placeOf(a: number, b: number): number {
    return Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) >>> (32 - metBits)
  }

  /** 255 where it isn't known. */
  at(place: number, a: number, b: number): number {
    return this.a[place] === a && this.b[place] === b ? this.level[place]! : 255
  }

  note(place: number, a: number, b: number, level: number): number {
    this.a[place] = a
    this.b[place] = b
    this.level[place] = level
    return level
  }
}

const metBits = 17
const metPlaces = 1 << metBits
const met = { names: new Met(), crossed: new Met(), places: new Met(), streets: new Met() }

/** Levels of one pair, written to `levels`. `a` and `b` are indexes of records. */
export function compare(arena: Arena, a: number, b: number, levels: Uint8Array): void {
  const { numbers, letters } = arena
  const x = a * slots
  const y = b * slots
  compareNames(arena, x, y, levels)
  levels[field.birth] = births(arena, x, y)
  levels[field.document] = documents(arena, x, y)
  levels[field.phone] = phones(arena, x, y)
  levels[field.email] = emails(arena, x, y)
  levels[field.number] = houseNumbers(arena, x, y)
  levels[field.street] = streets(arena, x, y)
  const fine = numbers[x + slot.suburb] !== 0 && numbers[y + slot.suburb] !== 0
  const suburb = fine
    ? closeness(numbers, letters, x, y, slot.suburb, texts.suburb)
    : closeness(numbers, letters, x, y, slot.city, texts.city)
  const postcode = codes(numbers, letters, x, y, slot.postcode, texts.postcode)
  const r = numbers[x + slot.region]!
  const s = numbers[y + slot.region]!
  const region = r === 0 || s === 0 ? 0 : r === s ? 2 : 1
  levels[field.place] = placeLevel(suburb, postcode, region)
  const g = numbers[x + slot.gender]!
  const h = numbers[y + slot.gender]!
  levels[field.gender] = g === 0 || h === 0 ? 0 : g === h ? 2 : 1
  levels[field.companion] = companions(arena, a, b)
}

/** One number for the levels of all fields. */
export function patternOf(levels: Uint8Array): number {
  let pattern = 0
  for (let index = 0; index < fieldCount; index++) pattern = pattern * levelCounts[index]! + levels[index]!
  return pattern
}

export function levelsOf(pattern: number, levels: Uint8Array): Uint8Array {
  let rest = pattern
  for (let index = fieldCount - 1; index >= 0; index--) {
    const count = levelCounts[index]!
    levels[index] = rest % count
    rest = Math.floor(rest / count)
  }
  return levels
}

function compareNames(arena: Arena, x: number, y: number, levels: Uint8Array): void {
  const { numbers } = arena
  const f = numbers[x + slot.family]!
  const g = numbers[x + slot.given]!
  const p = numbers[y + slot.family]!
  const q = numbers[y + slot.given]!
  const family = nameLevel(arena, x, y, false, false)
  const given = nameLevel(arena, x, y, true, true)
  levels[field.family] = family
  levels[field.given] = given
  if (family >= 3 && given >= 3) return
  // Family and given name the other way round; where one part is missing, whichever part there is may be the other.
  const one = g !== 0 && p !== 0 ? nameLevel(arena, x, y, true, false) : 0
  const two = f !== 0 && q !== 0 ? nameLevel(arena, x, y, false, true) : 0
  const straight = Math.max(family, 1) + Math.max(given, 1)
  if (one >= 3 && two >= 3 && one + two > straight) {
    levels[field.family] = one === 5 && two === 5 ? 6 : 7
    levels[field.given] = 0
  } else if ((one === 5 && two === 0) || (two === 5 && one === 0)) {
    // 小明 in the column of family names beside nothing.
    if (family === 0 || given === 0) {
      levels[field.family] = 7
      levels[field.given] = 0
    }
  }
}

/** 0 missing, 1 differs, 2 alike, 3 close, 4 the same sound in other characters, 5 exact. */
function nameLevel(arena: Arena, x: number, y: number, givenX: boolean, givenY: boolean): number {
  const { numbers } = arena
  const a = numbers[x + (givenX ? slot.given : slot.family)]!
  const b = numbers[y + (givenY ? slot.given : slot.family)]!
  if (a === 0 || b === 0) return 0
  if (a === b) {
    const han = numbers[x + (givenX ? slot.givenHan : slot.familyHan)]!
    const other = numbers[y + (givenY ? slot.givenHan : slot.familyHan)]!
    return han === 0 || other === 0 || han === other ? 5 : 4
  }
  const known = givenX && givenY ? met.names : met.crossed
  const place = known.placeOf(a, b)
  const before = known.at(place, a, b)
  return before !== 255 ? before : known.note(place, a, b, unlikeNames(arena, x, y, givenX, givenY))
}

function unlikeNames({ numbers, letters }: Arena, x: number, y: number, givenX: boolean, givenY: boolean): number {
  if (givenX && givenY && numbers[x + slot.givenRoot] === numbers[y + slot.givenRoot]) return 3
  const [textX, textY] = [givenX ? texts.given : texts.family, givenY ? texts.given : texts.family]
  const [lengthA, lengthB] = [lengthOf(numbers, x, textX), lengthOf(numbers, y, textY)]
  const [atA, atB] = [startOf(numbers, x, textX), startOf(numbers, y, textY)]
  const shorter = Math.min(lengthA, lengthB)
  const longer = Math.max(lengthA, lengthB)
  const far = edits(letters, atA, lengthA, atB, lengthB, 2)
  // A letter makes another name of a short one, in pinyin at least.
  if (far <= (longer >= 6 ? 2 : longer >= 4 ? 1 : 0)) return 3
  const similarity = jaroWinkler(letters, atA, lengthA, atB, lengthB)
  if (longer >= 5 && similarity >= close) return 3
  if (far === 1) return 2
  if (shorter === 1 && letters[atA] === letters[atB]) return 2
  return similarity >= alike ? 2 : 1
}

function births({ numbers, letters }: Arena, x: number, y: number): number {
  const a = numbers[x + slot.birth]!
  const b = numbers[y + slot.birth]!
  if (a === 0 || b === 0) return 0
  if (a === b) return 6
  if (a < 10_000_000 || b < 10_000_000 || a > 99_999_999 || b > 99_999_999) {
    const lengthA = lengthOf(numbers, x, texts.birth)
    const lengthB = lengthOf(numbers, y, texts.birth)
    const far = edits(letters, startOf(numbers, x, texts.birth), lengthA, startOf(numbers, y, texts.birth), lengthB, 2)
    return far <= 1 ? 4 : far === 2 ? 2 : 1
  }
  const yearA = (a / 10_000) | 0
  const monthA = ((a / 100) | 0) % 100
  const dayA = a % 100
  const yearB = (b / 10_000) | 0
  const monthB = ((b / 100) | 0) % 100
  const dayB = b % 100
  if (yearA === yearB && monthA === dayB && dayA === monthB) return 5
  let unlike = 0
  let first = -1
  let restA = a
  let restB = b
  let exchanged = false
  let lastA = 0
  let lastB = 0
  for (let digit = 0; digit < 8; digit++) {
    const p = restA % 10
    const q = restB % 10
    if (p !== q) {
      unlike++
      if (unlike === 2 && first === digit - 1 && p === lastB && q === lastA) exchanged = true
      if (first < 0) first = digit
    }
    lastA = p
    lastB = q
    restA = (restA / 10) | 0
    restB = (restB / 10) | 0
  }
  if (unlike === 1 || (unlike === 2 && exchanged)) return 4
  const same = (yearA === yearB ? 1 : 0) + (monthA === monthB ? 1 : 0) + (dayA === dayB ? 1 : 0)
  if (same === 2) return 3
  return unlike === 2 ? 2 : 1
}

function documents({ numbers, letters }: Arena, x: number, y: number): number {
  const a = numbers[x + slot.document]!
  const b = numbers[y + slot.document]!
  if (a === 0 || b === 0) return 0
  if (a === b) return 4
  // A passport and an identity card of one person are never alike.
  if (numbers[x + slot.documentKind] !== numbers[y + slot.documentKind]) return 0
  const far = edits(
    letters,
    startOf(numbers, x, texts.document),
    lengthOf(numbers, x, texts.document),
    startOf(numbers, y, texts.document),
    lengthOf(numbers, y, texts.document),
    2,
  )
  return far === 1 ? 3 : far === 2 ? 2 : 1
}

/** A number that one of the two has no more tells less than one that both have. */
function phones({ numbers, letters }: Arena, x: number, y: number): number {
  if (numbers[x + slot.phone] === 0 || numbers[y + slot.phone] === 0) return 0
  const [formerX, formerY] = [lengthOf(numbers, x, former), lengthOf(numbers, y, former)]
  let best = 1
  for (let one = 0; one < 3; one++) {
    const a = numbers[x + slot.phone + one]!
    if (a === 0) break
    for (let other = 0; other < 3; other++) {
      const b = numbers[y + slot.phone + other]!
      if (b === 0) break
      if (a === b) {
        if (((formerX >> one) & 1) === 0 && ((formerY >> other) & 1) === 0) return 4
        best = 5
        continue
      }
      const [lengthA, lengthB] = [lengthOf(numbers, x, texts.phone0 + one), lengthOf(numbers, y, texts.phone0 + other)]
      const atA = startOf(numbers, x, texts.phone0 + one)
      const atB = startOf(numbers, y, texts.phone0 + other)
      if (lengthA >= 8 && lengthB >= 8 && lastEqual(letters, atA + lengthA, atB + lengthB, 8)) best = Math.max(best, 3)
      else if (best < 2 && withinOneEdit(letters, atA, lengthA, atB, lengthB)) best = 2
    }
  }
  return best
}

/** Two who travel with the same third; who travel with each other are another matter. */
function companions({ numbers, companions: of, persons }: Arena, a: number, b: number): number {
  if (lengthOf(numbers, a * slots, accompanied) === 0 || lengthOf(numbers, b * slots, accompanied) === 0) return 0
  let shared = false
  for (let one = a * companionsOfRecord; one < (a + 1) * companionsOfRecord; one++) {
    const third = of[one]!
    if (third === 0) break
    if (third === persons[b]) return 0
    for (let other = b * companionsOfRecord; other < (b + 1) * companionsOfRecord; other++)
      if (of[other] === third) shared = true
  }
  for (let other = b * companionsOfRecord; other < (b + 1) * companionsOfRecord; other++)
    if (of[other] !== 0 && of[other] === persons[a]) return 0
  return shared ? 2 : 1
}

function lastEqual(letters: Uint16Array, endA: number, endB: number, count: number): boolean {
  for (let back = 1; back <= count; back++) if (letters[endA - back] !== letters[endB - back]) return false
  return true
}

function emails({ numbers, letters }: Arena, x: number, y: number): number {
  const a = numbers[x + slot.email]!
  const b = numbers[y + slot.email]!
  if (a === 0 || b === 0) return 0
  if (a === b) return 4
  const [lengthA, lengthB] = [lengthOf(numbers, x, texts.local), lengthOf(numbers, y, texts.local)]
  if (numbers[x + slot.local] === numbers[y + slot.local]) return lengthA >= 5 ? 3 : 2
  const near = oneEditApart(numbers, letters, x, y, texts.local)
  return near && Math.min(lengthA, lengthB) >= 5 ? 2 : 1
}

/** Of a house number of one digit another digit makes another house. */
function houseNumbers({ numbers, letters }: Arena, x: number, y: number): number {
  const level = codes(numbers, letters, x, y, slot.number, texts.number)
  const longer = Math.max(lengthOf(numbers, x, texts.number), lengthOf(numbers, y, texts.number))
  return level === 2 && longer < 2 ? 1 : level
}

function streets({ numbers, letters }: Arena, x: number, y: number): number {
  const a = numbers[x + slot.street]!
  const b = numbers[y + slot.street]!
  if (a === 0 || b === 0) return 0
  if (a === b) return 4
  const place = met.streets.placeOf(a, b)
  const before = met.streets.at(place, a, b)
  return before !== 255 ? before : met.streets.note(place, a, b, unlikeStreets(numbers, letters, x, y))
}

function unlikeStreets(numbers: Int32Array, letters: Uint16Array, x: number, y: number): number {
  const [lengthA, lengthB] = [lengthOf(numbers, x, texts.street), lengthOf(numbers, y, texts.street)]
  const similarity = commonPairs(
    letters,
    startOf(numbers, x, texts.street),
    lengthA,
    startOf(numbers, y, texts.street),
    lengthB,
  )
  return similarity >= 0.75 ? 3 : similarity >= 0.5 ? 2 : 1
}

/** 0 missing, 1 differs, 2 close, 3 exact. */
function closeness(
  numbers: Int32Array,
  letters: Uint16Array,
  x: number,
  y: number,
  number: number,
  text: number,
): number {
  const a = numbers[x + number]!
  const b = numbers[y + number]!
  if (a === 0 || b === 0) return 0
  if (a === b) return 3
  const place = met.places.placeOf(a, b)
  const before = met.places.at(place, a, b)
  return before !== 255 ? before : met.places.note(place, a, b, unlikePlaces(numbers, letters, x, y, text))
}

function unlikePlaces(numbers: Int32Array, letters: Uint16Array, x: number, y: number, text: number): number {
  const [lengthA, lengthB] = [lengthOf(numbers, x, text), lengthOf(numbers, y, text)]
  const [atA, atB] = [startOf(numbers, x, text), startOf(numbers, y, text)]
  if (Math.max(lengthA, lengthB) >= 4 && edits(letters, atA, lengthA, atB, lengthB, 1) <= 1) return 2
  if (Math.max(lengthA, lengthB) < 6) return 1
  return edits(letters, atA, lengthA, atB, lengthB, 2) <= 2 || jaroWinkler(letters, atA, lengthA, atB, lengthB) >= close
    ? 2
    : 1
}

/** 0 missing, 1 differs, 2 one sign off, 3 exact. */
function codes(numbers: Int32Array, letters: Uint16Array, x: number, y: number, number: number, text: number): number {
  const a = numbers[x + number]!
  const b = numbers[y + number]!
  if (a === 0 || b === 0) return 0
  if (a === b) return 3
  return oneEditApart(numbers, letters, x, y, text) ? 2 : 1
}

function oneEditApart(numbers: Int32Array, letters: Uint16Array, x: number, y: number, text: number): boolean {
  return withinOneEdit(
    letters,
    startOf(numbers, x, text),
    lengthOf(numbers, x, text),
    startOf(numbers, y, text),
    lengthOf(numbers, y, text),
  )
}
