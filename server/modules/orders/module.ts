import { sql } from 'kysely'
import type { Module } from '#platform/modules'
import { blindIndexes } from './blind-indexes.ts'
import { routes } from './routes.ts'

export const module: Module = {
  name: 'orders',
  routes,
  blindIndexes,
  facts: {
    columns: {
      count: { type: 'Int32', combine: 'sum' },
      amount_minor: { type: 'Int64', combine: 'sum' },
      refunded_minor: { type: 'Int64', combine: 'sum' },
      first_at: { type: "Nullable(DateTime64(3, 'UTC'))", combine: 'min' },
      last_at: { type: "Nullable(DateTime64(3, 'UTC'))", combine: 'max' },
    },
    read: async (ctx, homes) => {
      const { rows } = await sql<{
        member_id: string
        count: number
        amount_minor: number
        refunded_minor: number
        first_at: Date | null
        last_at: Date | null
      }>`
        select member_id, count(*) as count, coalesce(sum(amount_minor) filter (where status in ('paid', 'refunded')), 0)::bigint as amount_minor,
          coalesce(sum(refunded_minor), 0)::bigint as refunded_minor, min(ordered_at) as first_at, max(ordered_at) as last_at
        from orders.orders where member_id = any(${homes}::uuid[]) and withdrawn_at is null group by member_id`.execute(
        ctx.tx,
      )
      return new Map(rows.map(({ member_id, ...facts }) => [member_id, facts]))
    },
  },
}
