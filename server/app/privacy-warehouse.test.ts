import { tmpdir } from 'node:os'
import { expect, test as withDatabase } from '#app/testing'
import { eraseHomes } from '#modules/members'
import { stoppedClock } from '#platform/clock'
import type { House } from '#platform/house'
import { openLog } from '#platform/log'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { forgetRests } from '../modules/privacy/forgetting.ts'
import { silentSince } from '../modules/privacy/retention.ts'
import { facts, modules } from './modules.ts'

const now = new Date('2026-11-25T04:00:00Z')

const test = withDatabase.extend<{ house: House }>({
  house: async ({ db }, use) => {
    db.clock = stoppedClock(now)
    const warehouse = await openTestWarehouse()
    await prepareWarehouse({ warehouse, log: openLog('silent') }, facts)
    db.useReactions([...modules.flatMap((module) => module.reactions ?? []), warehouseReaction({ warehouse, facts })])
    await use({ db, warehouse, folder: tmpdir(), log: openLog('silent') } as unknown as House)
    await warehouse.close()
  },
})

/** Rows of a home as they lie on the disk, older copies too. */
const onDisk = async ({ warehouse }: House, home: string) =>
  warehouse.query<{ city: string; gone: number }>(
    'select members_city as city, is_deleted as gone from facts where member_id = {home:UUID} settings final = 0',
    { home },
  )

test('who is erased leaves the warehouse, older copies of the row too', async ({ house, db, given }) => {
  const [member, other] = [await given.member({ city: '成都' }), await given.member({ city: '重庆' })]
  await db.reactionsCaughtUp()
  expect(await onDisk(house, member.id)).toMatchObject([{ city: '成都', gone: 0 }])
  await db.act((ctx) => eraseHomes(ctx, [member.id]))
  await db.reactionsCaughtUp()
  await forgetRests(house)
  await expect.poll(() => onDisk(house, member.id), { timeout: 10_000 }).toEqual([])
  expect(await onDisk(house, other.id)).toMatchObject([{ city: '重庆' }])
  const [events] = await house.warehouse.query<{ payloads: string }>(
    'select arrayStringConcat(groupArray(payload)) as payloads from events where member_id = {home:UUID}',
    { home: member.id },
  )
  expect(events!.payloads).not.toMatch(/成都|林晚晴/)
})

test('members of whom nothing was heard are proposed, those silent for longest first', async ({ house, db, given }) => {
  const days = (count: number) => new Date(now.getTime() - count * 86_400_000)
  const at = async (count: number) => {
    db.clock = stoppedClock(days(count))
    return given.member()
  }
  const [long, longer, heard, fresh] = [await at(1200), await at(1500), await at(1400), await at(10)]
  db.clock = stoppedClock(days(30))
  await given.order({ member: heard, paidFen: 10_00, at: days(30) })
  db.clock = stoppedClock(now)
  await db.reactionsCaughtUp()
  const silent = await silentSince(house, days(1095), 10)
  expect(silent!.map(({ person }) => person)).toEqual([longer.id, long.id])
  expect(silent![0]!.lastAt.slice(0, 10)).toBe(days(1500).toISOString().slice(0, 10))
  expect(silent!.map(({ person }) => person)).not.toContain(fresh.id)
})
