/** What a page is made of goes out only to whoever may read that part; the page has nothing to hide. */
import type { FastifyInstance } from 'fastify'
import { test as base, expect, type Given } from '#app/testing'
import { adjust, ensureStartingRules } from '#modules/points'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import type { TestDatabase } from '#platform/testing'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { giveRole } from '../modules/access/index.ts'
import { putRole } from '../modules/access/roles.ts'
import { facts, modules } from './modules.ts'
import { buildServer } from './server.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies of several routes, looked into as the story needs
type Reply = any

const test = base.extend<{
  get: (key: string, path: string) => Promise<{ status: number; body: Reply; text: string }>
}>({
  get: async ({ db }, use) => {
    const warehouse = await openTestWarehouse()
    const log = openLog('silent')
    await prepareWarehouse({ warehouse, log }, facts)
    db.useReactions([...modules.flatMap((module) => module.reactions ?? []), warehouseReaction({ warehouse, facts })])
    const house = { db, warehouse, log, folder: '/nowhere', publicUrl: 'http://localhost:3000' } as unknown as House
    const server: FastifyInstance = await buildServer(house, { via: 'port' })
    await use(async (key, path) => {
      const reply = await server.inject({ url: `/api${path}`, headers: { authorization: `Bearer ${key}` } })
      return { status: reply.statusCode, body: reply.json(), text: reply.body }
    })
    await server.close()
    await warehouse.close()
  },
})

async function keyWith(db: TestDatabase, given: Given, permissions: string[]): Promise<{ id: string; key: string }> {
  await db.act((ctx) => putRole(ctx, { code: 'some', name: '一些', permissions }))
  return given.key('some')
}

/** Two records that may be one person; the first with an order and points. */
async function laid(db: TestDatabase, given: Given) {
  await db.act(ensureStartingRules)
  const member = await given.record({ externalId: 'A-1', name: '诸葛隐娘', phone: '13912340077' })
  await given.order({ member, paidFen: 123_400, number: 'N-SECRET' })
  await db.act((ctx) =>
    adjust(ctx, { memberId: member.id, id: newId(), points: 77, reason: '补发', expires: { mode: 'never' } }),
  )
  await db.reactionsCaughtUp()
  return member
}

test('without orders.read and points.read nothing of either leaves the program', async ({ db, given, get }) => {
  const member = await laid(db, given)
  const { key } = await keyWith(db, given, ['members.read'])
  const page = await get(key, `/members/${member.id}`)
  expect(page.status).toBe(200)
  expect(page.body).toMatchObject({ orders: null, points: null, tier: null })
  expect(page.body.timeline.map(({ type }: { type: string }) => type.split('.')[0])).toEqual(['member'])
  expect(page.text).not.toMatch(/N-SECRET|123400|补发/)
  const older = await get(key, `/members/${member.id}/timeline?before=2100-01-01T00:00:00Z`)
  expect(older.body.entries.map(({ type }: { type: string }) => type)).toEqual(['member.registered'])
  const [row] = (await get(key, '/members')).body.members
  expect(row).toMatchObject({ name: '诸葛隐娘', orders: null, spentMinor: null, lastOrderAt: null, points: null })
  const { counted } = (await get(key, '/today')).body
  expect(counted).toMatchObject({ refunds: null, expiring: null })
  expect(counted.week).toMatchObject({ orders: null, revenueMinor: null, pointsGiven: null, returning: null })
  expect(counted.week.newMembers.now).toBe(1)
  expect((await get(key, '/members?show=paid')).body).toMatchObject({
    code: 'access.not_permitted',
    params: { permission: 'orders.read' },
  })
  expect((await get(key, '/members?show=lapsing')).status).toBe(403)
})

test('each with its own permission', async ({ db, given, get }) => {
  const member = await laid(db, given)
  const orders = await keyWith(db, given, ['members.read', 'orders.read'])
  const page = (await get(orders.key, `/members/${member.id}`)).body
  expect(page).toMatchObject({ orders: { count: 1, spentMinor: 123_400 }, points: null, tier: null })
  expect(page.timeline.some(({ type }: { type: string }) => type === 'order.paid')).toBe(true)
  expect(page.timeline.some(({ type }: { type: string }) => type.startsWith('points.'))).toBe(false)
  await db.act((ctx) => putRole(ctx, { code: 'some', name: '一些', permissions: ['members.read', 'points.read'] }))
  const other = (await get(orders.key, `/members/${member.id}`)).body
  // 1,234 for the order and 77 by hand.
  expect(other).toMatchObject({ orders: null, points: { available: 1_311 } })
  expect((await get(orders.key, '/members')).body.members[0]).toMatchObject({ orders: null, points: 1_311 })
})

test('orders are seen where they may be read, not where members are', async ({ db, given, get }) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  const member = await given.record({ externalId: 'A-1', name: '诸葛隐娘', phone: '13912340077' }, { of: a })
  const atB = await given.record({ externalId: 'B-1', name: '诸葛隐娘', phone: '13912340077' }, { of: b })
  await given.order({ member, paidFen: 100_000, number: 'AT-A', of: a })
  await given.order({ member: atB, paidFen: 5_000, number: 'AT-B', of: b })
  await db.reactionsCaughtUp()
  // Reads members of the whole group, and orders of store B.
  const { id, key } = await keyWith(db, given, ['members.read'])
  await db.act(async (ctx) => {
    await putRole(ctx, { code: 'buys', name: '看订单', permissions: ['orders.read'] })
    await giveRole(ctx, { id: newId(), holderId: id, role: 'buys', place: { kind: 'store', code: 'store-b' } })
  })
  const { body, text } = await get(key, `/members/${member.person}`)
  expect(body.orders).toMatchObject({ count: 1, spentMinor: 5_000 })
  expect(body.timeline.filter(({ type }: { type: string }) => type === 'order.paid')).toHaveLength(1)
  expect(text).not.toContain('AT-A')
  expect((await get(key, '/members')).body.members[0]).toMatchObject({ orders: 1, spentMinor: 5_000 })
  const { week } = (await get(key, '/today')).body.counted
  expect(week.revenueMinor.now).toBe(5_000)
  expect(week.newMembers.now).toBe(1)
})

test('who looked at the record of another store stays with that store', async ({ db, given, get }) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  const member = await given.record({ externalId: 'A-1', name: '诸葛隐娘', phone: '13912340077' }, { of: a })
  await given.record({ externalId: 'B-1', name: '诸葛隐娘', phone: '13912340077' }, { of: b })
  const { recordMany } = await import('#platform/audit')
  const { lookAt } = await import('../modules/members/reveals.ts')
  await db.act((ctx) =>
    recordMany(ctx, [lookAt({ memberId: member.person, recordId: member.id, field: 'phone', reason: '甲店的投诉' })]),
  )
  const looks = async (store: string) => {
    const { key } = await given.key('store-manager', { kind: 'store', code: store })
    return (await get(key, `/members/${member.person}/looks`)).body.looks.length
  }
  expect(await looks('store-a')).toBe(1)
  expect(await looks('store-b')).toBe(0)
})

test('pairs that may be one person are for those who decide them', async ({ db, given, get }) => {
  const { noteMatchReviews } = await import('#modules/members')
  const one = await given.record({ externalId: 'A-1', name: '诸葛隐娘', phone: '13912340077' })
  const two = await given.record({ externalId: 'A-2', name: '诸葛引娘', phone: '13912340078' })
  await db.act((ctx) => noteMatchReviews(ctx, [{ a: one.id, b: two.id, score: 4, parts: 'given.exact 4' }]))
  const { key } = await keyWith(db, given, ['members.read'])
  expect((await get(key, `/members/${one.id}`)).text).not.toContain('诸葛引娘')
  expect((await get(key, '/today')).body.reviews).toMatchObject({ count: 0, newest: [] })
  await db.act((ctx) => putRole(ctx, { code: 'some', name: '一些', permissions: ['members.read', 'members.join'] }))
  expect((await get(key, `/members/${one.id}`)).body.person.reviews).toHaveLength(1)
  expect((await get(key, '/today')).body.reviews.count).toBe(1)
})
