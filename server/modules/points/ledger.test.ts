import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { lotsOf } from './balances.ts'
import { adjust, award, awardMany, openingBalances, spend, sweep, takeBack } from './ledger.ts'
import { type Group, test } from './testing.ts'

const day = 24 * 60 * 60 * 1000
const inDays = (group: Group, days: number) => new Date(group.clock.now().getTime() + days * day)

async function give(group: Group, memberId: string, points: number, more: Partial<Parameters<typeof award>[1]> = {}) {
  const source = more.source ?? `gift:${randomUUID()}`
  await group.db.act((ctx) => award(ctx, { memberId, points, source, ...more }))
  return source
}
const pay = (group: Group, memberId: string, amount: number, key: string = randomUUID()) =>
  group.db.act((ctx) => spend(ctx, { memberId, amount, source: `redemption:${key}`, key }))

describe('giving', () => {
  test('points given can be spent, and no more than those', async ({ group }) => {
    const member = await group.member()
    await give(group, member, 100)
    expect(await pay(group, member, 60)).toMatchObject({ available: 40, debits: [{ memberId: member, points: 60 }] })
    await expect(pay(group, member, 41)).rejects.toMatchObject({
      code: 'points.insufficient',
      params: { needed: 41, available: 40 },
    })
    expect(await group.balance(member)).toEqual({ available: 40, pending: 0, deficit: 0 })
    await group.booksAreSound()
  })

  test('the same source gives once; other points for it are refused', async ({ group }) => {
    const member = await group.member()
    const source = await give(group, member, 100)
    expect(await group.db.act((ctx) => award(ctx, { memberId: member, points: 100, source }))).toEqual({
      points: 100,
      again: true,
    })
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    await expect(give(group, member, 90, { source })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'points.source_reused',
    })
  })

  test('nobody gets points who is not there, and nothing is not an amount', async ({ group }) => {
    await expect(give(group, randomUUID(), 5)).rejects.toMatchObject({ code: 'members.not_found' })
    for (const points of [0, -1, 1.5, Number.NaN]) {
      await expect(give(group, await group.member(), points)).rejects.toMatchObject({ code: 'points.amount' })
    }
  })

  test('what waits is seen but not spent, and becomes available once', async ({ group }) => {
    const member = await group.member()
    await give(group, member, 100, { availableAt: inDays(group, 10) })
    expect(await group.balance(member)).toEqual({ available: 0, pending: 100, deficit: 0 })
    await expect(pay(group, member, 1)).rejects.toMatchObject({ code: 'points.insufficient' })
    group.clock.add(10 * day)
    expect(await group.balance(member)).toEqual({ available: 100, pending: 0, deficit: 0 })
    await pay(group, member, 30)
    await group.db.act((ctx) => sweep(ctx))
    expect(await group.entries(member)).toEqual([
      { kind: 'spend', points: -30, pending: 0, deficit: 0 },
      { kind: 'activation', points: 100, pending: -100, deficit: 0 },
      { kind: 'award', points: 0, pending: 100, deficit: 0 },
    ])
    await group.booksAreSound()
  })

  test('opening balances prove their sum, and told twice count once', async ({ group }) => {
    const members = [await group.member(), await group.member()]
    const rows = [0, 1, 2].map((row) => ({
      memberId: members[row % 2]!,
      source: `opening:file:${row}`,
      points: 100 + row,
      expiresAt: row === 2 ? null : inDays(group, 30),
    }))
    const take = () => group.db.act((ctx) => openingBalances(ctx, rows))
    expect(await take()).toEqual({ lots: 3, points: 303, lotsBefore: 0, pointsBefore: 0 })
    expect(await take()).toEqual({ lots: 0, points: 0, lotsBefore: 3, pointsBefore: 303 })
    expect(await group.balance(members[0]!)).toMatchObject({ available: 202 })
    group.clock.add(30 * day)
    expect(await group.balance(members[0]!)).toMatchObject({ available: 102 })
    await group.booksAreSound()
  })
})

describe('draining', () => {
  test('what expires first goes first, "never" last, then what was earned first', async ({ group }) => {
    const member = await group.member()
    await give(group, member, 10, { source: 'never' })
    await give(group, member, 10, { source: 'late', expiresAt: inDays(group, 20) })
    await give(group, member, 10, { source: 'soon, new', expiresAt: inDays(group, 5) })
    await give(group, member, 10, { source: 'soon, old', expiresAt: inDays(group, 5), at: inDays(group, -1) })
    const left = async () =>
      Object.fromEntries(
        (await group.db.act((ctx) => lotsOf(ctx, member))).map(({ source, remaining }) => [source, remaining]),
      )
    await pay(group, member, 15)
    expect(await left()).toEqual({ 'soon, new': 5, late: 10, never: 10 })
    await pay(group, member, 16)
    expect(await left()).toEqual({ never: 9 })
    await group.booksAreSound()
  })

  test('a person spends over all homes, one debit in each; taken apart, spent stays spent', async ({ group }) => {
    const [a, b] = [await group.member(), await group.member()]
    await give(group, a, 100, { expiresAt: inDays(group, 9) })
    await give(group, b, 50, { expiresAt: inDays(group, 5) })
    await group.join(a, b)
    expect(await group.balance(b)).toMatchObject({ available: 150 })
    const { debits } = await pay(group, b, 70)
    expect(debits.map(({ memberId, points }) => [memberId, points]).sort()).toEqual(
      [
        [a, 20],
        [b, 50],
      ].sort(),
    )
    await group.part(a, b)
    expect(await group.balance(a)).toMatchObject({ available: 80 })
    expect(await group.balance(b)).toMatchObject({ available: 0 })
    await group.booksAreSound()
  })
})

describe('expiry', () => {
  test('is a fact of time: from the instant on it is not there, whether or not a sweep has run', async ({ group }) => {
    const member = await group.member()
    await give(group, member, 100, { expiresAt: inDays(group, 10) })
    group.clock.add(10 * day - 1)
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    group.clock.add(1)
    expect(await group.balance(member)).toMatchObject({ available: 0 })
    await expect(pay(group, member, 1)).rejects.toMatchObject({ params: { needed: 1, available: 0 } })
  })

  test('the sweep writes one entry for each lot, however often it runs', async ({ group }) => {
    const [a, b] = [await group.member(), await group.member()]
    await give(group, a, 100, { expiresAt: inDays(group, 10) })
    await give(group, a, 30, { expiresAt: inDays(group, 11) })
    await give(group, b, 7, { expiresAt: inDays(group, 12), availableAt: inDays(group, 99) })
    await pay(group, a, 60)
    group.clock.add(40 * day)
    expect(await group.db.act((ctx) => sweep(ctx))).toBe(2)
    expect(await group.db.act((ctx) => sweep(ctx))).toBe(0)
    expect((await group.entries(a)).filter(({ kind }) => kind === 'expiry').map(({ points }) => points)).toEqual([
      -30, -40,
    ])
    expect((await group.entries(b)).filter(({ kind }) => kind === 'expiry')).toEqual([
      { kind: 'expiry', points: 0, pending: -7, deficit: 0 },
    ])
    await group.booksAreSound()
  })

  test('what comes too late to be spent is given and expires in one act', async ({ group }) => {
    const member = await group.member()
    await give(group, member, 100, { at: inDays(group, -400), expiresAt: inDays(group, -35) })
    expect(await group.balance(member)).toEqual({ available: 0, pending: 0, deficit: 0 })
    expect(await group.entries(member)).toHaveLength(2)
    await group.booksAreSound()
  })

  test('time is written down in the order in which it passed', async ({ group }) => {
    const member = await group.member()
    const gift = await give(group, member, 50)
    await give(group, member, 80, { availableAt: inDays(group, 10), expiresAt: inDays(group, 20) })
    await pay(group, member, 50)
    await group.db.act((ctx) => takeBack(ctx, { memberId: member, source: gift, key: 'r1' }))
    expect(await group.balance(member)).toEqual({ available: 0, pending: 80, deficit: 50 })
    // The debt is paid on the 10th day, by what becomes available then; the rest expires on the 20th.
    group.clock.add(30 * day)
    expect(await group.balance(member)).toMatchObject({ available: 0, pending: 0 })
    await group.db.act((ctx) => sweep(ctx))
    expect(
      (await group.entries(member)).slice(0, 3).map(({ kind, points, deficit }) => [kind, points, deficit]),
    ).toEqual([
      ['expiry', -30, 0],
      ['deficit_payment', -50, -50],
      ['activation', 80, 0],
    ])
    expect(await group.balance(member)).toEqual({ available: 0, pending: 0, deficit: 0 })
    await group.booksAreSound()
  })
})

describe('taking back', () => {
  test('never more than was given; each key once; told before its award it waits for it', async ({ group }) => {
    const member = await group.member()
    const back = (key: string, amount?: number) =>
      group.db.act((ctx) => takeBack(ctx, { memberId: member, source: 'survey:1', key, ...(amount && { amount }) }))
    expect(await back('r1', 40)).toEqual({ points: 0 })
    await give(group, member, 100, { source: 'survey:1' })
    expect(await group.balance(member)).toMatchObject({ available: 60 })
    expect(await back('r1', 40)).toEqual({ points: 0 })
    expect(await back('r2', 40)).toEqual({ points: 40 })
    expect(await back('r3', 40)).toEqual({ points: 20 })
    expect(await back('r4')).toEqual({ points: 0 })
    expect(await group.balance(member)).toEqual({ available: 0, pending: 0, deficit: 0 })
    await group.booksAreSound()
  })

  test('what has expired of the award is not taken a second time', async ({ group }) => {
    const member = await group.member()
    const gift = await give(group, member, 100, { expiresAt: inDays(group, 5) })
    await give(group, member, 500)
    await pay(group, member, 30)
    group.clock.add(6 * day)
    await group.db.act((ctx) => takeBack(ctx, { memberId: member, source: gift, key: 'r', amount: 50 }))
    expect(await group.balance(member)).toMatchObject({ available: 500 })
    await group.db.act((ctx) => takeBack(ctx, { memberId: member, source: gift, key: 'rest' }))
    // 70 of 100 had expired; the 30 that were spent are taken from what else there is.
    expect(await group.balance(member)).toMatchObject({ available: 470 })
    await group.booksAreSound()
  })

  for (const [policy, after] of [
    ['only_pending', { available: 40, pending: 0, deficit: 0 }],
    ['within_balance', { available: 0, pending: 0, deficit: 0 }],
    ['negative', { available: 0, pending: 0, deficit: 50 }],
  ] as const) {
    test(`of points that were spent: ${policy}`, async ({ group }) => {
      await group.settings({ refundPolicy: policy })
      const member = await group.member()
      const first = await give(group, member, 90, { expiresAt: inDays(group, 3) })
      await give(group, member, 40)
      await pay(group, member, 90)
      await group.db.act((ctx) => takeBack(ctx, { memberId: member, source: first, key: 'r' }))
      expect(await group.balance(member)).toEqual(after)
      await group.booksAreSound()
      await give(group, member, 60)
      expect(await group.balance(member)).toMatchObject({ available: after.available + 60 - after.deficit, deficit: 0 })
      await group.booksAreSound()
    })
  }

  test('what still waits is taken first, under every policy', async ({ group }) => {
    await group.settings({ refundPolicy: 'only_pending' })
    const member = await group.member()
    const gift = await give(group, member, 100, { availableAt: inDays(group, 10) })
    await group.db.act((ctx) => takeBack(ctx, { memberId: member, source: gift, key: 'r', amount: 30 }))
    expect(await group.balance(member)).toEqual({ available: 0, pending: 70, deficit: 0 })
    group.clock.add(10 * day)
    expect(await group.balance(member)).toEqual({ available: 70, pending: 0, deficit: 0 })
    await group.booksAreSound()
  })

  test('reaches the other homes of the person, and a debt of one home counts against the others', async ({ group }) => {
    const [a, b] = [await group.member(), await group.member()]
    const gift = await give(group, a, 100)
    await pay(group, a, 100)
    await give(group, b, 60)
    await group.join(a, b)
    await group.db.act((ctx) => takeBack(ctx, { memberId: a, source: gift, key: 'r' }))
    expect(await group.balance(b)).toEqual({ available: 0, pending: 0, deficit: 40 })
    // Credited in the other home: the debt is not paid there by itself, but nothing of it can be spent twice.
    await give(group, b, 50)
    expect(await group.balance(a)).toEqual({ available: 10, pending: 0, deficit: 0 })
    await expect(pay(group, b, 11)).rejects.toMatchObject({ params: { available: 10 } })
    await pay(group, b, 10)
    await group.part(a, b)
    expect(await group.balance(a)).toEqual({ available: 0, pending: 0, deficit: 0 })
    expect(await group.balance(b)).toEqual({ available: 0, pending: 0, deficit: 0 })
    await group.booksAreSound()
  })

  test('within the balance of the person: what another home owes is paid before', async ({ group }) => {
    const [a, b] = [await group.member(), await group.member()]
    const debt = await give(group, a, 40)
    await pay(group, a, 40)
    await group.db.act((ctx) => takeBack(ctx, { memberId: a, source: debt, key: 'r' }))
    const spent = await give(group, b, 60, { expiresAt: inDays(group, 1) })
    await pay(group, b, 60)
    await give(group, b, 70)
    await group.join(a, b)
    await group.settings({ refundPolicy: 'within_balance' })
    expect(await group.balance(a)).toEqual({ available: 30, pending: 0, deficit: 0 })
    await group.db.act((ctx) => takeBack(ctx, { memberId: b, source: spent, key: 'r' }))
    expect(await group.balance(a)).toEqual({ available: 0, pending: 0, deficit: 0 })
    await group.booksAreSound()
  })

  test('what expires at the moment at which it would become available pays no debt', async ({ group }) => {
    const member = await group.member()
    const gift = await give(group, member, 50)
    await pay(group, member, 50)
    await group.db.act((ctx) => takeBack(ctx, { memberId: member, source: gift, key: 'r' }))
    await give(group, member, 80, { availableAt: inDays(group, 3), expiresAt: inDays(group, 3) })
    group.clock.add(3 * day)
    await group.db.act((ctx) => sweep(ctx))
    expect(await group.balance(member)).toEqual({ available: 0, pending: 0, deficit: 50 })
    await group.booksAreSound()
  })
})

describe('by hand', () => {
  const byHand = (group: Group, memberId: string, points: number, id: string = randomUUID()) =>
    group.db.act((ctx) => adjust(ctx, { memberId, id, points, reason: 'a mistake at the till' }))

  test('gives and takes, once for each id, with the reason kept', async ({ group }) => {
    const member = await group.member()
    const id = randomUUID()
    await byHand(group, member, 50, id)
    await byHand(group, member, 50, id)
    await byHand(group, member, -20)
    expect(await group.balance(member)).toMatchObject({ available: 30 })
    await expect(byHand(group, member, 60, id)).rejects.toMatchObject({ code: 'request.key_reused' })
    await expect(byHand(group, member, -31)).rejects.toMatchObject({ code: 'points.insufficient' })
    await group.booksAreSound()
  })

  test('what is given can have an end', async ({ group }) => {
    const member = await group.member()
    const about = { memberId: member, id: randomUUID(), points: 5, reason: 'sorry' }
    await group.db.act((ctx) => adjust(ctx, { ...about, expires: { mode: 'on', day: '2026-05-31' } }))
    const [lot] = await group.db.act((ctx) => lotsOf(ctx, member))
    expect(lot!.expiresAt).toEqual(new Date('2026-05-31T16:00:00Z'))
  })
})

test('many awards in one act, several for one member and some told again', async ({ group }) => {
  const members = [await group.member(), await group.member(), await group.member()]
  const awards = Array.from({ length: 30 }, (_, n) => ({
    memberId: members[n % 3]!,
    source: `gift:${n % 25}:${n % 3}`,
    points: 10,
  }))
  const first = await group.db.act((ctx) => awardMany(ctx, awards))
  expect(first).toEqual({ lots: 30, points: 300 })
  expect(
    await group.db.act((ctx) => awardMany(ctx, [...awards, { memberId: members[0]!, source: 'gift:new', points: 1 }])),
  ).toEqual({ lots: 1, points: 1 })
  expect(await group.balance(members[0]!)).toMatchObject({ available: 101 })
  await group.booksAreSound()
})
