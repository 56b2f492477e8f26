/**
 * One numbered line of plain SQL files, forward only. What has run is remembered with its hash: a file that was
 * changed afterwards, or is missing, stops the program before it does harm.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { Refusal } from '#platform/errors'

export const migrationsFolder = join(import.meta.dirname, '../../db/migrations')

export interface Migration {
  name: string
  sql: string
  hash: string
}

export async function readMigrations(folder: string = migrationsFolder): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const migrations = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8')
      return { name, sql: text, hash: createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex') }
    }),
  )
  migrations.forEach(({ name }, index) => {
    const number = Number(name.slice(0, 4))
    if (number !== index + 1) {
      throw new Refusal(
        'conflict',
        'migrations.numbering',
        { name, expected: index + 1 },
        `Migration ${name} should be number ${index + 1}: a file is missing or a number is used twice.`,
      )
    }
  })
  return migrations
}

export const migrationsTable = `create table if not exists public.roundtrip_migrations (
  name text primary key, hash text not null, ran_at timestamptz not null default now())`

/** Schemas that these migrations make, in order: all that is ours in a database, which others may share. */
export function ownSchemas(migrations: readonly Migration[]): string[] {
  const made = migrations.flatMap(({ sql }) => [...sql.matchAll(/^create schema (?:if not exists )?(\w+)/gim)])
  return [...new Set(made.map((match) => match[1]!))]
}

/** Brings the database to the newest migration and says how many ran. Several programs may start at once. */
export async function migrate(url: string, folder: string = migrationsFolder): Promise<number> {
  const migrations = await readMigrations(folder)
  const client = new pg.Client({ connectionString: url })
  // A connection that is cut fails the query in hand; the event beside it, unheard, would end the program.
  client.on('error', () => {})
  await client.connect()
  try {
    // Held until the connection ends; a second program waits here and then finds nothing left to do.
    await client.query(`select pg_advisory_lock(hashtext('roundtrip.migrations'))`)
    await client.query(migrationsTable)
    const { rows: ran } = await client.query<{ name: string; hash: string }>(
      'select name, hash from public.roundtrip_migrations order by name',
    )
    const byName = new Map(migrations.map((migration) => [migration.name, migration]))
    for (const { name, hash } of ran) {
      const file = byName.get(name)
      if (!file) {
        throw new Refusal(
          'conflict',
          'migrations.missing',
          { name },
          `The database has run migration ${name}, which this program doesn't have. It was started with a newer program; use that one.`,
        )
      }
      if (file.hash !== hash) {
        throw new Refusal(
          'conflict',
          'migrations.changed',
          { name },
          `Migration ${name} was changed after it ran on this database. Put the file back and write the change as a new migration.`,
        )
      }
    }
    const done = new Set(ran.map(({ name }) => name))
    const waiting = migrations.filter(({ name }) => !done.has(name))
    for (const { name, sql, hash } of waiting) {
      await client.query('begin')
      try {
        await client.query(sql)
        await client.query('insert into public.roundtrip_migrations (name, hash) values ($1, $2)', [name, hash])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error })
      }
    }
    return waiting.length
  } finally {
    await client.end()
  }
}
