/** Rows of the member list: who, and of orders and points as much as whoever asks may read. */
import { isDeepStrictEqual } from 'node:util'
import { channelOf, channels } from '#modules/channels'
import { type FoundRow, findPersons, howManyPersons, masked, maskedPhones, seenHomes } from '#modules/members'
import { orderTotals } from '#modules/orders'
import { balancesOf } from '#modules/points'
import { type Actor, type Ctx, scopeOf, seeingBy } from '#platform/ctx'
import { Refusal } from '#platform/errors'
import { readSettings } from '#platform/settings'
import type { memberFilters } from './contract.ts'

export interface MembersAsked {
  search?: string | undefined
  channel?: string | undefined
  /** Found already, with all that was asked. */
  among?: readonly string[] | undefined
  after?: string | undefined
  limit: number
}

/** A filter tells as much as the column would: who has paid, whose points lapse. */
export const filterNeeds: Record<(typeof memberFilters)[number], string> = {
  new: 'members.read',
  paid: 'orders.read',
  lapsing: 'points.read',
}

/** @throws Refusal access.not_permitted */
export function mayFilterBy(actor: Actor, show: (typeof memberFilters)[number]): void {
  const permission = filterNeeds[show]
  if (scopeOf(actor, permission) === null)
    throw new Refusal('forbidden', 'access.not_permitted', { permission }, `This needs the permission ${permission}.`)
}

export async function membersFound(ctx: Ctx, { search, channel, among, after, limit }: MembersAsked) {
  const { country } = await readSettings(ctx)
  const channelId = channel === undefined ? undefined : (await channelOf(ctx, channel)).id
  const { persons, next } = await findPersons(ctx, { search, channelId, among, after, limit, country })
  return {
    members: await memberRows(ctx, persons),
    next,
    total: search || channel || among ? null : await howManyPersons(ctx),
  }
}

/** What a row says of persons whom the actor sees, in their order. */
export async function memberRows(ctx: Ctx, persons: readonly FoundRow[]) {
  const { currency } = await readSettings(ctx)
  const codes = new Map((await channels(ctx)).map(({ id, code }) => [id, code]))
  const homes = persons.flatMap((person) => person.homes)
  const seesOrders = seeingBy(ctx, 'orders.read')
  const seesPoints = seeingBy(ctx, 'points.read')
  const totals = seesOrders && (await orderTotals(seesOrders, homes, currency))
  const points = seesPoints && (await balancesOf(seesPoints, homes))
  const withPoints = new Set(
    seesPoints && !isDeepStrictEqual(seesPoints.actor.scope, ctx.actor.scope)
      ? await seenHomes(seesPoints, homes)
      : homes,
  )
  const phones = await maskedPhones(ctx, persons, (phone) => masked('phone', phone))
  return persons.map(({ homes: own, channelIds, since, ...person }) => {
    const orders = totals && own.flatMap((home) => totals.get(home) ?? [])
    const last = (orders ?? []).map((order) => order.lastOrderAt.getTime())
    return {
      ...person,
      phone: phones.get(person.id) ?? null,
      channels: (channelIds ?? []).map((id) => codes.get(id)!),
      orders: orders?.reduce((sum, order) => sum + order.orders, 0) ?? null,
      spentMinor: orders?.reduce((sum, order) => sum + order.spentMinor, 0) ?? null,
      lastOrderAt: last.length > 0 ? new Date(Math.max(...last)).toISOString() : null,
      points:
        points && own.some((home) => withPoints.has(home))
          ? own.reduce((sum, home) => sum + (points.get(home) ?? 0), 0)
          : null,
      since: since.toISOString(),
    }
  })
}
