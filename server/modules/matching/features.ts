/**
 * What a record says about whom it is, as it is compared: small Latin letters, digits, and characters where they tell
 * more. An unreadable value (`raw.FIELD`) is evidence too: a birth date with a wrong digit is close to the right one.
 */
import { isPinyin, simplified, spelledPart } from '#modules/cleaning'
import type { RecordValues } from '#modules/members'

export interface Features {
  family: string
  familyHan: string
  given: string
  givenHan: string
  /** Digits, year first: eight of them unless one was lost or typed twice; they need not be a day that exists. */
  birth: string
  document: string
  documentKind: string
  /** The present ones first. */
  phones: string[]
  /** Which of them are former ones, a bit each. */
  formerPhones: number
  email: string
  /** House number: the digits of the address. */
  number: string
  street: string
  /** The longest word of street and suburb: what is left of them when words change places. */
  streetWord: string
  suburb: string
  suburbWord: string
  city: string
  postcode: string
  region: string
  gender: 'male' | 'female' | ''
  unionid: string
}

const longest = { name: 24, document: 20, phone: 11, local: 24, street: 48, place: 24, postcode: 10, number: 10 }

export function featuresOf(values: RecordValues): Features {
  const text = (field: string) => {
    const value = values[field]
    return typeof value === 'string' ? value : ''
  }
  const name = nameOf(text('familyName'), text('givenName'), text('name'))
  const address = text('addressLine')
  const digits = [text('streetNumber'), address].join(' ').match(/\d+/g) ?? []
  return {
    ...name,
    birth: birthOf(text('birthDate') || text('raw.birthDate')),
    document: plainCode(text('documentNumber') || text('raw.documentNumber')).slice(0, longest.document),
    documentKind: text('documentType') || 'other',
    ...phonesOf(values),
    email: text('email').toLowerCase(),
    number: digits.join('').slice(0, longest.number),
    street: letters([address, text('addressLine2')].join(' ')).slice(0, longest.street),
    streetWord: longestWord(address),
    suburb: letters(text('suburb')).slice(0, longest.place),
    suburbWord: longestWord(text('suburb')),
    city: letters(text('city')).replace(/市$/, '').slice(0, longest.place),
    postcode: plainCode(text('postcode')).slice(0, longest.postcode),
    region: letters(text('region')).replace(/[省市]$/, ''),
    gender: text('gender') === 'male' ? 'male' : text('gender') === 'female' ? 'female' : '',
    unionid: text('unionid'),
  }
}

function nameOf(
  family: string,
  given: string,
  whole: string,
): Pick<Features, 'family' | 'familyHan' | 'given' | 'givenHan'> {
  let [first, last] = [family, given]
  if (first === '' && last === '') {
    // Nobody knows which of the words is the family name; comparing looks both ways.
    const words = whole.split(' ')
    first = words.length > 1 ? words[0]! : ''
    last = words.length > 1 ? words.slice(1).join(' ') : whole
  }
  const f = first === '' ? nothing : familyPart(first)
  const g = last === '' ? nothing : givenPart(last)
  return {
    family: f.latin.slice(0, longest.name),
    familyHan: f.han,
    given: g.latin.slice(0, longest.name),
    givenHan: g.han,
  }
}

const nothing = { latin: '', han: '' }

/** Names and places repeat: what was worked out of one is remembered, as long as they aren't too many. */
function remembering<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    if (known.size === mostRemembered) known.clear()
    const found = work(text)
    known.set(text, found)
    return found
  }
}

const mostRemembered = 30_000
const familyPart = remembering((part) => spelledPart(part, { asFamily: true }))
const givenPart = remembering((part) => spelledPart(part, { asFamily: false }))

/** 1980-02-03, 19800203, 1980/2/3 → 19800203; a text that isn't year, month and day says nothing. */
function birthOf(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text.slice(0, 4) + text.slice(5, 7) + text.slice(8)
  const parts = /^(\d{4})\D(\d{1,2})\D(\d{1,2})$/.exec(text)
  if (parts) return parts[1]! + parts[2]!.padStart(2, '0') + parts[3]!.padStart(2, '0')
  return /^\d{7,9}$/.test(text) ? text : ''
}

function phonesOf(values: RecordValues): Pick<Features, 'phones' | 'formerPhones'> {
  const list = (field: string) => (Array.isArray(values[field]) ? values[field] : [])
  const digitsOf = (phones: readonly unknown[]) =>
    phones.flatMap((phone) => {
      if (typeof phone !== 'string') return []
      const digits = phone.replace(/\D/g, '').slice(-longest.phone)
      return digits.length >= 6 ? [digits] : []
    })
  const present = new Set(digitsOf([values.phone, values['raw.phone'], ...list('otherPhones')]))
  const phones = [...new Set([...present, ...digitsOf(list('formerPhones'))])].slice(0, 3)
  return { phones, formerPhones: phones.reduce((bits, phone, at) => (present.has(phone) ? bits : bits | (1 << at)), 0) }
}

const plainCode = (text: string) => (text === '' ? '' : text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, ''))

const letters = remembering((text) => {
  if (text === '') return ''
  const lower = text.toLowerCase()
  if (/^[a-z ]*$/.test(lower)) return lower.replaceAll(' ', '')
  const plain = /\p{Script=Han}/u.test(lower) ? simplified(lower) : lower.normalize('NFD')
  return plain.replace(/[^\p{L}]/gu, '')
})

/** Of 人民路 88 号 3 栋 1204 室 it is the street, not the flat. */
function longestWord(text: string): string {
  let longestYet = ''
  for (const word of text.replace(/\d+/g, ' ').split(' ')) if (word.length > longestYet.length) longestYet = word
  return letters(longestYet)
}

/** How a name sounds, roughly and in a few letters, whichever language spelled it: for finding, not for judging. */
export const soundOf = remembering((latin) => {
  // Syllables of pinyin are few and short: only what the south says alike is one.
  if (latin.length <= 6 && isPinyin(latin)) return latin.replace(/([zcs])h/g, '$1').replace(/ng/g, 'n')
  let sound = ''
  let last = ''
  for (let index = 0; index < latin.length && sound.length < 5; index++) {
    const code = index === 0 && /[aeiouy]/.test(latin[0]!) ? 'a' : (soundClass[latin[index]!] ?? latin[index]!)
    if (code !== '' && code !== last) sound += code
    last = code
  }
  return sound
})

const soundClass: Record<string, string> = {}
for (const [letters, code] of [
  ['aeiouyhw', ''],
  ['bp', 'p'],
  ['ckqgjx', 'k'],
  ['sz', 's'],
  ['dt', 't'],
  ['fv', 'f'],
  ['mn', 'n'],
] as const)
  for (const letter of letters) soundClass[letter] = code
