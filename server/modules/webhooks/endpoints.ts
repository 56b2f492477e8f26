/**
 * Endpoints: who is told, of what, with which secret. What one may be told is a role in a part of the group, held like a
 * key holds its own, so nobody sets up an endpoint that is told more than they may see themselves.
 */
import { sql } from 'kysely'
import { actorWith, endGrant, giveRole, grantsOf, type HeldRight, type Place } from '#modules/access'
import { recipientFor } from '#modules/privacy'
import { type Actor, type Ctx, may } from '#platform/ctx'
import { actorName } from '#platform/events'
import { newId } from '#platform/ids'
import { arrayOf } from '#platform/rows'
import type { pauseReasons } from './contract.ts'
import { endpointExists, endpointUnknown, kindNotPermitted } from './errors.ts'
import { areaOf, type Kind } from './kinds.ts'
import { newSecret } from './signature.ts'

export type PauseReason = (typeof pauseReasons)[number]

export interface Endpoint {
  id: string
  name: string
  url: string
  kinds: string[]
  recipientId: string
  pausedAt: Date | null
  pauseReason: PauseReason | null
  failingSince: Date | null
  failures: number
  nextTryAt: Date | null
  lastSentAt: Date | null
  createdAt: Date
  formerUntil: Date | null
}

const columns = sql`id, name, url, kinds, recipient_id as "recipientId", paused_at as "pausedAt", pause_reason as "pauseReason",
  failing_since as "failingSince", failures, next_try_at as "nextTryAt", last_sent_at as "lastSentAt", created_at as "createdAt",
  former_until as "formerUntil"`

export async function endpoints(ctx: Pick<Ctx, 'tx'>): Promise<Endpoint[]> {
  const { rows } =
    await sql<Endpoint>`select ${columns} from webhooks.endpoints where ended_at is null order by created_at, id`.execute(
      ctx.tx,
    )
  return rows
}

export async function endpointOf(ctx: Pick<Ctx, 'tx'>, id: string): Promise<Endpoint> {
  const { rows } =
    await sql<Endpoint>`select ${columns} from webhooks.endpoints where id = ${id} and ended_at is null`.execute(ctx.tx)
  if (!rows[0]) throw endpointUnknown(id)
  return rows[0]
}

export interface Told {
  name: string
  url: string
  kinds: readonly Kind[]
  role: string
  place: Place
  recipientId: string
}

/** Makes an endpoint; its secret is given back this once. */
export async function addEndpoint(ctx: Ctx, { id, ...told }: Told & { id: string }): Promise<string> {
  await recipientFor(ctx, 'webhooks', told.recipientId)
  const secret = newSecret()
  const { numAffectedRows } =
    await sql`insert into webhooks.endpoints (id, name, url, kinds, recipient_id, secret, created_at, changed_at, actor)
    values (${id}, ${told.name}, ${told.url}, ${arrayOf('text', told.kinds)}, ${told.recipientId}, ${seal(ctx, id, secret)}, ${ctx.now},
      ${ctx.now}, ${actorName(ctx.actor)}) on conflict do nothing`.execute(ctx.tx)
  if (!numAffectedRows) throw endpointExists(id)
  await hold(ctx, id, told)
  return secret
}

export async function changeEndpoint(ctx: Ctx, { id, ...told }: Told & { id: string }): Promise<void> {
  await endpointOf(ctx, id)
  await recipientFor(ctx, 'webhooks', told.recipientId)
  await sql`update webhooks.endpoints set name = ${told.name}, url = ${told.url}, kinds = ${arrayOf('text', told.kinds)},
    recipient_id = ${told.recipientId}, changed_at = ${ctx.now}, actor = ${actorName(ctx.actor)} where id = ${id}`.execute(
    ctx.tx,
  )
  await hold(ctx, id, told)
}

/** Gives it the role in its place, and takes what it held before. Refused where it would be told what the role may not read. */
async function hold(ctx: Ctx, id: string, { role, place, kinds }: Told): Promise<void> {
  const before = await grantsOf(ctx, id)
  const given = newId()
  await giveRole(ctx, { id: given, holderId: id, role, place })
  const after = await grantsOf(ctx, id)
  // The same as before is given once.
  const kept = after.find((grant) => grant.id === given) ?? after.find((grant) => grant.role === role)
  for (const grant of before) if (grant.id !== kept?.id) await endGrant(ctx, { holderId: id, grantId: grant.id })
  const holder = actorOf(id, await grantsOf(ctx, id))
  for (const kind of kinds) {
    const { permission } = areaOf(kind)
    if (!may(holder, permission)) throw kindNotPermitted(kind, permission)
  }
}

/** As whom it is told: nothing beyond what the role may read there. */
export const actorOf = (id: string, grants: readonly HeldRight[]): Actor => actorWith({ kind: 'key', id }, grants)

/** It is told nothing more, and can't be taken up again. The secret and what waits go, what was told stays for its time. */
export async function endEndpoint(ctx: Ctx, id: string): Promise<void> {
  await endpointOf(ctx, id)
  await sql`update webhooks.endpoints set ended_at = ${ctx.now}, secret = null, former_secret = null, former_until = null where id = ${id}`.execute(
    ctx.tx,
  )
  await sql`delete from webhooks.deliveries where endpoint_id = ${id} and state = 'waiting'`.execute(ctx.tx)
  for (const { id: grantId } of await grantsOf(ctx, id)) await endGrant(ctx, { holderId: id, grantId })
}

export async function pause(ctx: Ctx, id: string, reason: PauseReason): Promise<void> {
  await sql`update webhooks.endpoints set paused_at = ${ctx.now}, pause_reason = ${reason}, next_try_at = null
    where id = ${id} and paused_at is null`.execute(ctx.tx)
}

/** Goes on at once, as if nothing had failed; refused while its recipient is not in force. */
export async function resume(ctx: Ctx, id: string): Promise<void> {
  const { recipientId } = await endpointOf(ctx, id)
  await recipientFor(ctx, 'webhooks', recipientId)
  await sql`update webhooks.endpoints set paused_at = null, pause_reason = null, failing_since = null, failures = 0, next_try_at = null
    where id = ${id}`.execute(ctx.tx)
}

export async function renewSecret(
  ctx: Ctx,
  id: string,
  overlapHours: number,
): Promise<{ secret: string; formerUntil: Date | null }> {
  await endpointOf(ctx, id)
  const secret = newSecret()
  const formerUntil = overlapHours === 0 ? null : new Date(ctx.now.getTime() + overlapHours * 3_600_000)
  await sql`update webhooks.endpoints set former_secret = ${formerUntil === null ? null : sql`secret`}, former_until = ${formerUntil},
    secret = ${seal(ctx, id, secret)}, changed_at = ${ctx.now}, actor = ${actorName(ctx.actor)} where id = ${id}`.execute(
    ctx.tx,
  )
  return { secret, formerUntil }
}

/** Those that sign now. */
export async function secretsOf(ctx: Ctx, id: string): Promise<string[]> {
  const { rows } = await sql<{ secret: Buffer; former: Buffer | null }>`
    select secret, case when former_until > ${ctx.now} then former_secret end as former from webhooks.endpoints
    where id = ${id} and secret is not null`.execute(ctx.tx)
  return rows
    .flatMap(({ secret, former }) => [secret, ...(former ? [former] : [])])
    .map((one) => ctx.vault.open<string>(ctx.vault.keys.staging, placeOfSecret(id), one))
}

/** A former secret that signs no more is not kept. */
export async function forgetFormerSecrets(ctx: Ctx): Promise<void> {
  await sql`update webhooks.endpoints set former_secret = null, former_until = null where former_until <= ${ctx.now}`.execute(
    ctx.tx,
  )
}

const placeOfSecret = (id: string) => `webhook secret:${id}`
const seal = (ctx: Ctx, id: string, secret: string) => ctx.vault.seal(ctx.vault.keys.staging, placeOfSecret(id), secret)
