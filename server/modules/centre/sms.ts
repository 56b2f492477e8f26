/**
 * Messages to phones. An act writes a delivery and adds its job; the job claims it, calls the sender outside of any
 * transaction and notes what came of it. What may have gone out is never sent again: the provider is asked what became
 * of it, and the member asks for a new code.
 */
import { sql } from 'kysely'
import { noteGiven, recipientOf } from '#modules/privacy'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { addJob, type Job } from '#platform/jobs'
import type { MemberLanguage } from '#platform/settings'
import { accountOfPhone } from './accounts.ts'
import { aliyunSender } from './aliyun.ts'

export interface Sms {
  /** Ours, for the provider to know a message told twice. */
  id: string
  /** +861380… */
  phone: string
  /** The whole message, for whoever sends texts. */
  text: string
  /** What a provider's template is filled with, and whose words it should have. */
  code: string
  language: MemberLanguage
}

export interface SmsSender {
  readonly name: string
  /** `refused`, `busy`: surely not sent; busy ones may be sent again. Whatever is thrown leaves it unknown. */
  send(message: Sms): Promise<{ outcome: 'sent' } | { outcome: 'refused' | 'busy'; reason: string }>
  /** What became of a message; null when it is not known there. Without it an unknown one stays so. */
  find?(message: { id: string; phone: string; at: Date }): Promise<'sent' | 'refused' | null>
}

/** Who carries messages here; null when nobody does. The stand-in goes before a provider: then nothing leaves. */
export function smsSenderOf(house: Pick<House, 'db' | 'sandbox' | 'sms'>): SmsSender | null {
  if (house.sandbox) return sandboxSender(house)
  return house.sms ? aliyunSender(house.sms) : null
}

/** The same, if it may: who carries messages outside of the group has to be on file as a recipient of phone numbers. */
export async function smsCarrier(
  ctx: Pick<Ctx, 'tx' | 'now'>,
  house: Pick<House, 'db' | 'sandbox' | 'sms'>,
): Promise<SmsSender | null> {
  const sender = smsSenderOf(house)
  return sender && !house.sandbox && (await recipientOf(ctx, 'sms')) === null ? null : sender
}

/** Notes for the member of this phone that its carrier was told it. */
export async function noteCarried(ctx: Ctx, house: Pick<House, 'sandbox'>, phone: string): Promise<void> {
  const recipient = house.sandbox ? null : await recipientOf(ctx, 'sms')
  const account = recipient && (await accountOfPhone(ctx, phone))
  if (account) await noteGiven(ctx, recipient.id, [{ memberId: account.home, what: 'contact' }])
}

/** Adds a message to the caller's act. */
export async function sendSms(
  ctx: Ctx,
  { provider, goodForSeconds, ...message }: Omit<Sms, 'id'> & { provider: string; goodForSeconds: number },
): Promise<void> {
  const id = newId()
  const goodUntil = new Date(ctx.now.getTime() + goodForSeconds * 1000)
  await sql`insert into centre.deliveries (id, state, provider, sealed, created_at, good_until)
    values (${id}, 'waiting', ${provider}, ${sealed(ctx, id, message)}, ${ctx.now}, ${goodUntil})`.execute(ctx.tx)
  await addJob(ctx, deliver.name, { id }, { tries: 5 })
}

const sealed = (ctx: Ctx, id: string, content: unknown) => ctx.vault.seal(ctx.vault.keys.staging, `sms:${id}`, content)

export const deliver: Job = {
  name: 'centre.sms',
  run: async (house, payload) => {
    const { id } = payload as { id: string }
    const message = await inTx(house.db, systemActor, async (ctx) => {
      const claimed = await claim(ctx, id)
      if (claimed === null || (await smsCarrier(ctx, house))) return claimed
      // The agreement with the carrier ended meanwhile.
      await note(ctx, claimed, 'refused')
      return null
    })
    if (!message) return
    const outcome = await attempt(house, message)
    await inTx(house.db, systemActor, (ctx) => note(ctx, message, outcome))
  },
}

/** How long a busy provider is left alone. */
const busySeconds = 5
/** Seconds until a provider is asked what became of a message, one after the other. */
const settlingSeconds = [60, 300, 1800]

/** Asks what became of a message of which nobody knows whether it went out. */
export const settle: Job = {
  name: 'centre.sms_settling',
  run: async (house, payload) => {
    const { id, asked } = payload as { id: string; asked: number }
    const message = await inTx(house.db, systemActor, (ctx) => unknownOf(ctx, id))
    if (!message) return
    const found = await lookFor(house, message)
    await inTx(house.db, systemActor, async (ctx) => {
      if (found) await end(ctx, id, found)
      else if (asked + 1 < settlingSeconds.length) await settleLater(ctx, id, asked + 1)
      else await end(ctx, id, 'unknown')
    })
  },
}

async function claim(ctx: Ctx, id: string): Promise<Sms | null> {
  const { rows } = await sql<{ state: string; sealed: Buffer; good_until: Date }>`
    select state, sealed, good_until from centre.deliveries where id = ${id} for update`.execute(ctx.tx)
  const row = rows[0]
  if (row?.state !== 'waiting' && row?.state !== 'sending') return null
  const message = { id, ...ctx.vault.open<Omit<Sms, 'id'>>(ctx.vault.keys.staging, `sms:${id}`, row.sealed) }
  // Claimed before and never ended: a crash in between. It may have gone out.
  if (row.state === 'sending') {
    await note(ctx, message, 'unknown')
    return null
  }
  if (row.good_until <= ctx.now) {
    await end(ctx, id, 'too_late')
    return null
  }
  await sql`update centre.deliveries set state = 'sending', claimed_at = ${ctx.now} where id = ${id}`.execute(ctx.tx)
  return message
}

async function attempt(house: House, message: Sms): Promise<'sent' | 'refused' | 'busy' | 'unknown'> {
  const sender = smsSenderOf(house)
  if (!sender) return 'refused'
  const told = { delivery: message.id, provider: sender.name }
  try {
    const answer = await sender.send(message)
    if (answer.outcome !== 'sent') house.log.warn({ ...told, reason: answer.reason }, `a message was ${answer.outcome}`)
    return answer.outcome
  } catch (error) {
    if (neverLeft(error)) {
      house.log.warn({ ...told, err: error }, 'the provider of messages is out of reach')
      return 'busy'
    }
    house.log.warn({ ...told, err: error }, 'a message may not have gone out')
    return 'unknown'
  }
}

/** No connection came about, so nothing went over it. */
function neverLeft(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}

async function note(ctx: Ctx, { id, phone }: Sms, outcome: 'sent' | 'refused' | 'busy' | 'unknown'): Promise<void> {
  if (outcome === 'busy') {
    await sql`update centre.deliveries set state = 'waiting', claimed_at = null where id = ${id}`.execute(ctx.tx)
    await addJob(ctx, deliver.name, { id }, { runAt: secondsOn(ctx, busySeconds), tries: 5 })
  } else if (outcome === 'unknown') {
    // The phone is kept until it is settled, to ask by; the code is not.
    await sql`update centre.deliveries set state = 'unknown', sealed = ${sealed(ctx, id, { phone })}, ended_at = ${ctx.now}
      where id = ${id}`.execute(ctx.tx)
    await settleLater(ctx, id, 0)
  } else await end(ctx, id, outcome)
}

const secondsOn = (ctx: Ctx, seconds: number) => new Date(ctx.now.getTime() + seconds * 1000)
const settleLater = (ctx: Ctx, id: string, asked: number) =>
  addJob(ctx, settle.name, { id, asked }, { runAt: secondsOn(ctx, settlingSeconds[asked]!), tries: 5 })

async function unknownOf(ctx: Ctx, id: string): Promise<{ id: string; phone: string; at: Date } | null> {
  const { rows } = await sql<{ sealed: Buffer; at: Date }>`
    select sealed, coalesce(claimed_at, created_at) as at from centre.deliveries
    where id = ${id} and state = 'unknown' and sealed is not null`.execute(ctx.tx)
  if (!rows[0]) return null
  const { phone } = ctx.vault.open<{ phone: string }>(ctx.vault.keys.staging, `sms:${id}`, rows[0].sealed)
  return { id, phone, at: rows[0].at }
}

async function lookFor(house: House, message: { id: string; phone: string; at: Date }) {
  try {
    return (await smsSenderOf(house)?.find?.(message)) ?? null
  } catch (error) {
    house.log.warn({ err: error, delivery: message.id }, 'what became of a message is not known yet')
    return null
  }
}

async function end(ctx: Ctx, id: string, state: 'sent' | 'refused' | 'unknown' | 'too_late'): Promise<void> {
  await sql`update centre.deliveries set state = ${state}, sealed = null, ended_at = ${ctx.now} where id = ${id}`.execute(
    ctx.tx,
  )
}

/** Keeps what it is given where it can be read; nothing leaves the machine. */
function sandboxSender({ db }: Pick<House, 'db'>): SmsSender {
  return {
    name: 'sandbox',
    send: ({ id, phone, text }) =>
      inTx(db, systemActor, async (ctx) => {
        await sql`insert into centre.sandbox_sms (id, sealed, sent_at)
          values (${id}, ${ctx.vault.seal(ctx.vault.keys.staging, `sandbox sms:${id}`, { phone, text })}, ${ctx.now}) on conflict do nothing`.execute(
          ctx.tx,
        )
        return { outcome: 'sent' as const }
      }),
  }
}

/** Newest first. */
export async function outbox(
  ctx: Ctx,
  { phone, limit }: { phone: string | null; limit: number },
): Promise<{ id: string; phone: string; text: string; sentAt: Date }[]> {
  const { rows } = await sql<{ id: string; sealed: Buffer; sentAt: Date }>`
    select id, sealed, sent_at as "sentAt" from centre.sandbox_sms order by sent_at desc, id desc limit 1000`.execute(
    ctx.tx,
  )
  return rows
    .map(({ id, sealed, sentAt }) => ({
      id,
      ...ctx.vault.open<{ phone: string; text: string }>(ctx.vault.keys.staging, `sandbox sms:${id}`, sealed),
      sentAt,
    }))
    .filter((message) => phone === null || message.phone === phone)
    .slice(0, limit)
}

/**
 * The sandbox's messages are kept for a day, and so is what a delivery says where nobody ended it: a code is good for
 * minutes. Deliveries, without what they said, go by the group's retention rule.
 */
export async function forgetOldMessages(ctx: Ctx): Promise<void> {
  const yesterday = new Date(ctx.now.getTime() - 86_400_000)
  await sql`update centre.deliveries set sealed = null, ended_at = coalesce(ended_at, ${ctx.now}),
      state = case state when 'waiting' then 'too_late' when 'sending' then 'unknown' else state end
    where sealed is not null and good_until < ${yesterday}`.execute(ctx.tx)
  await sql`delete from centre.sandbox_sms where sent_at < ${yesterday}`.execute(ctx.tx)
}
