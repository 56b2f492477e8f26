/** From the log to deliveries: which endpoint is told of which event, by its role, its place and the kinds that it wants. */
import { grantsOf } from '#modules/access'
import { channels } from '#modules/channels'
import { personsOf, seenHomes, servedHomes } from '#modules/members'
import { givenTo } from '#modules/privacy'
import { type Actor, type Ctx, type Scope, scopeOf } from '#platform/ctx'
import type { EventType, LoggedEvent } from '#platform/events'
import { reaction } from '#platform/reactions'
import { kinds } from './contract.ts'
import { addDeliveries } from './deliveries.ts'
import { actorOf, type Endpoint, endpoints } from './endpoints.ts'
import { areaOf, isEvent } from './kinds.ts'

export const telling = reaction({
  name: 'webhooks.telling',
  types: kinds.map(isEvent),
  // What an import brings was known elsewhere already; receivers read it by the API.
  origins: ['live'],
  // Nobody is told of what was before they asked.
  startsAt: 'now',
  async run(ctx, events) {
    const all = await endpoints(ctx)
    if (all.length === 0) return
    const persons = await personsOf(ctx, homesIn(events))
    for (const endpoint of all) {
      const wanted = events.filter(({ type }) => endpoint.kinds.includes(type))
      const told = await seenBy(ctx, endpoint, wanted)
      await addDeliveries(
        ctx,
        told.map(({ id, generation, xid, type, memberId, eventAt, origin, payload }) => ({
          endpointId: endpoint.id,
          eventId: id,
          generation,
          xid,
          memberId,
          type,
          eventAt,
          // The home that it came by, and who that is now.
          data: { memberId, personId: memberId && (persons.get(memberId) ?? memberId), origin, ...payload },
        })),
      )
    }
  },
})

const homesIn = (events: readonly LoggedEvent[]) =>
  [...new Set(events.flatMap(({ memberId }) => memberId ?? []))].sort()

/** Those of the events that the role of an endpoint may read, in the part of the group where it holds. */
async function seenBy<E extends LoggedEvent<EventType>>(
  ctx: Ctx,
  endpoint: Endpoint,
  events: readonly E[],
): Promise<E[]> {
  if (events.length === 0) return []
  const actor = actorOf(endpoint.id, await grantsOf(ctx, endpoint.id))
  const seen = new Set<string>()
  for (const [permission, same] of Map.groupBy(events, ({ type }) => areaOf(type).permission)) {
    const scope = scopeOf(actor, permission)
    if (scope) for (const { id } of await inScope(ctx, { ...actor, scope }, same)) seen.add(id)
  }
  const erased = events.filter(({ type, id }) => type === 'member.erased' && !seen.has(id))
  // Their records are gone, so no scope has them; whoever was told of them is told that.
  const known = erased.length > 0 ? await givenTo(ctx, endpoint.recipientId, homesIn(erased)) : new Set()
  return events.filter(
    ({ id, type, memberId }) => seen.has(id) || (type === 'member.erased' && memberId !== null && known.has(memberId)),
  )
}

/** As a store's time line has it: at homes within the scope, and there what came by its channels. */
async function inScope<E extends LoggedEvent<EventType>>(
  ctx: Ctx,
  actor: Actor & { scope: Scope },
  events: readonly E[],
): Promise<readonly E[]> {
  if (actor.scope === 'group') return events
  if ('memberIds' in actor.scope) return []
  const { channelIds } = actor.scope
  const within = { ...ctx, actor }
  const homes = new Set(await seenHomes(within, homesIn(events)))
  const served = new Set(await servedHomes(within, [...homes]))
  const codes = new Set((await channels(ctx)).filter(({ id }) => channelIds.includes(id)).map(({ code }) => code))
  return events.filter(({ memberId, payload }) => {
    if (memberId === null || !homes.has(memberId)) return false
    const channel = 'channel' in payload ? String(payload.channel) : null
    return channel === null || codes.has(channel) || served.has(memberId)
  })
}
