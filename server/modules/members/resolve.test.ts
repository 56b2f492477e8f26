import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decision, type IdentityKind, type RegionHome, resolve } from './resolve.ts'

const home = (id: string, nameKey: string | null, ...identities: [IdentityKind, string][]): RegionHome => ({
  id,
  label: `label ${id}`,
  nameKey,
  identities: identities.map(([kind, blind]) => ({ kind, blind: `${kind} ${blind}` })),
})

const people = (homes: RegionHome[], decisions: Decision[] = []) => resolve(homes, decisions).persons

describe('who is one person', () => {
  test('the same phone under the same name is one person, whichever channel it came by', () => {
    expect(
      people([
        home('a', 'wei wang', ['phone', '1']),
        home('b', 'wei wang', ['phone', '1']),
        home('c', 'wei wang', ['phone', '2']),
      ]),
    ).toEqual([['a', 'b'], ['c']])
  })

  test('a phone under two names joins nobody and asks a person', () => {
    const { persons, reviews } = resolve(
      [home('a', 'wei wang', ['phone', '1']), home('b', 'min liu', ['phone', '1'])],
      [],
    )
    expect(persons).toEqual([['a'], ['b']])
    expect(reviews).toEqual([{ a: 'a', b: 'b', kind: 'phone', reason: 'names_contradict' }])
  })

  test('a record without a name goes with the only name on its phone, but between two it stays alone', () => {
    expect(people([home('a', 'wei wang', ['phone', '1']), home('b', null, ['phone', '1'])])).toEqual([['a', 'b']])
    expect(
      people([
        home('a', 'wei wang', ['phone', '1']),
        home('b', null, ['phone', '1']),
        home('c', 'min liu', ['phone', '1']),
      ]),
    ).toEqual([['a'], ['b'], ['c']])
  })

  test('five names on one phone make it a shared one: it joins not even the same name', () => {
    const names = ['wei wang', 'min liu', 'fang zhang', 'jie chen', 'lei yang']
    const carriers = names.map((name, index) => home(`${index}`, name, ['phone', '1']))
    const { persons, shared } = resolve([...carriers, home('again', 'wei wang', ['phone', '1'])], [])
    expect(persons).toHaveLength(6)
    expect(shared).toEqual([{ blind: 'phone 1', kind: 'phone', names: 5, records: 6 }])
    expect(people([...carriers.slice(0, 4), home('again', 'wei wang', ['phone', '1'])])).toHaveLength(4)
  })

  test('a document joins under any name; two ID cards never meet, even by a shared phone', () => {
    expect(
      people([home('a', 'wei wang', ['document@id_card', 'x']), home('b', 'w wong', ['document@id_card', 'x'])]),
    ).toEqual([['a', 'b']])
    const { persons, reviews } = resolve(
      [
        home('a', 'wei wang', ['document@id_card', 'x'], ['phone', '1']),
        home('b', 'wei wang', ['document@id_card', 'y'], ['phone', '1']),
      ],
      [],
    )
    expect(persons).toEqual([['a'], ['b']])
    expect(reviews).toEqual([{ a: 'a', b: 'b', kind: 'phone', reason: 'limit' }])
  })

  test('where a limit would break, the weakest identity of the record is left out', () => {
    // c has a's phone and b's union id; a and b have different union ids: c belongs to b.
    const homes = [
      home('a', null, ['unionid', 'u1'], ['phone', '1']),
      home('b', null, ['unionid', 'u2']),
      home('c', null, ['unionid', 'u2'], ['phone', '1']),
    ]
    expect(people(homes)).toEqual([['a'], ['b', 'c']])
  })

  test('what staff decided outweighs identities, in both directions', () => {
    const same = [home('a', 'wei wang', ['phone', '1']), home('b', 'wei wang', ['phone', '1'])]
    expect(people(same, [{ a: 'a', b: 'b', kind: 'apart' }])).toEqual([['a'], ['b']])
    expect(people([home('a', 'wei wang'), home('b', 'min liu')], [{ a: 'a', b: 'b', kind: 'join' }])).toEqual([
      ['a', 'b'],
    ])
    // Kept apart also where a third record would bring them together.
    const third = home('c', 'wei wang', ['phone', '1'])
    const persons = people([...same, third], [{ a: 'a', b: 'b', kind: 'apart' }])
    expect(persons.find((person) => person.includes('a'))).not.toContain('b')
  })
})

describe('independence of the order of arrival', () => {
  const kinds: IdentityKind[] = ['unionid', 'document@id_card', 'phone', 'email']
  const names = [null, 'wei wang', 'wang', 'min liu', 'fang zhang', 'jie chen', 'lei yang']
  const records = fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      identities: fc.uniqueArray(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 4 })), {
        maxLength: 3,
        selector: ([kind, value]) => `${kind}${value}`,
      }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  const decisions = fc.array(fc.tuple(fc.nat(13), fc.nat(13), fc.constantFrom('join' as const, 'apart' as const)), {
    maxLength: 3,
  })

  test('any order, and any ids, give the same people', () => {
    fc.assert(
      fc.property(records, decisions, fc.infiniteStream(fc.nat()), (given, decided, dice) => {
        const homes = given.map(({ name, identities }, index) => ({
          ...home(
            `id${String(index).padStart(2, '0')}`,
            name,
            ...identities.map(([kind, value]) => [kind, String(value)] as [IdentityKind, string]),
          ),
          label: `label ${index}`,
        }))
        const pairs = new Map(
          decided
            .filter(([a, b]) => a !== b && a < homes.length && b < homes.length)
            .map(([a, b, kind]) => [`${Math.min(a, b)} ${Math.max(a, b)}`, { a, b, kind }]),
        )
        const by = (list: RegionHome[]) =>
          [...pairs.values()].map(({ a, b, kind }) => ({ a: list[a]!.id, b: list[b]!.id, kind }))
        const before = people(homes, by(homes)).map((group) =>
          group
            .map((id) => homes.find((one) => one.id === id)!.label)
            .sort()
            .join(),
        )
        // The same records arrive in another order and get other ids.
        const renamed = homes.map((one) => ({ ...one, id: `x${dice.next().value % 100_000}-${one.id}` }))
        const shuffled = [...renamed].sort((x, y) => (x.id < y.id ? -1 : 1))
        const after = people(shuffled, by(renamed)).map((group) =>
          group
            .map((id) => renamed.find((one) => one.id === id)!.label)
            .sort()
            .join(),
        )
        expect(after.sort()).toEqual(before.sort())
      }),
      { numRuns: 400 },
    )
  })
})

describe('weighed evidence', () => {
  const match = (a: string, b: string, score = 12): Decision => ({ a, b, kind: 'match', score })
  const two = (kind: IdentityKind) => [home('a', 'wei wang', [kind, '1']), home('b', 'wei wang', [kind, '2'])]

  test('joins what nothing else joins', () => {
    expect(people([home('a', 'wei wang'), home('b', 'wei wang')], [match('a', 'b')])).toEqual([['a', 'b']])
  })

  test('never joins two identity cards or two unionids, and asks instead', () => {
    for (const kind of ['document@id_card', 'unionid'] as const) {
      const { persons, reviews } = resolve(two(kind), [match('a', 'b')])
      expect(persons).toEqual([['a'], ['b']])
      expect(reviews).toEqual([{ a: 'a', b: 'b', kind: 'match', reason: 'limit' }])
    }
  })

  test('stands below what staff keep apart, of this pair or of others of the same people', () => {
    const homes = [home('a', 'wei wang', ['phone', '1']), home('b', 'wei wang', ['phone', '1']), home('c', 'wei wang')]
    const { persons, reviews } = resolve(homes, [match('a', 'c'), { a: 'b', b: 'c', kind: 'apart' }])
    expect(persons).toEqual([['a', 'b'], ['c']])
    expect(reviews).toEqual([])
  })

  test('gives way to identities, and the stronger evidence to none', () => {
    const homes = [
      home('a', 'wei wang', ['unionid', '1'], ['phone', '1']),
      home('b', 'wei wang', ['phone', '1']),
      home('c', 'wei wang', ['unionid', '2']),
    ]
    expect(people(homes, [match('b', 'c', 40)])).toEqual([['a', 'b'], ['c']])
    const free = [home('a', 'w', ['unionid', '1']), home('b', 'w'), home('c', 'w', ['unionid', '2'])]
    expect(people(free, [match('a', 'b', 11), match('b', 'c', 30)])).toEqual([['a'], ['b', 'c']])
  })
})

describe('a number of no known kind', () => {
  const born = (one: RegionHome, birthDate: string): RegionHome => ({ ...one, birthDate })
  const number: [IdentityKind, string] = ['document@other', '6988048']

  test('joins under a name written wrong or a birth date written wrong', () => {
    expect(
      people([
        born(home('a', 'waller lachlan', number), '1980-02-11'),
        born(home('b', 'waler lachlan', number), '1990-05-28'),
        born(home('c', 'harrington kayla', number), '1980-02-12'),
      ]),
    ).toEqual([['a', 'b', 'c']])
  })

  test('is somebody else’s by a wrong digit where neither name nor birth date agree', () => {
    const { persons, reviews } = resolve(
      [born(home('a', 'wei wang', number), '1980-02-11'), born(home('b', 'brooks jim', number), '1963-11-30')],
      [],
    )
    expect(persons).toEqual([['a'], ['b']])
    expect(reviews).toEqual([{ a: 'a', b: 'b', kind: 'document@other', reason: 'names_contradict' }])
  })
})
