import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { systemActor } from '#platform/ctx'
import type { House } from '#platform/house'
import type { Call } from '#platform/http'
import { balanceOf, balancesOf, entriesOf } from './balances.ts'
import { adjust, award, spend } from './ledger.ts'
import { module } from './module.ts'
import { routes } from './routes.ts'
import { type Group, test } from './testing.ts'

const dayMs = 24 * 60 * 60 * 1000

/** As the HTTP edge does it: input by the route's schema, then the act, then its output by the schema. */
async function ask(group: Group, path: string, input: object): Promise<unknown> {
  const served = routes.find(({ route }) => `${route.method} ${route.path}` === path)!
  const house = { db: group.db } as unknown as House
  return served.route.output.parse(await served.handle(house, systemActor, served.route.input.parse(input), {} as Call))
}

test('the balance names what expires next, and sums over the homes of a person', async ({ group }) => {
  const [a, b] = [await group.member(), await group.member()]
  const at = (days: number) => new Date(group.clock.now().getTime() + days * dayMs)
  const give = (memberId: string, points: number, days: number | null) =>
    group.db.act((ctx) =>
      award(ctx, { memberId, points, source: randomUUID(), expiresAt: days === null ? null : at(days) }),
    )
  await give(a, 10, null)
  await give(a, 20, 9)
  await give(b, 30, 5)
  await give(b, 40, 5)
  await group.join(a, b)
  expect(await group.db.act((ctx) => balanceOf(ctx, b))).toEqual({
    available: 100,
    pending: 0,
    deficit: 0,
    earned: 100,
    spent: 0,
    nextExpiry: { at: at(5), amount: 70 },
  })
  group.clock.add(6 * dayMs)
  expect(await group.db.act((ctx) => balanceOf(ctx, a))).toMatchObject({
    available: 30,
    nextExpiry: { at: at(3), amount: 20 },
  })
  expect(await group.db.act((ctx) => balancesOf(ctx, [a, b, randomUUID()]))).toEqual(
    new Map([
      [a, 30],
      [b, 0],
    ]),
  )
})

test('a member without points has none, one who is not there is refused', async ({ group }) => {
  expect(await ask(group, 'GET /members/:memberId/points', { memberId: await group.member() })).toEqual({
    available: 0,
    pending: 0,
    deficit: 0,
    earned: 0,
    spent: 0,
    worthMinor: null,
    nextExpiry: null,
    lots: [],
  })
  await expect(ask(group, 'GET /members/:memberId/points', { memberId: randomUUID() })).rejects.toMatchObject({
    code: 'members.not_found',
  })
})

test('entries come page by page, each once, over the homes of a person', async ({ group }) => {
  const [a, b] = [await group.member(), await group.member()]
  await group.join(a, b)
  for (let n = 1; n <= 7; n++) {
    await group.db.act((ctx) => award(ctx, { memberId: n % 2 ? a : b, points: n, source: `gift:${n}` }))
    if (n % 3 === 0) group.clock.add(1000)
  }
  const seen: number[] = []
  let before: string | undefined
  do {
    const page = await group.db.act((ctx) => entriesOf(ctx, b, { before, limit: 3 }))
    seen.push(...page.entries.map(({ points }) => points))
    before = page.next ?? undefined
  } while (before)
  expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(seen[0]).toBe(7)
  await expect(group.db.act((ctx) => entriesOf(ctx, a, { before: 'x', limit: 3 }))).rejects.toMatchObject({
    code: 'points.page_unknown',
  })
})

test('entries stand by when it happened, though an import told of it in another order', async ({ group }) => {
  const memberId = await group.member()
  for (const day of [19, 12, 17]) {
    const at = new Date(Date.UTC(2020, 10, day))
    await group.db.act((ctx) => award(ctx, { memberId, points: day, source: `order:${day}`, at }))
  }
  const first = await group.db.act((ctx) => entriesOf(ctx, memberId, { limit: 2 }))
  const second = await group.db.act((ctx) => entriesOf(ctx, memberId, { before: first.next!, limit: 2 }))
  expect([...first.entries, ...second.entries].map(({ points }) => points)).toEqual([19, 17, 12])
})

test('over the routes: adjust by hand, told twice; entries and verification', async ({ group }) => {
  const memberId = await group.member()
  const about = { memberId, id: randomUUID(), points: 50, reason: '  a gesture ' }
  for (let time = 0; time < 2; time++) {
    expect(await ask(group, 'POST /members/:memberId/points-adjustments', about)).toEqual({
      available: 50,
      pending: 0,
      deficit: 0,
    })
  }
  expect(await ask(group, 'GET /members/:memberId/points-entries', { memberId })).toMatchObject({
    entries: [{ kind: 'adjustment', points: 50, reason: 'a gesture', leaves: 'ADJUSTED', enters: 'MEMBER_AVAILABLE' }],
    next: null,
  })
  expect(await ask(group, 'POST /points-verifications', {})).toEqual({ ok: true, broken: [] })
  expect(await ask(group, 'GET /points-rules', {})).toMatchObject({
    rules: [{ code: 'paid-orders' }],
    groups: [{ code: 'purchases' }],
  })
})

test('the warehouse hears the same balances', async ({ group }) => {
  const member = await group.member()
  await group.paid(member, 100_00)
  await group.db.act((ctx) => spend(ctx, { memberId: member, amount: 30, source: 'x', key: 'x' }))
  const read = (homes: string[]) => group.db.act((ctx) => module.facts!.read(ctx, homes))
  expect((await read([member])).get(member)).toEqual({
    tier: 'bluestone',
    available: 70,
    pending: 0,
    deficit: 0,
    earned: 100,
    spent: 30,
    next_expiry_at: new Date('2028-05-31T16:00:00Z'),
    next_expiry_points: 70,
  })
  // Everybody is in the first tier; of points there is nothing to say.
  const other = randomUUID()
  expect(await read([other])).toEqual(new Map([[other, { tier: 'bluestone' }]]))
})

test('a broken book is found, with the member’s id', async ({ group }) => {
  const member = await group.member()
  await group.paid(member, 100_00)
  await group.db.act((ctx) => adjust(ctx, { memberId: member, id: randomUUID(), points: -10, reason: 'x' }))
  const break_ = async (statement: string) => {
    await group.db.pool.query(statement)
    const answer = (await ask(group, 'POST /points-verifications', {})) as {
      broken: { invariant: string; ids: string[] }[]
    }
    for (const { ids } of answer.broken) expect(ids).toContain(member)
    return answer.broken.map(({ invariant }) => invariant)
  }
  expect(await break_('update points.accounts set available = available + 1')).toEqual([
    'points.balance_is_entries',
    'points.balance_is_lots',
  ])
  expect(await break_('update points.accounts set available = available - 1, sequence = sequence + 1')).toEqual([
    'points.entries_without_gaps',
  ])
  await group.db.pool.query('update points.accounts set sequence = sequence - 1')
  expect(await break_('update points.lots set remaining = remaining - 1')).toEqual([
    'points.balance_is_lots',
    'points.lot_is_its_draws',
  ])
  await group.db.pool.query('update points.lots set remaining = remaining + 1')
  expect(await break_('update points.accounts set due_at = null')).toEqual(['points.due_is_awaited'])
  await group.db.pool.query(`update points.accounts set due_at = '2027-01-01'`)
  expect(await break_(`update points.lots set available_at = available_at + interval '1 day'`)).toEqual([
    'points.drawn_while_alive',
  ])
  await group.db.pool.query(`update points.lots set available_at = available_at - interval '1 day'`)
  expect(await break_('delete from points.allocations')).toEqual([
    'points.lot_is_its_draws',
    'points.debit_is_allocated',
  ])
})
