import { Refusal } from '#platform/errors'

export const mendingNotFound = (id: string) =>
  new Refusal('not_found', 'quality.mending_not_found', { id }, `There is no mending ${id}.`)

export const mendingWrongState = (id: string, state: string) =>
  new Refusal(
    'conflict',
    'quality.mending_wrong_state',
    { id, state },
    `The mending ${id} is ${state}; that can't be done now.`,
  )

export const valueNotTaken = (field: string, code: string) =>
  new Refusal(
    'invalid',
    'quality.value_not_taken',
    { field, code },
    `What was written can't be taken as ${field} (${code}). Write it another way, or clear the field.`,
  )

export const fieldNotForMany = (field: string) =>
  new Refusal(
    'invalid',
    'quality.field_not_for_many',
    { field },
    `${field} makes a member known, so it is put right one by one and never for many at once.`,
  )

export const nobodyChosen = () =>
  new Refusal('invalid', 'quality.nobody_chosen', {}, 'Say which members: memberIds, or behind a number.')

export const tooManyChosen = (most: number) =>
  new Refusal(
    'invalid',
    'quality.too_many_chosen',
    { most },
    `At most ${most} members at once. Choose a store, a channel or another narrower number.`,
  )

export const valueNeeded = (kind: string) =>
  new Refusal(
    'invalid',
    'quality.value_needed',
    { kind },
    kind === 'map' ? 'Say which value is written in place of which: from and value.' : 'Say the value to set.',
  )

export const nothingToApply = (field: string) =>
  new Refusal(
    'invalid',
    'quality.nothing_to_apply',
    { field },
    `${field} can't be written anew by the dictionary: the program itself reads it, or it has no list of values.`,
  )

export const recordElsewhere = (recordId: string, memberId: string) =>
  new Refusal(
    'conflict',
    'members.record_elsewhere',
    { recordId, memberId },
    `Record ${recordId} does not belong to member ${memberId}; somebody may have moved it meanwhile.`,
  )
