import { Refusal } from '#platform/errors'

export const memberNotFound = (memberId: string) =>
  new Refusal('not_found', 'members.not_found', { memberId }, `There is no member ${memberId}.`)

export const recordNotOfMember = (recordId: string, memberId: string) =>
  new Refusal(
    'conflict',
    'members.record_elsewhere',
    { recordId, memberId },
    `Record ${recordId} does not belong to member ${memberId}; somebody may have moved it meanwhile.`,
  )

export const reviewNotFound = () =>
  new Refusal(
    'not_found',
    'members.review_not_found',
    {},
    'These two are not in the queue: somebody has decided already, or there is nothing to decide.',
  )

export const onlyRecord = (memberId: string) =>
  new Refusal(
    'conflict',
    'members.only_record',
    { memberId },
    'This member has one record only; there is nothing to take it apart from.',
  )

export const joinRefused = (refusals: readonly { code: string; params: Record<string, unknown> }[]) =>
  new Refusal(
    'conflict',
    refusals[0]!.code,
    { ...refusals[0]!.params, refusals },
    `These two can't be one person: ${refusals.map(({ code }) => code).join(', ')}.`,
  )

export const recordOfNobody = () =>
  new Refusal(
    'invalid',
    'members.record_of_nobody',
    {},
    'The record says nothing about whom it is: give a name, an external id, or an identity (phone, email, document, unionid, openid).',
  )

export const erasedAtOwnRequest = () =>
  new Refusal(
    'conflict',
    'members.erased_at_own_request',
    {},
    'This person was erased at their own request. If they are here in person and want to come back, send personPresent: true.',
  )
