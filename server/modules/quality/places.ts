/** Whose members are counted: of the scope, a company, a channel or a member of staff; never more than the scope. */
import { channelOf, channels } from '#modules/channels'
import { companiesSeen } from '#modules/dictionary'
import { factsInScope, staffWhoServe } from '#modules/members'
import { companyUnknown } from '#modules/organisation'
import type { Ctx } from '#platform/ctx'

export interface Asked {
  company?: string | undefined
  channel?: string | undefined
  staff?: string | undefined
}

export interface Place {
  /** What to read where all would be read of `facts`. */
  facts: string
  params: Record<string, unknown>
  /** Under which its days are kept; null: of this scope nobody keeps them. */
  name: string | null
  /** Channels of which it is made, where it is; null: everything. */
  channelIds: number[] | null
  /** Whether a record is one of those that are counted. */
  has(record: { channelId: number; stores: readonly number[]; staff: readonly string[] }): boolean
}

const everything = () => true
const ofChannels =
  (channelIds: readonly number[]): Place['has'] =>
  ({ channelId, stores }) =>
    channelIds.includes(channelId) || stores.some((store) => channelIds.includes(store))

export async function placeOf(ctx: Ctx, { company, channel, staff }: Asked): Promise<Place> {
  const { scope, id } = ctx.actor
  const seen = factsInScope(scope)
  if (staff !== undefined) {
    const staffId = staff === 'me' ? id : staff
    const serving = await staffWhoServe(ctx)
    return {
      facts: `(select * from ${seen} where has(members_served_by, {staff:UUID}))`,
      // Whoever serves nobody within the scope is counted as nobody.
      params: { staff: staffId !== null && serving.includes(staffId) ? staffId : nobody },
      name: staffId !== null && scope === 'group' ? `staff:${staffId}` : null,
      channelIds: null,
      has: ({ staff: serving }) => staffId !== null && serving.includes(staffId),
    }
  }
  if (channel !== undefined) {
    const { id: channelId } = await channelOf(ctx, channel)
    return {
      ...within(seen, [channelId]),
      name: `channel:${channelId}`,
      channelIds: [channelId],
      has: ofChannels([channelId]),
    }
  }
  if (company !== undefined) {
    const found = (await companiesSeen(ctx)).find(({ code }) => code === company)
    if (!found) throw companyUnknown(company)
    return {
      ...within(seen, found.channelIds),
      name: found.whole ? `company:${found.id}` : null,
      channelIds: found.channelIds,
      has: ofChannels(found.channelIds),
    }
  }
  if (scope === 'group') return { facts: seen, params: {}, name: 'group', channelIds: null, has: everything }
  const whole = (await companiesSeen(ctx)).filter((one) => one.whole)
  const own = 'channelIds' in scope ? scope.channelIds : []
  const only = whole.find(({ channelIds }) => own.every((one) => channelIds.includes(one)))
  return {
    facts: seen,
    params: {},
    name: only ? `company:${only.id}` : own.length === 1 ? `channel:${own[0]}` : null,
    channelIds: [...own],
    has: everything,
  }
}

const nobody = '00000000-0000-0000-0000-000000000000'

function within(seen: string, channelIds: readonly number[]): Pick<Place, 'facts' | 'params'> {
  return {
    facts: `(select * from ${seen} where has({channels:Array(Int32)}, members_channel_id) or hasAny(members_stores, {channels:Array(Int32)}))`,
    params: { channels: [...channelIds] },
  }
}

/** Codes and names of channels within the scope, by id. */
export async function channelsSeen(ctx: Ctx): Promise<Map<number, { code: string; name: string }>> {
  const { scope } = ctx.actor
  return new Map(
    (await channels(ctx))
      .filter(({ id }) => scope === 'group' || ('channelIds' in scope && scope.channelIds.includes(id)))
      .map(({ id, code, name }) => [id, { code, name }]),
  )
}
