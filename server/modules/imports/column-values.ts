/** What the values of a column look like: which share of them a field's own cleaner understands. */
import {
  cleanBirthDate,
  cleanCountry,
  cleanDateTime,
  cleanDocument,
  cleanEmail,
  cleanGender,
  cleanMoney,
  cleanName,
  cleanOrderStatus,
  cleanPaymentMethod,
  cleanPhone,
  cleanQuantity,
  currencyOf,
  documentTypeOf,
  isBlank,
  isIdentityCard,
  looksLikeChineseName,
} from '#modules/cleaning'
import type { ImportKind } from './fields.ts'

/** Enough to tell; more values tell the same. */
const looked = 200
const enough = 3

export interface ColumnValues {
  /** Without blanks and surrounding spaces. */
  readonly values: readonly string[]
  readonly different: number
}

/** A field that the values alone suggest. `strong`: hardly anything else looks so. */
export interface Suggestion {
  field: string
  strong: boolean
}

export function columnValues(sample: readonly (string | null)[]): ColumnValues {
  const values: string[] = []
  for (const value of sample) {
    if (value !== null && !isBlank(value)) values.push(value.trim())
    if (values.length === looked) break
  }
  return { values, different: new Set(values).size }
}

// Dates that are read for their form only; today bounds nothing here.
const anyDay = '2999-12-31'
const isDate = (text: string) =>
  text.length >= 6 && cleanDateTime(text, { timeZone: 'UTC', dayFirst: true }).value !== null
const isPhone = (text: string) => cleanPhone(text).value !== null
const isDecimal = (text: string) => /^[^\d]{0,4}\d[\d,\s]*\.\d{1,2}\D{0,4}$/.test(text)
const isCode = (text: string) => /^[\p{L}\p{N}_./#-]{2,40}$/u.test(text) && /\d/.test(text)

/** A reading that a cell of this field must allow; fields that may hold any text have none. */
const fits: Record<string, (text: string) => boolean> = {
  phone: (text) => isPhone(text) || /^[+\d][\d\s()*.-]{6,}$/.test(text) || /^\d(?:\.\d+)?e\+\d+$/i.test(text),
  email: (text) => text.includes('@') && cleanEmail(text).value !== null,
  birthDate: (text) => {
    const { value } = cleanBirthDate(text, { today: anyDay, dayFirst: true })
    return value !== null || (/^[\d\s./-]+$/.test(text) && text.length >= 6)
  },
  gender: (text) => cleanGender(text).value !== null,
  documentType: (text) => documentTypeOf(text) !== null,
  documentNumber: (text) => /\d{4}/.test(text) && cleanDocument(null, text).value !== null,
  name: (text) => !/\d{3}|@/.test(text) && cleanName({ name: text }).value !== null,
  familyName: (text) => /^\D{1,60}$/.test(text),
  givenName: (text) => /^\D{1,60}$/.test(text),
  country: (text) => cleanCountry(text).value !== null,
  postcode: (text) => /^[\p{L}\d -]{3,10}$/u.test(text) && /\d/.test(text),
  unionid: (text) => /^[\w-]{20,40}$/.test(text),
  externalId: (text) => text.length <= 64 && !/\s{2}|@/.test(text),
  customerExternalId: (text) => text.length <= 64 && /\d|[a-z]{2}/i.test(text) && !/@/.test(text),
  orderNumber: (text) => text.length <= 64 && /\d/.test(text) && !isDecimal(text),
  orderedAt: isDate,
  amount: (text) => cleanMoney(text).value !== null,
  quantity: (text) => cleanQuantity(text).value !== null,
  currency: (text) => currencyOf(text) !== null,
  paymentMethod: (text) => cleanPaymentMethod(text).value !== null,
  status: (text) => cleanOrderStatus(text).value !== null,
}

/** The share of values that fit the field: 0 to 1; null where it can't be told. */
export function fitOf(field: string, { values }: ColumnValues): number | null {
  const fitsField = fits[field]
  if (!fitsField || values.length === 0) return null
  return shareOf(values, fitsField)
}

function shareOf(values: readonly string[], test: (text: string) => boolean): number {
  let count = 0
  for (const value of values) if (test(value)) count++
  return count / values.length
}

/**
 * What a column without a telling header may be, best first. `headerless`: a file without header may also have its
 * amounts, numbers and codes guessed; beside a header that says something else that would be noise.
 */
export function suggestionsOf(column: ColumnValues, kind: ImportKind, headerless: boolean): Suggestion[] {
  const { values } = column
  if (values.length < enough) return []
  const share = (test: (text: string) => boolean) => shareOf(values, test)
  const found: Suggestion[] = []
  const suggest = (field: string, strong: boolean) => found.push({ field, strong })

  if (share(isPhone) >= 0.7 && share((text) => text.replace(/\D/g, '').length >= 10) >= 0.7) suggest('phone', true)
  if (kind === 'members') {
    if (share(fits.email!) >= 0.7) suggest('email', true)
    if (share((text) => isIdentityCard(text.toUpperCase())) >= 0.5) suggest('documentNumber', true)
    if (share(looksLikeChineseName) >= 0.7 && column.different > values.length / 4) suggest('name', true)
    if (share((text) => !/\d/.test(text) && fits.gender!(text)) >= 0.9) suggest('gender', true)
    if (share((text) => text.length >= 6 && isBirth(text)) >= 0.7 && spansGenerations(values))
      suggest('birthDate', true)
    if (headerless) {
      if (share((text) => !/\d/.test(text) && fits.country!(text)) >= 0.9) suggest('country', false)
      if (column.different === values.length && share(isCode) >= 0.95) suggest('externalId', false)
    }
    return found
  }
  if (share(isDate) >= 0.9) suggest('orderedAt', true)
  if (share((text) => !/\d/.test(text) && fits.status!(text)) >= 0.9) suggest('status', true)
  if (share((text) => !/\d/.test(text) && fits.paymentMethod!(text)) >= 0.9) suggest('paymentMethod', true)
  if (headerless) {
    if (share((text) => /^[A-Za-z]{3}$/.test(text) && fits.currency!(text)) >= 0.95) suggest('currency', true)
    if (share(fits.amount!) >= 0.95 && share(isDecimal) >= 0.5) suggest('amount', true)
    const small = share((text) => /^\d{1,3}$/.test(text) && !/^0\d/.test(text)) >= 0.95
    if (small) suggest('quantity', false)
    else if (share(isCode) >= 0.95 && share(isDecimal) < 0.5 && !found.some(({ strong }) => strong)) {
      // A number of its own in each row is the order's; one that comes again is its customer's.
      suggest(column.different === values.length ? 'orderNumber' : 'customerExternalId', false)
    }
  }
  return found
}

function isBirth(text: string): boolean {
  return cleanBirthDate(text, { today: anyDay, dayFirst: true }).value !== null
}

/** Birth dates lie over decades; dates of a shop's life don't. */
function spansGenerations(values: readonly string[]): boolean {
  const years = values
    .map((text) => cleanBirthDate(text, { today: anyDay, dayFirst: true }).value)
    .filter((day) => day !== null)
    .map((day) => Number(day.slice(0, 4)))
    .sort((a, b) => a - b)
  const at = (part: number) => years[Math.floor((years.length - 1) * part)]!
  return years.length > 0 && at(0.9) - at(0.1) >= 10 && at(0.5) <= 2012
}
