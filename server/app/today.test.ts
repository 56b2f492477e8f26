import { tmpdir } from 'node:os'
import { expect, test as withDatabase } from '#app/testing'
import { adjust, ensureStartingRules } from '#modules/points'
import { stoppedClock } from '#platform/clock'
import { systemActor } from '#platform/ctx'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { WarehouseAway } from '#platform/warehouse'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { routes } from '../modules/desk/routes.ts'
import { weekOf } from '../modules/desk/today.ts'
import { facts, modules } from './modules.ts'

const zone = 'Asia/Shanghai'
/** Wednesday noon in Shanghai. */
const now = new Date('2026-11-25T04:00:00Z')

const test = withDatabase.extend<{
  house: House
  today: () => Promise<Awaited<ReturnType<typeof read>>>
  page: (input: object) => Promise<{ members: { id: string }[]; next: string | null }>
  listed: (input: object) => Promise<string[]>
}>({
  house: async ({ db }, use) => {
    db.clock = stoppedClock(now)
    const warehouse = await openTestWarehouse()
    await prepareWarehouse({ warehouse, log: openLog('silent') }, facts)
    db.useReactions([...modules.flatMap((module) => module.reactions ?? []), warehouseReaction({ warehouse, facts })])
    const house = { db, warehouse, folder: tmpdir(), log: openLog('silent') } as unknown as House
    await use(house)
    await warehouse.close()
  },
  today: async ({ db, house }, use) => {
    await use(async () => {
      await db.reactionsCaughtUp()
      return read(house)
    })
  },
  page: async ({ house }, use) => {
    const { handle } = routes.find(({ route: { path } }) => path === '/members')!
    await use(async (input) => (await handle(house, systemActor, { limit: 50, ...input }, {} as never)) as never)
  },
  listed: async ({ page }, use) => {
    await use(async (input) => (await page(input)).members.map(({ id }) => id))
  },
})

const route = routes.find(({ route: { path } }) => path === '/today')!
async function read(house: House) {
  const reply = await route.handle(house, systemActor, {}, {} as never)
  return reply as {
    reviews: { count: number; newest: { members: { name: string | null }[]; kind: string; reason: string }[] }
    counted: null | {
      at: string
      refunds: { count: number; newest: { name: string | null; amountMinor: number }[] }
      expiring: { members: number; points: number; firstAt: string | null }
      week: {
        from: string
        newMembers: { now: number; before: number; days: number[] }
        orders: { now: number; before: number; days: number[] }
        revenueMinor: { now: number; before: number; days: number[] }
        pointsGiven: { now: number }
        returning: { now: number | null; before: number | null }
      }
    }
  }
}

const at = (day: string) => new Date(`${day}:00+08:00`)

test('the week stands against the same days of the week before, up to the same hour', async ({ db, given, today }) => {
  await db.act(ensureStartingRules)
  const [one, two] = [await given.member(), await given.member()]
  await given.order({ member: one, paidFen: 10_000, at: at('2025-05-01T10:00') })
  // The week before: Tuesday counts, Wednesday afternoon does not count yet.
  await given.order({ member: one, paidFen: 20_000, at: at('2026-11-17T10:00') })
  await given.order({ member: one, paidFen: 40_000, at: at('2026-11-18T15:00') })
  // This week, from the first minute of Monday.
  await given.order({ member: one, paidFen: 50_000, at: at('2026-11-23T00:00') })
  await given.order({ member: two, paidFen: 70_000, at: at('2026-11-25T11:00') })
  const { counted } = await today()
  const { week } = counted!
  expect(week.from).toBe('2026-11-23')
  expect(week.orders).toMatchObject({ now: 2, before: 1 })
  expect(week.orders.days).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1])
  expect(week.revenueMinor).toMatchObject({ now: 120_000, before: 20_000 })
  expect(week.newMembers.now).toBe(2)
  // One of the two who paid this week had paid before; the one who paid last week had too.
  expect(week.returning).toEqual({ now: 0.5, before: 1 })
})

test('the members behind the numbers', async ({ db, given, today, listed }) => {
  const [one, two, three] = [await given.member(), await given.member(), await given.member()]
  await given.order({ member: one, paidFen: 10_000, at: at('2026-11-22T23:59') })
  await given.order({ member: two, paidFen: 10_000, at: at('2026-11-23T00:00') })
  const id = newId()
  await db.act((ctx) =>
    adjust(ctx, { memberId: three.id, id, points: 50, reason: '补发', expires: { mode: 'on', day: '2026-12-01' } }),
  )
  const { counted } = await today()
  expect(counted!.expiring).toMatchObject({ members: 1, points: 50, firstAt: '2026-12-01T16:00:00.000Z' })
  expect(await listed({ show: 'paid' })).toEqual([two.id])
  expect(await listed({ show: 'lapsing' })).toEqual([three.id])
  expect(await listed({ show: 'new' })).toEqual([three.id, two.id, one.id])
  expect(await listed({ show: 'new', limit: 2 })).toEqual([three.id, two.id])
  expect(await listed({ show: 'new', limit: 2, after: two.id })).toEqual([one.id])
})

test('members of a channel, as it came to know them, each once over all pages', async ({ given, page }) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  const phone = (n: number) => `1380013800${n}`
  const known = await given.record({ externalId: 'a1', name: '王建国', phone: phone(1) }, { of: a })
  const first = await given.record({ externalId: 'b1', name: '李小红', phone: phone(2) }, { of: b })
  await given.record({ externalId: 'a2', name: '张伟', phone: phone(3) }, { of: a })
  // Long known to the one, now to the other too; and one who is known twice to the same.
  await given.record({ externalId: 'b2', name: '王建国', phone: phone(1) }, { of: b })
  await given.record({ externalId: 'b3', name: '李小红', phone: phone(2) }, { of: b })
  const last = await given.record({ externalId: 'b4', name: '赵敏', phone: phone(4) }, { of: b })
  const pages: string[] = []
  for (let after: string | null = null; ; ) {
    const { members, next } = await page({ channel: 'store-b', limit: 1, ...(after ? { after } : {}) })
    pages.push(...members.map(({ id }) => id))
    if (next === null) break
    after = next
  }
  expect(pages).toEqual([last.person, first.person, known.person])
  expect(await page({ channel: 'store-b' })).toMatchObject({ members: pages.map((id) => ({ id })), next: null })
})

test('a filter among the members of a channel, or of a search, though others fill the first page', async ({
  db,
  given,
  page,
}) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  const wanted = await given.record({ externalId: 'b1', name: '欧阳明月', phone: '13800138000' }, { of: b })
  for (let n = 0; n < 3; n++) await given.record({ externalId: `a${n}`, name: '王建国' }, { of: a })
  await db.reactionsCaughtUp()
  const only = { members: [{ id: wanted.person }], next: null }
  expect(await page({ show: 'new', channel: 'store-b', limit: 2 })).toMatchObject(only)
  expect(await page({ show: 'new', search: '欧阳', limit: 2 })).toMatchObject(only)
  expect((await page({ show: 'new', search: '欧阳', channel: 'store-a', limit: 2 })).members).toEqual([])
  expect((await page({ show: 'new', search: '王', limit: 2 })).members).toHaveLength(2)
})

test('the numbers of all members are kept for 15 seconds and say when they were counted', async ({
  db,
  given,
  today,
}) => {
  await given.member()
  const numbers = async () => {
    const { counted } = await today()
    return [counted!.at, counted!.week.newMembers.now]
  }
  expect(await numbers()).toEqual(['2026-11-25T04:00:00.000Z', 1])
  await given.member()
  db.clock = stoppedClock(new Date(now.getTime() + 14_999))
  expect(await numbers()).toEqual(['2026-11-25T04:00:00.000Z', 1])
  db.clock = stoppedClock(new Date(now.getTime() + 15_000))
  expect(await numbers()).toEqual(['2026-11-25T04:00:15.000Z', 2])
})

test('what came by each channel, and a channel by which nothing came', async ({ db, given, house }) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  await given.channel('store-c')
  const { person } = await given.record({ externalId: 'a1', name: '王建国', phone: '13800138000' }, { of: a })
  await given.record({ externalId: 'a2', name: '李小红' }, { of: a })
  await given.record({ externalId: 'b1', name: '王建国', phone: '13800138000' }, { of: b })
  await given.order({ member: { id: person }, paidFen: 100, of: a, at: at('2026-11-01T10:00') })
  await db.reactionsCaughtUp()
  const { handle } = routes.find(({ route: { path } }) => path === '/channel-activity')!
  expect(await handle(house, systemActor, {}, {} as never)).toEqual({
    now: now.toISOString(),
    channels: [
      { code: 'store-a', came: { records: 2, members: 2, orders: 1, lastAt: now.toISOString() } },
      { code: 'store-b', came: { records: 1, members: 1, orders: 0, lastAt: now.toISOString() } },
      { code: 'store-c', came: { records: 0, members: 0, orders: 0, lastAt: null } },
    ],
  })
})

test('nobody and nothing yet', async ({ today }) => {
  const { counted, reviews } = await today()
  expect(reviews).toMatchObject({ count: 0, newest: [] })
  expect(counted!.week.returning).toEqual({ now: null, before: null })
  expect(counted!.refunds).toEqual({ count: 0, newest: [] })
  expect(counted!.expiring).toMatchObject({ members: 0, points: 0, firstAt: null })
})

test('two people on one phone are one question, however many records ask it; answered, it is gone', async ({
  db,
  given,
  today,
}) => {
  const other = await given.channel('store-b')
  const first = await given.record({ name: '王建国', phone: '13800138000' })
  await given.record({ externalId: 'b1', name: '李小红', phone: '13800138000' }, { of: other })
  const before = await today()
  expect(before.reviews.count).toBe(1)
  expect(before.reviews.newest[0]).toMatchObject({ kind: 'phone', reason: 'names_contradict' })
  expect(before.reviews.newest[0]!.members.map(({ name }) => name).sort()).toEqual(['李小红', '王建国'])
  const { join } = await import('#modules/members')
  const [a, b] = (before.reviews.newest[0]!.members as unknown as { id: string }[]).map(({ id }) => id)
  expect([a, b]).toContain(first.person)
  await db.act((ctx) => join(ctx, { memberId: a!, otherId: b!, reason: '一家人，用一个账户' }))
  expect((await today()).reviews.count).toBe(0)
})

test('without the warehouse the page has what PostgreSQL knows', async ({ db }) => {
  const query = async () => {
    throw new WarehouseAway('test')
  }
  const house = { db, warehouse: { query }, folder: tmpdir(), log: openLog('silent') } as unknown as House
  const { counted, reviews } = await read(house)
  expect(counted).toBeNull()
  expect(reviews.count).toBe(0)
})

test('a week begins on Monday, also on Sunday evening and in another zone', () => {
  expect(weekOf(new Date('2026-11-29T15:59:00Z'), zone).from).toBe('2026-11-23')
  expect(weekOf(new Date('2026-11-29T16:00:00Z'), zone).from).toBe('2026-11-30')
  expect(weekOf(new Date('2026-11-29T16:00:00Z'), 'UTC').from).toBe('2026-11-23')
})
