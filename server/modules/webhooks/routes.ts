import { grantsOf, shownRoles } from '#modules/access'
import { recipientsFor } from '#modules/privacy'
import { record } from '#platform/audit'
import { instantOf } from '#platform/clock'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { serve, serveLong } from '#platform/http'
import { placeOf } from '#platform/outside'
import { readSettings } from '#platform/settings'
import * as contract from './contract.ts'
import { addTest, type Delivery, deliveriesOf, deliveryOf, sendAgain, waitingOf, wake } from './deliveries.ts'
import * as book from './endpoints.ts'
import { addressRefused } from './errors.ts'
import { areaOf } from './kinds.ts'

/** What leaves the group goes by these. */
const guarded = { asksProof: true }

export const routes = [
  serve(contract.listWebhooks, 'webhooks.read', async (ctx) => {
    const { all, named } = await recipientsFor(ctx, 'webhooks')
    const waiting = await waitingOf(ctx)
    const shown = []
    for (const { failures: _failures, ...endpoint } of await book.endpoints(ctx)) {
      shown.push({
        ...endpoint,
        roles: await shownRoles(ctx, await grantsOf(ctx, endpoint.id)),
        recipient: { id: endpoint.recipientId, name: named.get(endpoint.recipientId) ?? '' },
        state: endpoint.pausedAt
          ? ('paused' as const)
          : endpoint.failingSince
            ? ('failing' as const)
            : ('active' as const),
        pausedAt: isoOf(endpoint.pausedAt),
        failingSince: isoOf(endpoint.failingSince),
        nextTryAt: isoOf(endpoint.nextTryAt),
        lastSentAt: isoOf(endpoint.lastSentAt),
        createdAt: endpoint.createdAt.toISOString(),
        formerUntil: isoOf(endpoint.formerUntil),
        waiting: waiting.get(endpoint.id) ?? 0,
      })
    }
    return {
      endpoints: shown,
      recipients: all,
      kinds: contract.kinds.map((kind) => ({ kind, permission: areaOf(kind).permission })),
    }
  }),
  serveLong(
    contract.addWebhook,
    'webhooks.change',
    async (house, actor, told) => {
      await refuseAddress(house, told.url)
      return inTx(house.db, actor, async (ctx) => {
        const secret = await book.addEndpoint(ctx, told)
        await record(ctx, { ids: { endpointId: told.id } })
        return { secret }
      })
    },
    { ...guarded, codes: ['role'] },
  ),
  serveLong(
    contract.changeWebhook,
    'webhooks.change',
    async (house, actor, { endpointId, ...told }) => {
      await refuseAddress(house, told.url)
      return inTx(house.db, actor, async (ctx) => {
        await book.changeEndpoint(ctx, { id: endpointId, ...told })
        await wake(ctx, [endpointId])
        await record(ctx)
        return {}
      })
    },
    { ...guarded, codes: ['role'] },
  ),
  serve(
    contract.endWebhook,
    'webhooks.change',
    async (ctx, { endpointId }) => {
      await book.endEndpoint(ctx, endpointId)
      return {}
    },
    guarded,
  ),
  serve(
    contract.renewSecret,
    'webhooks.change',
    async (ctx, { endpointId, overlapHours }) => {
      const { secret, formerUntil } = await book.renewSecret(ctx, endpointId, overlapHours)
      return { secret, formerUntil: isoOf(formerUntil) }
    },
    guarded,
  ),
  serve(contract.pauseWebhook, 'webhooks.change', async (ctx, { endpointId }) => {
    await book.endpointOf(ctx, endpointId)
    await book.pause(ctx, endpointId, 'by_hand')
    return {}
  }),
  serve(contract.resumeWebhook, 'webhooks.change', async (ctx, { endpointId }) => {
    await book.resume(ctx, endpointId)
    await wake(ctx, [endpointId])
    return {}
  }),
  serve(contract.testWebhook, 'webhooks.change', async (ctx, { endpointId, id }) => {
    await book.endpointOf(ctx, endpointId)
    await addTest(ctx, { endpointId, id })
    return {}
  }),
  serve(contract.listDeliveries, 'webhooks.read', async (ctx, { endpointId, before, ...asked }) => {
    await book.endpointOf(ctx, endpointId)
    const deliveries = await deliveriesOf(ctx, endpointId, { ...asked, before: pageOf(before) })
    const last = deliveries.at(-1)
    return {
      deliveries: deliveries.map(shownDelivery),
      next: deliveries.length === asked.limit && last ? `${last.createdAt.toISOString()}_${last.eventId}` : null,
    }
  }),
  serve(contract.readDelivery, 'webhooks.read', async (ctx, { endpointId, eventId }) => {
    await book.endpointOf(ctx, endpointId)
    const { body, ...delivery } = await deliveryOf(ctx, endpointId, eventId)
    return { ...shownDelivery(delivery), body }
  }),
  serve(contract.resend, 'webhooks.change', async (ctx, { endpointId, eventId, from, until }) => {
    await book.endpointOf(ctx, endpointId)
    const { timeZone } = await readSettings(ctx)
    const again = await sendAgain(ctx, endpointId, {
      eventId,
      from: from === undefined ? undefined : momentOf(from, { timeZone, days: 0 }),
      until: until === undefined ? undefined : momentOf(until, { timeZone, days: 1 }),
    })
    return { again }
  }),
]

/** A moment as it is, or the beginning of a day of the group, so many days on. */
function momentOf(text: string, { timeZone, days }: { timeZone: string; days: number }): Date {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return new Date(text)
  const day = new Date(Date.parse(`${text}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
  return instantOf(`${day}T00:00:00`, timeZone)
}

const isoOf = (at: Date | null) => at?.toISOString() ?? null

/** Early, so that whoever types it hears of it; it is looked at again at each sending. */
async function refuseAddress(house: House, url: string): Promise<void> {
  const place = await placeOf(new URL(url), house.privateNetworks)
  if ('problem' in place) throw addressRefused(place.problem)
}

const shownDelivery = ({ eventAt, createdAt, triedAt, ...delivery }: Delivery) => ({
  ...delivery,
  eventAt: eventAt.toISOString(),
  createdAt: createdAt.toISOString(),
  triedAt: isoOf(triedAt),
})

function pageOf(before: string | undefined): { at: Date; id: string } | null {
  const [at, id] = before?.split('_') ?? []
  return at && id ? { at: new Date(at), id } : null
}
