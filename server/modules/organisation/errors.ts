import type { z } from 'zod'
import { Refusal } from '#platform/errors'
import type { rowMistake } from './contract.ts'

export type RowMistake = z.output<typeof rowMistake>

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
