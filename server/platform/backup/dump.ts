/**
 * Makes a backup: every table of ours as it was at one moment, read by a transaction that only reads, so nobody waits
 * for it and no reaction stands still behind it. (A transaction that never writes has no transaction id; those are what
 * reactions read below.) Memory holds a few chunks, however large the database.
 */
import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { jobs, type Manifest, type TableToWrite, writeContent } from '#platform/backup/content'
import { seal } from '#platform/backup/file'
import { plainSession, quoted, sharingOf } from '#platform/backup/session'
import { ownSchemas, readMigrations } from '#platform/migrations'

type Table = Manifest['tables'][number]

/** Gives the file of a backup as a stream; whoever doesn't read it to its end destroys it. */
export async function backup({
  url,
  master,
  program,
  now,
}: {
  url: string
  master: KeyObject
  program: string
  now: Date
}): Promise<Readable> {
  const client = new pg.Client({ connectionString: url, application_name: 'roundtrip backup' })
  // A broken connection fails the query in hand, which tells of it; unheard, this event would end the program.
  client.on('error', () => {})
  await client.connect()
  try {
    await plainSession(client)
    const schemas = ownSchemas(await readMigrations())
    // Held until the connection ends: meanwhile nobody asks for a table to himself (see mayLockTables), because those
    // who came after him would wait for the backup too.
    await client.query(`select pg_advisory_lock_shared(hashtext('roundtrip.backup'))`)
    const tables = await tablesOf(client, schemas)
    await client.query('begin isolation level repeatable read read only')
    // Before the moment that is read: a table emptied between that and its turn would be empty in the backup.
    await client.query(`lock table ${tables.map(nameOf).join(', ')} in access share mode`)
    const manifest = await describe(client, schemas)
    const content = seal(writeContent(manifest, tablesToWrite(client, manifest)), { master, program, now })
    // Read to its end or given up, even before its first piece: the connection goes, and with it the lock.
    content.once('close', () => {
      client.end().catch(() => {
        // It was gone before, and whoever read the file has heard of that.
      })
    })
    return content
  } catch (error) {
    await client.end()
    throw error
  }
}

const nameOf = ({ schema, table }: { schema: string; table: string }) => `${quoted(schema)}.${quoted(table)}`

async function* tablesToWrite(client: pg.Client, { tables, partitions }: Manifest): AsyncGenerator<TableToWrite> {
  for (const { schema, table, columns } of tables) {
    const names = columns.map(quoted).join(', ')
    const parted = partitions.some((part) => part.schema === schema && part.table === table)
    const source = parted
      ? `(select ${names} from ${nameOf({ schema, table })})`
      : `${nameOf({ schema, table })} (${names})`
    yield copied(client, `${schema}.${table}`, source)
  }
  yield copied(client, jobs, `(${waitingJobs})`)
}

function copied(client: pg.Client, name: string, source: string): TableToWrite {
  const rows = client.query(copyTo(`copy ${source} to stdout`))
  return { name, rows, count: () => rows.rowCount }
}

/**
 * Jobs that are yet to run, with the tries that they have left. One that runs at this moment has not ended, so it runs
 * again, as after a crash; one that has no try left would never run, and stays behind.
 */
const waitingJobs = `
  select t.identifier, j.payload, q.queue_name, j.run_at, left_.tries, j.key, j.priority,
    array(select jsonb_object_keys(j.flags)) as flags
  from graphile_worker._private_jobs j
  join graphile_worker._private_tasks t on t.id = j.task_id
  left join graphile_worker._private_job_queues q on q.id = j.job_queue_id
  cross join lateral (select j.max_attempts - j.attempts + (j.locked_at is not null)::int as tries) left_
  where left_.tries > 0 order by j.id`

async function describe(client: pg.Client, schemas: readonly string[]): Promise<Manifest> {
  const { rows: server } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  )
  const { rows: migrations } = await client.query<{ name: string; hash: string }>(
    'select name, hash from public.roundtrip_migrations order by name',
  )
  const { rows: partitions } = await client.query<Manifest['partitions'][number]>(
    `select n.nspname as schema, p.relname as table, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
     join pg_namespace n on n.oid = p.relnamespace
     where c.relispartition and c.relkind = 'r' and n.nspname = any($1) order by 1, 2, 3`,
    [schemas],
  )
  const { rows: sequences } = await client.query<{ schema: string; name: string }>(
    `select schemaname as schema, sequencename as name from pg_sequences where schemaname = any($1) order by 1, 2`,
    [schemas],
  )
  const places: Manifest['sequences'] = []
  for (const { schema, name } of sequences) {
    const { rows } = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${quoted(schema)}.${quoted(name)}`,
    )
    places.push({ schema, name, ...rows[0]! })
  }
  return {
    postgres: server[0]!.version,
    migrations,
    tables: await tablesOf(client, schemas),
    partitions,
    sequences: places,
    sharing: await sharingOf(client),
  }
}

/** Tables with the columns that are kept (PostgreSQL computes the generated ones), referred ones before referring ones. */
async function tablesOf(client: pg.Client, schemas: readonly string[]): Promise<Table[]> {
  const { rows } = await client.query<Table & { oid: number; refers: number[] }>(
    `select c.oid, n.nspname as schema, c.relname as table,
       array(select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
       array(select distinct k.confrelid from pg_constraint k
         where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid)::int8[]::float8[] as refers
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition order by 2, 3`,
    [schemas],
  )
  const ordered: typeof rows = []
  while (ordered.length < rows.length) {
    const ready = rows.filter(
      (table) =>
        !ordered.includes(table) && table.refers.every((oid) => ordered.some((other) => other.oid === Number(oid))),
    )
    if (ready.length === 0) throw new Error('Tables refer to each other in a circle: no order to restore them in')
    ordered.push(...ready)
  }
  return ordered.map(({ schema, table, columns }) => ({ schema, table, columns }))
}
