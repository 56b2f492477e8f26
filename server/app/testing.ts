/** `test` for modules: the real database with builders that make what a story isn't about. */
import { addKey, addSignInLink, addStaff, administrator, giveRole, type Place } from '#modules/access'
import { type Channel, type ChannelKind, openChannel } from '#modules/channels'
import { cleanRecord, personsOf, prepareRecord, putRecords } from '#modules/members'
import { type OrderStatus, orderContentHash, orderKey, putOrders } from '#modules/orders'
import type { Ctx } from '#platform/ctx'
import type { Origin } from '#platform/events'
import { newId } from '#platform/ids'
import { test as base, type TestDatabase } from '#platform/testing'

export { expect } from 'vitest'

type Act = <T>(what: (ctx: Ctx) => Promise<T>) => Promise<T>

let made = 0

function builders(act: Act) {
  const channel = (code = 'store-a', kind: ChannelKind = 'store') => act((ctx) => openChannel(ctx, { code, kind }))
  return {
    channel,
    /** A source record as its channel wrote it. Says its home and its present person. */
    async record(
      raw: Record<string, string> = {},
      { of, origin = 'live' }: { of?: Channel; origin?: Origin } = {},
    ): Promise<{ id: string; person: string }> {
      const from = of ?? (await channel())
      return act(async (ctx) => {
        const { values } = cleanRecord(raw, { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai' })
        if (raw.phoneVerified) values.phoneVerified = 'yes'
        const [put] = await putRecords(ctx, [prepareRecord(ctx.vault, from, values)], { channel: from, origin })
        return { id: put!.memberId, person: (await personsOf(ctx, [put!.memberId])).get(put!.memberId)! }
      })
    },
    /** An API key with one role. */
    key: (role = 'administrator', place: Place = { kind: 'group' }): Promise<{ id: string; key: string }> =>
      act((ctx) => addKey(ctx, { name: 'script', role, place, expiresAt: null })),
    /** The token of a link that signs the administrator in. */
    link: async (): Promise<string> => (await act(async (ctx) => addSignInLink(ctx, await administrator(ctx)))).token,
    /** Somebody who works here, with one role and the token of a link. */
    async staff(
      role = 'administrator',
      place: Place = { kind: 'group' },
      name = '周敏',
    ): Promise<{ id: string; token: string }> {
      const id = newId()
      return act(async (ctx) => {
        await addStaff(ctx, { id, login: `staff-${++made}`, name })
        await giveRole(ctx, { id: newId(), holderId: id, role, place })
        return { id, token: (await addSignInLink(ctx, id)).token }
      })
    },
    /** Somebody with a name and a phone of their own. */
    async member(raw: Record<string, string> = {}): Promise<{ id: string }> {
      made++
      const { id } = await this.record({
        externalId: `made-${made}`,
        name: '林晚晴',
        phone: `139${String(made).padStart(8, '0')}`,
        ...raw,
      })
      return { id }
    },
    /** An order in fen, paid unless said otherwise. */
    async order({
      member,
      paidFen,
      number,
      of,
      status = 'paid',
      origin = 'live',
      at = new Date(),
      product = null,
    }: {
      member: { id: string }
      paidFen: number
      number?: string
      of?: Channel
      status?: OrderStatus
      origin?: Origin
      at?: Date
      product?: string | null
    }): Promise<{ id: string; number: string }> {
      const from = of ?? (await channel())
      const known = number ?? `N-${++made}`
      return act(async (ctx) => {
        const facts = {
          number: known,
          orderedAt: at,
          currency: 'CNY',
          status,
          paymentMethod: null,
          lines: [{ product, quantity: 1, amountMinor: paidFen }],
        }
        const key = orderKey(ctx.vault, from, { number: known, content: '', ordinal: 0 })
        const [put] = await putOrders(
          ctx,
          [{ ...facts, key, contentHash: orderContentHash(ctx.vault, facts), memberId: member.id }],
          { channel: from, origin },
        )
        return { id: put!.orderId, number: known }
      })
    },
  }
}

export type Given = ReturnType<typeof builders>

/** `db` runs the reactions of every module when it is told to catch up; `given` builds in `db`. */
export const test = base.extend<{ db: TestDatabase; given: Given }>({
  db: async ({ db }, use) => {
    const { modules } = await import('./modules.ts')
    db.useReactions(modules.flatMap((module) => module.reactions ?? []))
    await use(db)
  },
  given: async ({ db }, use) => {
    await use(builders((what) => db.act(what)))
  },
})
