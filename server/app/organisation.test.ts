import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { test as base, expect } from '#app/testing'
import type { House } from '#platform/house'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { zipOf } from '../modules/imports/files/testing.ts'

interface Desk {
  read(file: string | Buffer, columns?: (string | null)[]): Promise<Reply>
  send(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    payload?: object,
    role?: 'administrator' | 'marketer',
  ): Promise<Reply>
  folder: string
}
type Reply = Awaited<ReturnType<FastifyInstance['inject']>>

const test = base.extend<{ desk: Desk }>({
  desk: async ({ db, given }, use) => {
    const { buildServer } = await import('./server.ts')
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-organisation-'))
    const house = {
      db,
      sandbox: true,
      folder,
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true },
    } as unknown as House
    const server = await buildServer(house, { via: 'port' })
    const keys = { administrator: (await given.key()).key, marketer: (await given.key('marketer')).key }
    const send: Desk['send'] = (method, url, payload, role = 'administrator') =>
      server.inject({
        method,
        url: `/api${url}`,
        headers: { authorization: `Bearer ${keys[role]}` },
        ...(payload ? { payload } : {}),
      })
    await use({
      folder,
      send,
      read: (file, columns) =>
        server.inject({
          method: 'POST',
          url: `/api/organisation/tree-readings${columns ? `?columns=${encodeURIComponent(JSON.stringify(columns))}` : ''}`,
          headers: { authorization: `Bearer ${keys.administrator}`, 'content-type': 'application/octet-stream' },
          payload: file,
        }),
    })
    await server.close()
    await rm(folder, { recursive: true })
  },
})

/** 公司,门店,城市 / 成都公司,春熙路店,成都 as Excel saves it on a Chinese computer. */
const gb18030 = Buffer.from('b9abcbbe2cc3c5b5ea2cb3c7cad00ab3c9b6bcb9abcbbe2cb4bacef5c2b7b5ea2cb3c9b6bc0a', 'hex')

test('a file goes from its reading over the comparison into the tree, and read again it changes nothing', async ({
  desk,
}) => {
  const read = (await desk.read(gb18030)).json()
  expect(read).toMatchObject({
    file: { format: 'csv', encoding: 'gb18030' },
    columns: [{ field: 'company' }, { field: 'store', samples: ['春熙路店'] }, { field: 'city' }],
    rows: [
      { number: 2, made: true, told: { kind: 'company', code: 'chengdu', name: '成都公司' } },
      { number: 2, made: true, told: { kind: 'store', code: 'chunxilu', city: '成都', company: 'chengdu' } },
    ],
    mistakes: [],
  })
  const rows = read.rows.map(({ told }: { told: object }) => told)
  const compared = (await desk.send('POST', '/organisation/tree-comparisons', { rows })).json()
  expect(compared).toMatchObject({ differences: [{ outcome: 'new' }, { outcome: 'new' }], mistakes: [] })
  expect((await desk.send('GET', '/organisation')).json().companies).toEqual([])

  expect((await desk.send('PUT', '/organisation/tree', { rows })).json()).toMatchObject({ created: 2 })
  const again = (await desk.read(gb18030)).json()
  expect(again.rows.map(({ made, told }: { made: boolean; told: { code: string } }) => [told.code, made])).toEqual([
    ['chengdu', false],
    ['chunxilu', false],
  ])
  const moved = [{ kind: 'store', code: 'chunxilu', name: '新春熙路店', city: '重庆', company: 'chengdu' }]
  expect((await desk.send('POST', '/organisation/tree-comparisons', { rows: moved })).json()).toEqual({
    differences: [
      {
        kind: 'store',
        code: 'chunxilu',
        outcome: 'changed',
        changed: ['name', 'city'],
        before: { name: '春熙路店', city: '成都', company: 'chengdu' },
      },
    ],
    mistakes: [],
  })
  // Nothing of a file is kept.
  expect(await readdir(join(desk.folder, 'uploads'))).toEqual([])
})

test('what putting would refuse, comparing says by row and field', async ({ desk }) => {
  await desk.send('POST', '/channels', { code: 'website', kind: 'website' })
  const rows = [{ kind: 'store', code: 'website', name: '一店', city: '成都', company: 'nobody' }]
  const { mistakes } = (await desk.send('POST', '/organisation/tree-comparisons', { rows })).json()
  expect(mistakes).toMatchObject([
    { row: 1, field: 'code', code: 'other_kind' },
    { row: 1, field: 'company', code: 'company_unknown', value: 'nobody' },
  ])
  const refused = await desk.send('PUT', '/organisation/tree', { rows })
  expect([refused.statusCode, refused.json().params.mistakes]).toEqual([400, mistakes])
})

test('columns that no header names are said by a person', async ({ desk }) => {
  const file = 'A,B,C\n成都公司,春熙路店,成都\n'
  expect((await desk.read(file)).json()).toMatchObject({ rows: [], mistakes: [], columns: [{}, { field: null }, {}] })
  const told = (await desk.read(file, ['company', 'store', 'city'])).json()
  expect(told.rows).toHaveLength(2)
  const refused = await desk.read(file, [null, null, 'city'])
  expect([refused.statusCode, refused.json().code]).toEqual([400, 'organisation.no_columns'])
})

test.for([
  ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /^file\./],
  ['nothing', Buffer.alloc(0), /^(file\.empty|request\.)/],
  ['a bomb', zipOf([{ name: 'xl/workbook.xml', content: Buffer.alloc(40_000_000) }]), /^file\./],
  ['more than a tree has', `公司,门店,城市\n${'甲公司,一店,成都\n'.repeat(5001)}`, /^organisation\.too_many_rows$/],
] as const)('%s is refused with its reason, and leaves nothing behind', async ([, file, code], { desk }) => {
  const refused = await desk.read(file)
  expect([refused.statusCode, refused.json().code]).toEqual([400, expect.stringMatching(code)])
  expect(await readdir(join(desk.folder, 'uploads')).catch(() => [])).toEqual([])
})

test('a code is suggested from a name, free even where a channel has it', async ({ desk }) => {
  await desk.send('POST', '/channels', { code: 'chunxilu', kind: 'ota' })
  const suggest = async (kind: string) =>
    (await desk.send('GET', `/organisation/code-suggestion?kind=${kind}&name=${encodeURIComponent('春熙路店')}`)).json()
  expect(await suggest('store')).toEqual({ code: 'chunxilu-2' })
  expect(await suggest('company')).toEqual({ code: 'chunxilu' })
})

test('who may not write the tree can not read a file into it', async ({ desk }) => {
  const refused = await desk.send('POST', '/organisation/tree-comparisons', { rows: [] }, 'marketer')
  expect([refused.statusCode, refused.json().params.permission]).toEqual([403, 'organisation.write'])
})
