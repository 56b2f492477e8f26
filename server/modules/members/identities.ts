/**
 * Which identities a record brings, and whether each may join people. Values that stand for nobody (relay numbers,
 * `test@…`, all the same digit) and contact details that nobody vouches for are kept as contact points only.
 */
import type { Channel } from '#modules/channels'
import type { Vault } from '#platform/vault'
import type { IdentityKind } from './resolve.ts'
import type { RecordValues } from './values.ts'

export interface Identity {
  kind: IdentityKind
  blind: string
  joins: boolean
  /** Blind index of the last four characters of a phone or document; null for the rest. */
  lastFour: string | null
}

interface Carried {
  kind: IdentityKind
  value: string
  joins: boolean
  /** Where the record keeps it. */
  field: string
}

// Written where a number was wanted and none was there. Whole values only, or long runs: real numbers have short ones.
const nobodysPhone = [/(\d)\1{7,}$/, /^\+8613[018]12345678$/]
const nobodysEmail = [
  /^(?:test|none|no|na|null|noemail|no-?reply|unknown)@/i,
  /@(?:none|guest\.booking|m\.expediapartnercentral|agoda-messaging|privaterelay\.appleid)\./i,
  /^[^@]*\*/,
]
const nobodysDocument = [/^(.)\1+$/, /^1234567(?:8(?:90?)?)?$/]

export const isNobodysPhone = (phone: string) => nobodysPhone.some((shape) => shape.test(phone))
export const isNobodysEmail = (email: string) => nobodysEmail.some((shape) => shape.test(email))
export const isNobodysNumber = (number: string) => nobodysDocument.some((shape) => shape.test(number))

/** Values by which a record may be known to others, strongest first. */
export function carriedBy(values: RecordValues, channel: Pick<Channel, 'code' | 'kind' | 'trustsPhones'>): Carried[] {
  const carried: Carried[] = []
  const add = (field: string, kind: IdentityKind, value: unknown, joins: boolean) => {
    if (typeof value === 'string' && value !== '') carried.push({ kind, value, joins, field })
  }
  add('unionid', 'unionid', values.unionid, true)
  for (const [field, value] of Object.entries(values)) {
    if (field.startsWith('openid@')) add(field, field as IdentityKind, value, true)
  }
  if (typeof values.documentNumber === 'string') {
    const number = values.documentNumber
    add(
      'documentNumber',
      `document@${values.documentType ?? 'other'}`,
      number,
      number.length >= 6 && !isNobodysNumber(number),
    )
  }
  // What the ERP or an OTA calls a person is an identity that other channels may carry too.
  if (channel.kind === 'erp' || channel.kind === 'ota') {
    add('externalId', `external@${channel.code}`, values.externalId, true)
  }
  for (const [field, value] of Object.entries(values)) {
    if (field.startsWith('external@') && field !== `external@${channel.code}`)
      add(field, field as IdentityKind, value, true)
  }
  const phones = [values.phone, ...(Array.isArray(values.otherPhones) ? values.otherPhones : [])]
  for (const phone of phones) {
    if (typeof phone !== 'string') continue
    const field = phone === values.phone ? 'phone' : 'otherPhones'
    // A number behind a switchboard is everybody's who sits there.
    if (values.phoneExtension && phone === values.phone) {
      add(field, 'phone', phone, false)
      continue
    }
    const vouched = channel.trustsPhones || (values.phoneVerified === 'yes' && phone === values.phone)
    add(field, 'phone', phone, vouched && !isNobodysPhone(phone))
  }
  if (typeof values.email === 'string') {
    const email = values.email
    add('email', 'email', email.toLowerCase(), channel.trustsPhones && !isNobodysEmail(email))
  }
  return carried
}

/** The same, blind; each value once. */
export function identitiesOf(vault: Pick<Vault, 'blind'>, carried: readonly Carried[]): Identity[] {
  const found = new Map<string, Identity>()
  for (const { kind, value, joins } of carried) {
    const blind = vault.blind(kind, value)
    const before = found.get(blind)
    if (before) before.joins ||= joins
    else {
      const digits = kind === 'phone' || kind.startsWith('document@')
      found.set(blind, { kind, blind, joins, lastFour: digits ? lastFourOf(vault, value) : null })
    }
  }
  return [...found.values()]
}

export function lastFourOf(vault: Pick<Vault, 'blind'>, value: string): string {
  return vault.blind('last four', value.slice(-4).toUpperCase())
}
