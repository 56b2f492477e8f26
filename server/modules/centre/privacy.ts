/** What members do with their own data: consents, what is held, erasing themselves. Always of who acts. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { type Erased, homesOf, versionsOf } from '#modules/members'
import {
  askErasure,
  cancelErasure,
  consentsOf,
  handOver,
  looksOf,
  membership,
  previewOf,
  receivedBy,
  requestsOf,
  sayConsents,
  shownConsent,
  shownPreview,
  shownReceived,
  shownRequest,
  textsInForce,
} from '#modules/privacy'
import { type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { newId } from '#platform/ids'
import { arrayOf } from '#platform/rows'
import type { MemberLanguage } from '#platform/settings'
import { accountOf } from './accounts.ts'
import type { From } from './codes.ts'
import type { readPrivacy } from './contract.ts'
import { nothingToCancel } from './errors.ts'

type Privacy = z.input<(typeof readPrivacy)['output']>

/** What a newcomer is shown: the notice that joining asks, and what may be chosen besides. */
export async function asksOfJoining(ctx: Ctx, language: MemberLanguage) {
  const texts = (await textsInForce(ctx, language)).map(({ topic, version, title, body }) => ({
    topic,
    version,
    title,
    body,
  }))
  return {
    notice: texts.find(({ topic }) => topic === membership)!,
    choices: texts.filter(({ topic }) => /^(?:sms|wechat|profiling)\./.test(topic)),
  }
}

export interface Agreed {
  version: number
  language: MemberLanguage
  choices: readonly { topic: string; version: number }[]
}

/** Keeps what a newcomer agreed to, with the versions that were shown. Refused when a text has changed meanwhile. */
export async function keepAgreed(
  ctx: Ctx,
  { home, agreed, from }: { home: string; agreed: Agreed; from: From },
): Promise<void> {
  const { version, language, choices } = agreed
  await sayConsents(ctx, { home, homes: await homesOf(ctx, home), evidence: 'joining', from: from.claimed }, [
    { topic: membership, given: true, textVersion: version, language },
    ...choices.map((choice) => ({ topic: choice.topic, given: true, textVersion: choice.version, language })),
  ])
}

export async function privacy(ctx: Ctx, language: MemberLanguage): Promise<Privacy> {
  const { home } = await accountOf(ctx)
  const homes = await homesOf(ctx, home)
  const texts = new Map((await textsInForce(ctx, language)).map((text) => [text.topic, text]))
  return {
    consents: (await consentsOf(ctx, homes)).map((consent) => {
      const { version, title, body } = texts.get(consent.topic)!
      return { ...shownConsent(consent), hasSwitch: consent.topic !== membership, text: { version, title, body } }
    }),
    looks: await looksOf(ctx, homes),
    received: (await receivedBy(ctx, homes)).map(shownReceived),
    requests: (await requestsOf(ctx, homes)).map(shownRequest),
    channels: [...new Set((await versionsOf(ctx, homes)).map(({ channelId }) => channelId))].length,
  }
}

export async function choose(
  ctx: Ctx,
  said: { topic: string; given: boolean; textVersion: number; language: MemberLanguage; from: From },
): Promise<Privacy> {
  const { home } = await accountOf(ctx)
  const { from, ...statement } = said
  await sayConsents(ctx, { home, homes: await homesOf(ctx, home), evidence: 'centre', from: from.claimed }, [statement])
  return privacy(ctx, said.language)
}

export async function ownHoldings(ctx: Ctx) {
  const { home } = await accountOf(ctx)
  return handOver(ctx, { memberId: home, by: 'member' })
}

export async function ownPreview(ctx: Ctx) {
  const { home } = await accountOf(ctx)
  return shownPreview(await previewOf(ctx, home))
}

/** The phone of the account, opened to send it a code. */
export async function ownPhone(ctx: Ctx): Promise<string> {
  const { home } = await accountOf(ctx)
  const [record] = (await versionsOf(ctx, [home])).filter(({ isPast }) => !isPast)
  return String(record!.values.phone)
}

/** The caller has proved the phone by a fresh code. */
export async function eraseMyself(ctx: Ctx) {
  const { home } = await accountOf(ctx)
  return shownRequest(await askErasure(ctx, { id: newId(), memberId: home, by: 'member', reason: null }))
}

export async function stay(ctx: Ctx) {
  const { home } = await accountOf(ctx)
  const open = (await requestsOf(ctx, await homesOf(ctx, home))).find(
    ({ kind, state }) => kind === 'erasure' && state === 'waiting',
  )
  if (!open) throw nothingToCancel()
  return shownRequest(await cancelErasure(ctx, open.id))
}

/** Accounts, sessions, codes and messages of whoever is erased. */
export async function eraseAccounts(ctx: Ctx, { homes, records }: Erased): Promise<Record<string, number>> {
  const of = sql`member_id = any(${arrayOf('uuid', homes)})`
  const { rows: accounts } = await sql<{
    phone: string
    by: number
  }>`delete from centre.accounts where ${of} returning phone, phone_by as by`.execute(ctx.tx)
  const { rows: sessions } = await sql`delete from centre.sessions where ${of} returning 1`.execute(ctx.tx)
  const phones = new Set(records.flatMap(({ values }) => [values.phone ?? [], values.otherPhones ?? []].flat()))
  const blinds = [
    ...new Set([
      ...accounts.map(({ phone, by }) => ctx.vault.current(phone, by)),
      ...[...phones].map((one) => ctx.vault.blind('phone', one)),
    ]),
  ]
  // Whoever has the number now keeps their code.
  const { rows: held } = await sql<{ phone: string; by: number }>`
    select phone, phone_by as by from centre.accounts where phone = any(${arrayOf('uuid', ctx.vault.forms(blinds))})`.execute(
    ctx.tx,
  )
  const others = new Set(held.map(({ phone, by }) => ctx.vault.current(phone, by)))
  const theirs = ctx.vault.forms(blinds.filter((blind) => !others.has(blind)))
  await sql`delete from centre.codes where phone = any(${arrayOf('uuid', theirs)})`.execute(ctx.tx)
  const messages =
    (await forgetMessages(ctx, phones, 'deliveries', 'sms')) +
    (await forgetMessages(ctx, phones, 'sandbox_sms', 'sandbox sms'))
  return { accounts: accounts.length, sessions: sessions.length, messages }
}

/** Messages that still hold what was sent are those on their way and those of the stand-in, of a day: few. */
async function forgetMessages(
  ctx: Ctx,
  phones: ReadonlySet<string>,
  table: 'deliveries' | 'sandbox_sms',
  place: string,
): Promise<number> {
  const { rows } = await sql<{ id: string; sealed: Buffer }>`
    select id, sealed from ${sql.table(`centre.${table}`)} where sealed is not null`.execute(ctx.tx)
  const theirs = rows.filter(({ id, sealed }) =>
    phones.has(ctx.vault.open<{ phone: string }>(ctx.vault.keys.staging, `${place}:${id}`, sealed).phone),
  )
  await sql`delete from ${sql.table(`centre.${table}`)} where id = any(${arrayOf(
    'uuid',
    theirs.map(({ id }) => id),
  )})`.execute(ctx.tx)
  return theirs.length
}

/** For the member's own export. */
export async function ownSessions(ctx: Ctx, homes: readonly string[]) {
  const { rows } = await sql<{ since: Date; until: Date }>`
    select created_at as since, expires_at as until from centre.sessions where member_id = any(${arrayOf('uuid', homes)})
    order by created_at desc`.execute(ctx.tx)
  return rows.map(({ since, until }) => ({ since: since.toISOString(), until: until.toISOString() }))
}

export async function ownAccounts(ctx: Ctx, homes: readonly string[]) {
  const { rows } = await sql<{ number: string; confirmedAt: Date; language: string | null; createdAt: Date }>`
    select lpad(number::text, 12, '0') as number, confirmed_at as "confirmedAt", language, created_at as "createdAt"
    from centre.accounts where member_id = any(${arrayOf('uuid', homes)}) order by created_at`.execute(ctx.tx)
  return rows.map(({ number, confirmedAt, language, createdAt }) => ({
    number,
    language,
    confirmedAt: confirmedAt.toISOString(),
    createdAt: createdAt.toISOString(),
  }))
}

/** Rows that are older than a moment, in a statement each: they are few. */
export async function forgetBefore(db: Database, table: 'deliveries' | 'sessions', before: Date): Promise<number> {
  return inTx(db, systemActor, async (ctx) => {
    const { numAffectedRows } =
      await sql`delete from ${sql.table(`centre.${table}`)} where created_at < ${before}`.execute(ctx.tx)
    return Number(numAffectedRows ?? 0n)
  })
}
