import { Refusal } from '#platform/errors'

export const linkSpent = () =>
  new Refusal(
    'unauthenticated',
    'access.link_spent',
    {},
    'This sign-in link was used already or is too old. Make a new one with `bin/roundtrip link`.',
  )
export const keyUnknown = (keyId: string) =>
  new Refusal('not_found', 'access.key_unknown', { keyId }, `There is no API key ${keyId}.`)

export const loginTaken = (login: string) =>
  new Refusal('conflict', 'access.login_taken', { login }, `Somebody signs in as ${login} already. Choose another.`)
export const staffUnknown = (staffId: string) =>
  new Refusal('not_found', 'access.staff_unknown', { staffId }, `There is no member of staff ${staffId}.`)
export const sessionUnknown = (sessionId: string) =>
  new Refusal('not_found', 'access.session_unknown', { sessionId }, `There is no session ${sessionId}.`)
export const roleUnknown = (role: string) =>
  new Refusal('not_found', 'access.role_unknown', { role }, `There is no role ${role}.`)
export const placeUnknown = (kind: 'company' | 'store', code: string) =>
  new Refusal('not_found', 'access.place_unknown', { kind, code }, `There is no ${kind} ${code}.`)
export const permissionUnknown = (permission: string) =>
  new Refusal('invalid', 'access.permission_unknown', { permission }, `There is no permission ${permission}.`)
export const administratorStays = () =>
  new Refusal('conflict', 'access.administrator_stays', {}, 'The role administrator may do everything and stays so.')
export const roleHeld = (role: string, holders: number) =>
  new Refusal(
    'conflict',
    'access.role_held',
    { role, holders },
    `${holders} still hold the role ${role}. Give them another first.`,
  )
/** Nobody gives, or takes away, what they don't hold. */
export const beyondOwnRights = (permission: string) =>
  new Refusal(
    'forbidden',
    'access.beyond_own_rights',
    { permission },
    `The role has the permission ${permission}, which you don't hold yourself.`,
  )
export const beyondOwnScope = (permission: string) =>
  new Refusal(
    'forbidden',
    'access.beyond_own_scope',
    { permission },
    `This reaches beyond the part of the group in which you hold ${permission}.`,
  )
export const lastAdministrator = () =>
  new Refusal(
    'conflict',
    'access.last_administrator',
    {},
    'This is the last administrator of the group. Make somebody else administrator first.',
  )

/** Keys and the command line have no sessions. */
export const notOfStaff = () =>
  new Refusal('conflict', 'access.not_of_staff', {}, 'This is for members of staff who are signed in.')
export const roleAndPlace = () =>
  new Refusal(
    'invalid',
    'access.role_and_place',
    {},
    'Say the role and the place where it holds, both. Somebody new in a company or store needs them.',
  )
export const noSuccessor = () =>
  new Refusal('invalid', 'access.no_successor', {}, 'The successor should be another person who works here.')
