/** Where orders lie by keyed hashes, and how those move to the next index key. */
import { sql } from 'kysely'
import { type BlindIndex, blindColumn, inPages, nextPage, roughly } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'

export const orderKeys = { table: 'orders.order_keys', column: 'order_key' }

const past = 'orders.past_versions'
const former = (ctx: Pick<Ctx, 'vault'>) => sql`coalesce((before->>'content_hash_by')::int, 1) < ${ctx.vault.indexBy}`

/** A past version is the row as it was, with its hashes. */
const pastVersions: BlindIndex = {
  name: past,
  count: (ctx) => roughly(ctx, past),
  anyLeft: async (ctx) => {
    const { rows } = await sql<{
      left: boolean
    }>`select exists (select from orders.past_versions where ${former(ctx)}) as left`.execute(ctx.tx)
    return rows[0]!.left
  },
  move: async (ctx, page) => {
    const { rows } = await sql<{ row: string; key: string; hash: string; by: number }>`
      select ctid::text as row, before->>'order_key' as key, before->>'content_hash' as hash,
        coalesce((before->>'content_hash_by')::int, 1) as by from orders.past_versions
      where ${inPages(page)} and ${former(ctx)} for update`.execute(ctx.tx)
    const by = ctx.vault.indexBy
    const hashes = rows.map((row) =>
      JSON.stringify({
        order_key: ctx.vault.current(row.key, row.by),
        content_hash: ctx.vault.current(row.hash, row.by),
        order_key_by: by,
        content_hash_by: by,
      }),
    )
    await sql`update orders.past_versions p set before = before || u.hashes
      from unnest(${rows.map(({ row }) => row)}::text[], ${hashes}::jsonb[]) as u(row, hashes)
      where p.ctid = u.row::tid and ${inPages(page, sql`p.ctid`)}`.execute(ctx.tx)
    return { next: await nextPage(ctx, past, page), moved: rows.length }
  },
}

export const blindIndexes: readonly BlindIndex[] = [
  blindColumn(orderKeys),
  blindColumn({ table: 'orders.orders', column: 'order_key' }),
  blindColumn({ table: 'orders.orders', column: 'content_hash' }),
  pastVersions,
]
