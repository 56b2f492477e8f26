/** What happened to a member, as far as whoever looks may read it. */
import { isDeepStrictEqual } from 'node:util'
import { channelsInScope } from '#modules/channels'
import { seenHomes, servedHomes } from '#modules/members'
import { type Ctx, seeingBy } from '#platform/ctx'
import { eventsOf, type LoggedEvent } from '#platform/events'

interface Page {
  before?: Date
  limit: number
}

export async function timeline(ctx: Ctx, homes: readonly string[], page: Page) {
  const events = await eventsSeen(ctx, homes, page)
  return events.map(({ id, type, memberId, actor, eventAt, payload }) => ({
    id,
    type,
    at: eventAt.toISOString(),
    recordId: memberId,
    channel: 'channel' in payload ? String(payload.channel) : null,
    actor,
    payload: { ...payload },
  }))
}

/** Events that say what a permission of its own is needed for, by how their types begin. */
const guarded = [
  { begins: 'order.', permission: 'orders.read' },
  { begins: 'points.', permission: 'points.read' },
] as const

/** Each kind within the scope in which it may be read; mostly that is one scope, and one reading. */
async function eventsSeen(ctx: Ctx, homes: readonly string[], page: Page): Promise<LoggedEvent[]> {
  const kinds = guarded.map(({ begins, permission }) => ({ begins, sees: seeingBy(ctx, permission) }))
  const apart = kinds.filter(({ sees }) => !isDeepStrictEqual(sees?.actor.scope, ctx.actor.scope))
  const found = await eventsWithin(ctx, homes, { ...page, but: apart.map(({ begins }) => begins) })
  for (const { begins, sees } of apart) if (sees) found.push(...(await eventsWithin(sees, homes, { ...page, begins })))
  return found.sort((a, b) => b.eventAt.getTime() - a.eventAt.getTime() || (a.id < b.id ? 1 : -1)).slice(0, page.limit)
}

/**
 * What happened, as far as the actor sees it: at homes within the scope, and there what came by its channels. Points are
 * the whole group's, so what they were given for elsewhere stays away and their amount shows in the points themselves.
 */
async function eventsWithin(
  ctx: Ctx,
  homes: readonly string[],
  page: Page & { begins?: string; but?: readonly string[] },
): Promise<LoggedEvent[]> {
  const { scope } = ctx.actor
  const seen = await seenHomes(ctx, homes)
  if (scope === 'group' || 'memberIds' in scope) return eventsOf(ctx, { homes: seen, ...page })
  const served = new Set(await servedHomes(ctx, seen))
  const codes = (await channelsInScope(ctx)).map(({ code }) => code)
  return eventsOf(ctx, { homes: seen, ...page, channels: { codes, everyOf: [...served] } })
}
