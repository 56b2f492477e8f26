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
