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

export const decisionNotFound = () =>
  new Refusal(
    'not_found',
    'members.decision_not_found',
    {},
    'There is no such answer about these two; it may have been taken back already.',
  )

export const decidedSince = () =>
  new Refusal(
    'conflict',
    'members.decided_since',
    {},
    'Something was decided about these two since; take that back first, or decide anew on the member page.',
  )

export const oneAlready = () =>
  new Refusal(
    'conflict',
    'members.already_one',
    {},
    'These two are one member already; take a record out of the member instead.',
  )

export const nobodyStays = (memberId: string) =>
  new Refusal(
    'conflict',
    'members.nobody_stays',
    { memberId },
    'All records of this member would go; leave at least one out of `along`.',
  )

export const valueNotFound = () =>
  new Refusal(
    'not_found',
    'members.value_not_found',
    {},
    'No record carries this value any more; read the list of shared identities again.',
  )

export const valueOfTooMany = (most: number) =>
  new Refusal(
    'conflict',
    'members.value_of_too_many',
    { most },
    `More than ${most} records carry this value; so many are never one person, and it can't join them.`,
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
