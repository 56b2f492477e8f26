import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { eventsOf } from '#platform/events'
import { endInvitation, invitationsOf, invite, inviteMany, sweepTiers, tierOf, tiersOfHomes } from './invitations.ts'
import { award } from './ledger.ts'
import { liability, worthOf } from './liability.ts'
import { type groupOn, test } from './testing.ts'
import { addTier, changeTier, listTiers, orderTiers, removeTier, tiers } from './tiers.ts'

type Group = ReturnType<typeof groupOn>

const invited = (group: Group, memberId: string, tier: string, until?: string, id: string = randomUUID()) =>
  group.db.act((ctx) => invite(ctx, { memberId, id, tier, reason: 'a guest of the house', until })).then(() => id)
const tierNow = async (group: Group, memberId: string) => (await group.db.act((ctx) => tierOf(ctx, memberId))).tier.code
const codes = async (group: Group) => (await group.db.act((ctx) => tiers(ctx))).map(({ code }) => code)
const changes = async (group: Group, ...homes: string[]) =>
  (await group.db.act((ctx) => eventsOf(ctx, { homes, types: ['points.tier_changed'], limit: 50 }))).map(
    ({ payload }) => {
      const { from, to, by } = payload as unknown as { from: string; to: string; by: string }
      return `${by}: ${from} > ${to}`
    },
  )
const names = (name: string) => ({ 'zh-CN': name, en: null, ru: null })

describe('who is in which tier', () => {
  test('everybody begins in the first of four', async ({ group }) => {
    expect(await codes(group)).toEqual(['bluestone', 'lakeside', 'ginkgo', 'danxia'])
    expect(await tierNow(group, await group.member())).toBe('bluestone')
  })

  test('an invitation holds until it is ended, and both are told', async ({ group }) => {
    const member = await group.member()
    const id = await invited(group, member, 'danxia')
    expect(await tierNow(group, member)).toBe('danxia')
    for (const _ of [1, 2]) {
      await group.db.act((ctx) => endInvitation(ctx, { memberId: member, id, reason: 'by mistake' }))
      expect(await tierNow(group, member)).toBe('bluestone')
    }
    expect(await changes(group, member)).toEqual(['taken: danxia > bluestone', 'invited: bluestone > danxia'])
    const [kept] = await group.db.act((ctx) => invitationsOf(ctx, member))
    expect(kept).toMatchObject({ reason: 'a guest of the house', endedAs: 'taken', endReason: 'by mistake' })
    await group.booksAreSound()
  })

  test('told twice it is given once; another under the same name is refused', async ({ group }) => {
    const member = await group.member()
    const id = await invited(group, member, 'ginkgo')
    await invited(group, member, 'ginkgo', undefined, id)
    expect(await changes(group, member)).toEqual(['invited: bluestone > ginkgo'])
    await expect(invited(group, member, 'danxia', undefined, id)).rejects.toMatchObject({ code: 'request.key_reused' })
  })

  test('the last day counts whole, and then time alone takes it away', async ({ group }) => {
    const member = await group.member()
    // Noon of 17 May in Shanghai; the 18th ends there at 16:00 UTC.
    await invited(group, member, 'lakeside', '2026-05-18')
    group.clock.set('2026-05-18T15:59:59Z')
    expect(await tierNow(group, member)).toBe('lakeside')
    group.clock.set('2026-05-18T16:00:00Z')
    expect(await tierNow(group, member)).toBe('bluestone')
    expect(await group.db.act((ctx) => invitationsOf(ctx, member))).toMatchObject([{ endedAs: 'lapsed' }])
    expect(await changes(group, member)).toEqual(['invited: bluestone > lakeside'])

    group.clock.set('2026-05-20T00:00:00Z')
    expect(await group.db.act((ctx) => sweepTiers(ctx))).toBe(1)
    expect(await group.db.act((ctx) => sweepTiers(ctx))).toBe(0)
    expect(await changes(group, member)).toEqual(['lapsed: lakeside > bluestone', 'invited: bluestone > lakeside'])
    expect(await group.db.act((ctx) => invitationsOf(ctx, member))).toMatchObject([
      { endedAs: 'lapsed', endedAt: new Date('2026-05-18T16:00:00Z') },
    ])
    await group.booksAreSound()
  })

  test('the next invitation takes the place of the one before, of one that had lapsed unnoticed too', async ({
    group,
  }) => {
    const member = await group.member()
    await invited(group, member, 'danxia', '2026-05-17')
    group.clock.set('2026-05-19T00:00:00Z')
    await invited(group, member, 'ginkgo')
    await invited(group, member, 'lakeside')
    expect(await tierNow(group, member)).toBe('lakeside')
    expect((await group.db.act((ctx) => invitationsOf(ctx, member))).map(({ endedAs }) => endedAs).sort()).toEqual(
      ['lapsed', 'replaced', null].sort(),
    )
    expect((await changes(group, member)).sort()).toEqual([
      'invited: bluestone > danxia',
      'invited: bluestone > ginkgo',
      'invited: ginkgo > lakeside',
      'lapsed: danxia > bluestone',
    ])
    await group.booksAreSound()
  })

  test('joined, the higher tier of both holds; taken apart, each home has its own', async ({ group }) => {
    const [a, b, c] = [await group.member(), await group.member(), await group.member()]
    await invited(group, a, 'lakeside')
    await invited(group, b, 'danxia', '2026-05-30')
    await group.join(a, b)
    for (const home of [a, b]) expect(await tierNow(group, home)).toBe('danxia')
    expect(await group.db.act((ctx) => tiersOfHomes(ctx, [a, b, c]))).toEqual(
      new Map([
        [a, 'danxia'],
        [b, 'danxia'],
        [c, 'bluestone'],
      ]),
    )
    group.clock.set('2026-06-01T00:00:00Z')
    expect(await tierNow(group, b)).toBe('lakeside')
    group.clock.set('2026-05-20T00:00:00Z')
    await group.part(a, b)
    expect([await tierNow(group, a), await tierNow(group, b)]).toEqual(['lakeside', 'danxia'])
    await group.join(a, b)
    await invited(group, a, 'ginkgo')
    expect(await tierNow(group, b)).toBe('ginkgo')
    await group.booksAreSound()
  })

  test('refuses what can not be given, and says which field', async ({ group }) => {
    const member = await group.member()
    await expect(invited(group, member, 'platinum')).rejects.toMatchObject({ code: 'points.tier_unknown' })
    await expect(invited(group, member, 'bluestone')).rejects.toMatchObject({
      code: 'points.tier_needs_no_invitation',
      params: { field: 'tier' },
    })
    await expect(invited(group, member, 'danxia', '2026-05-16')).rejects.toMatchObject({
      code: 'points.tier_until_past',
      params: { field: 'until' },
    })
    await expect(invited(group, randomUUID(), 'danxia')).rejects.toMatchObject({ code: 'members.not_found' })
    await expect(
      group.db.act((ctx) => endInvitation(ctx, { memberId: member, id: randomUUID(), reason: 'x' })),
    ).rejects.toMatchObject({ code: 'points.invitation_unknown' })
  })

  test('twenty at once on one member: one holds in the end', async ({ group }) => {
    const member = await group.member()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => invited(group, member, index % 2 === 0 ? 'danxia' : 'ginkgo')),
    )
    const all = await group.db.act((ctx) => invitationsOf(ctx, member))
    expect(all).toHaveLength(20)
    expect(all.filter(({ endedAt }) => endedAt === null)).toHaveLength(1)
    await group.booksAreSound()
  })
})

describe('the list of tiers', () => {
  test('is named, added to, ordered and drawn as the group likes', async ({ group }) => {
    const { db } = group
    await db.act((ctx) => addTier(ctx, { code: 'starsea', names: names('星海'), landscape: 'starsea' }))
    await db.act((ctx) => changeTier(ctx, { code: 'danxia', names: names('赤壁'), landscape: 'ginkgo' }))
    await db.act((ctx) => orderTiers(ctx, ['lakeside', 'bluestone', 'ginkgo', 'starsea', 'danxia']))
    await db.act((ctx) => removeTier(ctx, 'ginkgo'))
    expect(await db.act((ctx) => listTiers(ctx))).toMatchObject([
      { code: 'lakeside', rank: 1 },
      { code: 'bluestone', rank: 2 },
      { code: 'starsea', rank: 3, names: names('星海') },
      { code: 'danxia', rank: 4, names: names('赤壁'), landscape: 'ginkgo' },
    ])
    expect(await tierNow(group, await group.member())).toBe('lakeside')
    await group.booksAreSound()
  })

  test('another order asks for the warehouse to be built again, as everybody may be elsewhere now', async ({
    group,
  }) => {
    const asked = async () =>
      (
        await sql<{ name: string }>`select task_identifier as name from graphile_worker.jobs`.execute(group.db.kysely)
      ).rows.map(({ name }) => name)
    await group.db.act((ctx) => orderTiers(ctx, ['bluestone', 'lakeside', 'ginkgo', 'danxia']))
    expect(await asked()).toEqual([])
    await group.db.act((ctx) => orderTiers(ctx, ['lakeside', 'bluestone', 'ginkgo', 'danxia']))
    expect(await asked()).toEqual(['warehouse.rebuild'])
  })

  test('a tier goes only when nobody is in it; who was in it is still told by its name', async ({ group }) => {
    const { db } = group
    const member = await group.member()
    const id = await invited(group, member, 'ginkgo')
    const remove = (code: string) => db.act((ctx) => removeTier(ctx, code))
    await expect(remove('ginkgo')).rejects.toMatchObject({ code: 'points.tier_held', params: { members: 1 } })
    await expect(remove('bluestone')).rejects.toMatchObject({ code: 'points.tier_is_first' })
    await db.act((ctx) => endInvitation(ctx, { memberId: member, id, reason: 'x' }))
    await remove('ginkgo')
    await expect(remove('ginkgo')).rejects.toMatchObject({ code: 'points.tier_unknown' })
    await expect(invited(group, member, 'ginkgo')).rejects.toMatchObject({ code: 'points.tier_unknown' })
    expect((await db.act((ctx) => invitationsOf(ctx, member)))[0]!.look.names.en).toBe('Ginkgo')
    expect(await codes(group)).toEqual(['bluestone', 'lakeside', 'danxia'])
    await group.booksAreSound()
  })

  test('a tier that is given and taken out at the same time: one of the two', async ({ group }) => {
    const members = await Promise.all(Array.from({ length: 8 }, () => group.member()))
    const tried = await Promise.allSettled([
      group.db.act((ctx) => removeTier(ctx, 'danxia')),
      ...members.map((member) => invited(group, member, 'danxia')),
    ])
    const gone = tried[0]!.status === 'fulfilled'
    expect(tried.slice(1).some(({ status }) => status === 'fulfilled')).toBe(!gone)
    await group.booksAreSound()
  })

  test('refuses an order that leaves one out, a code twice, and no name in the language spoken first', async ({
    group,
  }) => {
    const { db } = group
    for (const wrong of [
      ['bluestone', 'lakeside', 'ginkgo'],
      ['bluestone', 'lakeside', 'ginkgo', 'ginkgo'],
      ['bluestone', 'lakeside', 'ginkgo', 'starsea'],
    ])
      await expect(db.act((ctx) => orderTiers(ctx, wrong))).rejects.toMatchObject({ code: 'points.tier_order_stale' })
    const add = (code: string) => db.act((ctx) => addTier(ctx, { code, names: names('新'), landscape: 'danxia' }))
    await expect(add('danxia')).rejects.toMatchObject({ code: 'points.tier_exists' })
    await group.settings({ languages: ['ru', 'zh-CN'] })
    await expect(add('new')).rejects.toMatchObject({
      code: 'points.tier_name_missing',
      params: { field: 'names', language: 'ru' },
    })
  })
})

test('verify finds two tiers of one home, a tier that is not listed, and a gap in the order', async ({ group }) => {
  const { db } = group
  const member = await group.member()
  await db.act((ctx) =>
    inviteMany(ctx, [{ memberId: member, id: randomUUID(), tier: 'danxia', reason: 'x', until: null }]),
  )
  await db.act((ctx) =>
    sql`insert into points.tier_grants (member_id, id, tier, reason, given_by, given_at, ended_at, ended_as, ended_by)
      select member_id, ${randomUUID()}, 'ginkgo', 'x', 'system', given_at - interval '2 days', given_at + interval '1 hour', 'taken', 'system'
      from points.tier_grants`.execute(ctx.tx),
  )
  await db.act((ctx) => sql`update points.tiers set rank = null where code = 'danxia'`.execute(ctx.tx))
  await db.act((ctx) => sql`update points.tiers set rank = 7 where code = 'lakeside'`.execute(ctx.tx))
  const { verify } = await import('./verify.ts')
  expect((await db.act((ctx) => verify(ctx))).map(({ invariant }) => invariant).sort()).toEqual([
    'points.tier_is_listed',
    'points.tier_is_one',
    'points.tiers_in_order',
    'points.tiers_in_order',
  ])
})

test('what points are worth, where the group has said', async ({ group }) => {
  const { db } = group
  expect(worthOf(1_200, { points: 100, minor: 100 })).toBe(1_200)
  expect([1, 2, 3].map((points) => worthOf(points, { points: 4, minor: 1 }))).toEqual([0, 1, 1])
  expect(worthOf(9_007_199_254, { points: 1, minor: 1_000 })).toBe(9_007_199_254_000)
  const member = await group.member()
  await db.act((ctx) => award(ctx, { memberId: member, source: 'a', points: 1_000 }))
  await db.act((ctx) =>
    award(ctx, { memberId: member, source: 'b', points: 500, availableAt: new Date('2026-06-01T00:00:00Z') }),
  )
  const owed = { available: 1_000, pending: 500, deficit: 0, currency: 'CNY' }
  expect(await db.act((ctx) => liability(ctx))).toEqual({ ...owed, worthMinor: null })
  await group.settings({ pointValue: { points: 1, minor: 10 } })
  expect(await db.act((ctx) => liability(ctx))).toEqual({ ...owed, worthMinor: 15_000 })
})
