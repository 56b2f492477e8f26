/**
 * Many rows in one insert, as arrays of their columns. A column that is the same in every row is written once: most of
 * what a batch writes is, and both the driver and PostgreSQL work through an array value by value. Bytes go as one
 * block and are cut apart there, because an array would carry them as hexadecimal text.
 */
import { type RawBuilder, sql } from 'kysely'

type Value = string | number | boolean | Date | null
type Type = 'uuid' | 'text' | 'smallint' | 'int' | 'bigint' | 'boolean' | 'timestamptz' | 'date' | 'jsonb'

/** How a column comes by its value: its type and how a row gives it, or an expression that holds for all rows. */
export type Column<R> =
  | readonly [Type, (row: R) => Value]
  | readonly ['bytea', (row: R) => Uint8Array | null]
  | RawBuilder<unknown>

/** Name → column, in the order of the insert. */
export type Columns<R> = Readonly<Record<string, Column<R>>>

/** At least one row. Whoever needs it adds `on conflict …` or `returning …`. */
export function insertOf<R>(table: string, columns: Columns<R>, rows: readonly R[]): RawBuilder<unknown> {
  const arrays: { name: string; type: string; array: string }[] = []
  const array = (name: string, type: string, values: readonly Value[]) => {
    arrays.push({ name, type, array: arrayOf(values) })
    return sql.id('v', name)
  }
  const wanted = Object.entries(columns).map(([name, column]) => {
    if (!isTyped(column)) return column
    if (column[0] === 'bytea') {
      const parts = rows.map(column[1])
      const lengths = parts.map((part) => part?.length ?? null)
      let next = 1
      const starts = lengths.map((length) => {
        const start = next
        next += length ?? 0
        return start
      })
      const block = Buffer.concat(parts.filter((part) => part !== null))
      return sql`substring(${block}::bytea from ${array(`${name} from`, 'int', starts)} for ${array(`${name} length`, 'int', lengths)})`
    }
    const [type, read] = column
    const values = rows.map(read)
    const first = values[0]!
    // One array says how many rows there are.
    if (arrays.length > 0 && values.every((value) => isSame(value, first)))
      return sql`${first instanceof Date ? first.toISOString() : first}::${sql.raw(type)}`
    return array(name, type, values)
  })
  return sql`insert into ${sql.table(table)} (${sql.join(Object.keys(columns).map((name) => sql.id(name)))}) select ${sql.join(wanted)}
    from unnest(${sql.join(arrays.map(({ type, array }) => sql`${array}::${sql.raw(type)}[]`))}) as v(${sql.join(arrays.map(({ name }) => sql.id(name)))})`
}

function isTyped<R>(column: Column<R>): column is Exclude<Column<R>, RawBuilder<unknown>> {
  return Array.isArray(column)
}

const isSame = (a: Value, b: Value) =>
  a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime())

/** An array in PostgreSQL's own writing. Texts are quoted; ids, numbers and times need no quotes. */
export function arrayOf(values: readonly Value[]): string {
  return `{${values.map(elementOf).join(',')}}`
}

const plain = /^[\w:.+-]+$/

function elementOf(value: Value): string | number | boolean {
  if (value === null) return 'NULL'
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'string') return value
  // `null` without quotes would be no value.
  return plain.test(value) && value.length !== 4 ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`
}
