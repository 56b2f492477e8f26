/**
 * What can be said of a record without saying what it holds: which fields say something, and what in it can't be right.
 * Kept beside the record in the clear and given to the warehouse, so that the quality of millions is counted without
 * opening one.
 */
import { cleanBirthDate, cleanDocument, cleanEmail, cleanName, cleanPhone, type ProblemCode } from '#modules/cleaning'
import { isNobodysEmail, isNobodysNumber, isNobodysPhone } from './identities.ts'
import type { RecordValues } from './values.ts'

/** In the order of their bits: only ever added to at the end. */
export const qualityFields = [
  'name',
  'phone',
  'email',
  'birthDate',
  'gender',
  'documentNumber',
  'addressLine',
  'city',
  'region',
  'postcode',
  'country',
  'unionid',
  'tags',
  'source',
] as const
export type QualityField = (typeof qualityFields)[number]

export interface Findings {
  /** A bit for each of `qualityFields`. */
  filled: number
  /** Custom fields that say something, by their keys. */
  filledCustom: string | null
  /** `field:code` of what can't be right, joined by commas. */
  wrong: string | null
}

const anyDay = '2999-12-31'
/** Whole names that nobody has are left out by cleaning; with a family name before them they look like one. */
const trialName = /测试|示例|样例/u
const customKey = /^custom\.([\p{L}\p{N}_-]{1,40})$/u

/** Of the values in force. */
export function findingsOf(values: RecordValues): Findings {
  let filled = 0
  qualityFields.forEach((field, index) => {
    if (values[field] !== undefined && values[field] !== '') filled |= 1 << index
  })
  const custom: string[] = []
  const wrong: string[] = []
  for (const [field, value] of Object.entries(values)) {
    if (field.startsWith('custom.')) {
      const key = customKey.exec(field)?.[1]
      if (key) custom.push(key)
    } else if (field.startsWith('raw.') && typeof value === 'string') {
      const meant = field.slice(4)
      // A custom field's key may be any text where it came by the API.
      if (values[meant] === undefined && !/[,:]/.test(meant)) wrong.push(`${meant}:${problemOf(meant, value)}`)
    }
  }
  const text = (field: string) => (typeof values[field] === 'string' ? (values[field] as string) : null)
  const [name, phone, email, number] = [text('name'), text('phone'), text('email'), text('documentNumber')]
  if (name !== null && trialName.test(name)) wrong.push('name:name.trial')
  if (phone !== null && isNobodysPhone(phone)) wrong.push('phone:phone.placeholder')
  if (email !== null && isNobodysEmail(email)) wrong.push('email:email.placeholder')
  if (number !== null && isNobodysNumber(number)) wrong.push('documentNumber:document.placeholder')
  return {
    filled,
    filledCustom: custom.length > 0 ? custom.sort().join(',') : null,
    wrong: wrong.length > 0 ? wrong.sort().join(',') : null,
  }
}

/** Why a text that was kept as it came could not be taken. */
function problemOf(field: string, text: string): ProblemCode {
  switch (field) {
    case 'name':
      return problemIn(cleanName({ name: text, familyName: null, givenName: null }), 'name.not_a_name')
    case 'phone':
      return problemIn(cleanPhone(text), 'phone.unreadable')
    case 'email':
      return problemIn(cleanEmail(text), 'email.unreadable')
    // Readable on a day that is far enough: it lay in the future when it came.
    case 'birthDate':
      return problemIn(cleanBirthDate(text, { today: anyDay }), 'date.future')
    case 'documentNumber':
      return problemIn(cleanDocument(null, text), 'document.unreadable')
    case 'gender':
      return 'gender.unreadable'
    case 'country':
      return 'country.unknown'
    default:
      return 'dictionary.unknown'
  }
}

const problemIn = (outcome: { value: unknown; problem?: ProblemCode | null }, otherwise: ProblemCode): ProblemCode =>
  outcome.value === null ? (outcome.problem ?? otherwise) : otherwise
