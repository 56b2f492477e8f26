import { Refusal } from '#platform/errors'

export const linkSpent = () =>
  new Refusal(
    'unauthenticated',
    'access.link_spent',
    {},
    'This sign-in link was used already or is too old. Make a new one with `bin/roundtrip link`.',
  )

/** Says neither which of the two was wrong nor whether there is such a login. */
export const signInWrong = () =>
  new Refusal(
    'unauthenticated',
    'access.sign_in_wrong',
    {},
    'Login and password don’t belong together. Whoever has no password comes in by a link.',
  )
export const codeWrong = () =>
  new Refusal(
    'unauthenticated',
    'access.code_wrong',
    {},
    'This code is not right, or opened something already. Wait for the next one.',
  )
export const passwordWrong = () => new Refusal('forbidden', 'access.password_wrong', {}, 'This is not your password.')
export const ticketSpent = () =>
  new Refusal('unauthenticated', 'access.ticket_spent', {}, 'This took too long. Begin to sign in once more.')
export const tooManyTries = (seconds: number) =>
  new Refusal('forbidden', 'access.too_many_tries', { seconds }, `Too many tries. Try again in ${seconds} seconds.`)
export const passwordRefused = (
  problem: 'short' | 'long' | 'common' | 'own_name',
  { shortest, longest }: { shortest: number; longest: number },
) =>
  ({
    short: new Refusal(
      'invalid',
      'access.password_short',
      { shortest },
      `A password has at least ${shortest} characters.`,
    ),
    long: new Refusal('invalid', 'access.password_long', { longest }, `A password has at most ${longest} characters.`),
    common: new Refusal('invalid', 'access.password_common', {}, 'This password is among the first that are guessed.'),
    own_name: new Refusal('invalid', 'access.password_own_name', {}, 'This password is made of your login or name.'),
  })[problem]
export const secondFactorOn = () =>
  new Refusal('conflict', 'access.second_factor_on', {}, 'There is a second factor already. End it first.')
export const secondFactorNotBegun = () =>
  new Refusal('conflict', 'access.second_factor_not_begun', {}, 'Begin to set up the second factor first.')
export const secondFactorStays = () =>
  new Refusal('conflict', 'access.second_factor_stays', {}, 'The group wants a second factor of you.')
export const nothingToProveBy = () =>
  new Refusal('conflict', 'access.nothing_to_prove_by', {}, 'You have neither a password nor a second factor.')
export const noProvider = () =>
  new Refusal('not_found', 'access.no_provider', {}, 'No identity provider is set up (ROUNDTRIP_OIDC_ISSUER).')
export const providerAway = () =>
  new Refusal(
    'conflict',
    'access.provider_away',
    {},
    'The identity provider does not answer as it should. Sign in another way, or try again later.',
  )
export const providerRefused = () =>
  new Refusal(
    'unauthenticated',
    'access.provider_refused',
    {},
    'The identity provider did not confirm this sign-in, or it took too long. Begin once more.',
  )
export const providerStranger = () =>
  new Refusal(
    'forbidden',
    'access.provider_stranger',
    {},
    'The identity provider knows you, but nobody here has your verified e-mail address as their login.',
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
