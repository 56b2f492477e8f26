/** What staff see on one screen, read from the modules below in one act. */
import { staffNames } from '#modules/access'
import { smsSenderOf } from '#modules/centre'
import { type Channel, channelOf, channels, channelsInScope } from '#modules/channels'
import { howManyProposed, tiesOf } from '#modules/families'
import {
  findPersons,
  homesOf,
  howManyPersons,
  masked,
  maskedPhones,
  openReviews,
  personOf,
  relationsOf,
  seenHomes,
  servedHomes,
} from '#modules/members'
import { ordersOf, orderTotals } from '#modules/orders'
import { balanceOf, balancesOf, tierOf, worthOf } from '#modules/points'
import { type Actor, type Ctx, scopeOf } from '#platform/ctx'
import { inTx } from '#platform/db'
import { eventsOf } from '#platform/events'
import { readMachine } from '#platform/health'
import { serve, serveLong } from '#platform/http'
import { readSettings } from '#platform/settings'
import { cameByChannel, nothingCame } from './activity.ts'
import {
  channelActivity,
  deleteView,
  dismissFirstSteps,
  listMembers,
  listViews,
  memberPage,
  memberTimeline,
  putView,
  readFirstSteps,
  readToday,
} from './contract.ts'
import * as guide from './first-steps.ts'
import { countedToday, membersShown } from './today.ts'
import { forgetView, keepView, viewsOf } from './views.ts'

const reviewsShown = 5

export const routes = [
  serveLong(readToday, 'members.read', async (house, actor) => {
    const { now, settings, open, families, members } = await inTx(house.db, actor, async (ctx) => ({
      now: ctx.now,
      settings: await readSettings(ctx),
      open: await openReviews(ctx, { limit: reviewsShown }),
      families: await howManyProposed(ctx),
      members: await howManyPersons(ctx),
    }))
    return {
      now: now.toISOString(),
      reviews: {
        count: open.count,
        more: open.more,
        newest: open.reviews.map(({ members: pair, foundAt, ...review }) => ({
          ...review,
          members: [...pair],
          foundAt: foundAt.toISOString(),
        })),
      },
      families,
      counted: await countedToday(house, actor, now, settings),
      members,
      // What the machine runs out of is for those who can do something about it.
      warnings: mayOperate(actor) ? (await readMachine(house.folder)).warnings.map((code) => ({ code })) : [],
    }
  }),
  serveLong(readFirstSteps, 'settings.read', async (house, actor) => ({
    ...(await inTx(house.db, actor, (ctx) => guide.firstSteps(ctx))),
    memberCentre: {
      url: `${house.publicUrl}/m/`,
      sandbox: house.sandbox,
      canSend: smsSenderOf(house) !== null,
    },
  })),
  serve(
    dismissFirstSteps,
    'settings.change',
    async (ctx, { dismissed }) => {
      await guide.dismissFirstSteps(ctx, dismissed)
      return { dismissed }
    },
    { as: 'never' },
  ),
  serveLong(channelActivity, 'channels.read', async (house, actor) => {
    const { now, all } = await inTx(house.db, actor, async (ctx) => ({ now: ctx.now, all: await channelsInScope(ctx) }))
    const came = await cameByChannel(house, actor.scope)
    return {
      now: now.toISOString(),
      channels: all.map(({ id, code }) => ({ code, came: came && (came.get(id) ?? nothingCame) })),
    }
  }),
  serveLong(listMembers, 'members.read', async (house, actor, { show, ...asked }) => {
    const among = show && (await membersShown(house, actor, show, asked))
    const list = await inTx(house.db, actor, (ctx) =>
      membersFound(ctx, among ? { limit: asked.limit, among: among.ids } : asked),
    )
    return { ...list, next: among ? among.next : list.next, total: show ? null : list.total }
  }),
  serve(memberPage, 'members.read', async (ctx, { memberId }) => {
    const all = await channels(ctx)
    const { currency, pointValue } = await readSettings(ctx)
    const { homes, ...person } = await personOf(ctx, memberId, new Map(all.map((channel) => [channel.id, channel])))
    const codes = new Map(all.map(({ id, code }) => [id, code]))
    const totals = [...(await orderTotals(ctx, homes, currency)).values()]
    const newest = await ordersOf(ctx, homes, { limit: 20 })
    const { available, pending, deficit, nextExpiry } = await balanceOf(ctx, homes[0]!)
    const { tier, grant } = await tierOf(ctx, homes[0]!)
    return {
      person,
      orders: {
        count: totals.reduce((sum, one) => sum + one.orders, 0),
        spentMinor: totals.reduce((sum, one) => sum + one.spentMinor, 0),
        currency,
        newest: newest.map(({ channelId, orderedAt, ...order }) => ({
          ...order,
          channel: codes.get(channelId)!,
          orderedAt: orderedAt.toISOString(),
        })),
      },
      points: {
        available,
        worthMinor: pointValue && worthOf(available, pointValue),
        pending,
        deficit,
        nextExpiry: nextExpiry ? { at: nextExpiry.at.toISOString(), amount: nextExpiry.amount } : null,
      },
      relations: await relationsShown(ctx, homes, all),
      family: await tiesOf(ctx, homes),
      tier: {
        code: tier.code,
        names: tier.names,
        landscape: tier.landscape,
        invited: grant !== null,
        until: grant?.until?.toISOString() ?? null,
      },
      timeline: await timeline(ctx, homes, { limit: 50 }),
    }
  }),
  serve(memberTimeline, 'members.read', async (ctx, { memberId, before, limit }) => ({
    entries: await timeline(ctx, await homesOf(ctx, memberId), { before: new Date(before), limit }),
  })),
  serve(listViews, 'members.read', async (ctx) => ({ views: await viewsOf(ctx) })),
  serve(
    putView,
    'members.read',
    async (ctx, { viewId, ...view }) => ({ outcome: await keepView(ctx, { id: viewId, ...view }) }),
    { as: 'never' },
  ),
  serve(
    deleteView,
    'members.read',
    async (ctx, { viewId }) => {
      await forgetView(ctx, viewId)
      return {}
    },
    { as: 'never' },
  ),
]

const mayOperate = (actor: Actor) => scopeOf(actor, 'operations.read') === 'group'

async function relationsShown(ctx: Ctx, homes: readonly string[], all: readonly Channel[]) {
  const relations = await relationsOf(ctx, homes)
  const names = await staffNames(
    ctx,
    relations.flatMap(({ staffId }) => staffId ?? []),
  )
  const channelOfId = new Map(all.map((channel) => [channel.id, channel]))
  return relations.map(({ kind, channelId, staffId, since }) => {
    const { code, name } = channelOfId.get(channelId)!
    return {
      kind,
      store: { code, name },
      staff: staffId === null ? null : { id: staffId, name: names.get(staffId)! },
      since: since.toISOString(),
    }
  })
}

async function timeline(ctx: Ctx, homes: readonly string[], { before, limit }: { before?: Date; limit: number }) {
  const events = await eventsSeen(ctx, homes, { ...(before ? { before } : {}), limit })
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

/**
 * What happened, as far as the actor sees it: at homes within the scope, and there what came by its channels. Points are
 * the whole group's, so what they were given for elsewhere stays away and their amount shows in the points themselves.
 */
async function eventsSeen(ctx: Ctx, homes: readonly string[], page: { before?: Date; limit: number }) {
  const { scope } = ctx.actor
  const seen = await seenHomes(ctx, homes)
  if (scope === 'group' || 'memberIds' in scope) return eventsOf(ctx, { homes: seen, ...page })
  const served = new Set(await servedHomes(ctx, seen))
  const codes = (await channelsInScope(ctx)).map(({ code }) => code)
  return eventsOf(ctx, { homes: seen, ...page, channels: { codes, everyOf: [...served] } })
}

async function membersFound(
  ctx: Ctx,
  {
    search,
    channel,
    among,
    after,
    limit,
  }: {
    search?: string | undefined
    channel?: string | undefined
    /** Found already, with all that was asked. */
    among?: readonly string[] | undefined
    after?: string | undefined
    limit: number
  },
) {
  const { country, currency } = await readSettings(ctx)
  const channelId = channel === undefined ? undefined : (await channelOf(ctx, channel)).id
  const { persons, next } = await findPersons(ctx, { search, channelId, among, after, limit, country })
  const codes = new Map((await channels(ctx)).map(({ id, code }) => [id, code]))
  const homes = persons.flatMap((person) => person.homes)
  const totals = await orderTotals(ctx, homes, currency)
  const points = await balancesOf(ctx, homes)
  const phones = await maskedPhones(ctx, persons, (phone) => masked('phone', phone))
  return {
    members: persons.map(({ homes: own, channelIds, since, ...person }) => {
      const orders = own.flatMap((home) => totals.get(home) ?? [])
      const last = orders.map((order) => order.lastOrderAt.getTime())
      return {
        ...person,
        phone: phones.get(person.id) ?? null,
        channels: (channelIds ?? []).map((id) => codes.get(id)!),
        orders: orders.reduce((sum, order) => sum + order.orders, 0),
        spentMinor: orders.reduce((sum, order) => sum + order.spentMinor, 0),
        lastOrderAt: last.length > 0 ? new Date(Math.max(...last)).toISOString() : null,
        points: own.reduce((sum, home) => sum + (points.get(home) ?? 0), 0),
        since: since.toISOString(),
      }
    }),
    next,
    total: search || channel ? null : await howManyPersons(ctx),
  }
}
