import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import cookie from '@fastify/cookie'
import fastify, { type FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { z } from 'zod'
import { requestOf, route } from '#platform/contract'
import type { Actor } from '#platform/ctx'
import { Refusal, type RefusalKind } from '#platform/errors'
import type { House } from '#platform/house'
import { answerErrors, mountRoutes, newRequestId, openApi, type Served, serve, serveLong } from '#platform/http'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { test as base, type TestDatabase } from '#platform/testing'

const guest = z.object({ guestId: z.uuid(), name: z.string(), nights: z.int() })

const bookStay = route('POST /guests/:guestId/stays', {
  summary: 'Book a stay',
  input: z.object({
    guestId: z.uuid(),
    nights: z.int().min(1).max(30),
    name: z.string().max(40),
    tags: z.array(z.string()).default([]),
  }),
  output: guest,
})
const listStays = route('GET /stays', {
  summary: 'Stays, newest first',
  input: z.object({ limit: z.coerce.number().int().max(100).default(20), cities: z.array(z.string()).default([]) }),
  output: z.object({ limit: z.int(), cities: z.array(z.string()) }),
})
const putPassport = route('PUT /guests/:guestId/scan', {
  summary: 'The scan of a passport',
  input: z.object({ guestId: z.uuid(), page: z.coerce.number().int().default(1) }),
  output: z.object({ bytes: z.int(), page: z.int() }),
  body: 'stream',
})
const bill = route('GET /guests/:guestId/bill', {
  summary: 'The bill as a file',
  input: z.object({ guestId: z.uuid() }),
  output: z.object({}),
  reply: 'stream',
})
const refuse = route('POST /refusals', {
  summary: 'Refuses as asked',
  input: z.object({ kind: z.enum(['invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict']) }),
  output: z.object({}),
})
const fail = route('POST /failures', {
  summary: 'Fails as asked',
  input: z.object({ how: z.enum(['bug', 'outage', 'full', 'output']) }),
  output: z.object({ done: z.literal(true) }),
})

const guestId = '018f3c2e-1111-7abc-8def-0123456789ab'
const clerk: Actor = { kind: 'staff', id: 'clerk', permissions: new Set(['stays.read', 'stays.write']), scope: 'group' }

const served: readonly Served[] = [
  serve(bookStay, 'stays.write', async (ctx, { guestId, nights, name }) => {
    await sql`insert into stays values (${guestId}, ${nights}, ${name})`.execute(ctx.tx)
    // As a verb does that reads `select *`: a column more than the route tells of.
    return { guestId, nights, name, phone: '+8613800138000' }
  }),
  serve(listStays, 'stays.read', async (_ctx, input) => input),
  serveLong(putPassport, 'stays.write', async (_house, _actor, { page }, call) => ({
    bytes: (await buffer(call.body)).length,
    page,
  })),
  serve(bill, 'signed-in', async (_ctx, { guestId }, call) => {
    call.sendFile({ name: '账单.csv', type: 'text/csv', content: Readable.from([`guest\n`, guestId]) })
    return {}
  }),
  serve(refuse, 'anyone', async (_ctx, { kind }, call) => {
    call.setCookie('session', 'given too early')
    throw new Refusal(kind as RefusalKind, `test.${kind}`, { nights: 3 }, 'Not like that.')
  }),
  serve(fail, 'anyone', async (ctx, { how }, call) => {
    await sql`insert into stays values (${guestId}, 1, ${how})`.execute(ctx.tx)
    call.setCookie('session', 's3', { maxAgeSeconds: 60 })
    if (how === 'bug') throw new TypeError('nobody answers at 13800138000')
    if (how === 'outage') await sql`select pg_terminate_backend(pg_backend_pid())`.execute(ctx.tx)
    if (how === 'full') await sql`do $$ begin raise 'no space' using errcode = '53100'; end $$`.execute(ctx.tx)
    return { done: false } as unknown as { done: true }
  }),
]

interface Desk {
  app: FastifyInstance
  /** As the clerk, unless another is signed in or nobody. */
  ask(
    method: string,
    url: string,
    more?: { body?: unknown; as?: Actor | null; headers?: Record<string, string> },
  ): Promise<Answer>
  logged: string[]
}
interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: the answer is looked at field by field
  json: any
  text: string
  headers: Record<string, string | string[] | number | undefined>
}

const test = base.extend<{ desk: Desk }>({
  desk: async ({ db }, use) => {
    await sql`create table stays (guest_id uuid, nights int, name text)`.execute(db.kysely)
    const logged: string[] = []
    const log = openLog('info', { write: (line) => logged.push(line) })
    const house = { db, log, publicUrl: 'https://club.example', reactions: openReactions(db, []) } as unknown as House
    const app = fastify({ genReqId: newRequestId })
    await app.register(cookie)
    answerErrors(app, house)
    let actor: Actor | null = clerk
    mountRoutes(app, house, served, {
      authenticate: async () => actor,
      wantsWholeGroup: (permission) => permission === 'stays.close',
    })
    await use({
      app,
      logged,
      ask: async (method, url, { body, as = clerk, headers = {} } = {}) => {
        actor = as
        const isJson = body !== undefined && !Buffer.isBuffer(body) && typeof body !== 'string'
        const {
          statusCode,
          payload,
          headers: answered,
        } = await app.inject({
          method: method as 'GET',
          url,
          headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
          ...(body === undefined ? {} : { payload: isJson ? JSON.stringify(body) : (body as string | Buffer) }),
        })
        const json = `${answered['content-type']}`.startsWith('application/json') ? JSON.parse(payload) : null
        return { status: statusCode, json, text: payload, headers: answered }
      },
    })
    await app.close()
  },
})

const stays = async (db: TestDatabase) => (await sql`select * from stays`.execute(db.kysely)).rows.length

describe('a route', () => {
  test('takes path, query and body as one input, acts, and answers what it says it answers', async ({ db, desk }) => {
    const { status, json, headers } = await desk.ask('POST', `/api/guests/${guestId}/stays`, {
      body: { nights: 2, name: '林晚晴' },
    })
    expect(status).toBe(200)
    // The phone that the verb gave away is not among what the route says.
    expect(json).toEqual({ guestId, nights: 2, name: '林晚晴' })
    expect(headers['cache-control']).toBe('no-store')
    expect(await stays(db)).toBe(1)
  })

  test('is called by the same value that it is served by', async ({ desk }) => {
    const get = requestOf(listStays, { limit: 5, cities: ['成都', 'A&B'] })
    expect((await desk.ask('GET', `/api${get.url}`)).json).toEqual({ limit: 5, cities: ['成都', 'A&B'] })
    const post = requestOf(bookStay, { guestId, nights: 1, name: 'Wu' })
    expect((await desk.ask('POST', `/api${post.url}`, { body: JSON.parse(post.body!) })).status).toBe(200)
  })

  test.for([
    ['a number out of range', { nights: 31, name: 'Wu' }, ['nights']],
    ['two mistakes', { nights: 'two', name: 'x'.repeat(41) }, ['nights', 'name']],
    ['a field that is missing', { nights: 1 }, ['name']],
    ['a mistake within a list', { nights: 1, name: 'Wu', tags: ['vip', 7] }, ['tags.1']],
    ['a zero character', { nights: 1, name: 'W\u0000u' }, ['name']],
    ['half of an emoji', { nights: 1, name: 'Wu', tags: ['vip', '\ud83d'] }, ['tags.1']],
  ] as const)('names the field of %s, and nothing happens', async ([, body, fields], { db, desk }) => {
    const { status, json } = await desk.ask('POST', `/api/guests/${guestId}/stays`, { body })
    expect(status).toBe(400)
    expect(json.code).toBe('request.invalid')
    expect(json.params.fields.map(({ field }: { field: string }) => field)).toEqual(fields)
    for (const field of fields) expect(json.message).toContain(`${field}: `)
    expect(await stays(db)).toBe(0)
  })

  test('names a path or query that is wrong like any field', async ({ desk }) => {
    const path = await desk.ask('POST', '/api/guests/17/stays', { body: { nights: 1, name: 'Wu' } })
    expect(path.json.params.fields).toMatchObject([{ field: 'guestId' }])
    const query = await desk.ask('GET', '/api/stays?limit=many')
    expect(query.json.params.fields).toMatchObject([{ field: 'limit' }])
  })

  test.for([
    ['JSON that ends too early', '{"nights": 1', 'application/json', 400],
    ['a list', '[1]', 'application/json', 400],
    ['a form', 'nights=1', 'application/x-www-form-urlencoded', 415],
    ['plain text', 'nights', 'text/plain', 400],
    ['a file', Buffer.from('nights'), 'application/octet-stream', 400],
  ] as const)('asks for a JSON object when it is sent %s', async ([, body, type, status], { db, desk }) => {
    const answer = await desk.ask('POST', `/api/guests/${guestId}/stays`, { body, headers: { 'content-type': type } })
    expect([answer.status, answer.json.code]).toEqual([status, 'request.unreadable'])
    expect(await stays(db)).toBe(0)
  })

  test('takes a file as a stream, larger than any JSON may be', async ({ desk }) => {
    const scan = Buffer.alloc(3 * 1024 * 1024, 1)
    const file = { 'content-type': 'application/octet-stream' }
    const { status, json } = await desk.ask('PUT', `/api/guests/${guestId}/scan?page=2`, { body: scan, headers: file })
    expect([status, json]).toEqual([200, { bytes: scan.length, page: 2 }])
    for (const body of [undefined, { scan: 'here' }]) {
      const wrong = await desk.ask('PUT', `/api/guests/${guestId}/scan`, { body })
      expect(wrong.status).toBe(400)
      expect(wrong.json.message).toContain('application/octet-stream')
    }
  })

  test('replies with a file under its own name', async ({ desk }) => {
    const { text, headers } = await desk.ask('GET', `/api/guests/${guestId}/bill`)
    expect(text).toBe(`guest\n${guestId}`)
    expect(headers['content-disposition']).toBe("attachment; filename*=UTF-8''%E8%B4%A6%E5%8D%95.csv")
    expect(headers['content-type']).toBe('text/csv')
    expect(headers['cache-control']).toBe('no-store')
  })
})

describe('who may', () => {
  const book = { body: { nights: 1, name: 'Wu' } }
  test('nobody without signing in, nobody without the permission, which the answer names', async ({ db, desk }) => {
    const stranger = await desk.ask('POST', `/api/guests/${guestId}/stays`, { ...book, as: null })
    expect([stranger.status, stranger.json.code]).toEqual([401, 'access.sign_in'])
    const reader = { ...clerk, permissions: new Set(['stays.read']) }
    const refused = await desk.ask('POST', `/api/guests/${guestId}/stays`, { ...book, as: reader })
    expect(refused.status).toBe(403)
    expect(refused.json).toMatchObject({ code: 'access.not_permitted', params: { permission: 'stays.write' } })
    expect(await stays(db)).toBe(0)
    expect((await desk.ask('GET', '/api/stays', { as: reader })).status).toBe(200)
  })

  test('whoever is signed in, where any permission will do', async ({ desk }) => {
    const anybody = { ...clerk, permissions: new Set<string>() }
    expect((await desk.ask('GET', `/api/guests/${guestId}/bill`, { as: anybody })).status).toBe(200)
    expect((await desk.ask('GET', `/api/guests/${guestId}/bill`, { as: null })).status).toBe(401)
  })

  test('who may not is told so before the input is looked at', async ({ desk }) => {
    const answer = await desk.ask('POST', '/api/guests/17/stays', { body: { nights: 99 }, as: null })
    expect(answer.status).toBe(401)
  })
})

describe('an answer that says no', () => {
  test.for([
    ['invalid', 400],
    ['unauthenticated', 401],
    ['forbidden', 403],
    ['not_found', 404],
    ['conflict', 409],
  ] as const)(
    '%s is %d with its code, its parameters and a number, and no cookie',
    async ([kind, status], { desk }) => {
      const answer = await desk.ask('POST', '/api/refusals', { body: { kind } })
      expect(answer.status).toBe(status)
      expect(answer.json).toEqual({
        code: `test.${kind}`,
        params: { nights: 3 },
        message: 'Not like that.',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      })
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(desk.logged).toEqual([])
    },
  )

  test('there is nothing at this address, also when the method is another', async ({ desk }) => {
    for (const [method, url] of [
      ['GET', '/api/nothing?token=secret'],
      ['DELETE', '/api/stays'],
    ] as const) {
      const answer = await desk.ask(method, url)
      expect([answer.status, answer.json.code]).toEqual([404, 'request.no_such_route'])
      expect(answer.text).not.toContain('secret')
    }
  })

  test.for([
    ['bug', 500, 'program.bug'],
    ['output', 500, 'program.bug'],
    ['outage', 503, 'program.database_away'],
    ['full', 503, 'program.disk_full'],
  ] as const)(
    '%s is %d; nothing is written, nothing told, and the log finds it by its number',
    async ([how, status, code], { db, desk }) => {
      const answer = await desk.ask('POST', '/api/failures', { body: { how } })
      expect([answer.status, answer.json.code]).toEqual([status, code])
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(answer.text).not.toMatch(/13800138000|TypeError|stack|terminating/)
      expect(await stays(db)).toBe(0)
      expect(desk.logged).toHaveLength(1)
      expect(desk.logged[0]).toContain(answer.json.requestId)
      expect(desk.logged[0]).not.toContain('13800138000')
      expect((await desk.ask('GET', '/api/stays')).status).toBe(200)
    },
  )
})

describe('the OpenAPI document', () => {
  const document = openApi(served, { publicUrl: 'https://club.example', version: '1.2.3' }) as {
    openapi: string
    info: Record<string, unknown>
    servers: { url: string }[]
    // biome-ignore lint/suspicious/noExplicitAny: the document is looked at field by field
    paths: Record<string, Record<string, any>>
    components: { responses: object; securitySchemes: object }
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

  test('is 3.1 and has every route once, under its own name', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.info).toMatchObject({ title: 'Roundtrip', version: '1.2.3' })
    expect(document.servers).toEqual([{ url: 'https://club.example' }])
    expect(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
      served.map(({ route }) => `${route.method} /api${route.path.replace(/:(\w+)/g, '{$1}')}`).sort(),
    )
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(served.length)
  })

  test('has each parameter of a path, and says where every field goes', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      const parameters = operation.parameters as { name: string; in: string; required: boolean; schema: object }[]
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(inPath)
      for (const parameter of parameters) {
        expect(parameter.schema).toBeTypeOf('object')
        if (parameter.in === 'path') expect(parameter.required).toBe(true)
      }
    }
    const book = document.paths['/api/guests/{guestId}/stays']!.post
    expect(book.parameters).toHaveLength(1)
    expect(book.requestBody.content['application/json'].schema).toMatchObject({
      properties: { nights: { type: 'integer', minimum: 1, maximum: 30 }, name: { maxLength: 40 } },
      required: ['nights', 'name'],
    })
    expect(document.paths['/api/stays']!.get.parameters).toMatchObject([
      { name: 'limit', in: 'query', required: false },
      { name: 'cities', in: 'query', required: false },
    ])
    const scan = document.paths['/api/guests/{guestId}/scan']!.put
    expect(scan.requestBody.content['application/octet-stream'].schema).toEqual({ type: 'string', format: 'binary' })
    expect(scan.parameters.map(({ name }: { name: string }) => name)).toEqual(['guestId', 'page'])
  })

  test('tells of each route its permission, its answer and its refusals; what it refers to is there', () => {
    for (const { operation } of operations) {
      expect(operation['x-permission']).toBeTypeOf('string')
      expect(Object.keys(operation.responses)).toEqual(['200', '400', '401', '403', '404', '409'])
    }
    const needs = new Map(
      operations.map(({ path, operation }) => [path, [operation['x-permission'], operation.security]]),
    )
    expect(needs.get('/api/stays')).toEqual(['stays.read', undefined])
    expect(needs.get('/api/refusals')).toEqual(['anyone', []])
    expect(
      document.paths['/api/guests/{guestId}/stays']!.post.responses[200].content['application/json'].schema,
    ).toMatchObject({
      properties: { guestId: {}, name: {}, nights: {} },
      additionalProperties: false,
    })
    const text = JSON.stringify(document)
    for (const [, pointer] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer!.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document)
      expect(target, pointer).toBeTypeOf('object')
    }
  })
})
