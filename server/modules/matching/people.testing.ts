/**
 * Invented people and altered copies of their records, to measure how many pairs are found: typing errors, sounds and
 * misread shapes, exchanged and lost values, words moved, as clerks make them. The same seed gives the same people.
 */

export interface WrittenPerson {
  /** Which person it is; never shown to what is measured. */
  person: number
  raw: Record<string, string>
}

export interface Alterations {
  /** Different people. */
  people: number
  /** Copies besides, over all. */
  copies: number
  mostCopies: number
  /** Alterations of one value and of one record at most. */
  mostInValue: number
  mostInRecord: number
  seed: number
  documents?: boolean
  /** House numbers and names of houses too. */
  wholeAddresses?: boolean
}

type Dice = () => number

export function dice(seed: number): Dice {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const below = (roll: Dice, count: number) => Math.floor(roll() * count)
const oneOf = <T>(roll: Dice, list: readonly T[]): T => list[below(roll, list.length)]!

const heads = 'b br c ch cl d dr f fl g gr h j k l m mc n p pr r s sh st t th tr v w wh y'.split(' ')
const vowels = 'a a a e e e i i o o u ai ea ee ie oo ou'.split(' ')
const tails = 'n n r l s t d ck m nd rt ll ng th x'.split(' ')
const endings = ['', '', 'son', 'ton', 'ley', 'man', 'er', 'ford', 'well', 'a', 'ie', 'y', 'ham', 'berg', 'insky']

function word(roll: Dice, most = 2): string {
  let text = ''
  for (let syllable = 0; syllable <= below(roll, most); syllable++)
    text += oneOf(roll, heads) + oneOf(roll, vowels) + (roll() < 0.6 ? oneOf(roll, tails) : '')
  return text + oneOf(roll, endings)
}

/** A list of words of which the first are far more frequent than the last. */
function lexicon(roll: Dice, count: number, steepness: number, make = () => word(roll)): () => string {
  const words = [...new Set(Array.from({ length: count * 2 }, make))].filter((text) => text.length > 2).slice(0, count)
  const weights = words.map((_, rank) => 1 / (rank + 8) ** steepness)
  const sums = weights.map(
    (
      (sum) => (weight: number) =>
        (sum += weight)
    )(0),
  )
  return () => {
    const at = roll() * sums.at(-1)!
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! < at) low = middle + 1
      else high = middle
    }
    return words[low]!
  }
}

const kinds = ['street', 'street', 'place', 'crescent', 'close', 'road', 'circuit', 'avenue', 'court', 'drive']
const states = ['nsw', 'nsw', 'nsw', 'vic', 'vic', 'qld', 'qld', 'wa', 'sa', 'tas', 'act', 'nt']

export function writtenPeople(wanted: Alterations): WrittenPerson[] {
  const roll = dice(wanted.seed)
  const surname = lexicon(roll, 3_000, 0.75)
  const givenName = lexicon(roll, 900, 0.85)
  const suburb = lexicon(roll, 2_500, 0.6, () => (roll() < 0.25 ? `${word(roll)} ${word(roll)}` : word(roll)))
  const street = lexicon(roll, 4_000, 0.5, () => word(roll, 3))
  const house = lexicon(roll, 2_000, 0.5, () => word(roll, 3))
  const said = (text: string, share: number) => (roll() < share ? text : '')
  const people: WrittenPerson[] = Array.from({ length: wanted.people }, (_, person) => ({
    person,
    raw: {
      givenName: said(givenName(), 0.97),
      familyName: said(surname(), 0.98),
      addressLine: said(`${street()} ${oneOf(roll, kinds)}`, 0.97),
      suburb: said(suburb(), 0.99),
      postcode: String(2_000 + below(roll, 3_000)),
      region: said(oneOf(roll, states), 0.9),
      birthDate: said(day(roll), 0.96),
      ...(wanted.wholeAddresses
        ? {
            streetNumber: said(String(1 + below(roll, roll() < 0.8 ? 99 : 400)), 0.95),
            addressLine2: said(house(), 0.6),
          }
        : {}),
      ...(wanted.documents === false ? {} : { documentNumber: String(1_000_000 + below(roll, 8_999_999)) }),
    },
  }))
  const copies: WrittenPerson[] = []
  const had = new Map<number, number>()
  while (copies.length < wanted.copies) {
    const { person, raw } = oneOf(roll, people)
    const most = 1 + below(roll, wanted.mostCopies)
    for (let copy = 0; copy < most && copies.length < wanted.copies; copy++) {
      const before = had.get(person) ?? 0
      if (before >= wanted.mostCopies) break
      had.set(person, before + 1)
      copies.push({ person, raw: altered(roll, raw, wanted) })
    }
  }
  return [...people, ...copies].map(({ person, raw }, index) => ({ person, raw: { ...raw, externalId: `r${index}` } }))
}

function day(roll: Dice): string {
  const at = new Date(Date.UTC(1900 + below(roll, 100), below(roll, 12), 1 + below(roll, 28)))
  return at.toISOString().slice(0, 10).replaceAll('-', '')
}

/** How often each value is altered. */
const shares: [string, number][] = [
  ['givenName', 0.15],
  ['familyName', 0.17],
  ['addressLine', 0.16],
  ['suburb', 0.14],
  ['postcode', 0.08],
  ['region', 0.04],
  ['birthDate', 0.12],
  ['documentNumber', 0.08],
  ['streetNumber', 0.1],
  ['addressLine2', 0.1],
]

function altered(roll: Dice, raw: Record<string, string>, { mostInRecord, mostInValue }: Alterations) {
  const copy = { ...raw }
  const times = new Map<string, number>()
  const wanted = 1 + below(roll, mostInRecord)
  const present = shares.filter(([name]) => copy[name] !== undefined)
  const all = present.reduce((sum, [, share]) => sum + share, 0)
  for (let done = 0, tries = 0; done < wanted && tries < 100; tries++) {
    let at = roll() * all
    const [name] =
      present.find(([, share]) => {
        at -= share
        return at <= 0
      }) ?? present[0]!
    const before = times.get(name) ?? 0
    if (before >= mostInValue || !copy[name]) continue
    times.set(name, before + 1)
    alter(roll, copy, name)
    done++
  }
  return copy
}

const shapes: [string, string][] = [
  ['o', '0'],
  ['l', '1'],
  ['i', 'l'],
  ['rn', 'm'],
  ['s', '5'],
  ['b', 'h'],
  ['c', 'e'],
  ['u', 'v'],
  ['w', 'vv'],
  ['8', '3'],
  ['1', '7'],
]
const sounds: [string, string][] = [
  ['ph', 'f'],
  ['ck', 'k'],
  ['ee', 'ea'],
  ['ou', 'u'],
  ['ie', 'y'],
  ['th', 't'],
  ['s', 'z'],
  ['c', 'k'],
  ['y', 'i'],
  ['ai', 'ay'],
  ['er', 'a'],
  ['ll', 'l'],
  ['n', 'nn'],
]

function alter(roll: Dice, copy: Record<string, string>, name: string): void {
  const text = copy[name]!
  const digits = /^\d+$/.test(text)
  const kind = roll()
  if (kind < 0.07) copy[name] = ''
  else if (kind < 0.14 && (name === 'givenName' || name === 'familyName')) {
    ;[copy.givenName, copy.familyName] = [copy.familyName!, copy.givenName!]
  } else if (kind < 0.14 && name === 'birthDate') copy[name] = text.slice(0, 4) + text.slice(6) + text.slice(4, 6)
  else if (kind < 0.2 && text.includes(' ')) copy[name] = text.split(' ').reverse().join(' ')
  else if (kind < 0.25 && !digits && text.length > 5) {
    const at = 2 + below(roll, text.length - 3)
    copy[name] = text.includes(' ') ? text.replace(' ', '') : `${text.slice(0, at)} ${text.slice(at)}`
  } else if (kind < 0.5 && !digits) copy[name] = replaced(roll, text, roll() < 0.4 ? shapes : sounds)
  else copy[name] = typed(roll, text, digits)
}

function replaced(roll: Dice, text: string, table: readonly [string, string][]): string {
  const fitting = table.filter(([from]) => text.includes(from))
  if (fitting.length === 0) return typed(roll, text, false)
  const [from, to] = oneOf(roll, fitting)
  return text.replace(from, to)
}

const keyboard = 'qwertyuiopasdfghjklzxcvbnm'

function typed(roll: Dice, text: string, digits: boolean): string {
  const at = below(roll, text.length)
  const sign = digits ? String(below(roll, 10)) : oneOf(roll, [...keyboard])
  const kind = roll()
  if (kind < 0.25) return text.slice(0, at) + sign + text.slice(at)
  if (kind < 0.5) return text.slice(0, at) + text.slice(at + 1)
  if (kind < 0.8 || at + 1 >= text.length) return text.slice(0, at) + sign + text.slice(at + 1)
  return text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2)
}
