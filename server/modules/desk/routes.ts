/** What staff see on one screen, read from the modules below in one act. */
import { staffNames } from '#modules/access'
import { smsCarrier } from '#modules/centre'
import { type Channel, channels, channelsInScope } from '#modules/channels'
import { howManyProposed, tiesOf } from '#modules/families'
import { homesOf, howManyPersons, openReviews, personOf, relationsOf, seenHomes } from '#modules/members'
import { ordersOf, orderTotals } from '#modules/orders'
import { balanceOf, tierOf, worthOf } from '#modules/points'
import { type Actor, type Ctx, may, scopeOf, seeingBy } from '#platform/ctx'
import { inTx } from '#platform/db'
import { readMachine } from '#platform/health'
import { serve, serveLong } from '#platform/http'
import { type GroupSettings, readSettings } from '#platform/settings'
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
  readGroupTotals,
  readToday,
} from './contract.ts'
import * as guide from './first-steps.ts'
import { mayFilterBy, membersFound } from './member-rows.ts'
import { timeline } from './timeline.ts'
import { countedToday, membersShown } from './today.ts'
import { groupTotals } from './totals.ts'
import { forgetView, keepView, viewsOf } from './views.ts'

const reviewsShown = 5

export const routes = [
  serveLong(readToday, 'members.read', async (house, actor) => {
    const { now, settings, open, families, members } = await inTx(house.db, actor, async (ctx) => ({
      now: ctx.now,
      settings: await readSettings(ctx),
      open: await reviewsShownTo(ctx),
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
  serveLong(readGroupTotals, 'totals.group', (house, actor, input) => groupTotals(house, actor, input)),
  serveLong(readFirstSteps, 'settings.read', async (house, actor) => ({
    ...(await inTx(house.db, actor, async (ctx) => ({
      ...(await guide.firstSteps(ctx)),
      memberCentre: {
        url: `${house.publicUrl}/m/`,
        sandbox: house.sandbox,
        canSend: (await smsCarrier(ctx, house)) !== null,
      },
    }))),
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
    if (show) mayFilterBy(actor, show)
    const among = show && (await membersShown(house, actor, show, asked))
    const list = await inTx(house.db, actor, (ctx) =>
      membersFound(ctx, among ? { limit: asked.limit, among: among.ids } : asked),
    )
    return { ...list, next: among ? among.next : list.next }
  }),
  serve(memberPage, 'members.read', async (ctx, { memberId }) => {
    const all = await channels(ctx)
    const { currency, pointValue } = await readSettings(ctx)
    const { homes, ...person } = await personOf(ctx, memberId, new Map(all.map((channel) => [channel.id, channel])))
    const seesOrders = seeingBy(ctx, 'orders.read')
    const seesPoints = await seeingPointsOf(ctx, homes)
    return {
      person: { ...person, reviews: may(ctx.actor, 'members.join') ? person.reviews : [] },
      orders: seesOrders && (await ordersShown(seesOrders, homes, { currency, all })),
      points: seesPoints && (await pointsShown(seesPoints, homes, pointValue)),
      relations: await relationsShown(ctx, homes, all),
      tier: seesPoints && (await tierShown(seesPoints, homes)),
      family: await tiesOf(ctx, homes),
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

/** Pairs are decided by those who may join; to nobody else they say anything. */
async function reviewsShownTo(ctx: Ctx) {
  const sees = seeingBy(ctx, 'members.join')
  return sees ? openReviews(sees, { limit: reviewsShown }) : { reviews: [], count: 0, more: false }
}

/** A card is shown whole to whoever may read points of somebody whom they see by that. */
async function seeingPointsOf(ctx: Ctx, homes: readonly string[]): Promise<Ctx | null> {
  const sees = seeingBy(ctx, 'points.read')
  return sees && (await seenHomes(sees, homes)).length > 0 ? sees : null
}

async function ordersShown(
  ctx: Ctx,
  homes: readonly string[],
  { currency, all }: { currency: string; all: readonly Channel[] },
) {
  const codes = new Map(all.map(({ id, code }) => [id, code]))
  const totals = [...(await orderTotals(ctx, homes, currency)).values()]
  const newest = await ordersOf(ctx, homes, { limit: 20 })
  return {
    count: totals.reduce((sum, one) => sum + one.orders, 0),
    spentMinor: totals.reduce((sum, one) => sum + one.spentMinor, 0),
    currency,
    newest: newest.map(({ channelId, orderedAt, ...order }) => ({
      ...order,
      channel: codes.get(channelId)!,
      orderedAt: orderedAt.toISOString(),
    })),
  }
}

async function pointsShown(ctx: Ctx, homes: readonly string[], pointValue: GroupSettings['pointValue']) {
  const { available, pending, deficit, nextExpiry } = await balanceOf(ctx, homes[0]!)
  return {
    available,
    worthMinor: pointValue && worthOf(available, pointValue),
    pending,
    deficit,
    nextExpiry: nextExpiry ? { at: nextExpiry.at.toISOString(), amount: nextExpiry.amount } : null,
  }
}

async function tierShown(ctx: Ctx, homes: readonly string[]) {
  const { tier, grant } = await tierOf(ctx, homes[0]!)
  return {
    code: tier.code,
    names: tier.names,
    landscape: tier.landscape,
    invited: grant !== null,
    until: grant?.until?.toISOString() ?? null,
  }
}

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
