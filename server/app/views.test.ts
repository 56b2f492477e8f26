import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { test as base, expect } from '#app/testing'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { buildServer } from './server.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies and refusals, looked into as the story needs
type Reply = any

interface Person {
  put(id: string, view: { name?: string; definition?: object; page?: string }): Promise<{ status: number; body: Reply }>
  views(): Promise<{ id: string; name: string; definition: object }[]>
  names(): Promise<string[]>
  delete(id: string): Promise<{ status: number; body: Reply }>
}

const test = base.extend<{ someone: () => Promise<Person> }>({
  someone: async ({ db, given }, use) => {
    const house = {
      db,
      folder: '/nonexistent',
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true },
    } as unknown as House
    const server: FastifyInstance = await buildServer(house, { via: 'port' })
    await use(async () => {
      const { key } = await given.key('auditor')
      const ask = async (method: 'GET' | 'PUT' | 'DELETE', path: string, payload?: object) => {
        const reply = await server.inject({
          method,
          url: `/api/views${path}`,
          headers: { authorization: `Bearer ${key}` },
          ...(payload ? { payload } : {}),
        })
        return { status: reply.statusCode, body: reply.json() }
      }
      const views = async () => (await ask('GET', '')).body.views
      return {
        put: (id, { name = '本周成交', page = 'members', definition = { show: 'paid' } }) =>
          ask('PUT', `/${id}`, { name, page, definition }),
        views,
        names: async () => (await views()).map((view: { name: string }) => view.name),
        delete: (id) => ask('DELETE', `/${id}`),
      }
    })
    await server.close()
  },
})

test('a view is kept as it was told, in the order of making, renamed, changed and deleted', async ({ someone }) => {
  const me = await someone()
  const [a, b] = [newId(), newId()]
  const definition = { search: '138 0806 6721', channel: 'store-a', show: 'paid', columns: ['points', 'city'] }
  expect(await me.put(a, { name: ' 春熙路成交 ', definition })).toEqual({ status: 200, body: { outcome: 'created' } })
  await me.put(b, { name: '全部', definition: {} })
  expect(await me.views()).toEqual([
    { id: a, name: '春熙路成交', page: 'members', definition },
    { id: b, name: '全部', page: 'members', definition: {} },
  ])
  expect((await me.put(a, { name: '成交', definition: { columns: [] } })).body).toEqual({ outcome: 'updated' })
  expect((await me.views())[0]).toMatchObject({ name: '成交', definition: { columns: [] } })
  expect((await me.delete(a)).status).toBe(200)
  expect(await me.names()).toEqual(['全部'])
})

test('told twice it is one view, deleted twice it is not found', async ({ someone }) => {
  const me = await someone()
  const id = newId()
  await me.put(id, {})
  expect((await me.put(id, {})).body).toEqual({ outcome: 'unchanged' })
  expect(await me.names()).toEqual(['本周成交'])
  await me.delete(id)
  expect(await me.delete(id)).toMatchObject({ status: 404, body: { code: 'desk.view_not_found' } })
})

test('a name stands for one view of a person, and the refusal says which field', async ({ someone }) => {
  const [me, other] = [await someone(), await someone()]
  const id = newId()
  await me.put(id, {})
  expect(await me.put(newId(), {})).toMatchObject({
    status: 409,
    body: { code: 'desk.view_name_taken', params: { field: 'name', name: '本周成交' } },
  })
  // The view itself keeps its name, and somebody else may use it too.
  expect((await me.put(id, { definition: { show: 'new' } })).body).toEqual({ outcome: 'updated' })
  expect((await other.put(newId(), {})).body).toEqual({ outcome: 'created' })
})

test('thirty views and no more, also from two windows at once', async ({ someone }) => {
  const me = await someone()
  for (let n = 1; n <= 28; n++) await me.put(newId(), { name: `${n}` })
  const outcomes = await Promise.all([29, 30, 31, 32].map((n) => me.put(newId(), { name: `${n}` })))
  expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409])
  expect(outcomes.find(({ status }) => status === 409)!.body).toMatchObject({
    code: 'desk.too_many_views',
    params: { limit: 30 },
  })
  const [first] = await me.views()
  expect((await me.put(first!.id, { name: '改名' })).body).toEqual({ outcome: 'updated' })
})

test("another's view can't be seen, changed or deleted", async ({ someone }) => {
  const [me, other] = [await someone(), await someone()]
  const id = newId()
  await me.put(id, {})
  expect(await other.views()).toEqual([])
  expect(await other.delete(id)).toMatchObject({ status: 404, body: { code: 'desk.view_not_found' } })
  await other.put(id, { name: '别人的', definition: {} })
  expect(await me.views()).toMatchObject([{ id, name: '本周成交', definition: { show: 'paid' } }])
})

test.for([
  [{ definition: { show: 'rich' } }, 'definition.show'],
  [{ definition: { columns: ['city', 'salary'] } }, 'definition.columns.1'],
  [{ definition: { columns: ['city', 'city'] } }, 'definition.columns'],
  [{ definition: { sort: 'name' } }, 'definition'],
  [{ name: '  ' }, 'name'],
  [{ page: 'orders' }, 'page'],
] as const)('%j is refused, and the refusal names %s', async ([view, field], { someone }) => {
  const { status, body } = await (await someone()).put(newId(), view as object)
  expect([status, body.code, body.params.fields[0].field]).toEqual([400, 'request.invalid', field])
})

test('what was searched for does not lie open in the database', async ({ someone, db }) => {
  const me = await someone()
  await me.put(newId(), { name: '回访', definition: { search: '13808066721' } })
  const { rows } = await sql<{ all: string }>`select v::text as all from desk.views v`.execute(db.kysely)
  expect(rows).toHaveLength(1)
  expect(rows[0]!.all).not.toContain('13808066721')
  expect(rows[0]!.all).not.toContain(Buffer.from('13808066721').toString('hex'))
})
