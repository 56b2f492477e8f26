import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { test } from '#platform/testing'
import { arrayOf, type Columns, insertOf } from './rows.ts'

interface Row {
  id: string
  text: string | null
  at: Date | null
  count: number
  yes: boolean
  more: string | null
  bytes: Buffer | null
}
const columns: Columns<Row> = {
  id: ['uuid', (row) => row.id],
  text: ['text', (row) => row.text],
  at: ['timestamptz', (row) => row.at],
  count: ['bigint', (row) => row.count],
  yes: ['boolean', (row) => row.yes],
  more: ['jsonb', (row) => row.more],
  bytes: ['bytea', (row) => row.bytes],
  made: sql`count(*) over ()`,
}

test('rows come back as they were given, whether or not a column varies', async ({ ctx }) => {
  await sql`create table platform.tried (id uuid, text text, at timestamptz, count bigint, yes boolean, more jsonb, bytes bytea, made int)`.execute(
    ctx.tx,
  )
  const texts = [
    '',
    'null',
    'NULL',
    'a,b',
    '{x}',
    '"quoted"',
    'back\\slash',
    "it's",
    ' spaces ',
    '中文',
    'new\nline',
    null,
  ]
  const rows = texts.map((text, n) => ({
    id: randomUUID(),
    text,
    at: n % 2 ? null : new Date(1_700_000_000_000 + n),
    count: n * 9_000_000_000,
    yes: n % 3 === 0,
    more: text === null ? null : JSON.stringify({ text }),
    bytes: n === 3 ? null : Buffer.from(n === 4 ? '' : `${text}\u0000ÿ`.repeat(n)),
  }))
  const same = texts.map((text) => ({
    id: randomUUID(),
    text: 'same',
    at: new Date(0),
    count: 1,
    yes: true,
    more: null,
    bytes: null,
    was: text,
  }))
  for (const some of [rows, same, rows.slice(0, 1)]) {
    await insertOf('platform.tried', columns, some).execute(ctx.tx)
    const { rows: read } =
      await sql<Row>`delete from platform.tried returning id, text, at, count, yes, more::text as more, bytes, made`.execute(
        ctx.tx,
      )
    const written = new Map<string, Row>(some.map((row) => [row.id, row]))
    expect(read).toHaveLength(some.length)
    for (const { more, ...row } of read) {
      const { more: expected, id, text, at, count, yes, bytes } = written.get(row.id)!
      expect(row).toEqual({ id, text, at, count, yes, bytes, made: some.length })
      expect(more && JSON.parse(more)).toEqual(expected && JSON.parse(expected))
    }
  }
})

test.for([
  ['uuid', ['00000000-0000-0000-0000-000000000000', 'FFffFFff-0123-4567-89ab-cdefCDEF0000'.toLowerCase()]],
  ['smallint', [-32_768, 0, 32_767]],
  ['int', [-2_147_483_648, 0, 2_147_483_647]],
  ['bigint', [-9_007_199_254_740_991, 0, 9_007_199_254_740_991]],
  ['boolean', [true, false]],
  ['date', ['0001-01-01', '1969-12-31', '2000-01-01', '2000-02-29', '9999-12-31']],
  ['timestamptz', [new Date('0001-01-01T00:00:00Z'), new Date(0), new Date('9999-12-31T23:59:59.999Z')]],
  ['text', ['', 'a', '中\u{1F600}', 'Ж'.repeat(5_000)]],
] as const)('an array of %s is what was meant', async ([type, values], { ctx }) => {
  const { rows } = await sql<{
    value: unknown
  }>`select value from unnest(${arrayOf(type, [...values, null])}) as value`.execute(ctx.tx)
  expect(rows.map(({ value }) => value)).toEqual([...values, null])
  const { rows: none } = await sql`select from unnest(${arrayOf(type, [])})`.execute(ctx.tx)
  expect(none).toHaveLength(0)
})

test('what is no id or no date is refused, not written as another', () => {
  for (const id of [
    '',
    'x',
    '00000000-0000-0000-0000-00000000000',
    '0000000000000000000000000000000000000',
    'ÿ0000000-0000-0000-0000-000000000000',
  ])
    expect(() => arrayOf('uuid', [id])).toThrow('Not a uuid')
  for (const day of ['', '2026-02-30x', 'tomorrow']) expect(() => arrayOf('date', [day])).toThrow('Not a date')
})
