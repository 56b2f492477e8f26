/** What a column of a file may be: the fields of members and of orders, and which of them can carry a row alone. */

import { consentTopics } from '#modules/privacy'

export type ImportKind = 'members' | 'orders'

export const memberFields = [
  'externalId',
  'name',
  'familyName',
  'givenName',
  'phone',
  'email',
  'birthDate',
  'gender',
  'documentType',
  'documentNumber',
  'addressLine',
  'streetNumber',
  'addressLine2',
  'suburb',
  'city',
  'region',
  'postcode',
  'country',
  'unionid',
  'source',
  'tags',
  'note',
  // Balances of an older programme. Never guessed: points are owed, so somebody says that they shall be.
  'openingPoints',
  'openingPointsExpireAt',
  // The day on which the consents of a row were said, where they were collected.
  'consentedAt',
] as const

export const orderFields = [
  'orderNumber',
  'customerExternalId',
  'phone',
  'orderedAt',
  'amount',
  'currency',
  'quantity',
  'product',
  'paymentMethod',
  'status',
] as const

export const fieldsOf: Record<ImportKind, readonly string[]> = { members: memberFields, orders: orderFields }

/** `consent.PURPOSE@CHANNEL`, e.g. `consent.marketing@sms`: the topic that it is about; null for another field. */
export function topicOfField(field: string): string | null {
  const [, purpose, channel] = /^consent\.([a-z]+)@([a-z]+)$/.exec(field) ?? []
  const topic = `${channel}.${purpose}`
  return consentTopics.includes(topic) ? topic : null
}

/** `openid@ACCOUNT`, `consent.PURPOSE@CHANNEL` and `custom.KEY` name their account, topic and key themselves. */
export function isField(kind: ImportKind, field: string): boolean {
  if (fieldsOf[kind].includes(field)) return true
  if (kind === 'members' && topicOfField(field) !== null) return true
  return kind === 'members' && (/^openid@[\w-]{1,64}$/.test(field) || /^custom\.[\p{L}\p{N}_-]{1,40}$/u.test(field))
}

/**
 * Whether rows with these fields can say whom or what they are about. A member needs a name or an identity; an order
 * its number, a customer, or at least when and how much.
 */
export function identifies(kind: ImportKind, fields: ReadonlySet<string>): boolean {
  if (kind === 'orders') {
    return (
      ['orderNumber', 'customerExternalId', 'phone'].some((field) => fields.has(field)) ||
      (fields.has('orderedAt') && fields.has('amount'))
    )
  }
  const enough = ['externalId', 'name', 'familyName', 'givenName', 'phone', 'email', 'documentNumber', 'unionid']
  return enough.some((field) => fields.has(field)) || [...fields].some((field) => field.startsWith('openid@'))
}
