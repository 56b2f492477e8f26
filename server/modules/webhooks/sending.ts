/**
 * Sending: one delivery after the other, in the order of the log, so that a receiver never hears of a refund before its
 * payment. What fails is tried again later and later, and holds up what is behind it; what a receiver refuses five times
 * steps aside. Nothing is taken for sent before the receiver has said so: after a crash it is sent again, by the same id.
 */
import { sql } from 'kysely'
import { homesOfAll } from '#modules/members'
import { mayReach, noteGiven, recipientFor } from '#modules/privacy'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import type { House } from '#platform/house'
import type { Job } from '#platform/jobs'
import { type Answered, post } from '#platform/outside'
import { forgotten, nextOf, noteTry, sendingJob, type Waiting, wake } from './deliveries.ts'
import { type Endpoint, endpointOf, forgetFormerSecrets, pause, secretsOf } from './endpoints.ts'
import { areaOf, toldInAnyCase } from './kinds.ts'
import { signedHeaders } from './signature.ts'

const answerMilliseconds = 10_000
/** Longer than an answer takes: whoever has died in between is followed by the next after that. */
const leaseMilliseconds = 60_000
/** A job goes on for so long and then lets others have their turn. */
const turnMilliseconds = 5_000
/** Seconds until the next try, by how many have failed since the last that went well; the last holds for all further ones. */
const backoffSeconds = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600]
/** A receiver that has said no so often means it. */
const mostRefusals = 5
const pausedAfterMilliseconds = 3 * 86_400_000

export const sending: Job = {
  name: sendingJob,
  run: async (house, payload) => {
    const { endpointId } = payload as { endpointId: string }
    const began = Date.now()
    const act = <T>(what: (ctx: Ctx) => Promise<T>) => inTx(house.db, systemActor, what)
    if (!(await act((ctx) => lease(ctx, endpointId)))) return
    for (;;) {
      const next = await act((ctx) => claim(ctx, endpointId))
      if (!next) return
      const { endpoint, delivery, secrets } = next
      const answered = await deliver(house, endpoint, delivery, secrets)
      const goesOn = await act((ctx) => note(ctx, endpoint, delivery, answered))
      if (!goesOn) return
      if (house.stopping.aborted || Date.now() - began > turnMilliseconds) {
        await act(async (ctx) => {
          await release(ctx, endpointId)
          await wake(ctx, [endpointId])
        })
        return
      }
    }
  },
}

/** What a crash has left lying is taken up again; former secrets that are over go. */
export const lookingAfter: Job = {
  name: 'webhooks.looking_after',
  cron: '* * * * *',
  run: ({ db }) =>
    inTx(db, systemActor, async (ctx) => {
      await wake(ctx, await forgotten(ctx))
      await forgetFormerSecrets(ctx)
    }),
}

/** One sender at a time: order. Not while it is paused, nor before its next try. */
async function lease(ctx: Ctx, endpointId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update webhooks.endpoints set leased_until = ${leaseEnd(ctx)}
    where id = ${endpointId} and ended_at is null and paused_at is null and coalesce(leased_until < ${ctx.now}, true)
      and coalesce(next_try_at <= ${ctx.now}, true)`.execute(ctx.tx)
  return numAffectedRows === 1n
}

const leaseEnd = (ctx: Ctx) => new Date(ctx.now.getTime() + leaseMilliseconds)

async function release(ctx: Ctx, endpointId: string): Promise<void> {
  await sql`update webhooks.endpoints set leased_until = null where id = ${endpointId}`.execute(ctx.tx)
}

interface Claimed {
  endpoint: Endpoint
  delivery: Waiting
  secrets: string[]
}

/** The next to send; null, and the lease given back, where there is none or nothing may be sent. */
async function claim(ctx: Ctx, endpointId: string): Promise<Claimed | null> {
  // Locked, so that what comes while it is given back finds either a sender or none.
  await sql`update webhooks.endpoints set leased_until = ${leaseEnd(ctx)} where id = ${endpointId}`.execute(ctx.tx)
  const endpoint = await endpointUnlessEnded(ctx, endpointId)
  if (!endpoint || endpoint.pausedAt || !(await hasRecipient(ctx, endpoint))) {
    await release(ctx, endpointId)
    return null
  }
  for (;;) {
    const delivery = await nextOf(ctx, endpointId)
    if (!delivery) {
      await release(ctx, endpointId)
      return null
    }
    if (await mayBeTold(ctx, endpoint, delivery))
      return { endpoint, delivery, secrets: await secretsOf(ctx, endpointId) }
    await noteTry(ctx, { endpointId, eventId: delivery.eventId }, { state: 'dropped', problem: 'no_consent' })
  }
}

async function endpointUnlessEnded(ctx: Ctx, endpointId: string): Promise<Endpoint | null> {
  try {
    return await endpointOf(ctx, endpointId)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** Without an agreement that holds nothing leaves: it is paused until somebody has put one on file. */
async function hasRecipient(ctx: Ctx, endpoint: Endpoint): Promise<boolean> {
  try {
    await recipientFor(ctx, 'webhooks', endpoint.recipientId)
    return true
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await pause(ctx, endpoint.id, 'recipient')
    return false
  }
}

/** Where the recipient stands on consent, that of the person, as it is at this moment. */
async function mayBeTold(ctx: Ctx, endpoint: Endpoint, { memberId, type }: Waiting): Promise<boolean> {
  if (memberId === null || toldInAnyCase.includes(type)) return true
  const { basis, id } = await recipientFor(ctx, 'webhooks', endpoint.recipientId)
  if (basis !== 'consent') return true
  const homes = (await homesOfAll(ctx, [memberId])).get(memberId) ?? [memberId]
  return mayReach(ctx, homes, { channel: 'partners', purpose: 'sharing', recipient: id })
}

async function deliver(house: House, { id, url }: Endpoint, delivery: Waiting, secrets: string[]): Promise<Answered> {
  const { eventId, body } = delivery
  const timestamp = Math.floor(house.db.clock.now().getTime() / 1000)
  const answered = await post(new URL(url), {
    body,
    headers: {
      'user-agent': 'Roundtrip-Webhooks/1',
      ...signedHeaders(secrets, { id: eventId, timestamp, body }),
    },
    allowed: house.privateNetworks,
    timeoutMilliseconds: answerMilliseconds,
  })
  if (!isFine(answered)) house.log.warn({ endpoint: id, event: eventId, ...answered }, 'a webhook was not taken')
  return answered
}

const isFine = (answered: Answered) => 'status' in answered && answered.status >= 200 && answered.status < 300

/** The receiver's own no, which trying again does not change; not that it is busy or away. */
const isNo = (answered: Answered) =>
  'status' in answered && answered.status >= 300 && answered.status < 500 && ![408, 425, 429].includes(answered.status)

/** Notes what came of it; true: the next one may go. */
async function note(ctx: Ctx, endpoint: Endpoint, { eventId, memberId, type, attempts }: Waiting, answered: Answered) {
  const told = { endpointId: endpoint.id, eventId }
  const result = 'status' in answered ? { status: answered.status } : { problem: answered.problem }
  if (isFine(answered)) {
    await noteTry(ctx, told, { state: 'sent', ...result })
    await sql`update webhooks.endpoints set failing_since = null, failures = 0, next_try_at = null, last_sent_at = ${ctx.now},
      leased_until = ${leaseEnd(ctx)} where id = ${endpoint.id}`.execute(ctx.tx)
    if (memberId) await noteGiven(ctx, endpoint.recipientId, [{ memberId, what: areaOf(type).what }])
    return true
  }
  const stepsAside = isNo(answered) && attempts + 1 >= mostRefusals
  await noteTry(ctx, told, { state: stepsAside ? 'refused' : 'waiting', ...result })
  const since = endpoint.failingSince ?? ctx.now
  // A receiver that says no is there: the next one has its own tries, beginning now.
  const failures = stepsAside ? 0 : endpoint.failures + 1
  const seconds = stepsAside ? 0 : backoffSeconds[Math.min(endpoint.failures, backoffSeconds.length - 1)]!
  const nextTryAt = new Date(ctx.now.getTime() + seconds * 1000)
  await sql`update webhooks.endpoints set failing_since = ${since}, failures = ${failures}, next_try_at = ${nextTryAt}, leased_until = null
    where id = ${endpoint.id}`.execute(ctx.tx)
  if ('status' in answered && answered.status === 410) await pause(ctx, endpoint.id, 'gone')
  else if (ctx.now.getTime() - since.getTime() >= pausedAfterMilliseconds) await pause(ctx, endpoint.id, 'failing')
  else await wake(ctx, [endpoint.id])
  return false
}
