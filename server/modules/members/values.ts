/**
 * The values of a source record: cleaned, one text a field (lists for tags and further phones). This is what stands
 * sealed; only the few of `Profile` stand in the clear.
 */
import type { Channel } from '#modules/channels'
import { cleanName, type Name, type NameKey } from '#modules/cleaning'
import type { Vault } from '#platform/vault'
import { type Findings, findingsOf } from './findings.ts'
import { carriedBy, type Identity, identitiesOf } from './identities.ts'

/** Field → value; fields as in the contract, `openid@ACCOUNT`, `external@CHANNEL`, `custom.KEY`, `otherPhones`, `formerPhones`. */
export type RecordValues = Record<string, string | string[]>

/** Clear on purpose: what lists and searches read. */
export interface Profile extends Findings {
  name: string | null
  nameKey: NameKey
  pinyin: string | null
  initials: string | null
  birthDate: string | null
  gender: string | null
  city: string | null
  source: string | null
}

/** A record ready to be put: everything that costs thought is done and no key of a home is needed yet. */
export interface PreparedRecord {
  key: string
  contentHash: string
  values: RecordValues
  identities: Identity[]
  profile: Profile
  /** When its channel said this, where each record of a batch has its own time. */
  seenAt?: Date
  /** Changes what stands although its channel says nothing new. */
  amends?: boolean
}

/** True when nothing in the values says whom they are about. */
export function isAboutNobody(values: RecordValues): boolean {
  const named = typeof values.name === 'string'
  return (
    !named &&
    !values.externalId &&
    !values.phone &&
    !values.email &&
    !values.documentNumber &&
    !values.unionid &&
    !Object.keys(values).some((field) => field.startsWith('openid@') || field.startsWith('external@'))
  )
}

/**
 * Prepares the values of one record. Which record it is: its external id; else its strongest identity with the name;
 * else its content and `ordinal`, its number among equals (from 0). `name`: as it was just cleaned, to spare doing so again.
 */
export function prepareRecord(
  vault: Pick<Vault, 'blind' | 'bare'>,
  channel: Channel,
  values: RecordValues,
  { ordinal = 0, name }: { ordinal?: number; name?: Name | null } = {},
): PreparedRecord {
  const carried = carriedBy(values, channel)
  const profile = profileOf(values, name)
  const content = JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
  const contentHash = vault.blind('content', `${channel.id}\u0000${content}`)
  const strongest = carried[0]
  const key = values.externalId
    ? externalKey(vault, channel, String(values.externalId))
    : strongest
      ? vault.blind(
          'record',
          `${channel.id}\u0000${strongest.kind}\u0000${strongest.value}\u0000${profile.nameKey ?? ''}`,
        )
      : vault.blind('record', `${channel.id}\u0000content\u0000${vault.bare(contentHash)}\u0000${ordinal}`)
  return { key, contentHash, values, identities: identitiesOf(vault, carried), profile }
}

/** Which record of a channel an external id is. */
export function externalKey(vault: Pick<Vault, 'blind'>, channel: Pick<Channel, 'id'>, externalId: string): string {
  return vault.blind('record', `${channel.id}\u0000external\u0000${externalId}`)
}

/** Somebody ordered and nobody says who: a record of its own, known by the order's key, until the person is known. */
export function nobody(vault: Pick<Vault, 'blind' | 'bare'>, channel: Channel, orderKey: string): PreparedRecord {
  return {
    ...prepareRecord(vault, channel, {}, { name: null }),
    key: vault.blind('record', `${channel.id}\u0000order\u0000${vault.bare(orderKey)}`),
  }
}

/** Whether a record is known only by what its row says, so that equal rows are told apart by their number. */
export function knownByContent(values: RecordValues, channel: Channel): boolean {
  return !values.externalId && carriedBy(values, channel).length === 0
}

export function profileOf(values: RecordValues, cleaned?: Name | null): Profile {
  const text = (field: string) => (typeof values[field] === 'string' ? (values[field] as string) : null)
  const name =
    cleaned === undefined
      ? cleanName({ name: text('name'), familyName: text('familyName'), givenName: text('givenName') }).value
      : cleaned
  return {
    name: name?.display ?? null,
    nameKey: name?.key ?? null,
    pinyin: name?.pinyin ?? null,
    initials: name?.initials ?? null,
    birthDate: text('birthDate'),
    gender: text('gender'),
    city: text('city'),
    source: text('source'),
    ...findingsOf(values),
  }
}

/**
 * What is in force after a newer version: its values, and the older ones where it says nothing. Nothing is lost. An
 * empty text says that the field holds nothing from now on.
 */
export function overlay(older: RecordValues, newer: RecordValues): RecordValues {
  const kept = { ...older }
  // A name comes whole: the parts of another name would stand beside it.
  if (newer.name) {
    delete kept.familyName
    delete kept.givenName
  }
  // Another phone is neither verified nor behind a switchboard because the one before it was.
  if (newer.phone && newer.phone !== older.phone) {
    delete kept.phoneVerified
    delete kept.phoneExtension
  }
  const former = [older.phone, ...(Array.isArray(older.formerPhones) ? older.formerPhones : [])]
  const phones = [...new Set(former)].filter((one) => typeof one === 'string' && one !== (newer.phone ?? older.phone))
  // Somebody else may know them by a number that they have no more.
  if (phones.length > 0) kept.formerPhones = (phones as string[]).slice(0, formerPhonesKept)
  else delete kept.formerPhones
  return withoutEmpty({ ...kept, ...newer })
}

/** Without the fields that a version emptied. */
export function withoutEmpty(values: RecordValues): RecordValues {
  const emptied = Object.keys(values).filter((field) => values[field] === '')
  if (emptied.length === 0) return values
  const left = { ...values }
  for (const field of emptied) delete left[field]
  return left
}

const formerPhonesKept = 3
