/** What a column of a file may be: the fields of members and of orders, and which of them can carry a row alone. */

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

/** `openid@ACCOUNT` and `custom.KEY` name their account and key themselves. */
export function isField(kind: ImportKind, field: string): boolean {
  if (fieldsOf[kind].includes(field)) return true
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
