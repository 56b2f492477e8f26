/** Real connections at once on the same accounts: nothing is spent twice, lost or left half done. */
import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { stoppedClock } from '#platform/clock'
import { Refusal } from '#platform/errors'
import { newId } from '#platform/ids'
import { openReactions } from '#platform/reactions'
import { cloneDatabase, type TestDatabase, templateUrl } from '#platform/testing'
import { earning } from './earning.ts'
import { adjust, award, openingBalances, spend, sweep, takeBack } from './ledger.ts'
import { ensureStartingRules } from './rulebook.ts'
import { type Group, groupOn, orderEvent, test as withGroup } from './testing.ts'

/** As many connections as acts, so that they really meet. */
const test = withGroup.extend<{ wide: Group }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  wide: async ({}, use) => {
    const clock = stoppedClock('2026-05-17T04:00:00Z')
    const db = await cloneDatabase(templateUrl(), { clock, maxConnections: 30 })
    try {
      await db.act(ensureStartingRules)
      await use(groupOn(db, clock))
    } finally {
      await db.drop()
    }
  },
})

const give = (group: Group, memberId: string, points: number, source = `gift:${randomUUID()}`) =>
  group.db.act((ctx) => award(ctx, { memberId, points, source }))
const pay = (db: TestDatabase, memberId: string, amount: number, key: string = randomUUID()) =>
  db.act((ctx) => spend(ctx, { memberId, amount, source: `redemption:${key}`, key }))

/** How many went through; whatever else was refused for want of points. */
async function wentThrough(acts: readonly Promise<unknown>[]): Promise<number> {
  const results = await Promise.allSettled(acts)
  for (const result of results) {
    if (result.status === 'fulfilled') continue
    if (!(result.reason instanceof Refusal) || result.reason.code !== 'points.insufficient') throw result.reason
  }
  return results.filter(({ status }) => status === 'fulfilled').length
}

const times = <T>(count: number, what: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => what(n))

describe('at once', () => {
  test('50 spend from a balance that is enough for 30', async ({ wide }) => {
    const member = await wide.member()
    await give(wide, member, 300)
    expect(await wentThrough(times(50, () => pay(wide.db, member, 10)))).toBe(30)
    expect(await wide.balance(member)).toEqual({ available: 0, pending: 0, deficit: 0 })
    await wide.booksAreSound()
  })

  test('20 with one idempotency key are one, and all get its answer', async ({ wide }) => {
    const member = await wide.member()
    await give(wide, member, 300)
    const answers = await Promise.all(times(20, () => pay(wide.db, member, 10, 'the same')))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await wide.balance(member)).toMatchObject({ available: 290 })
    const id = randomUUID()
    await Promise.all(
      times(20, () => wide.db.act((ctx) => adjust(ctx, { memberId: member, id, points: 5, reason: 'sorry' }))),
    )
    expect(await wide.balance(member)).toMatchObject({ available: 295 })
    await wide.booksAreSound()
  })

  test('20 award for one source give once', async ({ wide }) => {
    const member = await wide.member()
    await Promise.all(times(20, () => give(wide, member, 100, 'survey:1')))
    expect(await wide.balance(member)).toMatchObject({ available: 100 })
    await wide.booksAreSound()
  })

  test('two homes of one person are spent from both ends', async ({ wide }) => {
    const [a, b] = [await wide.member(), await wide.member()]
    await give(wide, a, 200)
    await give(wide, b, 200)
    await wide.join(a, b)
    expect(await wentThrough(times(50, (n) => pay(wide.db, n % 2 ? a : b, 15)))).toBe(26)
    expect(await wide.balance(a)).toEqual({ available: 10, pending: 0, deficit: 0 })
    await wide.booksAreSound()
  })

  test('award, spend, take back, adjust and sweep cross on a few members', async ({ wide }) => {
    const { db, clock } = wide
    const members = await Promise.all(times(4, () => wide.member()))
    await wide.join(members[0]!, members[1]!)
    const at = (days: number) => new Date(clock.now().getTime() + days * 24 * 60 * 60 * 1000)
    await Promise.all(members.map((member) => give(wide, member, 100)))
    await wentThrough(
      times(160, (n) => {
        const member = members[n % 4]!
        const source = `gift:${Math.floor(n / 8)}:${n % 4}`
        switch (Math.floor(n / 4) % 5) {
          case 0:
            return db.act((ctx) => award(ctx, { memberId: member, points: 20, source, expiresAt: at(1) }))
          case 1:
            return pay(db, member, 25)
          case 2:
            return db.act((ctx) => takeBack(ctx, { memberId: member, source, key: `${n}`, amount: 10 }))
          case 3:
            return db.act((ctx) =>
              adjust(ctx, { memberId: member, id: randomUUID(), points: n % 3 ? 5 : -5, reason: 'x' }),
            )
          default:
            return db.act((ctx) => sweep(ctx))
        }
      }),
    )
    await wide.booksAreSound()
    clock.add(2 * 24 * 60 * 60 * 1000)
    await Promise.all([
      ...times(5, () => db.act((ctx) => sweep(ctx))),
      wentThrough(members.map((member) => pay(db, member, 1))),
    ])
    await wide.booksAreSound()
  })

  test('batches over the same members in opposite orders don’t deadlock', async ({ wide }) => {
    const members = await Promise.all(times(200, () => wide.member()))
    const rows = (batch: number) =>
      members.map((memberId, n) => ({ memberId, source: `opening:${batch}:${n}`, points: 1 }))
    await Promise.all(times(10, (n) => wide.db.act((ctx) => openingBalances(ctx, n % 2 ? rows(n) : rows(n).reverse()))))
    expect(await wide.balance(members[7]!)).toMatchObject({ available: 10 })
    const met = await wide.db.pool.query('select deadlocks from pg_stat_database where datname = current_database()')
    expect(met.rows).toEqual([{ deadlocks: 0 }])
    await wide.booksAreSound()
  })
})

describe('the reaction while others act', () => {
  test('two programs read the same log, members spend meanwhile: each order earns once', async ({ wide }) => {
    const { db } = wide
    const members = await Promise.all(times(30, () => wide.member()))
    const programs = [openReactions(db, [earning]), openReactions(db, [earning])]
    for (const program of programs) program.start()
    const orders = times(600, (n) => ({ member: members[n % 30]!, order: newId() }))
    const writers = times(6, async (writer) => {
      for (let n = writer; n < orders.length; n += 6) {
        const { member, order } = orders[n]!
        await wide.tell(orderEvent.paid(member, order, 10_00))
        if (n % 3 === 0) await wide.tell(orderEvent.refunded(member, order, 4_00))
        if (n % 5 === 0) await wentThrough([pay(db, member, 7)])
        if (n % 50 === 0) await wide.join(members[n % 29]!, members[(n % 29) + 1]!)
      }
    })
    await Promise.all(writers)
    await programs[0]!.caughtUp()
    await Promise.all(programs.map((program) => program.stop()))
    await wide.booksAreSound()
    const { rows } = await db.pool.query('select sum(earned) as earned from points.accounts')
    expect(rows[0].earned).toBe('5200')
  })
})
