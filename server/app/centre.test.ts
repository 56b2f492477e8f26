import type { FastifyInstance } from 'fastify'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import { award, invite } from '#modules/points'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { changeSettings } from '#platform/settings'
import { verifyCardCode } from '../modules/centre/cards.ts'
import { deliver } from '../modules/centre/sms.ts'

type Cookies = Record<string, string>

interface Phone {
  /** Asks for a code and reads it from the outbox. */
  code(phone: string): Promise<string>
  post(url: string, payload: object, more?: { cookies?: Cookies; headers?: Record<string, string> }): Promise<Reply>
  get(url: string, cookies?: Cookies): Promise<Reply>
  put(url: string, payload: object, cookies: Cookies): Promise<Reply>
  /** Signs in by a code; gives the cookie. */
  signIn(phone: string, more?: object): Promise<{ reply: Reply; cookies: Cookies }>
  /** Moves the clock. */
  later(seconds: number): void
  house: House
  server: FastifyInstance
}
type Reply = Awaited<ReturnType<FastifyInstance['inject']>>

const day = 86_400
/** What the page sends when a newcomer has agreed to the notice. */
const agreed = { version: 1, language: 'zh-CN', choices: [] }

const test = base.extend<{ phone: Phone }>({
  phone: async ({ db }, use) => {
    const { buildServer } = await import('./server.ts')
    let ahead = 0
    db.clock = { now: () => new Date(Date.now() + ahead) }
    const house = {
      db,
      sandbox: true,
      folder: '/nonexistent',
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true },
    } as unknown as House & { sandbox: boolean }
    const server = await buildServer(house, { via: 'port' })
    const phone: Phone = {
      house,
      server,
      later: (seconds) => {
        ahead += seconds * 1000
      },
      post: (url, payload, more = {}) => server.inject({ method: 'POST', url: `/api${url}`, payload, ...more }),
      put: (url, payload, cookies) => server.inject({ method: 'PUT', url: `/api${url}`, payload, cookies }),
      get: (url, cookies = {}) => server.inject({ url: `/api${url}`, cookies }),
      code: async (number) => {
        const asked = await phone.post('/centre/codes', { phone: number })
        expect([asked.statusCode, asked.body]).toEqual([200, expect.any(String)])
        await deliverAll(house)
        const { messages } = (await phone.get(`/sandbox/sms?phone=${encodeURIComponent(number)}`)).json()
        return /\d{6}/.exec(messages[0].text)![0]
      },
      signIn: async (number, more = {}) => {
        const code = await phone.code(number)
        const reply = await phone.post('/centre/sessions', { phone: number, code, agreed, ...more })
        return { reply, cookies: Object.fromEntries(reply.cookies.map(({ name, value }) => [name, value])) }
      },
    }
    await use(phone)
    await server.close()
  },
})

/** What the worker of the running program does. */
async function deliverAll(house: House): Promise<void> {
  const { rows } = await house.db.pool.query("select id from centre.deliveries where state = 'waiting'")
  for (const { id } of rows) await deliver.run(house, { id })
}

const number = '13808066721'

describe('joining', () => {
  test('by a phone that nobody knows makes a member, and the same phone comes back to it', async ({ phone }) => {
    const first = await phone.signIn(number)
    expect(first.reply.json()).toEqual({ outcome: 'signed_in', isNew: true })
    expect(first.reply.cookies[0]).toMatchObject({ name: 'roundtrip_member', httpOnly: true, sameSite: 'Lax' })
    const me = (await phone.get('/centre/me', first.cookies)).json()
    expect(me).toMatchObject({ name: null, phone: '138 •••• 6721', points: { available: 0 }, orders: { count: 0 } })
    phone.later(90)
    const again = await phone.signIn('+86 138 0806 6721')
    expect(again.reply.json()).toEqual({ outcome: 'signed_in', isNew: false })
    expect((await phone.get('/centre/me', again.cookies)).json().number).toBe(me.number)
  })

  test('by a phone that a store knows opens what the store knows', async ({ phone, db, given }) => {
    const { ensureStartingRules } = await import('#modules/points')
    await db.act(ensureStartingRules)
    const member = await given.member({ name: '林晚晴', phone: number })
    await given.order({ member, paidFen: 976_000 })
    await db.reactionsCaughtUp()
    const { reply, cookies } = await phone.signIn(number)
    expect(reply.json()).toEqual({ outcome: 'signed_in', isNew: false })
    expect((await phone.get('/centre/me', cookies)).json()).toMatchObject({
      name: '林晚晴',
      givenName: '晚晴',
      points: { available: 9760 },
      orders: { count: 1, newest: [{ amountMinor: 976_000, status: 'paid' }] },
    })
    const { entries } = (await phone.get('/centre/points-entries', cookies)).json()
    expect(entries).toMatchObject([{ kind: 'award', points: 9760, order: {}, lines: [{ code: 'rule' }] }])
    expect(entries[0].lot.expiresAt).toMatch(/^20/)
  })

  test('answers alike whether or not anybody knows the phone', async ({ phone, given }) => {
    await given.member({ phone: number })
    const known = await phone.post('/centre/codes', { phone: number })
    const unknown = await phone.post('/centre/codes', { phone: '13900001234' })
    expect([known.statusCode, known.json()]).toEqual([unknown.statusCode, unknown.json()])
  })

  test('is refused with the reason where nothing can be sent', async ({ phone }) => {
    Object.assign(phone.house, { sandbox: false })
    expect((await phone.post('/centre/codes', { phone: number })).json().code).toBe('centre.no_sms')
    expect((await phone.get('/centre/start')).json()).toMatchObject({ canSend: false, sandbox: false })
  })
})

describe('a code', () => {
  test('opens once, not when wrong, and not after five tries', async ({ phone }) => {
    const code = await phone.code(number)
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    const say = async (said: string) =>
      (await phone.post('/centre/sessions', { phone: number, code: said, agreed })).json()
    expect((await say(wrong)).code).toBe('centre.code_wrong')
    expect((await say(code)).outcome).toBe('signed_in')
    expect((await say(code)).code).toBe('centre.code_wrong')
    phone.later(61)
    const next = await phone.code(number)
    for (let tried = 0; tried < 5; tried++) await say(next === '000000' ? '000001' : '000000')
    expect((await say(next)).code).toBe('centre.code_wrong')
  })

  test('is too old after five minutes', async ({ phone }) => {
    const code = await phone.code(number)
    phone.later(301)
    expect((await phone.post('/centre/sessions', { phone: number, code })).json().code).toBe('centre.code_wrong')
  })

  test('stands nowhere in the clear', async ({ phone, db }) => {
    const code = await phone.code(number)
    for (const table of ['codes', 'deliveries', 'sandbox_sms', 'attempts']) {
      const { rows } = await db.pool.query(`select t::text as text from centre.${table} t`)
      expect(rows.map(({ text }) => text).join()).not.toMatch(new RegExp(`${code}|8066721`))
    }
    expect((await db.pool.query('select state, sealed from centre.deliveries')).rows).toEqual([
      { state: 'sent', sealed: null },
    ])
  })

  test('comes once a minute, five times an hour, and a new server counts on', async ({ phone }) => {
    // The tries of an hour are counted from its beginning, which must not fall into the middle of this.
    phone.later(3_601 - Math.floor((phone.house.db.clock.now().getTime() / 1000) % 3_600))
    await phone.code(number)
    const soon = await phone.post('/centre/codes', { phone: number })
    expect([soon.json().code, soon.json().params.seconds > 50]).toEqual(['centre.too_often', true])
    for (let sent = 1; sent < 5; sent++) {
      phone.later(61)
      await phone.code(number)
    }
    phone.later(61)
    const { buildServer } = await import('./server.ts')
    const restarted = await buildServer(phone.house, { via: 'port' })
    const sixth = await restarted.inject({ method: 'POST', url: '/api/centre/codes', payload: { phone: number } })
    await restarted.close()
    expect(sixth.json().code).toBe('centre.too_often')
  })

  test('is not sent to phone after phone from one address, whatever a header claims', async ({ phone }) => {
    const ask = async (index: number, headers: Record<string, string>) =>
      (await phone.post('/centre/codes', { phone: `1390000${String(1000 + index)}` }, { headers })).statusCode
    const forged = (index: number) => ({ 'x-forwarded-for': `8.8.8.${index}, 203.0.113.9` })
    const answers: number[] = []
    for (let index = 0; index < 21; index++) answers.push(await ask(index, forged(index)))
    expect(answers.filter((status) => status === 200)).toHaveLength(20)
    expect(answers.at(-1)).toBe(409)
  })
})

describe('a message', () => {
  test('that may have gone out is not sent again, and one that waited too long not at all', async ({ phone, db }) => {
    const states = async () => (await db.pool.query('select state from centre.deliveries order by id')).rows
    const run = async () => {
      for (const { id } of (await db.pool.query('select id from centre.deliveries')).rows)
        await deliver.run(phone.house, { id })
    }
    await phone.post('/centre/codes', { phone: number })
    await db.pool.query("update centre.deliveries set state = 'sending'") // a crash between claim and outcome
    await run()
    expect(await states()).toEqual([{ state: 'unknown' }])
    phone.later(61)
    await phone.post('/centre/codes', { phone: number })
    phone.later(301)
    await run()
    expect(await states()).toEqual([{ state: 'unknown' }, { state: 'too_late' }])
    expect((await phone.get('/sandbox/sms')).json().messages).toEqual([])
  })

  test('to one phone is not used up by who is stopped for their own address', async ({ phone }) => {
    for (let index = 0; index < 21; index++) await phone.post('/centre/codes', { phone: `1390000${1000 + index}` })
    for (let index = 0; index < 6; index++)
      expect((await phone.post('/centre/codes', { phone: number })).statusCode).toBe(409)
    const elsewhere = { remoteAddress: '198.51.100.4' }
    const asked = await phone.server.inject({
      method: 'POST',
      url: '/api/centre/codes',
      payload: { phone: number },
      ...elsewhere,
    })
    expect(asked.statusCode).toBe(200)
  })
})

describe('a number that may have changed hands', () => {
  const old = { name: '林晚晴', phone: number, birthDate: '1988-06-04' }

  test('last confirmed over a year ago opens the old account only by the second fact', async ({ phone, db, given }) => {
    const member = await given.member(old)
    await db.pool.query("update members.records set seen_at = now() - interval '13 months'")
    const code = await phone.code(number)
    const say = async (more: object) => phone.post('/centre/sessions', { phone: number, code, agreed, ...more })
    const asked = await say({})
    expect(asked.json()).toEqual({ outcome: 'second_fact', asks: 'birthDate', wrong: false })
    expect(asked.cookies).toEqual([])
    expect((await say({ fact: '1990-01-01' })).json()).toEqual({
      outcome: 'second_fact',
      asks: 'birthDate',
      wrong: true,
    })
    const right = await say({ fact: '1988-06-04' })
    expect(right.json()).toEqual({ outcome: 'signed_in', isNew: false })
    const me = (await phone.get('/centre/me', { roundtrip_member: right.cookies[0]!.value })).json()
    expect(me.name).toBe('林晚晴')
    const { homesOf } = await import('#modules/members')
    expect(await db.act((ctx) => homesOf(ctx, member.id))).toHaveLength(2)
  })

  test('makes a new member and a review for who does not know the fact', async ({ phone, db, given }) => {
    const member = await given.member(old)
    await db.pool.query("update members.records set seen_at = now() - interval '13 months'")
    const { reply, cookies } = await phone.signIn(number, { startNew: true })
    expect(reply.json()).toEqual({ outcome: 'signed_in', isNew: true })
    expect((await phone.get('/centre/me', cookies)).json()).toMatchObject({ name: null, orders: { count: 0 } })
    const { rows } = await db.pool.query('select member_a, member_b, closed_at from members.reviews')
    expect(rows).toHaveLength(1)
    expect([rows[0].member_a, rows[0].member_b]).toContain(member.id)
    // And it stays so: the next sign-in asks nothing and comes to the new one.
    phone.later(90)
    const next = await phone.signIn(number)
    expect(next.reply.json()).toEqual({ outcome: 'signed_in', isNew: false })
    expect((await phone.get('/centre/me', next.cookies)).json().name).toBe(null)
  })

  test('with records of different names asks, and joins whom the fact names', async ({ phone, given }) => {
    const a = await given.channel('store-a')
    const b = await given.channel('store-b')
    await given.record({ externalId: 'A1', ...old }, { of: a })
    await given.record({ externalId: 'B1', name: '王建国', phone: number, birthDate: '1970-02-03' }, { of: b })
    const { reply } = await phone.signIn(number)
    expect(reply.json()).toMatchObject({ outcome: 'second_fact', asks: 'birthDate' })
    phone.later(90)
    const { cookies } = await phone.signIn(number, { fact: '1970-02-03' })
    expect((await phone.get('/centre/me', cookies)).json().name).toBe('王建国')
  })

  test('after a year without a sign-in asks again', async ({ phone, given }) => {
    await given.member(old)
    await phone.signIn(number)
    phone.later(366 * day)
    expect((await phone.signIn(number)).reply.json()).toMatchObject({ outcome: 'second_fact' })
    phone.later(90)
    expect((await phone.signIn(number, { fact: '1988-06-04' })).reply.json()).toEqual({
      outcome: 'signed_in',
      isNew: false,
    })
  })

  test('that a store has met with another name since asks, and who starts anew signs the former one out', async ({
    phone,
    given,
  }) => {
    await given.member(old)
    const before = await phone.signIn(number)
    phone.later(3600)
    const b = await given.channel('store-b')
    await given.record({ externalId: 'B1', name: '王建国', phone: number }, { of: b })
    expect((await phone.signIn(number)).reply.json()).toMatchObject({ outcome: 'second_fact' })
    expect((await phone.get('/centre/me', before.cookies)).statusCode).toBe(200)
    phone.later(90)
    expect((await phone.signIn(number, { startNew: true })).reply.json()).toEqual({ outcome: 'signed_in', isNew: true })
    expect((await phone.get('/centre/me', before.cookies)).statusCode).toBe(401)
  })

  test('gives five guesses a day', async ({ phone, given, db }) => {
    await given.member(old)
    await db.pool.query("update members.records set seen_at = now() - interval '13 months'")
    const guess = async () => (await phone.signIn(number, { fact: '1999-09-09' })).reply.json()
    const answers: string[] = []
    for (let tried = 0; tried < 6; tried++) {
      const answer = await guess()
      answers.push(answer.code ?? answer.outcome)
      phone.later(tried === 3 ? 3600 : 61)
    }
    expect(answers.at(-1)).toBe('centre.too_often')
  })
})

describe('what is mine', () => {
  test('is mine alone: no input reaches another member, and no cookie of theirs opens staff routes', async ({
    phone,
    given,
  }) => {
    const other = await given.member({ name: '王建国', phone: '13900005678' })
    await given.order({ member: other, paidFen: 100_00, number: 'SECRET-1' })
    const { cookies } = await phone.signIn(number)
    for (const path of ['me', 'points-entries', 'orders', 'profile', 'card']) {
      const reply = await phone.get(`/centre/${path}?memberId=${other.id}&home=${other.id}`, cookies)
      expect([path, reply.statusCode]).toEqual([path, 200])
      expect(reply.body).not.toMatch(/SECRET-1|王建国|5678/)
    }
    const name = await phone.put('/centre/profile', { memberId: other.id, name: '林晚晴' }, cookies)
    expect(name.json().name).toBe('林晚晴')
    for (const path of [`/members/${other.id}`, `/members/${other.id}/orders`, '/members', '/session', '/records'])
      expect([path, (await phone.get(path, cookies)).statusCode]).toEqual([path, 401])
  })

  test('is no page of staff: a key that may everything has no member', async ({ phone, given }) => {
    const { key } = await given.key()
    const reply = await phone.server.inject({ url: '/api/centre/me', headers: { authorization: `Bearer ${key}` } })
    expect([reply.statusCode, reply.json().code]).toEqual([401, 'centre.sign_in'])
  })

  test('ends with the session', async ({ phone }) => {
    const { cookies } = await phone.signIn(number)
    await phone.server.inject({ method: 'DELETE', url: '/api/centre/session', cookies })
    expect((await phone.get('/centre/me', cookies)).statusCode).toBe(401)
  })

  test('can be told: name, birth date, city and language, and another name keeps the points', async ({
    phone,
    db,
    given,
  }) => {
    const member = await given.member({ name: '林晚晴', phone: number })
    await given.order({ member, paidFen: 5_00 })
    const { cookies } = await phone.signIn(number)
    const said = await phone.put(
      '/centre/profile',
      { name: '欧阳若兰', birthDate: '1990-05-06', city: '成都', gender: 'female' },
      cookies,
    )
    expect(said.json()).toMatchObject({ name: '欧阳若兰', birthDate: '1990-05-06', city: '成都', gender: 'female' })
    expect((await phone.get('/centre/me', cookies)).json()).toMatchObject({ name: '欧阳若兰', orders: { count: 1 } })
    expect((await phone.put('/centre/profile', { birthDate: '2090-01-01' }, cookies)).json().code).toBe(
      'centre.value_unreadable',
    )
    await phone.put('/centre/language', { language: 'ru' }, cookies)
    expect((await phone.get('/centre/profile', cookies)).json().language).toBe('ru')
    const { rows } = await db.pool.query("select actor from platform.events where type = 'record.updated'")
    expect(rows[0].actor).toMatch(/^member/)
  })

  test('a page of another site can’t act with the cookie', async ({ phone }) => {
    const { cookies } = await phone.signIn(number)
    const send = (origin: string) =>
      phone.server.inject({
        method: 'PUT',
        url: '/api/centre/language',
        payload: { language: 'en' },
        cookies,
        headers: { origin, host: 'localhost:3000' },
      })
    expect((await send('https://evil.example')).json().code).toBe('request.foreign_origin')
    expect((await send('http://localhost:3000')).statusCode).toBe(200)
  })
})

describe('the card', () => {
  test('shows a code that the store can check, until the next but one', async ({ phone, db }) => {
    const { cookies } = await phone.signIn(number)
    const card = (await phone.get('/centre/card', cookies)).json()
    expect(card.code).toMatch(/^RT\d{22}$/)
    expect(card.secondsLeft).toBeLessThanOrEqual(card.periodSeconds)
    const verify = (code: string) => inTx(db, systemActor, (ctx) => verifyCardCode(ctx, code))
    const { memberId } = await verify(card.code)
    expect(memberId).toMatch(/^[0-9a-f-]{36}$/)
    const other = card.code.slice(0, -1) + String((Number(card.code.at(-1)) + 1) % 10)
    await expect(verify(other)).rejects.toMatchObject({ code: 'centre.card_unknown' })
    phone.later(60)
    expect((await verify(card.code)).memberId).toBe(memberId)
    expect((await phone.get('/centre/card', cookies)).json().code).not.toBe(card.code)
    phone.later(60)
    await expect(verify(card.code)).rejects.toMatchObject({ code: 'centre.card_unknown' })
  })
})

describe('the outbox of the sandbox', () => {
  const read = (phone: Phone, more: object) => phone.server.inject({ url: '/api/sandbox/sms', ...more })

  test('answers this machine and the administrator, and no stranger', async ({ phone, given }) => {
    await phone.code(number)
    expect((await read(phone, {})).json().messages).toHaveLength(1)
    const far = { remoteAddress: '203.0.113.7' }
    const stranger = await read(phone, far)
    expect([stranger.statusCode, stranger.json().code]).toEqual([403, 'centre.outbox_closed'])
    const token = await given.link()
    const [cookie] = (await phone.post('/sessions', { token })).cookies
    expect((await read(phone, { ...far, cookies: { [cookie!.name]: cookie!.value } })).statusCode).toBe(200)
    const { key } = await given.key('marketer')
    expect((await read(phone, { ...far, headers: { authorization: `Bearer ${key}` } })).statusCode).toBe(403)
    const { cookies } = await phone.signIn('13900007777')
    expect((await read(phone, { ...far, cookies })).statusCode).toBe(403)
  })

  test.for([
    ['a forged header from afar', { remoteAddress: '203.0.113.7', headers: { 'x-forwarded-for': '127.0.0.1' } }],
    ['a proxy on this machine', { headers: { 'x-forwarded-for': '203.0.113.7' } }],
    ['a proxy on this machine, with a forged header', { headers: { 'x-forwarded-for': '127.0.0.1, 127.0.0.1' } }],
    ['a proxy that says it otherwise', { headers: { forwarded: 'for=127.0.0.1' } }],
    ['a page whose name points here', { headers: { host: 'rebind.example' } }],
  ] as const)('refuses %s', async ([, from], { phone }) => {
    expect((await read(phone, from)).statusCode).toBe(403)
  })

  test('is no proof of being here where a proxy speaks TLS for the program', async ({ phone }) => {
    Object.assign(phone.house, { publicUrl: 'https://club.example' })
    expect((await read(phone, {})).statusCode).toBe(403)
  })

  test('is off with the sandbox', async ({ phone }) => {
    Object.assign(phone.house, { sandbox: false })
    expect((await read(phone, {})).json().code).toBe('centre.outbox_off')
  })
})

test('the languages that the group speaks are offered, spoken in messages, and no other is taken', async ({
  phone,
  db,
}) => {
  await db.act((ctx) => changeSettings(ctx, { languages: ['ru', 'en'] }))
  expect((await phone.get('/centre/start')).json().languages).toEqual(['ru', 'en'])
  const textFor = async (language?: string) => {
    await phone.post('/centre/codes', { phone: number, ...(language && { language }) })
    await deliverAll(phone.house)
    phone.later(90)
    return (await phone.get(`/sandbox/sms?phone=${number}`)).json().messages[0].text
  }
  expect(await textFor('en')).toContain('your code is')
  for (const asked of ['zh-CN', undefined]) expect(await textFor(asked)).toContain('Никому его не сообщайте')

  const { cookies } = await phone.signIn(number, { language: 'zh-CN' })
  const me = (await phone.get('/centre/me', cookies)).json()
  expect(me).toMatchObject({ language: null, group: { languages: ['ru', 'en'] } })
  const choose = (language: string) => phone.put('/centre/language', { language }, cookies)
  expect((await choose('zh-CN')).json()).toMatchObject({
    code: 'centre.language_not_offered',
    params: { offered: ['ru', 'en'] },
  })
  expect((await choose('en')).statusCode).toBe(200)
  // Offered no more, it is as if nothing had been chosen; offered again, it is what the member chose.
  await db.act((ctx) => changeSettings(ctx, { languages: ['ru'] }))
  expect((await phone.get('/centre/profile', cookies)).json().language).toBeNull()
  await db.act((ctx) => changeSettings(ctx, { languages: ['zh-CN', 'en', 'ru'] }))
  expect((await phone.get('/centre/me', cookies)).json().language).toBe('en')
})

test('the card shows the tier in every language, until when, and what the points are worth', async ({ phone, db }) => {
  const { cookies } = await phone.signIn(number)
  const me = async () => (await phone.get('/centre/me', cookies)).json()
  expect(await me()).toMatchObject({
    tier: { code: 'bluestone', names: { 'zh-CN': '青石', en: 'Bluestone', ru: 'Сланец' }, until: null },
    points: { worthMinor: null },
  })
  const { rows } = await db.pool.query<{ id: string }>('select member_id as id from centre.accounts')
  const memberId = rows[0]!.id
  await db.act((ctx) => changeSettings(ctx, { pointValue: { points: 100, minor: 100 } }))
  await db.act((ctx) => award(ctx, { memberId, source: 'a gift', points: 1_250 }))
  await db.act((ctx) => invite(ctx, { memberId, id: newId(), tier: 'danxia', reason: 'x', until: '2099-12-31' }))
  expect(await me()).toMatchObject({
    tier: { code: 'danxia', landscape: 'danxia', until: '2099-12-31T16:00:00.000Z' },
    points: { available: 1_250, worthMinor: 1_250 },
  })
})
