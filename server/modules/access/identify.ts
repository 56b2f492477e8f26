/** Who holds a session or a key, and what that lets them do. Read outside an act: it happens before every act. */
import { sql } from 'kysely'
import type { Actor } from '#platform/ctx'
import type { Database } from '#platform/db'
import { contentHash } from '#platform/vault'
import { actorWith, grantsOf } from './staff.ts'

/** The actor behind this session or key; null for nobody. */
export async function identify(
  db: Database,
  { session, key }: { session: string | undefined; key: string | undefined },
): Promise<Actor | null> {
  if (key) return identifyKey(db, key)
  if (session) return identifySession(db, session)
  return null
}

async function identifyKey(db: Database, key: string): Promise<Actor | null> {
  const { rows } = await sql<{ id: string; stale: boolean }>`
    select id, coalesce(last_used_at < now() - interval '1 minute', true) as stale from access.api_keys
    where secret_hash = ${contentHash(key)} and ended_at is null and (expires_at is null or expires_at > ${db.clock.now()})`.execute(
    db.kysely,
  )
  const found = rows[0]
  if (!found) return null
  if (found.stale) await sql`update access.api_keys set last_used_at = now() where id = ${found.id}`.execute(db.kysely)
  return actorWith({ kind: 'key', id: found.id }, await grantsOf({ tx: db.kysely }, found.id))
}

async function identifySession(db: Database, session: string): Promise<Actor | null> {
  const { rows } = await sql<{ id: string; staffId: string; seenAs: string | null; stale: boolean }>`
    select s.id, s.staff_id as "staffId", s.seen_as as "seenAs", coalesce(s.last_seen_at < now() - interval '1 minute', true) as stale
    from access.sessions s join access.staff t on t.id = s.staff_id
    where s.secret_hash = ${contentHash(session)} and s.expires_at > ${db.clock.now()} and t.left_at is null`.execute(
    db.kysely,
  )
  const found = rows[0]
  if (!found) return null
  if (found.stale) await sql`update access.sessions set last_seen_at = now() where id = ${found.id}`.execute(db.kysely)
  const staffId = found.seenAs ?? found.staffId
  const who = { kind: 'staff', id: staffId, ...(found.seenAs && { readOnly: true }) } as const
  return actorWith(who, await grantsOf({ tx: db.kysely }, staffId))
}
