/**
 * The dictionary and the quality of the pool, on both engines: spellings become words on import, on entry and in what is
 * there; numbers open the members behind them; what was done to many is taken back.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { test as base, expect } from '#app/testing'
import { addRelations, cleanRecord } from '#modules/members'
import { putTree } from '#modules/organisation'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, rebuildWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { describedFor, Lexicon } from '../modules/dictionary/index.ts'
import { keepDay } from '../modules/quality/days.ts'
import { chunk, mendingWork } from '../modules/quality/mending.ts'
import { survey } from '../modules/quality/survey.ts'
import { facts, modules } from './modules.ts'
import { buildServer } from './server.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies of every route, looked into as the story needs
type Reply = any
type Ask = (
  key: { key: string },
  method: string,
  path: string,
  input?: Record<string, unknown>,
) => Promise<{ status: number; body: Reply }>

const test = base.extend<{ house: House; server: FastifyInstance; ask: Ask }>({
  house: async ({ db }, use) => {
    const warehouse = await openTestWarehouse()
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-quality-'))
    await prepareWarehouse({ warehouse, log: openLog('silent') }, facts)
    const reactions = db.useReactions([
      ...modules.flatMap((module) => module.reactions ?? []),
      warehouseReaction({ warehouse, facts }),
    ])
    await use({
      db,
      folder,
      warehouse,
      reactions,
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      sandbox: true,
      stopping: new AbortController().signal,
    } as unknown as House)
    await warehouse.close()
    await rm(folder, { recursive: true })
  },
  server: async ({ house }, use) => {
    const server = await buildServer(house, { via: 'port' })
    await use(server)
    await server.close()
  },
  ask: async ({ server }, use) => {
    await use(async ({ key }, method, path, input = {}) => {
      const isRead = method === 'GET' || method === 'DELETE'
      const reply = await server.inject({
        method: method as 'GET',
        url: `/api${encodeURI(path)}`,
        ...(isRead ? { query: input as Record<string, string> } : { payload: input }),
        headers: { authorization: `Bearer ${key}` },
      })
      return { status: reply.statusCode, body: reply.json() }
    })
  },
})

const names = (zh: string) => ({ 'zh-CN': zh, en: null, ru: null })

const twoCompanies = [
  { kind: 'company' as const, code: 'east', name: '华东公司' },
  { kind: 'store' as const, code: 'store-e1', name: '上海店', company: 'east', city: '上海' },
  { kind: 'store' as const, code: 'store-e2', name: '杭州店', company: 'east', city: '杭州' },
  { kind: 'company' as const, code: 'west', name: '西部公司' },
  { kind: 'store' as const, code: 'store-w1', name: '成都店', company: 'west', city: '成都' },
]

test('a source is told in one word however it is spelled, and refused where nobody knows it', async ({
  ask,
  given,
}) => {
  await given.channel()
  const key = await given.key()
  const told = (source: string, externalId: string) =>
    ask(key, 'POST', '/records', { channel: 'store-a', record: { externalId, name: '林晚晴', source } })

  for (const [at, spelling] of ['官网', '网站', 'web', 'WEB', ' Web Site ', 'сайт'].entries()) {
    const { status, body } = await told(spelling, `W-${at}`)
    expect(status, spelling).toBe(200)
    const { body: page } = await ask(key, 'GET', `/members/${body.memberId}`)
    const source = page.person.records[0].fields.find(({ field }: Reply) => field === 'source')
    expect(source.value, spelling).toBe('website')
  }
  const { status, body } = await told('隔壁老王', 'W-x')
  expect(status).toBe(400)
  expect(body.code).toBe('dictionary.value_unknown')
  expect(body.message).toContain('website, store, partner')

  const mapped = await ask(key, 'POST', '/dictionary/source/spellings', { spellings: ['隔壁老王'], value: 'referral' })
  expect(mapped.status).toBe(200)
  expect((await told('隔壁老王', 'W-x')).status).toBe(200)
})

test('cleaning says which word a spelling became and keeps raw what it does not know', async ({ db, given }) => {
  const channel = await given.channel()
  const described = await db.act((ctx) => describedFor(ctx, channel.id))
  const { values, changes, problems } = cleanRecord(
    { name: '林晚晴', source: '携程', city: '成都', gender: '先生', tags: 'VIP,亲子' },
    { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai', lexicon: new Lexicon(described) },
  )
  expect(values).toMatchObject({ source: 'ota', city: '成都', gender: 'male', tags: ['VIP', '亲子'] })
  expect(changes).toContainEqual({ field: 'source', code: 'dictionary.mapped', before: '携程', after: 'ota' })
  expect(problems).toEqual([])
  const unknown = cleanRecord(
    { name: '林晚晴', source: '天上掉下来' },
    { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai', lexicon: new Lexicon(described) },
  )
  expect(unknown.values).toEqual({ name: '林晚晴', familyName: '林', givenName: '晚晴', 'raw.source': '天上掉下来' })
  expect(unknown.problems).toEqual([{ field: 'source', code: 'dictionary.unknown', before: '天上掉下来' }])
})

test('a company has fields of its own, and nobody else sees or fills them', async ({ db, ask, given }) => {
  await db.act((ctx) => putTree(ctx, twoCompanies as never))
  const [group, east, west] = [
    await given.key(),
    await given.key('company-manager', { kind: 'company', code: 'east' }),
    await given.key('company-manager', { kind: 'company', code: 'west' }),
  ]
  const level = {
    company: 'east',
    names: names('会员级别'),
    kind: 'choice',
    closed: true,
    values: [
      { code: 'gold', names: names('金卡'), spellings: ['黄金'] },
      { code: 'silver', names: names('银卡'), spellings: [] },
    ],
    blanks: [],
  }
  expect((await ask(east, 'PUT', '/dictionary/custom.级别', level)).status).toBe(200)
  expect((await ask(west, 'PUT', '/dictionary/custom.级别', level)).status).toBe(404)
  expect((await ask(east, 'PUT', '/dictionary/source', { ...level, company: null })).body.code).toBe(
    'dictionary.group_only',
  )
  expect((await ask(group, 'PUT', '/dictionary/custom.级别', { ...level, company: null })).body.code).toBe(
    'dictionary.key_taken',
  )

  const fieldsOf = async (key: { key: string }) =>
    (await ask(key, 'GET', '/dictionary')).body.fields.map(({ field }: Reply) => field)
  expect(await fieldsOf(east)).toContain('custom.级别')
  expect(await fieldsOf(west)).not.toContain('custom.级别')

  const told = (key: { key: string }, channel: string, value: string) =>
    ask(key, 'POST', '/records', {
      channel,
      record: { externalId: `L-${value}`, name: '林晚晴', custom: { 级别: value } },
    })
  expect((await told(east, 'store-e1', '黄金')).status).toBe(200)
  expect((await told(east, 'store-e1', '钻石')).body).toMatchObject({ code: 'dictionary.value_unknown' })
  // Another company has no such list, so what it writes there is as it is.
  expect((await told(west, 'store-w1', '钻石')).status).toBe(200)
})

test('a spelling twice, a fixed value left out and a stale description are refused', async ({ ask, given }) => {
  const key = await given.key()
  const { body } = await ask(key, 'GET', '/dictionary')
  const of = (field: string) => body.fields.find((one: Reply) => one.field === field)
  const put = (field: string, change: Record<string, unknown>) => {
    const { names, kind, closed, values, blanks, version } = of(field)
    return ask(key, 'PUT', `/dictionary/${field}`, { names, kind, closed, values, blanks, version, ...change })
  }
  const city = (code: string, ...spellings: string[]) => ({ code, names: names(code), spellings })
  expect((await put('city', { values: [city('成都', '蓉城'), city('重庆', '蓉 城')] })).body.code).toBe(
    'dictionary.spelling_twice',
  )
  expect((await put('gender', { values: of('gender').values.slice(1) })).body.code).toBe('dictionary.value_fixed')
  expect((await put('status', { values: [...of('status').values, city('寄存')] })).body.code).toBe(
    'dictionary.list_fixed',
  )
  expect((await put('city', { values: [city('成都', '蓉城')] })).status).toBe(200)
  expect((await put('city', { values: [city('重庆')] })).body.code).toBe('dictionary.changed_meanwhile')
})

test('what stands there is proposed, mapped, written anew in bulk, and taken back', async ({
  db,
  house,
  ask,
  given,
}) => {
  const key = await given.key()
  const store = await given.channel()
  const member = (at: number, city: string) => given.member({ externalId: `C-${at}`, city })
  const spelled = ['成都市', '成都市', '成都', '成都', '成都', 'Chengdu', '重庆', 'chengdou', '苏州', '宿州']
  const made: { id: string }[] = []
  for (const [at, city] of spelled.entries()) made.push(await member(at, city))
  await given.record({ externalId: 'S-1', name: '王小明', source: '美团外卖' }, { of: store })
  await db.act((ctx) => sql`update members.records set seen_at = ${new Date('2026-01-05T00:00:00Z')}`.execute(ctx.tx))
  await db.reactionsCaughtUp()
  await survey(house)

  const before = (await ask(key, 'GET', '/dictionary/city/spellings')).body
  expect(before.spellings[0]).toEqual({ text: '成都', count: 3, code: null, state: 'unknown' })
  const proposal = before.proposals.find(({ value }: Reply) => value === '成都')
  expect(proposal).toMatchObject({ isNew: true, count: 7 })
  expect(proposal.spellings.map(({ text }: Reply) => text).sort()).toEqual(['Chengdu', 'chengdou', '成都', '成都市'])
  // They sound alike and are two cities.
  expect(before.proposals.some(({ spellings }: Reply) => spellings.some(({ text }: Reply) => text === '苏州'))).toBe(
    false,
  )

  const mapped = await ask(key, 'POST', '/dictionary/city/spellings', {
    spellings: proposal.spellings.map(({ text }: Reply) => text),
    value: '成都',
  })
  expect(mapped.body.values).toEqual([
    { code: '成都', names: names('成都'), spellings: expect.arrayContaining(['成都市', 'Chengdu', 'chengdou']) },
  ])
  expect((await ask(key, 'GET', '/dictionary/city/spellings')).body.toRewrite).toBe(4)

  const id = newId()
  const begun = await ask(key, 'POST', '/dictionary/city/applications', { id })
  expect(begun.body).toMatchObject({ state: 'running', kind: 'map', field: 'city' })
  await mendingWork.run(house, { id })
  expect((await ask(key, 'GET', `/quality/mendings/${id}`)).body).toMatchObject({
    state: 'done',
    changed: 4,
    looked: 11,
  })
  const cities = () =>
    db.act(async (ctx) => {
      const { rows } = await sql<{
        city: string
      }>`select city from members.profiles where city is not null order by member_id`.execute(ctx.tx)
      return rows.map(({ city }) => city)
    })
  expect(await cities()).toEqual(['成都', '成都', '成都', '成都', '成都', '成都', '重庆', '成都', '苏州', '宿州'])
  // As old as it was, so that it wins over nothing that it lost to before; told again as it came it says nothing new.
  const seen = await db.act((ctx) =>
    sql<{ at: Date }>`select seen_at as at from members.records where member_id = ${made[0]!.id}`.execute(ctx.tx),
  )
  expect(seen.rows[0]!.at.toISOString()).toBe('2026-01-05T00:00:00.000Z')

  // Somebody says something newer of one of them: the undo leaves it.
  await ask(key, 'PUT', `/members/${made[1]!.id}/records/${made[1]!.id}/values/city`, {
    value: '乐山',
    reason: '搬家了',
  })
  expect((await ask(key, 'POST', `/quality/mendings/${id}/undos`)).status).toBe(200)
  await mendingWork.run(house, { id })
  expect((await ask(key, 'GET', `/quality/mendings/${id}`)).body).toMatchObject({ state: 'undone', undone: 3 })
  expect(await cities()).toEqual([
    '成都市',
    '乐山',
    '成都',
    '成都',
    '成都',
    'Chengdu',
    '重庆',
    'chengdou',
    '苏州',
    '宿州',
  ])
})

test('it goes on where it stopped, and changes no record twice', async ({ db, house, ask, given }) => {
  const key = await given.key()
  for (let at = 0; at < 650; at++) await given.member({ externalId: `M-${at}`, city: at % 2 ? '北京市' : '上海' })
  await ask(key, 'POST', '/dictionary/city/spellings', { spellings: ['北京市'], value: '北京' })
  const id = newId()
  await ask(key, 'POST', '/dictionary/city/applications', { id })
  await db.act((ctx) => chunk(ctx, id))
  const half = (await ask(key, 'GET', `/quality/mendings/${id}`)).body
  expect(half).toMatchObject({ state: 'running', changed: 300 })
  await mendingWork.run(house, { id })
  expect((await ask(key, 'GET', `/quality/mendings/${id}`)).body).toMatchObject({
    state: 'done',
    changed: 325,
    looked: 650,
  })
  const { rows } = await db.act((ctx) =>
    sql<{ versions: number }>`select count(*) as versions from members.past_versions`.execute(ctx.tx),
  )
  expect(rows[0]!.versions).toBe(325)
})

test('products of orders are written as the dictionary says, and the books stay', async ({ db, house, ask, given }) => {
  const key = await given.key()
  await given.channel()
  const order = (number: string, product: string) =>
    ask(key, 'POST', '/orders', {
      channel: 'store-a',
      number,
      phone: '13912340001',
      orderedAt: '2026-10-01T08:00:00Z',
      lines: [{ product, amountMinor: 100_000 }],
    })
  const made = (await order('P-1', '云南6日')).body
  await order('P-2', '云南六日游')
  await survey(house)
  expect(
    (await ask(key, 'GET', '/dictionary/product/spellings')).body.spellings.map(({ text }: Reply) => text),
  ).toEqual(['云南6日', '云南六日游'])
  await ask(key, 'POST', '/dictionary/product/spellings', { spellings: ['云南6日'], value: '云南六日游' })
  const id = newId()
  await ask(key, 'POST', '/dictionary/product/applications', { id })
  await mendingWork.run(house, { id })
  const products = async () =>
    (await ask(key, 'GET', `/members/${made.memberId}/orders`)).body.orders.map(({ lines }: Reply) => lines[0].product)
  expect(await products()).toEqual(['云南六日游', '云南六日游'])
  expect((await order('P-1', '云南6日')).body.outcome).toBe('unchanged')
  await ask(key, 'POST', `/quality/mendings/${id}/undos`)
  await mendingWork.run(house, { id })
  expect((await products()).sort()).toEqual(['云南6日', '云南六日游'])
  const { rows } = await db.act((ctx) =>
    sql<{ sum: number }>`select sum(amount_minor)::bigint as sum from orders.orders`.execute(ctx.tx),
  )
  expect(rows[0]!.sum).toBe(200_000)
})

test('every number opens the members behind it, within the scope', async ({ db, house, ask, given }) => {
  await db.act((ctx) => putTree(ctx, twoCompanies as never))
  const [group, east, west] = [
    await given.key(),
    await given.key('company-manager', { kind: 'company', code: 'east' }),
    await given.key('store-manager', { kind: 'store', code: 'store-w1' }),
  ]
  const store = (code: string) => given.channel(code)
  const full = { birthDate: '1980-02-03', gender: '女', city: '上海', source: '门店' }
  await given.record(
    { externalId: 'E-1', name: '林晚晴', phone: '13912340001', ...full },
    { of: await store('store-e1') },
  )
  const noPhone = await given.record({ externalId: 'E-2', name: '王小明', ...full }, { of: await store('store-e1') })
  const trial = await given.record(
    { externalId: 'E-3', name: '王测试', phone: '13911111111', birthDate: '1900-01-01' },
    { of: await store('store-e2') },
  )
  const badCard = await given.record(
    { externalId: 'W-1', name: '欧阳无双', phone: '13912340009', documentNumber: '110101198003070018' },
    { of: await store('store-w1') },
  )
  const guide = await given.staff('store-staff', { kind: 'store', code: 'store-e1' }, '张顾问')
  const e1 = await store('store-e1')
  await db.act((ctx) =>
    addRelations(
      ctx,
      [{ home: noPhone.id, kind: 'served', channelId: e1.id, store: 'store-e1', staffId: guide.id, since: ctx.now }],
      { reason: 'test' },
    ),
  )
  await db.reactionsCaughtUp()

  const all = (await ask(group, 'GET', '/quality')).body
  expect(all).toMatchObject({ members: 4, withWrong: 2, withAny: 3, duplicates: 0, complete: true })
  expect(all.filled).toMatchObject({ name: 4, phone: 3, city: 2, birthDate: 2 })
  expect(all.wrong).toEqual({
    'birthDate:date.placeholder': 1,
    'documentNumber:document.check_digit': 1,
    'name:name.trial': 1,
    'phone:phone.placeholder': 1,
  })
  const seenBy = async (key: { key: string }, input: Record<string, unknown>) =>
    (await ask(key, 'GET', '/quality/members', input)).body.members.map(({ id }: Reply) => id).sort()
  expect(await seenBy(group, { finding: 'missing:phone' })).toEqual([noPhone.id])
  expect(await seenBy(group, { finding: 'wrong:phone' })).toEqual([trial.id])
  expect(await seenBy(group, { finding: 'wrong:documentNumber:document.check_digit' })).toEqual([badCard.id])
  expect(await seenBy(group, { finding: 'any' })).toEqual([noPhone.id, trial.id, badCard.id].sort())
  expect(await seenBy(group, { finding: 'any', channel: 'store-e1' })).toEqual([noPhone.id])
  expect(await seenBy(group, { finding: 'any', staff: guide.id })).toEqual([noPhone.id])

  expect((await ask(east, 'GET', '/quality')).body).toMatchObject({ members: 3, withAny: 2 })
  expect(await seenBy(east, { finding: 'any' })).toEqual([noPhone.id, trial.id].sort())
  expect(await seenBy(west, { finding: 'any' })).toEqual([badCard.id])
  expect(await seenBy(west, { finding: 'any', staff: guide.id })).toEqual([])
  expect((await ask(west, 'GET', '/quality', { channel: 'store-e1' })).status).toBe(404)

  const rows = async (key: { key: string }, by: string) =>
    Object.fromEntries(
      (await ask(key, 'GET', '/quality/breakdown', { by })).body.rows.map((row: Reply) => [
        row.key,
        [row.members, row.withAny],
      ]),
    )
  expect(await rows(group, 'company')).toEqual({ east: [3, 2], west: [1, 1] })
  expect(await rows(group, 'channel')).toEqual({ 'store-e1': [2, 1], 'store-e2': [1, 1], 'store-w1': [1, 1] })
  expect(await rows(group, 'staff')).toEqual({ [guide.id]: [1, 1] })
  expect(await rows(west, 'company')).toEqual({ west: [1, 1] })
  expect(await rows(west, 'staff')).toEqual({})

  await keepDay(house)
  const trend = async (key: { key: string }, input = {}) => (await ask(key, 'GET', '/quality/trend', input)).body
  expect((await trend(group)).days).toHaveLength(1)
  expect((await trend(group)).days[0]).toMatchObject({ members: 4, filled: { phone: 3 } })
  expect(await trend(east)).toMatchObject({ exact: true, days: [{ members: 3 }] })
  expect(await trend(group, { channel: 'store-w1' })).toMatchObject({
    exact: true,
    days: [{ members: 1, wrong: { 'documentNumber:document.check_digit': 1 } }],
  })

  // Put right in place: it leaves the list.
  const put = (memberId: string, field: string, value: string | null, key = east) =>
    ask(key, 'PUT', `/members/${memberId}/records/${memberId}/values/${field}`, { value, reason: '客人电话里说的' })
  expect((await put(noPhone.id, 'phone', '139 1234 0002')).status).toBe(200)
  expect((await put(trial.id, 'birthDate', '3000-01-01')).body.code).toBe('quality.value_not_taken')
  expect((await put(trial.id, 'birthDate', null)).status).toBe(200)
  expect((await put(badCard.id, 'documentNumber', null)).status).toBe(404)
  await db.reactionsCaughtUp()
  expect(await seenBy(group, { finding: 'missing:phone' })).toEqual([])
  expect((await ask(group, 'GET', '/quality')).body.wrong['birthDate:date.placeholder']).toBeUndefined()
})

test('a value is set for many at once, where it survives, and never what makes somebody known', async ({
  db,
  house,
  ask,
  given,
}) => {
  const key = await given.key()
  const other = await given.channel('store-b')
  const old = await given.record({ externalId: 'A', name: '林晚晴', phone: '13912340001', city: '乐山' })
  const fresh = await given.record(
    { externalId: 'B', name: '林晚晴', phone: '13912340001', city: '眉山' },
    { of: other },
  )
  const alone = await given.member({ city: '' })
  await db.act((ctx) =>
    sql`update members.records set seen_at = now() - interval '2 days' where member_id = ${old.id}`.execute(ctx.tx),
  )
  await db.reactionsCaughtUp()
  const mend = (input: Record<string, unknown>) =>
    ask(key, 'POST', '/quality/mendings', { id: newId(), reason: '名单核对', ...input })
  expect((await mend({ kind: 'set', field: 'phone', value: '13912340009', memberIds: [old.person] })).body.code).toBe(
    'quality.field_not_for_many',
  )
  const { body } = await mend({ kind: 'set', field: 'city', value: '成都', memberIds: [old.person, alone.id] })
  expect(body.total).toBe(2)
  await mendingWork.run(house, { id: body.id })
  const city = async (id: string) => (await ask(key, 'GET', `/members/${id}`)).body.person.city
  expect(await city(old.person)).toBe('成都')
  expect(await city(alone.id)).toBe('成都')
  const records = (await ask(key, 'GET', `/members/${old.person}`)).body.person.records
  const cityOf = (id: string) =>
    records.find((one: Reply) => one.id === id).fields.find(({ field }: Reply) => field === 'city').value
  expect(cityOf(old.id)).toBe('乐山')
  expect(cityOf(fresh.id)).toBe('成都')
  await ask(key, 'POST', `/quality/mendings/${body.id}/undos`)
  await mendingWork.run(house, { id: body.id })
  expect(await city(old.person)).toBe('眉山')
  expect(await city(alone.id)).toBeNull()

  // All behind a number.
  const { body: behind } = await mend({
    kind: 'set',
    field: 'source',
    value: '官网',
    behind: { finding: 'missing:source' },
  })
  await mendingWork.run(house, { id: behind.id })
  await db.reactionsCaughtUp()
  expect((await ask(key, 'GET', '/quality')).body.filled.source).toBe(2)
})

test('records of before are read once, and the warehouse hears of it', async ({ db, house, ask, given }) => {
  const key = await given.key()
  await given.member({ name: '王测试' })
  await db.act((ctx) => sql`update members.profiles set filled = null, wrong = null`.execute(ctx.tx))
  await db.reactionsCaughtUp()
  expect((await ask(key, 'GET', '/quality')).body).toMatchObject({ complete: false, withWrong: 0 })
  await survey(house)
  await rebuildWarehouse(house, facts)
  expect((await ask(key, 'GET', '/quality')).body).toMatchObject({
    complete: true,
    withWrong: 1,
    filled: { name: 1, phone: 1 },
  })
})

test('an import writes sources by the dictionary, says so in its report, and guesses own fields by their names', async ({
  server,
  db,
  ask,
  given,
}) => {
  const key = await given.key()
  const channel = await given.channel()
  await ask(key, 'PUT', '/dictionary/custom.kafei', {
    names: names('喝咖啡'),
    kind: 'yesno',
    closed: false,
    values: [],
    blanks: [],
  })
  const id = newId()
  await ask(key, 'POST', '/imports', { id, fileName: '名单.csv', channel: channel.code, as: 'members' })
  const rows = ['I-1,林晚晴,官网,是', 'I-2,王小明,WEB,否', 'I-3,欧阳无双,地推,也许', 'I-4,赵敏,website,yes']
  const sent = await server.inject({
    method: 'PUT',
    url: `/api/imports/${id}/file`,
    headers: { authorization: `Bearer ${key.key}`, 'content-type': 'application/octet-stream' },
    payload: Buffer.from(['会员编号,姓名,客户来源,喝咖啡', ...rows].join('\n')),
  })
  expect(sent.json().columns.map(({ field }: Reply) => field)).toEqual(['externalId', 'name', 'source', 'custom.kafei'])
  const until = async (state: string) => {
    for (let tries = 0; tries < 400; tries++) {
      const { body } = await ask(key, 'GET', `/imports/${id}`)
      if (body.state === state) return body
      expect(['staging', 'applying', 'mapping', 'staged']).toContain(body.state)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`The import never was ${state}`)
  }
  await ask(key, 'POST', `/imports/${id}/stagings`)
  const { report } = await until('staged')
  const ofSource = (lines: Reply) => lines.find(({ field }: Reply) => field === 'source')
  expect(ofSource(report.changes)).toEqual({
    code: 'dictionary.mapped',
    field: 'source',
    count: 2,
    examples: expect.arrayContaining([
      { before: '官网', after: 'website' },
      { before: 'WEB', after: 'website' },
    ]),
  })
  expect(ofSource(report.problems)).toMatchObject({
    code: 'dictionary.unknown',
    count: 1,
    examples: [{ before: '地推', after: null }],
  })
  await ask(key, 'POST', `/imports/${id}/applications`)
  await until('done')
  const standing = async () =>
    db.act(async (ctx) => {
      const { rows: found } = await sql<{ source: string | null }>`
        select source from members.profiles order by name collate "C"`.execute(ctx.tx)
      return found.map(({ source }) => source)
    })
  expect((await standing()).filter((source) => source === 'website')).toHaveLength(3)
  expect(channel.id).toBeGreaterThan(0)

  // The word is found later: what lies apart comes into force, and the undo of the import takes it back whole.
  await ask(key, 'POST', '/dictionary/source/spellings', {
    spellings: ['地推'],
    value: 'street',
    names: { 'zh-CN': '地推', en: 'Street', ru: null },
  })
  const mending = newId()
  await ask(key, 'POST', '/dictionary/source/applications', { id: mending })
  await db.act(async (ctx) => {
    while (await chunk(ctx, mending));
  })
  expect(await standing()).toContain('street')
  await ask(key, 'POST', `/imports/${id}/undos`)
  for (let tries = 0; tries < 400; tries++) {
    if ((await ask(key, 'GET', `/imports/${id}`)).body.state === 'undone') break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(await standing()).toEqual([])
})
