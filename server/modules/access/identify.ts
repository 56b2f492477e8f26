/** Who holds a session or a key, and what that lets them do. Read outside an act: it happens before every act. */
import { sql } from 'kysely'
import type { Actor } from '#platform/ctx'
import type { Database } from '#platform/db'
import { contentHash } from '#platform/vault'
import { idleSince } from './sessions.ts'
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

/** After so long somebody proves again that it is they, before a dangerous act. */
const proofSeconds = 15 * 60

async function identifySession(db: Database, session: string): Promise<Actor | null> {
  const now = db.clock.now()
  const hash = contentHash(session)
  const { rows } = await sql<{
    id: string
    staffId: string
    seenAs: string | null
    stale: boolean
    proved: boolean
    mustEnrol: boolean
    hasPassword: boolean
    hasFactor: boolean
  }>`
    select s.id, s.staff_id as "staffId", s.seen_as as "seenAs", s.must_enrol as "mustEnrol",
      coalesce(s.last_seen_at < ${new Date(now.getTime() - 60_000)}, true) as stale,
      -- The secret before has proved nothing.
      s.secret_hash = ${hash} and coalesce(s.proved_at > ${new Date(now.getTime() - proofSeconds * 1000)}, false) as proved,
      exists (select from access.passwords p where p.staff_id = s.staff_id) as "hasPassword",
      exists (select from access.second_factors f where f.staff_id = s.staff_id and f.confirmed_at is not null) as "hasFactor"
    from access.sessions s join access.staff t on t.id = s.staff_id
    where (s.secret_hash = ${hash} or (s.former_hash = ${hash} and s.former_until > ${now}))
      and s.expires_at > ${now} and coalesce(s.last_seen_at, s.created_at) > ${idleSince(now)} and t.left_at is null`.execute(
    db.kysely,
  )
  const found = rows[0]
  if (!found) return null
  if (found.stale) await sql`update access.sessions set last_seen_at = ${now} where id = ${found.id}`.execute(db.kysely)
  const staffId = found.seenAs ?? found.staffId
  const ways = [...(found.hasPassword ? ['password' as const] : []), ...(found.hasFactor ? ['code' as const] : [])]
  const who = {
    kind: 'staff',
    id: staffId,
    ...(found.seenAs && { readOnly: true }),
    ...(found.mustEnrol && { mustEnrol: true }),
    ...(!found.proved && ways.length > 0 && { mustProveBy: ways }),
  } as const
  return actorWith(who, await grantsOf({ tx: db.kysely }, staffId))
}
