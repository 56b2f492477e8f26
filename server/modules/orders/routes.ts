import { channelOf, channels } from '#modules/channels'
import { type Described, describedFor, entryRefusal, Lexicon } from '#modules/dictionary'
import {
  cleanRecord,
  homesOf,
  isAboutNobody,
  nobody,
  personsOf,
  prepareRecord,
  putRecords,
  refusedAmong,
} from '#modules/members'
import { dayOf } from '#platform/clock'
import type { Ctx } from '#platform/ctx'
import { serve } from '#platform/http'
import { once } from '#platform/idempotency'
import { readSettings } from '#platform/settings'
import { memberOrders, putOrder, refundOrder } from './contract.ts'
import { orderOfNobody } from './errors.ts'
import { type OrderView, orderContentHash, orderKey, ordersOf, putOrders, refund } from './orders.ts'

/** Orders as the web apps want them: channel by code, times as text. */
export async function shown(ctx: Ctx, orders: readonly OrderView[]) {
  const codes = new Map((await channels(ctx)).map((channel) => [channel.id, channel.code]))
  return orders.map(({ channelId, orderedAt, ...order }) => ({
    ...order,
    channel: codes.get(channelId)!,
    orderedAt: orderedAt.toISOString(),
  }))
}

/** As the dictionary writes it; refused where its list is closed and has no such word. */
function worded(described: readonly Described[], field: string, said: string | undefined): string | null {
  if (said === undefined) return null
  const word = new Lexicon(described.filter((one) => one.field === field)).read(field, said)
  if (!word) return said
  if (word.value === null && word.problem) throw entryRefusal(described, [{ field, code: word.problem, before: said }])!
  return word.value
}

export const routes = [
  serve(putOrder, 'orders.write', async (ctx, input) => {
    const channel = await channelOf(ctx, input.channel)
    const settings = await readSettings(ctx)
    const { values } = cleanRecord(
      { externalId: input.customerExternalId, phone: input.phone },
      { country: settings.country, today: dayOf(ctx.now, settings.timeZone), timeZone: settings.timeZone },
    )
    if (isAboutNobody(values)) throw orderOfNobody()
    const described = await describedFor(ctx, channel.id)
    const facts = {
      number: input.number,
      orderedAt: new Date(input.orderedAt),
      currency: input.currency ?? settings.currency,
      status: input.status,
      paymentMethod: worded(described, 'paymentMethod', input.paymentMethod),
      lines: input.lines.map(({ product, quantity, amountMinor }) => ({
        product: worded(described, 'product', product),
        quantity: quantity ?? null,
        amountMinor,
      })),
    }
    const key = orderKey(ctx.vault, channel, { number: input.number, content: '', ordinal: 0 })
    const told = prepareRecord(ctx.vault, channel, values)
    const isErased = (await refusedAmong(ctx, [told])).size > 0
    // Of somebody who was erased the order comes in without them: a machine can't bring them back.
    const [customer] = await putRecords(ctx, [isErased ? nobody(ctx.vault, channel, key) : told], {
      channel,
      origin: 'live',
      onlyNew: true,
    })
    const [put] = await putOrders(
      ctx,
      [{ ...facts, key, contentHash: orderContentHash(ctx.vault, facts), memberId: customer!.memberId }],
      { channel, origin: 'live' },
    )
    return {
      orderId: put!.orderId,
      memberId: (await personsOf(ctx, [put!.memberId])).get(put!.memberId)!,
      outcome: put!.outcome,
    }
  }),
  serve(refundOrder, 'orders.write', (ctx, input) =>
    once(
      ctx,
      { operation: 'orders.refund', key: input.id, input },
      async () => (await shown(ctx, [await refund(ctx, input)]))[0]!,
    ),
  ),
  serve(memberOrders, 'orders.read', async (ctx, { memberId, before, limit }) => ({
    orders: await shown(
      ctx,
      await ordersOf(ctx, await homesOf(ctx, memberId), { before: before ? new Date(before) : undefined, limit }),
    ),
  })),
]
