/** Finds a person in texts that other people wrote or files brought: samples, rejected rows, reasons. Pure. */
import type { RecordValues } from './values.ts'

export interface Mentions {
  /** Whether a cell is, or has in it, something by which this person is known. */
  isIn(text: string): boolean
  /** The text with what names the person taken out. */
  strippedOf(text: string): string
}

const named = ['name', 'familyName', 'givenName', 'raw.name'] as const
const numbered = ['phone', 'otherPhones', 'formerPhones', 'documentNumber'] as const

/** @param told the opened values of all versions of the person's records */
export function mentionsOf(told: readonly RecordValues[]): Mentions {
  const texts = (fields: readonly string[]) =>
    told.flatMap((values) => fields.flatMap((field) => values[field] ?? [])).filter((text) => text.length > 1)
  const names = [...new Set(texts(named.filter((field) => field === 'name' || field === 'raw.name')))]
  // The last digits decide: files write numbers with and without country, spaces and dashes.
  const numbers = [...new Set(texts(numbered).map((text) => digitsOf(text).slice(-9)))].filter((one) => one.length >= 6)
  const others = [
    ...new Set(
      told.flatMap((values) =>
        Object.entries(values).flatMap(([field, value]) =>
          /^(?:email|addressLine|unionid|openid@.+|external@.+|raw\..+)$/.test(field) ? value : [],
        ),
      ),
    ),
  ].filter((text) => text.length >= 5)
  const plain = (text: string) => text.normalize('NFKC').toLowerCase()
  const words = [...names, ...others].map(plain)
  const isIn = (text: string) => {
    const digits = digitsOf(text)
    const flat = plain(text)
    const flatter = flat.replace(/\s+/g, '')
    return (
      numbers.some((number) => digits.includes(number)) ||
      words.some((word) => flat.includes(word) || flatter.includes(word.replace(/\s+/g, '')))
    )
  }
  return {
    isIn,
    strippedOf: (text) => {
      let left = text
      for (const word of [...names, ...others]) left = left.replaceAll(word, '•••')
      // A number that is written another way takes the rest of the text with it.
      return isIn(left) ? '•••' : left
    },
  }
}

const digitsOf = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/[\s().+-]/g, '')
    .toUpperCase()
