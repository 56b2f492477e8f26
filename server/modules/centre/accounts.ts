/**
 * Accounts and sessions of the member centre. An account is a source record of the centre's own channel: its phone is
 * verified, so the rules of `members` join it to whoever that phone is known to be. It stands under its own home, and
 * the person is asked for anew each time: joined or taken apart, members see what is theirs now.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { sql } from 'kysely'
import { openChannel } from '#modules/channels'
import { describedFor, entryRefusal, Lexicon } from '#modules/dictionary'
import { cleanRecord, liftRefusal, prepareRecord, putRecords, type RecordValues } from '#modules/members'
import { record } from '#platform/audit'
import { dayOf } from '#platform/clock'
import type { Actor, Ctx } from '#platform/ctx'
import type { Database } from '#platform/db'
import { type MemberLanguage as Language, readSettings, spokenLanguage } from '#platform/settings'
import { contentHash } from '#platform/vault'
import { languageNotOffered, notMember } from './errors.ts'

export const memberCookie = 'roundtrip_member'
export const sessionSeconds = 30 * 86_400
export const own = 'centre.own'

export interface Account {
  /** The home of its record. */
  home: string
  externalId: string
  number: string
  confirmedAt: Date
  language: Language | null
  createdAt: Date
}

const columns = sql`member_id as home, external_id as "externalId", lpad(number::text, 12, '0') as number,
  confirmed_at as "confirmedAt", language, created_at as "createdAt"`

/** The account in force of a phone: the newest, when it has changed hands. */
export async function accountOfPhone(ctx: Ctx, phone: string): Promise<Account | null> {
  const { rows } = await sql<Account>`select ${columns} from centre.accounts
    where phone = any(${ctx.vault.forms([ctx.vault.blind('phone', phone)])}::uuid[]) order by created_at desc, member_id desc limit 1`.execute(
    ctx.tx,
  )
  return rows[0] ?? null
}

/** How many have ever come in. */
export async function membersSignedIn(ctx: Pick<Ctx, 'tx'>): Promise<number> {
  const { rows } = await sql<{ accounts: number }>`select count(*)::int as accounts from centre.accounts`.execute(
    ctx.tx,
  )
  return rows[0]!.accounts
}

/** The account of who acts. Nothing in the centre reads a member's id from anywhere else. */
export async function accountOf(ctx: Ctx): Promise<Account> {
  if (ctx.actor.kind !== 'member') throw notMember()
  const { rows } = await sql<Account>`select ${columns} from centre.accounts where member_id = ${ctx.actor.id}`.execute(
    ctx.tx,
  )
  if (!rows[0]) throw notMember()
  return rows[0]
}

/** What staff read until they call it something else. */
const channelNames: Record<Language, string> = {
  'zh-CN': '会员中心',
  en: 'Member centre',
  ru: 'Кабинет участника',
}

/** Puts what the member says into the record of the account; made when it isn't there. */
export async function putOwnRecord(
  ctx: Ctx,
  externalId: string,
  { phone, ...said }: { phone?: string; name?: string; birthDate?: string; gender?: string; city?: string },
): Promise<{ home: string; values: RecordValues; problems: { field: string }[] }> {
  const settings = await readSettings(ctx)
  const { country, timeZone } = settings
  const name = channelNames[spokenLanguage(settings)]
  const channel = await openChannel(ctx, { code: 'centre', kind: 'website', name })
  const described = await describedFor(ctx, channel.id)
  const { values, problems } = cleanRecord(
    { externalId, phone, ...said },
    { country, today: dayOf(ctx.now, timeZone), timeZone, lexicon: new Lexicon(described) },
  )
  const refused = entryRefusal(described, problems)
  if (refused) throw refused
  if (values.phone) values.phoneVerified = 'yes'
  if (problems.length > 0) return { home: '', values, problems }
  const prepared = prepareRecord(ctx.vault, channel, values)
  // Who was erased and joins again is back of their own will.
  await liftRefusal(ctx, prepared)
  const [put] = await putRecords(ctx, [prepared], { channel, origin: 'live' })
  return { home: put!.memberId, values, problems }
}

/** A number that is taken is drawn again; with a million members one in 300,000 is. */
const numberTries = 5

export async function openAccount(
  ctx: Ctx,
  { home, externalId, phone, language }: { home: string; externalId: string; phone: string; language: Language | null },
): Promise<void> {
  for (let tried = 0; tried < numberTries; tried++) {
    const number = 6_000_0000_0000 + (randomInt(2 ** 48 - 1) % 3_000_0000_0000)
    const { rows } =
      await sql`insert into centre.accounts (member_id, phone, external_id, number, confirmed_at, language, created_at, phone_by)
      values (${home}, ${ctx.vault.blind('phone', phone)}, ${externalId}, ${number}, ${ctx.now}, ${language}, ${ctx.now}, ${ctx.vault.indexBy})
      on conflict (number) do nothing returning member_id`.execute(ctx.tx)
    if (rows.length > 0) return
  }
  throw new Error('No free card number was found')
}

export async function confirm(ctx: Ctx, home: string): Promise<void> {
  await sql`update centre.accounts set confirmed_at = ${ctx.now} where member_id = ${home}`.execute(ctx.tx)
}

export async function speak(ctx: Ctx, language: Language): Promise<void> {
  const { languages } = await readSettings(ctx)
  if (!languages.includes(language)) throw languageNotOffered(language, languages)
  const { home } = await accountOf(ctx)
  await sql`update centre.accounts set language = ${language} where member_id = ${home}`.execute(ctx.tx)
}

export async function openSession(ctx: Ctx, home: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  await sql`insert into centre.sessions (secret_hash, member_id, created_at, expires_at)
    values (${contentHash(secret)}, ${home}, ${ctx.now}, ${new Date(ctx.now.getTime() + sessionSeconds * 1000)})`.execute(
    ctx.tx,
  )
  await record(ctx, { by: { kind: 'member', id: home }, fields: [] })
  return secret
}

/** When a number has changed hands, whoever had it before is signed out. */
export async function endSessionsOf(ctx: Ctx, home: string): Promise<void> {
  await sql`delete from centre.sessions where member_id = ${home}`.execute(ctx.tx)
}

export async function endSession(ctx: Ctx, secret: string): Promise<void> {
  await sql`delete from centre.sessions where secret_hash = ${contentHash(secret)}`.execute(ctx.tx)
}

export async function forgetOldSessions(ctx: Ctx): Promise<void> {
  await sql`delete from centre.sessions where expires_at < ${ctx.now}`.execute(ctx.tx)
}

/** The member behind a session's secret; null for nobody. Read outside an act: it happens before every act. */
export async function identifyMember(db: Database, secret: string | undefined): Promise<Actor | null> {
  if (!secret) return null
  const { rows } = await sql<{ home: string }>`
    select member_id as home from centre.sessions where secret_hash = ${contentHash(secret)} and expires_at > ${db.clock.now()}`.execute(
    db.kysely,
  )
  const home = rows[0]?.home
  return home ? { kind: 'member', id: home, permissions: new Set([own]), scope: { memberIds: [home] } } : null
}
