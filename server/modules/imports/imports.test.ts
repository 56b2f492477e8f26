import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import { balanceOf, ensureStartingRules, verify } from '#modules/points'
import { systemActor as actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { apply, claimApplying } from './applying.ts'
import type { ImportView } from './contract.ts'
import { errorFileOf } from './error-file.ts'
import { begin, claim, importOf, viewOf } from './imports.ts'
import { claimStaging, receive, setMapping, stage } from './staging.ts'
import { claimUndo, undo, undoPreviewOf } from './undoing.ts'
import * as work from './work.ts'
import { tidyAfterCrash } from './work.ts'

interface Wanted {
  channel?: string
  as?: 'members' | 'orders'
  map?: Record<string, string | null>
  origin?: 'import' | 'live'
}

interface Desk {
  house: House
  /** Takes a file as far as staged. */
  staged(content: string | Buffer, wanted?: Wanted): Promise<ImportView>
  /** Takes a file in whole. */
  imported(content: string | Buffer, wanted?: Wanted): Promise<ImportView>
  view(id: string): Promise<ImportView>
  undone(id: string): Promise<ImportView>
}

const test = base.extend<{ desk: Desk }>({
  desk: async ({ db }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-imports-'))
    // The warehouse has no part in an import; reaching for it here would be a mistake worth hearing of.
    const house = {
      db,
      folder,
      publicUrl: 'http://localhost',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
    } as unknown as House
    const signal = new AbortController().signal
    const view = (id: string) => inTx(db, actor, async (ctx) => viewOf(ctx, await importOf(ctx, id)))
    const staged = async (
      content: string | Buffer,
      { channel = 'store-a', as = 'members', map, origin = 'import' }: Wanted = {},
    ) => {
      const id = newId()
      await inTx(db, actor, (ctx) => begin(ctx, { id, fileName: 'list.csv', channel, create: 'store', as, origin }))
      const row = await receive(house, actor, id, Readable.from([Buffer.from(content)]))
      if (row.state !== 'mapping') return view(row.id)
      if (map) await setMapping(house, actor, id, map)
      await claimStaging(house, actor, id)
      await stage(house, actor, id, signal)
      return view(id)
    }
    const desk: Desk = {
      house,
      staged,
      view,
      imported: async (content, wanted) => {
        const { id } = await staged(content, wanted)
        await claimApplying(house, actor, id)
        await apply(house, actor, id, signal)
        await db.reactionsCaughtUp()
        return view(id)
      },
      undone: async (id) => {
        await claimUndo(house, actor, id)
        await undo(house, actor, id, signal)
        await db.reactionsCaughtUp()
        return view(id)
      },
    }
    try {
      await use(desk)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})

const orders = (db: { kysely: House['db']['kysely'] }) =>
  sql<{
    orders: number
    sum: number
    members: number
  }>`select count(*) as orders, coalesce(sum(amount_minor), 0)::bigint as sum, count(distinct member_id) as members from orders.orders where withdrawn_at is null`
    .execute(db.kysely)
    .then(({ rows }) => rows[0]!)

const storeA =
  '客户编号,姓名,电话,出生日期\nA1,王小明,138 0013 8000,1987-06-04\nA2,刘敏,13900139000,1990/1/2\nA3,张芳,,31932\n'
const storeB = '会员号;客户姓名;手机\nB1;王小明;+86-13800138000\nB2;刘敏;００８６13900139000\nB3;陈杰;13700137000\n'

describe('two spreadsheets of the same people', () => {
  test('come in as one member each, whichever is first', async ({ db, desk }) => {
    const a = await desk.imported(storeA)
    expect(a.counts).toEqual({ rows: 3, created: 3, updated: 0, unchanged: 0, rejected: 0, joined: 0, members: 3 })
    const b = await desk.imported(storeB, { channel: 'store-b' })
    expect(b.counts).toEqual({ rows: 3, created: 3, updated: 0, unchanged: 0, rejected: 0, joined: 2, members: 3 })
    const { rows } = await sql<{
      people: number
    }>`select count(distinct person_id) as people from members.homes`.execute(db.kysely)
    expect(rows[0]!.people).toBe(4)
    expect(b.columns.map(({ name, field }) => [name, field])).toEqual([
      ['会员号', 'externalId'],
      ['客户姓名', 'name'],
      ['手机', 'phone'],
    ])
    expect(b.report!.changes.map(({ code, count }) => [code, count])).toContainEqual(['phone.full_width', 1])
  })

  test('the same file again changes nothing, and its mapping is remembered', async ({ desk }) => {
    await desk.imported(storeA, { map: { 客户编号: 'externalId', 姓名: 'name', 电话: null, 出生日期: 'birthDate' } })
    const again = await desk.imported(storeA)
    expect(again.mappingRemembered).toBe(true)
    expect(again.columns.find(({ name }) => name === '电话')!.field).toBeNull()
    expect(again.counts).toMatchObject({ rows: 3, created: 0, updated: 0, unchanged: 3, members: 3 })
  })

  test('what it would do is told before, and is what it then does', async ({ desk }) => {
    await desk.imported(storeA)
    const next = storeA.replace('13900139000', '13900139001').replace('A3,张芳', 'A4,张芳')
    const before = await desk.staged(next)
    expect(before.counts).toMatchObject({ rows: 3, created: 1, updated: 1, unchanged: 1, rejected: 0, joined: null })
    const { counts } = await desk.imported(next)
    expect(counts).toMatchObject({ rows: 3, created: 1, updated: 1, unchanged: 1, rejected: 0 })
  })
})

describe('rows and their records', () => {
  test('equal rows without any identity are different people; with one they are the same', async ({ desk }) => {
    const file = 'name,city\nLi Lei,Chengdu\nLi Lei,Chengdu\nHan Meimei,Chengdu\n'
    expect((await desk.imported(file)).counts).toMatchObject({ rows: 3, created: 3, members: 3 })
    expect((await desk.imported(file)).counts).toMatchObject({ rows: 3, created: 0, unchanged: 3 })
    const known = 'name,phone\n李雷,13800138000\n李雷,13800138000\n'
    expect((await desk.imported(known, { channel: 'store-b' })).counts).toMatchObject({
      rows: 2,
      created: 1,
      unchanged: 1,
      members: 1,
    })
  })

  test('two rows of one id are told in their order and again change nothing', async ({ desk }) => {
    const file = 'id,name,city\n7,王小明,成都\n7,王小明,上海\n'
    const map = { id: 'externalId', name: 'name', city: 'city' }
    expect((await desk.imported(file, { map })).counts).toMatchObject({ rows: 2, created: 1, updated: 1, members: 1 })
    expect((await desk.imported(file, { map })).counts).toMatchObject({ rows: 2, created: 0, updated: 0, unchanged: 2 })
  })

  test('a field that can’t be read is left out; a row of nobody goes to the error file as it came', async ({
    db,
    desk,
  }) => {
    const file = '姓名,电话,生日\n王小明,1.38E+10,2026-02-30\n,,1990-01-01\n散客,,1990-01-01\n=cmd(),,\n'
    const view = await desk.imported(file)
    expect(view.counts).toMatchObject({ rows: 4, created: 2, rejected: 2 })
    expect(view.report!.problems.map(({ field, code }) => `${field} ${code}`).sort()).toContain(
      'birthDate date.impossible',
    )
    expect(view.report!.problems.map(({ code }) => code)).toContain('phone.rounded')
    const { content } = await errorFileOf(desk.house, actor, view.id)
    const lines = (await text(content)).split('\r\n')
    expect(lines[0]).toBe('\ufeff姓名,电话,生日,#,reason')
    expect(lines[1]).toMatch(/^,,1990-01-01,3,/)
    expect(lines[2]).toMatch(/^散客,,1990-01-01,4,/)
    expect(await readdir(join(desk.house.folder, 'uploads'))).toEqual([])
    const { rows } = await sql`select from imports.blocks`.execute(db.kysely)
    expect(rows).toHaveLength(0)
  })
})

describe('orders', () => {
  const file =
    '订单号,客户编号,下单时间,金额,商品\nN1,A1,2024-03-08 10:00,"1,200.50",川西环线\nN1,A1,2024-03-08 10:00,99.50,保险\nN2,A9,2024-03-09,300,都江堰\n'

  test('rows of one number are lines of one order; an unknown customer makes the record', async ({ db, desk }) => {
    await desk.imported(storeA)
    const view = await desk.imported(file, { as: 'orders' })
    expect(view.counts).toMatchObject({ rows: 3, created: 3, members: 2 })
    expect(await orders(db)).toEqual({ orders: 2, sum: 160_000, members: 2 })
    expect((await desk.imported(file, { as: 'orders' })).counts).toMatchObject({ created: 0, updated: 0, unchanged: 3 })
  })

  test('without a number, equal rows all count, and the same file again adds none', async ({ db, desk }) => {
    const sales = ' 0001 19970101 2 29.33\n 0001 19970101 2 29.33\n 0002 19970118 1 0.00\n'
    const map = { 1: 'customerExternalId', 2: 'orderedAt', 3: 'quantity', 4: 'amount' }
    for (const created of [3, 0])
      expect((await desk.imported(sales, { as: 'orders', map })).counts).toMatchObject({ rows: 3, created, members: 2 })
    expect(await orders(db)).toEqual({ orders: 3, sum: 5_866, members: 2 })
  })

  test('old orders earn nothing unless asked; asked, one point a yuan, taken back by the undo', async ({
    db,
    desk,
  }) => {
    await db.act(ensureStartingRules)
    const old = await desk.imported(file, { as: 'orders' })
    const points = async () => {
      const { rows } = await sql<{
        member_id: string
      }>`select distinct member_id from orders.orders order by 1`.execute(db.kysely)
      let sum = 0
      for (const { member_id } of rows) sum += (await db.act((ctx) => balanceOf(ctx, member_id))).available
      return sum
    }
    expect(await points()).toBe(0)
    await desk.undone(old.id)
    const live = await desk.imported(
      file.replaceAll('2024-', `${new Date().getFullYear()}-`).replaceAll('-03-0', '-01-0'),
      { as: 'orders', origin: 'live' },
    )
    expect(await points()).toBe(1600)
    expect((await db.act((ctx) => undoPreviewOf(ctx, live.id))).pointsEarned).toBe(1600)
    await desk.undone(live.id)
    expect(await points()).toBe(0)
  })
})

describe('balances of an older programme', () => {
  const file = 'id,name,points,until\nP1,王小明,1200,2099-12-31\nP2,刘敏,"3,400",\nP3,张芳,12.5,\nP4,陈杰,0,\n'
  const map = { id: 'externalId', name: 'name', points: 'openingPoints', until: 'openingPointsExpireAt' }

  test('come in as lots once, their sum held against the file, and go with the undo', async ({ db, desk }) => {
    const first = await desk.imported(file, { map })
    expect(first.counts).toMatchObject({ created: 4, openingPoints: { inFile: 4_600, inLedger: 4_600 } })
    expect(first.report!.problems).toMatchObject([{ field: 'openingPoints', code: 'quantity.not_whole', count: 1 }])
    const again = await desk.imported(`${file}P5,杨磊,100,\n`, { map })
    expect(again.counts).toMatchObject({ created: 1, unchanged: 4, openingPoints: { inFile: 4_700, inLedger: 4_700 } })
    const sum = async () => {
      const { rows } = await sql<{
        sum: number
      }>`select coalesce(sum(remaining), 0)::bigint as sum from points.lots`.execute(db.kysely)
      return rows[0]!.sum
    }
    expect(await sum()).toBe(4_700)
    const { rows } = await sql<{
      at: Date
    }>`select expires_at as at from points.lots where expires_at is not null`.execute(db.kysely)
    // The whole last day in the group's time zone, Asia/Shanghai.
    expect(rows.map(({ at }) => at.toISOString())).toEqual(['2099-12-31T16:00:00.000Z'])
    await desk.undone(first.id)
    expect(await sum()).toBe(100)
    expect(await db.act((ctx) => verify(ctx))).toEqual([])
  })

  test('a row that changes a balance given before does not give it twice, and the sums say so', async ({ desk }) => {
    await desk.imported(file, { map })
    const changed = await desk.imported(file.replace('1200', '1300'), { map })
    expect(changed.counts).toMatchObject({ updated: 1, openingPoints: { inFile: 4_700, inLedger: 4_600 } })
  })
})

describe('undo', () => {
  test('takes back what it brought and leaves what came by other ways; the file can come again', async ({
    db,
    desk,
  }) => {
    await desk.imported(storeA)
    const b = await desk.imported(storeB, { channel: 'store-b' })
    expect(await db.act((ctx) => undoPreviewOf(ctx, b.id))).toMatchObject({
      recordsWithdrawn: 3,
      recordsRestored: 0,
      membersTouched: 3,
    })
    expect((await desk.undone(b.id)).state).toBe('undone')
    const { rows } = await sql<{
      live: number
    }>`select count(*) as live from members.records where withdrawn_at is null`.execute(db.kysely)
    expect(rows[0]!.live).toBe(3)
    expect((await desk.imported(storeB, { channel: 'store-b' })).counts).toMatchObject({ created: 3, joined: 2 })
  })

  test('an order that it changed goes back to what it was', async ({ db, desk }) => {
    const file = (amount: string) => `订单号,客户编号,下单时间,金额\nN1,A1,2024-03-08,${amount}\n`
    await desk.imported(file('100'), { as: 'orders' })
    const changed = await desk.imported(file('250'), { as: 'orders' })
    expect(changed.counts).toMatchObject({ updated: 1 })
    expect((await orders(db)).sum).toBe(25_000)
    await desk.undone(changed.id)
    expect((await orders(db)).sum).toBe(10_000)
  })
})

describe('stopped in the middle', () => {
  const people = Array.from({ length: 3_000 }, (_, n) => `P${n},王小明,138${String(n).padStart(8, '0')}`).join('\n')
  const file = `id,name,phone\n${people}\n`

  test('stays where it is and goes on to the same end', async ({ desk }) => {
    const { id } = await desk.staged(file)
    const stop = new AbortController()
    await claimApplying(desk.house, actor, id)
    const going = apply(desk.house, actor, id, stop.signal)
    await new Promise((resolve) => setTimeout(resolve, 150))
    stop.abort()
    await going
    const half = await desk.view(id)
    expect(half.state).toBe('paused')
    expect(half.counts!.created).toBeLessThan(3_000)
    // The same file again finds the import that stopped.
    const again = await desk.staged(file)
    expect(again.id).toBe(id)
    await claimApplying(desk.house, actor, id)
    await apply(desk.house, actor, id, new AbortController().signal)
    expect((await desk.view(id)).counts).toMatchObject({ rows: 3_000, created: 3_000, unchanged: 0, members: 3_000 })
  })

  test('a killed program finds its import paused; undone from there, nothing is left', async ({ db, desk }) => {
    const { id } = await desk.staged(file)
    await claimApplying(desk.house, actor, id)
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 150)
    await apply(desk.house, actor, id, stop.signal)
    await sql`update imports.imports set state = 'applying' where id = ${id}`.execute(db.kysely)
    await tidyAfterCrash(desk.house)
    expect((await desk.view(id)).state).toBe('paused')
    await desk.undone(id)
    const { rows } = await sql<{
      live: number
    }>`select count(*) as live from members.records where withdrawn_at is null`.execute(db.kysely)
    expect(rows[0]!.live).toBe(0)
  })

  test('a step is claimed once: told twice at once, one is refused', async ({ desk }) => {
    const { id } = await desk.staged(storeA)
    const results = await Promise.allSettled([
      claimApplying(desk.house, actor, id),
      claimApplying(desk.house, actor, id),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('at the same time and one after the other', () => {
  const signal = new AbortController().signal
  const people = (from: number, to: number, city: string) =>
    `id,name,phone,city\n${Array.from({ length: to - from }, (_, n) => `P${from + n},王小明,13912${String((from + n) % 500).padStart(6, '0')},${city}`).join('\n')}\n`
  const live = async (db: { kysely: House['db']['kysely'] }) => {
    const { rows } = await sql<{ records: number; people: number }>`
      select count(*) as records, count(distinct h.person_id) as people from members.records r join members.homes h using (member_id) where r.withdrawn_at is null`.execute(
      db.kysely,
    )
    return rows[0]!
  }

  test('two imports of overlapping people are applied while a third is undone and a record is told live', async ({
    db,
    desk,
    given,
  }) => {
    const before = await desk.imported(people(0, 900, '成都'))
    const a = await desk.staged(people(300, 1500, '上海'))
    const b = await desk.staged(people(600, 1800, '北京'), { channel: 'store-b' })
    for (const { id } of [a, b]) await claimApplying(desk.house, actor, id)
    await claimUndo(desk.house, actor, before.id)
    await Promise.all([
      apply(desk.house, actor, a.id, signal),
      apply(desk.house, actor, b.id, signal),
      undo(desk.house, actor, before.id, signal),
      given.record({ externalId: 'P5', name: '王小明', phone: '13912000005' }),
    ])
    // Of the first import only what the others said again is left: the live record and 1,200 of each file.
    expect(await live(db)).toEqual({ records: 2401, people: 500 })
    await desk.undone(a.id)
    await desk.undone(b.id)
    expect(await live(db)).toEqual({ records: 1, people: 1 })
  })

  test('a balance undone comes in again with the file', async ({ db, desk }) => {
    const file = 'id,name,points\nP1,王小明,1200\n'
    const map = { id: 'externalId', name: 'name', points: 'openingPoints' }
    const first = await desk.imported(file, { map })
    await desk.undone(first.id)
    const again = await desk.imported(file, { map })
    expect(again.counts).toMatchObject({ created: 1, openingPoints: { inFile: 1200, inLedger: 1200 } })
    const { rows } = await sql<{
      sum: number
    }>`select coalesce(sum(remaining), 0)::bigint as sum from points.lots`.execute(db.kysely)
    expect(rows[0]!.sum).toBe(1200)
    expect(await db.act((ctx) => verify(ctx))).toEqual([])
  })

  test('what two imports told in the same words is gone only with the second of them', async ({ db, desk }) => {
    const sales = '订单号,客户编号,下单时间,金额\nN1,A1,2024-03-08,100\nN2,A2,2024-03-08,100\n'
    for (const [content, as] of [
      [storeA, 'members'],
      [sales, 'orders'],
    ] as const) {
      const first = await desk.imported(content, { as })
      const second = await desk.imported(`${content}${as === 'members' ? 'A7,何志远,,' : 'N3,A1,2024-03-09,50'}\n`, {
        as,
      })
      const count = async () => {
        const { rows } = await sql<{
          n: number
        }>`select count(*) as n from ${as === 'members' ? sql`members.records` : sql`orders.orders`} where withdrawn_at is null`.execute(
          db.kysely,
        )
        return rows[0]!.n
      }
      const all = await count()
      await desk.undone(first.id)
      expect(await count()).toBe(all)
      await desk.undone(second.id)
      expect(await count()).toBe(0)
    }
  })

  test('lines of one number in two currencies are not added up', async ({ db, desk }) => {
    const sales = '订单号,客户编号,下单时间,金额,币种\nN1,A1,2024-03-08,100,CNY\nN1,A1,2024-03-08,50,USD\n'
    const map = {
      订单号: 'orderNumber',
      客户编号: 'customerExternalId',
      下单时间: 'orderedAt',
      金额: 'amount',
      币种: 'currency',
    }
    expect((await desk.imported(sales, { as: 'orders', map })).counts).toMatchObject({ created: 2 })
    const { rows } = await sql<{
      amount: number
      currency: string
    }>`select amount_minor as amount, currency from orders.orders order by currency`.execute(db.kysely)
    expect(rows).toEqual([
      { amount: 100_00, currency: 'CNY' },
      { amount: 50_00, currency: 'USD' },
    ])
    expect((await desk.imported(sales, { as: 'orders', map })).counts).toMatchObject({ unchanged: 2 })
  })
})

describe('uploads', () => {
  const begun = async (desk: Desk) => {
    const id = newId()
    await inTx(desk.house.db, actor, (ctx) =>
      begin(ctx, { id, fileName: 'list.csv', channel: 'store-a', create: 'store', as: 'members', origin: 'import' }),
    )
    return id
  }
  const slowly = (content: string) =>
    Readable.from(
      (async function* () {
        for (const part of content.match(/[\s\S]{1,20}/g)!) {
          yield Buffer.from(part)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      })(),
    )

  test('told twice at once, one is refused and the other comes in whole', async ({ desk }) => {
    const id = await begun(desk)
    const results = await Promise.allSettled([
      receive(desk.house, actor, id, slowly(storeA)),
      receive(desk.house, actor, id, slowly(storeB)),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'imports.wrong_state' },
    })
    expect((await desk.view(id)).columns.map(({ name }) => name)).toEqual(['客户编号', '姓名', '电话', '出生日期'])
  })

  test('cancelled meanwhile, it stays cancelled and leaves no file', async ({ desk }) => {
    const id = await begun(desk)
    const going = receive(desk.house, actor, id, slowly(storeA)).catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await inTx(desk.house.db, actor, (ctx) => claim(ctx, id, ['uploading'], 'cancelled'))
    expect(await going).toMatchObject({ code: 'imports.wrong_state' })
    expect((await desk.view(id)).state).toBe('cancelled')
    expect(await readdir(join(desk.house.folder, 'uploads'))).toEqual([])
  })

  test('cut off in the middle, it may come again; what a crash left is gone at the next start', async ({ desk }) => {
    const id = await begun(desk)
    const cut = Readable.from(
      (async function* () {
        yield Buffer.from('客户编号,姓')
        throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
      })(),
    )
    await expect(receive(desk.house, actor, id, cut)).rejects.toThrow('aborted')
    expect(await readdir(join(desk.house.folder, 'uploads'))).toEqual([])
    await receive(desk.house, actor, id, Readable.from([Buffer.from(storeA)]))
    expect((await desk.view(id)).state).toBe('mapping')
    await writeFile(join(desk.house.folder, 'uploads', `${newId()}.part`), storeB)
    await tidyAfterCrash(desk.house)
    expect(await readdir(join(desk.house.folder, 'uploads'))).toEqual([id])
  })
})

describe('work', () => {
  test('that is asked for while other work of the import still ends is done after it', async ({ desk }) => {
    const done: string[] = []
    const id = newId()
    let first = () => {}
    work.begin(
      desk.house,
      actor,
      id,
      () =>
        new Promise<void>((resolve) => {
          first = () => {
            done.push('first')
            resolve()
          }
        }),
    )
    work.begin(desk.house, actor, id, async () => {
      done.push('second')
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(done).toEqual([])
    first()
    await work.stop(id)
    expect(done).toEqual(['first', 'second'])
  })

  test('an undo that stops says so, so that nobody waits for it, and goes on when it is asked for again', async ({
    desk,
  }) => {
    const { id } = await desk.imported(storeA)
    await claimUndo(desk.house, actor, id)
    work.begin(desk.house, actor, id, async () => {
      throw new Error('broken')
    })
    await work.stop(id)
    expect(await desk.view(id)).toMatchObject({ state: 'undoing', error: { code: 'program.bug' } })
    await desk.undone(id)
    expect(await desk.view(id)).toMatchObject({ state: 'undone', error: null })
  })
})

describe('hostile and broken files are refused by name and leave nothing', () => {
  for (const [name, content, code] of [
    ['an empty file', '', 'file.empty'],
    ['a header only', '姓名,电话\n', 'file.no_rows'],
    ['a program', Buffer.from('7f454c4602010100000000000000', 'hex'), 'file.unknown_format'],
    ['a line of a megabyte and more', `姓名,电话\n王小明,${'1'.repeat(1_200_000)}\n`, 'file.line_too_long'],
  ] as const) {
    test(name, async ({ db, desk }) => {
      await expect(desk.staged(content)).rejects.toMatchObject({ code })
      const { rows } = await sql<{
        state: string
        records: number
      }>`select state, (select count(*) from members.records) as records from imports.imports`.execute(db.kysely)
      expect(rows).toEqual([{ state: 'failed', records: 0 }])
    })
  }

  test('a channel that nobody opened is refused', async ({ db }) => {
    await expect(
      inTx(db, actor, (ctx) =>
        begin(ctx, { id: newId(), fileName: 'x.csv', channel: 'nowhere', as: 'members', origin: 'import' }),
      ),
    ).rejects.toMatchObject({ code: 'channels.unknown' })
  })

  test('a mapping of unknown columns or fields is refused, and so is one that names nobody', async ({ desk }) => {
    await expect(desk.staged(storeA, { map: { Telefon: 'phone' } })).rejects.toMatchObject({
      code: 'mapping.unknown_column',
    })
    await expect(desk.staged(storeA, { map: { 电话: 'telephone' } })).rejects.toMatchObject({
      code: 'mapping.unknown_field',
    })
    await expect(desk.staged(storeA, { map: { 出生日期: 'birthDate' } })).rejects.toMatchObject({
      code: 'mapping.nothing_identifies',
    })
  })
})

test('where the disk has no room, an import stops before its next step and goes on when there is some', async ({
  desk,
}) => {
  const { id } = await desk.staged(storeA)
  // No room at all: the folder of a file system that keeps nothing.
  const full = { ...desk.house, folder: '/proc' }
  await claimApplying(full, actor, id)
  await expect(apply(full, actor, id, new AbortController().signal)).rejects.toMatchObject({
    code: 'program.disk_full',
  })
  await apply(desk.house, actor, id, new AbortController().signal)
  expect((await desk.view(id)).counts).toMatchObject({ created: 3, members: 3 })
})

test('an import whose file did not come along with a backup says so, and the file may come again', async ({ desk }) => {
  const { id } = await desk.staged(storeA)
  await claimStaging(desk.house, actor, id)
  await rm(join(desk.house.folder, 'uploads', id))
  await expect(stage(desk.house, actor, id, new AbortController().signal)).rejects.toMatchObject({
    code: 'imports.file_gone',
  })
  expect(await desk.view(id)).toMatchObject({ state: 'failed', error: { code: 'imports.file_gone' } })
  expect((await desk.imported(storeA)).counts).toMatchObject({ created: 3 })
})

test('a large file is cleaned by two threads, each row once', async ({ db, desk }) => {
  const rows = 32_000
  const line = (n: number) =>
    n % 100 === 0 ? ',,成都,青羊区人民中路一段\n' : `C${n},王小明,成都,青羊区人民中路一段${n}号院${n}栋\n`
  const view = await desk.staged(`编号,姓名,城市,地址\n${Array.from({ length: rows }, (_, n) => line(n)).join('')}`)
  expect(view.counts).toMatchObject({ rows, created: rows * 0.99, rejected: rows * 0.01 })
  expect(view.columns.map(({ counts }) => counts?.filled)).toEqual([rows * 0.99, rows * 0.99, rows, rows])
  const { rows: numbers } = await sql<{ different: number; first: number; last: number }>`
    select count(distinct row_number) as different, min(row_number) as first, max(row_number) as last
    from (select unnest(row_numbers) as row_number from imports.blocks union all select row_number from imports.rejected) r`.execute(
    db.kysely,
  )
  expect(numbers[0]).toEqual({ different: rows, first: 2, last: rows + 1 })
})

test('a large import is applied by threads; told to stop it ends between two chunks, and goes on to the same end', {
  timeout: 120_000,
}, async ({ desk }) => {
  const rows = 21_000
  const file = `编号,姓名,电话\n${Array.from({ length: rows }, (_, n) => `C${n},王小明,13${String(810_200_000 + (n % 20_000))}\n`).join('')}`
  const { id } = await desk.staged(file)
  await claimApplying(desk.house, actor, id)
  const stop = new AbortController()
  const going = apply(desk.house, actor, id, stop.signal)
  while (!(await desk.view(id)).progress?.done) await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort()
  await going
  const half = await desk.view(id)
  expect(half.state).toBe('paused')
  expect(half.counts!.created).toBeLessThan(rows)
  await claimApplying(desk.house, actor, id)
  await apply(desk.house, actor, id, new AbortController().signal)
  const done = await desk.view(id)
  expect(done.state).toBe('done')
  // A thousand phones are in the file twice, under one name.
  expect(done.counts).toMatchObject({ rows, created: rows, unchanged: 0, members: 20_000, joined: 2_000 })
  expect(done.seconds).toBeGreaterThan(0)
})

test('orders that stay with their member count that member, whoever else their rows seem to be of', async ({
  desk,
}) => {
  const file = '订单号,客户编号,下单时间,金额\nN1,A1,2026-01-02,10\nN2,A1,2026-01-03,20\n'
  expect((await desk.imported(file, { as: 'orders' })).counts).toMatchObject({ created: 2, members: 1 })
  const map = { 订单号: 'orderNumber', 客户编号: null, 下单时间: 'orderedAt', 金额: 'amount' }
  expect((await desk.imported(file, { as: 'orders', map })).counts).toMatchObject({ members: 1 })
})

test('the numbers before an undo are those of the undo: what another import told too stays, and is said to', async ({
  desk,
  db,
}) => {
  const first = await desk.imported(storeA)
  const second = await desk.imported(`${storeA}A4,赵敏,13600136000,\n`)
  const preview = (id: string) => inTx(db, actor, (ctx) => undoPreviewOf(ctx, id))
  expect(await preview(first.id)).toMatchObject({ recordsWithdrawn: 0, recordsKept: 3 })
  expect(await preview(second.id)).toMatchObject({ recordsWithdrawn: 1, recordsKept: 0 })
  await desk.undone(first.id)
  expect(await preview(second.id)).toMatchObject({ recordsWithdrawn: 4, recordsKept: 0 })
})
