import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import { channels, openChannel } from '#modules/channels'
import { howManyPersons, personsOf } from '#modules/members'
import { tree } from '#modules/organisation'
import { addRule, ensureStartingRules, verify } from '#modules/points'
import { readConfig } from '#platform/config'
import { systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { readSettings } from '#platform/settings'
import type { TestDatabase } from '#platform/testing'
import { begin, claim } from '../modules/imports/imports.ts'
import { bookingsOf } from './demonstration/bookings.ts'
import { clearDemonstration } from './demonstration/clear.ts'
import { beginDemonstration, fillDemonstration } from './demonstration/fill.ts'
import { groupName, stores, websiteCode } from './demonstration/group.ts'
import { personOf, recordOf, type Sighting, sightings } from './demonstration/people.ts'
import { readState } from './demonstration/state.ts'
import { type OpenHouse, openHouse } from './house.ts'

const log = openLog('silent')
const never = new AbortController().signal
const plan = { seed: 7, day: '2026-11-22', people: 400 }

const test = base.extend<{ house: OpenHouse }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  house: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-demo-'))
    const house = await openHouse(readConfig({ ROUNDTRIP_DATA: join(folder, 'data'), ROUNDTRIP_DEMO: 'off' }), log)
    await use(house)
    await house.close()
    await rm(folder, { recursive: true, force: true })
  },
})

const inTest = (db: TestDatabase) => ({ db, log, reactions: { caughtUp: () => db.reactionsCaughtUp() } as never })
const act = <T>(db: Database, what: Parameters<typeof inTx<T>>[2]) => inTx(db, systemActor, what)

/** Everything that is there, counted. */
async function contents(db: Database) {
  const { rows } = await sql<{ records: number; keys: number; orders: number; events: number; persons: number }>`
    select (select count(*) from members.records) as records, (select count(*) from members.record_keys) as keys,
      (select count(*) from orders.orders) as orders, (select count(*) from platform.events where type like 'order.%' or type like 'record.%' or type like 'member.%') as events,
      (select count(distinct person_id) from members.homes) as persons`.execute(db.kysely)
  return rows[0]!
}

function everybody(of = plan) {
  const { byChannel, households } = sightings(of)
  return [...byChannel.values()].flat().map((seen) => {
    const person = personOf(of, seen.person, households[seen.person]!)
    return { seen, person, raw: recordOf(of, seen, person), bookings: bookingsOf(of, seen) }
  })
}

describe('the invented people', () => {
  test('are the same for the same seed and day, and others for another seed', () => {
    expect(everybody()).toEqual(everybody())
    const names = (seed: number) => {
      const other = { ...plan, seed }
      return sightings(other).households.map((household, number) => personOf(other, number, household).name)
    }
    expect(names(7)).toEqual(names(7))
    expect(names(8)).not.toEqual(names(7))
  })

  test('are known by several channels, share phones in families, and are written down as people write', () => {
    const all = everybody()
    expect(new Set(all.map(({ seen }) => seen.channel)).size).toBeGreaterThan(50)
    const channelsOf = Map.groupBy(all, ({ seen }) => seen.person)
    const several = [...channelsOf.values()].filter((list) => list.length > 1)
    expect(several.length).toBeGreaterThan(plan.people / 6)
    expect(several.some((list) => new Set(list.map(({ raw }) => raw.phone)).size > 1)).toBe(true)
    const namesOfPhone = Map.groupBy(all, ({ person }) => person.phone)
    expect([...namesOfPhone.values()].some((list) => new Set(list.map(({ person }) => person.name)).size > 1)).toBe(
      true,
    )
    const written = all.map(({ raw }) => JSON.stringify(raw)).join('\n')
    for (const way of [/\+86/, /[０-９]{5}/, /\d年\d+月\d+日/, /散客|客人|测试|未知/, /\d \d/, /（VIP）|先生|女士/])
      expect(written).toMatch(way)
  })

  test('order over three years before the day, some paid back, some unpaid', () => {
    const bookings = everybody({ ...plan, people: 1_200 }).flatMap((one) => one.bookings)
    const times = bookings.map(({ orderedAt }) => orderedAt.getTime())
    expect(Math.max(...times)).toBeLessThan(Date.parse('2026-11-22T00:00:00+08:00'))
    expect(Math.min(...times)).toBeGreaterThan(Date.parse('2023-11-20T00:00:00+08:00'))
    expect(new Set(bookings.map(({ status }) => status))).toEqual(new Set(['paid', 'pending', 'cancelled', 'refunded']))
    expect(bookings.filter(({ earns }) => !earns).length).toBeGreaterThan(0)
    for (const { earns, orderedAt } of bookings) expect(earns).toBe(orderedAt >= new Date('2024-11-01T00:00:00+08:00'))
  })
})

describe('filling', () => {
  test('makes the group, its members across channels, their orders and points whose books are in order', async ({
    db,
  }) => {
    await db.act((ctx) => ensureStartingRules(ctx))
    const begun = await beginDemonstration(db, { people: 1_200, seed: 7 })
    expect(begun).toMatchObject({ state: 'filling', batches: 0 })
    const ready = await fillDemonstration(inTest(db), begun!, never)

    const there = await contents(db)
    expect(ready).toMatchObject({
      state: 'ready',
      members: there.persons,
      records: there.records,
      orders: there.orders,
    })
    expect(there.records).toBeGreaterThan(450)
    const { rows: ties } = await sql<{ state: string; ties: number }>`
      select state, count(*)::int as ties from families.ties group by state order by state`.execute(db.kysely)
    expect(ties.map(({ state }) => state)).toEqual(['confirmed', 'proposed'])
    expect(Math.min(...ties.map((one) => one.ties))).toBeGreaterThan(10)
    const { rows: tiers } = await sql<{ tier: string; members: number }>`
      select tier, count(*)::int as members from points.tier_grants group by tier`.execute(db.kysely)
    expect(tiers.length).toBeGreaterThan(2)
    expect(tiers.reduce((sum, { members }) => sum + members, 0)).toBeGreaterThan(15)
    expect(there.persons).toBeLessThan(there.records - 50)
    const { rows: registered } = await sql<{ first: Date; lately: number }>`
      select min(event_at) as first, count(*) filter (where event_at > now() - interval '1 hour') as lately
      from platform.events where type = 'member.registered'`.execute(db.kysely)
    expect(Date.now() - registered[0]!.first.getTime()).toBeGreaterThan(900 * 86_400_000)
    expect(registered[0]!.lately).toBe(0)
    expect(await db.act((ctx) => verify(ctx))).toEqual([])
    const all = [...sightings(begun!).byChannel.values()].flat().flatMap((seen) => bookingsOf(begun!, seen))
    const { rows } = await sql<{ points: number; taken: number; unpaid: number }>`
      select sum(available)::bigint as points, (select count(*) from points.entries where kind = 'take_back') as taken,
        (select count(*) from orders.orders where status = 'pending') as unpaid from points.accounts`.execute(db.kysely)
    expect(rows[0]!.points).toBeGreaterThan(100_000)
    expect(rows[0]!.unpaid).toBe(all.filter(({ status }) => status === 'pending').length)
    // What was paid back lately had earned points before.
    expect(rows[0]!.taken).toBe(all.filter(({ refundedLately }) => refundedLately).length)
    expect(Math.min(rows[0]!.taken, rows[0]!.unpaid)).toBeGreaterThan(0)
    const { companies } = await db.act((ctx) => tree(ctx))
    expect(companies).toHaveLength(14)
    expect(companies.flatMap((company) => company.stores)).toHaveLength(60)
    expect(companies.find(({ code }) => code === 'chengdu')!.stores.map(({ name }) => name)).toContain('成都春熙路店')
    expect((await db.act((ctx) => readSettings(ctx))).name).toBe(groupName)
    // 3 at the head office, a manager for each of 14 companies, 3 for each of 60 stores.
    const { rows: staff } = await sql<{ staff: number; managers: number; serving: number; served: number }>`
      select (select count(*) from access.staff) as staff,
        (select count(*) from access.grants where role = 'store-manager' and scope = 'store') as managers,
        (select count(distinct staff_id) from members.relations where kind = 'served') as serving,
        (select count(*) from members.relations where kind = 'served') as served`.execute(db.kysely)
    expect(staff[0]).toMatchObject({ staff: 197, managers: 60 })
    expect(staff[0]!.served).toBeGreaterThan(120)
    expect(staff[0]!.serving).toBeGreaterThan(80)
    // Nobody has a way in.
    const { rows: links } = await sql`select from access.sign_in_links`.execute(db.kysely)
    expect(links).toHaveLength(0)
  })

  test('joins a person whom a store and the website know by a phone written in two ways', async ({ db }) => {
    const begun = await beginDemonstration(db, { people: 400, seed: 7 })
    await fillDemonstration(inTest(db), begun!, never)
    const { byChannel } = sightings(begun!)
    const all = [...byChannel.values()].flat()
    const storeCodes = new Set(stores.map(({ code }) => code))
    const both = (seen: Sighting) =>
      seen.channel === websiteCode &&
      all.some((other) => other.person === seen.person && storeCodes.has(other.channel) && other.nth === 0)
    expect(all.filter(both).length).toBeGreaterThan(10)
    const { rows } = await sql<{ joined: number; homes: string[] }>`
      select count(*) as joined, array_agg(member_id) as homes from platform.events
      where type = 'record.joined' and payload->>'channel' = ${websiteCode}`.execute(db.kysely)
    expect(rows[0]!.joined).toBeGreaterThan(10)
    const persons = await db.act((ctx) => personsOf(ctx, rows[0]!.homes))
    for (const home of rows[0]!.homes) expect(persons.get(home)).not.toBe(home)
  })

  test('stopped in the middle and begun again, it goes on and doubles nothing', async ({ db }) => {
    const begun = (await beginDemonstration(db, { people: 400, seed: 7 }))!
    let asked = 0
    const stopping = {
      get aborted() {
        return ++asked > 9
      },
      addEventListener: (_: string, told: () => void) => told(),
    } as unknown as AbortSignal
    expect(await fillDemonstration(inTest(db), begun, stopping)).toBeNull()
    const halfway = await contents(db)
    expect(halfway.records).toBeGreaterThan(0)

    const again = (await beginDemonstration(db, { people: 999, seed: 1 }))!
    expect(again).toMatchObject({ people: 400, seed: 7, batches: 9, records: halfway.records, orders: halfway.orders })
    await fillDemonstration(inTest(db), again, never)
    const all = [...sightings(begun).byChannel.values()].flat()
    const there = await contents(db)
    expect(there.records).toBe(all.length)
    expect(there.orders).toBe(all.reduce((sum, seen) => sum + bookingsOf(begun, seen).length, 0))
    expect(await db.act((ctx) => readState(ctx))).toMatchObject({ records: there.records, orders: there.orders })
    expect(await db.act((ctx) => verify(ctx))).toEqual([])
    expect(await beginDemonstration(db)).toBeNull()
  })

  test('leaves a program alone in which somebody has begun', async ({ db }) => {
    await db.act((ctx) => openChannel(ctx, { code: 'mine', kind: 'store' }))
    expect(await beginDemonstration(db)).toBeNull()
    expect((await db.act((ctx) => channels(ctx))).map(({ code }) => code)).toEqual(['mine'])
  })
})

test('clearing leaves an empty program with what is the own, and refuses where data of others stands', {
  timeout: 120_000,
}, async ({ house }) => {
  const { db } = house
  const clear = (everything = false) => clearDemonstration(house, systemActor, { everything })
  await expect(clear()).rejects.toMatchObject({ code: 'demonstration.none' })
  const begun = (await beginDemonstration(db, { people: 150, seed: 7 }))!
  await fillDemonstration(house, begun, never)
  const full = await contents(db)
  const nothingGone = async () => expect(await contents(db)).toEqual(full)

  // An import of one's own.
  const importId = newId()
  await act(db, async (ctx) => {
    await begin(ctx, {
      id: importId,
      fileName: 'a.csv',
      channel: 'mine',
      create: 'store',
      as: 'members',
      origin: 'import',
    })
  })
  await expect(clear()).rejects.toMatchObject({ code: 'demonstration.imports', params: { imports: 1 } })
  await expect(clear(true)).rejects.toMatchObject({ code: 'demonstration.imports' })
  await nothingGone()
  await act(db, (ctx) => claim(ctx, importId, ['uploading'], 'cancelled'))

  // Somebody who registered: here a record of the demonstration that no longer is its word alone.
  const { rows } = await sql<{ id: string }>`
    update members.records set import_id = null where member_id = (select min(member_id::text)::uuid from members.records) returning member_id as id`.execute(
    db.kysely,
  )
  expect(rows).toHaveLength(1)
  await expect(clear()).rejects.toMatchObject({ code: 'demonstration.added', params: { records: 1, orders: 0 } })
  await nothingGone()

  await act(db, (ctx) =>
    addRule(ctx, {
      code: 'own',
      definition: {
        name: 'Own',
        group: 'purchases',
        event: 'order.paid',
        when: [],
        gives: { by: 'amount', points: 1, perMinor: 1000 },
        expires: { mode: 'never' },
        availableAfterDays: 0,
        priority: 50,
        active: true,
      },
    }),
  )
  const inWarehouse = async () =>
    (await house.warehouse.query<{ n: number }>('select toUInt32(count()) as n from events'))[0]!.n
  await house.reactions.caughtUp()
  expect(await inWarehouse()).toBeGreaterThan(0)
  await clear(true)

  expect(await contents(db)).toEqual({ records: 0, keys: 0, orders: 0, events: 0, persons: 0 })
  expect(await inWarehouse()).toBe(0)
  const left = await act(db, async (ctx) => ({
    persons: (await howManyPersons(ctx)).persons,
    channels: (await channels(ctx)).map(({ code }) => code),
    tree: await tree(ctx),
    name: (await readSettings(ctx)).name,
    broken: await verify(ctx),
  }))
  expect(left).toEqual({
    persons: 0,
    channels: ['mine'],
    tree: { companies: [], storesWithoutCompany: [{ code: 'mine', name: 'mine' }] },
    name: 'Roundtrip',
    broken: [],
  })
  const { rows: staff } = await sql`select from access.staff union all select from access.grants`.execute(db.kysely)
  expect(staff).toHaveLength(0)
  const { rows: rules } = await sql<{ code: string }>`select code from points.rules order by code`.execute(db.kysely)
  expect(rules.map(({ code }) => code)).toEqual(['own', 'paid-orders'])
  await expect(clear()).rejects.toMatchObject({ code: 'demonstration.none' })
  expect(await beginDemonstration(db)).toBeNull()
})
