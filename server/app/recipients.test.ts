/** Who carries messages outside of the group has to be on file; and whoever looked is told to the member by role and store. */
import type { FastifyInstance } from 'fastify'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { type StandIn, standIn } from '../modules/centre/aliyun.testing.ts'
import { deliver } from '../modules/centre/sms.ts'

type Cookies = Record<string, string>
type Reply = Awaited<ReturnType<FastifyInstance['inject']>>

interface Group {
  house: House
  provider: StandIn
  staff: Cookies
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, cookies?: Cookies): Promise<Reply>
  sends(): Promise<void>
}

const test = base.extend<{ group: Group }>({
  group: async ({ db, given }, use) => {
    const { buildServer } = await import('./server.ts')
    const provider = await standIn()
    const house = {
      db,
      sandbox: false,
      sms: provider.provider,
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => false },
    } as unknown as House
    const server = await buildServer(house, { via: 'port' })
    const token = await given.link()
    const { cookies } = await server.inject({ method: 'POST', url: '/api/sessions', payload: { token } })
    const staff = Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
    await use({
      house,
      provider,
      staff,
      ask: (method, url, payload, own = {}) =>
        server.inject({ method, url: `/api${url}`, cookies: own, ...(payload ? { payload } : {}) }),
      sends: async () => {
        const { rows } = await db.pool.query("select id from centre.deliveries where state = 'waiting'")
        for (const { id } of rows) await deliver.run(house, { id })
      },
    })
    await server.close()
    await provider.close()
  },
})

const phone = '13808066721'
const carrier = {
  name: '阿里云通信',
  country: 'CN',
  purpose: 'messages',
  details: '替我们发送验证码',
  basis: 'contract',
  uses: ['sms'],
  agreement: '服务协议第 7 号',
  agreementUntil: null,
  transfer: null,
}

describe('messages to phones', () => {
  test('go out when their carrier is on file, and are refused before and after', async ({ group, db }) => {
    const { ask, staff, provider, sends } = group
    const code = () => ask('POST', '/centre/codes', { phone })
    expect((await code()).json().code).toBe('centre.no_sms')
    expect((await ask('GET', '/centre/start')).json().canSend).toBe(false)
    expect((await ask('GET', '/privacy/recipients', undefined, staff)).json().missing).toEqual(['sms'])
    const id = newId()
    expect((await ask('PUT', `/privacy/recipients/${id}`, carrier, staff)).statusCode).toBe(200)
    expect((await ask('GET', '/privacy/recipients', undefined, staff)).json().missing).toEqual([])
    expect((await ask('GET', '/centre/start')).json().canSend).toBe(true)
    expect((await code()).statusCode).toBe(200)
    await sends()
    expect(provider.taken).toHaveLength(1)

    // The member reads who has the number.
    const said = {
      phone,
      code: JSON.parse(provider.taken[0]!.TemplateParam!).code,
      agreed: { version: 1, language: 'zh-CN', choices: [] },
    }
    const come = await ask('POST', '/centre/sessions', said)
    expect(come.json().outcome).toBe('signed_in')
    const own = Object.fromEntries(come.cookies.map(({ name, value }) => [name, value]))
    const { received } = (await ask('GET', '/centre/privacy?language=zh-CN', undefined, own)).json()
    expect(received).toMatchObject([{ name: '阿里云通信', what: ['contact'], purpose: 'messages', country: 'CN' }])

    // Asked for while it holds, and ended before it goes: it does not go.
    db.clock = { now: () => new Date(Date.now() + 120_000) }
    expect((await code()).statusCode).toBe(200)
    expect((await ask('DELETE', `/privacy/recipients/${id}`, undefined, staff)).statusCode).toBe(200)
    await sends()
    expect(provider.taken).toHaveLength(1)
    const { rows } = await db.pool.query('select state from centre.deliveries order by created_at')
    expect(rows.map(({ state }) => state)).toEqual(['sent', 'refused'])
    expect((await code()).json().code).toBe('centre.no_sms')
  })
})

test('whoever looked is told by the role and the store that they had then, never by name', async ({
  group,
  db,
  given,
}) => {
  const { ask, staff } = group
  await given.channel('store-a')
  await ask(
    'PUT',
    '/organisation/tree',
    {
      rows: [
        { kind: 'company', code: 'west', name: '西部公司' },
        { kind: 'store', code: 'store-a', name: '春熙路店', city: '成都', company: 'west' },
      ],
    },
    staff,
  )
  const { id } = await given.member()
  const manager = await given.staff('store-manager', { kind: 'store', code: 'store-a' }, '周店长')
  const { cookies } = await ask('POST', '/sessions', { token: manager.token })
  const own = Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
  const look = (who: Cookies) =>
    ask('POST', `/members/${id}/reveals`, { recordId: id, field: 'phone', reason: '回电核对' }, who)
  expect((await look(own)).statusCode).toBe(200)
  expect((await look(staff)).statusCode).toBe(200)
  // Since then she works elsewhere.
  await db.pool.query('update access.grants set ended_at = clock_timestamp() where holder_id = $1', [manager.id])
  await db.pool.query(
    `insert into access.grants (id, holder_id, role, scope, given_at, given_by) values ($1, $2, 'guide', 'group', clock_timestamp(), 'system')`,
    [newId(), manager.id],
  )
  const held = await ask('GET', `/members/${id}/holdings`, undefined, staff)
  const looks = held.json().looks as object[]
  expect(looks).toMatchObject([
    { field: 'phone', by: 'staff', role: 'administrator', place: null },
    { field: 'phone', by: 'staff', role: 'store-manager', roleName: null, place: '春熙路店' },
  ])
  expect(JSON.stringify(looks)).not.toMatch(/周店长/)
})
