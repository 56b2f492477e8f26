/**
 * The second factor of staff: one-time codes by time from an authenticator, and ten recovery codes for the day it is
 * lost. The secret is sealed under a key of its own; every code opens once.
 */
import { randomInt } from 'node:crypto'
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import type { Reading } from '#platform/db'
import { emit } from '#platform/events'
import { arrayOf } from '#platform/rows'
import { readSettings } from '#platform/settings'
import { codeWrong, secondFactorNotBegun, secondFactorOn } from './errors.ts'
import { base32, newSecretBytes, otpauth, stepOfCode } from './one-time-codes.ts'
import { holdsWholeGroup, staffOf } from './staff.ts'

const recoveryCodes = 10
/** Without letters and digits that look alike. Eleven of 31 are 54 bits. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
const recoveryLength = 11

const placeOf = (staffId: string) => `second factor ${staffId}`

interface Factor {
  wrapped: Buffer
  sealed: Buffer
  confirmedAt: Date | null
}

async function factorOf(ctx: Reading, staffId: string): Promise<Factor | null> {
  const { rows } = await sql<Factor>`select wrapped_key as wrapped, sealed, confirmed_at as "confirmedAt"
    from access.second_factors where staff_id = ${staffId}`.execute(ctx.tx)
  return rows[0] ?? null
}

/** Since when somebody has a second factor; null for never. */
export async function secondFactorSince(ctx: Reading, staffId: string): Promise<Date | null> {
  return (await factorOf(ctx, staffId))?.confirmedAt ?? null
}

/** Whether the group wants one of this person. */
export async function secondFactorNeeded(ctx: Reading, staffId: string): Promise<boolean> {
  const { secondFactor } = await readSettings(ctx as Pick<Ctx, 'tx'>)
  if (secondFactor === 'whole_group') return holdsWholeGroup(ctx, staffId)
  return secondFactor === 'everybody'
}

/** Offers a secret. An offer before it, which nobody confirmed, is void. */
export async function beginSecondFactor(ctx: Ctx, staffId: string): Promise<{ secret: string; uri: string }> {
  if (await secondFactorSince(ctx, staffId)) throw secondFactorOn()
  const secret = newSecretBytes()
  const { key, wrapped } = ctx.vault.newHomeKey()
  const sealed = ctx.vault.seal(key, placeOf(staffId), secret.toString('base64'))
  await sql`insert into access.second_factors (staff_id, wrapped_key, sealed, begun_at) values (${staffId}, ${wrapped}, ${sealed}, ${ctx.now})
    on conflict (staff_id) do update set wrapped_key = excluded.wrapped_key, sealed = excluded.sealed, begun_at = excluded.begun_at
    where second_factors.confirmed_at is null`.execute(ctx.tx)
  const { login } = await staffOf(ctx, staffId)
  const { name: group } = await readSettings(ctx)
  return { secret: base32(secret), uri: otpauth({ secret, group, login }) }
}

/** The first code is right: from now on it is asked for. Gives the recovery codes. */
export async function confirmSecondFactor(ctx: Ctx, staffId: string, code: string): Promise<string[]> {
  const factor = await factorOf(ctx, staffId)
  if (!factor) throw secondFactorNotBegun()
  if (factor.confirmedAt) throw secondFactorOn()
  if (!(await spendCode(ctx, staffId, factor, code))) throw codeWrong()
  await sql`update access.second_factors set confirmed_at = ${ctx.now} where staff_id = ${staffId}`.execute(ctx.tx)
  await emit(ctx, { type: 'access.second_factor_on', memberId: null, payload: { staffId } })
  return newRecoveryCodes(ctx, staffId)
}

export async function endSecondFactor(ctx: Ctx, staffId: string): Promise<void> {
  await sql`delete from access.recovery_codes where staff_id = ${staffId}`.execute(ctx.tx)
  const { rows } = await sql<{ confirmedAt: Date | null }>`
    delete from access.second_factors where staff_id = ${staffId} returning confirmed_at as "confirmedAt"`.execute(
    ctx.tx,
  )
  // What was only offered was never asked of anybody.
  if (rows[0]?.confirmedAt) await emit(ctx, { type: 'access.second_factor_off', memberId: null, payload: { staffId } })
}

/** New recovery codes in the place of the old ones, for whoever has a second factor to recover. */
export async function renewRecoveryCodes(ctx: Ctx, staffId: string): Promise<string[]> {
  if (!(await secondFactorSince(ctx, staffId))) throw secondFactorNotBegun()
  return newRecoveryCodes(ctx, staffId)
}

async function newRecoveryCodes(ctx: Ctx, staffId: string): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodes }, newRecoveryCode)
  await sql`delete from access.recovery_codes where staff_id = ${staffId}`.execute(ctx.tx)
  await sql`insert into access.recovery_codes (staff_id, code_hash, code_hash_by)
    select ${staffId}, hash, ${ctx.vault.indexBy} from unnest(${arrayOf(
      'uuid',
      codes.map((code) => recoveryHash(ctx, staffId, code)),
    )}) as hash`.execute(ctx.tx)
  return codes
}

export async function recoveryCodesLeft(ctx: Reading, staffId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from access.recovery_codes where staff_id = ${staffId} and used_at is null`.execute(
    ctx.tx,
  )
  return rows[0]!.count
}

/** Whether a code opens, from the authenticator or of recovery; if so, it never does again. */
export async function codeOpens(ctx: Ctx, staffId: string, code: string): Promise<boolean> {
  const factor = await factorOf(ctx, staffId)
  if (!factor?.confirmedAt) return false
  if (await spendCode(ctx, staffId, factor, code)) return true
  const { numAffectedRows } = await sql`update access.recovery_codes set used_at = ${ctx.now}
    where staff_id = ${staffId} and code_hash = any(${ctx.vault.forms([recoveryHash(ctx, staffId, code)])}::uuid[]) and used_at is null`.execute(
    ctx.tx,
  )
  return Boolean(numAffectedRows)
}

async function spendCode(ctx: Ctx, staffId: string, { wrapped, sealed }: Factor, code: string): Promise<boolean> {
  const secret = ctx.vault.open<string>(ctx.vault.unwrap(wrapped), placeOf(staffId), sealed)
  const step = stepOfCode(Buffer.from(secret, 'base64'), code.replaceAll(' ', ''), ctx.now)
  if (step === null) return false
  // Of two who bring the same code at once, the second waits here and finds the step taken.
  const { numAffectedRows } = await sql`update access.second_factors set last_step = ${step}
    where staff_id = ${staffId} and last_step < ${step}`.execute(ctx.tx)
  return Boolean(numAffectedRows)
}

function newRecoveryCode(): string {
  const letters = Array.from({ length: recoveryLength }, () => alphabet[randomInt(alphabet.length)])
  return letters.join('').replace(/^(.{4})(.{4})/, '$1-$2-')
}

const recoveryHash = (ctx: Ctx, staffId: string, code: string) =>
  ctx.vault.blind('recovery code', `${staffId}\u0000${code.toLowerCase().replace(/[^a-z0-9]/g, '')}`)
