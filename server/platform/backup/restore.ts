/**
 * Brings a backup back. All of it is one transaction: the tables are made by the migrations that the backup's database
 * had run, filled, and given a new generation of the log; whatever fails on the way, the database stays as it was.
 *
 * Why no reaction runs an event twice or misses one: events and cursors are of one moment. A cursor never stands behind
 * (beyond) an event that was still being written, so each event that came into the backup is either before its cursor,
 * with its effects in the backup, or after it. All of them are of older generations now, which count as complete; what
 * is written from here on is of the new one and stands after them, whatever the transaction ids of this server.
 */
import type { KeyObject } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { backupRestored } from '#platform/audit'
import { type Counted, jobs, type Manifest, readContent, type TableToRead } from '#platform/backup/content'
import {
  changedMigration,
  damaged,
  databaseFull,
  databaseInUse,
  foreignDatabase,
  newerProgram,
  notEmpty,
  unevenLanes,
} from '#platform/backup/errors'
import { type Header, unseal } from '#platform/backup/file'
import { plainSession, quoted, sharingOf } from '#platform/backup/session'
import { sqlStateOf } from '#platform/errors'
import { prepareJobs } from '#platform/jobs'
import { type Migration, migrationsTable, ownSchemas, readMigrations } from '#platform/migrations'
import { rebuildAnew } from '#platform/warehouse-feed'

export interface Contents extends Counted {
  header: Header
  manifest: Manifest
}

/**
 * Reads the whole file and touches nothing else: every frame, hash and count, and whether this program knows the
 * backup's migrations.
 *
 * @throws Refusal backup.not_a_backup, .newer_format, .wrong_master_key, .damaged, .newer_program, .other_migration
 */
export async function checkBackup(file: AsyncIterable<Buffer>, master: KeyObject): Promise<Contents> {
  const { header, content } = await unseal(file, master)
  let manifest: Manifest | undefined
  const counted = await readContent(content, {
    begin: async (read) => {
      manifest = read
      await migrationsOf(read)
    },
    take: async ({ rows }) => {
      let lines = 0
      // A row of COPY's text is a line; line ends within values are written otherwise.
      for await (const chunk of rows) {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
      }
      return lines
    },
  }).finally(() => content.end())
  return { header, manifest: manifest!, ...counted }
}

/** The migrations that the backup's database had run, which are the first ones of this program. */
async function migrationsOf(manifest: Manifest): Promise<Migration[]> {
  const known = await readMigrations()
  return manifest.migrations.map(({ name, hash }, index) => {
    const own = known[index]
    if (own?.name !== name) throw newerProgram(name)
    if (own.hash !== hash) throw changedMigration(name)
    return own
  })
}

/** `nothing`: no program has begun here. `no members`: a program has, and nobody is in it yet. */
export type Emptiness = 'nothing' | 'no members'

/**
 * What stands where a backup is to go.
 *
 * @throws Refusal backup.not_empty, .foreign_database
 */
export async function emptinessOf(url: string): Promise<Emptiness> {
  return await connected(url, (client) => emptiness(client))
}

async function emptiness(client: pg.Client): Promise<Emptiness> {
  const schemas = ownSchemas(await readMigrations())
  const { rows: there } = await client.query<{ schema: string }>(
    'select nspname as schema from pg_namespace where nspname = any($1) order by 1',
    [schemas],
  )
  if (there.length === 0) return 'nothing'
  const { rows: ours } = await client.query(
    `select from pg_class where oid = to_regclass('public.roundtrip_migrations')`,
  )
  if (ours.length === 0) throw foreignDatabase(there[0]!.schema)
  const { rows: tables } = await client.query<{ schema: string; table: string }>(
    `select n.nspname as schema, c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition and exists (
       select from pg_attribute a where a.attrelid = c.oid and a.attname = 'member_id' and not a.attisdropped)
     order by n.nspname = 'platform', 1, 2`,
    [schemas],
  )
  for (const { schema, table } of tables) {
    const { rows } = await client.query(
      `select from ${quoted(schema)}.${quoted(table)} where member_id <> '00000000-0000-0000-0000-000000000000' limit 1`,
    )
    if (rows.length > 0) throw notEmpty(`${schema}.${table}`)
  }
  return 'no members'
}

/**
 * Fills the database from the file, whose manifest `checkBackup` has read. The program begins as after any stop; its
 * first work is to build the warehouse.
 *
 * @throws Refusal as `checkBackup` and `emptinessOf`; backup.database_in_use, .uneven_lanes, disk.full
 */
export async function restore({
  url,
  file,
  master,
  onTable = () => {},
}: {
  url: string
  file: AsyncIterable<Buffer>
  master: KeyObject
  onTable?: (name: string) => void
}): Promise<Counted> {
  // An empty place for jobs is nothing that anybody would miss, and graphile-worker makes it in its own way.
  await prepareJobs(url)
  return await connected(url, async (client) => {
    await alone(client)
    await emptiness(client)
    const { content } = await unseal(file, master)
    await client.query('begin')
    let manifest: Manifest | undefined
    try {
      const counted = await readContent(content, {
        begin: async (read) => {
          manifest = read
          await makeTables(client, manifest)
        },
        take: (table) => {
          onTable(table.name)
          return table.name === jobs ? takeJobs(client, table) : takeRows(client, manifest!, table)
        },
      })
      await beginAnew(client, manifest!)
      await client.query('commit')
      // The planner knows nothing of the new tables, and would read them whole until it is told.
      await client.query('analyze')
      return counted
    } catch (error) {
      await client.query('rollback').catch(() => {
        // The connection is gone, and with it the transaction.
      })
      throw sqlStateOf(error) === '53100' ? databaseFull() : error
    } finally {
      await content.end()
    }
  })
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'roundtrip restore' })
  // A broken connection fails the query in hand, which tells of it; unheard, this event would end the program.
  client.on('error', () => {})
  await client.connect()
  try {
    await plainSession(client)
    return await work(client)
  } finally {
    await client.end()
  }
}

/** A program that starts meanwhile waits for the same lock, and finds the migrations done. */
async function alone(client: pg.Client): Promise<void> {
  // Connections of a program that has just stopped are still listed for a moment.
  for (let tries = 20; ; tries--) {
    const { rows } = await client.query<{ mine: boolean; others: boolean }>(
      `select pg_try_advisory_lock(hashtext('roundtrip.migrations')) as mine, exists (
         select from pg_stat_activity where datname = current_database() and application_name = 'roundtrip') as others`,
    )
    if (rows[0]!.mine && !rows[0]!.others) return
    if (tries === 0) throw databaseInUse()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function makeTables(client: pg.Client, manifest: Manifest): Promise<void> {
  const migrations = await migrationsOf(manifest)
  await client.query(
    `drop schema if exists ${ownSchemas(await readMigrations())
      .map(quoted)
      .join(', ')} cascade`,
  )
  await client.query(migrationsTable)
  await client.query('delete from public.roundtrip_migrations')
  for (const { name, sql, hash } of migrations) {
    await client.query(sql)
    await client.query('insert into public.roundtrip_migrations (name, hash) values ($1, $2)', [name, hash])
  }
  for (const { schema, table, name, bound } of manifest.partitions) {
    await client.query(
      `create table if not exists ${quoted(schema)}.${quoted(name)} partition of ${quoted(schema)}.${quoted(table)} ${bound}`,
    )
  }
  // What migrations put in is in the backup too, as it was then.
  await client.query(
    `truncate ${manifest.tables.map(({ schema, table }) => `${quoted(schema)}.${quoted(table)}`).join(', ')}`,
  )
  for (const { schema, name, last, called } of manifest.sequences) {
    await client.query('select setval($1::regclass, $2, $3)', [`${quoted(schema)}.${quoted(name)}`, last, called])
  }
}

/** Numbers of identity columns come as they were: COPY writes them even where they are always generated. */
async function takeRows(
  client: pg.Client,
  { tables, partitions }: Manifest,
  { name, rows }: TableToRead,
): Promise<number> {
  const found = tables.find(({ schema, table }) => `${schema}.${table}` === name)
  if (!found) throw damaged(`${name} is not in the manifest`)
  const { schema, table, columns } = found
  // Rows of a table that was made in this transaction need no later visit to be marked as visible to all.
  const parted = partitions.some((part) => part.schema === schema && part.table === table)
  return await copyIn(
    client,
    `${quoted(schema)}.${quoted(table)} (${columns.map(quoted).join(', ')})`,
    parted ? '' : ' with (freeze)',
    rows,
  )
}

async function copyIn(
  client: pg.Client,
  target: string,
  options: string,
  rows: AsyncIterable<Buffer>,
): Promise<number> {
  const copying = client.query(copyFrom(`copy ${target} from stdin${options}`))
  await pipeline(Readable.from(rows, { objectMode: false }), copying)
  return copying.rowCount
}

/** By graphile-worker's own function for many, so that its tables may look otherwise in another version. */
async function takeJobs(client: pg.Client, { rows }: TableToRead): Promise<number> {
  await client.query(`create temp table restored_jobs (
    place bigint generated always as identity primary key, task text, payload json, queue text, run_at timestamptz,
    tries smallint, key text, priority smallint, flags text[]) on commit drop`)
  const columns = 'task, payload, queue, run_at, tries, key, priority, flags'
  const count = await copyIn(client, `restored_jobs (${columns})`, '', rows)
  await client.query('delete from graphile_worker._private_jobs')
  const atOnce = 1_000
  for (let after = 0; after < count; after += atOnce) {
    await client.query(
      `select count(*) from (
         select graphile_worker.add_jobs(array_agg((task, payload, queue, run_at, tries, key, priority, flags)::graphile_worker.job_spec order by place))
         from restored_jobs where place > $1 and place <= $2
       ) added`,
      [after, after + atOnce],
    )
  }
  return count
}

/** What makes this database a new one: a generation of the log, and a warehouse that is yet to be built. */
async function beginAnew(client: pg.Client, manifest: Manifest): Promise<void> {
  const { rows: uneven } = await client.query<{ reaction: string }>(
    `select reaction from platform.cursors group by reaction, lanes
     having lanes > 1 and (count(*) < lanes or count(distinct (generation, xid, id)) > 1) limit 1`,
  )
  // Where lanes stand at different places, a member who changed the lane would hear an event twice or never.
  const sharing = await sharingOf(client)
  if (uneven[0] && sharing.some((hash, index) => hash !== manifest.sharing[index]))
    throw unevenLanes(uneven[0].reaction)
  // Always, even on the same server: its transaction ids may have been set back (a copy of its disk brought back).
  await client.query(
    `insert into platform.generations (generation, system_identifier)
     select (select coalesce(max(generation), 0) + 1 from platform.generations), system_identifier::text from pg_control_system()`,
  )
  await client.query('select graphile_worker.add_job($1, $2::json, job_key => $3)', [
    rebuildAnew.name,
    JSON.stringify(rebuildAnew.payload),
    rebuildAnew.key,
  ])
  await client.query('select graphile_worker.add_job($1, $2::json, job_key => $1)', [backupRestored.job, '{}'])
}
