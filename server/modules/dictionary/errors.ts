import { Refusal } from '#platform/errors'

export const fieldUnknown = (field: string) =>
  new Refusal(
    'not_found',
    'dictionary.field_unknown',
    { field },
    `There is no field ${field}. A field of your own is described first, as custom.KEY.`,
  )

/** Fields of the program are the whole group's. */
export const groupOnly = (field: string) =>
  new Refusal(
    'forbidden',
    'dictionary.group_only',
    { field },
    `${field} is the whole group's. Whoever may change it for the group does; describe custom.KEY for your company.`,
  )

export const companyNotYours = (company: string) =>
  new Refusal(
    'not_found',
    'dictionary.company_unknown',
    { company },
    `There is no company ${company} of which you see everything.`,
  )

/** The group's and a company's field of one name would stand in one record. */
export const keyTaken = (field: string, by: 'group' | 'company') =>
  new Refusal(
    'conflict',
    'dictionary.key_taken',
    { field, by },
    by === 'group'
      ? `The group has a field ${field}; choose another key.`
      : `A company has a field ${field}; choose another key.`,
  )

export const changedMeanwhile = (field: string) =>
  new Refusal(
    'conflict',
    'dictionary.changed_meanwhile',
    { field },
    `Somebody has changed ${field} meanwhile. Read it again and make your change there.`,
  )

export const spellingTwice = (field: string, spelling: string, values: readonly [string, string]) =>
  new Refusal(
    'invalid',
    'dictionary.spelling_twice',
    { field, spelling, first: values[0], second: values[1] },
    `${field}: "${spelling}" stands at ${values[0]} and at ${values[1]}. Take it out of one of them.`,
  )

export const valueFixed = (field: string, value: string) =>
  new Refusal(
    'invalid',
    'dictionary.value_fixed',
    { field, value },
    `${field}: the program decides by ${value}, so it stays in the list.`,
  )

export const listFixed = (field: string, value: string, allowed: readonly string[]) =>
  new Refusal(
    'invalid',
    'dictionary.list_fixed',
    { field, value, allowed: allowed.join(', ') },
    `${field}: the program knows ${allowed.join(', ')} and can't take ${value}. Make it a spelling of one of them.`,
  )

export const noList = (field: string, kind: string) =>
  new Refusal(
    'invalid',
    'dictionary.no_list',
    { field, kind },
    `${field} holds a ${kind} and has no list of values. Make it a choice first.`,
  )

export const choiceNeeded = (field: string) =>
  new Refusal('invalid', 'dictionary.choice_needed', { field }, `${field} is a choice from a list; its kind stays.`)

export const valueUnknown = (field: string, value: string, allowed: readonly string[]) =>
  new Refusal(
    'invalid',
    'dictionary.value_unknown',
    { field, value, allowed: allowed.join(', ') },
    `${field}: "${value}" is not in the dictionary. It may be ${allowed.join(', ')}.`,
  )

export const valueUnreadable = (field: string, kind: string, value: string) =>
  new Refusal(
    'invalid',
    'dictionary.value_unreadable',
    { field, kind, value },
    `${field} holds a ${kind}, and "${value}" can't be read as one.`,
  )
