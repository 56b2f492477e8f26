import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import type { House } from '#platform/house'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { changeSettings } from '#platform/settings'
import { codeAt, stepOf } from '../modules/access/one-time-codes.ts'
import { buildServer, served } from './server.ts'

const password = 'kettle7-violet-marsh'
const other = 'grain-lantern-oxbow-9'

interface Person {
  id: string
  login: string
  /** The token of a link. */
  token: string
}

const test = base.extend<{
  house: House
  server: FastifyInstance
  /** Moves the clock on. */
  later: (seconds: number) => void
  person: (role?: string) => Promise<Person>
}>({
  later: async ({ db }, use) => {
    let at = Date.now()
    db.clock = { now: () => new Date(at) }
    await use((seconds) => {
      at += seconds * 1000
    })
  },
  house: async ({ db, later: _later }, use) => {
    await use({
      db,
      folder: '/nonexistent',
      publicUrl: 'http://localhost:3000',
      provider: null,
      proxies: null,
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true },
    } as unknown as House)
  },
  server: async ({ house }, use) => {
    const server = await buildServer(house, { via: 'port' })
    await use(server)
    await server.close()
  },
  person: async ({ given, db }, use) => {
    await use(async (role) => {
      const { id, token } = await given.staff(role)
      const { rows } = await sql<{ login: string }>`select login from access.staff where id = ${id}`.execute(db.kysely)
      return { id, token, login: rows[0]!.login }
    })
  },
})

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A browser: it keeps its cookies. */
function browser(server: FastifyInstance, { address = '203.0.113.7' } = {}) {
  let cookies: Record<string, string> = {}
  return {
    get cookies() {
      return cookies
    },
    set cookies(next) {
      cookies = next
    },
    async ask(method: Method, path: string, payload?: object) {
      const reply = await server.inject({
        method,
        url: `/api${path}`,
        cookies,
        remoteAddress: address,
        ...(payload ? { payload } : {}),
      })
      for (const { name, value } of reply.cookies) {
        if (value) cookies[name] = value
        else delete cookies[name]
      }
      return { status: reply.statusCode, body: reply.json() }
    },
  }
}

/** Comes in by the link and sets a password. */
async function withPassword(server: FastifyInstance, { token }: Person) {
  const own = browser(server)
  expect((await own.ask('POST', '/sessions', { token })).status).toBe(200)
  expect(await own.ask('PUT', '/session/password', { password })).toEqual({ status: 200, body: {} })
  return own
}

/** The secret of the second factor, from its first setting up; recovery codes beside it. */
async function withSecondFactor(own: ReturnType<typeof browser>, house: House) {
  const { body } = await own.ask('POST', '/session/second-factor')
  const bits = [...(body.secret as string)]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const code = () => codeAt(secret, stepOf(house.db.clock.now()))
  const confirmed = await own.ask('PUT', '/session/second-factor', { code: code() })
  expect(confirmed.status).toBe(200)
  return { code, recoveryCodes: confirmed.body.recoveryCodes as string[] }
}

describe('a password', () => {
  test('is set after an invitation, opens by login in any case, and is nowhere in clear', async ({
    server,
    person,
    db,
  }) => {
    const zhou = await person()
    const invited = browser(server)
    await invited.ask('POST', '/sessions', { token: zhou.token })
    expect((await invited.ask('GET', '/session')).body.asks).toBe('password')
    for (const [weak, code] of [
      ['too short', 'access.password_short'],
      ['password12345', 'access.password_common'],
      [`${zhou.login}-2026`, 'access.password_own_name'],
    ])
      expect((await invited.ask('PUT', '/session/password', { password: weak })).body.code).toBe(code)
    await invited.ask('PUT', '/session/password', { password })
    expect((await invited.ask('GET', '/session')).body.asks).toBe(null)

    const comes = await browser(server).ask('POST', '/sessions/by-password', {
      login: zhou.login.toUpperCase(),
      password,
    })
    expect(comes).toEqual({ status: 200, body: { name: '周敏', ticket: null } })
    const { rows } = await sql<{ hash: string }>`select hash from access.passwords`.execute(db.kysely)
    expect(rows[0]!.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('is changed with the old one, and ends every other session', async ({ server, person, later }) => {
    const zhou = await person()
    const own = await withPassword(server, zhou)
    const elsewhere = browser(server)
    await elsewhere.ask('POST', '/sessions/by-password', { login: zhou.login, password })
    later(1801)
    expect((await own.ask('PUT', '/session/password', { password: other })).body.code).toBe('access.password_wrong')
    expect((await own.ask('PUT', '/session/password', { old: other, password: other })).body.code).toBe(
      'access.password_wrong',
    )
    const before = own.cookies.roundtrip_session
    expect((await own.ask('PUT', '/session/password', { old: password, password: other })).status).toBe(200)
    expect(own.cookies.roundtrip_session).not.toBe(before)
    expect((await own.ask('GET', '/session')).status).toBe(200)
    expect((await elsewhere.ask('GET', '/session')).status).toBe(401)
    const comes = browser(server)
    expect((await comes.ask('POST', '/sessions/by-password', { login: zhou.login, password })).status).toBe(401)
    expect((await comes.ask('POST', '/sessions/by-password', { login: zhou.login, password: other })).status).toBe(200)
  })

  test('forgotten is replaced after a new link, without the old one', async ({ server, person, db }) => {
    const zhou = await person()
    await withPassword(server, zhou)
    const { addSignInLink } = await import('#modules/access')
    const { token } = await db.act((ctx) => addSignInLink(ctx, zhou.id))
    const own = browser(server)
    await own.ask('POST', '/sessions', { token })
    expect((await own.ask('GET', '/session/account')).body.mayReplacePassword).toBe(true)
    expect((await own.ask('PUT', '/session/password', { password: other })).status).toBe(200)
  })

  test('unknown logins, logins without a password and wrong passwords have one answer and take one time', async ({
    server,
    person,
  }) => {
    const zhou = await person()
    await withPassword(server, zhou)
    const { login: bare } = await person()
    const answers: unknown[] = []
    const times: number[] = []
    for (const login of [zhou.login, bare, 'nobody@example.com']) {
      const begun = performance.now()
      const { status, body } = await browser(server).ask('POST', '/sessions/by-password', { login, password: other })
      times.push(performance.now() - begun)
      answers.push({ status, code: body.code, params: body.params, message: body.message })
    }
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect(answers[0]).toMatchObject({ status: 401, code: 'access.sign_in_wrong', params: {} })
    // The hash is most of it; without it an answer takes a few milliseconds.
    expect(Math.min(...times)).toBeGreaterThan(Math.max(...times) / 4)
  })
})

describe('tries', () => {
  test('wait longer and longer by login, over restarts, and a right password waits too', async ({
    server,
    house,
    person,
    later,
  }) => {
    const zhou = await person()
    await withPassword(server, zhou)
    const wrong = (from: FastifyInstance) =>
      browser(from).ask('POST', '/sessions/by-password', { login: zhou.login, password: other })
    for (let tries = 0; tries < 5; tries++) expect((await wrong(server)).body.code).toBe('access.sign_in_wrong')
    expect((await wrong(server)).body).toMatchObject({ code: 'access.too_many_tries', params: { seconds: 30 } })
    // The same database, another program.
    const restarted = await buildServer(house, { via: 'port' })
    const right = (from: FastifyInstance) =>
      browser(from).ask('POST', '/sessions/by-password', { login: zhou.login, password })
    expect((await right(restarted)).body.code).toBe('access.too_many_tries')
    later(31)
    expect((await wrong(restarted)).body.code).toBe('access.sign_in_wrong')
    expect((await wrong(restarted)).body.params).toEqual({ seconds: 60 })
    later(61)
    expect((await right(restarted)).status).toBe(200)
    // Right once, all is forgotten.
    for (let tries = 0; tries < 5; tries++) expect((await wrong(restarted)).body.code).toBe('access.sign_in_wrong')
    await restarted.close()
  })

  test('of many at once no more than five are looked at', async ({ server, person }) => {
    const zhou = await person()
    await withPassword(server, zhou)
    const codes = await Promise.all(
      Array.from({ length: 24 }, async () => {
        const login = zhou.login
        return (await browser(server).ask('POST', '/sessions/by-password', { login, password: other })).body.code
      }),
    )
    expect(codes.filter((code) => code === 'access.sign_in_wrong')).toHaveLength(5)
    expect(codes.filter((code) => code === 'access.too_many_tries')).toHaveLength(19)
  })

  test('count by address, whatever a header claims from outside, and through a proxy nearby', async ({
    server,
    house,
    db,
  }) => {
    const tryFrom = (remoteAddress: string, forwarded: string, to = server) =>
      to.inject({
        method: 'POST',
        url: '/api/sessions/by-password',
        remoteAddress,
        headers: { 'x-forwarded-for': forwarded },
        payload: { login: `n-${forwarded}`, password: other },
      })
    const counts = async () => {
      const { rows } = await sql<{ subject: string; count: number }>`
        select subject, count from access.tries order by count desc`.execute(db.kysely)
      return new Map(rows.map(({ subject, count }) => [subject, count]))
    }
    const blind = (subject: string) => db.vault!.blind('tries', subject)
    for (let host = 1; host <= 3; host++) await tryFrom('198.51.100.9', `203.0.113.${host}`)
    expect((await counts()).get(blind('address 198.51.100.9'))).toBe(3)
    // Behind a proxy: the last that no proxy of ours wrote, not what the client put before it.
    for (let host = 1; host <= 2; host++) await tryFrom('10.0.0.2', `1.2.3.${host}, 203.0.113.50`)
    const counted = await counts()
    expect(counted.get(blind('address 203.0.113.50'))).toBe(2)
    expect(counted.get(blind('connection 10.0.0.2'))).toBe(2)
    expect(counted.get(blind('address 203.0.113.1'))).toBe(undefined)
    // Of two nearby only the one that is connected is believed.
    await tryFrom('10.0.0.2', '1.2.3.9, 192.168.7.7')
    expect((await counts()).get(blind('address 192.168.7.7'))).toBe(1)
    // Two proxies in a row, which were set; then nobody's word.
    const behindTwo = await buildServer({ ...house, proxies: ['10.0.0.0/8'] }, { via: 'port' })
    await tryFrom('10.0.0.2', '1.2.3.4, 203.0.113.60, 10.9.9.9', behindTwo)
    expect((await counts()).get(blind('address 203.0.113.60'))).toBe(1)
    const alone = await buildServer({ ...house, proxies: [] }, { via: 'port' })
    await tryFrom('10.0.0.3', '203.0.113.70', alone)
    expect((await counts()).get(blind('address 10.0.0.3'))).toBe(1)
    for (const one of [behindTwo, alone]) await one.close()
  })
})

describe('a second factor', () => {
  test('is asked after the password; a code opens once, also for two at once', async ({
    server,
    house,
    person,
    later,
  }) => {
    const zhou = await person()
    const own = await withPassword(server, zhou)
    const { code } = await withSecondFactor(own, house)
    later(30)
    const halfway = async () => {
      const comes = browser(server)
      const { body } = await comes.ask('POST', '/sessions/by-password', { login: zhou.login, password })
      expect([body.name, comes.cookies]).toEqual([null, {}])
      return { comes, ticket: body.ticket as string }
    }
    const [first, second] = [await halfway(), await halfway()]
    const wrong = await first.comes.ask('POST', '/sessions/by-code', { ticket: first.ticket, code: '000000' })
    expect(wrong.body.code).toBe('access.code_wrong')
    const both = await Promise.all(
      [first, second].map(({ comes, ticket }) => comes.ask('POST', '/sessions/by-code', { ticket, code: code() })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
    const third = await halfway()
    expect((await third.comes.ask('POST', '/sessions/by-code', { ticket: third.ticket, code: code() })).body.code).toBe(
      'access.code_wrong',
    )
    later(301)
    expect((await third.comes.ask('POST', '/sessions/by-code', { ticket: third.ticket, code: code() })).body.code).toBe(
      'access.ticket_spent',
    )
  })

  test('is asked after a link too; each of ten recovery codes opens once', async ({ server, house, person, db }) => {
    const zhou = await person()
    const { recoveryCodes } = await withSecondFactor(await withPassword(server, zhou), house)
    expect(new Set(recoveryCodes).size).toBe(10)
    const { addSignInLink } = await import('#modules/access')
    const comes = browser(server)
    const byLink = async () => {
      const { token } = await db.act((ctx) => addSignInLink(ctx, zhou.id))
      return (await comes.ask('POST', '/sessions', { token })).body.ticket as string
    }
    const open = async (code: string) => comes.ask('POST', '/sessions/by-code', { ticket: await byLink(), code })
    expect((await open(recoveryCodes[0]!.toUpperCase())).status).toBe(200)
    expect((await comes.ask('GET', '/session/account')).body.recoveryCodesLeft).toBe(9)
    expect((await open(recoveryCodes[0]!)).body.code).toBe('access.code_wrong')
    const { rows } = await sql<{ sealed: Buffer }>`select sealed from access.second_factors`.execute(db.kysely)
    expect(rows[0]!.sealed.length).toBeGreaterThan(40)
  })

  test('guessed at waits after five, whatever ticket is used', async ({ server, house, person }) => {
    const zhou = await person()
    await withSecondFactor(await withPassword(server, zhou), house)
    const codes: string[] = []
    for (let tries = 0; tries < 7; tries++) {
      const comes = browser(server, { address: `203.0.113.${tries}` })
      const { ticket } = (await comes.ask('POST', '/sessions/by-password', { login: zhou.login, password })).body
      codes.push((await comes.ask('POST', '/sessions/by-code', { ticket, code: String(100_000 + tries) })).body.code)
    }
    expect(codes.slice(0, 5)).toEqual(Array(5).fill('access.code_wrong'))
    expect(codes.slice(5)).toEqual(Array(2).fill('access.too_many_tries'))
  })

  test('wanted by the group is set up at the next sign-in, before anything else', async ({
    server,
    house,
    person,
    db,
    given,
  }) => {
    await given.channel('store-a')
    await db.act((ctx) => changeSettings(ctx, { secondFactor: 'whole_group' }))
    const chief = await person()
    const { id, token } = await given.staff('store-staff', { kind: 'store', code: 'store-a' })
    expect(id).not.toBe(chief.id)
    const store = browser(server)
    await store.ask('POST', '/sessions', { token })
    expect((await store.ask('GET', '/session')).body.asks).toBe('password')
    const own = browser(server)
    await own.ask('POST', '/sessions', { token: chief.token })
    expect((await own.ask('GET', '/session')).body.asks).toBe('second_factor')
    const early = served.filter(({ needs, beforeEnrolment }) => needs !== 'anyone' && !beforeEnrolment)
    expect(early.length).toBeGreaterThan(40)
    for (const { route } of early) {
      const url = route.path.replace(/:[A-Za-z]+/g, '01900000-0000-7000-8000-000000000001')
      const { body } = await own.ask(route.method as Method, url)
      expect([route.method, url, body.code]).toEqual([route.method, url, 'access.second_factor_needed'])
    }
    await withSecondFactor(own, house)
    expect((await own.ask('GET', '/staff')).status).toBe(200)
    expect((await own.ask('DELETE', '/session/second-factor')).body.code).toBe('access.second_factor_stays')
  })

  test('lost is taken away by somebody who reaches the person, and by nobody else', async ({
    server,
    house,
    person,
    given,
  }) => {
    await given.channel('store-a')
    const zhou = await person()
    await withSecondFactor(await withPassword(server, zhou), house)
    const manager = browser(server)
    const { token } = await given.staff('store-manager', { kind: 'store', code: 'store-a' })
    await manager.ask('POST', '/sessions', { token })
    expect((await manager.ask('DELETE', `/staff/${zhou.id}/second-factor`)).status).toBe(404)
    expect((await manager.ask('GET', `/staff/${zhou.id}/sign-in`)).status).toBe(404)
    const chief = browser(server)
    await chief.ask('POST', '/sessions', { token: (await person()).token })
    expect((await chief.ask('GET', `/staff/${zhou.id}/sign-in`)).body.secondFactorSince).not.toBe(null)
    expect((await chief.ask('DELETE', `/staff/${zhou.id}/second-factor`)).status).toBe(200)
    const comes = browser(server)
    expect((await comes.ask('POST', '/sessions/by-password', { login: zhou.login, password })).body.ticket).toBe(null)
  })
})

test('whoever left comes in by nothing that they had', async ({ server, house, person, db, later }) => {
  const zhou = await person()
  const own = await withPassword(server, zhou)
  const { code } = await withSecondFactor(own, house)
  later(60)
  const halfway = browser(server)
  const { ticket } = (await halfway.ask('POST', '/sessions/by-password', { login: zhou.login, password })).body
  const chief = browser(server)
  await chief.ask('POST', '/sessions', { token: (await person()).token })
  expect((await chief.ask('POST', `/staff/${zhou.id}/departures`, {})).status).toBe(200)
  expect((await own.ask('GET', '/session')).status).toBe(401)
  expect((await halfway.ask('POST', '/sessions/by-code', { ticket, code: code() })).body.code).toBe(
    'access.ticket_spent',
  )
  const again = await halfway.ask('POST', '/sessions/by-password', { login: zhou.login, password })
  expect(again.body.code).toBe('access.sign_in_wrong')
  const { rows } = await sql`select from access.passwords union all select from access.second_factors
    union all select from access.recovery_codes`.execute(db.kysely)
  expect(rows).toHaveLength(0)
})

describe('a dangerous act', () => {
  const act = ['POST', '/sign-in-links', {}] as const

  test('asks for the password again after a quarter of an hour, of staff who have one', async ({
    server,
    person,
    later,
  }) => {
    const zhou = await person()
    const own = await withPassword(server, zhou)
    expect((await own.ask(...act)).status).toBe(200)
    later(901)
    expect(await own.ask(...act)).toMatchObject({
      status: 403,
      body: { code: 'access.prove_again', params: { by: ['password'] } },
    })
    expect((await own.ask('GET', '/staff')).status).toBe(200)
    const before = own.cookies
    expect((await own.ask('POST', '/session/proofs', { by: 'password', answer: other })).body.code).toBe(
      'access.password_wrong',
    )
    own.cookies = { ...before }
    expect((await own.ask('POST', '/session/proofs', { by: 'password', answer: password })).status).toBe(200)
    expect((await own.ask(...act)).status).toBe(200)
    // Who took the cookie before it was proved again has proved nothing, and after a moment has nothing.
    const thief = browser(server)
    thief.cookies = { ...before }
    expect((await thief.ask(...act)).body.code).toBe('access.prove_again')
    later(16)
    expect((await thief.ask('GET', '/session')).status).toBe(401)
  })

  test('asks for a code of whoever has a second factor, and nothing of links, keys and the command line', async ({
    server,
    house,
    person,
    later,
    given,
  }) => {
    const own = browser(server)
    await own.ask('POST', '/sessions', { token: (await person()).token })
    later(1000)
    expect((await own.ask(...act)).status).toBe(200)
    const { code } = await withSecondFactor(own, house)
    later(1000)
    expect((await own.ask(...act)).body.params).toEqual({ by: ['code'] })
    expect((await own.ask('PUT', '/session/password', { password })).body.code).toBe('access.prove_again')
    expect((await own.ask('POST', '/session/proofs', { by: 'code', answer: code() })).status).toBe(200)
    expect((await own.ask(...act)).status).toBe(200)
    const { key } = await given.key()
    const headers = { authorization: `Bearer ${key}` }
    expect((await server.inject({ method: 'POST', url: '/api/sign-in-links', headers })).statusCode).toBe(200)
  })

  test('is each of these', async () => {
    const asking = served.filter(({ asksProof }) => asksProof).map(({ route }) => `${route.method} ${route.path}`)
    expect(asking.sort()).toMatchInlineSnapshot(`
      [
        "DELETE /api-keys/:keyId",
        "DELETE /privacy/recipients/:recipientId",
        "DELETE /roles/:code",
        "DELETE /session/second-factor",
        "DELETE /staff/:staffId/roles/:grantId",
        "DELETE /staff/:staffId/second-factor",
        "DELETE /staff/:staffId/sessions",
        "DELETE /webhooks/:endpointId",
        "GET /backup",
        "GET /members/:memberId/holdings",
        "POST /api-keys",
        "POST /demonstration/clearings",
        "POST /exports",
        "POST /exports/:exportId/decisions",
        "POST /imports/:importId/undos",
        "POST /members/:memberId/erasures",
        "POST /session/recovery-codes",
        "POST /session/second-factor",
        "POST /sign-in-links",
        "POST /staff/:staffId/departures",
        "POST /staff/:staffId/links",
        "POST /vault-reindexings",
        "POST /vault-rotations",
        "POST /webhooks",
        "POST /webhooks/:endpointId/secrets",
        "PUT /export-rules",
        "PUT /group",
        "PUT /privacy/recipients/:recipientId",
        "PUT /privacy/retention/:kind",
        "PUT /roles/:code",
        "PUT /session/second-factor",
        "PUT /session/seen-as",
        "PUT /staff/:staffId",
        "PUT /staff/:staffId/roles/:grantId",
        "PUT /webhooks/:endpointId",
      ]
    `)
  })
})

describe('sessions', () => {
  test('end after twelve hours, and after two without a request', async ({ server, person, later }) => {
    const own = await withPassword(server, await person())
    for (let hour = 1; hour < 12; hour++) {
      later(3600)
      expect((await own.ask('GET', '/session')).status).toBe(200)
    }
    later(3601)
    expect((await own.ask('GET', '/session')).status).toBe(401)
    const idle = browser(server)
    await idle.ask('POST', '/sessions', { token: (await person()).token })
    later(7201)
    expect((await idle.ask('GET', '/session')).status).toBe(401)
  })

  test('are seen and ended by whose they are, and all of a person by an administrator', async ({
    server,
    person,
    later,
  }) => {
    const zhou = await person()
    const own = await withPassword(server, zhou)
    const [second, third] = [browser(server), browser(server)]
    for (const one of [second, third]) {
      later(1)
      await one.ask('POST', '/sessions/by-password', { login: zhou.login, password })
    }
    const { sessions } = (await own.ask('GET', '/sessions')).body as { sessions: { id: string; own: boolean }[] }
    expect(sessions.map((session) => session.own)).toEqual([false, false, true])
    await own.ask('DELETE', `/sessions/${sessions[0]!.id}`)
    expect((await third.ask('GET', '/session')).status).toBe(401)
    expect((await own.ask('DELETE', '/sessions')).body).toEqual({ ended: 1 })
    expect((await second.ask('GET', '/session')).status).toBe(401)
    const chief = browser(server)
    await chief.ask('POST', '/sessions', { token: (await person()).token })
    expect((await chief.ask('DELETE', `/staff/${zhou.id}/sessions`)).body).toEqual({ ended: 1 })
    expect((await own.ask('GET', '/session')).status).toBe(401)
    expect((await chief.ask('GET', '/session')).status).toBe(200)
  })
})

describe('the browser is told', () => {
  test('what to refuse, on every answer', async ({ server }) => {
    for (const url of ['/healthz', '/api/session', '/nothing', '/openapi.json']) {
      const { headers } = await server.inject(url)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      })
      expect(headers['permissions-policy']).toContain('geolocation=()')
      expect(headers['strict-transport-security']).toBe(undefined)
    }
  })

  test('over https cookies that no neighbour can set, and to come by https only', async ({ house, person }) => {
    const server = await buildServer({ ...house, publicUrl: 'https://crm.example' }, { via: 'port' })
    const { token } = await person()
    const reply = await server.inject({ method: 'POST', url: '/api/sessions', payload: { token } })
    expect(reply.headers['strict-transport-security']).toBe('max-age=31536000')
    const [cookie] = reply.cookies
    expect(cookie).toMatchObject({
      name: '__Host-roundtrip_session',
      secure: true,
      httpOnly: true,
      path: '/',
      sameSite: 'Lax',
    })
    expect(cookie!.domain).toBe(undefined)
    const session = (name: string) => server.inject({ url: '/api/session', cookies: { [name]: cookie!.value } })
    expect((await session('__Host-roundtrip_session')).statusCode).toBe(200)
    expect((await session('roundtrip_session')).statusCode).toBe(401)
    await server.close()
  })

  test('nothing of a page of another site, signed in or not', async ({ server, person }) => {
    const { token } = await person()
    const send = (headers: Record<string, string>) =>
      server.inject({ method: 'POST', url: '/api/sessions', headers, payload: { token } })
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect((await send(headers)).json().code).toBe('request.foreign_origin')
    expect((await send({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' })).statusCode).toBe(200)
  })
})
