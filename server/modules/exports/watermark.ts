/**
 * How a file says where it is from. Its last line, or its second sheet, tells who took it out, when, why and under which
 * number. And every row ends with a mark, `TRACE-CHECK`: the first part is the export's and is looked up with
 * `GET /export-traces/:trace`; the second is a keyed hash of the row, so that nobody can write a row in another's name.
 * It is a column of its own because marks hidden in the values (spaces of no width) would spoil searching and comparing
 * for everybody who uses the file honestly. Whoever deletes the column has taken the mark out: then the log of exports
 * still tells who had these members.
 */
import { randomBytes } from 'node:crypto'
import type { Vault } from '#platform/vault'

/** Without letters that are mistaken for digits. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const textOf = (bytes: Buffer, length: number) =>
  [...bytes.subarray(0, length)].map((byte) => letters[byte % letters.length]).join('')

const [traceLength, checkLength] = [10, 6]

export const newTrace = (): string => textOf(randomBytes(traceLength), traceLength)

/** What stands in a row of the file; `row`: the id of what it tells of. */
export const markOf = (vault: Pick<Vault, 'prove'>, trace: string, row: string): string =>
  `${trace}-${textOf(vault.prove('export row', `${trace}\u0000${row}`), checkLength)}`

/** The export's part of what somebody found in a row. */
export const traceIn = (found: string): string => found.trim().toUpperCase().split('-')[0]!
