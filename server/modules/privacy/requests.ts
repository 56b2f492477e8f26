/**
 * Erasure by request: asked, a waiting time in which it can be taken back, then done by a job that goes on where a crash
 * left it. Each step may be repeated without harm; the list beside the database is written before anything goes.
 */
import { sql } from 'kysely'
import { erasedOf, eraseHomes, homesOf, mentionsOf, prepareErasure, refusalsOf, refuse } from '#modules/members'
import { ordersOf } from '#modules/orders'
import { balanceOf, entriesOf } from '#modules/points'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx, takeTurns } from '#platform/db'
import { actorName, emit } from '#platform/events'
import { addJob, type Job } from '#platform/jobs'
import { readSettings } from '#platform/settings'
import { readChoice } from './choices.ts'
import { historyOf } from './consents.ts'
import { deadlineOf } from './deadlines.ts'
import { askedAlready, erasedAlready, requestNotFound, requestOver } from './errors.ts'
import './events.ts'
import { noteErasure } from './ledger.ts'

export interface Request {
  id: string
  memberId: string
  kind: 'export' | 'erasure'
  state: 'waiting' | 'working' | 'done' | 'cancelled'
  askedBy: 'member' | 'staff'
  reason: string | null
  askedAt: Date
  beginsAt: Date
  deadlineAt: Date
  endedAt: Date | null
  outcome: Record<string, number> | null
}

const columns = sql`id, member_id as "memberId", kind, state, asked_by as "askedBy", reason, asked_at as "askedAt",
  begins_at as "beginsAt", deadline_at as "deadlineAt", ended_at as "endedAt", outcome`

/** Asks for an erasure. The caller names it, so a repeated request is the same one. */
export async function askErasure(
  ctx: Ctx,
  { id, memberId, by, reason }: { id: string; memberId: string; by: 'member' | 'staff'; reason: string | null },
): Promise<Request> {
  const homes = await homesOf(ctx, memberId)
  await takeTurns(
    ctx,
    'record',
    homes.map((home) => `privacy request ${home}`),
  )
  const before = await requestsOf(ctx, homes)
  const same = before.find((one) => one.id === id)
  if (same) return same
  const open = before.find(({ kind, state }) => kind === 'erasure' && (state === 'waiting' || state === 'working'))
  if (open) throw askedAlready(open.id)
  if ((await erasedOf(ctx, homes)).records.length === 0) throw erasedAlready()
  const { waitingDays, law } = await readChoice(ctx, 'rights')
  const { timeZone } = await readSettings(ctx)
  const beginsAt = new Date(ctx.now.getTime() + waitingDays * 86_400_000)
  const { rows } = await sql<Request>`
    insert into privacy.requests (id, member_id, kind, state, asked_by, actor, reason, asked_at, begins_at, deadline_at)
    values (${id}, ${memberId}, 'erasure', 'waiting', ${by}, ${actorName(ctx.actor)}, ${reason}, ${ctx.now}, ${beginsAt},
      ${deadlineOf(law, ctx.now, timeZone)}) returning ${columns}`.execute(ctx.tx)
  await addJob(ctx, erasing.name, { id }, { key: id, runAt: beginsAt })
  await emit(ctx, { type: 'erasure.asked', memberId, payload: { request: id, by } })
  return rows[0]!
}

export async function cancelErasure(ctx: Ctx, id: string): Promise<Request> {
  const { rows } = await sql<Request>`
    update privacy.requests set state = 'cancelled', ended_at = ${ctx.now}
    where id = ${id} and kind = 'erasure' and state = 'waiting' returning ${columns}`.execute(ctx.tx)
  if (!rows[0]) throw requestOver(id, (await requestOf(ctx, id)).state)
  await emit(ctx, { type: 'erasure.cancelled', memberId: rows[0].memberId, payload: { request: id } })
  return rows[0]
}

export async function requestOf(ctx: Pick<Ctx, 'tx'>, id: string): Promise<Request> {
  const { rows } = await sql<Request>`select ${columns} from privacy.requests where id = ${id}`.execute(ctx.tx)
  if (!rows[0]) throw requestNotFound(id)
  return rows[0]
}

export async function requestsOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Request[]> {
  const { rows } =
    await sql<Request>`select ${columns} from privacy.requests where member_id = any(${homes}::uuid[]) or homes && ${homes}::uuid[]
    order by asked_at desc, id desc`.execute(ctx.tx)
  return rows
}

/** Open ones first, by their deadline; then the newest. */
export async function allRequests(ctx: Pick<Ctx, 'tx'>, limit: number): Promise<{ requests: Request[]; open: number }> {
  const { rows } = await sql<Request>`
    (select ${columns} from privacy.requests where state in ('waiting', 'working') order by deadline_at limit ${limit})
    union all (select ${columns} from privacy.requests where state in ('done', 'cancelled') order by asked_at desc limit ${limit})`.execute(
    ctx.tx,
  )
  const { rows: open } = await sql<{ count: number }>`
    select count(*) as count from privacy.requests where state in ('waiting', 'working')`.execute(ctx.tx)
  return { requests: rows.slice(0, limit), open: open[0]!.count }
}

/** An export is done when it is given: it stands among what was asked for with its day. */
export async function noteExport(
  ctx: Ctx,
  { id, memberId, by }: { id: string; memberId: string; by: 'member' | 'staff' },
) {
  await sql`insert into privacy.requests (id, member_id, kind, state, asked_by, actor, asked_at, begins_at, deadline_at, ended_at)
    values (${id}, ${memberId}, 'export', 'done', ${by}, ${actorName(ctx.actor)}, ${ctx.now}, ${ctx.now}, ${ctx.now}, ${ctx.now})`.execute(
    ctx.tx,
  )
}

/** More than anybody has; an act has an end all the same. */
const most = 100_000

/** What erasing would take out, and what stays without a name. */
export async function previewOf(ctx: Ctx, memberId: string) {
  const homes = await homesOf(ctx, memberId)
  const { records } = await erasedOf(ctx, homes)
  const { available, pending, deficit } = await balanceOf(ctx, memberId)
  const amounts = new Map<string, number>()
  const orders = await ordersOf(ctx, homes, { limit: most })
  for (const { currency, amountMinor } of orders) amounts.set(currency, (amounts.get(currency) ?? 0) + amountMinor)
  const open = (await requestsOf(ctx, homes)).find(
    ({ kind, state }) => kind === 'erasure' && (state === 'waiting' || state === 'working'),
  )
  return {
    goes: {
      records: records.filter(({ isPast }) => !isPast).length,
      versions: records.filter(({ isPast }) => isPast).length,
      points: available,
      pending,
      owed: deficit,
    },
    stays: {
      orders: orders.length,
      amounts: [...amounts].map(([currency, amountMinor]) => ({ currency, amountMinor })),
      entries: (await entriesOf(ctx, memberId, { limit: most })).entries.length,
      consents: (await historyOf(ctx, homes)).length,
    },
    waitingDays: (await readChoice(ctx, 'rights')).waitingDays,
    open: open ?? null,
  }
}

export const erasing: Job = {
  name: 'privacy.erasure',
  run: async (house, payload) => {
    const { id } = payload as { id: string }
    const { db } = house
    const found = await inTx(db, systemActor, async (ctx) => {
      const { rows } = await sql<Request>`update privacy.requests set state = 'working'
        where id = ${id} and state in ('waiting', 'working') and begins_at <= ${ctx.now} returning ${columns}`.execute(
        ctx.tx,
      )
      if (!rows[0]) return null
      const homes = await homesOf(ctx, rows[0].memberId)
      const refused = await refusalsOf(ctx, homes)
      // First: what is being read from a file at this moment meets them when it is applied.
      await refuse(ctx, refused)
      return { request: rows[0], homes, refused, erased: await erasedOf(ctx, homes) }
    })
    if (!found) return
    const { request, homes, refused, erased } = found
    await prepareErasure(house, erased)
    await noteErasure(house, { request: id, homes, refused, at: db.clock.now().toISOString() })
    await inTx(db, systemActor, async (ctx) => {
      const counts = await eraseHomes(ctx, homes, refused)
      const reason =
        request.reason === null
          ? null
          : mentionsOf(erased.records.map(({ values }) => values)).strippedOf(request.reason)
      await sql`update privacy.requests set state = 'done', ended_at = ${ctx.now}, homes = ${homes}::uuid[],
        outcome = ${JSON.stringify(counts)}::jsonb,
        reason = ${reason} where id = ${id}`.execute(ctx.tx)
      await addJob(ctx, 'privacy.forgetting', {}, { key: 'soon', runAt: new Date(ctx.now.getTime() + 60_000) })
    })
  },
}
