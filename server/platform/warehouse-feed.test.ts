import { fork } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Ctx } from '#platform/ctx'
import type { Database } from '#platform/db'
import type { House } from '#platform/house'
import { openReactions, type Reactions } from '#platform/reactions'
import type { TestDatabase } from '#platform/testing'
import { openWarehouse, type Warehouse } from '#platform/warehouse'
import { type Guests, guests, haveGuests } from '#platform/warehouse/guests.testing'
import { killEngine, silent, test } from '#platform/warehouse/testing'
import { prepareWarehouse, rebuildWarehouse, warehouseReaction, warehouseRebuildJob } from '#platform/warehouse-feed'

const stopping = new AbortController().signal

function feedOf(db: Database, warehouse: Warehouse, facts = guests.facts): Reactions {
  return openReactions(db, [warehouseReaction({ warehouse, facts })])
}

/** What the warehouse has. Ids sort by their text here, because ClickHouse compares the second half of a UUID first. */
async function contents(warehouse: Warehouse) {
  return {
    events: await warehouse.query('select * from events order by generation, xid, toString(id)'),
    facts: await warehouse.query('select * except (version) from facts order by toString(member_id)'),
    persons: await warehouse.query('select * from persons order by toString(person_id)'),
  }
}
type Contents = Awaited<ReturnType<typeof contents>>

/** The same of PostgreSQL, counted there. */
async function truth(db: TestDatabase) {
  return db.act(async (ctx) => {
    const { rows: events } = await sql<{ id: string; type: string; payload: object }>`
      select id, type, payload from platform.events order by generation, xid, id`.execute(ctx.tx)
    const { rows: persons } = await sql<{ person_id: string; homes: number; guests_stays: number }>`
      select person_id, count(*) as homes, sum(stays) as guests_stays from public.guests group by person_id order by person_id`.execute(
      ctx.tx,
    )
    return { events, persons }
  })
}

function expectTruth({ events, persons }: Awaited<ReturnType<typeof truth>>, found: Contents) {
  expect(
    found.events.map((event) => {
      const { id, type, payload } = event as { id: string; type: string; payload: string }
      return { id, type, payload: JSON.parse(payload) }
    }),
  ).toEqual(events)
  expect(
    found.persons.map((person) => {
      const { person_id, homes, guests_stays } = person as (typeof persons)[number]
      return { person_id, homes, guests_stays }
    }),
  ).toEqual(persons)
}

/** Random but repeated by nobody: what must hold, holds for any. */
async function randomAct(ctx: Ctx, { comes, stays, joins, parts, leaves }: Guests) {
  const { rows } = await sql<{
    member_id: string
  }>`select member_id from public.guests order by random() limit 2`.execute(ctx.tx)
  const [one, other] = rows.map((row) => row.member_id)
  const lot = randomInt(10)
  if (!one || !other || lot < 3) await comes(ctx, randomUUID(), ['上海', '杭州', ''][randomInt(3)]!)
  else if (lot < 7) await stays(ctx, one, 100 * randomInt(1, 50), ['sea', 'snow', 'tea'][randomInt(3)]!)
  else if (lot < 8) await joins(ctx, one, other)
  else if (lot < 9) await parts(ctx, one)
  else await leaves(ctx, one)
}

test('events as they are, facts of the homes that they touch, persons of their homes', async ({ db, warehouse }) => {
  await haveGuests(db)
  const feed = feedOf(db, warehouse)
  const [shop, hotel] = ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002']
  await db.act((ctx) => guests.comes(ctx, shop, '上海'))
  await db.act((ctx) => guests.comes(ctx, hotel, '杭州'))
  await db.act((ctx) => guests.stays(ctx, shop, 100_00, 'tea'))
  await db.act((ctx) => guests.stays(ctx, hotel, 250_00, 'sea'))
  await feed.caughtUp()
  expect(await warehouse.query('select type, member_id, origin, payload from events order by xid limit 3')).toEqual([
    { type: 'guest.came', member_id: shop, origin: 'live', payload: '{}' },
    { type: 'guest.came', member_id: hotel, origin: 'live', payload: '{}' },
    { type: 'guest.stayed', member_id: shop, origin: 'live', payload: '{"fen":10000}' },
  ])
  expect(await warehouse.query('select person_id, homes, guests_fen as fen from persons order by fen')).toEqual([
    { person_id: shop, homes: 1, fen: 100_00 },
    { person_id: hotel, homes: 1, fen: 250_00 },
  ])

  await db.act((ctx) => guests.joins(ctx, shop, hotel))
  await feed.caughtUp()
  expect(await warehouse.query('select * from persons')).toEqual([
    {
      person_id: shop,
      homes: 2,
      guests_stays: 2,
      guests_fen: 350_00,
      guests_city: '上海',
      guests_first_at: expect.any(String),
      guests_wishes: ['sea', 'tea'],
      // Of the person, and kept at the home that names it: the hotel's guest came later but counts for the shop's too.
      guests_regular: true,
    },
  ])
  expect(await warehouse.query('select * from homes order by toString(member_id)')).toEqual([
    { member_id: shop, person_id: shop },
    { member_id: hotel, person_id: shop },
  ])

  await db.act((ctx) => guests.leaves(ctx, hotel))
  await feed.caughtUp()
  expect(await warehouse.query('select homes, guests_fen as fen, guests_regular as regular from persons')).toEqual([
    { homes: 1, fen: 100_00, regular: false },
  ])
})

test('before anything has happened there is nobody to count', async ({ warehouse }) => {
  await prepareWarehouse({ warehouse, log: silent }, guests.facts)
  expect(await warehouse.query('select count() as people from persons')).toEqual([{ people: 0 }])
})

test('built again, the warehouse has the same rows', async ({ db, warehouse }) => {
  await haveGuests(db)
  const feed = feedOf(db, warehouse)
  for (let act = 0; act < 300; act++) {
    await db.act((ctx) => randomAct(ctx, guests))
    if (act % 60 === 0) await feed.caughtUp()
  }
  await feed.caughtUp()
  const fed = await contents(warehouse)
  expectTruth(await truth(db), fed)

  const counts = await rebuildWarehouse({ db, warehouse, stopping }, guests.facts)
  expect(counts.events).toBe(fed.events.length)
  expect(await contents(warehouse)).toEqual(fed)
  // And it is fed on from where it was.
  await db.act((ctx) => guests.comes(ctx, randomUUID(), '苏州'))
  await feed.caughtUp()
  expectTruth(await truth(db), await contents(warehouse))
  expect(await warehouse.query("select name from system.tables where name like '%_building'")).toEqual([])
})

test('whatever happens between the steps of a rebuild, it loses nothing and doubles nothing', async ({
  db,
  warehouse,
}) => {
  await haveGuests(db)
  const feed = feedOf(db, warehouse)
  for (let n = 0; n < 20; n++) await db.act((ctx) => guests.comes(ctx, randomUUID(), '上海'))
  await feed.caughtUp()
  // Whenever the rebuild has written something, people act and the feed reads on, as far as it may.
  let steps = 0
  const meddled: Warehouse = {
    ...warehouse,
    async insert(table, rows, token) {
      await warehouse.insert(table, rows, token)
      steps++
      for (let act = 0; act < 5; act++) await db.act((ctx) => randomAct(ctx, guests))
      await feed.step('warehouse')
    },
  }
  await rebuildWarehouse({ db, warehouse: meddled, stopping }, guests.facts)
  expect(steps).toBeGreaterThanOrEqual(4) // homes, log, facts of later events, the rest while the feed rested
  await feed.caughtUp()
  const fed = await contents(warehouse)
  expectTruth(await truth(db), fed)
  await rebuildWarehouse({ db, warehouse, stopping }, guests.facts)
  expect((await contents(warehouse)).facts).toEqual(fed.facts)
})

test('people, feed and rebuilds at the same time', async ({ db, warehouse }) => {
  await haveGuests(db)
  for (let n = 0; n < 50; n++) await db.act((ctx) => guests.comes(ctx, randomUUID(), '上海'))
  const feed = feedOf(db, warehouse)
  feed.start()
  let acting = true
  const people = [1, 2, 3].map(async () => {
    // Of two who meet, one may find nobody.
    while (acting) await Promise.allSettled([db.act((ctx) => randomAct(ctx, guests))])
  })
  for (let round = 0; round < 3; round++) {
    await sleep(300)
    await rebuildWarehouse({ db, warehouse, stopping }, guests.facts)
  }
  await sleep(300)
  acting = false
  await Promise.all(people)
  await feed.caughtUp()
  await feed.stop()
  const fed = await contents(warehouse)
  expectTruth(await truth(db), fed)
  await rebuildWarehouse({ db, warehouse, stopping }, guests.facts)
  expect((await contents(warehouse)).facts).toEqual(fed.facts)
})

test('written but not remembered, a batch is written again and counts once', async ({ db, warehouse }) => {
  await haveGuests(db)
  const reaction = warehouseReaction({ warehouse, facts: guests.facts })
  const forgetful = openReactions(db, [
    {
      ...reaction,
      async run(ctx, events) {
        await reaction.run(ctx, events)
        throw Object.assign(new Error('the connection broke before the commit'), { code: '08006' })
      },
    },
  ])
  const home = randomUUID()
  await db.act((ctx) => guests.comes(ctx, home, '上海'))
  await db.act((ctx) => guests.stays(ctx, home, 100_00, 'tea'))
  await expect(forgetful.step('warehouse')).rejects.toThrow('before the commit')
  await warehouse.command('system stop merges') // they would hide what is written twice
  await db.act((ctx) => guests.stays(ctx, home, 200_00, 'sea'))
  await expect(forgetful.step('warehouse')).rejects.toThrow('before the commit')
  await feedOf(db, warehouse).caughtUp()
  expect(await warehouse.query('select count() as written from events settings final = 0')).not.toEqual([
    { written: 3 },
  ])
  expectTruth(await truth(db), await contents(warehouse))
  expect(await warehouse.query('select guests_fen as fen from persons')).toEqual([{ fen: 300_00 }])
})

test('an earlier reading that arrives late does not win', async ({ db, warehouse }) => {
  await haveGuests(db)
  const feed = feedOf(db, warehouse)
  const home = randomUUID()
  await db.act((ctx) => guests.comes(ctx, home, '上海'))
  await feed.caughtUp()
  const [early] = await warehouse.query<{ version: number; guests_stays: number }>('select * from facts')
  await db.act((ctx) => guests.stays(ctx, home, 100_00, 'tea'))
  await feed.caughtUp()
  await warehouse.insert('facts', [early!])
  const [now] = await warehouse.query<{ version: number; guests_stays: number }>('select * from facts')
  expect(now!.guests_stays).toBe(1)
  expect(now!.version).toBeGreaterThan(early!.version)
})

test('a second rebuild at the same time is refused', async ({ db, warehouse }) => {
  await haveGuests(db)
  const house = { db, warehouse, stopping }
  const first = rebuildWarehouse(house, guests.facts)
  await expect(rebuildWarehouse(house, guests.facts)).rejects.toMatchObject({ code: 'warehouse.rebuilding' })
  expect(await first).toEqual({ events: 0, homes: 0 })
})

test('a warehouse that is away stops nothing but its feed', async ({ db, warehouse }) => {
  await haveGuests(db)
  const feed = feedOf(db, warehouse)
  feed.start()
  await db.act((ctx) => guests.comes(ctx, randomUUID(), '上海'))
  await feed.caughtUp()
  for (let n = 0; n < 20; n++) await db.act((ctx) => guests.comes(ctx, randomUUID(), '杭州'))
  // It comes back faster than the feed would notice, so it falls again and again.
  while ((await feed.states())[0]!.lastError === null) {
    await Promise.allSettled([killEngine(warehouse.folder)])
    await sleep(50)
  }
  expect((await feed.states())[0]!.lastError).toContain('The warehouse is away')
  await feed.caughtUp()
  expect(await warehouse.query('select count() as homes from facts')).toEqual([{ homes: 21 }])
  expect((await feed.states())[0]).toMatchObject({ parked: 0, lastError: null })
  await feed.stop()
})

test('facts that can not be written park their event, and the others go on', async ({ db, warehouse }) => {
  await haveGuests(db)
  const feed = feedOf(db, warehouse)
  const homes = Array.from({ length: 9 }, () => randomUUID())
  for (const home of homes) await db.act((ctx) => guests.comes(ctx, home, '上海'))
  await sql`update public.guests set first_at = 'infinity' where member_id = ${homes[4]}`.execute(db.kysely)
  await feed.caughtUp()
  expect((await feed.states())[0]!.parked).toBe(1)
  expect(await warehouse.query('select count() as homes from facts')).toEqual([{ homes: 8 }])
  await sql`update public.guests set first_at = now() where member_id = ${homes[4]}`.execute(db.kysely)
  expect(await feed.runParked('warehouse')).toBe(0)
  expect(await warehouse.query('select count() as homes from facts')).toEqual([{ homes: 9 }])
})

test('an emptied warehouse, and one with new columns, ask to be built again', async ({ db, warehouse }) => {
  await haveGuests(db)
  const job = warehouseRebuildJob(guests.facts)
  const asked = async () => {
    const { rows } = await sql<{ asked: number }>`
      select count(*) as asked from graphile_worker.jobs where task_identifier = ${job.name}`.execute(db.kysely)
    return rows[0]!.asked
  }
  const house = { db, warehouse, stopping } as unknown as House
  const home = randomUUID()
  const [before] = guests.withoutRegulars
  // A new house: the feed sees everything from the first event on.
  let feed = feedOf(db, warehouse, [before!])
  await db.act((ctx) => guests.comes(ctx, home, '上海'))
  await db.act((ctx) => guests.stays(ctx, home, 100_00, 'tea'))
  await db.act((ctx) => guests.stays(ctx, home, 100_00, 'tea'))
  await feed.caughtUp()
  expect(await asked()).toBe(0)

  // The next version of the program has a column more, and somebody else touches the feed first.
  feed = feedOf(db, warehouse)
  await db.act((ctx) => guests.comes(ctx, randomUUID(), '上海'))
  await feed.caughtUp()
  const regulars = 'select count() as regulars from persons where guests_regular'
  expect(await warehouse.query(regulars)).toEqual([{ regulars: 0 }])
  expect(await asked()).toBe(1)
  await job.run(house, {})
  expect(await warehouse.query(regulars)).toEqual([{ regulars: 1 }])

  await warehouse.command('drop table events sync')
  await warehouse.command('drop table facts sync')
  await db.act((ctx) => guests.comes(ctx, randomUUID(), '上海'))
  await expect(feed.caughtUp()).rejects.toThrow('The warehouse is away') // its tables, as it knew them
  await feed.caughtUp()
  await job.run(house, {})
  expectTruth(await truth(db), await contents(warehouse))
})

test('killed in the middle of writing, again and again, the program goes on with whole rows', async ({ db }) => {
  await haveGuests(db)
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-warehouse-'))
  for (let life = 0; life < 4; life++) {
    const program = fork(join(import.meta.dirname, 'warehouse/feeding.testing.ts'), [db.url, folder], { execArgv: [] })
    await new Promise<void>((resolve, reject) => {
      program.once('message', () => resolve())
      program.once('exit', () => reject(new Error('it ended by itself')))
    })
    await sleep(300 + randomInt(1_200))
    const ended = once(program, 'exit')
    program.kill('SIGKILL')
    await ended
  }
  const warehouse = await openWarehouse({ folder, log: silent })
  const feed = feedOf(db, warehouse)
  await feed.caughtUp()
  const fed = await contents(warehouse)
  expect(fed.events.length).toBeGreaterThan(1_000)
  expectTruth(await truth(db), fed)
  await rebuildWarehouse({ db, warehouse, stopping }, guests.facts)
  expect((await contents(warehouse)).facts).toEqual(fed.facts)
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})
