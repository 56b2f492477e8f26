import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type GroupDefinition, type RuleDefinition, ruleDefinition } from './contract.ts'
import { evaluate, type Happening, type Rulebook, versionAt } from './rules.ts'

const settings = { currency: 'CNY', timeZone: 'Asia/Shanghai' }
const paid = (amountMinor: number, more: Partial<Happening> = {}): Happening => ({
  type: 'order.paid',
  at: new Date('2026-05-17T04:00Z'),
  channel: 'shop',
  channelKind: 'store',
  amountMinor,
  currency: 'CNY',
  paymentMethod: null,
  ...more,
})
type Written = Partial<RuleDefinition> & { effectiveAt?: string; version?: number }

function bookOf(group: Partial<GroupDefinition>, rules: Record<string, Written | Written[]>): Rulebook {
  const definition = { name: 'g', way: 'sum', window: 'event', ...group } as const
  return {
    groups: new Map([['g', [{ code: 'g', version: 1, effectiveAt: new Date(0), definition }]]]),
    rules: new Map(
      Object.entries(rules).map(([code, versions]) => [
        code,
        [versions].flat().map(({ effectiveAt, version = 1, ...rule }) => ({
          code,
          version,
          effectiveAt: new Date(effectiveAt ?? 0),
          definition: ruleDefinition.parse({
            name: code,
            group: 'g',
            event: 'order.paid',
            gives: { by: 'event', points: 10 },
            ...rule,
          }),
        })),
      ]),
    ),
  }
}
const perYuan = (points = 1): Written => ({ gives: { by: 'amount', points, perMinor: 100 } })
const pointsFor = (happening: Happening, book: Rulebook) =>
  evaluate(happening, book, settings)?.shares.reduce((sum, { points }) => sum + points, 0)

describe('how much', () => {
  test.each([
    [199_99, 200],
    [199_49, 199],
    [199_50, 200],
    [0, 0],
    [1, 0],
    [50, 1],
  ])('1 point for each 1.00: %i fen give %i, rounded half up', (fen, points) => {
    expect(pointsFor(paid(fen), bookOf({}, { a: perYuan() }))).toBe(points)
  })

  test('rounded once, at the end: two rules of 0.5 each make 1', () => {
    expect(pointsFor(paid(50), bookOf({}, { a: perYuan(), b: perYuan() }))).toBe(1)
  })

  test('"sum" adds the rules of a group, "max" takes the largest and says which lost to it', () => {
    const rules = { amount: perYuan(), visit: { gives: { by: 'event', points: 50 } } } as const
    expect(pointsFor(paid(80_00), bookOf({ way: 'sum' }, rules))).toBe(130)
    const [share] = evaluate(paid(80_00), bookOf({ way: 'max' }, rules), settings)!.shares
    expect(share).toMatchObject({
      points: 80,
      matches: [
        { rule: 'amount', version: 1, points: 80 },
        { rule: 'visit', version: 1, points: 50, lostTo: 'amount' },
      ],
    })
    expect(pointsFor(paid(20_00), bookOf({ way: 'max' }, rules))).toBe(50)
  })

  test('lots with different ends add up to what was rounded once', () => {
    const book = bookOf(
      {},
      {
        a: perYuan(),
        b: { ...perYuan(), expires: { mode: 'on', day: '2026-12-31' } },
        c: { ...perYuan(), priority: 1 },
      },
    )
    const { shares } = evaluate(paid(50), book, settings)!
    expect(shares.map(({ points }) => points)).toEqual([1, 0, 1])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (fen) => {
        expect(pointsFor(paid(fen), book)).toBe(Math.floor((3 * fen) / 100 + 0.5))
      }),
    )
  })

  test('amounts beyond 2^53 when multiplied stay exact', () => {
    expect(
      pointsFor(paid(9_007_199_254_740_991), bookOf({}, { a: { gives: { by: 'amount', points: 3, perMinor: 3 } } })),
    ).toBe(9_007_199_254_740_991)
  })

  test('another currency earns nothing and says so; a return earns nothing', () => {
    const book = bookOf({}, { a: perYuan(), b: {} })
    expect(evaluate(paid(100_00, { currency: 'USD' }), book, settings)).toEqual({ shares: [], nothing: 'currency' })
    expect(evaluate(paid(-100_00), book, settings)).toEqual({ shares: [], nothing: 'no_amount' })
  })
})

describe('when', () => {
  test.each<[RuleDefinition['when'], Partial<Happening>, boolean]>([
    [[{ fact: 'channel', in: ['shop', 'web'] }], {}, true],
    [[{ fact: 'channel', in: ['web'] }], {}, false],
    [[{ fact: 'channel_kind', in: ['store'] }], {}, true],
    [[{ fact: 'channel_kind', in: ['ota'] }], {}, false],
    [[{ fact: 'channel_kind', in: ['ota'] }], { channelKind: null }, false],
    [[{ fact: 'payment_method', in: ['wechat'] }], { paymentMethod: 'wechat' }, true],
    [[{ fact: 'payment_method', in: ['wechat'] }], {}, false],
    [[{ fact: 'amount', atLeastMinor: 10_000 }], {}, true],
    [[{ fact: 'amount', atLeastMinor: 10_001 }], {}, false],
    [[{ fact: 'amount', atLeastMinor: 0 }], { amountMinor: null }, false],
    [
      [
        { fact: 'channel', in: ['shop'] },
        { fact: 'amount', atLeastMinor: 10_001 },
      ],
      {},
      false,
    ],
    [
      [
        {
          any: [
            { fact: 'channel', in: ['web'] },
            { fact: 'amount', atLeastMinor: 10_000 },
          ],
        },
      ],
      {},
      true,
    ],
    [
      [
        {
          any: [
            { fact: 'channel', in: ['web'] },
            { fact: 'amount', atLeastMinor: 10_001 },
          ],
        },
      ],
      {},
      false,
    ],
  ])('%o of %o: %s', (when, more, matches) => {
    const evaluation = evaluate(paid(100_00, more), bookOf({}, { a: { when } }), settings)
    expect(evaluation).toMatchObject(matches ? { nothing: null } : { nothing: 'no_rule', shares: [] })
  })

  test('no rule about an event at all leaves nothing to explain', () => {
    expect(evaluate(paid(1), bookOf({}, { a: { active: false } }), settings)).toBeNull()
    expect(evaluate({ ...paid(1), type: 'member.registered' }, bookOf({}, { a: {} }), settings)).toBeNull()
  })

  test('the version in force when it happened, not the newest', () => {
    const book = bookOf(
      {},
      {
        a: [
          { gives: { by: 'event', points: 10 } },
          { version: 2, effectiveAt: '2026-05-01T00:00Z', gives: { by: 'event', points: 20 } },
          { version: 3, effectiveAt: '2026-06-01T00:00Z', active: false },
        ],
      },
    )
    expect(pointsFor(paid(1, { at: new Date('2026-04-30T23:59Z') }), book)).toBe(10)
    expect(pointsFor(paid(1, { at: new Date('2026-05-01T00:00Z') }), book)).toBe(20)
    expect(pointsFor(paid(1, { at: new Date('2026-06-01T00:00Z') }), book)).toBeUndefined()
  })

  test('a version saved later for an earlier moment does not outlive one that begins after it', () => {
    const at = (day: string, version: number) => ({
      code: 'a',
      version,
      effectiveAt: new Date(day),
      definition: version,
    })
    const versions = [at('2026-01-01', 1), at('2026-06-01', 2), at('2026-03-01', 3)]
    expect(versionAt(versions, new Date('2026-04-01'))?.version).toBe(3)
    expect(versionAt(versions, new Date('2026-07-01'))?.version).toBe(2)
    expect(versionAt(versions, new Date('2025-07-01'))).toBeNull()
  })
})

test('a rule that counts by the amount of a registration is refused', () => {
  const written = { name: 'a', group: 'g', event: 'member.registered', ...perYuan() }
  expect(ruleDefinition.safeParse(written).error?.issues).toMatchObject([{ path: ['gives'] }])
})
