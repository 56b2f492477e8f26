/**
 * Takes out everybody and all that happened, and leaves what the group has set up. Which tables that is, the modules
 * say (`Module.setup`); what is not named is emptied, so that a new table of members can't be forgotten.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'

/** Keys, settings, where reactions stand (the log goes on behind its present end), and who did what, this included. */
const ownSetup = [
  'platform.generations',
  'platform.settings',
  'platform.cursors',
  'platform.vault_keys',
  'platform.job_runs',
  'platform.vault_rotations',
  'platform.index_rotations',
  'platform.audit_entries',
  'platform.audit_batches',
  'platform.audit_checks',
]

/**
 * Locks all tables but those of `setup`, asks `mayGo` to refuse while nobody can write any more, and empties them. Waits
 * for whoever is at work; reactions wait for it.
 */
export async function emptyAllBut(ctx: Ctx, setup: readonly string[], mayGo: () => Promise<void>): Promise<void> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and not starts_with(n.nspname::text, 'pg_')
      and n.nspname not in ('information_schema', 'public', 'graphile_worker')
      and n.nspname || '.' || c.relname <> all(${[...ownSetup, ...setup]}::text[])
    order by 1, 2`.execute(ctx.tx)
  const tables = sql.join(rows.map(({ schema, name }) => sql.id(schema, name)))
  await sql`lock table ${tables} in access exclusive mode`.execute(ctx.tx)
  await mayGo()
  await sql`truncate ${tables}`.execute(ctx.tx)
}
