/** The member list of a part of the group: everybody whom that part sees, each once, over as many pages as it takes. */
import { test as base, expect, type Given } from '#app/testing'
import { addRelations, findPersons, howManyPersons } from '#modules/members'
import type { Actor, Scope } from '#platform/ctx'
import { newId } from '#platform/ids'
import type { TestDatabase } from '#platform/testing'

const scoped = (scope: Scope): Actor => ({ kind: 'system', id: null, permissions: 'all', scope })

const test = base.extend<{ listed: (scope: Scope, limit: number) => Promise<string[]> }>({
  listed: async ({ db }, use) => {
    await use(async (scope, limit) => {
      const ids: string[] = []
      for (let after: string | undefined; ; ) {
        const { persons, next } = await db.act(
          (ctx) => findPersons(ctx, { after, limit, country: 'CN' }),
          scoped(scope),
        )
        ids.push(...persons.map(({ id }) => id))
        if (next === null) return ids
        expect(persons).toHaveLength(limit)
        after = next
      }
    })
  },
})

/** Forty persons at three stores; every third is known to two stores, every fifth twice to one. */
async function laid(db: TestDatabase, given: Given) {
  const stores = [await given.channel('store-a'), await given.channel('store-b'), await given.channel('store-c')]
  const persons: { id: string; stores: Set<number> }[] = []
  const told = (n: number, at: number, again: string) =>
    given.record(
      {
        externalId: `${n}-${again}`,
        name: `王${String.fromCodePoint(0x4e00 + n)}`,
        phone: `1391234${String(5100 + n)}`,
      },
      { of: stores[at]! },
    )
  for (let n = 0; n < 40; n++) {
    const at = n % 3
    const { person } = await told(n, at, 'first')
    persons.push({ id: person, stores: new Set([at]) })
  }
  for (let n = 0; n < 40; n += 3) {
    await told(n, (n + 1) % 3, 'elsewhere')
    persons[n]!.stores.add((n + 1) % 3)
  }
  for (let n = 0; n < 40; n += 5) await told(n, n % 3, 'again')
  const staffId = newId()
  // One belongs to store C now, and somebody there serves another.
  await db.act((ctx) =>
    addRelations(
      ctx,
      [
        {
          home: persons[1]!.id,
          kind: 'home',
          channelId: stores[2]!.id,
          store: 'store-c',
          staffId: null,
          since: ctx.now,
        },
        { home: persons[4]!.id, kind: 'served', channelId: stores[2]!.id, store: 'store-c', staffId, since: ctx.now },
      ],
      { reason: '搬家' },
    ),
  )
  persons[1]!.stores.add(2)
  persons[4]!.stores.add(2)
  return { stores, persons, staffId }
}

test.for([1, 3, 7, 100])('by pages of %i', async (limit, { db, given, listed }) => {
  const { stores, persons, staffId } = await laid(db, given)
  for (const at of [[0], [1], [2], [0, 2], [0, 1, 2]]) {
    const scope = { channelIds: at.map((one) => stores[one]!.id), servedBy: null }
    const seen = persons.filter((person) => at.some((one) => person.stores.has(one))).map(({ id }) => id)
    const ids = await listed(scope, limit)
    expect(ids.toSorted()).toEqual(seen.toSorted())
    const total = await db.act((ctx) => howManyPersons(ctx), scoped(scope))
    expect(total).toEqual({ persons: seen.length, counted: true })
  }
  expect(await listed({ channelIds: [], servedBy: staffId }, limit)).toEqual([persons[4]!.id])
  expect(await listed({ channelIds: [], servedBy: null }, limit)).toEqual([])
  expect(await listed('group', limit)).toHaveLength(40)
})

test('whom a store came to know last stands first, however long others know them', async ({ given, listed }) => {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  const old = await given.record({ externalId: '1', name: '王建国', phone: '13800138001' }, { of: a })
  const recent = await given.record({ externalId: '2', name: '李小红', phone: '13800138002' }, { of: b })
  await given.record({ externalId: '3', name: '王建国', phone: '13800138001' }, { of: b })
  expect(await listed({ channelIds: [b.id], servedBy: null }, 1)).toEqual([old.person, recent.person])
  expect(await listed({ channelIds: [a.id, b.id], servedBy: null }, 1)).toEqual([old.person, recent.person])
})
