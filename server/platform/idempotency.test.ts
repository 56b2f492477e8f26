import { sql } from 'kysely'
import { expect } from 'vitest'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import { once } from '#platform/idempotency'
import { test as base, type TestDatabase } from '#platform/testing'

interface Till {
  /** Charges a card by a request that names itself; the answer tells which charge it was. */
  charge(
    key: string,
    fen: number,
    more?: { operation?: string; as?: string; fail?: boolean },
  ): Promise<{ charge: number }>
  charges(): Promise<number[]>
}

const test = base.extend<{ till: Till }>({
  till: async ({ db }, use) => {
    await sql`create table charges (charge int generated always as identity, fen int)`.execute(db.kysely)
    await use({
      charge: (key, fen, { operation = 'till.charge', as = 'clerk', fail = false } = {}) =>
        inTx(db, { ...systemActor, id: as }, (ctx) =>
          once(ctx, { operation, key, input: { fen } }, async () => {
            const { rows } = await sql<{
              charge: number
            }>`insert into charges (fen) values (${fen}) returning charge`.execute(ctx.tx)
            if (fail) throw new Refusal('conflict', 'test.declined')
            return { charge: rows[0]!.charge }
          }),
        ),
      charges: async () =>
        (await sql<{ fen: number }>`select fen from charges order by charge`.execute(db.kysely)).rows.map(
          ({ fen }) => fen,
        ),
    })
  },
})

test('told twice, a request acts once and gets the same answer', async ({ till }) => {
  expect(await till.charge('k1', 1_999)).toEqual({ charge: 1 })
  expect(await till.charge('k1', 1_999)).toEqual({ charge: 1 })
  expect(await till.charge('k2', 1_999)).toEqual({ charge: 2 })
  expect(await till.charges()).toEqual([1_999, 1_999])
})

test('told 20 times at once over real connections, it acts once and all get its answer', async ({ till }) => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => till.charge('k1', 500)))
  expect(await till.charges()).toEqual([500])
  expect(new Set(answers.map(({ charge }) => charge)).size).toBe(1)
})

test('with other input under the same key it is refused and nothing happens', async ({ till }) => {
  await till.charge('k1', 500)
  await expect(till.charge('k1', 501)).rejects.toMatchObject({
    kind: 'conflict',
    code: 'request.key_reused',
    params: { operation: 'till.charge', key: 'k1' },
  })
  expect(await till.charges()).toEqual([500])
})

test('of 20 at once with two inputs under one key, one input wins and the other is refused', async ({ till }) => {
  const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => till.charge('k1', n % 2 ? 500 : 501)))
  expect(await till.charges()).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(10)
})

test('what failed was never asked: the same key may act again', async ({ till }) => {
  await expect(till.charge('k1', 500, { fail: true })).rejects.toThrow('test.declined')
  expect((await till.charge('k1', 600)).charge).toBeGreaterThan(0)
  expect(await till.charges()).toEqual([600])
})

test('of those who wait for one that fails, one acts in its place', async ({ till }) => {
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => till.charge('k1', 500, { fail: n === 0 })),
  )
  expect(await till.charges()).toEqual([500])
  expect(answers.filter(({ status }) => status === 'rejected').length).toBeLessThanOrEqual(1)
})

test('a key belongs to its caller and its operation', async ({ till }) => {
  await till.charge('k1', 500)
  await till.charge('k1', 600, { as: 'another clerk' })
  await till.charge('k1', 700, { operation: 'till.refund' })
  expect(await till.charges()).toEqual([500, 600, 700])
})

test('the first asker gets the answer in the same shape as the second, and nothing is an answer too', async ({
  db,
}) => {
  const ask = (key: string, answer: unknown) =>
    (db as TestDatabase).act((ctx) => once(ctx, { operation: 'test.ask', key, input: null }, async () => answer))
  for (let time = 0; time < 2; time++) {
    expect(await ask('date', { at: new Date('2026-11-21T00:00:00Z'), nothing: undefined })).toEqual({
      at: '2026-11-21T00:00:00.000Z',
    })
    expect(await ask('nothing', undefined)).toBeNull()
  }
})
