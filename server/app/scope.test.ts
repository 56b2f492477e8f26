/**
 * Everyone sees exactly what they may. One test walks every route as staff of another store, as a member, as nobody and
 * as a key that may too little, with the ids of what they may not see; a new route is walked by itself. The others tell
 * what a store sees of a member whom it shares with another.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { describe } from 'vitest'
import { z } from 'zod'
import { test as base, expect, type Given } from '#app/testing'
import { propose } from '#modules/families'
import { noteMatchReviews } from '#modules/members'
import { adjust, ensureStartingRules } from '#modules/points'
import type { House } from '#platform/house'
import type { Served } from '#platform/http'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import type { TestDatabase } from '#platform/testing'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { permissions } from '../modules/access/contract.ts'
import { putRole } from '../modules/access/roles.ts'
import { openSession, own } from '../modules/centre/accounts.ts'
import { facts, modules } from './modules.ts'
import { buildServer, served } from './server.ts'

interface Caller {
  headers?: Record<string, string>
  cookies?: Record<string, string>
}
// biome-ignore lint/suspicious/noExplicitAny: replies of every route, looked into as the story needs
type Reply = any
type Ask = (
  caller: Caller,
  method: string,
  path: string,
  input?: Record<string, unknown>,
) => Promise<{ status: number; text: string; json: () => Reply }>

const test = base.extend<{ server: FastifyInstance; ask: Ask }>({
  server: async ({ db }, use) => {
    const warehouse = await openTestWarehouse()
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-scope-'))
    await prepareWarehouse({ warehouse, log: openLog('silent') }, facts)
    const reactions = db.useReactions([
      ...modules.flatMap((module) => module.reactions ?? []),
      warehouseReaction({ warehouse, facts }),
    ])
    const house = {
      db,
      folder,
      warehouse,
      reactions,
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      sandbox: true,
      stopping: new AbortController().signal,
    } as unknown as House
    const server = await buildServer(house, { via: 'port' })
    await use(server)
    await server.close()
    await warehouse.close()
    await rm(folder, { recursive: true })
  },
  ask: async ({ server }, use) => {
    await use(async (caller, method, path, input = {}) => {
      const rest = { ...input }
      const url = `/api${path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
        const value = String(rest[name])
        delete rest[name]
        return encodeURIComponent(value)
      })}`
      const withBody = method !== 'GET' && method !== 'DELETE'
      const { statusCode, body, json } = await server.inject({
        method: method as 'GET',
        url,
        ...(withBody
          ? { payload: rest }
          : {
              query: Object.fromEntries(
                Object.entries(rest)
                  .filter(([, value]) => value !== undefined)
                  .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
              ),
            }),
        headers: { ...caller.headers },
        cookies: { ...caller.cookies },
      })
      return { status: statusCode, text: body, json }
    })
  },
})

const withKey = ({ key }: { key: string }): Caller => ({ headers: { authorization: `Bearer ${key}` } })

async function signedIn(server: FastifyInstance, token: string): Promise<Caller> {
  const reply = await server.inject({ method: 'POST', url: '/api/sessions', payload: { token } })
  return { cookies: Object.fromEntries(reply.cookies.map(({ name, value }) => [name, value])) }
}

/** Every permission there is, over one store. */
async function everythingIn(db: TestDatabase, given: Given, store: string): Promise<{ id: string; token: string }> {
  await db.act((ctx) => putRole(ctx, { code: 'everything', name: '全部', permissions: Object.keys(permissions) }))
  return given.staff('everything', { kind: 'store', code: store }, '李乙')
}

/** What store A has: a member with an order, points and an import, and somebody who works there. */
async function storeA(db: TestDatabase, given: Given, ask: Ask) {
  await db.act(ensureStartingRules)
  const channel = await given.channel('store-a')
  await given.channel('store-b')
  const member = await given.record(
    { externalId: 'A-77', name: '诸葛隐娘', phone: '13912340077', email: 'yinniang@example.com', city: '成都' },
    { of: channel },
  )
  const second = await given.record({ externalId: 'A-78', name: '欧阳无双', phone: '13912340078' }, { of: channel })
  const order = await given.order({ member, paidFen: 123_400, number: 'ORDER-OF-A', of: channel })
  await db.act((ctx) =>
    adjust(ctx, { memberId: member.id, id: newId(), points: 77, reason: '甲店的理由', expires: { mode: 'never' } }),
  )
  const staff = await given.staff('store-manager', { kind: 'store', code: 'store-a' }, '张甲店长')
  const administrator = withKey(await given.key())
  const importId = newId()
  const begun = await ask(administrator, 'POST', '/imports', {
    id: importId,
    fileName: '甲店名单.csv',
    channel: 'store-a',
    as: 'members',
  })
  expect(begun.status).toBe(200)
  await db.act((ctx) => propose(ctx, [{ a: member.id, b: second.id, address: true }]))
  const exportId = newId()
  const exported = { id: exportId, kind: 'members', reason: '甲店的导出' }
  expect((await ask(administrator, 'POST', '/exports', exported)).status).toBe(200)
  await db.act((ctx) => noteMatchReviews(ctx, [{ a: member.id, b: second.id, score: 4, parts: 'given.exact 4' }]))
  await db.reactionsCaughtUp()
  return {
    administrator,
    ids: {
      memberId: member.id,
      otherId: second.id,
      memberIds: [member.id],
      a: [member.id, second.id].sort()[0],
      b: [member.id, second.id].sort()[1],
      recordId: member.id,
      orderId: order.id,
      importId,
      exportId,
      staffId: staff.id,
      grantId: staff.id,
      successorId: staff.id,
      store: 'store-a',
      channel: 'store-a',
      code: 'store-a',
      search: '诸葛',
    } as Record<string, unknown>,
    /** What no reply to somebody else may hold. */
    secrets: [
      '诸葛隐娘',
      '欧阳无双',
      '•••• 0077',
      '12340077',
      'yinniang',
      'ORDER-OF-A',
      '甲店的理由',
      '张甲店长',
      '甲店名单',
      '甲店的导出',
      member.id,
      second.id,
      order.id,
      importId,
      exportId,
      staff.id,
      'store-a',
    ],
  }
}

/** Something that the schema of an input takes, with known ids where it asks for ids. */
function sampleOf(
  schema: Reply,
  known: Record<string, unknown>,
  { name = '', optional }: { name?: string; optional: boolean },
): unknown {
  if (name in known) return known[name]
  const { type, format, anyOf, oneOf, allOf, properties = {}, required = [], items, ...rest } = schema
  if ('const' in rest) return rest.const
  if (rest.enum) return rest.enum[0]
  const [choice] = anyOf ?? oneOf ?? allOf ?? []
  if (choice) return sampleOf(choice, known, { name, optional })
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([key]) => required.includes(key) || (optional && key in known))
        .map(([key, inner]) => [key, sampleOf(inner, known, { name: key, optional })]),
    )
  if (type === 'array')
    return Array.from({ length: rest.minItems ?? 1 }, () => sampleOf(items ?? {}, known, { name, optional }))
  if (type === 'integer' || type === 'number') return Math.max(rest.minimum ?? 1, 1)
  if (type === 'boolean') return true
  if (format === 'uuid') return newId()
  if (format === 'date-time') return '2026-11-22T00:00:00.000Z'
  if (format === 'date') return '2026-11-22'
  return 'x'.repeat(Math.max(rest.minLength ?? 1, 4)).slice(0, rest.maxLength ?? 40)
}

/** Inputs that a schema alone doesn't tell how to fill in. */
const inputs: Record<string, Record<string, unknown>> = {
  'POST /records': { record: { name: '某人', phone: '13912340077' } },
  'PUT /organisation/tree': { rows: [{ kind: 'company', code: 'c-x', name: '某公司' }] },
  'PUT /roles/:code': { code: 'own', name: '自定', permissions: ['members.read'] },
  'DELETE /roles/:code': { code: 'own' },
  'POST /centre/codes': { phone: '13912340077' },
  'POST /centre/sessions': { phone: '13912340077', code: '000000' },
  'POST /centre/erasures': { code: '000000' },
  'POST /members/:memberId/consents': { topic: 'sms.marketing', given: true, textVersion: 1, language: 'zh-CN' },
  'PUT /centre/consents': { topic: 'sms.marketing', given: true, textVersion: 1, language: 'zh-CN' },
  'GET /dictionary/:field/spellings': { field: 'city' },
  'PUT /dictionary/:field': {
    field: 'source',
    names: { 'zh-CN': '来源', en: null, ru: null },
    kind: 'choice',
    closed: false,
    values: [],
    blanks: [],
  },
  'DELETE /dictionary/:field': { field: 'source' },
  'POST /dictionary/:field/spellings': { field: 'source', spellings: ['网上'], value: 'website' },
  'POST /dictionary/:field/applications': { field: 'city' },
  'PUT /members/:memberId/records/:recordId/values/:field': { field: 'city', value: '成都' },
  'POST /quality/mendings': { kind: 'set', field: 'city', value: '成都' },
  'PUT /staff/:staffId': { login: 'somebody', name: '某人', role: 'store-staff', place: { kind: 'group' } },
}

/** `optional`: with all that may be asked beside what must be. */
function inputOf({ route }: Served, ids: Record<string, unknown>, optional: boolean): Record<string, unknown> {
  const known = { ...ids, ...inputs[`${route.method} ${route.path}`] }
  const sample = sampleOf(z.toJSONSchema(route.input, { io: 'input', unrepresentable: 'any' }), known, { optional })
  return { ...(sample as object), ...inputs[`${route.method} ${route.path}`] }
}

/** What an act upon one's own account changes of oneself. */
const ofOneself: Record<string, readonly string[]> = {
  'PUT /session/account': ['access.staff'],
  'POST /session/second-factor': ['access.second_factors'],
  'DELETE /session/second-factor': ['access.second_factors'],
  'DELETE /sessions': ['access.sign_in_links'],
  'POST /exports': ['exports.exports'],
}

/** All rows of all tables but those that note the asking itself, and views, which everybody keeps for themselves. */
async function everyRow(db: TestDatabase): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select schemaname || '.' || tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema', 'graphile_worker', 'public')
      and schemaname || '.' || tablename not in ('access.sessions', 'access.tries', 'access.api_keys', 'platform.cursors', 'platform.audit_entries', 'platform.idempotency', 'desk.views')
      and schemaname not in ('centre', 'audit') order by 1`.execute(db.kysely)
  const hashes: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await sql<{ hash: string | null }>`
      select md5(string_agg(t::text, '|' order by t::text)) as hash from ${sql.table(name)} as t`.execute(db.kysely)
    hashes[name] = rows[0]!.hash ?? ''
  }
  return hashes
}

// Every route of the program, several times over: the more it can, the longer this takes.
describe('who may not see or change what store A has', { timeout: 300_000 }, () => {
  test('as staff of store B with every permission', async ({ db, given, server, ask }) => {
    const { ids, secrets } = await storeA(db, given, ask)
    const caller = await signedIn(server, (await everythingIn(db, given, 'store-b')).token)
    await walk({ db, ask, caller, ids, secrets })
  })

  test('as a member of the group', async ({ db, given, ask }) => {
    const { ids, secrets } = await storeA(db, given, ask)
    const stranger = await given.member({ name: '过路人' })
    const session = await db.act((ctx) => openSession(ctx, stranger.id))
    await walk({ db, ask, caller: { cookies: { roundtrip_member: session } }, ids, secrets })
  })

  // Every route is walked twice.
  test('as nobody, and as a key that may too little', { timeout: 180_000 }, async ({ db, given, ask }) => {
    const { ids, secrets } = await storeA(db, given, ask)
    await walk({ db, ask, caller: {}, ids, secrets })
    await db.act((ctx) => putRole(ctx, { code: 'nothing', name: '无', permissions: [] }))
    await walk({ db, ask, caller: withKey(await given.key('nothing')), ids, secrets })
  })
})

async function walk({
  db,
  ask,
  caller,
  ids,
  secrets,
}: {
  db: TestDatabase
  ask: Ask
  caller: Caller
  ids: Record<string, unknown>
  secrets: readonly string[]
}) {
  let before = await everyRow(db)
  for (const one of served) {
    const { route, needs } = one
    const name = `${route.method} ${route.path}`
    // These end the caller's own way in; what they do is told elsewhere.
    if (['DELETE /session', 'DELETE /centre/session'].includes(name)) continue
    for (const optional of [true, false]) {
      const input = inputOf(one, ids, optional)
      const { status, text } = await ask(caller, route.method, route.path, input)
      // Refused for its form it was not asked at all: `inputs` above has to say how to fill it in.
      if (status === 400 && route.body === 'json' && text.includes('request.invalid'))
        throw new Error(`${name}: ${text}`)
      expect([name, status < 500 || text], name).toEqual([name, true])
      // A refusal may say again what it was asked for; nothing else may be in a reply.
      const asked = JSON.stringify(input)
      const shown = secrets.filter((secret) => text.includes(secret) && !(status >= 400 && asked.includes(secret)))
      expect([name, status, shown]).toEqual([name, status, []])
    }
    // What members do in the centre they do with what is their own.
    if (route.method === 'GET' || needs === 'anyone' || needs === own) {
      before = await everyRow(db)
      continue
    }
    const after = await everyRow(db)
    const changed = Object.keys(after).filter(
      (table) => after[table] !== before[table] && !ofOneself[name]?.includes(table),
    )
    expect([name, changed]).toEqual([name, []])
    before = after
  }
}

describe('a member whom two stores know', () => {
  /** The same phone came by both: one member, two records, an order at each. */
  async function shared(db: TestDatabase, given: Given, ask: Ask) {
    await db.act(ensureStartingRules)
    const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
    const one = await given.record(
      { externalId: 'A-1', name: '诸葛隐娘', phone: '13912340077', note: '甲店的话' },
      { of: a },
    )
    const two = await given.record(
      { externalId: 'B-1', name: '诸葛隐娘', phone: '13912340077', city: '济南' },
      { of: b },
    )
    expect(two.person).toBe(one.person)
    await given.order({ member: one, paidFen: 100_000, number: 'ORDER-OF-A', of: a })
    await given.order({ member: two, paidFen: 5_000, number: 'ORDER-OF-B', of: b })
    await db.reactionsCaughtUp()
    const atB = withKey(await given.key('store-manager', { kind: 'store', code: 'store-b' }))
    return { person: one.person, one, two, atB, ask }
  }

  test('shows each store its own record and orders, and the card and points of the group', async ({
    db,
    given,
    ask,
  }) => {
    const { person, two, atB } = await shared(db, given, ask)
    const { status, text, json } = await ask(atB, 'GET', '/members/:memberId', { memberId: person })
    expect(status).toBe(200)
    const page = json()
    expect(page.person.records.map(({ id }: { id: string }) => id)).toEqual([two.id])
    expect(page.person.elsewhere).toBe(1)
    expect(page.orders).toMatchObject({ count: 1, spentMinor: 5_000 })
    // 1,000 points from store A and 50 from its own.
    expect(page.points.available).toBe(1_050)
    for (const secret of ['甲店的话', 'ORDER-OF-A', 'store-a']) expect(text).not.toContain(secret)
  })

  test('says of points from elsewhere how many, not what for', async ({ db, given, ask }) => {
    const { person, atB } = await shared(db, given, ask)
    const { text, json } = await ask(atB, 'GET', '/members/:memberId/points-entries', { memberId: person })
    const entries = json().entries as { points: number; source: string; lines: unknown[] }[]
    expect(entries.map(({ points }) => points).sort((x, y) => x - y)).toEqual([50, 1_000])
    expect(entries.find(({ points }) => points === 1_000)).toMatchObject({ source: 'elsewhere', lines: [] })
    expect(text).not.toContain('store-a')
  })

  test('is counted and found once in the list of each, with what that store knows', async ({ db, given, ask }) => {
    const { atB } = await shared(db, given, ask)
    await given.record(
      { externalId: 'A-9', name: '诸葛不在', phone: '13912340079' },
      { of: await given.channel('store-a') },
    )
    const list = (await ask(atB, 'GET', '/members')).json()
    expect(list.total).toEqual({ persons: 1, counted: true })
    expect(list.members).toHaveLength(1)
    expect(list.members[0]).toMatchObject({
      channels: ['store-b'],
      records: 1,
      orders: 1,
      spentMinor: 5_000,
      points: 1_050,
    })
    expect((await ask(atB, 'GET', '/members', { search: '诸葛' })).json().members).toHaveLength(1)
    expect((await ask(atB, 'GET', '/members', { search: '13912340079' })).json().members).toEqual([])
    expect((await ask(atB, 'GET', '/members', { channel: 'store-a' })).status).toBe(404)
  })

  test('a company sees what its stores see, and follows a store that moves', async ({ db, given, ask }) => {
    const { person, atB: _atB } = await shared(db, given, ask)
    const administrator = withKey(await given.key())
    const told = (company: string) =>
      ask(administrator, 'PUT', '/organisation/tree', {
        rows: [
          { kind: 'company', code: 'east', name: '东部公司' },
          { kind: 'company', code: 'west', name: '西部公司' },
          { kind: 'store', code: 'store-a', name: '甲店', city: '成都', company },
        ],
      })
    expect((await told('west')).status).toBe(200)
    const west = withKey(await given.key('company-manager', { kind: 'company', code: 'west' }))
    expect((await ask(west, 'GET', '/members/:memberId', { memberId: person })).json().orders.count).toBe(1)
    await told('east')
    expect((await ask(west, 'GET', '/members/:memberId', { memberId: person })).status).toBe(404)
  })

  test('a store that is made the home store sees what whoever made it so sees', async ({ db, given, ask }) => {
    await given.channel('store-c')
    const { person } = await shared(db, given, ask)
    const atC = withKey(await given.key('store-staff', { kind: 'store', code: 'store-c' }))
    expect((await ask(atC, 'GET', '/members/:memberId', { memberId: person })).status).toBe(404)
    const administrator = withKey(await given.key())
    const put = await ask(administrator, 'PUT', '/members/:memberId/stores/:store', {
      memberId: person,
      store: 'store-c',
      kind: 'home',
      reason: '搬到了这里',
    })
    expect(put.status).toBe(200)
    const page = (await ask(atC, 'GET', '/members/:memberId', { memberId: person })).json()
    expect(page.person.records).toHaveLength(2)
    expect(page.relations).toMatchObject([{ kind: 'home', store: { code: 'store-c' }, staff: null }])
    expect(page.orders.count).toBe(0)
    await db.reactionsCaughtUp()
    expect((await ask(atC, 'GET', '/members', { show: 'new' })).json().members).toHaveLength(1)
  })

  test('whoever serves somebody sees all of theirs, until it is handed on', async ({ db, given, ask, server }) => {
    const { person } = await shared(db, given, ask)
    const administrator = withKey(await given.key())
    const [first, next] = [
      await given.staff('store-staff', { kind: 'own' }, '王小二'),
      await given.staff('store-staff', { kind: 'own' }, '赵小三'),
    ]
    const [asFirst, asNext] = [await signedIn(server, first.token), await signedIn(server, next.token)]
    const look = async (caller: Caller) => (await ask(caller, 'GET', '/members/:memberId', { memberId: person })).status
    expect(await look(asFirst)).toBe(404)
    await ask(administrator, 'PUT', '/members/:memberId/stores/:store', {
      memberId: person,
      store: 'store-b',
      kind: 'served',
      staffId: first.id,
      reason: '老客户',
    })
    expect((await ask(asFirst, 'GET', '/members/:memberId', { memberId: person })).json().orders.count).toBe(2)
    const left = await ask(administrator, 'POST', '/staff/:staffId/departures', {
      staffId: first.id,
      successorId: next.id,
    })
    expect(left.status).toBe(200)
    expect(await look(asFirst)).toBe(401)
    await db.reactionsCaughtUp()
    await runJobs(db)
    expect(await look(asNext)).toBe(200)
  })
})

/** What reactions have asked the jobs to do. */
async function runJobs(db: TestDatabase): Promise<void> {
  const { handingOver } = await import('../modules/members/relations.ts')
  const { rows } = await sql<{ payload: unknown }>`
    select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = ${handingOver.name}`.execute(db.kysely)
  for (const { payload } of rows)
    await handingOver.run({ db, stopping: new AbortController().signal } as unknown as House, payload)
}

describe('nobody gives what they do not hold', () => {
  test('a store manager adds staff for the own store, and no more than that', async ({ given, ask, server }) => {
    await given.channel('store-a')
    await given.channel('store-b')
    const manager = await given.staff('store-manager', { kind: 'store', code: 'store-a' })
    const caller = await signedIn(server, manager.token)
    const add = (role: string, place: object) =>
      ask(caller, 'PUT', '/staff/:staffId', { staffId: newId(), login: `n-${newId()}`, name: '新人', role, place })
    expect((await add('store-staff', { kind: 'store', code: 'store-a' })).status).toBe(200)
    expect((await add('store-staff', { kind: 'store', code: 'store-b' })).json().code).toBe('access.beyond_own_scope')
    expect((await add('store-staff', { kind: 'group' })).json().code).toBe('access.beyond_own_scope')
    expect((await add('finance', { kind: 'store', code: 'store-a' })).json().code).toBe('access.beyond_own_rights')
    expect((await add('administrator', { kind: 'group' })).json().code).toMatch(/^access\.beyond_own_/)
    expect((await ask(caller, 'GET', '/staff')).json().staff).toHaveLength(2)
  })

  test('nor signs in as somebody who holds more', async ({ given, ask, server }) => {
    await given.channel('store-a')
    const manager = await given.staff('store-manager', { kind: 'store', code: 'store-a' })
    const caller = await signedIn(server, manager.token)
    // An administrator who also helps out in the store.
    const administrator = await given.staff('administrator')
    const admin = withKey(await given.key())
    await ask(admin, 'PUT', '/staff/:staffId/roles/:grantId', {
      staffId: administrator.id,
      grantId: newId(),
      role: 'store-staff',
      place: { kind: 'store', code: 'store-a' },
    })
    const link = await ask(caller, 'POST', '/staff/:staffId/links', { staffId: administrator.id })
    expect(link.json().code).toMatch(/^access\.beyond_own_/)
  })

  test('the last administrator stays', async ({ given, ask }) => {
    const administrator = await given.staff('administrator')
    const admin = withKey(await given.key())
    const end = () => ask(admin, 'POST', '/staff/:staffId/departures', { staffId: administrator.id })
    expect((await end()).json().code).toBe('access.last_administrator')
    const second = await given.staff('administrator')
    expect((await end()).status).toBe(200)
    expect(
      (await ask(admin, 'GET', '/staff')).json().staff.find(({ id }: { id: string }) => id === second.id).roles,
    ).toHaveLength(1)
  })

  test('whoever looks as somebody else changes nothing', async ({ given, ask, server }) => {
    await given.channel('store-a')
    const { token } = await given.staff('administrator')
    const clerk = await given.staff('store-manager', { kind: 'store', code: 'store-a' }, '店长')
    const caller = await signedIn(server, token)
    expect((await ask(caller, 'PUT', '/session/seen-as', { staffId: clerk.id })).status).toBe(200)
    expect((await ask(caller, 'GET', '/session')).json()).toMatchObject({ name: '店长', onlyLooking: true })
    expect((await ask(caller, 'GET', '/api-keys')).status).toBe(403)
    const write = await ask(caller, 'POST', '/records', {
      channel: 'store-a',
      record: { name: '甲', phone: '13900000001' },
    })
    expect(write.json().code).toBe('access.only_looking')
    expect((await ask(caller, 'DELETE', '/session/seen-as')).status).toBe(200)
    expect((await ask(caller, 'GET', '/session')).json().permissions).toBe('all')
  })
})
