/**
 * Random histories of a few members against a model of the books that is as simple as can be: it lets time pass at once
 * for everybody, where the ledger writes it down when it next looks. After each step the members touched must have the
 * same balances; at the end of a history every lot must be left with the same, and the books must prove sound.
 */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect } from 'vitest'
import { lotsOf } from './balances.ts'
import { adjust, award, spend, sweep, takeBack } from './ledger.ts'
import { changeRule } from './rulebook.ts'
import { type Group, orderEvent, plainRule, test } from './testing.ts'

const dayMs = 24 * 60 * 60 * 1000
const orderDays = 12
const policies = ['only_pending', 'within_balance', 'negative'] as const

type Step =
  | { do: 'give'; home: number; points: number; days: number | null; waits: number }
  | { do: 'order'; home: number; yuan: number }
  | { do: 'refund'; which: number; yuan: number }
  | { do: 'cancel'; which: number }
  | { do: 'takeBack'; which: number; points: number | null }
  | { do: 'spend'; home: number; points: number }
  | { do: 'adjust'; home: number; points: number }
  | { do: 'join'; a: number; b: number }
  | { do: 'part'; home: number }
  | { do: 'days'; days: number }
  | { do: 'sweep' }

const home = fc.nat({ max: 3 })
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('give' as const),
      home,
      points: fc.integer({ min: 1, max: 100 }),
      days: fc.option(fc.integer({ min: 1, max: 20 })),
      waits: fc.oneof(fc.constant(0), fc.nat({ max: 12 })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('order' as const), home, yuan: fc.integer({ min: 1, max: 200 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      which: fc.nat(),
      yuan: fc.integer({ min: 1, max: 150 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('takeBack' as const),
      which: fc.nat(),
      points: fc.option(fc.integer({ min: 1, max: 80 })),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('spend' as const), home, points: fc.integer({ min: 1, max: 150 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('adjust' as const),
      home,
      points: fc.integer({ min: -60, max: 60 }).filter((n) => n !== 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), a: home, b: home }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('part' as const), home }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('days' as const), days: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
)

interface ModelLot {
  home: string
  source: string
  left: number
  /** Expired unused and not yet set against a refund. */
  lapsed: number
  calledBack: number
  amount: number
  from: number
  until: number
  pending: boolean
  earned: number
  number: number
}

class Model {
  now: number
  readonly policy: (typeof policies)[number]
  readonly persons: Map<string, string>
  readonly owed: Map<string, number>
  readonly lots: ModelLot[] = []
  /** Base, and how much of it went back. */
  readonly sources: { name: string; home: string; order: boolean; base: number; back: number; gone: boolean }[] = []

  constructor(homes: string[], now: number, policy: (typeof policies)[number]) {
    this.persons = new Map(homes.map((one) => [one, one]))
    this.owed = new Map(homes.map((one) => [one, 0]))
    this.now = now
    this.policy = policy
  }

  homesOf = (one: string) =>
    [...this.persons.keys()].filter((other) => this.persons.get(other) === this.persons.get(one)).sort()
  lotsOf = (one: string) => this.lots.filter((lot) => this.homesOf(one).includes(lot.home))
  live = (one: string) =>
    this.lotsOf(one)
      .filter(({ pending, left }) => !pending && left > 0)
      .sort(
        (a, b) =>
          a.until - b.until ||
          a.earned - b.earned ||
          (a.home < b.home ? -1 : a.home > b.home ? 1 : a.number - b.number),
      )

  balance(one: string) {
    const net = total(this.live(one)) - this.homesOf(one).reduce((sum, each) => sum + this.owed.get(each)!, 0)
    return {
      available: Math.max(0, net),
      pending: total(this.lotsOf(one).filter(({ pending }) => pending)),
      deficit: Math.max(0, -net),
    }
  }

  pass(days: number) {
    const until = this.now + days * dayMs
    for (;;) {
      const moments = this.lots
        .filter(({ left }) => left > 0)
        .flatMap((lot) => [
          { at: lot.until, lot, ends: true },
          ...(lot.pending ? [{ at: lot.from, lot, ends: false }] : []),
        ])
        .filter(({ at }) => at <= until)
        .sort(
          (a, b) =>
            a.at - b.at ||
            Number(b.ends) - Number(a.ends) ||
            a.lot.until - b.lot.until ||
            a.lot.earned - b.lot.earned ||
            a.lot.number - b.lot.number,
        )
      const next = moments[0]
      if (!next) break
      const { lot } = next
      if (next.ends) {
        lot.lapsed = lot.left
        lot.left = 0
      } else {
        lot.pending = false
        this.payWith(lot)
      }
    }
    this.now = until
  }

  give(one: string, source: string, amount: number, days: number | null, waits: number, earned = this.now) {
    const lot: ModelLot = {
      home: one,
      source,
      left: amount,
      amount,
      lapsed: 0,
      calledBack: 0,
      from: this.now + waits * dayMs,
      until: days === null ? Number.MAX_SAFE_INTEGER : this.now + days * dayMs,
      pending: waits > 0,
      earned,
      number: this.lots.length,
    }
    this.lots.push(lot)
    if (!lot.pending) this.payWith(lot)
  }

  payWith(lot: ModelLot) {
    const paid = Math.min(lot.left, this.owed.get(lot.home)!)
    lot.left -= paid
    this.owed.set(lot.home, this.owed.get(lot.home)! - paid)
  }

  take(lots: ModelLot[], amount: number): number {
    let short = amount
    for (const lot of lots) {
      const taken = Math.min(lot.left, short)
      lot.left -= taken
      short -= taken
    }
    return short
  }

  payAcross(one: string) {
    for (const each of this.homesOf(one)) this.owed.set(each, this.take(this.live(one), this.owed.get(each)!))
  }

  debit(one: string, amount: number): boolean {
    if (this.balance(one).available < amount) return false
    this.payAcross(one)
    this.take(this.live(one), amount)
    return true
  }

  goBack(source: Model['sources'][number], amount: number | null) {
    if (source.gone) return
    if (amount === null) source.gone = true
    else source.back += amount
    const own = this.lots.filter((lot) => lot.source === source.name)
    const award = own[0]!.amount
    const net = source.gone ? 0 : Math.max(0, source.base - source.back)
    const due = Math.floor((2 * award * net + source.base) / (2 * source.base))
    const lot = own[0]!
    const called = award - lot.calledBack - due
    if (called <= 0) return
    this.payAcross(source.home)
    lot.calledBack += called
    let left = called
    if (lot.pending || this.policy !== 'only_pending') left = this.take([lot], left)
    const lapsed = Math.min(left, lot.lapsed)
    lot.lapsed -= lapsed
    left -= lapsed
    if (this.policy === 'only_pending') return
    left = this.take(this.live(source.home), left)
    if (this.policy === 'negative') this.owed.set(source.home, this.owed.get(source.home)! + left)
  }
}

const total = (lots: { left: number }[]) => lots.reduce((sum, { left }) => sum + left, 0)

async function play(group: Group, model: Model, homes: string[], step: Step): Promise<string[]> {
  const { db, clock } = group
  const at = (days: number) => new Date(model.now + days * dayMs)
  switch (step.do) {
    case 'give': {
      const one = homes[step.home]!
      const source = `gift:${randomUUID()}`
      const { points, days, waits } = step
      await db.act((ctx) =>
        award(ctx, {
          memberId: one,
          source,
          points,
          availableAt: at(waits),
          expiresAt: days === null ? null : at(days),
        }),
      )
      model.sources.push({ name: source, home: one, order: false, base: points, back: 0, gone: false })
      model.give(one, source, points, days, waits)
      return [one]
    }
    case 'order': {
      const one = homes[step.home]!
      const orderId = await group.paid(one, step.yuan * 100)
      model.sources.push({ name: `order:${orderId}`, home: one, order: true, base: step.yuan, back: 0, gone: false })
      // The rule gives whole days: to the midnight after them, and it is noon.
      model.give(one, `order:${orderId}`, step.yuan, orderDays + 0.5, 0)
      return [one]
    }
    case 'refund':
    case 'cancel':
    case 'takeBack': {
      const sources = model.sources.filter(({ order }) => order === (step.do !== 'takeBack'))
      const source = sources[step.which % sources.length]
      if (!source) return []
      const orderId = source.name.replace('order:', '')
      if (step.do === 'refund') {
        await group.refunded(source.home, orderId, step.yuan * 100)
        model.goBack(source, step.yuan)
      } else if (step.do === 'cancel') {
        await group.tell(orderEvent.cancelled(source.home, orderId))
        await group.seen()
        model.goBack(source, null)
      } else {
        const { points } = step
        await db.act((ctx) =>
          takeBack(ctx, {
            memberId: source.home,
            source: source.name,
            key: randomUUID(),
            ...(points && { amount: points }),
          }),
        )
        model.goBack(source, points)
      }
      return [source.home]
    }
    case 'spend':
    case 'adjust': {
      const one = homes[step.home]!
      const act = () =>
        step.do === 'spend'
          ? db.act((ctx) => spend(ctx, { memberId: one, amount: step.points, source: 'till', key: randomUUID() }))
          : db.act((ctx) => adjust(ctx, { memberId: one, id: randomUUID(), points: step.points, reason: 'a test' }))
      if (step.do === 'adjust' && step.points > 0) {
        await act()
        model.give(one, 'adjustment', step.points, null, 0)
      } else if (model.debit(one, Math.abs(step.points))) {
        await act()
      } else {
        await expect(act()).rejects.toMatchObject({ code: 'points.insufficient' })
      }
      return [one]
    }
    case 'join': {
      const [a, b] = [homes[step.a]!, homes[step.b]!]
      for (const one of model.homesOf(b)) model.persons.set(one, model.persons.get(a)!)
      await setPersons(group, model)
      return [a]
    }
    case 'part': {
      const together = model.homesOf(homes[step.home]!)
      for (const one of together) model.persons.set(one, one)
      await setPersons(group, model)
      return together
    }
    case 'days':
      clock.add(step.days * dayMs)
      model.pass(step.days)
      return homes
    case 'sweep':
      while ((await db.act((ctx) => sweep(ctx))) > 0);
      return homes
  }
}

async function setPersons(group: Group, model: Model): Promise<void> {
  await group.part(...model.persons.keys())
  for (const [one, person] of model.persons) if (one !== person) await group.join(person, one)
}

async function holds(group: Group, steps: readonly Step[], policy: (typeof policies)[number]): Promise<void> {
  const homes = [await group.member(), await group.member(), await group.member(), await group.member()]
  await group.settings({ refundPolicy: policy })
  const model = new Model(homes, group.clock.now().getTime(), policy)
  for (const step of steps) {
    for (const one of await play(group, model, homes, step))
      expect({ step, ...(await group.balance(one)) }).toEqual({ step, ...model.balance(one) })
  }
  for (const one of homes) {
    const lots = await group.db.act((ctx) => lotsOf(ctx, one))
    const left = (list: { source: string; left: number }[]) =>
      list.map(({ source, left: n }) => `${source.replace(/adjustment:.*/, 'adjustment')} ${n}`).sort()
    expect(left(lots.map(({ source, remaining }) => ({ source, left: remaining })))).toEqual(
      left(model.lotsOf(one).filter(({ left: n }) => n > 0)),
    )
  }
  await group.booksAreSound()
}

// A long run: POINTS_MODEL_RUNS=2000 npx vitest run server/modules/points/model.test.ts
const runs = Number(process.env.POINTS_MODEL_RUNS ?? 12)

test('random histories come out as in the model', { timeout: 60_000 + runs * 5_000 }, async ({ group }) => {
  const definition = {
    ...plainRule,
    gives: { by: 'amount', points: 1, perMinor: 100 },
    expires: { mode: 'after', count: orderDays, unit: 'day', endOf: 'day' },
  } as const
  await group.db.act((ctx) => changeRule(ctx, { code: 'paid-orders', definition }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 5, maxLength: 40 }),
      fc.constantFrom(...policies),
      (steps, policy) => holds(group, steps, policy),
    ),
    { numRuns: runs, ...(process.env.POINTS_MODEL_SEED && { seed: Number(process.env.POINTS_MODEL_SEED) }) },
  )
})
