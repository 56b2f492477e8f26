/**
 * Words of orders that were written in several ways. An order keeps what it was before as a past version, and stays the
 * word of the import that brought it.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { type OrderFacts, orderContentHash } from './orders.ts'

export type OrderWord = 'product' | 'paymentMethod'

/** Of each channel the most frequent ones, at most `limit`. */
export async function wordsOfOrders(
  ctx: Pick<Ctx, 'tx'>,
  field: OrderWord,
  limit: number,
): Promise<{ channelId: number; text: string; count: number }[]> {
  const said =
    field === 'product'
      ? sql`select o.channel_id, line ->> 'product' as text from orders.orders o, jsonb_array_elements(o.lines) as line where o.withdrawn_at is null`
      : sql`select o.channel_id, o.payment_method as text from orders.orders o where o.withdrawn_at is null`
  const { rows } = await sql<{ channelId: number; text: string; count: number }>`
    select channel_id as "channelId", text, count from (
      select channel_id, text, count(*) as count, row_number() over (partition by channel_id order by count(*) desc, text) as place
      from (${said}) as said where text is not null group by channel_id, text) as counted where place <= ${limit}`.execute(
    ctx.tx,
  )
  return rows
}

interface Written {
  memberId: string
  orderId: string
  version: number
}

/** Rewrites the orders of some hundred members behind `after`; `last`: where to go on, null at the end. */
export async function respellOrders(
  ctx: Ctx,
  {
    field,
    means,
    channelIds,
    after,
    limit,
  }: {
    field: OrderWord
    /** Null: is nothing. Undefined: as it is. */
    means: (text: string) => string | null | undefined
    channelIds?: readonly number[] | undefined
    after: string | null
    limit: number
  },
): Promise<{ looked: number; written: Written[]; last: string | null }> {
  const { rows } = await sql<
    OrderFacts & { memberId: string; id: string; version: number; channelId: number; withdrawn: boolean }
  >`
    select member_id as "memberId", id, version, channel_id as "channelId", number, ordered_at as "orderedAt", currency, status,
      payment_method as "paymentMethod", lines, withdrawn_at is not null as withdrawn
    from orders.orders where ${after === null ? sql`true` : sql`member_id > ${after}::uuid`}
    order by member_id fetch first ${sql.lit(limit)} rows with ties for update`.execute(ctx.tx)
  const told = (text: string | null) => {
    const code = text === null ? undefined : means(text)
    return code === undefined ? text : code
  }
  const changed = rows.flatMap((order) => {
    if (order.withdrawn || (channelIds && !channelIds.includes(order.channelId))) return []
    const lines =
      field === 'product' ? order.lines.map((line) => ({ ...line, product: told(line.product) })) : order.lines
    const paymentMethod = field === 'paymentMethod' ? told(order.paymentMethod) : order.paymentMethod
    const isSame =
      paymentMethod === order.paymentMethod && lines.every(({ product }, at) => product === order.lines[at]!.product)
    return isSame ? [] : [{ ...order, lines, paymentMethod }]
  })
  await write(ctx, changed)
  return {
    looked: rows.length,
    written: changed.map(({ memberId, id, version }) => ({ memberId, orderId: id, version: version + 1 })),
    last: rows.at(-1)?.memberId ?? null,
  }
}

async function write(ctx: Ctx, orders: readonly (OrderFacts & { memberId: string; id: string })[]): Promise<void> {
  if (orders.length === 0) return
  const members = arrayOf(
    'uuid',
    orders.map(({ memberId }) => memberId),
  )
  const ids = arrayOf(
    'uuid',
    orders.map(({ id }) => id),
  )
  await sql`insert into orders.past_versions (member_id, id, version, import_id, before)
    select o.member_id, o.id, o.version, o.import_id, to_jsonb(o) from orders.orders o
    join unnest(${members}, ${ids}) as u(m, i) on o.member_id = u.m and o.id = u.i`.execute(ctx.tx)
  await sql`update orders.orders o set content_hash = u.c, payment_method = u.p, lines = u.l, version = o.version + 1, updated_at = ${ctx.now}
    from unnest(${members}, ${ids}, ${arrayOf(
      'uuid',
      orders.map((order) => orderContentHash(ctx.vault, order)),
    )}, ${arrayOf(
      'text',
      orders.map(({ paymentMethod }) => paymentMethod),
    )}, ${arrayOf(
      'jsonb',
      orders.map(({ lines }) => JSON.stringify(lines)),
    )}) as u(m, i, c, p, l)
    where o.member_id = u.m and o.id = u.i`.execute(ctx.tx)
}

/** Takes such rewritings back where nothing newer was said. Says of how many. */
export async function respellBack(ctx: Ctx, field: OrderWord, written: readonly Written[]): Promise<number> {
  const { rows } = await sql<
    OrderFacts & { memberId: string; id: string; before: { payment_method: string | null; lines: OrderFacts['lines'] } }
  >`
    select o.member_id as "memberId", o.id, o.number, o.ordered_at as "orderedAt", o.currency, o.status, o.payment_method as "paymentMethod",
      o.lines, p.before
    from unnest(${arrayOf(
      'uuid',
      written.map(({ memberId }) => memberId),
    )}, ${arrayOf(
      'uuid',
      written.map(({ orderId }) => orderId),
    )}, ${arrayOf(
      'int',
      written.map(({ version }) => version),
    )}) as u(m, i, v)
    join orders.orders o on o.member_id = u.m and o.id = u.i and o.version = u.v and o.withdrawn_at is null
    join orders.past_versions p on p.member_id = u.m and p.id = u.i and p.version = u.v - 1
    order by o.member_id, o.id for update of o`.execute(ctx.tx)
  await write(
    ctx,
    rows.map(({ before, ...order }) =>
      field === 'product' ? { ...order, lines: before.lines } : { ...order, paymentMethod: before.payment_method },
    ),
  )
  return rows.length
}
