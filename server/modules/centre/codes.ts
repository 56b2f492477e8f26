/**
 * Codes that prove a phone: six digits, good for minutes and few tries, kept as a keyed hash. Nothing here looks at who
 * holds the phone, so asking for a code tells nobody whether it is known.
 */
import { randomInt } from 'node:crypto'
import { sql } from 'kysely'
import { type CountryCode, cleanPhone } from '#modules/cleaning'
import { moveOn } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import type { Refusal } from '#platform/errors'
import { newId } from '#platform/ids'
import { type MemberLanguage, readSettings, spokenLanguage } from '#platform/settings'
import { codesOfPhones } from './blind-indexes.ts'
import { codeWrong, phoneUnreadable, tooOften } from './errors.ts'
import { countTry } from './limits.ts'
import { sendSms } from './sms.ts'

export const codeSeconds = 5 * 60
export const againSeconds = 60
const triesPerCode = 5

/** Where a try comes from: whom the headers name, and the connection itself. */
export interface From {
  claimed: string
  connection: string
}

/** In the form +861380…; a switchboard can't receive codes. */
export async function phoneOf(ctx: Ctx, text: string): Promise<string> {
  const { country } = await readSettings(ctx)
  const { value } = cleanPhone(text, { region: country as CountryCode })
  if (!value || value.extension || value.others.length > 0) throw phoneUnreadable()
  return value.number
}

const blindOf = (ctx: Ctx, phone: string) => ctx.vault.blind('phone', phone)
const formsOf = (ctx: Ctx, phone: string) => ctx.vault.forms([blindOf(ctx, phone)])
const hashOf = (ctx: Ctx, id: string, code: string) => ctx.vault.blind('sign-in code', `${id}\u0000${code}`)

/** Sends a code, which replaces the one before. Gives back the refusal where there were too many. */
export async function sendCode(
  ctx: Ctx,
  {
    phone,
    language,
    from,
    provider,
  }: { phone: string; language: MemberLanguage | undefined; from: From; provider: string },
): Promise<Refusal | null> {
  const blind = blindOf(ctx, phone)
  await takeTurns(ctx, 'identity', [blind])
  await moveOn(ctx, codesOfPhones, [blind])
  const { rows } = await sql<{ createdAt: Date }>`
    select created_at as "createdAt" from centre.codes where phone = ${blind}`.execute(ctx.tx)
  const waits = rows[0] ? Math.ceil((rows[0].createdAt.getTime() - ctx.now.getTime()) / 1000) + againSeconds : 0
  if (waits > 0) return tooOften(waits)
  const refusal = await countTry(ctx, [
    { act: 'code', subject: `${from.connection} connection`, most: 300, seconds: 3600 },
    { act: 'code', subject: from.claimed, most: 20, seconds: 3600 },
    { act: 'code', subject: phone, most: 5, seconds: 3600 },
    { act: 'code', subject: `${phone} day`, most: 10, seconds: 86_400 },
  ])
  if (refusal) return refusal
  const id = newId()
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  await sql`insert into centre.codes (phone, id, code_hash, created_at, expires_at, phone_by, code_hash_by)
    values (${blind}, ${id}, ${hashOf(ctx, id, code)}, ${ctx.now}, ${new Date(ctx.now.getTime() + codeSeconds * 1000)}, ${ctx.vault.indexBy}, ${ctx.vault.indexBy})
    on conflict (phone) do update set id = excluded.id, code_hash = excluded.code_hash, code_hash_by = excluded.code_hash_by, tries = 0,
      created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = null`.execute(ctx.tx)
  const settings = await readSettings(ctx)
  const spoken = spokenLanguage(settings, language)
  const text = textOf[spoken](settings.name, code)
  await sendSms(ctx, { phone, text, code, language: spoken, provider, goodForSeconds: codeSeconds })
  return null
}

const textOf: Record<MemberLanguage, (group: string, code: string) => string> = {
  'zh-CN': (group, code) => `【${group}】验证码 ${code}，${codeSeconds / 60} 分钟内有效。请勿告诉任何人。`,
  en: (group, code) => `${group}: your code is ${code}, good for ${codeSeconds / 60} minutes. Tell it to nobody.`,
  ru: (group, code) => `${group}: код ${code}, действует ${codeSeconds / 60} минут. Никому его не сообщайте.`,
}

/**
 * Whether the code is the one that was sent; each look is counted. Gives back the refusal where it isn't, the same
 * whether no code was sent, it is too old, used or wrong.
 */
export async function proveCode(
  ctx: Ctx,
  { phone, code, from }: { phone: string; code: string; from: From },
): Promise<Refusal | null> {
  const refusal = await countTry(ctx, [
    { act: 'prove', subject: from.claimed, most: 60, seconds: 3600 },
    { act: 'prove', subject: `${from.connection} connection`, most: 1000, seconds: 3600 },
  ])
  if (refusal) return refusal
  const { rows } = await sql<{ id: string; codeHash: string; by: number }>`
    update centre.codes set tries = tries + 1
    where phone = any(${formsOf(ctx, phone)}::uuid[]) and used_at is null and expires_at > ${ctx.now} and tries < ${triesPerCode}
    returning id, code_hash as "codeHash", code_hash_by as by`.execute(ctx.tx)
  const sent = rows[0]
  return sent && ctx.vault.current(sent.codeHash, sent.by) === hashOf(ctx, sent.id, code.trim()) ? null : codeWrong()
}

/** It opened something and opens nothing more. */
export async function spendCode(ctx: Ctx, phone: string): Promise<void> {
  await sql`update centre.codes set used_at = ${ctx.now} where phone = any(${formsOf(ctx, phone)}::uuid[])`.execute(
    ctx.tx,
  )
}

export async function forgetOldCodes(ctx: Ctx): Promise<void> {
  await sql`delete from centre.codes where expires_at < ${new Date(ctx.now.getTime() - 86_400_000)}`.execute(ctx.tx)
}
