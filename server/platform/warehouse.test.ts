import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { isOutage } from '#platform/errors'
import { openWarehouse } from '#platform/warehouse'
import { killEngine, silent, test } from '#platform/warehouse/testing'

const sightings = `create table sightings (id Int64, place String, at Nullable(DateTime64(3, 'UTC')), fen Int64)
  engine = ReplacingMergeTree order by id settings non_replicated_deduplication_window = 100`

const sighting = (id: number, more: object = {}) => ({ id, place: '武康路', at: null, fen: 1, ...more })

test('keeps what it is told, text and times and all', async ({ warehouse }) => {
  await warehouse.command(sightings)
  const row = {
    id: 1,
    place: '上海 "O\'Neill"\n\t\\',
    at: new Date('2026-10-01T08:09:10.123Z'),
    fen: 9_007_199_254_740_991,
  }
  await warehouse.insert('sightings', [row])
  expect(await warehouse.query('select * from sightings')).toEqual([{ ...row, at: '2026-10-01T08:09:10.123Z' }])
})

test('fills parameters in without trusting them', async ({ warehouse }) => {
  await warehouse.command(sightings)
  const at = new Date('2026-10-01T08:09:10.123Z')
  await warehouse.insert('sightings', [
    sighting(1, { at, place: "O'Neill" }),
    sighting(2, { at: new Date(at.getTime() + 1) }),
  ])
  const found = (condition: string, params: Record<string, unknown>) =>
    warehouse.query<{ id: number }>(`select id from sightings where ${condition} order by id`, params)
  expect(await found('at <= {at:DateTime64(3)}', { at })).toEqual([{ id: 1 }])
  expect(await found('place = {place:String}', { place: "O'Neill" })).toEqual([{ id: 1 }])
  expect(await found('place = {place:String}', { place: "' or 1 = 1 --" })).toEqual([])
  expect(await found('id in {ids:Array(Int64)}', { ids: [2, 3] })).toEqual([{ id: 2 }])
})

test('each row counts once, however often it is told', async ({ warehouse }) => {
  await warehouse.command(sightings)
  // More than one insert carries: the pieces of one batch share its token.
  const rows = Array.from({ length: 12_001 }, (_, id) => sighting(id))
  await warehouse.insert('sightings', rows, 'batch 1')
  await warehouse.insert('sightings', rows, 'batch 1')
  const written = 'select count() as rows from sightings settings final = 0'
  expect(await warehouse.query(written)).toEqual([{ rows: 12_001 }])
  await warehouse.insert('sightings', rows.slice(0, 100), 'batch 2')
  expect(await warehouse.query('select count() as rows, sum(fen) as fen from sightings')).toEqual([
    { rows: 12_001, fen: 12_001 },
  ])
})

test('rows that can not be read are a mistake, a missing table is an outage', async ({ warehouse }) => {
  await warehouse.command(sightings)
  for (const wrong of [{ id: 'one' }, { at: '2026-02-30' }, { colour: 'red' }, { fen: 1.5 }]) {
    const refused = await warehouse.insert('sightings', [sighting(1, wrong)]).catch((error: unknown) => error)
    expect(refused, JSON.stringify(wrong)).toBeInstanceOf(Error)
    expect(isOutage(refused), JSON.stringify(wrong)).toBe(false)
  }
  const gone = await warehouse.insert('nowhere', [sighting(1)]).catch((error: unknown) => error)
  expect(isOutage(gone)).toBe(true)
  await expect(warehouse.query('select nothing from sightings')).rejects.toThrow('UNKNOWN_IDENTIFIER')
})

test('a long question delays neither a short one nor the pulse', async ({ warehouse }) => {
  let answered = false
  const long = warehouse.query('select sum(sipHash64(number)) as s from numbers(40000000)').then(() => {
    answered = true
  })
  expect(await warehouse.ping()).toBe(true)
  expect(await warehouse.query('select 1 as one')).toEqual([{ one: 1 }])
  expect(answered).toBe(false)
  await long
})

test('a crashed engine is an outage that ends by itself, and loses nothing', async ({ warehouse }) => {
  await warehouse.command(sightings)
  await warehouse.insert('sightings', [sighting(1)])
  const asked = warehouse.query('select sum(sipHash64(number)) as s from numbers(10000000000)')
  await sleep(100)
  await killEngine(warehouse.folder)
  const error = await asked.catch((problem: unknown) => problem)
  expect(isOutage(error)).toBe(true)
  expect(await warehouse.ping()).toBe(false)
  const began = Date.now()
  while (!(await warehouse.ping())) await sleep(50)
  expect(Date.now() - began).toBeLessThan(10_000)
  expect(await warehouse.query('select id from sightings')).toEqual([{ id: 1 }])
})

test('a start waits for its predecessor in the same folder to end', async ({ warehouse }) => {
  const folder = join(warehouse.folder, 'handed-over')
  const predecessor = await openWarehouse({ folder, log: silent })
  await predecessor.command(sightings)
  await predecessor.insert('sightings', [sighting(7)])
  const starting = openWarehouse({ folder, log: silent })
  await sleep(1_500)
  await predecessor.close()
  const successor = await starting
  expect(await successor.query('select id from sightings')).toEqual([{ id: 7 }])
  await successor.close()
})

test('a server that is away is an outage and no reason not to start', async () => {
  const warehouse = await openWarehouse({ folder: '/nowhere', url: 'http://127.0.0.1:9', log: silent })
  expect(await warehouse.ping()).toBe(false)
  const error = await warehouse.query('select 1').catch((problem: unknown) => problem)
  expect(isOutage(error)).toBe(true)
  await warehouse.close()
})
