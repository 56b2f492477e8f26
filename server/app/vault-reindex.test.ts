/** The key of the blind indexes is changed under a program that serves: everybody is found, and nobody comes twice. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { test as base, expect } from '#app/testing'
import {
  cleanRecord,
  eraseHomes,
  findPersons,
  holdersOf,
  liftRefusal,
  personsOf,
  prepareRecord,
  putRecords,
  refusalsOf,
  refusedAmong,
} from '#modules/members'
import { record } from '#platform/audit'
import { beginReindexing, lastIndexRotation, moveAll } from '#platform/blind-indexes'
import { inBulk } from '#platform/bulk'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import type { TestDatabase } from '#platform/testing'
import { openVault, type Vault, vaultOf } from '#platform/vault'
import { countTry as countSignIn, limitsOf } from '../modules/access/tries.ts'
import { accountOfPhone, openAccount } from '../modules/centre/accounts.ts'
import { proveCode, sendCode } from '../modules/centre/codes.ts'
import { countTry } from '../modules/centre/limits.ts'
import { deliver, outbox } from '../modules/centre/sms.ts'
import { apply, claimApplying } from '../modules/imports/applying.ts'
import { begin as beginImport, importOf, viewOf } from '../modules/imports/imports.ts'
import { claimStaging, receive, stage } from '../modules/imports/staging.ts'
import { claimUndo, undo } from '../modules/imports/undoing.ts'
import { match } from '../modules/matching/matching.ts'
import { writtenPeople } from '../modules/matching/people.testing.ts'
import { blindIndexes } from './modules.ts'

const never = new AbortController().signal

interface Rotation {
  begin(): Promise<void>
  finish(): Promise<'done' | 'waiting' | 'stopped'>
  /** As after `kill -9`: what the process knew is gone, the database is read anew. */
  restart(): Promise<void>
  house: House
  staged(content: string, as?: 'members' | 'orders', channel?: string): Promise<string>
  applied(id: string): Promise<{ created: number; updated: number; unchanged: number }>
}

const test = base.extend<{ rotation: Rotation }>({
  rotation: async ({ db }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-reindex-'))
    const house = {
      db,
      folder,
      sandbox: true,
      publicUrl: 'http://localhost',
      log: openLog('silent'),
      stopping: never,
      reactions: openReactions(db, []),
    } as unknown as House
    await use({
      house,
      begin: () =>
        beginReindexing({ db }, systemActor, blindIndexes, (ctx) => record(ctx, { act: 'postVaultReindexings' })),
      finish: () => moveAll({ db, stopping: never }, blindIndexes),
      restart: async () => {
        db.vault = await openVault(db, Buffer.alloc(32, 7))
      },
      staged: async (content, as = 'members', channel = 'store-a') => {
        const id = newId()
        await inTx(db, systemActor, (ctx) =>
          beginImport(ctx, { id, fileName: 'list.csv', channel, create: 'store', as, origin: 'import' }),
        )
        await receive(house, systemActor, id, Readable.from([Buffer.from(content)]))
        await claimStaging(house, systemActor, id)
        await stage(house, systemActor, id, never)
        return id
      },
      applied: async (id) => {
        await claimApplying(house, systemActor, id)
        await apply(house, systemActor, id, never)
        const { counts } = await inTx(db, systemActor, async (ctx) => viewOf(ctx, await importOf(ctx, id)))
        return { created: counts!.created, updated: counts!.updated, unchanged: counts!.unchanged }
      },
    })
    await rm(folder, { recursive: true })
  },
})

const wanqing = {
  externalId: 'W-1',
  name: '林晚晴',
  phone: '13800138000',
  email: 'wanqing.lin@example.com',
  documentType: '身份证',
  documentNumber: '11010519491231002X',
}

const found = (db: TestDatabase, search: string) =>
  db.act(async (ctx) => {
    const { persons } = await findPersons(ctx, {
      search,
      channelId: undefined,
      among: undefined,
      after: undefined,
      limit: 20,
      country: 'CN',
    })
    return persons.map(({ id }) => id)
  })

const searches = ['138 0013 8000', 'WANQING.LIN@example.com', '11010519491231002X', '002X', 'W-1']

const prepared = (db: TestDatabase, raw: Record<string, string>, code = 'store-a') =>
  db.act(async (ctx) => {
    const { openChannel } = await import('#modules/channels')
    const channel = await openChannel(ctx, { code, kind: 'store' })
    const { values } = cleanRecord(raw, { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai' })
    return { channel, record: prepareRecord(ctx.vault, channel, values) }
  })

const put = async (db: TestDatabase, raw: Record<string, string>, code = 'store-a') => {
  const { openChannel } = await import('#modules/channels')
  return db.act(async (ctx) => {
    const channel = await openChannel(ctx, { code, kind: 'store' })
    const { values } = cleanRecord(raw, { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai' })
    return (await putRecords(ctx, [prepareRecord(ctx.vault, channel, values)], { channel, origin: 'live' }))[0]!
  })
}

/** Every hash that a vault gives out, as it is kept. */
function listening(vault: Vault): Set<string> {
  const given = new Set<string>()
  const { blind } = vault
  vault.blind = (kind, value) => {
    const hash = blind(kind, value)
    given.add(hash)
    return hash
  }
  return given
}

/** Tables in which one of these hashes stands anywhere, in whatever column. */
async function tablesWith(db: TestDatabase, hashes: ReadonlySet<string>): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1`.execute(db.kysely)
  const holding: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} t`.execute(db.kysely)
    const uuids = rows.flatMap(({ row }) => row.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [])
    if (uuids.some((uuid) => hashes.has(uuid))) holding.push(name)
  }
  return holding
}

test('at every moment everybody is found, by whatever they are known', async ({ db, given, rotation }) => {
  const { id } = await given.record(wanqing)
  const shared = await given.record({ externalId: 'S-1', name: '陈杰', phone: '13700137000' })
  const all = async () => {
    for (const search of searches) expect(await found(db, search), search).toEqual([id])
    expect((await db.act((ctx) => holdersOf(ctx, '+8613800138000'))).map(({ home }) => home)).toEqual([id])
  }
  await all()
  expect(await found(db, '8000')).toEqual([id])
  await rotation.begin()
  await all()
  // New ones go under the new key and are found beside the old ones.
  const late = await given.record({ externalId: 'N-1', name: '吴昊', phone: '13600138000' })
  expect((await found(db, '8000')).sort()).toEqual([id, late.id].sort())
  await rotation.restart()
  await all()
  expect(await rotation.finish()).toBe('done')
  await all()
  await rotation.restart()
  await all()
  expect((await found(db, '8000')).sort()).toEqual([id, late.id].sort())
  expect(await found(db, '13700137000')).toEqual([shared.id])
  expect(await db.act(lastIndexRotation)).toMatchObject({ number: 2, finishedAt: expect.any(Date) })
})

test('nothing of the former key is left anywhere in the database, nor the key', async ({ db, given, rotation }) => {
  const hashes = listening(db.vault!)
  const { id } = await given.record(wanqing)
  await put(db, { ...wanqing, city: '成都' })
  const many = ['周一', '吴二', '郑三', '王四', '冯五', '陈六', '褚七']
  for (const [index, name] of many.entries())
    await given.record({ externalId: `F-${index}`, name, phone: '13911112222', birthDate: `198${index}-01-02` })
  const { rows: sharedValues } = await sql`select from members.shared_values`.execute(db.kysely)
  expect(sharedValues).toHaveLength(1)
  for (const paidFen of [100_00, 120_00]) await given.order({ member: { id }, paidFen, number: 'D-1' })
  const gone = await given.record({ externalId: 'E-1', name: '何苗', phone: '13500135000' })
  await db.act((ctx) => eraseHomes(ctx, [gone.id]))
  await db.act((ctx) => openAccount(ctx, { home: id, externalId: newId(), phone: '+8613800138000', language: null }))
  const from = { claimed: '203.0.113.7', connection: '203.0.113.7' }
  await db.act((ctx) => sendCode(ctx, { phone: '+8613800138000', language: 'en', from, provider: 'sandbox' }))
  await db.act((ctx) =>
    countSignIn(ctx, limitsOf('password', { address: '203.0.113.7', connection: '203.0.113.7' }, 'zhou.min')),
  )
  await sql`insert into access.recovery_codes (staff_id, code_hash) values (${newId()}, ${db.vault!.blind('recovery code', 'x')})`.execute(
    db.kysely,
  )
  await db.reactionsCaughtUp()

  const before = [
    'access.recovery_codes',
    'access.tries',
    'centre.accounts',
    'centre.attempts',
    'centre.codes',
    'members.identities',
    'members.past_versions',
    'members.record_keys',
    'members.records',
    'members.refusals',
    'members.shared_values',
    'orders.order_keys',
    'orders.orders',
    'orders.past_versions',
  ]
  expect(await tablesWith(db, hashes)).toEqual(before)
  const former = db.vault!.keys
  await rotation.begin()
  expect(await rotation.finish()).toBe('done')
  expect(await tablesWith(db, hashes)).toEqual([])

  const { rows: keys } = await sql<{ purpose: string }>`select purpose from platform.vault_keys order by 1`.execute(
    db.kysely,
  )
  expect(keys.map(({ purpose }) => purpose)).toEqual(['audit', 'blind index', 'blind index 2', 'staging'])
  // Whoever had the keys of before can't look anybody up by them.
  const { index: _index, ...rest } = former
  const old = vaultOf(rest).blind('phone', '+8613800138000')
  expect(await tablesWith(db, new Set([old]))).toEqual([])

  // Once more, from a key that is one.
  const second = new Set(await everyHash(db))
  await rotation.begin()
  expect(await rotation.finish()).toBe('done')
  expect(await tablesWith(db, second)).toEqual([])
  for (const search of searches) expect(await found(db, search), search).toEqual([id])
  const { rows: last } = await sql<{ purpose: string }>`select purpose from platform.vault_keys order by 1`.execute(
    db.kysely,
  )
  expect(last.map(({ purpose }) => purpose)).toEqual(['audit', 'blind index', 'blind index 3', 'staging'])
})

async function everyHash(db: TestDatabase): Promise<string[]> {
  const { rows } = await sql<{ hash: string }>`
    select blind::text as hash from members.identities union select last_four::text from members.identities where last_four is not null
    union select record_key::text from members.record_keys union select content_hash::text from members.records
    union select order_key::text from orders.order_keys union select content_hash::text from orders.orders
    union select blind::text from members.refusals union select phone::text from centre.accounts`.execute(db.kysely)
  return rows.map(({ hash }) => hash)
}

test('what is told again is the same record, and a phone joins, before and after its turn', async ({
  db,
  given,
  rotation,
}) => {
  const first = await put(db, wanqing)
  await given.order({ member: { id: first.memberId }, paidFen: 100_00, number: 'D-1' })
  await rotation.begin()
  // Another store knows the same phone: one person, though the first has not had its turn.
  const other = await put(db, { externalId: 'B-1', name: '林晚晴', phone: '13800138000' }, 'store-b')
  expect((await db.act((ctx) => personsOf(ctx, [other.memberId]))).get(other.memberId)).toBe(first.memberId)
  expect(await put(db, wanqing)).toMatchObject({ outcome: 'unchanged', memberId: first.memberId })
  expect(await put(db, { ...wanqing, city: '成都' })).toMatchObject({ outcome: 'updated', memberId: first.memberId })
  const third = await put(db, { externalId: 'C-1', name: '林晚晴', email: 'wanqing.lin@example.com' }, 'store-c')
  expect((await db.act((ctx) => personsOf(ctx, [third.memberId]))).get(third.memberId)).toBe(first.memberId)
  expect(await rotation.finish()).toBe('done')
  expect(await put(db, { ...wanqing, city: '成都' })).toMatchObject({ outcome: 'unchanged' })
  const fourth = await put(db, { externalId: 'D-1', name: '林晚晴', phone: '13800138000' }, 'store-d')
  expect((await db.act((ctx) => personsOf(ctx, [fourth.memberId]))).get(fourth.memberId)).toBe(first.memberId)
  const { rows } = await sql<{ records: number }>`select count(*) as records from members.records`.execute(db.kysely)
  expect(rows[0]!.records).toBe(4)
})

test('a file staged before is applied under the new key, told again and taken back', async ({ db, rotation }) => {
  const file =
    '客户编号,姓名,手机\nA1,王小明,13800138000\nA2,刘敏,13900139000\nA3,张芳,\nA3,张芳,13700137000\n,无名氏甲,\n,无名氏甲,\n'
  const orders =
    '订单号,客户编号,金额,日期\nD-1,A1,100,2026-01-02\nD-1,A1,50,2026-01-02\n,A2,55,2026-01-03\n,A2,55,2026-01-03\n'
  const members = await rotation.staged(file)
  const bought = await rotation.staged(orders, 'orders')
  await rotation.begin()
  // Its rows are under the former key, so that is kept.
  expect(await rotation.finish()).toBe('waiting')
  expect(await db.act(lastIndexRotation)).toMatchObject({ finishedAt: null })
  await rotation.restart()
  expect(await rotation.applied(members)).toEqual({ created: 5, updated: 1, unchanged: 0 })
  expect(await rotation.finish()).toBe('waiting')
  expect(await rotation.applied(bought)).toEqual({ created: 4, updated: 0, unchanged: 0 })
  expect(await rotation.finish()).toBe('done')
  expect(await rotation.applied(await rotation.staged(file))).toEqual({ created: 0, updated: 0, unchanged: 6 })
  const again = await rotation.staged(orders, 'orders')
  expect(await rotation.applied(again)).toEqual({ created: 0, updated: 0, unchanged: 4 })
  await rotation.begin()
  await claimUndo(rotation.house, systemActor, bought)
  await undo(rotation.house, systemActor, bought, never)
  expect(await rotation.finish()).toBe('done')
  const third = await rotation.staged(orders.replace('100', '101'), 'orders')
  expect(await rotation.applied(third)).toMatchObject({ created: 0, updated: 2, unchanged: 2 })
  await rotation.begin()
  await claimUndo(rotation.house, systemActor, third)
  await undo(rotation.house, systemActor, third, never)
  expect(await rotation.finish()).toBe('done')
  expect(await rotation.applied(await rotation.staged(orders, 'orders'))).toMatchObject({ created: 0, unchanged: 4 })
})

test('stopped anywhere it goes on, while members come and are told again', { timeout: 120_000 }, async ({
  db,
  given,
  rotation,
}) => {
  const phones = Array.from({ length: 150 }, (_, index) => `1391234${String(index).padStart(4, '0')}`)
  for (const [index, phone] of phones.entries()) await given.record({ externalId: `P-${index}`, name: '林晚晴', phone })
  let going = true
  let told = 0
  const coming = Promise.all(
    [0, 1].map(async (lane) => {
      for (let at = lane; going; at = (at + 7) % phones.length) {
        const code = `other-${told++ % 5}`
        await put(db, { externalId: `P-${at}`, name: '林晚晴', phone: phones[at]! }, code)
        expect(await found(db, phones[at]!)).toHaveLength(1)
      }
    }),
  )
  await rotation.begin()
  for (let steps = 3; ; steps += 3) {
    const stop = new AbortController()
    let left = steps
    const stopping = blindIndexes.map((index) => ({
      ...index,
      move: async (...args: Parameters<typeof index.move>) => {
        if (--left === 0) stop.abort()
        return index.move(...args)
      },
    }))
    const outcome = await moveAll({ db, stopping: stop.signal }, stopping)
    if (outcome === 'done') break
    expect(outcome).toBe('stopped')
    // As after `kill -9`; acts on their way hold the vault of before, which is the same.
    db.vault!.keys.index = (await openVault(db, Buffer.alloc(32, 7))).keys.index!
  }
  going = false
  await coming
  const { rows } = await sql<{ persons: number; records: number; keys: number }>`
    select count(distinct person_id) as persons, (select count(*) from members.records) as records,
      (select count(*) from members.record_keys) as keys from members.homes`.execute(db.kysely)
  expect(rows[0]!.persons).toBe(150)
  expect(rows[0]!.keys).toBe(rows[0]!.records)
  expect(told).toBeGreaterThan(3)
})

test('who was erased stays refused, also by the list beside the database, and may come back', async ({
  db,
  given,
  rotation,
}) => {
  const { id } = await given.record(wanqing)
  const list = await db.act((ctx) => refusalsOf(ctx, [id]))
  await db.act((ctx) => eraseHomes(ctx, [id], list))
  const isRefused = async () => {
    const { record: told } = await prepared(db, { name: '林晚晴', phone: '13800138000' })
    return (await db.act((ctx) => refusedAmong(ctx, [told]))).size > 0
  }
  expect(await isRefused()).toBe(true)
  await rotation.begin()
  expect(await isRefused()).toBe(true)
  expect(await rotation.finish()).toBe('done')
  expect(await isRefused()).toBe(true)
  // As a restore does: the list of then, under the key of now.
  await sql`delete from members.refusals`.execute(db.kysely)
  expect(await isRefused()).toBe(false)
  await db.act((ctx) => eraseHomes(ctx, [id], list))
  expect(await isRefused()).toBe(true)
  const file = await rotation.staged('姓名,手机\n林晚晴,13800138000\n刘敏,13900139000\n')
  expect(await rotation.applied(file)).toMatchObject({ created: 1 })
  await rotation.begin()
  const { record: back } = await prepared(db, { name: '林晚晴', phone: '13800138000' })
  expect(await db.act((ctx) => liftRefusal(ctx, back))).toBe(true)
  expect(await isRefused()).toBe(false)
})

test('accounts open, codes are proved and tries are counted on across the change', async ({ db, given, rotation }) => {
  const { id } = await given.record(wanqing)
  const phone = '+8613800138000'
  const from = { claimed: '203.0.113.7', connection: '203.0.113.7' }
  await db.act((ctx) => openAccount(ctx, { home: id, externalId: newId(), phone, language: null }))
  await db.act((ctx) => sendCode(ctx, { phone, language: 'en', from, provider: 'sandbox' }))
  const { rows: sent } = await sql<{ id: string }>`select id from centre.deliveries`.execute(db.kysely)
  await deliver.run(rotation.house, { id: sent[0]!.id })
  const [message] = await db.act((ctx) => outbox(ctx, { phone, limit: 1 }))
  const code = /\b\d{6}\b/.exec(message!.text)![0]
  const tries = () => db.act((ctx) => countTry(ctx, [{ act: 'x', subject: 'somebody', most: 2, seconds: 86_400 }]))
  expect(await tries()).toBeNull()
  const signIns = () =>
    db.act((ctx) => countSignIn(ctx, limitsOf('password', { address: 'a', connection: 'a' }, 'zhou.min')))
  for (let at = 0; at < 5; at++) expect(await signIns()).toBeNull()

  await rotation.begin()
  expect(await tries()).toBeNull()
  expect(await tries()).toMatchObject({ code: 'centre.too_often' })
  expect(await signIns()).toMatchObject({ code: 'access.too_many_tries' })
  expect(await db.act((ctx) => accountOfPhone(ctx, phone))).toMatchObject({ home: id })
  expect(await db.act((ctx) => sendCode(ctx, { phone, language: 'en', from, provider: 'sandbox' }))).toMatchObject({
    code: 'centre.too_often',
  })
  expect(await db.act((ctx) => proveCode(ctx, { phone, code, from }))).toBeNull()
  expect(await rotation.finish()).toBe('done')
  expect(await db.act((ctx) => accountOfPhone(ctx, phone))).toMatchObject({ home: id })
  expect(await db.act((ctx) => proveCode(ctx, { phone, code, from }))).toBeNull()
})

test('the look-up of weighed evidence follows: a newcomer meets those of the last run', async ({
  db,
  given,
  rotation,
}) => {
  const kayla = {
    familyName: 'Harrington',
    givenName: 'Kayla',
    birthDate: '1985-06-12',
    addressLine: '6 Maltby Circuit',
    suburb: 'Coolaroo',
    postcode: '3465',
  }
  await db.reactionsCaughtUp()
  const others = writtenPeople({ people: 60, copies: 0, mostCopies: 0, mostInValue: 0, mostInRecord: 0, seed: 3 })
  for (const { raw } of others) await given.record({ ...raw, externalId: `o${raw.externalId}` }, { origin: 'import' })
  const first = await given.record({ externalId: 'K1', ...kayla }, { origin: 'import' })
  const second = await given.record({ externalId: 'M1', ...kayla, givenName: 'Matilda', birthDate: '1951-02-03' })
  const run = () =>
    match({ db } as unknown as House, systemActor, {
      id: newId(),
      dryRun: false,
      signal: never,
      onStep: async () => {},
    })
  await run()
  const meets = async (code: string) => {
    const of = await given.channel(code)
    const { id } = await given.record({ externalId: code, ...kayla, addressLine: '6 Maltby Circut' }, { of })
    await db.reactionsCaughtUp()
    return (await db.act((ctx) => personsOf(ctx, [id]))).get(id)
  }
  expect(await meets('web-1')).toBe(first.id)
  await rotation.begin()
  expect(await meets('web-2')).toBe(first.id)
  expect(await rotation.finish()).toBe('done')
  const { rows } = await sql<{ by: number }>`
    select keys_by as by from matching.model union select keys_by from matching.keys`.execute(db.kysely)
  expect(rows).toEqual([{ by: 2 }])
  expect(await meets('web-3')).toBe(first.id)
  expect((await db.act((ctx) => personsOf(ctx, [second.id]))).get(second.id)).toBe(second.id)
})

test('is refused during an import and twice at once, and waits for acts that are going on', async ({
  db,
  rotation,
}) => {
  await inBulk(() => expect(rotation.begin()).rejects.toMatchObject({ code: 'vault.import_going' }))
  expect(await db.act(lastIndexRotation)).toBeNull()
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const numbers: number[] = []
  const going = db.act(async (ctx) => {
    started.resolve()
    await mayEnd
    numbers.push(ctx.vault.indexBy)
  })
  await started.promise
  const begun = rotation.begin()
  // Time enough for the count that comes first.
  await new Promise((resolve) => setTimeout(resolve, 500))
  const late = db.act(async (ctx) => numbers.push(ctx.vault.indexBy))
  end()
  await Promise.all([going, begun, late])
  expect(numbers).toEqual([1, 2])
  await expect(rotation.begin()).rejects.toMatchObject({ code: 'vault.reindexing_going' })
  expect(await rotation.finish()).toBe('done')
})
