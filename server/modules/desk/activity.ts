/** What came by each channel, counted by the warehouse. */
import { factsInScope } from '#modules/members'
import type { Scope } from '#platform/ctx'
import { isOutage } from '#platform/errors'
import type { House } from '#platform/house'

export interface Came {
  records: number
  members: number
  orders: number
  lastAt: string | null
}

export const nothingCame: Came = { records: 0, members: 0, orders: 0, lastAt: null }

/** By the channel's number; a channel by which nothing came is left out. Null while the warehouse is away. */
export async function cameByChannel(
  { warehouse, log }: Pick<House, 'warehouse' | 'log'>,
  scope: Scope,
): Promise<Map<number, Came> | null> {
  try {
    const rows = await warehouse.query<{
      channel: number
      records: number
      members: number
      orders: number
      lastAt: string
    }>(
      `select members_channel_id as channel, count() as records, uniqExact(members_person_id) as members, sum(orders_count) as orders,
         max(greatest(members_created_at, coalesce(orders_last_at, members_created_at))) as lastAt
       from ${factsInScope(scope)} where members_live group by channel`,
    )
    return new Map(
      rows.map(({ channel, records, members, orders, lastAt }) => [
        channel,
        { records, members, orders, lastAt: new Date(lastAt).toISOString() },
      ]),
    )
  } catch (error) {
    if (!isOutage(error)) throw error
    log.warn({ part: 'warehouse', err: error }, 'channels without numbers')
    return null
  }
}
