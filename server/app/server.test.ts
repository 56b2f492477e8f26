import type { FastifyInstance } from 'fastify'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import type { House } from '#platform/house'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { permissions } from '../modules/access/contract.ts'
import { own } from '../modules/centre/accounts.ts'
import { buildServer, served } from './server.ts'

const test = base.extend<{ server: FastifyInstance }>({
  server: async ({ db }, use) => {
    const house = {
      db,
      folder: '/nonexistent',
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true },
    } as unknown as House
    const server = await buildServer(house, { via: 'port' })
    await use(server)
    await server.close()
  },
})

const anyId = '01900000-0000-7000-8000-000000000001'
const addressOf = (path: string) => `/api${path.replace(/:[A-Za-z]+/g, anyId)}`

describe('every route', () => {
  test('turns away who is not signed in', async ({ server }) => {
    for (const { route, needs } of served) {
      if (needs === 'anyone') continue
      const { statusCode, json } = await server.inject({ method: route.method, url: addressOf(route.path) })
      expect([route.path, statusCode, json().code]).toEqual([route.path, 401, 'access.sign_in'])
    }
  })

  test('turns away a key whose role may not, whatever it asks', async ({ server, given }) => {
    const { key } = await given.key('quality')
    const mayRead = [
      'members.read',
      'orders.read',
      'points.read',
      'channels.read',
      'organisation.read',
      'signed-in',
      'anyone',
    ]
    const others = served.filter(({ needs }) => !mayRead.includes(needs))
    expect(others.length).toBeGreaterThan(15)
    for (const { route, needs } of others) {
      const { statusCode, json } = await server.inject({
        method: route.method,
        url: addressOf(route.path),
        headers: { authorization: `Bearer ${key}` },
      })
      expect([route.path, statusCode, json().params?.permission]).toEqual([route.path, 403, needs])
    }
  })

  test('needs a permission that a role can hold', () => {
    const known = [...Object.keys(permissions), 'anyone', 'signed-in', own]
    expect(served.filter(({ needs }) => !known.includes(needs)).map(({ route }) => route.path)).toEqual([])
  })

  test('stands in the OpenAPI document with the permission that it needs', async ({ server }) => {
    const document = (await server.inject('/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    for (const { route, needs } of served) {
      const path = `/api${route.path.replace(/:([A-Za-z]+)/g, '{$1}')}`
      expect(document.paths[path]?.[route.method.toLowerCase()]?.['x-permission'], path).toBe(needs)
    }
  })
})

describe('coming in', () => {
  test('a sign-in link works once, and signing out ends the session', async ({ server, given }) => {
    const token = await given.link()
    const first = await server.inject({ method: 'POST', url: '/api/sessions', payload: { token } })
    expect(first.statusCode).toBe(200)
    const cookie = first.cookies[0]!
    expect(cookie).toMatchObject({ name: 'roundtrip_session', httpOnly: true, sameSite: 'Lax' })
    const cookies = { [cookie.name]: cookie.value }
    expect((await server.inject({ url: '/api/session', cookies })).json()).toMatchObject({
      roles: [{ role: 'administrator', place: { kind: 'group' } }],
      permissions: 'all',
      group: { currency: 'CNY' },
    })
    expect((await server.inject({ method: 'POST', url: '/api/sessions', payload: { token } })).json().code).toBe(
      'access.link_spent',
    )
    await server.inject({ method: 'DELETE', url: '/api/session', cookies })
    expect((await server.inject({ url: '/api/session', cookies })).statusCode).toBe(401)
  })

  test('a page of another site can’t act with our cookie', async ({ server, given }) => {
    const token = await given.link()
    const [cookie] = (await server.inject({ method: 'POST', url: '/api/sessions', payload: { token } })).cookies
    const send = (origin: string) =>
      server.inject({
        method: 'POST',
        url: '/api/channels',
        headers: { origin, host: 'localhost:3000' },
        cookies: { [cookie!.name]: cookie!.value },
        payload: { code: 'web', kind: 'website' },
      })
    expect((await send('https://evil.example')).json().code).toBe('request.foreign_origin')
    expect((await send('http://localhost:3000')).statusCode).toBe(200)
  })

  test('an ended key opens nothing', async ({ server, given }) => {
    const { id, key } = await given.key()
    const headers = { authorization: `Bearer ${key}` }
    expect((await server.inject({ url: '/api/api-keys', headers })).json().keys).toHaveLength(1)
    await server.inject({ method: 'DELETE', url: `/api/api-keys/${id}`, headers })
    expect((await server.inject({ url: '/api/api-keys', headers })).statusCode).toBe(401)
  })
})

describe('by API', () => {
  test('a person told by two channels is one member on one page, with orders and points', async ({
    server,
    db,
    given,
  }) => {
    const { ensureStartingRules } = await import('#modules/points')
    await db.act(ensureStartingRules)
    const { key } = await given.key()
    const call = async (method: 'GET' | 'POST', url: string, payload?: object) => {
      const reply = await server.inject({
        method,
        url: `/api${url}`,
        headers: { authorization: `Bearer ${key}` },
        ...(payload ? { payload } : {}),
      })
      expect([url, reply.statusCode, reply.statusCode === 200 ? '' : reply.body]).toEqual([url, 200, ''])
      return reply.json()
    }
    for (const code of ['store-a', 'store-b']) await call('POST', '/channels', { code, kind: 'store' })
    const a = await call('POST', '/records', {
      channel: 'store-a',
      record: { externalId: 'A1', name: '林晚晴', phone: '138 0806 6721', birthDate: '2026-02-30' },
    })
    expect(a).toMatchObject({
      outcome: 'created',
      joined: false,
      problems: [{ field: 'birthDate', code: 'date.impossible' }],
    })
    const b = await call('POST', '/records', {
      channel: 'store-b',
      record: { externalId: 'B7', name: '林晚晴', phone: '+8613808066721' },
    })
    expect(b).toMatchObject({ memberId: a.memberId, joined: true })
    for (const [channel, customer, number] of [
      ['store-a', 'A1', 'N1'],
      ['store-b', 'B7', 'N2'],
    ] as const) {
      await call('POST', '/orders', {
        channel,
        number,
        customerExternalId: customer,
        orderedAt: new Date().toISOString(),
        lines: [{ amountMinor: 199_99 }],
      })
    }
    await db.reactionsCaughtUp()
    const page = await call('GET', `/members/${b.recordId}`)
    expect(page).toMatchObject({
      person: { id: a.memberId, name: '林晚晴' },
      orders: { count: 2, spentMinor: 399_98 },
      points: { available: 400 },
    })
    expect(page.person.records).toHaveLength(2)
    expect(JSON.stringify(page)).not.toContain('8613808066721')
    const { members } = await call('GET', '/members?search=6721')
    expect(members).toMatchObject([
      { id: a.memberId, records: 2, orders: 2, points: 400, channels: ['store-a', 'store-b'] },
    ])
    const refund = { id: anyId, memberId: a.memberId, amountMinor: 100_00 }
    const { orders } = await call('GET', `/members/${a.memberId}/orders`)
    for (const _ of [1, 2]) await call('POST', `/orders/${orders[0].id}/refunds`, refund)
    await db.reactionsCaughtUp()
    expect((await call('GET', `/members/${a.memberId}`)).points.available).toBe(300)
    expect(await call('POST', '/verifications', {})).toEqual({ ok: true, broken: [] })
  })
})

test('an order of another world is refused: its time, or an amount whose sum no number holds', async ({
  server,
  given,
}) => {
  await given.channel('store-a')
  const { key } = await given.key()
  for (const wrong of [
    { orderedAt: '0000-01-01T00:00:00Z' },
    { orderedAt: '9999-12-31T23:59:59Z' },
    { lines: [{ amountMinor: 9007199254740991 }] },
  ]) {
    const { statusCode, json } = await server.inject({
      method: 'POST',
      url: '/api/orders',
      headers: { authorization: `Bearer ${key}` },
      payload: {
        channel: 'store-a',
        number: 'N1',
        customerExternalId: 'C1',
        orderedAt: '2026-05-01T10:00:00Z',
        lines: [{ amountMinor: 100 }],
        ...wrong,
      },
    })
    expect([statusCode, json().code]).toEqual([400, 'request.invalid'])
  }
})
