/**
 * Who comes in: the administrator by a one-time link, scripts by an API key. Secrets are random (256 bits) and kept as
 * SHA-256 only; they are too long to guess, so no slow hash is needed.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Actor, Ctx, Permission } from '#platform/ctx'
import type { Database } from '#platform/db'
import { newId } from '#platform/ids'
import { contentHash } from '#platform/vault'
import { keyUnknown, linkSpent } from './errors.ts'

export type Role = 'administrator' | 'operator' | 'viewer'

const reading: Permission[] = [
  'members.read',
  'orders.read',
  'points.read',
  'imports.read',
  'channels.read',
  'organisation.read',
]

/** Built-in roles. Own roles and scopes come with the organisation tree. */
const permissionsOf: Record<Role, Actor['permissions']> = {
  administrator: 'all',
  operator: new Set([
    ...reading,
    'members.write',
    'members.join',
    'members.reveal',
    'orders.write',
    'points.adjust',
    'imports.write',
    'imports.undo',
    'channels.open',
  ]),
  viewer: new Set(reading),
}

export const sessionCookie = 'roundtrip_session'
export const sessionSeconds = 12 * 3600
const linkSeconds = 24 * 3600

const secret = () => randomBytes(32).toString('base64url')

export async function addSignInLink(ctx: Ctx): Promise<{ token: string; expiresAt: Date }> {
  const token = secret()
  const expiresAt = new Date(ctx.now.getTime() + linkSeconds * 1000)
  await sql`insert into access.sign_in_links (secret_hash, name, role, created_at, expires_at)
    values (${contentHash(token)}, 'Administrator', 'administrator', ${ctx.now}, ${expiresAt})`.execute(ctx.tx)
  return { token, expiresAt }
}

/** Whether a sign-in link was ever made: until then nobody can have come in. */
export async function anyoneInvited(ctx: Ctx): Promise<boolean> {
  const { rows } = await sql<{ invited: boolean }>`select exists (select from access.sign_in_links) as invited`.execute(
    ctx.tx,
  )
  return rows[0]!.invited
}

/** Spends a one-time link on a session. */
export async function signIn(ctx: Ctx, token: string): Promise<{ session: string; id: string; name: string }> {
  const { rows } = await sql<{ name: string; role: Role }>`
    update access.sign_in_links set used_at = ${ctx.now} where secret_hash = ${contentHash(token)} and used_at is null and expires_at > ${ctx.now}
    returning name, role`.execute(ctx.tx)
  const link = rows[0]
  if (!link) throw linkSpent()
  const session = secret()
  const id = newId()
  await sql`insert into access.sessions (secret_hash, id, name, role, created_at, expires_at)
    values (${contentHash(session)}, ${id}, ${link.name}, ${link.role}, ${ctx.now}, ${new Date(ctx.now.getTime() + sessionSeconds * 1000)})`.execute(
    ctx.tx,
  )
  await sql`delete from access.sessions where expires_at < ${ctx.now}`.execute(ctx.tx)
  return { session, id, name: link.name }
}

export async function signOut(ctx: Ctx, session: string): Promise<void> {
  await sql`delete from access.sessions where secret_hash = ${contentHash(session)}`.execute(ctx.tx)
}

export async function addKey(
  ctx: Ctx,
  { name, role }: { name: string; role: Role },
): Promise<{ id: string; key: string }> {
  const id = newId()
  const key = `rt_${secret()}`
  await sql`insert into access.api_keys (id, name, role, secret_hash, created_at) values (${id}, ${name}, ${role}, ${contentHash(key)}, ${ctx.now})`.execute(
    ctx.tx,
  )
  return { id, key }
}

export async function keys(
  ctx: Ctx,
): Promise<{ id: string; name: string; role: Role; createdAt: Date; lastUsedAt: Date | null }[]> {
  const { rows } = await sql<{ id: string; name: string; role: Role; createdAt: Date; lastUsedAt: Date | null }>`
    select id, name, role, created_at as "createdAt", last_used_at as "lastUsedAt" from access.api_keys where ended_at is null order by created_at`.execute(
    ctx.tx,
  )
  return rows
}

export async function endKey(ctx: Ctx, keyId: string): Promise<void> {
  const { numAffectedRows } =
    await sql`update access.api_keys set ended_at = ${ctx.now} where id = ${keyId} and ended_at is null`.execute(ctx.tx)
  if (!numAffectedRows) throw keyUnknown(keyId)
}

export interface Identified {
  actor: Actor
  name: string
  role: Role
}

/** Who holds this session or key; null for nobody. Read outside an act: it happens before every act. */
export async function identify(
  db: Database,
  { session, key }: { session: string | undefined; key: string | undefined },
): Promise<Identified | null> {
  if (key) {
    const { rows } = await sql<{ id: string; name: string; role: Role; stale: boolean }>`
      select id, name, role, coalesce(last_used_at < now() - interval '1 minute', true) as stale from access.api_keys
      where secret_hash = ${contentHash(key)} and ended_at is null`.execute(db.kysely)
    const found = rows[0]
    if (!found) return null
    if (found.stale)
      await sql`update access.api_keys set last_used_at = now() where id = ${found.id}`.execute(db.kysely)
    return {
      actor: { kind: 'key', id: found.id, permissions: permissionsOf[found.role], scope: 'group' },
      name: found.name,
      role: found.role,
    }
  }
  if (!session) return null
  const { rows } = await sql<{ id: string; name: string; role: Role }>`
    select id, name, role from access.sessions where secret_hash = ${contentHash(session)} and expires_at > ${db.clock.now()}`.execute(
    db.kysely,
  )
  const found = rows[0]
  return found
    ? {
        actor: { kind: 'staff', id: found.id, permissions: permissionsOf[found.role], scope: 'group' },
        name: found.name,
        role: found.role,
      }
    : null
}

/** The name and role behind an actor, for the page's corner. */
export async function describe(ctx: Ctx): Promise<{ name: string; role: Role }> {
  const { kind, id } = ctx.actor
  if (kind === 'system' || id === null) return { name: 'Command line', role: 'administrator' }
  const table = kind === 'key' ? sql.table('access.api_keys') : sql.table('access.sessions')
  const { rows } = await sql<{ name: string; role: Role }>`select name, role from ${table} where id = ${id}`.execute(
    ctx.tx,
  )
  return rows[0]!
}
