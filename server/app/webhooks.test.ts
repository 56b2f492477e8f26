/**
 * Webhooks against a real receiver over HTTP, which checks signatures by its own arithmetic: what is told, to whom, in
 * which order; what happens when the receiver is away, says no, or the program dies between sending and noting it.
 */
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { describe } from 'vitest'
import { test as base, expect, type Given } from '#app/testing'
import { eraseHomes } from '#modules/members'
import { ensureStartingRules } from '#modules/points'
import { sayConsents } from '#modules/privacy'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { startJobs } from '#platform/jobs'
import { openLog } from '#platform/log'
import { isPublic, placeOf } from '#platform/outside'
import { openReactions } from '#platform/reactions'
import type { TestDatabase } from '#platform/testing'
import { lookingAfter, sending } from '../modules/webhooks/sending.ts'
import { jobs } from './jobs.ts'

interface Got {
  id: string
  timestamp: number
  signature: string
  body: { id: string; type: string; timestamp: string; data: Record<string, unknown> }
  raw: string
  path: string
}

interface Receiver {
  url: string
  got: Got[]
  /** What it answers next; the last one stays. */
  answers: (number | 'hang' | 'drop')[]
  close(): Promise<void>
}

async function openReceiver(): Promise<Receiver> {
  const got: Got[] = []
  const receiver: Receiver = { url: '', got, answers: [204], close: async () => {} }
  const server: Server = createServer(async (request, response) => {
    const raw = await text(request)
    got.push({
      id: String(request.headers['webhook-id']),
      timestamp: Number(request.headers['webhook-timestamp']),
      signature: String(request.headers['webhook-signature']),
      body: JSON.parse(raw),
      raw,
      path: request.url ?? '',
    })
    const answer = receiver.answers.length > 1 ? receiver.answers.shift()! : receiver.answers[0]!
    if (answer === 'drop') request.socket.destroy()
    else if (answer !== 'hang')
      response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end('thanks')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  receiver.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return receiver
}

/** As a receiver checks it that has read docs/webhooks.md and nothing of ours. */
function signedBy(secret: string, { id, timestamp, raw, signature }: Got): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.${raw}`).digest('base64')
  return signature.split(' ').includes(`v1,${right}`)
}

// biome-ignore lint/suspicious/noExplicitAny: replies of every route, looked into as the story needs
type Reply = { status: number; body: any }
type Ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) => Promise<Reply>

interface Desk {
  house: House
  server: FastifyInstance
  ask: Ask
  later(seconds: number): void
  recipient(over?: object): Promise<string>
  endpoint(over?: object): Promise<{ id: string; secret: string }>
  /** Reactions, then what waits for this endpoint. */
  send(id: string): Promise<void>
  deliveries(
    id: string,
  ): Promise<
    { type: string; state: string; attempts: number; status: number | null; problem: string | null; eventId: string }[]
  >
  shown(id: string): Promise<Record<string, unknown>>
}

const test = base.extend<{ receiver: Receiver; desk: Desk }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  receiver: async ({}, use) => {
    const receiver = await openReceiver()
    await use(receiver)
    await receiver.close()
  },
  desk: async ({ db, given, receiver }, use) => {
    const { buildServer } = await import('./server.ts')
    let ahead = 0
    db.clock = { now: () => new Date(Date.now() + ahead) }
    const house = {
      db,
      sandbox: true,
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => false },
      privateNetworks: ['127.0.0.0/8'],
    } as unknown as House
    const server = await buildServer(house, { via: 'port' })
    const { key } = await given.key()
    const ask: Ask = async (method, path, payload) => {
      const headers = { authorization: `Bearer ${key}` }
      const { statusCode, body } = await server.inject({
        method,
        url: `/api${path}`,
        headers,
        ...(payload ? { payload } : {}),
      })
      return { status: statusCode, body: JSON.parse(body) }
    }
    const desk: Desk = {
      house,
      server,
      ask,
      later: (seconds) => {
        ahead += seconds * 1000
      },
      recipient: async (over = {}) => {
        const id = newId()
        const reply = await ask('PUT', `/privacy/recipients/${id}`, { ...partner, ...over })
        expect(reply).toMatchObject({ status: 200 })
        return id
      },
      endpoint: async (over = {}) => {
        const id = newId()
        const recipientId = 'recipientId' in over ? undefined : await desk.recipient()
        const reply = await ask('POST', '/webhooks', { id, ...standard, url: receiver.url, recipientId, ...over })
        expect(reply).toMatchObject({ status: 200 })
        // The reaction begins where it first runs.
        await db.reactionsCaughtUp()
        return { id, secret: reply.body.secret }
      },
      send: async (endpointId) => {
        await db.reactionsCaughtUp()
        await sending.run(house, { endpointId })
      },
      deliveries: async (id) => (await ask('GET', `/webhooks/${id}/deliveries`)).body.deliveries,
      shown: async (id) => (await ask('GET', '/webhooks')).body.endpoints.find((one: { id: string }) => one.id === id),
    }
    await use(desk)
    await server.close()
  },
})

const partner = {
  name: '云途数据',
  country: 'CN',
  purpose: 'booking',
  details: '把已付款的订单交给地接社安排',
  basis: 'contract',
  uses: ['webhooks'],
  agreement: '协议 2026-118',
  agreementUntil: null,
  transfer: null,
}
const standard = {
  name: '地接社',
  kinds: ['order.paid', 'order.refunded', 'member.registered', 'member.erased'],
  role: 'auditor',
  place: { kind: 'group' },
}

const order = (
  db: TestDatabase,
  given: Given,
  paidFen: number,
  number: string,
  of?: Awaited<ReturnType<Given['channel']>>,
) =>
  (async () => {
    const member = await given.member()
    void db
    return { member, ...(await given.order({ member, paidFen, number, ...(of ? { of } : {}) })) }
  })()

describe('what is told', () => {
  test('is signed, holds ids and amounts, and no name or phone', async ({ db, given, desk, receiver }) => {
    const { id, secret } = await desk.endpoint()
    const { member, id: orderId } = await order(db, given, 128_000, 'W-1')
    await desk.send(id)
    expect(receiver.got.map(({ body }) => body.type)).toEqual(['member.registered', 'order.paid'])
    const [, paid] = receiver.got
    expect(paid!.body.data).toMatchObject({
      memberId: member.id,
      personId: member.id,
      orderId,
      channel: 'store-a',
      amountMinor: 128_000,
      currency: 'CNY',
      origin: 'live',
    })
    expect(paid!.id).toBe(paid!.body.id)
    for (const one of receiver.got) expect(signedBy(secret, one)).toBe(true)
    expect(signedBy(secret, { ...paid!, raw: paid!.raw.replace('128000', '1') })).toBe(false)
    expect(receiver.got.map(({ raw }) => raw).join()).not.toMatch(/林晚晴|139\d{8}|W-1/)
    expect((await desk.deliveries(id)).map(({ type, state, status }) => [type, state, status])).toEqual([
      ['order.paid', 'sent', 204],
      ['member.registered', 'sent', 204],
    ])
  })

  test('stands sealed in the database, and so does the secret', async ({ db, given, desk }) => {
    const { id, secret } = await desk.endpoint()
    await order(db, given, 5_000, 'W-2')
    await desk.send(id)
    const { rows } = await db.pool.query(
      'select e::text as e from webhooks.endpoints e union all select d::text from webhooks.deliveries d',
    )
    const all = rows.map(({ e }) => e).join()
    expect(all).not.toContain(secret.slice(6))
    expect(all).not.toContain(Buffer.from(secret).toString('hex'))
    expect(all).not.toContain(Buffer.from('amountMinor').toString('hex'))
    expect((await desk.ask('GET', '/webhooks')).body).not.toHaveProperty('secret')
    expect(JSON.stringify((await desk.ask('GET', '/webhooks')).body)).not.toContain('whsec_')
  })

  test('is what its role may read, in its part of the group', async ({ db, given, desk, receiver }) => {
    const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
    const refused = await desk.ask('POST', '/webhooks', {
      id: newId(),
      ...standard,
      url: receiver.url,
      recipientId: await desk.recipient(),
      role: 'guide',
      kinds: ['points.awarded'],
    })
    expect(refused.body).toMatchObject({ code: 'webhooks.kind_not_permitted', params: { permission: 'points.read' } })
    const { id } = await desk.endpoint({
      place: { kind: 'store', code: 'store-a' },
      kinds: ['order.paid', 'member.registered'],
    })
    // The same phone at both stores: one member, of whom each store knows its own.
    const one = await given.record({ externalId: 'A-1', name: '诸葛隐娘', phone: '13912340077' }, { of: a })
    const two = await given.record({ externalId: 'B-1', name: '诸葛隐娘', phone: '13912340077' }, { of: b })
    await given.order({ member: one, paidFen: 100_000, number: 'A', of: a })
    await given.order({ member: two, paidFen: 5_000, number: 'B', of: b })
    // At the other store, by the record that this one knows.
    await given.order({ member: one, paidFen: 9_000, number: 'C', of: b })
    await desk.send(id)
    expect(receiver.got.map(({ body }) => [body.type, body.data.channel])).toEqual([
      ['member.registered', 'store-a'],
      ['order.paid', 'store-a'],
    ])
    // The store's role was taken away: it is told nothing more.
    const grants = await db.pool.query('update access.grants set ended_at = now() where holder_id = $1', [id])
    expect(grants.rowCount).toBe(1)
    await given.order({ member: one, paidFen: 7_000, number: 'A2', of: a })
    await desk.send(id)
    expect(receiver.got).toHaveLength(2)
  })

  test('is nothing that an import of old data brings', async ({ given, desk, receiver }) => {
    const { id } = await desk.endpoint()
    await given.record({ externalId: 'OLD', name: '陈旧', phone: '13900001111' }, { origin: 'import' })
    await desk.send(id)
    expect(receiver.got).toEqual([])
  })
})

describe('each event is told at least once, in order', () => {
  test('a receiver that is away is tried again, later and later, and nothing overtakes', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    await order(db, given, 1_000, 'F-1')
    await order(db, given, 2_000, 'F-2')
    receiver.answers = [503, 'drop', 204]
    await desk.send(id)
    expect(receiver.got).toHaveLength(1)
    expect(await desk.shown(id)).toMatchObject({ state: 'failing', waiting: 2 })
    // Not before its time.
    await desk.send(id)
    expect(receiver.got).toHaveLength(1)
    desk.later(6)
    await desk.send(id)
    expect(receiver.got).toHaveLength(2)
    desk.later(6)
    await desk.send(id)
    expect(receiver.got).toHaveLength(2)
    desk.later(30)
    await desk.send(id)
    expect(receiver.got.map(({ body }) => body.data.amountMinor)).toEqual([1_000, 1_000, 1_000, 2_000])
    expect(new Set(receiver.got.slice(0, 3).map(({ id: one }) => one)).size).toBe(1)
    expect(new Set(receiver.got.slice(0, 3).map(({ raw }) => raw)).size).toBe(1)
    expect(await desk.shown(id)).toMatchObject({ state: 'active', waiting: 0, failingSince: null })
  })

  test('a program that dies between sending and noting it sends again, by the same id', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    await order(db, given, 1_000, 'C-1')
    await db.reactionsCaughtUp()
    // The database is gone at the moment of noting.
    await db.pool.query('alter table privacy.disclosures rename to disclosures_away')
    await expect(sending.run(desk.house, { endpointId: id })).rejects.toThrow('disclosures')
    await db.pool.query('alter table privacy.disclosures_away rename to disclosures')
    expect(receiver.got).toHaveLength(1)
    expect(await desk.shown(id)).toMatchObject({ waiting: 1 })
    // Its lease stands until it is over: nobody sends at once beside one who may be alive.
    await desk.send(id)
    expect(receiver.got).toHaveLength(1)
    desk.later(61)
    await db.pool.query('delete from graphile_worker._private_jobs')
    await lookingAfter.run(desk.house, {})
    const { rows } = await db.pool.query(
      `select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = $1`,
      [sending.name],
    )
    expect(rows).toEqual([{ payload: { endpointId: id } }])
    await sending.run(desk.house, rows[0].payload)
    expect(receiver.got.map(({ id: one }) => one)).toEqual([receiver.got[0]!.id, receiver.got[0]!.id])
    expect(await desk.shown(id)).toMatchObject({ waiting: 0 })
  })

  test('two senders at once send each event once, in order', async ({ db, given, desk, receiver }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    for (let n = 1; n <= 12; n++) await order(db, given, n, `T-${n}`)
    await db.reactionsCaughtUp()
    await Promise.all(Array.from({ length: 4 }, () => sending.run(desk.house, { endpointId: id })))
    expect(receiver.got.map(({ body }) => body.data.amountMinor)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
  })

  test('the workers of the running program do all that by themselves', async ({ db, given, desk, receiver }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    const working = await startJobs(desk.house, jobs)
    try {
      for (let n = 1; n <= 5; n++) await order(db, given, n, `J-${n}`)
      await db.reactionsCaughtUp()
      await expect.poll(() => receiver.got.length, { timeout: 30_000 }).toBe(5)
      await expect.poll(async () => (await desk.shown(id)).waiting, { timeout: 30_000 }).toBe(0)
    } finally {
      await working.stop()
    }
  })

  test('what a receiver says no to five times steps aside; it can be sent again, alone or with all of a time', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    const { id, secret } = await desk.endpoint({ kinds: ['order.paid'] })
    await order(db, given, 1_000, 'N-1')
    await order(db, given, 2_000, 'N-2')
    receiver.answers = [400, 400, 400, 400, 400, 204]
    for (let tries = 0; tries < 7; tries++) {
      await desk.send(id)
      desk.later(700)
    }
    expect(receiver.got.map(({ body }) => body.data.amountMinor)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 2_000])
    const [, first] = await desk.deliveries(id)
    expect(first).toMatchObject({ state: 'refused', attempts: 5, status: 400 })
    receiver.got.length = 0
    const again = await desk.ask('POST', `/webhooks/${id}/resendings`, { eventId: first!.eventId })
    expect(again.body).toEqual({ again: 1 })
    await desk.send(id)
    expect(receiver.got.map(({ id: one }) => one)).toEqual([first!.eventId])
    expect(signedBy(secret, receiver.got[0]!)).toBe(true)
    const range = {
      from: new Date(Date.now() - 60_000).toISOString(),
      until: new Date(Date.now() + 60_000).toISOString(),
    }
    expect((await desk.ask('POST', `/webhooks/${id}/resendings`, range)).body).toEqual({ again: 2 })
    await desk.send(id)
    expect(receiver.got.slice(1).map(({ body }) => body.data.amountMinor)).toEqual([1_000, 2_000])
    const before = { from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' }
    expect((await desk.ask('POST', `/webhooks/${id}/resendings`, before)).body).toEqual({ again: 0 })
  })

  test('after three days of failing it is paused, keeps what happens, and goes on in order when told', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    await order(db, given, 1_000, 'P-1')
    receiver.answers = [500]
    for (let tries = 0; tries < 30; tries++) {
      await desk.send(id)
      desk.later(6 * 3600)
    }
    expect(await desk.shown(id)).toMatchObject({ state: 'paused', pauseReason: 'failing' })
    const tried = receiver.got.length
    expect(tried).toBeLessThan(20)
    await order(db, given, 2_000, 'P-2')
    await desk.send(id)
    expect(receiver.got).toHaveLength(tried)
    receiver.answers = [200]
    expect((await desk.ask('DELETE', `/webhooks/${id}/pauses`)).status).toBe(200)
    await desk.send(id)
    expect(receiver.got.slice(tried).map(({ body }) => body.data.amountMinor)).toEqual([1_000, 2_000])
  })

  test('a receiver that is gone (410) is paused at once, and a paused one is told nothing', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    await order(db, given, 1_000, 'G-1')
    receiver.answers = [410]
    await desk.send(id)
    expect(await desk.shown(id)).toMatchObject({ state: 'paused', pauseReason: 'gone' })
  })
})

describe('secrets', () => {
  test('are changed without a gap: both sign for as long as was said, then only the new one', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    const { id, secret } = await desk.endpoint({ kinds: ['order.paid'] })
    const renewed = (await desk.ask('POST', `/webhooks/${id}/secrets`, { overlapHours: 2 })).body
    expect(renewed.secret).not.toBe(secret)
    await order(db, given, 1_000, 'S-1')
    await desk.send(id)
    expect([secret, renewed.secret].map((one) => signedBy(one, receiver.got[0]!))).toEqual([true, true])
    desk.later(2 * 3600)
    await order(db, given, 2_000, 'S-2')
    await desk.send(id)
    expect([secret, renewed.secret].map((one) => signedBy(one, receiver.got[1]!))).toEqual([false, true])
    await lookingAfter.run(desk.house, {})
    const { rows } = await db.pool.query('select former_secret from webhooks.endpoints')
    expect(rows).toEqual([{ former_secret: null }])
    const now = (await desk.ask('POST', `/webhooks/${id}/secrets`, { overlapHours: 0 })).body
    await order(db, given, 3_000, 'S-3')
    await desk.send(id)
    expect([renewed.secret, now.secret].map((one) => signedBy(one, receiver.got[2]!))).toEqual([false, true])
  })
})

describe('where it may lead', () => {
  test('addresses that are not public are refused, whatever they are written like', async ({ desk, receiver }) => {
    const recipientId = await desk.recipient()
    const port = new URL(receiver.url).port
    const strict = { ...desk.house, privateNetworks: [] }
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
      '10.1.2.3',
      '169.254.169.254',
      '[fe80::1]',
      '[fd00::1]',
      '100.64.0.1',
    ]) {
      const found = await placeOf(new URL(`https://${host}:${port}/`), strict.privateNetworks)
      expect([host, found]).toEqual([host, { problem: 'address_refused' }])
    }
    for (const address of ['8.8.8.8', '203.0.114.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])
      expect([address, isPublic(address)]).toEqual([address, true])
    for (const address of [
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '::',
      'ff02::1',
      '224.0.0.1',
      '255.255.255.255',
      'nonsense',
    ])
      expect([address, isPublic(address)]).toEqual([address, false])
    expect(await placeOf(new URL('http://8.8.8.8/'), [])).toEqual({ problem: 'not_secure' })
    const put = (url: string) => desk.ask('POST', '/webhooks', { id: newId(), ...standard, url, recipientId })
    expect((await put('https://10.0.0.8/hook')).body).toMatchObject({
      code: 'webhooks.address_refused',
      params: { problem: 'address_refused' },
    })
    expect((await put('https://nobody.invalid/hook')).body.params).toMatchObject({ problem: 'unknown_host' })
    expect((await put('ftp://127.0.0.1/')).status).toBe(400)
    expect((await put('https://user:pass@example.com/')).status).toBe(400)
  })

  test('it is looked at again at each sending, and no redirect is followed', async ({ db, given, desk, receiver }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    await order(db, given, 1_000, 'R-1')
    receiver.answers = [302, 204]
    await desk.send(id)
    expect(receiver.got.map(({ path }) => path)).toEqual(['/hook'])
    expect((await desk.deliveries(id))[0]).toMatchObject({ state: 'waiting', status: 302 })
    // The network is no longer allowed.
    desk.later(60)
    await sending.run({ ...desk.house, privateNetworks: [] }, { endpointId: id })
    expect(receiver.got).toHaveLength(1)
    expect((await desk.deliveries(id))[0]).toMatchObject({ state: 'waiting', problem: 'address_refused' })
  })

  test('a receiver that never answers is left after ten seconds', async ({ db, given, desk, receiver }) => {
    const { id } = await desk.endpoint({ kinds: ['order.paid'] })
    await order(db, given, 1_000, 'H-1')
    receiver.answers = ['hang']
    await desk.send(id)
    expect((await desk.deliveries(id))[0]).toMatchObject({ state: 'waiting', problem: 'timeout' })
  }, 60_000)
})

describe('recipients', () => {
  test('without one in force nothing is set up and nothing leaves', async ({ db, given, desk, receiver }) => {
    const put = async (recipientId: string) =>
      (await desk.ask('POST', '/webhooks', { id: newId(), ...standard, url: receiver.url, recipientId })).body.code
    expect(await put(newId())).toBe('privacy.recipient_unknown')
    expect(await put(await desk.recipient({ agreementUntil: '2026-01-01' }))).toBe('privacy.agreement_over')
    expect(await put(await desk.recipient({ uses: ['sms'] }))).toBe('privacy.recipient_not_for_this')
    const abroad = await desk.ask('PUT', `/privacy/recipients/${newId()}`, { ...partner, country: 'RU' })
    expect(abroad.body).toMatchObject({ code: 'privacy.transfer_needed', params: { country: 'RU' } })

    const lastDay = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10)
    const recipientId = await desk.recipient({ agreementUntil: lastDay })
    const { id } = await desk.endpoint({ recipientId, kinds: ['order.paid'] })
    const { recipients } = (await desk.ask('GET', '/privacy/recipients')).body
    expect(recipients.find((one: { id: string }) => one.id === recipientId)).toMatchObject({ state: 'soon' })
    await order(db, given, 1_000, 'A-1')
    desk.later(12 * 86_400)
    await desk.send(id)
    expect(receiver.got).toEqual([])
    expect(await desk.shown(id)).toMatchObject({ state: 'paused', pauseReason: 'recipient', waiting: 1 })
    expect((await desk.ask('DELETE', `/webhooks/${id}/pauses`)).body.code).toBe('privacy.agreement_over')
    await desk.ask('PUT', `/privacy/recipients/${recipientId}`, { ...partner, agreementUntil: null })
    expect((await desk.ask('DELETE', `/webhooks/${id}/pauses`)).status).toBe(200)
    await desk.send(id)
    expect(receiver.got).toHaveLength(1)
    expect((await desk.ask('DELETE', `/privacy/recipients/${recipientId}`)).status).toBe(200)
    expect((await desk.ask('PUT', `/privacy/recipients/${recipientId}`, partner)).body.code).toBe(
      'privacy.recipient_ended',
    )
  })

  test('a member reads who was told what of them, and why', async ({ db, given, desk }) => {
    await db.act(ensureStartingRules)
    const { id } = await desk.endpoint()
    const { member } = await order(db, given, 1_000, 'M-1')
    const other = await given.member()
    await desk.send(id)
    const { body } = await desk.ask('GET', `/members/${member.id}/privacy`)
    expect(body.received).toMatchObject([
      { name: '云途数据', country: 'CN', purpose: 'booking', basis: 'contract', what: ['member', 'orders'] },
    ])
    expect((await desk.ask('GET', `/members/${member.id}/holdings`)).body.received).toHaveLength(1)
    expect((await desk.ask('GET', `/members/${other.id}/privacy`)).body.received).toMatchObject([{ what: ['member'] }])
  })

  test('one that stands on consent is told of those who gave it, and of no one else', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    const recipientId = await desk.recipient({ basis: 'consent', purpose: 'partner' })
    const { id } = await desk.endpoint({
      recipientId,
      role: 'administrator',
      kinds: ['order.paid', 'consent.withdrawn'],
    })
    const [yes, no] = [await given.member(), await given.member()]
    const say = (home: string, given: boolean) =>
      db.act((ctx) =>
        sayConsents(ctx, { home, homes: [home], evidence: 'staff' }, [
          { topic: 'partners.sharing', given, ...(given ? { textVersion: 1 } : {}) },
        ]),
      )
    await say(yes.id, true)
    await given.order({ member: yes, paidFen: 1_000, number: 'Y' })
    await given.order({ member: no, paidFen: 2_000, number: 'N' })
    await desk.send(id)
    expect(receiver.got.map(({ body }) => body.data.amountMinor)).toEqual([1_000])
    // Withdrawn while it waits: it stays here, and the recipient is told to stop.
    await given.order({ member: yes, paidFen: 3_000, number: 'Y2' })
    await db.reactionsCaughtUp()
    await say(yes.id, false)
    await desk.send(id)
    expect(receiver.got.slice(1).map(({ body }) => body.type)).toEqual(['consent.withdrawn'])
    expect(
      (await desk.deliveries(id)).filter(({ state }) => state === 'dropped').map(({ problem }) => problem),
    ).toEqual(['no_consent', 'no_consent'])
  })

  test('whoever was told of somebody is told that they were erased, and nothing else of them is left', async ({
    db,
    given,
    desk,
    receiver,
  }) => {
    await given.channel('store-a')
    const recipientId = await desk.recipient()
    const { id } = await desk.endpoint({ recipientId, place: { kind: 'store', code: 'store-a' } })
    const other = await desk.endpoint({ kinds: ['member.erased'], place: { kind: 'store', code: 'store-a' } })
    const { member } = await order(db, given, 1_000, 'E-1')
    await desk.send(id)
    const told = receiver.got.length
    await given.order({ member, paidFen: 2_000, number: 'E-2' })
    await db.reactionsCaughtUp()
    await db.act((ctx) => eraseHomes(ctx, [member.id], []))
    const { rows } = await sql`select 1 from webhooks.deliveries where member_id = ${member.id}`.execute(db.kysely)
    expect(rows).toEqual([])
    await desk.send(id)
    await desk.send(other.id)
    expect(receiver.got.slice(told).map(({ body }) => [body.type, body.data.memberId])).toEqual([
      ['member.erased', member.id],
    ])
  })
})

test('who may not, sets up nothing; what is set up is recorded without its secret', async ({
  given,
  desk,
  receiver,
}) => {
  const { key } = await given.key('auditor')
  const as = (method: 'GET' | 'POST', url: string, payload?: object) =>
    desk.server.inject({
      method,
      url: `/api${url}`,
      headers: { authorization: `Bearer ${key}` },
      ...(payload ? { payload } : {}),
    })
  const { id, secret } = await desk.endpoint()
  expect((await as('GET', '/webhooks')).statusCode).toBe(200)
  expect((await as('POST', `/webhooks/${id}/secrets`, {})).statusCode).toBe(403)
  expect((await as('POST', `/webhooks/${id}/resendings`, {})).statusCode).toBe(403)
  const { entries } = (await desk.ask('GET', '/audit-entries?act=postWebhooks')).body
  expect(entries).toMatchObject([{ act: 'postWebhooks', ids: { endpointId: id } }])
  expect(JSON.stringify((await desk.ask('GET', '/audit-entries')).body)).not.toContain(secret.slice(6))
  // A test is about nobody and goes first.
  expect((await desk.ask('POST', `/webhooks/${id}/tests`, { id: newId() })).status).toBe(200)
  await desk.send(id)
  expect(receiver.got.map(({ body }) => body.type)).toEqual(['webhook.test'])
  expect((await desk.ask('DELETE', `/webhooks/${id}`)).status).toBe(200)
  expect((await desk.ask('GET', `/webhooks/${id}/deliveries`)).status).toBe(404)
})
