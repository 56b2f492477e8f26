import { Refusal } from '#platform/errors'

export const memberNotFound = (memberId: string) =>
  new Refusal('not_found', 'members.not_found', { memberId }, `There is no member ${memberId}.`)
