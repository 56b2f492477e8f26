/** A store manager may hold the own store against the whole group, and learns of nobody elsewhere by it. */
import { tmpdir } from 'node:os'
import { test as base, expect, type Given } from '#app/testing'
import type { Channel } from '#modules/channels'
import { stoppedClock } from '#platform/clock'
import type { Actor, Scope } from '#platform/ctx'
import type { House } from '#platform/house'
import { openLog } from '#platform/log'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { groupTotals } from '../modules/desk/totals.ts'
import { facts, modules } from './modules.ts'

const test = base.extend<{ totals: (scope: Scope, city?: string) => ReturnType<typeof groupTotals> }>({
  totals: async ({ db }, use) => {
    // Wednesday noon in Shanghai: the last full week began on the 16th.
    db.clock = stoppedClock(new Date('2026-11-25T04:00:00Z'))
    const warehouse = await openTestWarehouse()
    await prepareWarehouse({ warehouse, log: openLog('silent') }, facts)
    db.useReactions([...modules.flatMap((module) => module.reactions ?? []), warehouseReaction({ warehouse, facts })])
    const house = { db, warehouse, folder: tmpdir(), log: openLog('silent') } as unknown as House
    await use(async (scope, city) => {
      await db.reactionsCaughtUp()
      const actor: Actor = { kind: 'system', id: null, permissions: new Set(['totals.group']), scope }
      return groupTotals(house, actor, { city })
    })
    await warehouse.close()
  },
})

let made = 0
async function bring(given: Given, of: Channel, count: number, city: string, paidFen = 0) {
  for (let n = 0; n < count; n++) {
    const number = ++made
    const member = await given.record(
      {
        externalId: `M-${number}`,
        name: `王${String.fromCodePoint(0x4e00 + number)}`,
        phone: `1391234${5000 + number}`,
        city,
      },
      { of },
    )
    if (paidFen > 0) await given.order({ member, paidFen, of, at: new Date('2026-11-18T12:00:00+08:00') })
  }
}
const only = (channel: Channel): Scope => ({ channelIds: [channel.id], servedBy: null })

test('the whole stands beside the own part, in steps of five', async ({ given, totals }) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  await bring(given, a, 6, '成都', 10_000)
  await bring(given, b, 8, '济南', 250_000)
  expect(await totals(only(a))).toMatchObject({
    from: '2026-11-15T16:00:00.000Z',
    until: '2026-11-22T16:00:00.000Z',
    members: { own: 6, group: 10 },
    buyers: { own: 6, group: 10 },
    orders: { own: 6, group: 10 },
    // 20,600.00 in steps of 1,000.00.
    revenueMinor: { own: 60_000, group: 2_000_000 },
  })
  // Whoever sees the whole group is told exactly.
  expect(await totals('group')).toMatchObject({ members: { own: 14, group: 14 }, revenueMinor: { group: 2_060_000 } })
})

test('where under five are elsewhere, the whole less the own part would tell of them', async ({ given, totals }) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  await bring(given, a, 20, '成都', 10_000)
  await bring(given, b, 4, '济南')
  await bring(given, b, 1, '济南', 999_900)
  const found = await totals(only(a))
  expect(found.members).toEqual({ own: 20, group: 25 })
  // One paid at store B: neither the number of orders nor the sum may be told.
  expect(found.orders).toEqual({ own: 20, group: '<5' })
  expect(found.revenueMinor).toEqual({ own: 200_000, group: '<5' })
})

test('a filter that leaves under five is refused, and so is one that leaves out under five', async ({
  given,
  totals,
}) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  await bring(given, a, 10, '成都')
  await bring(given, b, 12, '成都')
  await bring(given, b, 3, '济南')
  await expect(totals(only(a), '济南')).rejects.toMatchObject({ code: 'totals.too_few', params: { field: 'city' } })
  // All but three: asked with and without the filter, the three would be left.
  await expect(totals(only(a), '成都')).rejects.toMatchObject({ code: 'totals.too_few' })
  await expect(totals(only(a), '没有')).rejects.toMatchObject({ code: 'totals.too_few' })
  await bring(given, b, 2, '济南')
  expect((await totals(only(a), '成都')).members).toEqual({ own: 10, group: 20 })
  expect((await totals(only(a), '济南')).members).toEqual({ own: 0, group: 5 })
})
