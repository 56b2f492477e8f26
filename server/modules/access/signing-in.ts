/**
 * Coming in, by a link, a password or the group's identity provider, and by a code after it where there is a second
 * factor. Tries are counted in an act of their own before anything is looked at.
 */
import { sql } from 'kysely'
import { record } from '#platform/audit'
import type { Actor, Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import type { House } from '#platform/house'
import { contentHash } from '#platform/vault'
import { codeWrong, nothingToProveBy, passwordWrong, signInWrong, ticketSpent } from './errors.ts'
import { fits, hashOf, passwordOf, refuseWeak, setPassword } from './passwords.ts'
import { codeOpens, secondFactorNeeded, secondFactorSince } from './second-factor.ts'
import { endSessions, type From, newSecret, openSession, renewSession, spendLink, type Way, wayOf } from './sessions.ts'
import { staffByLogin, staffOf } from './staff.ts'
import { countTry, forgiveTry, type Limit, limitsOf, type TriedFrom } from './tries.ts'

const ticketSeconds = 5 * 60

/** In: a session. Or half way: a ticket, for which a code of the second factor is awaited. */
export type ComingIn = { name: string; session: string; ticket: null } | { name: null; session: null; ticket: string }

export interface Comer extends From {
  from: TriedFrom
}

/** The first half of coming in is done; without a second factor it is the whole. */
export async function comeIn(ctx: Ctx, staffId: string, way: Way, from: From): Promise<ComingIn> {
  const { name } = await staffOf(ctx, staffId)
  // The log says who came, which the request could not.
  if (ctx.actor.asking) await record(ctx, { by: { kind: 'staff', id: staffId }, fields: [] })
  if (await secondFactorSince(ctx, staffId)) {
    const ticket = newSecret()
    await sql`insert into access.tickets (secret_hash, staff_id, way, expires_at)
      values (${contentHash(ticket)}, ${staffId}, ${way}, ${new Date(ctx.now.getTime() + ticketSeconds * 1000)})`.execute(
      ctx.tx,
    )
    return { name: null, session: null, ticket }
  }
  // Whoever comes by the identity provider is asked for more than a password there, or not, as the group has it there.
  const mustEnrol = way !== 'provider' && (await secondFactorNeeded(ctx, staffId))
  return { name, session: await openSession(ctx, staffId, { ...from, way, mustEnrol }), ticket: null }
}

export async function signInByLink(ctx: Ctx, token: string, from: From): Promise<ComingIn> {
  return comeIn(ctx, await spendLink(ctx, token), 'link', from)
}

/** The same answer after the same time, whether the login is unknown, has no password, or the password is wrong. */
export async function signInByPassword(
  { db }: House,
  actor: Actor,
  { login, password, from, ...comer }: Comer & { login: string; password: string },
): Promise<ComingIn> {
  const limits = limitsOf('password', from, `login ${login.toLowerCase()}`)
  await counted({ db }, actor, limits)
  const known = await inTx(db, actor, async (ctx) => {
    const staff = await staffByLogin(ctx, login)
    return { staffId: staff?.id ?? null, hash: staff ? ((await passwordOf(ctx, staff.id))?.hash ?? null) : null }
  })
  const right = await fits(password, known.hash)
  if (!right || known.staffId === null) throw signInWrong()
  const { staffId, hash } = known
  return inTx(db, actor, async (ctx) => {
    // It may have been changed, or they may have left, while it was computed.
    if ((await passwordOf(ctx, staffId))?.hash !== hash || (await staffOf(ctx, staffId)).leftAt) throw signInWrong()
    await forgiveTry(ctx, limits)
    return comeIn(ctx, staffId, 'password', comer)
  })
}

/** The second half. A wrong code leaves the ticket; the tries are counted against the person. */
export async function signInByCode(
  { db }: House,
  actor: Actor,
  { ticket, code, from, ...comer }: Comer & { ticket: string; code: string },
): Promise<ComingIn> {
  const ofTicket = async (ctx: Ctx) => {
    const { rows } = await sql<{ staffId: string; way: Way }>`select staff_id as "staffId", way from access.tickets
      where secret_hash = ${contentHash(ticket)} and expires_at > ${ctx.now} for update`.execute(ctx.tx)
    if (!rows[0]) throw ticketSpent()
    return rows[0]
  }
  const { staffId } = await inTx(db, actor, ofTicket)
  const limits = limitsOf('code', from, staffId)
  await counted({ db }, actor, limits)
  return inTx(db, actor, async (ctx) => {
    const { way } = await ofTicket(ctx)
    const { name, leftAt } = await staffOf(ctx, staffId)
    if (leftAt) throw ticketSpent()
    if (!(await codeOpens(ctx, staffId, code))) throw codeWrong()
    await forgiveTry(ctx, limits)
    if (ctx.actor.asking) await record(ctx, { by: { kind: 'staff', id: staffId }, fields: [] })
    await sql`delete from access.tickets where secret_hash = ${contentHash(ticket)} or expires_at < ${ctx.now}`.execute(
      ctx.tx,
    )
    return { name, session: await openSession(ctx, staffId, { ...comer, way, mustEnrol: false }), ticket: null }
  })
}

/** Proves again who holds a session; gives its new secret. */
export async function proveAgain(
  { db }: House,
  actor: Actor,
  {
    staffId,
    session,
    by,
    answer,
    from,
  }: { staffId: string; session: string; by: 'password' | 'code'; answer: string; from: TriedFrom },
): Promise<string> {
  const limits = limitsOf('prove', from, staffId)
  await counted({ db }, actor, limits)
  if (by === 'password') await refuseWrongPassword({ db }, actor, staffId, answer)
  return inTx(db, actor, async (ctx) => {
    if (by === 'code') {
      if (!(await secondFactorSince(ctx, staffId))) throw nothingToProveBy()
      if (!(await codeOpens(ctx, staffId, answer))) throw codeWrong()
    }
    await forgiveTry(ctx, limits)
    return renewSession(ctx, session)
  })
}

/**
 * Sets a password: the first, another with the old one, or a forgotten one after coming in by a link. Every other
 * session ends, since whoever learned the old one may sit in it. Gives the new secret of this one.
 */
export async function replacePassword(
  { db }: House,
  actor: Actor,
  {
    staffId,
    session,
    old,
    password,
    from,
  }: { staffId: string; session: string; old: string | undefined; password: string; from: TriedFrom },
): Promise<string> {
  const free = await inTx(db, actor, async (ctx) => {
    await refuseWeak(ctx, staffId, password)
    return (await passwordOf(ctx, staffId)) === null || (await wayOf(ctx, session))?.byFreshLink === true
  })
  if (!free) {
    const limits = limitsOf('prove', from, staffId)
    await counted({ db }, actor, limits)
    await refuseWrongPassword({ db }, actor, staffId, old ?? '')
    await inTx(db, actor, (ctx) => forgiveTry(ctx, limits))
  }
  const hash = await hashOf(password)
  return inTx(db, actor, async (ctx) => {
    await setPassword(ctx, staffId, hash)
    await endSessions(ctx, staffId, { keep: session })
    return renewSession(ctx, session)
  })
}

async function refuseWrongPassword({ db }: Pick<House, 'db'>, actor: Actor, staffId: string, password: string) {
  const known = await inTx(db, actor, (ctx) => passwordOf(ctx, staffId))
  if (!known) throw nothingToProveBy()
  if (!(await fits(password, known.hash))) throw passwordWrong()
}

/** In an act of its own: the try is counted whatever comes after. */
export async function counted({ db }: Pick<House, 'db'>, actor: Actor, limits: readonly Limit[]): Promise<void> {
  const refusal = await inTx(db, actor, (ctx) => countTry(ctx, limits))
  if (refusal instanceof Refusal) throw refusal
}

export async function forgetOldTickets(ctx: Ctx): Promise<void> {
  await sql`delete from access.tickets where expires_at < ${ctx.now}`.execute(ctx.tx)
}
