/**
 * Deliveries: one for each event and endpoint, whatever crashes, so each event is told at least once, and by the same id
 * and the same words each time. They wait in the order of the log; `sending.ts` sends them.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { addJob } from '#platform/jobs'
import { arrayOf } from '#platform/rows'
import type { deliveryStates } from './contract.ts'
import { deliveryUnknown } from './errors.ts'
import { testKind } from './kinds.ts'

export type DeliveryState = (typeof deliveryStates)[number]

export interface NewDelivery {
  endpointId: string
  eventId: string
  generation: number
  xid: string
  memberId: string | null
  type: string
  eventAt: Date
  data: object
}

export interface Delivery {
  eventId: string
  type: string
  state: DeliveryState
  attempts: number
  status: number | null
  problem: string | null
  eventAt: Date
  createdAt: Date
  triedAt: Date | null
}

const columns = sql`event_id as "eventId", type, state, attempts, status, problem, event_at as "eventAt", created_at as "createdAt",
  tried_at as "triedAt"`

/** Adds them to the caller's act, with the jobs that send them. */
export async function addDeliveries(ctx: Ctx, told: readonly NewDelivery[]): Promise<void> {
  if (told.length === 0) return
  const column = <K extends keyof NewDelivery>(name: K) => told.map((one) => one[name])
  const sealed = told.map(({ endpointId, eventId, type, eventAt, data }) => {
    const said = { id: eventId, type, timestamp: eventAt.toISOString(), data }
    return ctx.vault.seal(ctx.vault.keys.staging, placeOf(endpointId, eventId), said)
  })
  await sql`insert into webhooks.deliveries
      (endpoint_id, event_id, generation, xid, member_id, type, state, sealed, event_at, created_at)
    select endpoint_id, event_id, generation, xid::xid8, member_id, type, 'waiting', sealed, event_at, ${ctx.now}
    from unnest(${column('endpointId')}::uuid[], ${column('eventId')}::uuid[], ${column('generation')}::int[], ${column('xid')}::text[],
      ${column('memberId')}::uuid[], ${column('type')}::text[], ${sealed}::bytea[], ${column('eventAt')}::timestamptz[])
      as d(endpoint_id, event_id, generation, xid, member_id, type, sealed, event_at)
    on conflict do nothing`.execute(ctx.tx)
  await wake(ctx, [...new Set(column('endpointId'))])
}

/** One that is about nobody. */
export async function addTest(ctx: Ctx, { endpointId, id }: { endpointId: string; id: string }): Promise<void> {
  // Nothing happened, so it has no place in the log: the first of all, since whoever pressed for it is waiting.
  await addDeliveries(ctx, [
    { endpointId, eventId: id, generation: 0, xid: '0', memberId: null, type: testKind, eventAt: ctx.now, data: {} },
  ])
}

const placeOf = (endpointId: string, eventId: string) => `webhook:${endpointId}:${eventId}`

/** Name of the job of `sending.ts`, which reads what is here. */
export const sendingJob = 'webhooks.sending'

/** What waits is sent now, or when the endpoint is to be tried again. */
export async function wake(ctx: Ctx, endpointIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: string; nextTryAt: Date | null }>`
    select id, next_try_at as "nextTryAt" from webhooks.endpoints
    where id = any(${arrayOf('uuid', endpointIds)}) and paused_at is null and ended_at is null`.execute(ctx.tx)
  for (const { id, nextTryAt } of rows)
    await addJob(ctx, sendingJob, { endpointId: id }, { key: id, ...(nextTryAt ? { runAt: nextTryAt } : {}), tries: 5 })
}

/** Endpoints for which something waits and nobody is at it: a crash took their job along. */
export async function forgotten(ctx: Ctx): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from webhooks.endpoints e
    where ended_at is null and paused_at is null and coalesce(leased_until < ${ctx.now}, true) and coalesce(next_try_at < ${ctx.now}, true)
      and exists (select from webhooks.deliveries d where d.endpoint_id = e.id and d.state = 'waiting')`.execute(ctx.tx)
  return rows.map(({ id }) => id)
}

export interface Waiting {
  eventId: string
  memberId: string | null
  type: string
  attempts: number
  body: string
}

/** The first that waits, locked against nobody: one sender at a time has the endpoint. */
export async function nextOf(ctx: Ctx, endpointId: string): Promise<Waiting | null> {
  const { rows } = await sql<Omit<Waiting, 'body'> & { sealed: Buffer }>`
    select event_id as "eventId", member_id as "memberId", type, attempts, sealed from webhooks.deliveries
    where endpoint_id = ${endpointId} and state = 'waiting' order by generation, xid, event_id limit 1`.execute(ctx.tx)
  const [row] = rows
  if (!row) return null
  const { sealed, ...waiting } = row
  return { ...waiting, body: JSON.stringify(opened(ctx, endpointId, waiting.eventId, sealed)) }
}

const opened = (ctx: Ctx, endpointId: string, eventId: string, sealed: Buffer) =>
  ctx.vault.open<Record<string, unknown>>(ctx.vault.keys.staging, placeOf(endpointId, eventId), sealed)

/** What came of a try; one that still waits is tried again. */
export async function noteTry(
  ctx: Ctx,
  { endpointId, eventId }: { endpointId: string; eventId: string },
  { state, status = null, problem = null }: { state: DeliveryState; status?: number | null; problem?: string | null },
): Promise<void> {
  const tried = state === 'dropped' ? 0 : 1
  await sql`update webhooks.deliveries set state = ${state}, attempts = attempts + ${tried}, status = ${status}, problem = ${problem},
    tried_at = ${ctx.now} where endpoint_id = ${endpointId} and event_id = ${eventId}`.execute(ctx.tx)
}

export async function deliveriesOf(
  ctx: Ctx,
  endpointId: string,
  {
    state,
    before,
    limit,
  }: { state?: DeliveryState | undefined; before?: { at: Date; id: string } | null; limit: number },
): Promise<Delivery[]> {
  const { rows } = await sql<Delivery>`select ${columns} from webhooks.deliveries where endpoint_id = ${endpointId}
    ${state ? sql`and state = ${state}` : sql``}
    ${before ? sql`and (created_at, event_id) < (${before.at}, ${before.id}::uuid)` : sql``}
    order by created_at desc, event_id desc limit ${limit}`.execute(ctx.tx)
  return rows
}

export async function deliveryOf(
  ctx: Ctx,
  endpointId: string,
  eventId: string,
): Promise<Delivery & { body: Record<string, unknown> }> {
  const { rows } = await sql<Delivery & { sealed: Buffer }>`select ${columns}, sealed from webhooks.deliveries
    where endpoint_id = ${endpointId} and event_id = ${eventId}`.execute(ctx.tx)
  if (!rows[0]) throw deliveryUnknown(eventId)
  const { sealed, ...delivery } = rows[0]
  return { ...delivery, body: opened(ctx, endpointId, eventId, sealed) }
}

/** How many wait, by endpoint. */
export async function waitingOf(ctx: Ctx): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; waiting: number }>`
    select endpoint_id as id, count(*)::int as waiting from webhooks.deliveries where state = 'waiting' group by 1`.execute(
    ctx.tx,
  )
  return new Map(rows.map(({ id, waiting }) => [id, waiting]))
}

/** Sends again what was sent or refused: one, or what came in a time. Says how many; what waits anyway is not counted. */
export async function sendAgain(
  ctx: Ctx,
  endpointId: string,
  { eventId, from, until }: { eventId?: string | undefined; from?: Date | undefined; until?: Date | undefined },
): Promise<number> {
  if (eventId) await deliveryOf(ctx, endpointId, eventId)
  const { numAffectedRows } =
    await sql`update webhooks.deliveries set state = 'waiting', attempts = 0, status = null, problem = null
    where endpoint_id = ${endpointId} and state in ('sent', 'refused', 'dropped')
      ${eventId ? sql`and event_id = ${eventId}` : sql`and type <> ${testKind}`}
      ${from ? sql`and created_at >= ${from}` : sql``} ${until ? sql`and created_at < ${until}` : sql``}`.execute(
      ctx.tx,
    )
  await wake(ctx, [endpointId])
  return Number(numAffectedRows ?? 0n)
}

/** What is older than a moment, in chunks; says how many went. */
export async function forgetBefore(ctx: Ctx, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`delete from webhooks.deliveries where (endpoint_id, event_id) in
    (select endpoint_id, event_id from webhooks.deliveries where created_at < ${before} limit 10000)`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}

/** Nothing more is told of who was erased, but that they were. */
export async function forgetHomes(ctx: Ctx, homes: readonly string[]): Promise<number> {
  const { numAffectedRows } =
    await sql`delete from webhooks.deliveries where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}
