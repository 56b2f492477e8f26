/**
 * Many rows in one insert, as arrays of their columns. A column that is the same in every row is written once: most of
 * what a batch of awards writes is, and both the driver and PostgreSQL work through an array value by value.
 */
import { type RawBuilder, sql } from 'kysely'

type Value = string | number | boolean | Date | null
type Type = 'uuid' | 'text' | 'smallint' | 'int' | 'bigint' | 'boolean' | 'timestamptz' | 'jsonb'

/** Name → type and value, in the order of the insert. */
export type Columns<R> = Readonly<Record<string, readonly [Type, (row: R) => Value]>>

export function insertOf<R>(table: string, columns: Columns<R>, rows: readonly R[]): RawBuilder<unknown> {
  const written = Object.entries(columns).map(([name, [type, read]], place) => {
    const values = rows.map(read)
    // The first one says how many rows there are.
    return {
      name,
      type: sql.raw(type),
      values,
      varies: place === 0 || !values.every((value) => isSame(value, values[0]!)),
    }
  })
  const names = written.map(({ name }) => sql.id(name))
  const wanted = written.map(({ name, type, values, varies }) =>
    varies ? sql.id('v', name) : sql`${values[0]}::${type}`,
  )
  const varying = written.filter(({ varies }) => varies)
  const arrays = varying.map(({ type, values }) => sql`${arrayOf(values)}::${type}[]`)
  return sql`insert into ${sql.table(table)} (${sql.join(names)}) select ${sql.join(wanted)}
    from unnest(${sql.join(arrays)}) as v(${sql.join(varying.map(({ name }) => sql.id(name)))})`
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
