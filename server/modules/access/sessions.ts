/**
 * One-time links that invite or let back in, and sessions, which can be seen and ended. Secrets are random (256 bits)
 * and kept as SHA-256 only; they are too long to guess, so no slow hash is needed.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { emit } from '#platform/events'
import { newId } from '#platform/ids'
import { contentHash } from '#platform/vault'
import { linkSpent, sessionUnknown } from './errors.ts'
import { staffOf } from './staff.ts'

export const sessionCookie = 'roundtrip_session'
export const sessionSeconds = 12 * 3600
/** Without a request for so long a session ends by itself. */
export const idleSeconds = 2 * 3600
const linkSeconds = 24 * 3600
/** So long after coming in by a link a password can be replaced without the old one. */
const replacingSeconds = 1800
/** Requests that were on their way when a session got its new secret. */
const formerSeconds = 15

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

/** Spends a one-time link; says whose it was. */
export async function spendLink(ctx: Ctx, token: string): Promise<string> {
  const { rows } = await sql<{ staffId: string }>`
    update access.sign_in_links set used_at = ${ctx.now} where secret_hash = ${contentHash(token)} and used_at is null and expires_at > ${ctx.now}
    returning staff_id as "staffId"`.execute(ctx.tx)
  const link = rows[0]
  if (!link) throw linkSpent()
  if ((await staffOf(ctx, link.staffId)).leftAt) throw linkSpent()
  return link.staffId
}

export type Way = 'link' | 'password' | 'provider'

export async function openSession(
  ctx: Ctx,
  staffId: string,
  { address, agent, way, mustEnrol }: From & { way: Way; mustEnrol: boolean },
): Promise<string> {
  const session = newSecret()
  await sql`insert into access.sessions (secret_hash, id, staff_id, created_at, expires_at, address, agent, last_seen_at, way, proved_at, must_enrol)
    values (${contentHash(session)}, ${newId()}, ${staffId}, ${ctx.now}, ${new Date(ctx.now.getTime() + sessionSeconds * 1000)},
      ${address}, ${agent?.slice(0, 300) ?? null}, ${ctx.now}, ${way}, ${ctx.now}, ${mustEnrol})`.execute(ctx.tx)
  await sql`delete from access.sessions where expires_at < ${ctx.now}`.execute(ctx.tx)
  await emit(ctx, { type: 'access.signed_in', memberId: null, payload: { staffId, way } })
  return session
}

/** Gives a session that has just proved who it is another secret, so that one taken before gains nothing by it. */
export async function renewSession(ctx: Ctx, session: string, { enrolled = false } = {}): Promise<string> {
  const next = newSecret()
  const { numAffectedRows } = await sql`update access.sessions set former_hash = secret_hash,
      former_until = ${new Date(ctx.now.getTime() + formerSeconds * 1000)}, secret_hash = ${contentHash(next)},
      proved_at = ${ctx.now}, must_enrol = must_enrol and ${!enrolled}
    where secret_hash = ${contentHash(session)}`.execute(ctx.tx)
  if (!numAffectedRows) throw sessionUnknown('own')
  return next
}

/** How this session came in, and whether that was by a link lately. */
export async function wayOf(ctx: Ctx, session: string): Promise<{ id: string; way: Way; byFreshLink: boolean } | null> {
  const fresh = new Date(ctx.now.getTime() - replacingSeconds * 1000)
  const { rows } = await sql<{ id: string; way: Way; byFreshLink: boolean }>`
    select id, way, way = 'link' and created_at > ${fresh} as "byFreshLink" from access.sessions
    where secret_hash = ${contentHash(session)}`.execute(ctx.tx)
  return rows[0] ?? null
}

/** Sessions that nobody has used since are over. */
export const idleSince = (now: Date) => new Date(now.getTime() - idleSeconds * 1000)

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
    from access.sessions where staff_id = ${staffId} and expires_at > ${ctx.now}
      and coalesce(last_seen_at, created_at) > ${idleSince(ctx.now)} order by created_at desc`.execute(ctx.tx)
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

/** Ends all sessions of somebody but the one kept, and what looked as them; their unused links with them. */
export async function endSessions(
  ctx: Ctx,
  staffId: string,
  { keep = null }: { keep?: string | null } = {},
): Promise<number> {
  const kept = keep === null ? sql`true` : sql`secret_hash <> ${contentHash(keep)}`
  const { numAffectedRows } = await sql`delete from access.sessions where staff_id = ${staffId} and ${kept}`.execute(
    ctx.tx,
  )
  await sql`delete from access.tickets where staff_id = ${staffId}`.execute(ctx.tx)
  await sql`delete from access.sign_in_links where staff_id = ${staffId} and used_at is null`.execute(ctx.tx)
  const ended = Number(numAffectedRows ?? 0)
  if (ended > 0) await emit(ctx, { type: 'access.sessions_ended', memberId: null, payload: { staffId, ended } })
  return ended
}

/** Looks at the console as somebody else, reading only; null looks as oneself again. */
export async function seeAs(ctx: Ctx, session: string, staffId: string | null): Promise<void> {
  if (staffId !== null) await staffOf(ctx, staffId)
  await sql`update access.sessions set seen_as = ${staffId} where secret_hash = ${contentHash(session)}`.execute(ctx.tx)
}
