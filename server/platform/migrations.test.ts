import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { test as base, expect } from 'vitest'
import { migrate, readMigrations } from '#platform/migrations'
import { templateUrl } from '#platform/testing'

interface Empty {
  url: string
  ask<T extends pg.QueryResultRow>(question: string): Promise<T[]>
}

const files = {
  '0001_stores.sql': `create table stores (code text primary key); insert into stores values ('flagship')`,
  '0002_cards.sql': 'create table cards (number text primary key)',
  '0003_card_holders.sql': 'alter table cards add column holder text',
}

/** An empty database and a folder of migrations. */
const test = base.extend<{ empty: Empty; folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  empty: async ({}, use) => {
    const name = `test_${randomBytes(6).toString('hex')}`
    const url = new URL(templateUrl())
    url.pathname = '/postgres'
    const admin = new pg.Client({ connectionString: url.href })
    await admin.connect()
    await admin.query(`create database ${name}`)
    url.pathname = `/${name}`
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await use({
      url: url.href,
      ask: async <T extends pg.QueryResultRow>(question: string) => (await client.query<T>(question)).rows,
    })
    await client.end()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-migrations-'))
    await lay(folder, files)
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

async function lay(folder: string, texts: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text)
}

test('each file runs once, in order; a new one alone runs at the next start', async ({ empty, folder }) => {
  expect(await migrate(empty.url, folder)).toBe(3)
  expect(await migrate(empty.url, folder)).toBe(0)
  await lay(folder, { '0004_tills.sql': `insert into stores values ('airport')` })
  expect(await migrate(empty.url, folder)).toBe(1)
  expect(await empty.ask('select code from stores order by code')).toEqual([{ code: 'airport' }, { code: 'flagship' }])
  expect(await empty.ask('select name from public.roundtrip_migrations order by name')).toHaveLength(4)
})

test('three programs that start at once run each file once between them', async ({ empty, folder }) => {
  const ran = await Promise.all([1, 2, 3].map(() => migrate(empty.url, folder)))
  expect(ran.toSorted()).toEqual([0, 0, 3])
})

test('a file that was changed after it ran is refused by its name, and nothing new runs', async ({ empty, folder }) => {
  await migrate(empty.url, folder)
  await lay(folder, { '0002_cards.sql': 'create table cards (number int primary key)', '0004_tills.sql': 'select 1' })
  await expect(migrate(empty.url, folder)).rejects.toMatchObject({
    code: 'migrations.changed',
    params: { name: '0002_cards.sql' },
    message: expect.stringContaining('write the change as a new migration'),
  })
  expect(await empty.ask('select name from public.roundtrip_migrations')).toHaveLength(3)
})

test('the line ends that a checkout on Windows writes are no change', async ({ empty, folder }) => {
  await lay(folder, { '0001_stores.sql': 'create table stores (\n  code text primary key\n)' })
  await migrate(empty.url, folder)
  await lay(folder, { '0001_stores.sql': 'create table stores (\r\n  code text primary key\r\n)' })
  expect(await migrate(empty.url, folder)).toBe(0)
})

test('an older program that lacks a file which has run is refused by its name', async ({ empty, folder }) => {
  await migrate(empty.url, folder)
  await rm(join(folder, '0003_card_holders.sql'))
  await expect(migrate(empty.url, folder)).rejects.toMatchObject({
    code: 'migrations.missing',
    params: { name: '0003_card_holders.sql' },
  })
})

test.for([
  ['a gap', { '0005_tills.sql': 'select 1' }, { name: '0005_tills.sql', expected: 4 }],
  ['a number used twice', { '0003_tills.sql': 'select 1' }, { name: '0003_tills.sql', expected: 4 }],
  ['a name without a number', { 'tills.sql': 'select 1' }, { name: 'tills.sql', expected: 4 }],
] as const)('%s is refused by name before the database is touched', async ([, more, params], { empty, folder }) => {
  await lay(folder, more)
  await expect(migrate(empty.url, folder)).rejects.toMatchObject({ code: 'migrations.numbering', params })
  expect(await empty.ask(`select to_regclass('public.roundtrip_migrations') as ledger`)).toEqual([{ ledger: null }])
})

test('a file that fails is named and leaves nothing; those before it stay, and it runs once mended', async ({
  empty,
  folder,
}) => {
  const broken = `create table tills (code text); insert into stores values ('flagship')`
  await lay(folder, { '0004_tills.sql': broken })
  await expect(migrate(empty.url, folder)).rejects.toThrow(/^Migration 0004_tills.sql failed: duplicate key/)
  expect(await empty.ask(`select to_regclass('tills') as tills, to_regclass('cards')::text as cards`)).toEqual([
    { tills: null, cards: 'cards' },
  ])
  await lay(folder, { '0004_tills.sql': 'create table tills (code text)' })
  expect(await migrate(empty.url, folder)).toBe(1)
})

test('a file and its record stand or fall together', async ({ empty, folder }) => {
  await lay(folder, {
    '0004_tills.sql': `create table tills (code text); alter table public.roundtrip_migrations rename to elsewhere`,
  })
  await expect(migrate(empty.url, folder)).rejects.toThrow('0004_tills.sql')
  expect(await empty.ask(`select to_regclass('tills') as tills`)).toEqual([{ tills: null }])
})

test("the program's own migrations are one line without gaps, and their hashes differ", async () => {
  const own = await readMigrations()
  expect(own.length).toBeGreaterThanOrEqual(4)
  expect(new Set(own.map(({ hash }) => hash)).size).toBe(own.length)
})
