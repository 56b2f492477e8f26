/**
 * Merges can be undone, whatever was merged by what and in whichever order it is taken apart. Two groups live through the
 * same random history: in one, records meet by identities, by staff, by evidence, and part again; in the other each is kept
 * apart from its first moment. When in the first everybody is taken apart too, both have to look the same.
 *
 * A failure prints its seed and the shortest history that fails; `TEST_SEED=<seed>` throws the same dice again.
 */
import fc from 'fast-check'
import { sql } from 'kysely'
import { describe } from 'vitest'
import { expect, test as withDatabase } from '#app/testing'
import { type Channel, openChannel } from '#modules/channels'
import {
  cleanRecord,
  decideReview,
  homesOf,
  join,
  joinByMatch,
  keepApart,
  part,
  prepareRecord,
  putRecords,
  reviewQueue,
  undoReviewDecision,
} from '#modules/members'
import { orderContentHash, orderKey, putOrders } from '#modules/orders'
import { adjust, balanceOf, ensureStartingRules, spend, verify } from '#modules/points'
import { sayConsents } from '#modules/privacy'
import { type Clock, stoppedClock } from '#platform/clock'
import type { Ctx } from '#platform/ctx'
import { Refusal } from '#platform/errors'
import { newId } from '#platform/ids'
import { cloneDatabase, type TestDatabase, templateUrl } from '#platform/testing'
import { earning } from '../modules/points/earning.ts'

const people = 6
const who = fc.nat({ max: people - 1 })
const values = fc.record({
  name: fc.constantFrom('林晚晴', '王建国', ''),
  phone: fc.option(fc.nat({ max: 2 })),
  email: fc.option(fc.nat({ max: 1 })),
  card: fc.option(fc.nat({ max: 1 }), { freq: 6 }),
})
type Values = { name: string; phone: number | null; email: number | null; card: number | null }

type Step =
  | { do: 'put'; who: number; values: Values }
  | { do: 'order'; who: number; yuan: number }
  | { do: 'refund'; which: number; yuan: number }
  | { do: 'give'; who: number; points: number }
  | { do: 'agree'; who: number }
  | { do: 'spend'; who: number; points: number }
  | { do: 'withdraw'; who: number }
  | { do: 'join'; who: number; other: number }
  | { do: 'match'; who: number; other: number; score: number }
  | { do: 'part'; who: number; along: number[] }
  | { do: 'answer'; which: number; decision: 'join' | 'apart' | 'later' }
  | { do: 'undo' }

const of = <Name extends Step['do'], Rest extends object>(
  name: Name,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
) => fc.record({ do: fc.constant(name), ...rest }) as unknown as fc.Arbitrary<Step>

/** What leaves every home with what is its own. */
const ownSteps = [
  { weight: 6, arbitrary: of('put', { who, values }) },
  { weight: 4, arbitrary: of('order', { who, yuan: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 1, arbitrary: of('give', { who, points: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 2, arbitrary: of('agree', { who }) },
  { weight: 3, arbitrary: of('join', { who, other: who }) },
  { weight: 2, arbitrary: of('match', { who, other: who, score: fc.integer({ min: 5, max: 30 }) }) },
  { weight: 2, arbitrary: of('part', { who, along: fc.array(who, { maxLength: 2 }) }) },
  { weight: 2, arbitrary: of('answer', { which: fc.nat(), decision: fc.constantFrom('join', 'apart', 'later') }) },
  { weight: 1, arbitrary: of('undo', {}) },
]
/** What reaches across homes: spending drains any of them, refunds take from any, a withdrawn consent holds for all. */
const sharedSteps = [
  { weight: 4, arbitrary: of('spend', { who, points: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 2, arbitrary: of('refund', { which: fc.nat(), yuan: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 2, arbitrary: of('withdraw', { who }) },
]
const lastCuts = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 63 })), { minLength: 40, maxLength: 40 })

interface World {
  db: TestDatabase
  merging: boolean
  channels: Channel[]
}

/** One history in one world. */
class History {
  readonly homes = new Map<number, string>()
  readonly told = new Map<number, Values>()
  readonly orders: { id: string; who: number; yuan: number; back: number }[] = []
  readonly withdrawnAt = new Map<string, number>()
  private answered: { a: string; b: string; id: string } | null = null
  private readonly world: World
  private readonly run: number
  private at = 0

  constructor(world: World, run: number) {
    this.world = world
    this.run = run
  }

  /** Numbers of this history and no other. */
  private digits(at: number): string {
    return String(this.run * 10 + at).padStart(8, '0')
  }

  /** Which value a keyed hash is: each world has a key of its own. */
  private named(kind: string, blind: string): string {
    const values = [0, 1, 2].flatMap((at) => [
      `+86139${this.digits(at)}`,
      `r${this.run}-${at}@example.com`,
      `E${this.digits(at)}`,
    ])
    return values.find((value) => this.world.db.vault!.blind(kind, value) === blind) ?? 'unknown'
  }

  private act<T>(what: (ctx: Ctx) => Promise<T>): Promise<T> {
    return this.world.db.act(what)
  }

  /** Does a step; what a rule refuses here is left out. Says whether homes may have moved. */
  async step(step: Step): Promise<void> {
    this.at++
    try {
      await this.take(step)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }

  private async take(step: Step): Promise<void> {
    if (step.do === 'put') return this.put(step.who, step.values)
    if (step.do === 'answer') return this.answer(step)
    if (step.do === 'undo') return this.undo()
    if (step.do === 'refund') return this.refund(step)
    const home = this.homes.get(step.who)
    if (!home) return
    const other = 'other' in step ? this.homes.get(step.other) : undefined
    const { merging } = this.world
    if (step.do === 'order') await this.order(step.who, home, step.yuan)
    if (step.do === 'give')
      await this.act((ctx) =>
        adjust(ctx, { memberId: home, id: newId(), points: step.points, reason: '补', expires: { mode: 'never' } }),
      )
    if (step.do === 'agree') await this.say(home, true)
    if (step.do === 'withdraw') await this.say(home, false)
    if (step.do === 'spend')
      await this.act((ctx) => spend(ctx, { key: newId(), memberId: home, amount: step.points, source: `x:${newId()}` }))
    if (!merging) return
    if (step.do === 'join' && other)
      await this.act((ctx) => join(ctx, { memberId: home, otherId: other, reason: '同一人' }))
    if (step.do === 'match' && other && other !== home)
      await this.act((ctx) => joinByMatch(ctx, [{ a: home, b: other, score: step.score, parts: 'given.exact 4' }]))
    if (step.do === 'part') {
      const along = step.along.flatMap((one) => this.homes.get(one) ?? [])
      await this.act((ctx) => part(ctx, { memberId: home, recordId: home, along, reason: '两个人' }))
    }
  }

  private async put(one: number, said: Values): Promise<void> {
    const channel = this.world.channels[one]!
    const raw = (full: boolean) => ({
      externalId: `R${this.run}-${one}`,
      note: `第 ${this.at} 步`,
      ...(said.name && { name: said.name }),
      ...(full && said.phone !== null && { phone: `139${this.digits(said.phone)}` }),
      ...(full && said.email !== null && { email: `r${this.run}-${said.email}@example.com` }),
      ...(full &&
        said.card !== null && {
          documentType: '护照',
          documentNumber: `E${this.digits(said.card)}`,
        }),
    })
    const write = (full: boolean) =>
      this.act(async (ctx) => {
        const { values } = cleanRecord(raw(full), { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai' })
        const [done] = await putRecords(ctx, [prepareRecord(ctx.vault, channel, values)], { channel, origin: 'live' })
        return done!.memberId
      })
    if (!this.world.merging && !this.homes.has(one)) {
      // Apart from everybody before anything is known of it that could join it.
      const home = await write(false)
      await this.act((ctx) => keepApart(ctx, { home, others: [...this.homes.values()], reason: '对照' }))
      this.homes.set(one, home)
    }
    this.homes.set(one, await write(true))
    this.told.set(one, said)
  }

  private async order(one: number, home: string, yuan: number): Promise<void> {
    const channel = this.world.channels[one]!
    this.orders.push({
      id: await this.putOrder(one, home, { number: this.orders.length, yuan, of: yuan }, channel),
      who: one,
      yuan,
      back: 0,
    })
  }

  private putOrder(
    _one: number,
    home: string,
    { number, yuan, of: before }: { number: number; yuan: number; of: number },
    channel: Channel,
  ): Promise<string> {
    return this.act(async (ctx) => {
      const facts = {
        number: `O${this.run}-${number}`,
        orderedAt: new Date('2026-05-17T04:00:00Z'),
        currency: 'CNY',
        status: yuan === 0 && before > 0 ? ('refunded' as const) : ('paid' as const),
        paymentMethod: null,
        lines: [{ product: null, quantity: 1, amountMinor: yuan * 100 }],
      }
      const key = orderKey(ctx.vault, channel, { number: facts.number, content: '', ordinal: 0 })
      const [done] = await putOrders(
        ctx,
        [{ ...facts, key, contentHash: orderContentHash(ctx.vault, facts), memberId: home }],
        { channel, origin: 'live' },
      )
      return done!.orderId
    })
  }

  /** An order told again with less. */
  private async refund({ which, yuan }: { which: number; yuan: number }): Promise<void> {
    const order = this.orders[which % Math.max(1, this.orders.length)]
    if (!order) return
    order.back = Math.min(order.yuan, order.back + yuan)
    await this.putOrder(
      order.who,
      this.homes.get(order.who)!,
      { number: this.orders.indexOf(order), yuan: order.yuan - order.back, of: order.yuan },
      this.world.channels[order.who]!,
    )
  }

  private async say(home: string, given: boolean): Promise<void> {
    await this.act(async (ctx) => {
      const homes = await homesOf(ctx, home)
      const statement = given ? { textVersion: 1, language: 'zh-CN' as const } : {}
      await sayConsents(ctx, { home, homes, evidence: 'staff' }, [{ topic: 'sms.marketing', given, ...statement }])
      for (const one of given ? [home] : homes) {
        if (given) this.withdrawnAt.delete(one)
        else this.withdrawnAt.set(one, this.at)
      }
    })
  }

  private async answer({ which, decision }: { which: number; decision: 'join' | 'apart' | 'later' }): Promise<void> {
    if (!this.world.merging) return
    const own = new Set(this.homes.values())
    const open = (await this.act((ctx) => reviewQueue(ctx, { limit: 100, offset: 0 }))).filter(
      ({ a, b }) => own.has(a) && own.has(b),
    )
    const asked = open[which % Math.max(1, open.length)]
    if (!asked) return
    const id = newId()
    await this.act((ctx) => decideReview(ctx, { a: asked.a, b: asked.b, decision, reason: '看过', id }))
    this.answered = { a: asked.a, b: asked.b, id }
  }

  private async undo(): Promise<void> {
    if (!this.answered) return
    const { a, b, id } = this.answered
    this.answered = null
    await this.act((ctx) => undoReviewDecision(ctx, { a, b, decisionId: id }))
  }

  /** Persons, each by who of the six they are. */
  async groups(): Promise<number[][]> {
    const { rows } = await sql<{ home: string; person: string }>`
      select member_id as home, person_id as person from members.homes where member_id = any(${[...this.homes.values()]}::uuid[])`.execute(
      this.world.db.kysely,
    )
    const person = new Map(rows.map((row) => [row.home, row.person]))
    const groups = Map.groupBy([...this.homes.keys()].sort(), (one) => person.get(this.homes.get(one)!)!)
    return [...groups.values()]
  }

  /** Points of all together, what is owed taken off. */
  async sum(): Promise<number> {
    let all = 0
    for (const [first] of await this.groups()) {
      const { available, pending, deficit } = await this.act((ctx) => balanceOf(ctx, this.homes.get(first!)!))
      all += available + pending - deficit
    }
    return all
  }

  /** Takes everybody apart, by cuts wherever they happen to fall. */
  async takeApart(cuts: readonly (readonly [number, number, number])[]): Promise<number> {
    let done = 0
    for (;;) {
      const joined = (await this.groups()).filter(({ length }) => length > 1)
      if (joined.length === 0) return done
      const [which, first, mask] = cuts[done % cuts.length]!
      const group = joined[which % joined.length]!
      const record = group[first % group.length]!
      const along = group.filter((one) => one !== record && (mask >> one) % 2 === 1).slice(0, group.length - 2)
      await this.act((ctx) =>
        part(ctx, {
          memberId: this.homes.get(group.at(-1)!)!,
          recordId: this.homes.get(record)!,
          along: along.map((one) => this.homes.get(one)!),
          reason: '拆开',
        }),
      )
      // One cut is enough, wherever it falls: nobody of the one side is left with anybody of the other.
      const going = new Set([record, ...along])
      const stayed = group.filter((one) => !going.has(one))
      for (const now of await this.groups())
        expect([now.some((one) => going.has(one)), now.some((one) => stayed.includes(one))]).not.toEqual([true, true])
      done++
    }
  }

  /** Says everything once more, so that whatever could join has to show itself. */
  async sayAllAgain(): Promise<void> {
    this.at++
    for (const [one, said] of this.told) await this.put(one, said)
  }

  /** What each of the six has, without the numbers that differ from world to world. */
  async holdings(): Promise<Record<number, unknown>> {
    const { kysely } = this.world.db
    const number = new Map(this.orders.map(({ id }, at) => [`order:${id}`, `order ${at}`]))
    const held: Record<number, unknown> = {}
    for (const [one, home] of this.homes) {
      const rows = async <T>(query: ReturnType<typeof sql<T>>) => (await query.execute(kysely)).rows
      const lots = await rows(sql<{ source: string }>`
        select source, part, base_minor, amount, remaining, called_back, lapsed, pending, expires_at from points.lots where member_id = ${home}`)
      held[one] = {
        identities: (
          await rows(
            sql<{
              kind: string
              blind: string
              joins: boolean
            }>`select kind, blind, joins from members.identities where member_id = ${home}`,
          )
        )
          .map(({ kind, blind, joins }) => `${kind} ${this.named(kind, blind)} ${joins}`)
          .sort(),
        orders: await rows(
          sql`select status, amount_minor from orders.orders where member_id = ${home} order by amount_minor, status`,
        ),
        consents: await rows(
          sql`select channel, purpose, given, text_version, evidence from privacy.consents where member_id = ${home} order by given, said_at`,
        ),
        lots: lots
          .map((lot) => ({ ...lot, source: number.get(lot.source) ?? lot.source.split(':')[0]! }))
          .map((lot) => JSON.stringify(lot))
          .sort(),
        account: await rows(
          sql`select available, pending, deficit, earned, spent from points.accounts where member_id = ${home}`,
        ),
      }
    }
    return held
  }

  async withdrawn(): Promise<string[]> {
    const { rows } = await sql<{ home: string; given: boolean }>`
      select distinct on (member_id) member_id as home, given from privacy.consents
      where member_id = any(${[...this.homes.values()]}::uuid[]) order by member_id, said_at desc, id desc`.execute(
      this.world.db.kysely,
    )
    return rows
      .filter(({ given }) => !given)
      .map(({ home }) => home)
      .sort()
  }
}

interface Worlds {
  merging: World
  apart: World
}

const test = withDatabase.extend<{ worlds: Worlds }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  worlds: async ({}, use) => {
    const clock: Clock = stoppedClock('2026-05-17T04:00:00Z')
    const open = async (merging: boolean): Promise<World & { db: TestDatabase & { drop(): Promise<void> } }> => {
      const db = await cloneDatabase(templateUrl(), { clock, maxConnections: 3 })
      db.useReactions([earning])
      await db.act(ensureStartingRules)
      const channels: Channel[] = []
      for (let one = 0; one < people; one++)
        channels.push(await db.act((ctx) => openChannel(ctx, { code: `store-${one}`, kind: 'store' })))
      return { db, merging, channels }
    }
    const worlds = { merging: await open(true), apart: await open(false) }
    await use(worlds)
    await worlds.merging.db.drop()
    await worlds.apart.db.drop()
  },
})

const seed = Number(process.env.TEST_SEED) || Math.floor(Math.random() * 2 ** 31)
/** Histories that a run throws at most, and how long it may take whatever the machine is doing. */
const bounds = {
  seed,
  numRuns: Number(process.env.UNMERGING_RUNS ?? 40),
  interruptAfterTimeLimit: Number(process.env.UNMERGING_SECONDS ?? 20) * 1000,
}

/** Ids of one history are its own, so that one database holds them all. */
let run = 0

describe('after everything is unmerged', { timeout: 100_000 + bounds.interruptAfterTimeLimit }, () => {
  test('groups, identities, orders, consents and lots are those without merges', async ({ worlds }) => {
    let [histories, merged, cuts] = [0, 0, 0]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...ownSteps), { minLength: 6, maxLength: 24 }),
        lastCuts,
        async (steps, ends) => {
          run++
          const [one, other] = [new History(worlds.merging, run), new History(worlds.apart, run)]
          for (const step of steps) {
            await one.step(step)
            await other.step(step)
          }
          await worlds.merging.db.reactionsCaughtUp()
          await worlds.apart.db.reactionsCaughtUp()
          expect((await other.groups()).every(({ length }) => length === 1)).toBe(true)
          histories++
          if ((await one.groups()).some(({ length }) => length > 1)) merged++
          cuts += await one.takeApart(ends)
          expect(await one.holdings()).toEqual(await other.holdings())
          await one.sayAllAgain()
          await other.sayAllAgain()
          expect(await one.groups()).toEqual(await other.groups())
          expect(await one.holdings()).toEqual(await other.holdings())
        },
      ),
      bounds,
    )
    // Dice that never merge prove nothing. A slow machine throws too few to say.
    if (histories === bounds.numRuns) {
      expect(merged).toBeGreaterThan(histories / 4)
      expect(cuts).toBeGreaterThan(merged)
    }
    expect(await worlds.merging.db.act((ctx) => verify(ctx))).toEqual([])
  })

  test('the points of both sum to what they were, at every merge and cut, whatever was spent or taken back', async ({
    worlds,
  }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...ownSteps, ...sharedSteps), { minLength: 6, maxLength: 24 }),
        lastCuts,
        async (steps, ends) => {
          run++
          const history = new History(worlds.merging, run)
          for (const step of steps) {
            const moves = ['put', 'join', 'match', 'part', 'answer', 'undo'].includes(step.do)
            const before = moves ? await history.sum() : null
            await history.step(step)
            await worlds.merging.db.reactionsCaughtUp()
            if (moves) expect(await history.sum(), step.do).toBe(before)
          }
          const before = await history.sum()
          await history.takeApart(ends)
          expect(await history.sum()).toBe(before)
          expect((await history.groups()).every(({ length }) => length === 1)).toBe(true)
          // What was withdrawn while they were one stays withdrawn for each.
          expect(await history.withdrawn()).toEqual([...history.withdrawnAt.keys()].sort())
        },
      ),
      bounds,
    )
    expect(await worlds.merging.db.act((ctx) => verify(ctx))).toEqual([])
  })
})
