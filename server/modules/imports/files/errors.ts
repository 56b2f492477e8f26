/** The refusals that a file itself can earn. Each says where it stands, if it stands somewhere, and what to do. */

import { Refusal } from '#platform/errors'

const refuse = (code: string, params: Record<string, unknown>, message: string) =>
  new Refusal('invalid', code, params, message)

export const fileNotFound = (name: string, reason: string) =>
  refuse('file.not_found', { name, reason }, `The file ${name} can't be read (${reason}). Check its path and rights.`)

export const emptyFile = () => refuse('file.empty', {}, 'The file is empty.')

export const noRows = () => refuse('file.no_rows', {}, 'The file has a header and no row below it.')

export const oldExcel = () =>
  refuse('file.xls', {}, 'This is the old binary .xls format. Open it and save it as .xlsx or as CSV UTF-8.')

export const oldOffice = () =>
  refuse(
    'file.old_office',
    {},
    'This is an old Microsoft Office file, or a protected one. Save it without a password as .xlsx or as CSV UTF-8.',
  )

export const passwordProtected = () =>
  refuse('file.password', {}, 'The file is protected by a password. Remove the password and save it again.')

export const unknownFormat = (found: string) =>
  refuse('file.unknown_format', { found }, `This isn't a CSV or XLSX file (found: ${found}). Save it as one of them.`)

export const brokenFile = (detail: string) =>
  refuse('file.broken', { detail }, `The file is cut off or damaged (${detail}). Export or copy it again.`)

export const expandsTooMuch = (params: { limit: number; what: 'bytes' | 'ratio' | 'entries' | 'part' | 'strings' }) =>
  refuse('file.bomb', params, `The compressed file expands too much (limit of ${params.what}: ${params.limit}).`)

export const hasEntities = (part: string) =>
  refuse('file.entities', { part }, `The XML of ${part} declares a document type, which no spreadsheet needs.`)

export const xmlTooDeep = (limit: number) =>
  refuse('file.xml_too_deep', { limit }, `The XML of the file is nested deeper than ${limit} elements.`)

export const lineTooLong = (row: number, limit: number) =>
  refuse('file.line_too_long', { row, limit }, `Row ${row} is longer than ${limit} bytes.`)

export const quoteNeverCloses = (row: number) =>
  refuse('file.quote_open', { row }, `A quotation mark opened in row ${row} is never closed. Close or double it.`)

export const cellTooLong = (row: number | null, limit: number) =>
  refuse(
    'file.cell_too_long',
    { row, limit },
    `${row === null ? 'A cell' : `A cell of row ${row}`} is longer than ${limit} characters; a quotation mark that is never closed can be the reason.`,
  )

export const tooManyColumns = (columns: number, limit: number) =>
  refuse('file.too_many_columns', { columns, limit }, `The table has ${columns} columns; at most ${limit} can be read.`)

export const rowTooWide = (row: number, limit: number) =>
  refuse('file.row_too_wide', { row, limit }, `Row ${row} has more than ${limit} cells.`)
