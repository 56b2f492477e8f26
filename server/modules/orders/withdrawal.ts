/** Takes back what an import said about orders. What it says of points follows by the events. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { emitMany } from '#platform/events'
import type { OrderStatus } from './orders.ts'
import './events.ts'

/** Counts what withdrawing an import would do. */
export async function orderWithdrawalOf(ctx: Ctx, importId: string): Promise<{ withdrawn: number; restored: number }> {
  const { rows } = await sql<{ withdrawn: number; restored: number }>`
    select count(*) filter (where not older) as withdrawn, count(*) filter (where older) as restored from (
      select exists (select from orders.past_versions p where p.member_id = o.member_id and p.id = o.id and p.import_id is distinct from ${importId}) as older
      from orders.orders o where import_id = ${importId} and withdrawn_at is null) t`.execute(ctx.tx)
  return rows[0]!
}

/**
 * Takes back what an import said about orders, up to `limit` of them; 0: none left. What was told by other ways, before
 * or after, stays, and so do refunds. Points follow by the events.
 */
export async function withdrawOrders(
  ctx: Ctx,
  { importId, channelCode, limit }: { importId: string; channelCode: string; limit: number },
): Promise<number> {
  const forgotten = await forgetElsewhere(ctx, importId, limit)
  if (forgotten > 0) return forgotten
  const { rows: touched } = await sql<{
    member_id: string
    id: string
    amount_minor: number
    currency: string
    status: OrderStatus
    before: { amount_minor: number; refunded_minor: number; status: OrderStatus; version: number } | null
    teller: string | null
  }>`
    select o.member_id, o.id, o.amount_minor, o.currency, o.status, p.before,
      (select import_id from orders.told_again t where t.member_id = o.member_id and t.id = o.id limit 1) as teller
    from (select member_id, id, amount_minor, currency, status from orders.orders
      where import_id = ${importId} and withdrawn_at is null order by member_id, id limit ${limit} for update) o
    left join lateral (select before from orders.past_versions p where p.member_id = o.member_id and p.id = o.id
      and p.import_id is distinct from ${importId} order by version desc limit 1) p on true`.execute(ctx.tx)
  if (touched.length === 0) return 0
  const handed = touched.filter((order) => !order.before && order.teller)
  const gone = touched.filter((order) => !order.before && !order.teller)
  const restored = touched.filter((order) => order.before)
  await sql`update orders.orders o set import_id = u.t
    from unnest(${handed.map((o) => o.member_id)}::uuid[], ${handed.map((o) => o.id)}::uuid[], ${handed.map((o) => o.teller)}::uuid[]) as u(m, i, t)
    where o.member_id = u.m and o.id = u.i`.execute(ctx.tx)
  // Told again later it is another order, of whoever it is said to be of then: its key may be taken anew.
  const { rows: freed } = await sql<{
    key: string
    by: number
  }>`with gone as (select * from unnest(${gone.map((o) => o.member_id)}::uuid[], ${gone.map((o) => o.id)}::uuid[]) as u(m, i))
    update orders.orders o set withdrawn_at = ${ctx.now}, import_id = null, updated_at = ${ctx.now}
      from gone where o.member_id = gone.m and o.id = gone.i returning o.order_key as key, o.order_key_by as by`.execute(
    ctx.tx,
  )
  const keys = ctx.vault.forms(freed.map(({ key, by }) => ctx.vault.current(key, by)))
  await sql`delete from orders.order_keys where order_key = any(${keys}::uuid[])`.execute(ctx.tx)
  await sql`update orders.orders o set (content_hash, content_hash_by, ordered_at, amount_minor, refunded_minor, currency, status, payment_method, lines, import_id) = (
      select b.content_hash, coalesce(b.content_hash_by, 1), b.ordered_at, b.amount_minor,
        case when 'refunded' in (b.status, o.status) then b.refunded_minor else o.refunded_minor end,
        b.currency, b.status, b.payment_method, b.lines, b.import_id from jsonb_populate_record(null::orders.orders, u.b) b),
      version = version + 1, updated_at = ${ctx.now}
    from unnest(${restored.map((o) => o.member_id)}::uuid[], ${restored.map((o) => o.id)}::uuid[], ${restored.map((o) => JSON.stringify(o.before))}::jsonb[]) as u(m, i, b)
    where o.member_id = u.m and o.id = u.i`.execute(ctx.tx)
  await sql`delete from orders.past_versions p using unnest(${touched.map((o) => o.member_id)}::uuid[], ${touched.map((o) => o.id)}::uuid[], ${touched.map((o) => o.before?.version ?? 0)}::int[]) as u(m, i, v)
    where p.member_id = u.m and p.id = u.i and p.version >= u.v`.execute(ctx.tx)
  await emitMany(ctx, [
    ...gone.map((order) => ({
      type: 'order.withdrawn' as const,
      memberId: order.member_id,
      recordId: order.member_id,
      origin: 'import' as const,
      payload: { orderId: order.id, channel: channelCode, importId },
    })),
    ...restored.map((order) => ({
      type: 'order.changed' as const,
      memberId: order.member_id,
      recordId: order.member_id,
      origin: 'import' as const,
      payload: {
        orderId: order.id,
        channel: channelCode,
        amountMinor: order.before!.status === 'paid' ? order.before!.amount_minor : 0,
        beforeMinor:
          order.status === 'paid'
            ? order.amount_minor
            : order.before!.status === 'paid'
              ? order.before!.refunded_minor
              : 0,
        currency: order.currency,
        importId,
      },
    })),
  ])
  return touched.length
}

/**
 * What the import said of orders that were told anew since, or that another import had brought: they never go back to
 * it. Says of how many orders. They are locked first: the undo of the other import may just be leaving one to this, and
 * then it is seen after.
 */
async function forgetElsewhere(ctx: Ctx, importId: string, limit: number): Promise<number> {
  const { rows } = await sql<{ member_id: string; id: string }>`
    select member_id, id from orders.orders
    where (member_id, id) in (
      (select member_id, id from orders.past_versions where import_id = ${importId} limit ${limit})
      union (select member_id, id from orders.told_again where import_id = ${importId} limit ${limit}))
    order by member_id, id for update`.execute(ctx.tx)
  if (rows.length === 0) return 0
  await sql`delete from orders.past_versions p using unnest(${rows.map((row) => row.member_id)}::uuid[], ${rows.map((row) => row.id)}::uuid[]) as u(m, i)
    where p.member_id = u.m and p.id = u.i and p.import_id = ${importId}`.execute(ctx.tx)
  await sql`delete from orders.told_again t using unnest(${rows.map((row) => row.member_id)}::uuid[], ${rows.map((row) => row.id)}::uuid[]) as u(m, i)
    where t.member_id = u.m and t.id = u.i and t.import_id = ${importId}`.execute(ctx.tx)
  return rows.length
}
