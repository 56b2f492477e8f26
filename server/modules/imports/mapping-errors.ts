import { Refusal } from '#platform/errors'
import { fieldsOf, type ImportKind } from './fields.ts'

export const unknownColumn = (column: string, columns: readonly string[]) =>
  new Refusal(
    'invalid',
    'mapping.unknown_column',
    { column, columns: columns.slice(0, 50) },
    `The file has no column “${column}”. Its columns are: ${columns.slice(0, 50).join(', ')}; or give a position from "1" to "${columns.length}".`,
  )

export const unknownField = (column: string, field: string, kind: ImportKind) =>
  new Refusal(
    'invalid',
    'mapping.unknown_field',
    { column, field, kind },
    `“${field}” (for column “${column}”) is no field of ${kind}. Fields: ${fieldsOf[kind].join(', ')}${kind === 'members' ? ', openid@ACCOUNT, consent.PURPOSE@CHANNEL, custom.KEY' : ''}; null leaves a column out.`,
  )

export const fieldTwice = (field: string, columns: readonly [string, string]) =>
  new Refusal(
    'invalid',
    'mapping.field_twice',
    { field, columns },
    `Columns “${columns[0]}” and “${columns[1]}” are both mapped to ${field}; a field takes one column.`,
  )

export const columnTwice = (column: string, keys: readonly [string, string]) =>
  new Refusal(
    'invalid',
    'mapping.column_twice',
    { column, keys },
    `“${keys[0]}” and “${keys[1]}” name the same column “${column}” and say different fields.`,
  )

export const nothingIdentifies = (kind: ImportKind) =>
  new Refusal(
    'invalid',
    'mapping.nothing_identifies',
    { kind },
    kind === 'members'
      ? 'No column says who a row is about: map at least one of externalId, name, familyName, givenName, phone, email, documentNumber, unionid, openid@ACCOUNT.'
      : 'No column says which order a row is: map at least one of orderNumber, customerExternalId, phone, or both orderedAt and amount.',
  )
