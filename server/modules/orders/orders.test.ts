import { sql } from 'kysely'
import { describe } from 'vitest'
import { expect, test } from '#app/testing'
import { openChannel } from '#modules/channels'
import { balanceOf, ensureStartingRules, verify } from '#modules/points'
import { newId } from '#platform/ids'
import type { TestDatabase } from '#platform/testing'
import { type OrderStatus, orderContentHash, orderKey, ordersOf, orderTotals, putOrders, refund } from './orders.ts'
import { withdrawOrders } from './withdrawal.ts'

interface Said {
  amount?: number
  status?: OrderStatus
  product?: string | null
  member: string
  importId?: string | null
  number?: string
}

const tell = (
  db: TestDatabase,
  { amount = 100_00, status = 'paid', product = null, member, importId = null, number = 'N1' }: Said,
) =>
  db.act(async (ctx) => {
    const channel = await openChannel(ctx, { code: 'store-a', kind: 'store' })
    const facts = {
      number,
      orderedAt: new Date(),
      currency: 'CNY',
      status,
      paymentMethod: null,
      lines: [{ product, quantity: 1, amountMinor: amount }],
    }
    const key = orderKey(ctx.vault, channel, { number, content: '', ordinal: 0 })
    const [put] = await putOrders(
      ctx,
      [
        {
          ...facts,
          key,
          contentHash: orderContentHash(ctx.vault, { ...facts, orderedAt: new Date(0) }),
          memberId: member,
        },
      ],
      { channel, origin: 'live', importId },
    )
    return put!
  })

const undo = (db: TestDatabase, importId: string) =>
  db.act((ctx) => withdrawOrders(ctx, { importId, channelCode: 'store-a', limit: 100 }))

const standing = async (db: TestDatabase) => {
  const { rows } = await sql<{ member_id: string }>`select member_id from members.homes`.execute(db.kysely)
  const found = await db.act((ctx) =>
    ordersOf(
      ctx,
      rows.map((row) => row.member_id),
      { limit: 9 },
    ),
  )
  return found.map(({ amountMinor, refundedMinor, status, recordId }) => ({
    amount: amountMinor,
    refunded: refundedMinor,
    status,
    member: recordId,
  }))
}
const points = async (db: TestDatabase, member: string) => {
  await db.reactionsCaughtUp()
  expect(await db.act((ctx) => verify(ctx))).toEqual([])
  return (await db.act((ctx) => balanceOf(ctx, member))).available
}

describe('undo', () => {
  test('of two imports one after the other leaves nothing of either, in both orders', async ({ db, given }) => {
    await db.act(ensureStartingRules)
    const { id: member } = await given.member()
    for (const order of ['older first', 'newer first']) {
      const [a, b] = [newId(), newId()]
      await tell(db, { member, importId: a, amount: 100_00, number: order })
      await tell(db, { member, importId: b, amount: 300_00, number: order })
      expect((await standing(db)).map((o) => o.amount)).toEqual([300_00])
      const [first, second] = order === 'older first' ? [a, b] : [b, a]
      await undo(db, first)
      expect((await standing(db)).map((o) => o.amount)).toEqual([order === 'older first' ? 300_00 : 100_00])
      await undo(db, second)
      expect(await standing(db)).toEqual([])
    }
    const { rows } = await sql`select from orders.past_versions`.execute(db.kysely)
    expect(rows).toHaveLength(0)
  })

  test('of the import in the middle: the newest stays, then what was there before it comes back', async ({
    db,
    given,
  }) => {
    const { id: member } = await given.member()
    const [a, b] = [newId(), newId()]
    await tell(db, { member, amount: 100_00 })
    await tell(db, { member, importId: a, amount: 200_00 })
    await tell(db, { member, importId: b, amount: 300_00 })
    await undo(db, a)
    expect((await standing(db)).map((o) => o.amount)).toEqual([300_00])
    await undo(db, b)
    expect((await standing(db)).map((o) => o.amount)).toEqual([100_00])
  })

  test('keeps a refund that came meanwhile', async ({ db, given }) => {
    await db.act(ensureStartingRules)
    const { id: member } = await given.member()
    const a = newId()
    const { orderId } = await tell(db, { member, amount: 100_00 })
    const base = (await points(db, member)) - 100
    await tell(db, { member, importId: a, amount: 250_00 })
    await db.act((ctx) => refund(ctx, { memberId: member, orderId, id: newId(), amountMinor: 50_00 }))
    expect((await points(db, member)) - base).toBe(200)
    await undo(db, a)
    expect(await standing(db)).toMatchObject([{ amount: 100_00, refunded: 50_00, status: 'paid' }])
    expect((await points(db, member)) - base).toBe(50)
  })

  test('an order told anew after the undo belongs to whom it is said to belong now', async ({ db, given }) => {
    const wrong = await given.member()
    const right = await given.member()
    const a = newId()
    await tell(db, { member: wrong.id, importId: a })
    await undo(db, a)
    const put = await tell(db, { member: right.id, importId: newId() })
    expect(put).toMatchObject({ memberId: right.id, outcome: 'created' })
    expect(await standing(db)).toMatchObject([{ member: right.id }])
  })
})

describe('at the same time', () => {
  test('both imports are undone, and the order is told anew: nothing is left but that', async ({ db, given }) => {
    const { id: member } = await given.member()
    for (let round = 0; round < 12; round++) {
      const [a, b] = [newId(), newId()]
      const number = `R${round}`
      await tell(db, { member, importId: a, amount: 100_00, number })
      await tell(db, { member, importId: b, amount: 300_00, number })
      const whole = async (id: string) => {
        while ((await undo(db, id)) > 0);
      }
      await Promise.all([whole(a), whole(b), tell(db, { member, amount: 500_00, number })])
      expect((await standing(db)).map((o) => o.amount)).toEqual([500_00])
      await sql`update orders.orders set withdrawn_at = now()`.execute(db.kysely)
    }
  })
})

describe('what a channel tells again', () => {
  test('refunded, paid, refunded: points follow each time', async ({ db, given }) => {
    await db.act(ensureStartingRules)
    const { id: member } = await given.member()
    const base = await points(db, member)
    const seen: number[] = []
    for (const status of [
      'paid',
      'refunded',
      'paid',
      'refunded',
      'pending',
      'paid',
      'pending',
      'paid',
      'cancelled',
      'paid',
    ] as const) {
      await tell(db, { member, status, product: status + seen.length })
      seen.push((await points(db, member)) - base)
    }
    expect(seen).toEqual([100, 0, 100, 0, 0, 100, 0, 100, 0, 100])
    expect(await standing(db)).toMatchObject([{ status: 'paid', refunded: 0 }])
  })

  test('an order that comes in refunded was never spent', async ({ db, given }) => {
    const { id: member } = await given.member()
    const { orderId } = await tell(db, { member, status: 'refunded' })
    const totals = await db.act((ctx) => orderTotals(ctx, [member], 'CNY'))
    expect(totals.get(member)!.spentMinor).toBe(0)
    await expect(
      db.act((ctx) => refund(ctx, { memberId: member, orderId, id: newId(), amountMinor: 1 })),
    ).rejects.toMatchObject({ kind: 'conflict' })
  })

  test('a refund in full stands when the channel tells the order again with another product', async ({ db, given }) => {
    await db.act(ensureStartingRules)
    const { id: member } = await given.member()
    const base = await points(db, member)
    const { orderId } = await tell(db, { member })
    await db.act((ctx) => refund(ctx, { memberId: member, orderId, id: newId(), amountMinor: 100_00 }))
    expect((await points(db, member)) - base).toBe(0)
    await tell(db, { member, product: '川西' })
    expect(await standing(db)).toMatchObject([{ status: 'refunded', refunded: 100_00 }])
    expect((await points(db, member)) - base).toBe(0)
  })
})
