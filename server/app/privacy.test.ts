import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import { eraseHomes, homesOf, join as joinMembers, part } from '#modules/members'
import { adjust, balanceOf, ensureStartingRules, verify } from '#modules/points'
import { mayReach, sayConsents } from '#modules/privacy'
import { backup } from '#platform/backup/dump'
import { restore } from '#platform/backup/restore'
import { systemActor } from '#platform/ctx'
import { inTx, openDatabase } from '#platform/db'
import { openGeneration } from '#platform/events'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { migrate } from '#platform/migrations'
import { openReactions } from '#platform/reactions'
import { templateUrl } from '#platform/testing'
import { openVault } from '#platform/vault'
import { deliver } from '../modules/centre/sms.ts'
import { apply, claimApplying } from '../modules/imports/applying.ts'
import { errorFileOf } from '../modules/imports/error-file.ts'
import { begin, importOf, viewOf } from '../modules/imports/imports.ts'
import { claimStaging, receive, stage } from '../modules/imports/staging.ts'
import { forgetRests } from '../modules/privacy/forgetting.ts'
import { repeatErasures } from '../modules/privacy/ledger.ts'
import { erasing } from '../modules/privacy/requests.ts'
import { runRules } from '../modules/privacy/retention.ts'

type Cookies = Record<string, string>
type Reply = Awaited<ReturnType<FastifyInstance['inject']>>

interface Group {
  house: House
  server: FastifyInstance
  get(url: string, cookies?: Cookies): Promise<Reply>
  send(method: 'POST' | 'PUT' | 'DELETE', url: string, payload: object, cookies?: Cookies): Promise<Reply>
  staff: Cookies
  code(phone: string): Promise<string>
  signIn(phone: string, choices?: { topic: string; version: number }[]): Promise<Cookies>
  /** What the worker of the running program does with erasures that are due. */
  eraseDue(): Promise<void>
  later(seconds: number): void
}

const phone = '13808066721'
const person = { name: '林晚晴', phone, email: 'wanqing.lin@example.com', birthDate: '1988-06-04', city: '成都' }

const test = base.extend<{ group: Group }>({
  group: async ({ db, given }, use) => {
    const { buildServer } = await import('./server.ts')
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-privacy-'))
    let ahead = 0
    db.clock = { now: () => new Date(Date.now() + ahead) }
    await db.act(ensureStartingRules)
    const commands: string[] = []
    const house = {
      db,
      sandbox: true,
      folder,
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true, command: async (statement: string) => commands.push(statement) },
    } as unknown as House
    const server = await buildServer(house, { via: 'port' })
    const token = await given.link()
    const [cookie] = (await server.inject({ method: 'POST', url: '/api/sessions', payload: { token } })).cookies
    // Stories that last for weeks are one sitting of a colleague all the same.
    await db.pool.query(
      "update access.sessions set expires_at = now() + interval '1 year', last_seen_at = now() + interval '1 year'",
    )
    const group: Group = {
      house,
      server,
      staff: { [cookie!.name]: cookie!.value },
      later: (seconds) => {
        ahead += seconds * 1000
      },
      get: (url, cookies = {}) => server.inject({ url: `/api${url}`, cookies }),
      send: (method, url, payload, cookies = {}) => server.inject({ method, url: `/api${url}`, payload, cookies }),
      code: async (number) => {
        await group.send('POST', '/centre/codes', { phone: number })
        return lastCode(group, number)
      },
      signIn: async (number, choices = []) => {
        const agreed = { version: 1, language: 'zh-CN', choices }
        const code = await group.code(number)
        const reply = await group.send('POST', '/centre/sessions', { phone: number, code, agreed })
        expect(reply.json().outcome).toBe('signed_in')
        return Object.fromEntries(reply.cookies.map(({ name, value }) => [name, value]))
      },
      eraseDue: async () => {
        const { rows } = await db.pool.query("select id from privacy.requests where state in ('waiting', 'working')")
        for (const { id } of rows) await erasing.run(house, { id })
      },
    }
    await use(group)
    await server.close()
    await rm(folder, { recursive: true, force: true })
  },
})

async function lastCode({ house, get }: Group, number: string): Promise<string> {
  const { rows } = await house.db.pool.query("select id from centre.deliveries where state = 'waiting'")
  for (const { id } of rows) await deliver.run(house, { id })
  const { messages } = (await get(`/sandbox/sms?phone=${number}`)).json()
  return /\d{6}/.exec(messages[0].text)![0]
}

/** Everything that stands in the database, table by table, as text. */
async function everything(db: House['db']): Promise<Map<string, string>> {
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema)'`,
  )
  const found = new Map<string, string>()
  for (const { name } of tables) {
    const { rows } = await db.pool.query<{ text: string }>(`select t::text as text from ${name} t`)
    found.set(name, rows.map(({ text }) => text).join('\n'))
  }
  return found
}

/** Where in the database one of these stands. */
async function tracesOf(db: House['db'], needles: readonly string[]): Promise<string[]> {
  const all = await everything(db)
  return [...all].flatMap(([table, rows]) =>
    needles.filter((needle) => rows.includes(needle)).map((n) => `${table}: ${n}`),
  )
}

async function imported(
  house: House,
  content: string,
  {
    apply: whole = true,
    channel = 'store-a',
    as = 'members',
  }: { apply?: boolean; channel?: string; as?: 'members' | 'orders' } = {},
) {
  const { db } = house
  const id = newId()
  const view = () => inTx(db, systemActor, async (ctx) => viewOf(ctx, await importOf(ctx, id)))
  await inTx(db, systemActor, (ctx) =>
    begin(ctx, { id, fileName: 'kunden.csv', channel, create: 'store', as, origin: 'import' }),
  )
  await receive(house, systemActor, id, Readable.from(Buffer.from(content)))
  await claimStaging(house, systemActor, id)
  await stage(house, systemActor, id, new AbortController().signal)
  if (whole) await applied(house, id)
  return { id, view }
}

async function applied(house: House, id: string): Promise<void> {
  await claimApplying(house, systemActor, id)
  await apply(house, systemActor, id, new AbortController().signal)
}

describe('consents', () => {
  const reach = (db: Group['house']['db'], memberId: string, channel = 'sms') =>
    inTx(db, systemActor, async (ctx) => mayReach(ctx, await homesOf(ctx, memberId), { channel, purpose: 'marketing' }))

  test('are asked before anything is written of a newcomer, and kept with the version that was shown', async ({
    group,
    db,
  }) => {
    const code = await group.code(phone)
    const asked = (await group.send('POST', '/centre/sessions', { phone, code, language: 'ru' })).json()
    expect(asked).toMatchObject({ outcome: 'agreement', notice: { topic: 'all.membership', version: 1 } })
    expect(asked.notice.title).toBe('Участие в программе и обработка данных')
    expect((await db.pool.query('select count(*)::int as n from members.records')).rows[0].n).toBe(0)
    const old = { version: 0, language: 'ru', choices: [] }
    const refused = await group.send('POST', '/centre/sessions', { phone, code, agreed: old })
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'privacy.text_changed'])
    const agreed = { version: 1, language: 'ru', choices: [{ topic: 'sms.marketing', version: 1 }] }
    expect((await group.send('POST', '/centre/sessions', { phone, code, agreed })).json().outcome).toBe('signed_in')
    const { rows } = await db.pool.query(
      'select channel, purpose, given, text_version, language, evidence, actor, sealed is not null as sealed from privacy.consents order by channel',
    )
    const about = { given: true, text_version: 1, language: 'ru', evidence: 'joining', sealed: true }
    expect(rows).toEqual([
      expect.objectContaining({ channel: 'all', purpose: 'membership', ...about }),
      expect.objectContaining({ channel: 'sms', purpose: 'marketing', ...about }),
    ])
  })

  test('withdrawn in the centre hold at once for every send; codes still come', async ({ group, db }) => {
    const cookies = await group.signIn(phone, [{ topic: 'sms.marketing', version: 1 }])
    const [{ member_id: home }] = (await db.pool.query('select member_id from centre.accounts')).rows
    expect([await reach(db, home), await reach(db, home, 'email')]).toEqual([true, false])
    const said = { topic: 'sms.marketing', given: false, textVersion: 1, language: 'zh-CN' }
    const answer = (await group.send('PUT', '/centre/consents', said, cookies)).json()
    expect(answer.consents.find(({ topic }: { topic: string }) => topic === 'sms.marketing')).toMatchObject({
      state: 'withdrawn',
      said: { evidence: 'centre', textVersion: 1 },
      text: { title: '短信优惠' },
    })
    expect(await reach(db, home)).toBe(false)
    expect(await db.act((ctx) => mayReach(ctx, [home], { channel: 'sms', purpose: 'service' }))).toBe(true)
    group.later(90)
    await group.signIn(phone)
  })

  test('of two who turn out to be one are the strictest, and withdrawn while joined stays withdrawn apart', async ({
    db,
    given,
  }) => {
    const [a, b] = [await given.member(), await given.member()]
    const say = (id: string, yes: boolean) =>
      db.act(async (ctx) =>
        sayConsents(ctx, { home: id, homes: await homesOf(ctx, id), evidence: 'staff' }, [
          { topic: 'sms.marketing', given: yes, textVersion: 1 },
        ]),
      )
    await say(b.id, false)
    await say(a.id, true)
    expect([await reach(db, a.id), await reach(db, b.id)]).toEqual([true, false])
    const join = () => db.act((ctx) => joinMembers(ctx, { memberId: a.id, otherId: b.id, reason: 'Same person' }))
    const takeApart = () => db.act((ctx) => part(ctx, { memberId: a.id, recordId: b.id, reason: 'Two after all' }))
    await join()
    expect([await reach(db, a.id), await reach(db, b.id)]).toEqual([false, false])
    // The person says so anew, and then takes it back for good.
    await say(a.id, true)
    expect(await reach(db, b.id)).toBe(true)
    await takeApart()
    expect([await reach(db, a.id), await reach(db, b.id)]).toEqual([true, false])
    await join()
    await say(a.id, true)
    await say(a.id, false)
    await takeApart()
    expect([await reach(db, a.id), await reach(db, b.id)]).toEqual([false, false])
  })

  test('said at the counter need a permission, the version in force and a note', async ({ group, db, given }) => {
    const member = await given.member(person)
    const said = { topic: 'phone.marketing', given: true, textVersion: 1, language: 'zh-CN', note: '签字表 2026-17' }
    const path = `/members/${member.id}/consents`
    expect((await group.send('POST', path, said)).statusCode).toBe(401)
    const { key } = await given.key('quality')
    const headers = { authorization: `Bearer ${key}` }
    const viewer = await group.server.inject({ method: 'POST', url: `/api${path}`, payload: said, headers })
    expect([viewer.statusCode, viewer.json().code]).toEqual([403, 'access.not_permitted'])
    expect((await group.send('POST', path, said, group.staff)).statusCode).toBe(200)
    expect(await reach(db, member.id, 'phone')).toBe(true)
    // A new wording asks anew; what was said before stays with its version.
    const wording = { title: '电话', body: '我们可以打电话。' }
    const wordings = { 'zh-CN': wording, en: wording, ru: wording }
    expect(
      (await group.send('POST', '/privacy/texts/phone.marketing/versions', { wordings }, group.staff)).json(),
    ).toEqual({ version: 2 })
    expect((await group.send('POST', path, said, group.staff)).json()).toMatchObject({
      code: 'privacy.text_changed',
      params: { version: 2 },
    })
    expect(await reach(db, member.id, 'phone')).toBe(true)
    expect(await tracesOf(db, ['签字表'])).toEqual([])
  })
})

describe('what is held', () => {
  test('comes whole to the member, unmasked, of all their channels and of nobody else, five times a day', async ({
    group,
    db,
    given,
  }) => {
    const store = await given.channel('store-a')
    const web = await given.channel('web', 'website')
    const member = await given.record({ externalId: 'A-1', ...person }, { of: store })
    await given.record(
      { externalId: 'W-9', name: '林晚晴', phone, phoneVerified: 'yes', addressLine: '人民南路 4 段 9 号' },
      { of: web },
    )
    const other = await given.member({ name: '王建国', phone: '13900005678' })
    await given.order({ member, paidFen: 128_00, number: 'N-1' })
    await given.order({ member: other, paidFen: 5_00, number: 'N-2' })
    await db.reactionsCaughtUp()
    const cookies = await group.signIn(phone, [{ topic: 'sms.marketing', version: 1 }])
    await group.send(
      'POST',
      `/members/${member.id}/reveals`,
      { recordId: member.id, field: 'phone', reason: '回电核对' },
      group.staff,
    )
    const held = (await group.send('POST', '/centre/exports', {}, cookies)).json()
    expect(held.records.map((record: { channel: { code: string } }) => record.channel.code).sort()).toEqual([
      'centre',
      'store-a',
      'web',
    ])
    const fields = held.records.flatMap((record: { fields: { field: string; value: string }[] }) => record.fields)
    expect(fields).toEqual(
      expect.arrayContaining([
        { field: 'phone', value: '+8613808066721' },
        { field: 'addressLine', value: '人民南路 4 段 9 号' },
        { field: 'email', value: 'wanqing.lin@example.com' },
      ]),
    )
    expect(held).toMatchObject({
      orders: [{ number: 'N-1', amountMinor: 128_00 }],
      points: { available: 128, entries: [{ kind: 'award', points: 128 }] },
      looks: [{ field: 'phone', by: 'staff' }],
      others: { sessions: [{}], accounts: [{}] },
    })
    expect(held.consents).toHaveLength(2)
    expect(JSON.stringify(held)).not.toMatch(/N-2|王建国|5678|Administrator/)
    const { rows } = await db.pool.query("select payload from platform.events where type = 'data.exported'")
    expect(rows).toEqual([{ payload: { by: 'member', records: 3, orders: 1 } }])
    for (let more = 0; more < 4; more++)
      expect((await group.send('POST', '/centre/exports', {}, cookies)).statusCode).toBe(200)
    expect((await group.send('POST', '/centre/exports', {}, cookies)).json().code).toBe('centre.too_often')
  })
})

describe('erasing', () => {
  test('by the member: asks a fresh code, says what goes and what stays, and leaves no trace but numbers', async ({
    group,
    db,
    given,
  }) => {
    const { house } = group
    const store = await given.channel('store-a')
    const member = await given.record({ externalId: 'A-1', ...person }, { of: store })
    await given.record({ externalId: 'A-1', ...person, city: '重庆' }, { of: store })
    await given.record(
      { externalId: 'B-7', name: '林晚晴', phone, documentNumber: '510104198806044329', documentType: 'id_card' },
      { of: await given.channel('store-b') },
    )
    const other = await given.member({ name: '王建国', phone: '13900005678' })
    await given.order({ member, paidFen: 300_00, number: 'N-1' })
    await given.order({ member: other, paidFen: 40_00, number: 'N-2' })
    await db.reactionsCaughtUp()
    await db.act((ctx) => adjust(ctx, { memberId: member.id, id: newId(), points: 50, reason: '给林晚晴补分' }))
    await group.send(
      'POST',
      `/members/${member.id}/reveals`,
      { recordId: member.id, field: 'phone', reason: '林晚晴来电' },
      group.staff,
    )
    // A file that waits, one with a rejected row of hers, and one that came in.
    const waiting = await imported(house, '编号,姓名,手机\nX-1,林晚晴,138 0806 6721\nX-2,赵六,13711112222\n', {
      apply: false,
      channel: 'store-c',
    })
    await imported(house, '编号,姓名,手机,邮箱\nY-1,李四,13611112222,\n,,13808066721,,extra,cells\n', {
      channel: 'store-d',
    })
    const cookies = await group.signIn(phone, [{ topic: 'sms.marketing', version: 1 }])

    const preview = (await group.get('/centre/erasure', cookies)).json()
    expect(preview).toMatchObject({
      goes: { records: 3, versions: 1, points: 350, pending: 0, owed: 0 },
      stays: { orders: 1, amounts: [{ currency: 'CNY', amountMinor: 300_00 }], entries: 2 },
      waitingDays: 0,
      open: null,
    })
    const wrong = await group.send('POST', '/centre/erasures', { code: '000000' }, cookies)
    expect([wrong.statusCode, wrong.json().code]).toEqual([400, 'centre.code_wrong'])
    group.later(90)
    expect((await group.send('POST', '/centre/erasure-codes', { language: 'zh-CN' }, cookies)).json()).toMatchObject({
      phone: '138 •••• 6721',
    })
    const code = await lastCode(group, phone)
    expect((await group.send('POST', '/centre/erasures', { code }, cookies)).json()).toMatchObject({
      kind: 'erasure',
      state: 'waiting',
    })
    const homes = await db.act((ctx) => homesOf(ctx, member.id))
    await group.eraseDue()
    await db.reactionsCaughtUp()
    await forgetRests(house)

    // Gone: every clear value and every index of it, in every table.
    const blinds = [
      ['phone', '+8613808066721'],
      ['email', person.email],
      ['document@id_card', '510104198806044329'],
      ['last four', '6721'],
    ].map(([kind, value]) => db.vault!.blind(kind!, value!))
    expect(
      await tracesOf(db, ['林晚晴', '晚晴', 'linwanqing', '8066721', '138 0806', 'wanqing', '1988-06-04', ...blinds]),
    ).toEqual([])
    expect((await group.get('/centre/me', cookies)).statusCode).toBe(401)
    expect(
      (await db.pool.query('select wrapped_key from members.homes where member_id = any($1)', [homes])).rows,
    ).toEqual(homes.map(() => ({ wrapped_key: null })))
    const error = await text((await errorFileOf(house, systemActor, waiting.id)).content)
    expect(error).toMatch(/refused: erased at own request/)
    expect(error).not.toMatch(/林晚晴|0806/)

    // Stays: the amounts, under a number; and the books balance.
    const { rows: orders } = await db.pool.query(
      "select amount_minor::int as amount, number from orders.orders where number = 'N-1'",
    )
    expect(orders).toEqual([{ amount: 300_00, number: 'N-1' }])
    expect(await db.act(async (ctx) => (await balanceOf(ctx, member.id)).available)).toBe(0)
    const { rows: entries } = await db.pool.query(
      "select kind, amount::int as amount, leaves, enters from points.entries where kind = 'write_off' order by amount",
    )
    expect(entries).toEqual([
      { kind: 'write_off', amount: 50, leaves: 'MEMBER_AVAILABLE', enters: 'EXPIRED' },
      { kind: 'write_off', amount: 300, leaves: 'MEMBER_AVAILABLE', enters: 'EXPIRED' },
    ])
    expect(await db.act((ctx) => verify(ctx))).toEqual([])
    const page = (await group.get(`/members/${member.id}`, group.staff)).json()
    expect(page.person).toMatchObject({ name: null, records: [], contacts: [] })
    expect((await group.get(`/members/${member.id}/privacy`, group.staff)).json()).toMatchObject({
      erasedAt: expect.any(String),
      requests: [
        { state: 'done', askedBy: 'member', outcome: { pointsLost: 350, records: 3, accounts: 1, sessions: 1 } },
      ],
    })
    // Nobody else is touched, and the file that waited comes in without her.
    await applied(house, waiting.id)
    expect((await waiting.view()).counts).toMatchObject({ rows: 2, created: 1, rejected: 1 })
    expect((await group.get('/members?search=赵六', group.staff)).json().members).toHaveLength(1)
    expect((await group.get(`/members/${other.id}`, group.staff)).json().person.name).toBe('王建国')
    expect(await db.act(async (ctx) => (await balanceOf(ctx, other.id)).available)).toBe(40)
  })

  const erase = async (group: Group, memberId: string, reason = 'Asked by letter') => {
    const reply = await group.send('POST', `/members/${memberId}/erasures`, { id: newId(), reason }, group.staff)
    expect(reply.statusCode).toBe(200)
    await group.eraseDue()
    return reply.json()
  }
  const found = async (group: Group, search: string) =>
    (await group.get(`/members?search=${encodeURIComponent(search)}`, group.staff)).json().members.length

  test('is for good: the next file, an order or a machine doesn’t make the person again', async ({
    group,
    db,
    given,
  }) => {
    const { house } = group
    const file = '编号,姓名,手机\nA-1,林晚晴,13808066721\nA-2,赵六,13711112222\n'
    await imported(house, file)
    const [{ id }] = (await group.get('/members?search=13808066721', group.staff)).json().members
    await erase(group, id, '林晚晴 13808066721 来信要求')
    expect((await db.pool.query('select reason from privacy.requests')).rows).toEqual([{ reason: '•••' }])
    expect(await found(group, phone)).toBe(0)

    const again = await imported(house, file)
    const view = await again.view()
    expect(view.counts).toMatchObject({ rows: 2, created: 0, unchanged: 1, rejected: 1 })
    expect(view.report!.rejections).toEqual([{ code: 'row.refused', count: 1 }])
    // Already before it is applied, and none of hers stands among the examples.
    const staged = await imported(house, '编号,姓名,手机\nA-1,林 晚晴,138-0806-6721\n', { apply: false })
    expect((await staged.view()).counts).toMatchObject({ rows: 1, created: 0, rejected: 1 })
    expect(JSON.stringify((await staged.view()).report)).not.toMatch(/6721|晚晴/)
    // By another channel with another number of hers, too.
    const elsewhere = await imported(house, '编号,姓名,手机\nZ-9,林小姐,+86 138-0806-6721\n', { channel: 'store-z' })
    expect((await elsewhere.view()).counts).toMatchObject({ rows: 1, created: 0, rejected: 1 })
    expect(await text((await errorFileOf(house, systemActor, elsewhere.id)).content)).not.toMatch(/林小姐|6721/)
    // An order of hers comes in, without her.
    const orders = await imported(house, '订单号,下单时间,金额,手机\nO-1,2026-05-01,88.00,13808066721\n', {
      as: 'orders',
    })
    expect((await orders.view()).counts).toMatchObject({ rows: 1, created: 1, rejected: 0 })
    expect(await found(group, phone)).toBe(0)
    expect(await tracesOf(db, ['林晚晴', '林小姐', '8066721', db.vault!.blind('phone', '+8613808066721')])).toEqual([])

    // A machine can't see who stands before it; a colleague can.
    const record = { channel: 'store-a', record: { externalId: 'A-1', name: '林晚晴', phone } }
    const { key } = await given.key()
    const headers = { authorization: `Bearer ${key}` }
    const machine = await group.server.inject({
      method: 'POST',
      url: '/api/records',
      payload: { ...record, personPresent: true },
      headers,
    })
    expect([machine.statusCode, machine.json().code]).toEqual([409, 'members.erased_at_own_request'])
    expect((await group.send('POST', '/records', record, group.staff)).json().code).toBe(
      'members.erased_at_own_request',
    )
    const back = await group.send('POST', '/records', { ...record, personPresent: true }, group.staff)
    expect(back.json()).toMatchObject({ outcome: 'created' })
    expect(back.json().memberId).not.toBe(id)
    expect(await found(group, phone)).toBe(1)
  })

  test('keeps nobody from coming back by themselves; they begin with nothing', async ({ group, db, given }) => {
    const member = await given.member(person)
    await given.order({ member, paidFen: 70_00 })
    await db.reactionsCaughtUp()
    await group.signIn(phone)
    await erase(group, member.id)
    group.later(90)
    const cookies = await group.signIn(phone)
    const me = (await group.get('/centre/me', cookies)).json()
    expect(me).toMatchObject({ name: null, points: { available: 0 }, orders: { count: 0 } })
    // What they brought themselves is welcome in files again.
    const file = await imported(group.house, '编号,姓名,手机\nQ-1,林晚晴,13808066721\n', { channel: 'store-q' })
    expect((await file.view()).counts).toMatchObject({ created: 1, rejected: 0 })
  })

  test('waits as long as the group chose, can be taken back meanwhile, and is asked for once', async ({
    group,
    given,
  }) => {
    const member = await given.member(person)
    await group.send('PUT', '/privacy/rights', { waitingDays: 7 }, group.staff)
    const path = `/members/${member.id}/erasures`
    const id = newId()
    const asked = (await group.send('POST', path, { id, reason: 'By telephone' }, group.staff)).json()
    expect(new Date(asked.beginsAt).getTime() - new Date(asked.askedAt).getTime()).toBe(7 * 86_400_000)
    expect((await group.send('POST', path, { id, reason: 'By telephone' }, group.staff)).json().id).toBe(id)
    expect((await group.send('POST', path, { id: newId(), reason: 'Twice' }, group.staff)).json().code).toBe(
      'privacy.asked_already',
    )
    await group.eraseDue()
    expect(await found(group, phone)).toBe(1)
    expect((await group.get('/privacy/requests', group.staff)).json()).toMatchObject({
      open: 1,
      requests: [{ state: 'waiting', isLate: false }],
    })
    group.later(3 * 86_400)
    expect((await group.send('POST', `/privacy/requests/${id}/cancellations`, {}, group.staff)).json().state).toBe(
      'cancelled',
    )
    group.later(8 * 86_400)
    await group.eraseDue()
    expect(await found(group, phone)).toBe(1)
    expect((await group.send('POST', `/privacy/requests/${id}/cancellations`, {}, group.staff)).json().code).toBe(
      'privacy.request_over',
    )
  })

  test('needs its permission', async ({ group, given }) => {
    const member = await given.member(person)
    const { key } = await given.key('marketer')
    const headers = { authorization: `Bearer ${key}` }
    const payload = { id: newId(), reason: 'Because' }
    for (const [method, url] of [
      ['POST', `/members/${member.id}/erasures`],
      ['GET', `/members/${member.id}/erasure-preview`],
      ['GET', `/members/${member.id}/holdings`],
      ['GET', '/privacy/requests'],
    ] as const) {
      const reply = await group.server.inject({
        method,
        url: `/api${url}`,
        headers,
        ...(method === 'POST' ? { payload } : {}),
      })
      expect([url, reply.statusCode]).toEqual([url, 403])
    }
  })

  test('a deficit is let go, what comes late is written off too, and the books balance', async ({
    group,
    db,
    given,
  }) => {
    const member = await given.member(person)
    await given.order({ member, paidFen: 100_00, number: 'N-1' })
    await db.reactionsCaughtUp()
    await db.act((ctx) => adjust(ctx, { memberId: member.id, id: newId(), points: -100, reason: 'Spent by hand' }))
    await given.order({ member, paidFen: 100_00, number: 'N-1', status: 'cancelled' })
    await db.reactionsCaughtUp()
    expect(await db.act(async (ctx) => (await balanceOf(ctx, member.id)).deficit)).toBe(100)
    // Paid, and not yet earned when the account is closed.
    await given.order({ member, paidFen: 40_00, number: 'N-3' })
    await erase(group, member.id)
    await db.reactionsCaughtUp()
    await forgetRests(group.house)
    expect(await db.act((ctx) => balanceOf(ctx, member.id))).toMatchObject({ available: 0, pending: 0, deficit: 0 })
    // A refund that comes still later finds what it would take back lapsed.
    await given.order({ member, paidFen: 40_00, number: 'N-3', status: 'cancelled' })
    await db.reactionsCaughtUp()
    expect(await db.act((ctx) => balanceOf(ctx, member.id))).toMatchObject({ available: 0, deficit: 0 })
    expect(await db.act((ctx) => verify(ctx))).toEqual([])
  })

  test('told twice does nothing; a file that was cleaned before comes in without the person', async ({
    group,
    db,
    given,
  }) => {
    const member = await given.member(person)
    const waiting = await imported(group.house, '编号,姓名,手机\nX-1,林晚晴,13808066721\nX-2,赵六,13711112222\n', {
      apply: false,
    })
    await db.act((ctx) => eraseHomes(ctx, [member.id]))
    await applied(group.house, waiting.id)
    expect((await waiting.view()).counts).toMatchObject({ rows: 2, created: 1, rejected: 1 })
    expect((await waiting.view()).report!.rejections).toEqual([{ code: 'row.refused', count: 1 }])
    const before = await everything(db)
    await db.act((ctx) => eraseHomes(ctx, [member.id]))
    expect(await everything(db)).toEqual(before)
  })

  test('is done again after an older backup is brought back', async ({ group, db, given }) => {
    const { house } = group
    const store = await given.channel('store-a')
    const member = await given.record({ externalId: 'A-1', ...person }, { of: store })
    const other = await given.member({ name: '王建国', phone: '13900005678' })
    await given.order({ member, paidFen: 90_00 })
    await db.reactionsCaughtUp()
    const master = db.vault!.keys.master
    const chunks: Buffer[] = []
    for await (const chunk of await backup({ url: db.url, master, program: 'test', now: new Date() }))
      chunks.push(chunk as Buffer)
    await erase(group, member.id)

    const url = new URL(templateUrl())
    const admin = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href })
    url.pathname = `/restored_${randomBytes(6).toString('hex')}`
    await admin.connect()
    await admin.query(`create database ${url.pathname.slice(1)}`)
    await restore({ url: url.href, file: Readable.from(chunks) as never, master })
    await migrate(url.href)
    const there = openDatabase({ url: url.href })
    there.vault = await openVault(there, Buffer.alloc(32, 7))
    await openGeneration(there)
    const traces = () => tracesOf(there, ['林晚晴', there.vault!.blind('phone', '+8613808066721')])
    expect(await traces()).not.toEqual([])
    const restored = { ...house, db: there }
    // Half a line, of a crash in the middle of writing, keeps nobody's erasure from being done again.
    await writeFile(join(house.folder, 'erasures'), `AAAA\n${await readFile(join(house.folder, 'erasures'), 'utf8')}`)
    expect(await repeatErasures(restored)).toBe(1)
    expect(await traces()).toEqual([])
    expect(await inTx(there, systemActor, (ctx) => verify(ctx))).toEqual([])
    expect(await repeatErasures(restored)).toBe(0)
    const file = await imported(restored, '编号,姓名,手机\nA-1,林晚晴,13808066721\n')
    expect((await file.view()).counts).toMatchObject({ created: 0, rejected: 1 })
    const names = await there.pool.query('select name from members.profiles where member_id = $1', [other.id])
    expect(names.rows).toEqual([{ name: '王建国' }])
    expect(await readFile(join(house.folder, 'erasures'), 'utf8')).not.toMatch(/6721|A-1|[\u4e00-\u9fff]/)
    await there.close()
    await admin.query(`drop database ${url.pathname.slice(1)} with (force)`)
    await admin.end()
  })
})

describe('what grows old', () => {
  test('goes by the rules that the group chose, and what went is shown', async ({ group, db }) => {
    const { house } = group
    const old = await imported(house, '编号,姓名,手机,邮箱\nY-1,李四,13611112222,\n,,,,extra\n', { channel: 'store-d' })
    await imported(house, '编号,姓名,手机\nX-1,赵六,13711112222\n', { apply: false, channel: 'store-c' })
    await group.signIn(phone)
    const rejected = async () => (await db.pool.query('select count(*)::int as n from imports.rejected')).rows[0].n
    expect(await rejected()).toBe(1)
    await group.send('PUT', '/privacy/retention/error_files', { days: 10 }, group.staff)
    await runRules(house)
    expect(await rejected()).toBe(1)
    group.later(11 * 86_400)
    await runRules(house)
    expect(await rejected()).toBe(0)
    expect((await old.view()).columns.every(({ samples }) => samples.length === 0)).toBe(true)
    const { rules } = (await group.get('/privacy/retention', group.staff)).json()
    const of = (kind: string) => rules.find((rule: { kind: string }) => rule.kind === kind)
    expect(of('error_files')).toMatchObject({ days: 10, usualDays: 30, last: { removed: expect.any(Number) } })
    expect(of('error_files').last.removed).toBeGreaterThan(0)
    expect(of('uploads')).toMatchObject({ days: 7, last: { removed: 1 } })
    expect((await group.send('PUT', '/privacy/retention/nothing', { days: 3 }, group.staff)).json().code).toBe(
      'privacy.rule_unknown',
    )
  })
})

describe('the record of processing', () => {
  test('says what is held, on which basis and how long, with the notes of the group', async ({ group, given }) => {
    await given.member(person)
    await group.send('PUT', '/privacy/processing/notes', { controller: 'Roundtrip Travel Ltd' }, group.staff)
    const record = (await group.get('/privacy/processing', group.staff)).json()
    expect(record.notes).toMatchObject({ controller: 'Roundtrip Travel Ltd', recipients: '' })
    const of = (code: string) => record.activities.find((activity: { code: string }) => activity.code === code)
    expect(of('membership')).toMatchObject({ basis: 'contract', count: 1, protection: 'sealed' })
    expect(of('error_files')).toMatchObject({ days: 30, basis: 'interest' })
    expect(record.channels).toHaveLength(1)
  })
})
