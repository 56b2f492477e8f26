import { Refusal } from '#platform/errors'

export const samePerson = () =>
  new Refusal(
    'invalid',
    'families.same_person',
    {},
    'otherId should be another member: these two records are one person.',
  )

export const nothingBetween = () =>
  new Refusal(
    'not_found',
    'families.nothing_between',
    {},
    'Nothing is proposed or said about these two; somebody may have decided already.',
  )
