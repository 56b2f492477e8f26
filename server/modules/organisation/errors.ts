import { Refusal } from '#platform/errors'

export interface RowMistake {
  /** From 1. */
  row: number
  field: 'code' | 'company'
  code: 'told_twice' | 'other_kind' | 'company_unknown'
  value: string
  message: string
}

/** Nothing of the rows was written. */
export const rowsWrong = (mistakes: readonly RowMistake[]) =>
  new Refusal(
    'invalid',
    'organisation.rows_wrong',
    { row: mistakes[0]!.row, field: mistakes[0]!.field, value: mistakes[0]!.value, mistakes },
    mistakes.map(({ row, field, message }) => `Row ${row}, ${field}: ${message}`).join('\n'),
  )

export const companyUnknown = (code: string) =>
  new Refusal('not_found', 'organisation.company_unknown', { code }, `There is no company ${code}.`)
