/**
 * Coming in: by a one-time link that invites or lets back in, into a session that can be seen and ended. Secrets are
 * random (256 bits) and kept as SHA-256 only; they are too long to guess, so no slow hash is needed.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { newId } from '#platform/ids'
import { contentHash } from '#platform/vault'
import { linkSpent, sessionUnknown } from './errors.ts'
import { staffOf } from './staff.ts'

export const sessionCookie = 'roundtrip_session'
export const sessionSeconds = 12 * 3600
const linkSeconds = 24 * 3600

export const newSecret = () => randomBytes(32).toString('base64url')

/** Who asks, as far as the connection tells. */
export interface From {
  address: string
  agent: string | null
}

/** A link that signs one member of staff in, once. */
export async function addSignInLink(ctx: Ctx, staffId: string): Promise<{ token: string; expiresAt: Date }> {
  const { leftAt } = await staffOf(ctx, staffId)
  if (leftAt) throw linkSpent()
  const token = newSecret()
  const expiresAt = new Date(ctx.now.getTime() + linkSeconds * 1000)
  await sql`insert into access.sign_in_links (secret_hash, staff_id, created_at, expires_at)
    values (${contentHash(token)}, ${staffId}, ${ctx.now}, ${expiresAt})`.execute(ctx.tx)
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
export async function signIn(
  ctx: Ctx,
  token: string,
  from: From,
): Promise<{ session: string; staffId: string; name: string }> {
  const { rows } = await sql<{ staffId: string }>`
    update access.sign_in_links set used_at = ${ctx.now} where secret_hash = ${contentHash(token)} and used_at is null and expires_at > ${ctx.now}
    returning staff_id as "staffId"`.execute(ctx.tx)
  const link = rows[0]
  if (!link) throw linkSpent()
  const { name, leftAt } = await staffOf(ctx, link.staffId)
  if (leftAt) throw linkSpent()
  return { session: await openSession(ctx, link.staffId, from), staffId: link.staffId, name }
}

export async function openSession(ctx: Ctx, staffId: string, { address, agent }: From): Promise<string> {
  const session = newSecret()
  await sql`insert into access.sessions (secret_hash, id, staff_id, created_at, expires_at, address, agent, last_seen_at)
    values (${contentHash(session)}, ${newId()}, ${staffId}, ${ctx.now}, ${new Date(ctx.now.getTime() + sessionSeconds * 1000)},
      ${address}, ${agent?.slice(0, 300) ?? null}, ${ctx.now})`.execute(ctx.tx)
  await sql`delete from access.sessions where expires_at < ${ctx.now}`.execute(ctx.tx)
  return session
}

export async function signOut(ctx: Ctx, session: string): Promise<void> {
  await sql`delete from access.sessions where secret_hash = ${contentHash(session)}`.execute(ctx.tx)
}

export interface SessionRow {
  id: string
  createdAt: Date
  lastSeenAt: Date | null
  expiresAt: Date
  address: string | null
  agent: string | null
}

/** Where somebody is signed in, newest first. */
export async function sessionsOf(ctx: Ctx, staffId: string): Promise<SessionRow[]> {
  const { rows } = await sql<SessionRow>`
    select id, created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt", address, agent
    from access.sessions where staff_id = ${staffId} and expires_at > ${ctx.now} order by created_at desc`.execute(
    ctx.tx,
  )
  return rows
}

/** Ends one session of somebody; of others nothing is found. */
export async function endSession(
  ctx: Ctx,
  { staffId, sessionId }: { staffId: string; sessionId: string },
): Promise<void> {
  const { numAffectedRows } =
    await sql`delete from access.sessions where id = ${sessionId} and staff_id = ${staffId}`.execute(ctx.tx)
  if (!numAffectedRows) throw sessionUnknown(sessionId)
}

/** Looks at the console as somebody else, reading only; null looks as oneself again. */
export async function seeAs(ctx: Ctx, session: string, staffId: string | null): Promise<void> {
  if (staffId !== null) await staffOf(ctx, staffId)
  await sql`update access.sessions set seen_as = ${staffId} where secret_hash = ${contentHash(session)}`.execute(ctx.tx)
}
