import { sql } from 'kysely'
import { describe } from 'vitest'
import { expect, type Given, test } from '#app/testing'
import { findHouseholds } from '#modules/matching'
import { eraseHomes, join, openReviews, part, personsOf } from '#modules/members'
import { type Ctx, systemActor } from '#platform/ctx'
import type { TestDatabase } from '#platform/testing'
import { propose, proposeBookings } from '../modules/families/finding.ts'
import { confirm, howManyProposed, proposals, putOff, refuse, tiesHeld, tiesOf } from '../modules/families/ties.ts'

const never = new AbortController().signal
const home = { addressLine: '人民路 88 号 3 栋 1204 室', city: '成都' }
const father = { name: '林建国', birthDate: '1958-03-12', gender: '男', phone: '13800000001', ...home }
const daughter = { name: '林晚晴', birthDate: '1987-06-04', gender: '女', phone: '13800000002', ...home }
const husband = { name: '沈知远', birthDate: '1985-01-20', gender: '男', phone: '13800000003', ...home }

async function family(given: Given, origin: 'live' | 'import' = 'import') {
  const [one, two, three] = [father, daughter, husband].map((raw, index) => ({ ...raw, externalId: `F-${index}` }))
  return {
    father: (await given.record(one!, { origin })).id,
    daughter: (await given.record(two!, { origin })).id,
    husband: (await given.record(three!, { origin })).id,
  }
}

const page = { limit: 50, offset: 0 }
const waiting = (db: TestDatabase) => db.act((ctx) => proposals(ctx, page))
const between = async (db: TestDatabase) =>
  (await waiting(db)).map(({ a, b, kind }) => [a.name, kind, b.name].join(' ')).sort()
const of = (db: TestDatabase, homes: string[]) => db.act((ctx) => tiesOf(ctx, homes))
const inStore = (ctx: Ctx, channelIds: number[]): Ctx => ({
  ...ctx,
  actor: { ...systemActor, scope: { channelIds, servedBy: null } },
})

describe('a household', () => {
  test('is proposed from one address, with the reasons and what they look like, once, and nobody is joined', async ({
    db,
    given,
  }) => {
    const ids = await family(given)
    await given.record({ name: '王大海', birthDate: '1970-02-02', phone: '13800000009', externalId: 'X', city: '成都' })
    await findHouseholds(db, systemActor, never)
    expect(await between(db)).toEqual(['林建国 child 林晚晴', '林建国 relative 沈知远', '林晚晴 spouse 沈知远'].sort())
    const [strongest] = await waiting(db)
    expect(strongest!.evidence).toEqual({ address: true, phone: false, surname: true, bookings: 0 })
    const before = await waiting(db)
    await findHouseholds(db, systemActor, never)
    expect(await waiting(db)).toEqual(before)
    const persons = await db.act((ctx) => personsOf(ctx, Object.values(ids)))
    expect(new Set(persons.values()).size).toBe(3)
  })

  test('is proposed from one phone under different names, and from more than eight names nothing', async ({
    db,
    given,
  }) => {
    const phone = '13811112222'
    await given.record({ name: '欧阳修文', birthDate: '1980-05-05', phone, externalId: 'P1' }, { origin: 'import' })
    await given.record({ name: '欧阳小雨', birthDate: '2012-09-09', phone, externalId: 'P2' }, { origin: 'import' })
    const names = ['赵一凡', '钱二喜', '孙三顺', '李四维', '周五福', '吴六奇', '郑七夕', '王八斤', '冯九思']
    for (const [index, name] of names.entries())
      await given.record({
        name,
        birthDate: `19${60 + index}-01-0${index + 1}`,
        phone: '13899998888',
        externalId: `T${index}`,
      })
    await findHouseholds(db, systemActor, never)
    expect(await between(db)).toEqual(['欧阳修文 child 欧阳小雨'])
    expect((await waiting(db))[0]!.evidence).toMatchObject({ phone: true, surname: true })
  })

  test('is proposed when the second of them comes in, one record at a time', async ({ db, given }) => {
    await db.reactionsCaughtUp()
    await given.record({ ...father, externalId: 'F-0' })
    await db.reactionsCaughtUp()
    expect(await waiting(db)).toEqual([])
    await given.record({ ...daughter, externalId: 'F-1' })
    await db.reactionsCaughtUp()
    expect(await between(db)).toEqual(['林建国 child 林晚晴'])
    await given.record({ ...husband, externalId: 'F-2' })
    await db.reactionsCaughtUp()
    expect(await between(db)).toEqual(['林建国 child 林晚晴', '林建国 relative 沈知远', '林晚晴 spouse 沈知远'])
  })

  test('is not what one person written twice looks like', async ({ db, given }) => {
    await given.record({ ...daughter, externalId: 'D1' }, { origin: 'import' })
    const { phone: _phone, ...again } = daughter
    const { birthDate: _born, ...undated } = again
    await given.record({ ...undated, name: 'Lin Wanqing', externalId: 'D2' }, { origin: 'import' })
    await given.record({ ...again, name: '林婉清', externalId: 'D3' }, { origin: 'import' })
    await findHouseholds(db, systemActor, never)
    expect(await waiting(db)).toEqual([])
  })
})

describe('companions', () => {
  const ordered = (given: Given, member: { id: string }, at: string, origin: 'live' | 'import' = 'live') =>
    given.order({ member, paidFen: 9_760_00, at: new Date(at), origin, product: '川西环线 5 日' })

  test('are who booked the same within minutes, twice, or once under one family name', async ({ db, given }) => {
    await db.reactionsCaughtUp()
    const lin = await given.member({ name: '林晚晴' })
    const shen = await given.member({ name: '沈知远' })
    const guo = await given.member({ name: '郭子仪' })
    const guoYounger = await given.member({ name: '郭小满' })
    await ordered(given, lin, '2026-04-02T10:00:00Z')
    await ordered(given, shen, '2026-04-02T10:04:00Z')
    await ordered(given, guo, '2026-05-02T10:00:00Z')
    await ordered(given, guoYounger, '2026-05-02T10:03:00Z')
    await db.reactionsCaughtUp()
    expect(await between(db)).toEqual(['郭子仪 companion 郭小满'])
    await ordered(given, lin, '2026-06-02T10:00:00Z')
    await ordered(given, shen, '2026-06-02T10:09:00Z')
    await db.reactionsCaughtUp()
    expect(await between(db)).toEqual(['林晚晴 companion 沈知远', '郭子仪 companion 郭小满'])
  })

  test('are not a crowd, nor who booked an hour apart; all bookings at once find the same', async ({ db, given }) => {
    const crowd = await Promise.all(
      ['赵一凡', '赵二喜', '赵三顺', '赵四维', '赵五福', '赵六奇', '赵七夕'].map((name) => given.member({ name })),
    )
    for (const member of crowd) await ordered(given, member, '2026-03-01T00:00:00Z', 'import')
    const one = await given.member({ name: '郭子仪' })
    const other = await given.member({ name: '郭小满' })
    await ordered(given, one, '2026-05-02T10:00:00Z', 'import')
    await ordered(given, other, '2026-05-02T11:00:00Z', 'import')
    expect(await proposeBookings(db, systemActor)).toBe(0)
    await ordered(given, other, '2026-05-02T10:10:00Z', 'import')
    expect(await proposeBookings(db, systemActor)).toBe(1)
    expect(await between(db)).toEqual(['郭子仪 companion 郭小满'])
  })
})

describe('an answer', () => {
  test('makes them a household on both pages, keeps them two people and is told on both sides', async ({
    db,
    given,
  }) => {
    await db.reactionsCaughtUp()
    // One phone: the queue asks whether they are one person.
    const one = await given.record({ ...father, phone: '13855556666', externalId: 'F-0' })
    const two = await given.record({ ...daughter, phone: '13855556666', externalId: 'F-1' })
    await db.reactionsCaughtUp()
    const open = await db.act((ctx) => openReviews(ctx, { limit: 5 }))
    expect(open.reviews.map(({ kind, reason }) => [kind, reason])).toEqual([['phone', 'names_contradict']])
    const answer = { memberId: two.id, otherId: one.id, kind: 'parent' as const }
    await db.act((ctx) => confirm(ctx, answer))
    await db.act((ctx) => confirm(ctx, answer))
    expect((await of(db, [two.id])).ties).toMatchObject([
      {
        memberId: one.id,
        name: '林建国',
        kind: 'parent',
        state: 'confirmed',
        evidence: { phone: true, address: true },
      },
    ])
    expect((await of(db, [one.id])).ties).toMatchObject([{ memberId: two.id, kind: 'child', state: 'confirmed' }])
    expect(await waiting(db)).toEqual([])
    expect((await db.act((ctx) => openReviews(ctx, { limit: 5 }))).count).toBe(0)
    const { rows } = await sql<{ home: string; kind: string }>`
      select member_id as home, payload->>'kind' as kind from platform.events where type = 'family.confirmed' order by id`.execute(
      db.kysely,
    )
    expect(rows).toEqual([
      { home: two.id, kind: 'parent' },
      { home: one.id, kind: 'child' },
    ])
  })

  test('that says no is remembered, also for their other records; so is what was ended', async ({ db, given }) => {
    const ids = await family(given)
    const web = await given.channel('web', 'website')
    const second = await given.record({ ...daughter, externalId: 'W-1' }, { of: web, origin: 'import' })
    expect(second.person).toBe(ids.daughter)
    await findHouseholds(db, systemActor, never)
    await db.act((ctx) => refuse(ctx, { memberId: ids.father, otherId: ids.daughter }))
    await db.act((ctx) => confirm(ctx, { memberId: ids.daughter, otherId: ids.husband, kind: 'spouse' }))
    await db.act((ctx) => refuse(ctx, { memberId: ids.husband, otherId: ids.daughter }))
    await findHouseholds(db, systemActor, never)
    expect(await between(db)).toEqual(['林建国 relative 沈知远'])
    // Taken apart, the other record of the daughter isn't asked about either.
    await db.act((ctx) => part(ctx, { memberId: ids.daughter, recordId: second.id, reason: 'test' }))
    await findHouseholds(db, systemActor, never)
    expect(await between(db)).toEqual(['林建国 relative 沈知远'])
    await expect(db.act((ctx) => refuse(ctx, { memberId: ids.father, otherId: ids.daughter }))).rejects.toMatchObject({
      code: 'families.nothing_between',
    })
    // Staff may still say it by hand.
    await db.act((ctx) => confirm(ctx, { memberId: ids.father, otherId: ids.daughter, kind: 'child' }))
    expect((await of(db, [ids.father])).ties).toMatchObject([
      { memberId: ids.daughter, state: 'confirmed' },
      { memberId: ids.husband, state: 'proposed' },
    ])
  })

  test('that comes later is asked for in a week', async ({ db, given }) => {
    const ids = await family(given)
    await findHouseholds(db, systemActor, never)
    await db.act((ctx) => putOff(ctx, { memberId: ids.father, otherId: ids.daughter }))
    expect((await between(db)).length).toBe(2)
    expect(await db.act(howManyProposed)).toEqual({ count: 2, more: false })
    expect(
      await db.act((ctx) => proposals({ ...ctx, now: new Date(ctx.now.getTime() + 8 * 86_400_000) }, page)),
    ).toHaveLength(3)
  })

  test('goes with its record when people are joined and taken apart', async ({ db, given }) => {
    const ids = await family(given)
    const stranger = await given.record(
      { name: '林小姐', phone: '13877770000', externalId: 'S-1' },
      { origin: 'import' },
    )
    await db.act((ctx) => confirm(ctx, { memberId: ids.daughter, otherId: ids.husband, kind: 'spouse' }))
    await db.act((ctx) => join(ctx, { memberId: ids.daughter, otherId: stranger.id, reason: 'same' }))
    const joined = await db.act((ctx) => personsOf(ctx, [ids.daughter]))
    const person = joined.get(ids.daughter)!
    expect((await of(db, [ids.husband])).ties).toMatchObject([{ memberId: person, kind: 'spouse' }])
    // No second proposal for the same two by another record.
    await db.act((ctx) => propose(ctx, [{ a: stranger.id, b: ids.husband, address: true }]))
    expect(await waiting(db)).toEqual([])
    await db.act((ctx) => part(ctx, { memberId: person, recordId: stranger.id, reason: 'not the same' }))
    expect((await of(db, [ids.daughter])).ties).toMatchObject([{ memberId: ids.husband, kind: 'spouse' }])
    expect((await of(db, [stranger.id])).ties).toEqual([])
  })

  test('is refused about one person, and about somebody whom the store does not see', async ({ db, given }) => {
    await db.reactionsCaughtUp()
    const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
    const here = await given.record({ ...father, externalId: 'A' }, { of: a })
    const there = await given.record({ ...daughter, externalId: 'B' }, { of: b })
    await expect(
      db.act((ctx) => confirm(ctx, { memberId: here.id, otherId: here.id, kind: 'relative' })),
    ).rejects.toMatchObject({ code: 'families.same_person' })
    await expect(
      db.act((ctx) => confirm(inStore(ctx, [a.id]), { memberId: here.id, otherId: there.id, kind: 'child' })),
    ).rejects.toMatchObject({ code: 'members.not_found' })
    await db.reactionsCaughtUp()
    expect(await between(db)).toEqual(['林建国 child 林晚晴'])
    // A proposal is for who sees both; of what is confirmed the other store knows that there is somebody.
    expect(await db.act((ctx) => proposals(inStore(ctx, [a.id]), page))).toEqual([])
    expect(await db.act((ctx) => tiesOf(inStore(ctx, [a.id]), [here.id]))).toEqual({ ties: [], elsewhere: 0 })
    await db.act((ctx) => confirm(ctx, { memberId: here.id, otherId: there.id, kind: 'child' }))
    expect(await db.act((ctx) => tiesOf(inStore(ctx, [a.id]), [here.id]))).toEqual({ ties: [], elsewhere: 1 })
    expect((await db.act((ctx) => tiesOf(inStore(ctx, [a.id, b.id]), [here.id]))).ties).toHaveLength(1)
  })
})

test('who asks for their data gets what they are to others and not who those are; an erased one leaves no tie', async ({
  db,
  given,
}) => {
  const ids = await family(given)
  await db.act((ctx) => confirm(ctx, { memberId: ids.daughter, otherId: ids.husband, kind: 'spouse' }))
  await db.act((ctx) => confirm(ctx, { memberId: ids.father, otherId: ids.daughter, kind: 'child' }))
  const held = await db.act((ctx) => tiesHeld(ctx, [ids.husband]))
  expect(held).toMatchObject([{ kind: 'spouse', state: 'confirmed' }])
  expect(JSON.stringify(held)).not.toContain(ids.daughter)
  await db.act((ctx) => eraseHomes(ctx, [ids.daughter]))
  expect(await of(db, [ids.husband])).toEqual({ ties: [], elsewhere: 0 })
  const { rows } = await sql`select 1 from families.ties`.execute(db.kysely)
  expect(rows).toEqual([])
})
