/** What is shown of a sealed value until somebody gives a reason to see it. */

const clear = new Set([
  'name',
  'familyName',
  'givenName',
  'birthDate',
  'gender',
  'city',
  'source',
  'region',
  'country',
  'tags',
  'documentType',
])

export function isMasked(field: string): boolean {
  return !clear.has(field)
}

/** Keeps so much that a caller can be recognised and no more: last four of phones and documents, an initial of the rest. */
export function masked(field: string, value: string): string {
  if (!isMasked(field)) return value
  if (field === 'phone' || field === 'otherPhones' || field === 'formerPhones')
    return value.startsWith('+86') && value.length === 14
      ? `${value.slice(3, 6)} •••• ${value.slice(-4)}`
      : `•••• ${value.slice(-4)}`
  if (field === 'documentNumber') return `•••• ${value.slice(-4)}`
  if (field === 'email') {
    const at = value.indexOf('@')
    return at > 0 ? `${value[0]}•••${value.slice(at)}` : '••••'
  }
  if (field === 'externalId') return value.length > 4 ? `•••${value.slice(-3)}` : value
  return value.length > 1 ? `${value[0]}•••` : '•••'
}
