import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byVerb, type Fact, type FactKind, type Round, roundsOf, stillDue } from './history.ts'

let last = 0
/** Facts told one second apart, in the order written. */
function fact(kind: FactKind, amountMinor = 0, more: Partial<Fact> = {}): Fact {
  const time = (1_780_000_000_000 + ++last * 1000).toString(16).padStart(12, '0')
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
  return {
    id,
    kind,
    amountMinor,
    beforeMinor: 0,
    key: kind === 'refunded' ? `refund ${last}` : null,
    happening: null,
    ...more,
  }
}
const standOf = (rounds: Round[]) => rounds.map(({ peakMinor, netMinor, gone }) => ({ peakMinor, netMinor, gone }))
const dueOf = (award: number, facts: Fact[]) => roundsOf(facts).map((round) => stillDue(award, round))

describe('what is still due of 100 points for 100.00', () => {
  const story = (what: string, facts: () => Fact[], due: number[]) =>
    test(what, () => expect(dueOf(100, facts())).toEqual(due))

  story('paid', () => [fact('earned', 10_000)], [100])
  story('half refunded', () => [fact('earned', 10_000), fact('refunded', 5_000)], [50])
  story('refunded beyond its amount', () => [fact('earned', 10_000), fact('refunded', 20_000)], [0])
  story(
    'one refund told twice',
    () => [fact('earned', 10_000), fact('refunded', 3_000, { key: 'r' }), fact('refunded', 3_000, { key: 'r' })],
    [70],
  )
  story('cancelled', () => [fact('earned', 10_000), fact('cancelled')], [0])
  story(
    'cancelled and paid again after all',
    () => [fact('earned', 10_000), fact('cancelled'), fact('changed', 10_000)],
    [100],
  )
  story(
    'refunded and then worth all again',
    () => [fact('earned', 10_000), fact('refunded', 10_000), fact('changed', 10_000)],
    [100],
  )
  story(
    'changed to less and back',
    () => [
      fact('earned', 10_000),
      fact('changed', 4_000, { beforeMinor: 10_000 }),
      fact('changed', 10_000, { beforeMinor: 4_000 }),
    ],
    [100],
  )
  story('paid twice counts as it was paid last', () => [fact('earned', 10_000), fact('earned', 5_000)], [50])
  story('withdrawn', () => [fact('earned', 10_000), fact('withdrawn')], [0])
  story(
    'withdrawn, then told anew: two rounds',
    () => [fact('earned', 10_000), fact('withdrawn'), fact('earned', 10_000)],
    [0, 100],
  )
  story(
    'a refund after it was withdrawn is about nothing',
    () => [fact('earned', 10_000), fact('withdrawn'), fact('refunded', 5_000)],
    [0],
  )
  story('an order of nothing that is cancelled', () => [fact('earned', 0), fact('cancelled')], [0])
  story('an order of nothing', () => [fact('earned', 0)], [100])
  story(
    'a refund told by another clock just before its payment',
    () => [fact('refunded', 4_000), fact('earned', 10_000)],
    [60],
  )
  story(
    'a withdrawal of another import before it',
    () => [fact('withdrawn', 0, { key: 'x' }), fact('earned', 10_000, { key: 'y' })],
    [100],
  )
  story(
    'a withdrawal of the same import before it',
    () => [fact('withdrawn', 0, { key: 'x' }), fact('earned', 10_000, { key: 'x' })],
    [0],
  )

  test('a refund told an hour before a payment is about something else', () => {
    const early = fact('refunded', 4_000)
    last += 3_600
    expect(dueOf(100, [early, fact('earned', 10_000)])).toEqual([100])
  })

  test('what a verb gave nets whatever was told before it, however long ago', () => {
    const early = fact('refunded', 40)
    last += 3_600
    expect(dueOf(100, [early, { ...fact('earned', 100), id: byVerb }])).toEqual([60])
  })
})

test('partial refunds add up to the whole, each rounding with those before it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }),
      (award, parts) => {
        const paid = fact(
          'earned',
          parts.reduce((a, b) => a + b),
        )
        const told = [paid]
        let before = award
        for (const part of parts) {
          told.push(fact('refunded', part))
          const [due] = dueOf(award, told)
          expect(due).toBeLessThanOrEqual(before)
          before = due!
        }
        expect(before).toBe(0)
      },
    ),
  )
})

test('facts give the same in any order of telling', () => {
  const anyFact = fc.oneof(
    fc.constantFrom<FactKind>('earned', 'cancelled', 'withdrawn').map((kind) => ({ kind, amountMinor: 10_000 })),
    fc
      .integer({ min: 0, max: 20_000 })
      .map((amountMinor) => ({ kind: 'changed' as const, amountMinor, beforeMinor: 10_000 })),
    fc.integer({ min: 1, max: 5_000 }).map((amountMinor) => ({ kind: 'refunded' as const, amountMinor })),
  )
  fc.assert(
    fc.property(fc.array(anyFact, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (written, chance) => {
      const facts = written.map(({ kind, amountMinor, ...more }) => fact(kind, amountMinor, more))
      const shuffled = facts.map((one) => [chance.next().value!, one] as const).sort(([a], [b]) => a - b)
      expect(standOf(roundsOf(shuffled.map(([, one]) => one)))).toEqual(standOf(roundsOf(facts)))
    }),
  )
})
