/**
 * Who booked together, as far as orders tell: the same product at the same channel within minutes, or one order number
 * told by two channels about different people. What many booked at once (a group on sale, a list with days only) says
 * nothing about any two of them.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'

/** Two homes that booked together, and on how many days. */
export interface Together {
  a: string
  b: string
  bookings: number
}

const minutesApart = 10
/** People who book together at most. */
const mostTogether = 6
/** Shorter numbers are counted up anew in each channel. */
const shortestNumber = 6
/** Orders of one home that are looked at, the newest. */
const newestOrders = 50

const apart = sql.raw(`interval '${minutesApart} minutes'`)
const stands = (order: string): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref(`${order}.withdrawn_at`)} is null and ${sql.ref(`${order}.status`)} <> 'cancelled' and ${sql.ref(`${order}.amount_minor`)} >= 0`
const product = (order: string) => sql`${sql.ref(`${order}.lines`)} -> 0 ->> 'product'`

/** Whoever booked together with one of these homes; `orders`: by these of their orders only. */
export async function bookedWith(
  ctx: Pick<Ctx, 'tx'>,
  homes: readonly string[],
  orders: readonly string[] | null = null,
): Promise<Together[]> {
  if (homes.length === 0) return []
  const only = orders ? sql`and id = any(${arrayOf('uuid', orders)})` : sql``
  const { rows } = await sql<Together>`
    select home as a, other as b, count(distinct ordered_at::date)::int as bookings from (
      select o.member_id as home, o.ordered_at, array_agg(distinct n.member_id) as others
      from unnest(${arrayOf('uuid', homes)}) as asked(home)
      cross join lateral (select * from orders.orders where member_id = asked.home ${only} order by ordered_at desc limit ${newestOrders}) o
      cross join lateral (
        select n.member_id from orders.orders n
        where n.ordered_at between o.ordered_at - ${apart} and o.ordered_at + ${apart} and n.member_id <> o.member_id and ${stands('n')}
          and ((n.channel_id = o.channel_id and ${product('n')} = ${product('o')})
            or (n.channel_id <> o.channel_id and n.number = o.number and length(o.number) >= ${shortestNumber}))
        limit 100) n
      where ${stands('o')}
      group by o.member_id, o.id, o.ordered_at
    ) as booked cross join lateral unnest(others) as other
    where cardinality(others) < ${mostTogether} group by home, other`.execute(ctx.tx)
  return rows
}

/** The same of all homes, at one sorting and in no order. It only reads, and may take its time. */
export async function allBookedTogether(ctx: Pick<Ctx, 'tx'>): Promise<Together[]> {
  const { rows } = await sql<Together>`
    with told as (
      select o.member_id, o.channel_id, o.number, o.ordered_at, ${product('o')} as product from orders.orders o where ${stands('o')}
    ), runs as (
      select *, count(*) filter (where gap is null or gap > ${apart}) over (partition by channel_id, product order by ordered_at) as run
      from (select *, ordered_at - lag(ordered_at) over (partition by channel_id, product order by ordered_at) as gap
        from told where product is not null) as gaps
    ), bookings as (
      select array_agg(distinct member_id) as homes, min(ordered_at)::date as day from runs group by channel_id, product, run
      having count(*) > 1 and count(distinct member_id) between 2 and ${mostTogether}
      union all
      select array_agg(distinct member_id), min(ordered_at)::date from told where length(number) >= ${shortestNumber} group by number, ordered_at::date
      having count(*) > 1 and count(distinct channel_id) > 1 and count(distinct member_id) between 2 and ${mostTogether}
    )
    select a, b, count(distinct day)::int as bookings
    from bookings cross join lateral unnest(homes) as a cross join lateral unnest(homes) as b
    where a < b group by a, b`.execute(ctx.tx)
  return rows
}
