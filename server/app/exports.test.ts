/**
 * Files that staff take out: within what they may see, masked unless they may show it, traceable, approved where the
 * group wants it, and gone in time. On a real server, with the job that makes them run by hand.
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { describe } from 'vitest'
import { fromBuffer } from 'yauzl'
import { test as base, expect, type Given } from '#app/testing'
import { erasedOf, eraseHomes, homesOf, prepareErasure } from '#modules/members'
import { adjust, ensureStartingRules } from '#modules/points'
import { stoppedClock } from '#platform/clock'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import type { TestDatabase } from '#platform/testing'
import { openTestWarehouse } from '#platform/warehouse/testing'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { putRole } from '../modules/access/roles.ts'
import { making, tidy } from '../modules/exports/making.ts'
import { changeRules } from '../modules/exports/rules.ts'
import { markOf } from '../modules/exports/watermark.ts'
import { readTable } from '../modules/imports/files/testing.ts'
import { facts, modules } from './modules.ts'
import { buildServer } from './server.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies of several routes, looked into as the story needs
type Reply = any
type Ask = (
  key: string,
  method: string,
  path: string,
  input?: object,
) => Promise<{ status: number; body: Reply; raw: Buffer }>

const test = base.extend<{
  house: House
  ask: Ask
  /** Asks for an export and has it made; says what became of it. */
  exported: (key: string, input?: object) => Promise<Reply>
  fileOf: (key: string, id: string) => Promise<Buffer>
}>({
  house: async ({ db }, use) => {
    const warehouse = await openTestWarehouse()
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-exports-'))
    const log = openLog('silent')
    await prepareWarehouse({ warehouse, log }, facts)
    db.useReactions([...modules.flatMap((module) => module.reactions ?? []), warehouseReaction({ warehouse, facts })])
    const stopping = new AbortController().signal
    await use({ db, warehouse, log, folder, stopping, publicUrl: 'http://localhost:3000' } as unknown as House)
    await warehouse.close()
    await rm(folder, { recursive: true })
  },
  ask: async ({ house }, use) => {
    const server: FastifyInstance = await buildServer(house, { via: 'port' })
    await use(async (key, method, path, input) => {
      const reply = await server.inject({
        method: method as 'GET',
        url: `/api${path}`,
        headers: { authorization: `Bearer ${key}` },
        ...(input ? { payload: input } : {}),
      })
      const isJson = reply.headers['content-type']?.toString().startsWith('application/json')
      return { status: reply.statusCode, body: isJson ? reply.json() : null, raw: reply.rawPayload }
    })
    await server.close()
  },
  exported: async ({ ask, house }, use) => {
    await use(async (key, input = {}) => {
      const id = newId()
      const asked = await ask(key, 'POST', '/exports', {
        id,
        kind: 'members',
        format: 'csv',
        reason: '双十一回访',
        ...input,
      })
      expect([asked.status, asked.body]).toEqual([200, asked.body])
      await making.run(house, { exportId: id })
      return (await ask(key, 'GET', `/exports/${id}`)).body
    })
  },
  fileOf: async ({ ask }, use) => {
    await use(async (key, id) => {
      const { status, raw } = await ask(key, 'GET', `/exports/${id}/file`)
      expect([status, status === 200 ? '' : raw.toString()]).toEqual([200, ''])
      return raw
    })
  },
})

const linesOf = (file: Buffer) => file.toString().replace('\ufeff', '').trimEnd().split('\r\n')

/** Two stores, a member of each and one of both; orders at each, points. */
async function laid(db: TestDatabase, given: Given) {
  await db.act(ensureStartingRules)
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  const atA = await given.record(
    { externalId: 'A-1', name: '诸葛隐娘', phone: '13912340001', email: 'yin@example.com' },
    { of: a },
  )
  const both = await given.record({ externalId: 'A-2', name: '欧阳无双', phone: '13912340002' }, { of: a })
  const bothAtB = await given.record({ externalId: 'B-2', name: '欧阳无双', phone: '13912340002' }, { of: b })
  const atB = await given.record({ externalId: 'B-1', name: '司马相如', phone: '13912340003' }, { of: b })
  await given.order({
    member: both,
    paidFen: 123_450,
    number: 'AT-A',
    of: a,
    at: new Date('2026-11-01T12:00:00+08:00'),
  })
  await given.order({
    member: bothAtB,
    paidFen: 5_000,
    number: 'AT-B',
    of: b,
    at: new Date('2026-11-02T12:00:00+08:00'),
  })
  await db.reactionsCaughtUp()
  const manager = (await given.key('company-manager', { kind: 'store', code: 'store-a' })).key
  return { atA, both, atB, manager, administrator: (await given.key()).key }
}

describe('a file', () => {
  test('holds the members of the scope, masked, each row marked and the last line telling whose it is', async ({
    db,
    given,
    exported,
    fileOf,
    ask,
  }) => {
    const { manager, both } = await laid(db, given)
    const made = await exported(manager, { asked: { columns: ['phone', 'email', 'orders', 'spent', 'id'] } })
    expect(made).toMatchObject({ state: 'ready', rows: 2, clear: false, downloads: 0, downloadsLeft: 5 })
    const file = await fileOf(manager, made.id)
    const lines = linesOf(file)
    expect(lines[0]).toBe('姓名,手机号,电子邮箱,订单数,消费金额,会员编号,_export')
    expect(lines).toHaveLength(4)
    const mark = markOf(db.vault!, made.trace, both.person)
    // Of what they bought at store B nothing.
    expect(lines).toContain(`欧阳无双,139 •••• 0002,,1,1234.5,${both.person},${mark}`)
    expect(lines.filter((line) => line.includes('诸葛隐娘'))[0]).toContain('y•••@example.com')
    expect(lines.at(-1)).toContain(`双十一回访 | 导出编号: ${made.id} | 追溯标记: ${made.trace}`)
    expect(file.toString()).not.toMatch(/司马相如|13912340|13912340001|AT-B/)
    const { key: auditor } = await given.key('auditor')
    expect((await ask(auditor, 'GET', `/export-traces/${mark.toLowerCase()}`)).body).toMatchObject({
      id: made.id,
      reason: '双十一回访',
    })
    expect((await ask(auditor, 'GET', '/export-traces/NOBODYS-1')).status).toBe(404)
  })

  test('holds what the filter of the list means', async ({ db, given, exported, fileOf }) => {
    const { administrator } = await laid(db, given)
    const namesIn = async (asked: object) => {
      const { id } = await exported(administrator, { asked })
      return linesOf(await fileOf(administrator, id))
        .slice(1, -1)
        .map((line) => line.split(',')[0])
    }
    expect(await namesIn({})).toHaveLength(3)
    expect(await namesIn({ search: '诸葛' })).toEqual(['诸葛隐娘'])
    expect((await namesIn({ channel: 'store-b' })).toSorted()).toEqual(['司马相如', '欧阳无双'].toSorted())
    expect(await namesIn({ show: 'paid', search: '司马' })).toEqual([])
  })

  test('of orders and of points records, in the days asked for', async ({ db, given, exported, fileOf }) => {
    const { administrator, manager, both } = await laid(db, given)
    const orders = await exported(administrator, { kind: 'orders', asked: { from: '2026-11-02', until: '2026-11-02' } })
    expect(orders.rows).toBe(1)
    expect(linesOf(await fileOf(administrator, orders.id))[1]).toMatch(
      new RegExp(`^AT-B,2026-11-02 12:00:00,store-b,欧阳无双,139 •••• 0002,,50,0,CNY,paid,,${both.person},`),
    )
    const own = await exported(manager, { kind: 'orders' })
    expect(
      linesOf(await fileOf(manager, own.id))
        .map((line) => line.split(',')[0])
        .slice(1, -1),
    ).toEqual(['AT-A'])
    await db.act((ctx) => adjust(ctx, { memberId: both.id, id: newId(), points: -34, reason: '=补扣' }))
    const points = await exported(manager, { kind: 'points', asked: { search: '欧阳' } })
    const rows = linesOf(await fileOf(manager, points.id)).slice(1, -1)
    // 1,235 and 50 for what they bought, and 34 taken; the card is the group's, what store B gave them for is not told.
    expect(rows.map((line) => line.split(',')[4]).toSorted()).toEqual(['-34', '1235', '50'])
    expect(rows.filter((line) => line.includes('elsewhere'))).toHaveLength(1)
    expect(rows.find((line) => line.includes('-34'))).toContain(`'=补扣`)
  })

  test('runs nothing when it is opened, as CSV or as XLSX', async ({ db, given, exported, fileOf }) => {
    const { administrator } = await laid(db, given)
    const names = ['=HYPERLINK("http://x","y")', '+8613912340000', '-2+3', '@SUM(A1)', '\tTab']
    // The cleaning of names would turn these away, so that they are written as an older record may have them.
    const { sql } = await import('kysely')
    for (const [index, name] of names.entries()) {
      const { id } = await given.record({ externalId: `X-${index}`, name: '某人', phone: `1381234000${index}` })
      await sql`update members.profiles set name = ${name} where member_id = ${id}`.execute(db.kysely)
    }
    const asked = { columns: ['id'] }
    const { id } = await exported(administrator, { asked })
    const text = (await fileOf(administrator, id)).toString()
    for (const name of names) expect(text).toContain(name.includes('"') ? `'=HYPERLINK(""http` : `\n'${name},`)
    const workbook = await exported(administrator, { asked, format: 'xlsx' })
    const sheets = await partsOf(await fileOf(administrator, workbook.id))
    const sheet = sheets['xl/worksheets/sheet1.xml']!
    expect(sheet).not.toContain('<f>')
    for (const name of names.slice(1))
      expect(sheet).toContain(`<c t="inlineStr"><is><t xml:space="preserve">${name}</t>`)
    expect(sheet).toContain('=HYPERLINK(&quot;http://x&quot;,&quot;y&quot;)')
    expect(sheets['xl/worksheets/sheet2.xml']).toContain('双十一回访')
  })

  test('as XLSX is read back by the program itself', async ({ db, given, exported, fileOf }) => {
    const { administrator } = await laid(db, given)
    const { id } = await exported(administrator, { format: 'xlsx', asked: { columns: ['city', 'orders'] } })
    const table = await readTable(await fileOf(administrator, id))
    expect(table.columns.slice(0, 3)).toEqual(['姓名', '城市', '订单数'])
    expect(table.cells).toHaveLength(3)
    expect(table.cells.find(([name]) => name === '欧阳无双')![2]).toBe('2')
  })
})

describe('values in full', () => {
  test('want the permission to show them, and each person is noted with the reason', async ({
    db,
    given,
    ask,
    exported,
    fileOf,
  }) => {
    const { atA, administrator } = await laid(db, given)
    await db.act((ctx) =>
      putRole(ctx, { code: 'taker', name: '导出', permissions: ['members.read', 'members.export'] }),
    )
    const { key: taker } = await given.key('taker')
    const asked = { id: newId(), kind: 'members', reason: '寄送礼品', clear: true }
    expect((await ask(taker, 'POST', '/exports', asked)).body).toMatchObject({ code: 'exports.clear_not_permitted' })
    expect((await ask(taker, 'POST', '/exports', { ...asked, clear: false, reason: ' ' })).status).toBe(400)
    const made = await exported(administrator, {
      clear: true,
      reason: '寄送礼品',
      asked: { columns: ['phone', 'email'] },
    })
    expect((await fileOf(administrator, made.id)).toString()).toMatch(/诸葛隐娘,'\+8613912340001,yin@example.com/)
    const { looks } = (await ask(administrator, 'GET', `/members/${atA.person}/looks`)).body
    expect(looks).toMatchObject([{ act: 'exportShown', reason: '寄送礼品' }])
    const shown = (await ask(administrator, 'GET', '/audit-entries?act=exportShown')).body.entries
    expect(shown).toHaveLength(3)
    expect(shown.find((entry: Reply) => entry.members[0].id === atA.person).fields).toEqual(['phone', 'email'])
    const masked = await exported(administrator, { asked: { columns: ['phone'] } })
    expect((await ask(administrator, 'GET', '/audit-entries?act=exportShown')).body.entries).toHaveLength(3)
    expect((await fileOf(administrator, masked.id)).toString()).not.toContain('13912340001')
  })
})

describe('an export', () => {
  test('needs its permission, and that of what it tells', async ({ db, given, ask }) => {
    await laid(db, given)
    const { key: staff } = await given.key('store-staff', { kind: 'store', code: 'store-a' })
    const asked = { id: newId(), kind: 'members', reason: '看看' }
    expect((await ask(staff, 'POST', '/exports', { ...asked, reason: '看一看' })).body).toMatchObject({
      code: 'access.not_permitted',
    })
    await db.act((ctx) => putRole(ctx, { code: 'taker', name: '导出', permissions: ['members.export'] }))
    const { key } = await given.key('taker')
    for (const [kind, permission] of [
      ['orders', 'orders.read'],
      ['points', 'points.read'],
    ])
      expect((await ask(key, 'POST', '/exports', { ...asked, kind, reason: '看一看' })).body).toMatchObject({
        code: 'access.not_permitted',
        params: { permission },
      })
  })

  test('is as large as the group lets it be, by role', async ({ db, given, exported, ask }) => {
    const { administrator, manager } = await laid(db, given)
    await ask(administrator, 'PUT', '/export-rules', { mostRows: 1, mostRowsOfRole: { administrator: 3 } })
    expect(await exported(manager)).toMatchObject({ state: 'failed', error: 'exports.too_many_rows' })
    expect(await exported(administrator)).toMatchObject({ state: 'ready', rows: 3 })
    await ask(administrator, 'PUT', '/export-rules', { mostRowsOfRole: { administrator: 2 } })
    expect(await exported(administrator)).toMatchObject({ state: 'failed' })
  })

  test('waits for somebody else where the group wants that, and is not made before', async ({
    db,
    given,
    house,
    exported,
    ask,
    fileOf,
  }) => {
    const { manager, administrator } = await laid(db, given)
    await db.act((ctx) => changeRules(ctx, { approvalFromRows: 3, approvalOfClear: true }))
    expect(await exported(manager)).toMatchObject({ state: 'ready', rows: 2 })
    const waiting = await exported(manager, { clear: true })
    expect(waiting).toMatchObject({ state: 'waiting', rows: 2 })
    expect(await readdir(join(house.folder, 'exports'))).toHaveLength(1)
    expect((await ask(manager, 'GET', `/exports/${waiting.id}/file`)).body).toMatchObject({
      code: 'exports.wrong_state',
    })
    const decide = (key: string, id: string, approved: boolean) =>
      ask(key, 'POST', `/exports/${id}/decisions`, { approved, reason: '核对过了' })
    expect((await decide(manager, waiting.id, true)).status).toBe(403)
    const large = await exported(administrator)
    expect(large).toMatchObject({ state: 'waiting', rows: 3 })
    // The administrator may approve, but not what is their own.
    expect((await decide(administrator, large.id, true)).body).toMatchObject({ code: 'exports.own' })
    expect((await ask(administrator, 'GET', '/export-approvals')).body.exports.map(({ id }: Reply) => id)).toEqual([
      waiting.id,
    ])
    const { key: second } = await given.key()
    expect((await decide(second, large.id, false)).body).toMatchObject({ state: 'refused' })
    expect((await decide(second, waiting.id, true)).body).toMatchObject({ state: 'making' })
    expect((await decide(second, waiting.id, true)).body).toMatchObject({ code: 'exports.wrong_state' })
    await making.run(house, { exportId: waiting.id })
    expect((await fileOf(manager, waiting.id)).toString()).toContain('13912340001')
    await making.run(house, { exportId: large.id })
    expect((await ask(administrator, 'GET', `/exports/${large.id}`)).body.state).toBe('refused')
  })

  test('is taken by whoever asked, a few times, each recorded', async ({ db, given, ask, exported, fileOf, house }) => {
    const { manager, administrator } = await laid(db, given)
    await db.act((ctx) => changeRules(ctx, { downloads: 2 }))
    const { id } = await exported(manager)
    const path = join(house.folder, 'exports', id)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    // Sealed: nothing of what it says can be read from the disk.
    expect((await readFile(path)).includes('双十一回访')).toBe(false)
    expect((await ask(administrator, 'GET', `/exports/${id}/file`)).status).toBe(404)
    expect((await ask(administrator, 'GET', `/exports/${id}`)).status).toBe(404)
    await fileOf(manager, id)
    await fileOf(manager, id)
    expect((await ask(manager, 'GET', `/exports/${id}/file`)).body).toMatchObject({
      code: 'exports.no_downloads_left',
      params: { downloads: 2 },
    })
    const entries = async (act: string) => (await ask(administrator, 'GET', `/audit-entries?act=${act}`)).body.entries
    expect((await entries('getExportsExportIdFile')).map(({ refusal }: Reply) => refusal)).toEqual([null, null])
    expect(await entries('postExports')).toMatchObject([{ reason: '双十一回访', ids: { kind: 'members' } }])
    expect(await entries('exportMade')).toMatchObject([{ kind: 'export', details: { rows: 2 } }])
  })

  test('told twice is one, and of another is not known', async ({ db, given, ask }) => {
    const { manager, administrator } = await laid(db, given)
    const asked = { id: newId(), kind: 'members', reason: '双十一回访' }
    const [one, two] = [await ask(manager, 'POST', '/exports', asked), await ask(manager, 'POST', '/exports', asked)]
    expect(two.body.trace).toBe(one.body.trace)
    expect((await ask(administrator, 'POST', '/exports', asked)).status).toBe(404)
    expect((await ask(manager, 'GET', '/exports')).body.exports).toHaveLength(1)
  })

  test('expires with its file, and what was searched for goes', async ({ db, given, ask, exported, house }) => {
    const { manager } = await laid(db, given)
    await db.act((ctx) => changeRules(ctx, { hours: 1 }))
    const { id } = await exported(manager, { asked: { search: '13912340001' } })
    db.clock = stoppedClock(new Date(Date.now() + 3_601_000))
    expect((await ask(manager, 'GET', `/exports/${id}/file`)).body).toMatchObject({ code: 'exports.wrong_state' })
    await tidy(house)
    expect((await ask(manager, 'GET', `/exports/${id}`)).body).toMatchObject({ state: 'expired', asked: null })
    expect(await readdir(join(house.folder, 'exports'))).toEqual([])
  })

  test('ends when its asker loses the permission, or sees less than when it was made', async ({
    db,
    given,
    ask,
    exported,
    house,
  }) => {
    await laid(db, given)
    await db.act((ctx) =>
      putRole(ctx, { code: 'taker', name: '导出', permissions: ['members.read', 'members.export'] }),
    )
    const { key } = await given.key('taker')
    const { id } = await exported(key)
    await db.act((ctx) => putRole(ctx, { code: 'taker', name: '导出', permissions: ['members.read'] }))
    expect((await ask(key, 'GET', `/exports/${id}/file`)).status).toBe(403)
    await tidy(house)
    expect(await readdir(join(house.folder, 'exports'))).toEqual([])
    await db.act((ctx) =>
      putRole(ctx, { code: 'taker', name: '导出', permissions: ['members.read', 'members.export'] }),
    )
    expect((await ask(key, 'GET', `/exports/${id}`)).body).toMatchObject({ state: 'cancelled' })
    // A store leaves the company: the file was made while it was there.
    const administrator = (await given.key()).key
    const told = (company: string) =>
      ask(administrator, 'PUT', '/organisation/tree', {
        rows: [
          { kind: 'company', code: 'east', name: '东部公司' },
          { kind: 'company', code: 'west', name: '西部公司' },
          { kind: 'store', code: 'store-a', name: '甲店', city: '成都', company },
          { kind: 'store', code: 'store-b', name: '乙店', city: '成都', company: 'west' },
        ],
      })
    await told('west')
    const west = (await given.key('company-manager', { kind: 'company', code: 'west' })).key
    const both = await exported(west)
    expect(both.rows).toBe(3)
    await told('east')
    expect((await ask(west, 'GET', `/exports/${both.id}/file`)).body).toMatchObject({ code: 'exports.rights_lost' })
    expect((await ask(west, 'GET', `/exports/${both.id}`)).body).toMatchObject({ state: 'cancelled' })
    expect(await readdir(join(house.folder, 'exports'))).toEqual([])
  })

  test('that is given up leaves no file', async ({ db, given, ask, exported, house }) => {
    const { manager } = await laid(db, given)
    const { id } = await exported(manager)
    expect((await ask(manager, 'DELETE', `/exports/${id}`)).body).toMatchObject({ state: 'cancelled' })
    expect((await ask(manager, 'DELETE', `/exports/${id}`)).body).toMatchObject({ code: 'exports.wrong_state' })
    expect(await readdir(join(house.folder, 'exports'))).toEqual([])
  })

  test('goes when somebody is erased', async ({ db, given, ask, exported, house }) => {
    const { manager, atA } = await laid(db, given)
    const { id } = await exported(manager)
    const homes = await db.act((ctx) => homesOf(ctx, atA.person))
    await prepareErasure(house, await db.act((ctx) => erasedOf(ctx, homes)))
    await db.act((ctx) => eraseHomes(ctx, homes))
    expect((await ask(manager, 'GET', `/exports/${id}`)).body).toMatchObject({ error: 'exports.person_erased' })
    expect(await readdir(join(house.folder, 'exports'))).toEqual([])
  })
})

/** The parts of an archive, as a reader of ZIP finds them. */
function partsOf(file: Buffer): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    fromBuffer(file, { lazyEntries: true }, (error, archive) => {
      if (error) return reject(error)
      const parts: Record<string, string> = {}
      archive.on('entry', (entry) => {
        archive.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed)
          const chunks: Buffer[] = []
          for await (const chunk of stream) chunks.push(chunk as Buffer)
          parts[entry.fileName] = Buffer.concat(chunks).toString()
          archive.readEntry()
        })
      })
      archive.on('end', () => resolve(parts))
      archive.on('error', reject)
      archive.readEntry()
    })
  })
}
