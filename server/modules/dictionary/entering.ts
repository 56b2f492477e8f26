/** What is refused when somebody enters a record one by one: an import goes on without the value, and reports it. */
import type { ProblemCode } from '#modules/cleaning'
import type { Refusal } from '#platform/errors'
import { valueUnknown, valueUnreadable } from './errors.ts'
import type { Described } from './lexicon.ts'

/** The refusal of the first value that the dictionary doesn't take; null when it takes them all. */
export function entryRefusal(
  described: readonly Described[],
  problems: readonly { field: string; code: ProblemCode; before: string }[],
): Refusal | null {
  for (const { field, code, before } of problems) {
    const known = described.find((one) => one.field === field)
    if (!known) continue
    if (code === 'dictionary.unknown')
      return valueUnknown(
        field,
        before,
        known.values.map((value) => value.code),
      )
    if (field.startsWith('custom.')) return valueUnreadable(field, known.kind, before)
  }
  return null
}
