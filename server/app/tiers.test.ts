/** Tiers beyond their own module: the warehouse's column, the member centre, what roles may. */
import { expect, test as withDatabase } from '#app/testing'
import { join, part } from '#modules/members'
import { invite } from '#modules/points'
import { stoppedClock } from '#platform/clock'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { module as points } from '../modules/points/module.ts'
import { facts, modules } from './modules.ts'
import { buildServer } from './server.ts'

interface Counted {
  /** How many persons the warehouse has in each tier, when it has heard everything. */
  tiers(): Promise<Record<string, number>>
}

const test = withDatabase.extend<{ counted: Counted }>({
  counted: async ({ db }, use) => {
    const warehouse = await openTestWarehouse()
    await prepareWarehouse({ warehouse, log: openLog('silent') }, facts)
    db.useReactions([...modules.flatMap((module) => module.reactions ?? []), warehouseReaction({ warehouse, facts })])
    await use({
      tiers: async () => {
        await db.reactionsCaughtUp()
        const rows = await warehouse.query<{ tier: string; n: number }>(
          'select points_tier as tier, toUInt32(count()) as n from persons group by tier',
        )
        return Object.fromEntries(rows.map(({ tier, n }) => [tier, n]))
      },
    })
    await warehouse.close()
  },
})

test('the warehouse has the tier of each person: invited, joined, taken apart, lapsed', async ({
  db,
  given,
  counted,
}) => {
  db.clock = stoppedClock('2026-05-17T04:00:00Z')
  const [a, b, c] = [
    await given.member({ name: '林晚晴' }),
    await given.member({ name: '林晚晴' }),
    await given.member(),
  ]
  expect(await counted.tiers()).toEqual({ bluestone: 3 })
  const to = (memberId: string, tier: string, until?: string) =>
    db.act((ctx) => invite(ctx, { memberId, id: newId(), tier, reason: 'x', until }))
  await to(b.id, 'danxia', '2026-05-18')
  await to(c.id, 'ginkgo')
  expect(await counted.tiers()).toEqual({ bluestone: 1, danxia: 1, ginkgo: 1 })
  await db.act((ctx) => join(ctx, { memberId: a.id, otherId: b.id, reason: 'the same guest' }))
  expect(await counted.tiers()).toEqual({ danxia: 1, ginkgo: 1 })
  await db.act((ctx) => part(ctx, { memberId: a.id, recordId: b.id, reason: 'two guests' }))
  expect(await counted.tiers()).toEqual({ bluestone: 1, danxia: 1, ginkgo: 1 })

  db.clock = stoppedClock('2026-05-19T04:00:00Z')
  const expiry = points.jobs!.find(({ name }) => name === 'points.expiry')!
  await expiry.run({ db, stopping: new AbortController().signal } as unknown as House, {})
  expect(await counted.tiers()).toEqual({ bluestone: 2, ginkgo: 1 })
})

test('who may give a tier, and who may only look', async ({ db, given }) => {
  const house = {
    db,
    folder: '/nonexistent',
    publicUrl: 'http://localhost:3000',
    log: openLog('silent'),
    stopping: new AbortController().signal,
    reactions: openReactions(db, []),
    warehouse: { ping: async () => true },
  } as unknown as House
  const server = await buildServer(house, { via: 'port' })
  const { id } = await given.member()
  const as = async (role: 'marketer' | 'auditor') => {
    const { key } = await given.key(role)
    return (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
      server.inject({
        method,
        url: `/api${url}`,
        headers: { authorization: `Bearer ${key}` },
        ...(payload && { payload }),
      })
  }
  const [operator, viewer] = [await as('marketer'), await as('auditor')]
  const invitation = { id: newId(), tier: 'danxia', reason: 'a guest of the house', until: '2099-12-31' }
  expect((await viewer('POST', `/members/${id}/tier-invitations`, invitation)).json().params).toEqual({
    permission: 'points.tiers',
  })
  expect((await operator('POST', `/members/${id}/tier-invitations`, invitation)).json()).toMatchObject({
    tier: { code: 'danxia', names: { ru: 'Данься' } },
    by: { id: invitation.id, until: '2099-12-31T16:00:00.000Z' },
  })
  expect((await viewer('GET', `/members/${id}`)).json().tier).toMatchObject({ code: 'danxia', invited: true })
  expect((await viewer('GET', `/members/${id}/tier`)).json().invitations).toHaveLength(1)
  expect((await operator('DELETE', '/tiers/ginkgo')).statusCode).toBe(403)
  expect(
    (await operator('POST', `/members/${id}/tier-invitations`, { ...invitation, id: newId(), reason: ' ' })).json(),
  ).toMatchObject({ code: 'request.invalid' })
  await server.close()
})
