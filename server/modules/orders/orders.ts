/**
 * Orders as facts of a member, as their channel told them. An order keeps the home of the record that it came by; told
 * again it changes, and what it was before is kept, so that an import can be undone.
 */
import { type RawBuilder, sql } from 'kysely'
import { type Channel, channels } from '#modules/channels'
import { homesOf, servedHomes } from '#modules/members'
import { moveOn } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'
import { emitMany, type NewEvent, type Origin } from '#platform/events'
import { newId } from '#platform/ids'
import { arrayOf } from '#platform/rows'
import type { Vault } from '#platform/vault'
import { orderKeys } from './blind-indexes.ts'
import { orderNotFound, orderNotPaid, refundTooLarge } from './errors.ts'
import './events.ts'

export type OrderStatus = 'pending' | 'paid' | 'cancelled' | 'refunded'

export interface OrderLine {
  product: string | null
  quantity: number | null
  /** Smallest unit of the currency. */
  amountMinor: number
}

export interface OrderFacts {
  number: string | null
  orderedAt: Date
  currency: string
  status: OrderStatus
  paymentMethod: string | null
  lines: OrderLine[]
}

export interface PreparedOrder extends OrderFacts {
  key: string
  contentHash: string
  /** Home of the customer's record. */
  memberId: string
}

export interface OrderView {
  id: string
  recordId: string
  channelId: number
  number: string | null
  orderedAt: Date
  amountMinor: number
  refundedMinor: number
  currency: string
  status: OrderStatus
  paymentMethod: string | null
  lines: OrderLine[]
}

/** Which order it is: its number within the channel; else what it says, with its number among equals (from 0). */
export function orderKey(
  vault: Pick<Vault, 'blind'>,
  channel: Channel,
  { number, content, ordinal }: { number: string | null; content: string; ordinal: number },
): string {
  return number === null
    ? vault.blind('order', `${channel.id}\u0000content\u0000${content}\u0000${ordinal}`)
    : vault.blind('order', `${channel.id}\u0000number\u0000${number}`)
}

export function orderContentHash(vault: Pick<Vault, 'blind'>, facts: OrderFacts): string {
  return vault.blind(
    'order content',
    JSON.stringify([
      facts.number,
      facts.orderedAt.toISOString(),
      facts.currency,
      facts.status,
      facts.paymentMethod,
      facts.lines,
    ]),
  )
}

const amountOf = (lines: readonly OrderLine[]) => lines.reduce((sum, line) => sum + line.amountMinor, 0)

interface Standing {
  order_key: string
  member_id: string
  id: string
  content_hash: string
  ordered_at: Date
  amount_minor: number
  refunded_minor: number
  currency: string
  /** As the channel told it last; a refund in full doesn't change it. */
  status: OrderStatus
  version: number
  import_id: string | null
  withdrawn_at: Date | null
}

/** Makes or brings up to date the orders of one channel. Keys must differ within a batch; answers in its order. */
export async function putOrders(
  ctx: Ctx,
  orders: readonly PreparedOrder[],
  { channel, origin, importId = null }: { channel: Channel; origin: Origin; importId?: string | null },
): Promise<{ key: string; orderId: string; memberId: string; outcome: 'created' | 'updated' | 'unchanged' }[]> {
  if (orders.length === 0) return []
  const sorted = [...orders].sort((a, b) => (a.key < b.key ? -1 : 1))
  await moveOn(
    ctx,
    orderKeys,
    sorted.map(({ key }) => key),
  )
  const ids = sorted.map(() => newId())
  const { rows: claimed } = await sql<{ order_key: string; id: string }>`
    insert into orders.order_keys (order_key, member_id, id, order_key_by)
    select k, m, i, ${ctx.vault.indexBy} from unnest(${sorted.map((o) => o.key)}::uuid[], ${sorted.map((o) => o.memberId)}::uuid[], ${ids}::uuid[]) as given(k, m, i)
    on conflict do nothing returning order_key, id`.execute(ctx.tx)
  const fresh = new Map(claimed.map((row) => [row.order_key, row.id]))
  const created = sorted.filter((order) => fresh.has(order.key))
  await sql`insert into orders.orders (member_id, id, channel_id, number, order_key, content_hash, ordered_at, amount_minor, refunded_minor, currency, status, payment_method, lines, import_id, created_at, updated_at, order_key_by, content_hash_by)
    select m, i, ${channel.id}, n, k, c, o, a, case when st = 'refunded' then greatest(a, 0) else 0 end, cur, st, p, l, ${importId}::uuid, ${ctx.now}, ${ctx.now}, ${ctx.vault.indexBy}, ${ctx.vault.indexBy}
    from unnest(${created.map((o) => o.memberId)}::uuid[], ${created.map((o) => fresh.get(o.key)!)}::uuid[], ${created.map((o) => o.number)}::text[], ${created.map((o) => o.key)}::uuid[],
      ${created.map((o) => o.contentHash)}::uuid[], ${created.map((o) => o.orderedAt)}::timestamptz[], ${created.map((o) => amountOf(o.lines))}::bigint[], ${created.map((o) => o.currency)}::text[],
      ${created.map((o) => o.status)}::text[], ${created.map((o) => o.paymentMethod)}::text[], ${created.map((o) => JSON.stringify(o.lines))}::jsonb[]) as given(m, i, n, k, c, o, a, cur, st, p, l)`.execute(
    ctx.tx,
  )

  const known = sorted.filter((order) => !fresh.has(order.key))
  const standing = await standingOf(
    ctx,
    known.map((order) => order.key),
  )
  if (known.some((order) => standing.get(order.key)?.withdrawn_at !== null)) throw takenBackMeanwhile()
  const changed = known.filter((order) => standing.get(order.key)!.content_hash !== order.contentHash)
  await rewrite(
    ctx,
    changed.map((order) => ({ order, before: standing.get(order.key)! })),
    importId,
  )
  await noteToldAgain(
    ctx,
    known
      .filter((order) => standing.get(order.key)!.content_hash === order.contentHash)
      .map((order) => standing.get(order.key)!),
    importId,
  )

  const events: NewEvent[] = []
  const part = importId ? { importId } : {}
  for (const order of created)
    events.push(
      ...arrival(order, {
        orderId: fresh.get(order.key)!,
        memberId: order.memberId,
        channel: channel.code,
        origin,
        part,
      }),
    )
  for (const order of changed) {
    const before = standing.get(order.key)!
    const where = { orderId: before.id, memberId: before.member_id, channel: channel.code, origin, part }
    events.push(...transition(order, before, where))
  }
  await emitMany(ctx, events)
  const changedKeys = new Set(changed.map((order) => order.key))
  return orders.map(({ key, memberId }) => {
    const id = fresh.get(key)
    if (id) return { key, orderId: id, memberId, outcome: 'created' }
    const before = standing.get(key)!
    return {
      key,
      orderId: before.id,
      memberId: before.member_id,
      outcome: changedKeys.has(key) ? 'updated' : 'unchanged',
    }
  })
}

/** What these orders say now, as their hash; those that don't exist or are withdrawn are left out. */
export async function standingOrders(
  ctx: Pick<Ctx, 'tx' | 'vault'>,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ order_key: string; content_hash: string; key_by: number; hash_by: number }>`
    select k.order_key, o.content_hash, k.order_key_by as key_by, o.content_hash_by as hash_by from orders.order_keys k join orders.orders o on o.member_id = k.member_id and o.id = k.id
    where k.order_key = any(${ctx.vault.forms(keys)}::uuid[]) and o.withdrawn_at is null`.execute(ctx.tx)
  return new Map(
    rows.map((row) => [ctx.vault.current(row.order_key, row.key_by), ctx.vault.current(row.content_hash, row.hash_by)]),
  )
}

/** Locks the standing orders in the order of their keys. */
async function standingOf(ctx: Ctx, keys: readonly string[]): Promise<Map<string, Standing>> {
  if (keys.length === 0) return new Map()
  const { rows } = await sql<Standing & { by: number }>`
    select k.order_key, o.member_id, o.id, o.content_hash, o.content_hash_by as by, o.ordered_at, o.amount_minor, o.refunded_minor, o.currency, o.status, o.version, o.import_id, o.withdrawn_at
    from orders.order_keys k join orders.orders o on o.member_id = k.member_id and o.id = k.id
    where k.order_key = any(${keys}::uuid[]) order by o.member_id, o.id for update of o`.execute(ctx.tx)
  return new Map(
    rows.map((row) => [row.order_key, { ...row, content_hash: ctx.vault.current(row.content_hash, row.by) }]),
  )
}

/** An undo took the order's key between two of our statements: the act is told again, and then makes a new order. */
const takenBackMeanwhile = () =>
  Object.assign(new Error('An order was taken back while it was told again'), { code: '40001' })

async function rewrite(
  ctx: Ctx,
  changes: readonly { order: PreparedOrder; before: Standing }[],
  importId: string | null,
): Promise<void> {
  if (changes.length === 0) return
  const members = changes.map(({ before }) => before.member_id)
  const ids = changes.map(({ before }) => before.id)
  await sql`insert into orders.past_versions (member_id, id, version, import_id, before)
    select o.member_id, o.id, o.version, o.import_id, to_jsonb(o) from orders.orders o
    join unnest(${members}::uuid[], ${ids}::uuid[]) as u(m, i) on o.member_id = u.m and o.id = u.i`.execute(ctx.tx)
  await sql`update orders.orders o set content_hash = u.c, content_hash_by = ${ctx.vault.indexBy}, ordered_at = u.o, amount_minor = u.a, currency = u.cur, status = u.st, payment_method = u.p, lines = u.l,
      version = o.version + 1, import_id = ${importId}::uuid, updated_at = ${ctx.now},
      refunded_minor = case when u.st = 'refunded' then greatest(u.a, 0) when o.status = 'refunded' then 0 else o.refunded_minor end
    from unnest(${members}::uuid[], ${ids}::uuid[], ${changes.map(({ order }) => order.contentHash)}::uuid[], ${changes.map(({ order }) => order.orderedAt)}::timestamptz[],
      ${changes.map(({ order }) => amountOf(order.lines))}::bigint[], ${changes.map(({ order }) => order.currency)}::text[], ${changes.map(({ order }) => order.status)}::text[],
      ${changes.map(({ order }) => order.paymentMethod)}::text[], ${changes.map(({ order }) => JSON.stringify(order.lines))}::jsonb[]) as u(m, i, c, o, a, cur, st, p, l)
    where o.member_id = u.m and o.id = u.i`.execute(ctx.tx)
}

/** What more than one import told of, or an import and the channel live, is not the word of the first alone. */
async function noteToldAgain(ctx: Ctx, unchanged: readonly Standing[], importId: string | null): Promise<void> {
  const ofOthers = unchanged.filter(({ import_id }) => import_id !== null && import_id !== importId)
  if (ofOthers.length === 0) return
  const members = ofOthers.map(({ member_id }) => member_id)
  const ids = ofOthers.map(({ id }) => id)
  if (importId === null)
    await sql`update orders.orders o set import_id = null from unnest(${members}::uuid[], ${ids}::uuid[]) as u(m, i)
      where o.member_id = u.m and o.id = u.i`.execute(ctx.tx)
  else
    await sql`insert into orders.told_again (member_id, id, import_id)
      select m, i, ${importId} from unnest(${members}::uuid[], ${ids}::uuid[]) as u(m, i) on conflict do nothing`.execute(
      ctx.tx,
    )
}

interface Where {
  orderId: string
  memberId: string
  channel: string
  origin: Origin
  part: { importId?: string }
}

/** What a new order means: paid counts; the rest is told without effect. */
function arrival(order: PreparedOrder, { orderId, memberId, channel, origin, part }: Where): NewEvent[] {
  const base = { memberId, recordId: memberId, at: order.orderedAt, origin }
  if (order.status === 'paid') {
    return [
      {
        ...base,
        type: 'order.paid',
        payload: {
          orderId,
          channel,
          amountMinor: amountOf(order.lines),
          currency: order.currency,
          paymentMethod: order.paymentMethod,
          ...part,
        },
      },
    ]
  }
  if (order.status === 'pending')
    return [
      {
        ...base,
        type: 'order.placed',
        payload: { orderId, channel, amountMinor: amountOf(order.lines), currency: order.currency, ...part },
      },
    ]
  return [{ ...base, type: 'order.cancelled', payload: { orderId, channel, ...part } }]
}

function transition(
  order: PreparedOrder,
  before: Standing,
  { orderId, memberId, channel, origin, part }: Where,
): NewEvent[] {
  const base = { memberId, recordId: memberId, origin }
  const amountMinor = amountOf(order.lines)
  const counted = before.status === 'paid'
  if (order.status === 'paid') {
    if (!counted && before.status === 'pending') return arrival(order, { orderId, memberId, channel, origin, part })
    // What was cancelled and lives again is worth what had not been paid back of it.
    const beforeMinor = counted ? before.amount_minor : before.status === 'cancelled' ? before.refunded_minor : 0
    return beforeMinor === amountMinor
      ? []
      : [
          {
            ...base,
            type: 'order.changed',
            payload: { orderId, channel, amountMinor, beforeMinor, currency: order.currency, ...part },
          },
        ]
  }
  if (order.status === 'refunded' && counted) {
    const left = before.amount_minor - before.refunded_minor
    if (left === 0) return []
    return [
      {
        ...base,
        type: 'order.refunded',
        payload: {
          orderId,
          // An order may be refunded, paid and refunded again: each is a refund of its own.
          refundId: `${orderId}:rest:${before.version + 1}`,
          channel,
          amountMinor: left,
          ofMinor: before.amount_minor,
          currency: before.currency,
          ...part,
        },
      },
    ]
  }
  if (order.status === 'cancelled' && before.status !== 'cancelled')
    return [{ ...base, type: 'order.cancelled', payload: { orderId, channel, ...part } }]
  // Not paid after all, or about to be paid anew.
  if (order.status === 'pending' && (counted || before.status === 'refunded'))
    return [
      {
        ...base,
        type: 'order.changed',
        payload: {
          orderId,
          channel,
          amountMinor: 0,
          beforeMinor: counted ? before.amount_minor : 0,
          currency: before.currency,
          ...part,
        },
      },
    ]
  return []
}

/** Part or all of an order was paid back. The refund names itself: told twice it is one. */
export async function refund(
  ctx: Ctx,
  { memberId, orderId, id, amountMinor }: { memberId: string; orderId: string; id: string; amountMinor: number },
): Promise<OrderView> {
  const homes = await homesOf(ctx, memberId)
  const { rows } = await sql<{
    member_id: string
    amount_minor: number
    refunded_minor: number
    status: OrderStatus
    currency: string
    channel_id: number
  }>`
    update orders.orders set refunded_minor = refunded_minor + ${amountMinor}::bigint, updated_at = ${ctx.now}
    where member_id = any(${homes}::uuid[]) and id = ${orderId} and withdrawn_at is null and ${await orderInScope(ctx, homes)}
    returning member_id, amount_minor, refunded_minor, status, currency, channel_id`.execute(ctx.tx)
  const order = rows[0]
  if (!order) throw orderNotFound(orderId)
  if (order.refunded_minor > order.amount_minor)
    throw refundTooLarge(amountMinor, order.amount_minor - (order.refunded_minor - amountMinor))
  if (order.status !== 'paid' && order.status !== 'refunded') throw orderNotPaid(orderId)
  const channel = (await channels(ctx)).find(({ id: channelId }) => channelId === order.channel_id)
  await emitMany(ctx, [
    {
      type: 'order.refunded',
      memberId: order.member_id,
      recordId: order.member_id,
      payload: {
        orderId,
        refundId: id,
        channel: channel!.code,
        amountMinor,
        ofMinor: order.amount_minor,
        currency: order.currency,
      },
    },
  ])
  const [view] = await ordersOf(ctx, homes, { ids: [orderId], limit: 1 })
  return view!
}

/**
 * Which of these homes have an order that still stands, and by one of the imports that brought them; null where one came
 * by no import. Orders of the import `but` don't count.
 */
export async function homesWithOrders(
  ctx: Ctx,
  homes: readonly string[],
  but: string | null = null,
): Promise<Map<string, string | null>> {
  const { rows } = await sql<{ member_id: string; imports: (string | null)[] }>`
    select member_id, array_agg(distinct import_id) as imports from orders.orders
    where member_id = any(${homes}::uuid[]) and withdrawn_at is null and (${but}::uuid is null or import_id is distinct from ${but}::uuid)
    group by member_id`.execute(ctx.tx)
  return new Map(rows.map(({ member_id, imports }) => [member_id, imports.includes(null) ? null : imports[0]!]))
}

/** Of a shared member a store sees its own orders only; who serves somebody sees all of theirs. */
async function orderInScope(ctx: Ctx, homes: readonly string[]): Promise<RawBuilder<boolean>> {
  const { scope } = ctx.actor
  if (scope === 'group' || 'memberIds' in scope) return sql<boolean>`true`
  return sql<boolean>`(channel_id = any(${arrayOf('int', scope.channelIds)}) or member_id = any(${arrayOf('uuid', await servedHomes(ctx, homes))}))`
}

/** Homes of those orders that stand, by their keys. */
export async function homesOfOrders(
  ctx: Pick<Ctx, 'tx' | 'vault'>,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ key: string; by: number; home: string }>`
    select order_key as key, order_key_by as by, member_id as home from orders.order_keys
    where order_key = any(${ctx.vault.forms(keys)}::uuid[])`.execute(ctx.tx)
  return new Map(rows.map(({ key, by, home }) => [ctx.vault.current(key, by), home]))
}

export async function ordersOf(
  ctx: Ctx,
  homes: readonly string[],
  {
    from,
    before,
    ids,
    limit,
  }: { from?: Date | undefined; before?: Date | undefined; ids?: readonly string[]; limit: number },
): Promise<OrderView[]> {
  const { rows } = await sql<OrderView>`
    select id, member_id as "recordId", channel_id as "channelId", number, ordered_at as "orderedAt", amount_minor as "amountMinor",
      refunded_minor as "refundedMinor", currency, payment_method as "paymentMethod", lines,
      case when status = 'paid' and refunded_minor > 0 and refunded_minor >= amount_minor then 'refunded' else status end as status
    from orders.orders where member_id = any(${homes}::uuid[]) and withdrawn_at is null and ${await orderInScope(ctx, homes)}
      ${from ? sql`and ordered_at >= ${from}` : sql``} ${before ? sql`and ordered_at < ${before}` : sql``} ${ids ? sql`and id = any(${ids}::uuid[])` : sql``}
    order by ordered_at desc, id desc limit ${limit}`.execute(ctx.tx)
  return rows
}

/** Number, sum and last day of the orders of each home, in one currency; what is cancelled doesn't count. */
export async function orderTotals(
  ctx: Ctx,
  homes: readonly string[],
  currency: string,
): Promise<Map<string, { orders: number; spentMinor: number; lastOrderAt: Date }>> {
  const { rows } = await sql<{ member_id: string; orders: number; spentMinor: number; lastOrderAt: Date }>`
    select member_id, count(*) as orders, coalesce(sum(amount_minor - refunded_minor) filter (where status in ('paid', 'refunded') and currency = ${currency}), 0)::bigint as "spentMinor", max(ordered_at) as "lastOrderAt"
    from orders.orders where member_id = any(${homes}::uuid[]) and withdrawn_at is null and ${await orderInScope(ctx, homes)}
    group by member_id`.execute(ctx.tx)
  return new Map(rows.map(({ member_id, ...totals }) => [member_id, totals]))
}

/** How many orders stand by another way than this import: another import, or told live. */
export async function ordersNotOf(ctx: Pick<Ctx, 'tx'>, importId: string): Promise<number> {
  const { rows } = await sql<{ orders: number }>`
    select count(*) as orders from orders.orders where withdrawn_at is null and import_id is distinct from ${importId}::uuid`.execute(
    ctx.tx,
  )
  return rows[0]!.orders
}
