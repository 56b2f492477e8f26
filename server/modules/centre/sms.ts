/**
 * Messages to phones. An act writes a delivery and adds its job; the job claims it, calls the sender outside of any
 * transaction and notes what came of it. What may have gone out is never sent again: the member asks for a new code.
 */
import { sql } from 'kysely'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { addJob, type Job } from '#platform/jobs'

export interface Sms {
  /** Ours, for the provider to know a message told twice. */
  id: string
  /** +861380… */
  phone: string
  text: string
}

export interface SmsSender {
  readonly name: string
  /** `refused`: surely not sent. Whatever is thrown leaves it unknown. */
  send(message: Sms): Promise<'sent' | 'refused'>
}

/** Who carries messages here; null when nobody does. Providers join in here. */
export function smsSenderOf(house: Pick<House, 'db' | 'sandbox'>): SmsSender | null {
  return house.sandbox ? sandboxSender(house) : null
}

/** Adds a message to the caller's act. */
export async function sendSms(
  ctx: Ctx,
  { provider, goodForSeconds, ...message }: { phone: string; text: string; provider: string; goodForSeconds: number },
): Promise<void> {
  const id = newId()
  const goodUntil = new Date(ctx.now.getTime() + goodForSeconds * 1000)
  await sql`insert into centre.deliveries (id, state, provider, sealed, created_at, good_until)
    values (${id}, 'waiting', ${provider}, ${ctx.vault.seal(ctx.vault.keys.staging, `sms:${id}`, message)}, ${ctx.now}, ${goodUntil})`.execute(
    ctx.tx,
  )
  await addJob(ctx, deliver.name, { id }, { tries: 5 })
}

export const deliver: Job = {
  name: 'centre.sms',
  run: async (house, payload) => {
    const { id } = payload as { id: string }
    const message = await inTx(house.db, systemActor, (ctx) => claim(ctx, id))
    if (!message) return
    const outcome = await attempt(house, message)
    await inTx(house.db, systemActor, (ctx) => end(ctx, id, outcome))
  },
}

async function claim(ctx: Ctx, id: string): Promise<Sms | null> {
  const { rows } = await sql<{ state: string; sealed: Buffer; good_until: Date }>`
    select state, sealed, good_until from centre.deliveries where id = ${id} for update`.execute(ctx.tx)
  const row = rows[0]
  // Claimed before and never ended: a crash in between. It may have gone out.
  if (row?.state === 'sending') await end(ctx, id, 'unknown')
  if (row?.state !== 'waiting') return null
  if (row.good_until <= ctx.now) {
    await end(ctx, id, 'too_late')
    return null
  }
  await sql`update centre.deliveries set state = 'sending', claimed_at = ${ctx.now} where id = ${id}`.execute(ctx.tx)
  return { id, ...ctx.vault.open<{ phone: string; text: string }>(ctx.vault.keys.staging, `sms:${id}`, row.sealed) }
}

async function attempt(house: House, message: Sms): Promise<'sent' | 'refused' | 'unknown'> {
  const sender = smsSenderOf(house)
  if (!sender) return 'refused'
  try {
    return await sender.send(message)
  } catch (error) {
    house.log.warn({ err: error, delivery: message.id, provider: sender.name }, 'a message may not have gone out')
    return 'unknown'
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
        return 'sent' as const
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

/** The sandbox's messages are kept for a day. Deliveries, without what they said, go by the group's retention rule. */
export async function forgetOldMessages(ctx: Ctx): Promise<void> {
  await sql`delete from centre.sandbox_sms where sent_at < ${new Date(ctx.now.getTime() - 86_400_000)}`.execute(ctx.tx)
}
