import { describe, expect } from 'vitest'
import { addGroup, addRule, changeGroup, changeRule, ensureStartingRules, listRulebook } from './rulebook.ts'
import { plainRule, test } from './testing.ts'

const may = (day: number) => new Date(Date.UTC(2026, 4, day))

describe('saving rules', () => {
  test('a change is a new version; the former holds until it takes effect', async ({ group }) => {
    const { db, clock } = group
    const member = await group.member()
    const definition = { ...plainRule, gives: { by: 'event' as const, points: 7 } }
    const saved = await db.act((ctx) => changeRule(ctx, { code: 'paid-orders', definition, effectiveAt: may(20) }))
    expect(saved).toMatchObject({ version: 2, effectiveAt: may(20), actor: 'system' })
    await group.paid(member, 100_00)
    expect(await group.balance(member)).toMatchObject({ available: 100 })
    clock.set(may(20))
    await group.paid(member, 100_00)
    await group.paid(member, 100_00, { at: may(19) })
    expect(await group.balance(member)).toMatchObject({ available: 207 })
  })

  test('only a first version may begin in the past; a group must be there before its rule', async ({ group }) => {
    const { db } = group
    await expect(
      db.act((ctx) => changeRule(ctx, { code: 'paid-orders', definition: plainRule, effectiveAt: may(1) })),
    ).rejects.toMatchObject({ kind: 'invalid', code: 'points.effective_in_past' })
    const inGroup = { ...plainRule, group: 'spring' }
    const add = () => db.act((ctx) => addRule(ctx, { code: 'spring-1', definition: inGroup, effectiveAt: may(1) }))
    await expect(add()).rejects.toMatchObject({ code: 'points.group_unknown', params: { code: 'spring' } })
    const spring = { name: 'Spring', way: 'sum', window: 'event' } as const
    await db.act((ctx) => addGroup(ctx, { code: 'spring', definition: spring, effectiveAt: may(2) }))
    await expect(add()).rejects.toMatchObject({ code: 'points.group_unknown' })
    expect(
      await db.act((ctx) => addRule(ctx, { code: 'spring-1', definition: inGroup, effectiveAt: may(2) })),
    ).toMatchObject({ version: 1 })
  })

  test('a code is taken once, and unknown ones are said to be', async ({ group }) => {
    const { db } = group
    const spring = { name: 'Spring', way: 'sum', window: 'event' } as const
    await expect(db.act((ctx) => addGroup(ctx, { code: 'purchases', definition: spring }))).rejects.toMatchObject({
      code: 'points.rule_exists',
    })
    await expect(db.act((ctx) => changeGroup(ctx, { code: 'nowhere', definition: spring }))).rejects.toMatchObject({
      kind: 'not_found',
    })
  })

  test('the starting rules come once, in the units of the group’s currency', async ({ group }) => {
    const { db } = group
    await db.act(ensureStartingRules)
    const { rules } = await db.act(listRulebook)
    expect(rules).toMatchObject([
      { code: 'paid-orders', version: 1, definition: { gives: { by: 'amount', points: 1, perMinor: 100 } } },
    ])
    await db.pool.query('delete from points.rules')
    await db.pool.query('delete from points.rule_groups')
    await group.settings({ currency: 'JPY' })
    await db.act(ensureStartingRules)
    expect((await db.act(listRulebook)).rules).toMatchObject([{ definition: { gives: { perMinor: 1 } } }])
  })
})
