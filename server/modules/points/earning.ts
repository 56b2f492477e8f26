/**
 * What members do earns points: a reaction over batches of events. Registrations and paid orders earn where they happen
 * live (an import says so of its rows); whatever takes an award back does so wherever it comes from.
 */
import { channels } from '#modules/channels'
import '#modules/orders'
import type { Ctx } from '#platform/ctx'
import type { LoggedEvent } from '#platform/events'
import { reaction } from '#platform/reactions'
import type { Fact } from './history.ts'
import type { Happening } from './rules.ts'
import type { Told } from './sources.ts'
import { tell } from './telling.ts'

const types = [
  'member.registered',
  'record.withdrawn',
  'order.paid',
  'order.changed',
  'order.refunded',
  'order.withdrawn',
  'order.cancelled',
] as const
type Heard = LoggedEvent<(typeof types)[number]>

export const earning = reaction({
  name: 'points.rules',
  types,
  origins: ['live'],
  // An import of old data earns nothing, but it may take back what was earned.
  importsOf: types.filter((type) => type !== 'member.registered' && type !== 'order.paid'),
  lanes: 2,
  // Each lane reads all events and what it writes itself, so about a quarter of them are orders of its own members.
  batch: 2_000,
  run: earn,
})

export async function earn(ctx: Ctx, events: readonly Heard[]): Promise<void> {
  const kinds = new Map((await channels(ctx)).map(({ code, kind }) => [code, kind]))
  const told = events.flatMap((event) => toldBy(event, kinds))
  if (told.length > 0) await tell(ctx, told, kinds)
}

function toldBy(event: Heard, kinds: ReadonlyMap<string, string>): Told[] {
  if (event.memberId === null) return []
  const { payload } = event
  const importId = payload.importId ?? null
  const about = {
    memberId: event.memberId,
    at: event.eventAt,
    cause: { id: event.id, depth: event.depth, origin: event.origin },
    importId,
    mayWait: true,
  }
  const plain = { id: event.id, amountMinor: 0, beforeMinor: 0, key: importId, happening: null } satisfies Partial<Fact>
  const happening: Happening = {
    type: 'order.paid',
    at: event.eventAt,
    channel: payload.channel,
    channelKind: kinds.get(payload.channel) ?? null,
    amountMinor: null,
    currency: null,
    paymentMethod: null,
  }
  const registration = `registered:${event.memberId}`
  switch (event.type) {
    case 'member.registered':
      return [
        {
          ...about,
          source: registration,
          fact: { ...plain, kind: 'earned', happening: { ...happening, type: 'member.registered' } },
        },
      ]
    case 'record.withdrawn':
      return [{ ...about, source: registration, mayWait: false, fact: { ...plain, kind: 'withdrawn' } }]
  }
  const { orderId } = payload as { orderId: string }
  const source = `order:${orderId}`
  switch (event.type) {
    case 'order.paid': {
      const { amountMinor, currency, paymentMethod } = (event as LoggedEvent<'order.paid'>).payload
      const paid = { ...happening, amountMinor, currency, paymentMethod }
      return [{ ...about, source, fact: { ...plain, kind: 'earned', amountMinor, happening: paid } }]
    }
    case 'order.changed': {
      const { amountMinor, beforeMinor, currency } = (event as LoggedEvent<'order.changed'>).payload
      // An order that was worth nothing (it came in cancelled) and now is paid earns by this.
      const begins = event.origin === 'live' && beforeMinor === 0 && amountMinor > 0
      const now = begins ? { ...happening, amountMinor, currency } : null
      return [
        { ...about, source, currency, fact: { ...plain, kind: 'changed', amountMinor, beforeMinor, happening: now } },
      ]
    }
    case 'order.refunded': {
      const { amountMinor, refundId } = (event as LoggedEvent<'order.refunded'>).payload
      return [{ ...about, source, fact: { ...plain, kind: 'refunded', amountMinor, key: refundId } }]
    }
    case 'order.cancelled':
      return [{ ...about, source, fact: { ...plain, kind: 'cancelled' } }]
    case 'order.withdrawn':
      // An import is undone after all of it was applied, so what it withdraws was told before.
      return [{ ...about, source, mayWait: importId === null, fact: { ...plain, kind: 'withdrawn' } }]
  }
}
