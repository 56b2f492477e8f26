/** What points are worth in money: of one member, and all that the group owes. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { type GroupSettings, readSettings } from '#platform/settings'

/** In the smallest unit of the currency, rounded half up. */
export const worthOf = (points: number, { points: each, minor }: NonNullable<GroupSettings['pointValue']>) =>
  Number((2n * BigInt(points) * BigInt(minor) + BigInt(each)) / (2n * BigInt(each)))

/** As the entries say; the sweep that writes down what has lapsed is never far behind. */
export async function liability(
  ctx: Ctx,
): Promise<{ available: number; pending: number; deficit: number; worthMinor: number | null; currency: string }> {
  const { pointValue, currency } = await readSettings(ctx)
  const { rows } = await sql<{ available: number; pending: number; deficit: number }>`
    select coalesce(sum(available), 0)::bigint as available, coalesce(sum(pending), 0)::bigint as pending,
      coalesce(sum(deficit), 0)::bigint as deficit from points.accounts`.execute(ctx.tx)
  const sums = rows[0]!
  return { ...sums, worthMinor: pointValue && worthOf(sums.available + sums.pending, pointValue), currency }
}
