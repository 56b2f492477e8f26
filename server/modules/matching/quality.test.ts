import { expect, test } from 'vitest'
import { type Alterations, writtenPeople } from './people.testing.ts'
import { grouped, qualityOf } from './quality.testing.ts'

const few = { people: 600, copies: 400, mostCopies: 1, mostInValue: 1, mostInRecord: 1, seed: 11 }
const many = { people: 800, copies: 1_200, mostCopies: 5, mostInValue: 2, mostInRecord: 4, seed: 12 }
const harsh = { people: 800, copies: 1_200, mostCopies: 5, mostInValue: 3, mostInRecord: 10, seed: 13 }

/** Records altered at random, each pair that belongs together counted: what is found, and what is put together wrongly. */
test.for<[string, Alterations, number]>([
  ['one error a record', few, 0.999],
  ['one error a record, no documents', { ...few, documents: false }, 0.998],
  ['up to four errors, five copies', many, 0.999],
  ['up to four errors, five copies, no documents', { ...many, documents: false }, 0.99],
  ['up to ten errors, five copies', harsh, 0.99],
  [
    'up to ten errors, five copies, no documents, whole addresses',
    { ...harsh, documents: false, wholeAddresses: true },
    0.96,
  ],
])('%s', { timeout: 60_000 }, async ([, alterations, least]) => {
  const { f1, precision } = await qualityOf(writtenPeople(alterations))
  expect(f1).toBeGreaterThanOrEqual(least)
  expect(precision).toBeGreaterThanOrEqual(0.999)
})

test('the same people come out in whichever order the records came', { timeout: 60_000 }, async () => {
  const people = writtenPeople({ ...many, people: 300, copies: 300 })
  const named = async (list: typeof people) =>
    (await grouped(list)).groups
      .map((group) =>
        group
          .map((index) => list[index]!.raw.externalId)
          .sort()
          .join(' '),
      )
      .sort()
  expect(await named([...people].reverse())).toEqual(await named(people))
})

test('a family at one address with one phone stays several people', { timeout: 60_000 }, async () => {
  const strangers = writtenPeople({
    people: 800,
    copies: 0,
    mostCopies: 0,
    mostInValue: 0,
    mostInRecord: 0,
    seed: 5,
    documents: false,
    wholeAddresses: true,
  })
  const families = strangers.slice(0, 200).flatMap(({ person, raw }) =>
    ['Wilhelmina', 'Bartholomew'].map((givenName, index) => ({
      person: 10_000 + person * 2 + index,
      raw: { ...raw, givenName, birthDate: index ? '19780312' : '20041125', externalId: `f${person}-${index}` },
    })),
  )
  const { precision } = await qualityOf([...strangers, ...families])
  expect(precision).toBeGreaterThanOrEqual(0.99)
})
