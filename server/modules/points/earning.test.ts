import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { openChannel } from '#modules/channels'
import { emit, emitMany, type NewEvent } from '#platform/events'
import { newId } from '#platform/ids'
import { earnedThrough, entriesOf, lotsOf } from './balances.ts'
import { spend } from './ledger.ts'
import { changeRule } from './rulebook.ts'
import { type Group, orderEvent, plainRule, test } from './testing.ts'

const day = 24 * 60 * 60 * 1000
const spendAll = (group: Group, memberId: string, amount: number) =>
  group.db.act((ctx) => spend(ctx, { memberId, amount, source: 'redemption:1', key: randomUUID() }))
const linesOf = async (group: Group, memberId: string) => {
  const { entries } = await group.db.act((ctx) => entriesOf(ctx, memberId, { limit: 50 }))
  return entries.map(({ lines }) =>
    lines.map(({ code, params }) => [code, params.rule ?? params.points, params.points ?? params.lostTo]),
  )
}

describe('the rules that a group begins with', () => {
  test('1 point for each 1.00 paid, valid 24 months to the end of the month, and the page can say why', async ({
    group,
  }) => {
    const member = await group.member()
    const order = await group.paid(member, 199_99)
    expect(await group.balance(member)).toEqual({ available: 200, pending: 0, deficit: 0 })
    const [lot] = await group.db.act((ctx) => lotsOf(ctx, member))
    expect(lot).toMatchObject({ source: `order:${order}`, amount: 200, expiresAt: new Date('2028-05-31T16:00:00Z') })
    expect(await linesOf(group, member)).toEqual([
      [
        ['rule', 'Paid orders', 199.99],
        ['rounded', 0.01, 0.01],
      ],
    ])
    await group.booksAreSound()
  })

  test('what happened long ago earns by its own date', async ({ group }) => {
    const member = await group.member()
    await group.paid(member, 100_00, { at: new Date('2025-01-31T04:00:00Z') })
    await group.paid(member, 100_00, { at: new Date('2024-04-30T15:59:59Z') })
    const lots = await group.db.act((ctx) => lotsOf(ctx, member))
    expect(lots.map(({ expiresAt }) => expiresAt)).toEqual([new Date('2027-01-31T16:00:00Z')])
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    await group.booksAreSound()
  })

  test('old data that is imported earns nothing, unless the import says that it does', async ({ group }) => {
    const member = await group.member()
    await group.paid(member, 100_00, { origin: 'import' })
    expect(await group.entries(member)).toEqual([])
    const importId = randomUUID()
    await group.paid(member, 30_00, { origin: 'live', importId })
    expect(await group.db.act((ctx) => earnedThrough(ctx, importId))).toBe(30)
  })

  test('another currency earns nothing and says so', async ({ group }) => {
    const member = await group.member()
    await group.paid(member, 100_00, { currency: 'USD' })
    expect(await group.balance(member)).toMatchObject({ available: 0 })
    const { entries } = await group.db.act((ctx) => entriesOf(ctx, member, { limit: 9 }))
    expect(entries).toMatchObject([
      {
        kind: 'award',
        points: 0,
        lines: [{ code: 'nothing_currency', params: { currency: 'USD', amountMinor: 10_000 } }],
      },
    ])
    await group.settings({ currency: 'USD' })
    await group.paid(member, 100_00, { currency: 'USD' })
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    await group.booksAreSound()
  })

  test('a registration earns nothing and leaves no trace while no rule is about it', async ({ group }) => {
    const member = await group.member()
    await group.tell({ type: 'member.registered', memberId: member, payload: { channel: 'shop' } })
    await group.seen()
    expect(await group.entries(member)).toEqual([])
  })

  test('an event is told of for each award', async ({ group }) => {
    const member = await group.member()
    await group.paid(member, 12_00)
    const { rows } = await group.db.pool.query(
      `select type, payload, depth, cause from platform.events where type like 'points.%'`,
    )
    expect(rows).toMatchObject([
      { type: 'points.awarded', depth: 1, payload: { points: 12, pending: false, sequence: 1 } },
    ])
  })
})

describe('an order that comes to nothing', () => {
  test('refunds take back what the order earned, in parts that add up', async ({ group }) => {
    const member = await group.member()
    const order = await group.paid(member, 100_01)
    const left: number[] = []
    for (const part of [33_33, 33_33, 33_35]) {
      await group.refunded(member, order, part)
      left.push((await group.balance(member)).available)
    }
    expect(left).toEqual([67, 33, 0])
    await group.booksAreSound()
  })

  test('a refund told twice is one', async ({ group }) => {
    const member = await group.member()
    const order = await group.paid(member, 100_00)
    await group.refunded(member, order, 30_00, { refundId: 'r' })
    await group.refunded(member, order, 30_00, { refundId: 'r' })
    expect(await group.balance(member)).toMatchObject({ available: 70 })
    expect(await group.entries(member)).toHaveLength(2)
  })

  test('is taken back by what the award recorded, not by today’s rule', async ({ group }) => {
    const member = await group.member()
    const order = await group.paid(member, 100_00)
    const definition = { ...plainRule, gives: { by: 'amount', points: 5, perMinor: 100 } } as const
    await group.db.act((ctx) => changeRule(ctx, { code: 'paid-orders', definition }))
    group.clock.add(day)
    await group.refunded(member, order, 50_00)
    expect(await group.balance(member)).toMatchObject({ available: 50 })
    await group.paid(member, 10_00)
    expect(await group.balance(member)).toMatchObject({ available: 100 })
  })

  test('cancelled, it takes back all; paid after all, it gives it again', async ({ group }) => {
    const member = await group.member()
    const order = await group.paid(member, 100_00)
    await group.tell(orderEvent.cancelled(member, order))
    await group.seen()
    expect(await group.balance(member)).toMatchObject({ available: 0 })
    await group.tell(orderEvent.changed(member, order, 0, 100_00))
    await group.seen()
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    await group.booksAreSound()
  })

  test('an order that came in cancelled and is paid later earns then', async ({ group }) => {
    const member = await group.member()
    const order = randomUUID()
    await group.tell(orderEvent.cancelled(member, order))
    await group.seen()
    await group.tell(orderEvent.changed(member, order, 0, 100_00))
    await group.seen()
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    await group.refunded(member, order, 40_00)
    expect(await group.balance(member)).toMatchObject({ available: 60 })
    await group.booksAreSound()
  })

  test('a change of an old order that never earned gives nothing', async ({ group }) => {
    const member = await group.member()
    const order = await group.paid(member, 100_00, { origin: 'import' })
    await group.tell(orderEvent.changed(member, order, 100_00, 120_00))
    await group.refunded(member, order, 20_00)
    expect(await group.balance(member)).toEqual({ available: 0, pending: 0, deficit: 0 })
  })

  test('more and less: the award follows what the order is worth', async ({ group }) => {
    const member = await group.member()
    const order = await group.paid(member, 100_00)
    const worth = async (before: number, after: number) => {
      await group.tell(orderEvent.changed(member, order, before, after))
      await group.seen()
      return (await group.balance(member)).available
    }
    expect(await worth(100_00, 150_00)).toBe(150)
    expect(await worth(150_00, 60_00)).toBe(60)
    expect(await worth(60_00, 80_00)).toBe(80)
    expect(await worth(80_00, 200_00)).toBe(200)
    await group.refunded(member, order, 100_00)
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    await group.booksAreSound()
  })

  test('an order below the minimum of its rule earns when it grows beyond it', async ({ group }) => {
    await group.rule('big', { gives: { by: 'event', points: 500 }, when: [{ fact: 'amount', atLeastMinor: 100_00 }] })
    const member = await group.member()
    const order = await group.paid(member, 80_00)
    expect(await group.balance(member)).toMatchObject({ available: 80 })
    await group.tell(orderEvent.changed(member, order, 80_00, 120_00))
    await group.seen()
    expect(await group.balance(member)).toMatchObject({ available: 500 })
    await group.booksAreSound()
  })

  test('changed into another currency it is worth nothing here', async ({ group }) => {
    const member = await group.member()
    const order = await group.paid(member, 80_00)
    await group.tell(orderEvent.changed(member, order, 80_00, 12_00, 'USD'))
    await group.seen()
    expect(await group.balance(member)).toMatchObject({ available: 0 })
  })

  test('an undone import takes back what it earned, also when spent; imported again it earns again', async ({
    group,
  }) => {
    const member = await group.member()
    const order = randomUUID()
    const [first, second] = [randomUUID(), randomUUID()]
    await group.paid(member, 100_00, { orderId: order, importId: first })
    await spendAll(group, member, 30)
    await group.tell(orderEvent.withdrawn(member, order, first))
    await group.seen()
    expect(await group.balance(member)).toEqual({ available: 0, pending: 0, deficit: 30 })
    await group.paid(member, 110_00, { orderId: order, importId: second })
    expect(await group.balance(member)).toEqual({ available: 80, pending: 0, deficit: 0 })
    await group.tell(orderEvent.withdrawn(member, order, second))
    await group.seen()
    expect(await group.balance(member)).toEqual({ available: 0, pending: 0, deficit: 30 })
    await group.booksAreSound()
  })

  test('undoing an import that never earned leaves nothing behind', async ({ group }) => {
    const member = await group.member()
    const importId = randomUUID()
    const order = await group.paid(member, 100_00, { origin: 'import', importId })
    await group.tell(orderEvent.withdrawn(member, order, importId), {
      type: 'record.withdrawn',
      memberId: member,
      origin: 'import',
      payload: { channel: 'shop', importId },
    })
    await group.seen()
    const { rows } = await group.db.pool.query(
      'select (select count(*) from points.accounts) + (select count(*) from points.source_facts) as rows',
    )
    expect(rows).toEqual([{ rows: 0 }])
    await group.paid(member, 100_00, { orderId: order, importId: randomUUID() })
    expect(await group.balance(member)).toMatchObject({ available: 100 })
  })
})

describe('overlapping transactions may stand in either order', () => {
  // Ids rise as events are made; what decides the order of reading is the transaction. So both orders are written here
  // with ids as they would be: the payment's first.
  const bothOrders = ['payment first', 'payment last'] as const
  for (const order of bothOrders) {
    for (const [what, follows, available] of [
      ['a refund of 40', (m: string, o: string) => [orderEvent.refunded(m, o, 40_00)], 60],
      [
        'two refunds',
        (m: string, o: string) => [orderEvent.refunded(m, o, 40_00), orderEvent.refunded(m, o, 60_00)],
        0,
      ],
      ['a cancellation', (m: string, o: string) => [orderEvent.cancelled(m, o)], 0],
      ['a change to 150', (m: string, o: string) => [orderEvent.changed(m, o, 100_00, 150_00)], 150],
      [
        'a change to 150 and a refund',
        (m: string, o: string) => [orderEvent.changed(m, o, 100_00, 150_00), orderEvent.refunded(m, o, 30_00)],
        120,
      ],
      ['a change to 50', (m: string, o: string) => [orderEvent.changed(m, o, 100_00, 50_00)], 50],
    ] as const) {
      test(`${what}: ${order}`, async ({ group }) => {
        const member = await group.member()
        const id = randomUUID()
        const ids = [newId(), ...follows(member, id).map(() => newId())]
        const events = [orderEvent.paid(member, id, 100_00), ...follows(member, id)].map((event, n) => ({
          event,
          id: ids[n]!,
        }))
        for (const { event, id: eventId } of order === 'payment first' ? events : events.reverse()) {
          await group.db.act(async (ctx) => {
            await emit(ctx, event)
            await sql`update platform.events set id = ${eventId} where xid = pg_current_xact_id()`.execute(ctx.tx)
          })
          await group.seen()
        }
        expect(await group.balance(member)).toEqual({ available, pending: 0, deficit: 0 })
        await group.booksAreSound()
      })
    }
  }

  test('whatever became of an order, in whichever order it is read', { timeout: 120_000 }, async ({ group }) => {
    await group.group('special', { way: 'max', window: 'day' })
    await group.rule('each', { group: 'special', gives: { by: 'amount', points: 3, perMinor: 100 } })
    const fen = fc.integer({ min: 0, max: 300 }).map((yuan) => yuan * 100)
    const kind = fc.constantFrom('paid', 'paid', 'refunded', 'refunded', 'changed', 'changed', 'cancelled', 'withdrawn')
    const anyTold = fc.record({ kind, amount: fen, before: fc.oneof(fc.constant(0), fen) })
    const eventOf = (
      { kind: what, amount, before }: { kind: string; amount: number; before: number },
      m: string,
      o: string,
    ) => {
      if (what === 'paid') return orderEvent.paid(m, o, amount)
      if (what === 'refunded') return orderEvent.refunded(m, o, amount)
      if (what === 'changed') return orderEvent.changed(m, o, before, amount)
      if (what === 'cancelled') return orderEvent.cancelled(m, o)
      return { type: 'order.withdrawn', memberId: m, payload: { orderId: o, channel: 'shop' } } satisfies NewEvent
    }
    const net = async (member: string) => {
      const { available, deficit } = await group.balance(member)
      return available - deficit
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyTold, { minLength: 2, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        async (told, chance) => {
          const ids = told.map(() => newId())
          const read = async (order: number[]) => {
            const member = await group.member()
            const orderId = randomUUID()
            for (const n of order) {
              await group.db.act(async (ctx) => {
                await emit(ctx, eventOf(told[n]!, member, orderId))
                await sql`update platform.events set id = ${ids[n]!} where xid = pg_current_xact_id()`.execute(ctx.tx)
              })
              await group.seen()
            }
            return net(member)
          }
          const inOrder = told.map((_, n) => n)
          const shuffled = inOrder.map((n) => [chance.next().value!, n] as const).sort(([a], [b]) => a - b)
          expect(await read(shuffled.map(([, n]) => n))).toBe(await read(inOrder))
        },
      ),
      { numRuns: Number(process.env.POINTS_ORDER_RUNS ?? 15) },
    )
    await group.booksAreSound()
  })

  test('a refund of another machine, whose clock is behind', async ({ group }) => {
    const member = await group.member()
    const order = randomUUID()
    await group.tell(orderEvent.refunded(member, order, 40_00))
    await group.seen()
    await group.paid(member, 100_00, { orderId: order })
    expect(await group.balance(member)).toMatchObject({ available: 60 })
    expect((await group.entries(member)).map(({ kind, points }) => [kind, points])).toEqual([
      ['take_back', -40],
      ['award', 100],
    ])
    await group.booksAreSound()
  })

  test('payment and refund in one batch', async ({ group }) => {
    const member = await group.member()
    const order = randomUUID()
    await group.tell(
      orderEvent.paid(member, order, 100_00),
      orderEvent.refunded(member, order, 25_00),
      orderEvent.paid(member, order, 80_00),
    )
    await group.seen()
    // Paid once more with 80.00: worth 20.00 less, of which 25.00 were refunded before.
    expect(await group.balance(member)).toMatchObject({ available: 55 })
    await group.booksAreSound()
  })
})

test('paid twice in one batch counts as it was paid last', async ({ group }) => {
  const member = await group.member()
  const order = randomUUID()
  await group.tell(orderEvent.paid(member, order, 100_00), orderEvent.paid(member, order, 80_00))
  await group.seen()
  expect(await group.balance(member)).toMatchObject({ available: 80 })
  await group.booksAreSound()
})

describe('rules of one’s own', () => {
  test('only some channels, kinds, amounts and ways of paying', async ({ group }) => {
    await group.db.act((ctx) => openChannel(ctx, { code: 'ctrip', kind: 'ota' }))
    await group.group('extra', {})
    await group.rule('direct', {
      group: 'extra',
      when: [{ fact: 'channel_kind', in: ['ota'] }],
      gives: { by: 'event', points: 1000 },
    })
    const member = await group.member()
    await group.paid(member, 10_00, { channel: 'shop' })
    expect(await group.balance(member)).toMatchObject({ available: 10 })
    await group.paid(member, 10_00, { channel: 'ctrip' })
    expect(await group.balance(member)).toMatchObject({ available: 1020 })
  })

  test('largest only within an event: a registration that also matches a larger rule', async ({ group }) => {
    await group.group('welcome', { way: 'max' })
    await group.rule('registered', {
      name: 'Welcome',
      group: 'welcome',
      event: 'member.registered',
      gives: { by: 'event', points: 50 },
    })
    await group.rule('registered-web', {
      name: 'Web week',
      group: 'welcome',
      event: 'member.registered',
      gives: { by: 'event', points: 80 },
      when: [{ fact: 'channel', in: ['web'] }],
    })
    const [a, b] = [await group.member(), await group.member()]
    await group.tell(
      { type: 'member.registered', memberId: a, payload: { channel: 'shop' } },
      { type: 'member.registered', memberId: b, payload: { channel: 'web' } },
    )
    await group.seen()
    expect(await group.balance(a)).toMatchObject({ available: 50 })
    expect(await group.balance(b)).toMatchObject({ available: 80 })
    expect(await linesOf(group, b)).toEqual([
      [
        ['rule', 'Web week', 80],
        ['rule_lost', 'Welcome', 'Web week'],
      ],
    ])
    await group.tell({
      type: 'record.withdrawn',
      memberId: b,
      origin: 'import',
      payload: { channel: 'web', importId: randomUUID() },
    })
    await group.seen()
    expect(await group.balance(b)).toMatchObject({ available: 0 })
    await group.booksAreSound()
  })

  test('points that wait until the return window has passed', async ({ group }) => {
    await group.group('slow', {})
    await group.rule('slow', { group: 'slow', availableAfterDays: 7, gives: { by: 'event', points: 30 } })
    const member = await group.member()
    const order = await group.paid(member, 10_00)
    expect(await group.balance(member)).toEqual({ available: 10, pending: 30, deficit: 0 })
    await group.refunded(member, order, 5_00)
    expect(await group.balance(member)).toEqual({ available: 10, pending: 10, deficit: 0 })
    group.clock.set('2026-05-23T16:00:00Z')
    expect(await group.balance(member)).toEqual({ available: 20, pending: 0, deficit: 0 })
    // What waits goes first even where the part that can be spent would do.
    const large = await group.paid(member, 100_00)
    await group.refunded(member, large, 20_00)
    expect(await group.balance(member)).toEqual({ available: 120, pending: 4, deficit: 0 })
    await group.booksAreSound()
  })
})

describe('largest only over a day', () => {
  const open = async (group: Group, way: 'max' | 'sum' = 'max') => {
    await group.group('special', { way, window: way === 'max' ? 'day' : 'event' })
    await group.rule('registered', {
      name: 'Registered',
      group: 'special',
      event: 'member.registered',
      gives: { by: 'event', points: 50 },
    })
    await group.rule('small', { name: 'Small', group: 'special', gives: { by: 'event', points: 20 } })
    await group.rule('birthday', {
      name: 'Big',
      group: 'special',
      gives: { by: 'event', points: 200 },
      when: [{ fact: 'payment_method', in: ['card'] }],
    })
    await group.rule('night', {
      name: 'Night',
      group: 'special',
      gives: { by: 'event', points: 100 },
      when: [{ fact: 'payment_method', in: ['cash'] }],
    })
    const definition = { ...plainRule, active: false }
    await group.db.act((ctx) => changeRule(ctx, { code: 'paid-orders', definition }))
    const member = await group.member()
    await group.tell({ type: 'member.registered', memberId: member, payload: { channel: 'shop' } })
    await group.seen()
    return member
  }

  test('a later, larger event of the day brings the difference; a smaller one nothing; the next day begins anew', async ({
    group,
  }) => {
    const member = await open(group)
    const thenHas = async (paymentMethod: string | null) => {
      await group.paid(member, 1_00, { paymentMethod })
      return (await group.balance(member)).available
    }
    expect((await group.balance(member)).available).toBe(50)
    expect(await thenHas(null)).toBe(50)
    expect((await linesOf(group, member))[0]).toEqual([
      ['rule', 'Small', 20],
      ['window_given', -20, -20],
    ])
    expect(await thenHas('card')).toBe(200)
    expect(await thenHas('cash')).toBe(200)
    group.clock.set('2026-05-17T15:59:59Z')
    expect(await thenHas('cash')).toBe(200)
    group.clock.set('2026-05-17T16:00:00Z')
    expect(await thenHas('cash')).toBe(300)
    expect((await linesOf(group, member)).at(-3)).toEqual([
      ['rule', 'Big', 200],
      ['rule_lost', 'Small', 'Big'],
      ['window_given', -50, -50],
    ])
    await group.booksAreSound()
  })

  test('the same rules added up instead', async ({ group }) => {
    const member = await open(group, 'sum')
    await group.paid(member, 1_00, { paymentMethod: 'card' })
    expect(await group.balance(member)).toMatchObject({ available: 270 })
  })

  test('a refund of the largest goes back to the largest that remains', async ({ group }) => {
    const member = await open(group)
    const card = await group.paid(member, 10_00, { paymentMethod: 'card' })
    const cash = await group.paid(member, 10_00, { paymentMethod: 'cash' })
    expect(await group.balance(member)).toMatchObject({ available: 200 })
    await group.refunded(member, card, 4_00) // 120 of 200 remain: still the largest
    expect(await group.balance(member)).toMatchObject({ available: 120 })
    await group.refunded(member, card, 6_00)
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    await group.refunded(member, cash, 10_00)
    expect(await group.balance(member)).toMatchObject({ available: 50 })
    await group.booksAreSound()
    await group.paid(member, 10_00, { paymentMethod: 'card' })
    expect(await group.balance(member)).toMatchObject({ available: 200 })
    await group.booksAreSound()
  })

  test('counts over both homes of a person, who taken apart keep what was given', async ({ group }) => {
    const a = await open(group)
    const b = await group.member()
    await group.join(a, b)
    const card = await group.paid(b, 10_00, { paymentMethod: 'card' })
    expect(await group.balance(a)).toMatchObject({ available: 200 })
    await group.part(a, b)
    expect([(await group.balance(a)).available, (await group.balance(b)).available]).toEqual([50, 150])
    // Alone again, the day of b has brought 150 of 200; a smaller purchase takes nothing of that away.
    await group.paid(b, 10_00, { paymentMethod: 'cash' })
    expect((await group.balance(b)).available).toBe(150)
    await group.join(a, b)
    await group.refunded(b, card, 10_00)
    expect(await group.balance(a)).toMatchObject({ available: 100 })
    await group.booksAreSound()
  })
})

test('a batch of many members and many kinds of events keeps sound books', async ({ group }) => {
  await group.group('special', { way: 'max', window: 'day' })
  await group.rule('each', { group: 'special', gives: { by: 'amount', points: 3, perMinor: 100 } })
  const members = await Promise.all(Array.from({ length: 40 }, () => group.member()))
  const orders = members.flatMap((member) => Array.from({ length: 5 }, () => ({ member, order: randomUUID() })))
  await group.db.act(async (ctx) => {
    await emitMany(
      ctx,
      orders.map(({ member, order }, n) => orderEvent.paid(member, order, 100 * (n + 1))),
    )
    await emitMany(
      ctx,
      orders
        .filter((_, n) => n % 3 === 0)
        .map(({ member, order }, n) => orderEvent.refunded(member, order, 50 * (n + 1))),
    )
    await emitMany(
      ctx,
      orders.filter((_, n) => n % 7 === 0).map(({ member, order }) => orderEvent.cancelled(member, order)),
    )
  })
  await group.seen()
  await group.booksAreSound()
})
