/**
 * Everything that is held of one person, on all of their homes, as they may have it: nothing masked, nothing left out but
 * the names of colleagues. Other modules that hold something add it by `holds`.
 */

import { capacitiesOf } from '#modules/access'
import { looksAt } from '#modules/audit'
import { channels } from '#modules/channels'
import { tiesHeld } from '#modules/families'
import { homesOf, versionsOf } from '#modules/members'
import { ordersOf } from '#modules/orders'
import { balanceOf, entriesOf } from '#modules/points'
import type { Ctx } from '#platform/ctx'
import { emit, eventsOf } from '#platform/events'
import { newId } from '#platform/ids'
import { readSettings } from '#platform/settings'
import { historyOf } from './consents.ts'
import type { Holdings } from './contract.ts'
import './events.ts'
import { receivedBy } from './recipients.ts'
import { noteExport, requestsOf } from './requests.ts'

type Rows = Holdings['others'][string]
export type Holder = (ctx: Ctx, homes: readonly string[]) => Promise<Rows>

const holders = new Map<string, Holder>()

/** What else a module holds of a person, a table under its name. Filled in by `module.ts`. */
export function holds(name: string, read: Holder): void {
  holders.set(name, read)
}

/** More than anybody has; an act has an end all the same. */
const most = 100_000

export async function holdingsOf(ctx: Ctx, memberId: string): Promise<Holdings> {
  const homes = await homesOf(ctx, memberId)
  const byId = new Map((await channels(ctx)).map((channel) => [channel.id, channel]))
  const { name: group } = await readSettings(ctx)
  const { available, pending, deficit } = await balanceOf(ctx, memberId)
  const { entries } = await entriesOf(ctx, memberId, { limit: most })
  const others: Holdings['others'] = { families: await tiesHeld(ctx, homes) }
  for (const [name, read] of holders) others[name] = await read(ctx, homes)
  return {
    madeAt: ctx.now.toISOString(),
    group,
    memberId,
    records: (await versionsOf(ctx, homes)).map((record) => {
      const { code, kind, name } = byId.get(record.channelId)!
      return {
        home: record.home,
        channel: { code, kind, name },
        version: record.version,
        isPast: record.isPast,
        isWithdrawn: record.withdrawnAt !== null,
        seenAt: record.seenAt.toISOString(),
        createdAt: record.createdAt.toISOString(),
        fields: Object.entries(record.values).map(([field, value]) => ({
          field,
          value: Array.isArray(value) ? value.join(', ') : value,
        })),
      }
    }),
    orders: (await ordersOf(ctx, homes, { limit: most })).map(({ channelId, orderedAt, lines, ...order }) => ({
      number: order.number,
      channel: byId.get(channelId)!.name,
      orderedAt: orderedAt.toISOString(),
      amountMinor: order.amountMinor,
      refundedMinor: order.refundedMinor,
      currency: order.currency,
      status: order.status,
      paymentMethod: order.paymentMethod,
      products: lines.flatMap(({ product }) => product ?? []),
    })),
    points: {
      available,
      pending,
      deficit,
      entries: entries.map(({ kind, points, pending: coming, reason, eventAt }) => ({
        kind,
        points,
        pending: coming,
        reason,
        eventAt: eventAt.toISOString(),
      })),
    },
    consents: (await historyOf(ctx, homes)).map(({ channel, purpose, given, at, textVersion, evidence }) => ({
      channel,
      purpose,
      given,
      at: at.toISOString(),
      textVersion,
      evidence,
    })),
    looks: await looksOf(ctx, homes),
    received: (await receivedBy(ctx, homes)).map(({ firstAt, lastAt, ...received }) => ({
      ...received,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    })),
    requests: (await requestsOf(ctx, homes)).map(({ kind, state, askedAt }) => ({
      kind,
      state,
      askedAt: askedAt.toISOString(),
    })),
    events: (await eventsOf(ctx, { homes, limit: most })).map(({ type, eventAt }) => ({
      type,
      at: eventAt.toISOString(),
    })),
    others,
  }
}

/** Who looked at a masked value: the role and the store, never which colleague. */
export async function looksOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Holdings['looks']> {
  const looks = await looksAt(ctx, homes)
  const capacities = await capacitiesOf(ctx, looks)
  return looks.map(({ at, field, actor }, index) => ({
    at: at.toISOString(),
    field: field ?? '',
    by: actor.split(':')[0]!,
    role: capacities[index]?.role ?? null,
    roleName: capacities[index]?.roleName ?? null,
    place: capacities[index]?.place ?? null,
  }))
}

/** The same, handed over: kept as an event and among the requests. */
export async function handOver(
  ctx: Ctx,
  { memberId, by }: { memberId: string; by: 'member' | 'staff' },
): Promise<Holdings> {
  const held = await holdingsOf(ctx, memberId)
  await noteExport(ctx, { id: newId(), memberId, by })
  const payload = { by, records: held.records.length, orders: held.orders.length }
  await emit(ctx, { type: 'data.exported', memberId, payload })
  return held
}
