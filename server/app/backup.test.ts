/** What a backup holds, comes back whole: other database, other transaction ids, other version of the program. */
import { createHash, createSecretKey, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { sql } from 'kysely'
import pg from 'pg'
import { describe, onTestFinished } from 'vitest'
import { test as base, expect } from '#app/testing'
import { identify } from '#modules/access'
import { openChannel } from '#modules/channels'
import { listRecords } from '#modules/members/contract'
import { balanceOf, ensureStartingRules, verify } from '#modules/points'
import { record } from '#platform/audit'
import { checkAudit } from '#platform/audit/checking'
import { forgetEnd, sealAudit } from '#platform/audit/sealing'
import { backup } from '#platform/backup/dump'
import { seal } from '#platform/backup/file'
import { checkBackup, emptinessOf, restore } from '#platform/backup/restore'
import { readConfig } from '#platform/config'
import { systemActor } from '#platform/ctx'
import { type Database, inTx, mayLockTables, openDatabase } from '#platform/db'
import { makeEventPartitions, openGeneration } from '#platform/events'
import { addJob, prepareJobs } from '#platform/jobs'
import { openLog } from '#platform/log'
import { migrate, readMigrations } from '#platform/migrations'
import { openReactions, type Reaction } from '#platform/reactions'
import { changeSettings, readSettings } from '#platform/settings'
import { templateUrl } from '#platform/testing'
import { openVault } from '#platform/vault'
import { makeBackup, restoreBackup } from './backup-command.ts'
import { connect } from './commands.ts'
import { verifyBooks } from './contract.ts'
import { importFile } from './import-command.ts'
import { modules } from './modules.ts'
import { seed } from './seed.ts'

const keyBytes = Buffer.alloc(32, 7) // the one of databases made for tests
const master = createSecretKey(keyBytes)
const reactions = modules.flatMap((module) => module.reactions ?? [])

const test = base.extend<{ target: string; saved: () => Promise<Buffer>; open: (url: string) => Promise<Database> }>({
  /** Address of a database with nothing in it. */
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  target: async ({}, use) => {
    const url = new URL(templateUrl())
    const admin = new URL(url)
    admin.pathname = '/postgres'
    const name = `restored_${randomBytes(6).toString('hex')}`
    url.pathname = `/${name}`
    const client = new pg.Client({ connectionString: admin.href })
    await client.connect()
    await client.query(`create database ${name}`)
    await use(url.href)
    await client.query(`drop database ${name} with (force)`)
    await client.end()
  },
  /** A backup of `db`. */
  saved: async ({ db }, use) => {
    await use(async () => bytesOf(await backup({ url: db.url, master, program: 'test', now: new Date() })))
  },
  /** As a program opens it after a restore. */
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  open: async ({}, use) => {
    const opened: Database[] = []
    await use(async (url) => {
      await migrate(url)
      const db = openDatabase({ url })
      opened.push(db)
      db.vault = await openVault(db, keyBytes)
      await openGeneration(db)
      await makeEventPartitions(db)
      return db
    })
    for (const db of opened) await db.close()
  },
})

/** A reaction that remembers each event it is told. */
const listener = (heard: string[]): Reaction => ({
  name: 'listener',
  types: 'all',
  origins: ['live', 'import', 'replay'],
  run: async (_ctx, events) => {
    heard.push(...events.map(({ id }) => id))
  },
})

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** In pieces that fit nothing in it. */
async function* from(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007)
}

/** A hash of each table's rows, in whatever order they lie. */
async function hashes(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema|graphile_worker|public)'`,
    )
    const found: Record<string, string> = {}
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t order by 1`)
      const lines = rows.map(({ text }) => text).join('\n')
      found[name] = `${rows.length} ${createHash('sha256').update(lines).digest('hex')}`
    }
    return found
  } finally {
    await client.end()
  }
}

describe('a backup', () => {
  test('comes back whole: rows, keys, books; each event has its effect once, and new ones have theirs', async ({
    db,
    given,
    target,
    saved,
    open,
  }) => {
    const { key } = await given.key()
    await db.act((ctx) => ensureStartingRules(ctx))
    const heard: string[] = []
    const all = [...reactions, listener(heard)]
    db.useReactions(all)
    const member = await given.member()
    await given.order({ member, paidFen: 100_00 })
    await db.reactionsCaughtUp()
    // Told, and not yet answered.
    await given.order({ member, paidFen: 20_00 })
    // As on a server whose transaction ids are far beyond those of the other, in the same order.
    const far = '900000000000'
    await sql`update platform.events set xid = (xid::text::bigint + ${far}::bigint)::text::xid8`.execute(db.kysely)
    await sql`update platform.cursors set xid = (xid::text::bigint + ${far}::bigint)::text::xid8`.execute(db.kysely)
    const before = await hashes(db.url)

    const file = await saved()
    await restore({ url: target, file: from(file), master })
    const after = await hashes(target)
    expect(Object.keys(after)).toEqual(expect.arrayContaining(['members.records', 'points.entries', 'platform.events']))
    const { 'platform.generations': was, ...rest } = before
    const { 'platform.generations': is, ...restored } = after
    expect(restored).toEqual(rest)
    expect([was, is].map((text) => text!.split(' ')[0])).toEqual(['1', '2'])

    const there = await open(target)
    expect(await identify(there, { key, session: undefined })).toMatchObject({ kind: 'key', permissions: 'all' })
    const running = openReactions(there, all)
    const points = () => inTx(there, systemActor, async (ctx) => (await balanceOf(ctx, member.id)).earned)
    expect(await points()).toBe(100)
    await running.caughtUp()
    expect(await points()).toBe(120)
    const { rows: newer } = await sql<{ xid: string; generation: number }>`
      select xid::text as xid, generation from platform.events order by generation desc, xid desc limit 1`.execute(
      there.kysely,
    )
    expect(newer[0]!.generation).toBe(2)
    expect(BigInt(newer[0]!.xid)).toBeLessThan(BigInt(far))
    await running.caughtUp()
    expect(await points()).toBe(120)
    expect(await inTx(there, systemActor, (ctx) => verify(ctx))).toEqual([])
    const { rows: log } = await sql<{ id: string }>`select id from platform.events`.execute(there.kysely)
    expect(log.length).toBeGreaterThan(4)
    expect(heard.toSorted()).toEqual(log.map(({ id }) => id).toSorted())
    // Numbers that the database gives go on where they were.
    await inTx(there, systemActor, (ctx) => openChannel(ctx, { code: 'new', kind: 'store' }))
  })

  test('leaves out what was not committed, and what comes beside it moves no cursor past it', async ({
    db,
    given,
    target,
    saved,
    open,
  }) => {
    await db.act((ctx) => ensureStartingRules(ctx))
    const [early, late] = [await given.member(), await given.member()]
    await db.reactionsCaughtUp()
    let go = () => {}
    const waits = new Promise<void>((resolve) => {
      go = resolve
    })
    let begun = () => {}
    const has = new Promise<void>((resolve) => {
      begun = resolve
    })
    // It has a transaction id before the other order, and commits after the backup.
    const slow = db.act(async (ctx) => {
      await sql`select pg_current_xact_id()`.execute(ctx.tx)
      await changeSettings(ctx, { name: 'not yet' })
      begun()
      await waits
    })
    await has
    await given.order({ member: late, paidFen: 30_00 })
    await Promise.all(reactions.map(({ name, lanes = 1 }) => stepAll(db, name, lanes)))
    const file = await saved()
    go()
    await slow

    await restore({ url: target, file: from(file), master })
    const there = await open(target)
    await openReactions(there, reactions).caughtUp()
    const balances = await inTx(there, systemActor, async (ctx) => [
      (await balanceOf(ctx, early.id)).earned,
      (await balanceOf(ctx, late.id)).earned,
      (await readSettings(ctx)).name,
    ])
    expect(balances).toEqual([0, 30, 'Roundtrip'])
  })

  test('takes waiting jobs along with the tries they have left, and asks for the warehouse', async ({
    db,
    target,
    saved,
    open,
  }) => {
    const runAt = new Date('2031-01-02T03:04:05.678Z')
    await db.act((ctx) => addJob(ctx, 'letters.send', { letter: '"\\\n' }, { key: '1', runAt, tries: 9 }))
    await db.act((ctx) => addJob(ctx, 'letters.running', {}, { tries: 1 }))
    await db.act((ctx) => addJob(ctx, 'letters.failed', {}, { tries: 1 }))
    await sql`update graphile_worker._private_jobs set attempts = 4 where max_attempts = 9`.execute(db.kysely)
    await sql`update graphile_worker._private_jobs j set attempts = 1,
      locked_at = case when t.identifier = 'letters.running' then now() end
      from graphile_worker._private_tasks t where t.id = j.task_id and max_attempts = 1`.execute(db.kysely)
    await restore({ url: target, file: from(await saved()), master })
    const there = await open(target)
    const { rows } = await sql<{ task: string }>`
      select t.identifier as task, j.payload, j.key, j.max_attempts - j.attempts as tries, j.run_at as "runAt", j.locked_at as locked
      from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id order by 1`.execute(
      there.kysely,
    )
    expect(rows).toEqual([
      expect.objectContaining({ task: 'audit.restored', payload: {} }),
      { task: 'letters.running', payload: {}, key: null, tries: 1, runAt: expect.any(Date), locked: null },
      { task: 'letters.send', payload: { letter: '"\\\n' }, key: 'letters.send:1', tries: 5, runAt, locked: null },
      expect.objectContaining({ task: 'warehouse.rebuild', payload: { anew: true } }),
    ])
  })

  test('brings the audit log back as it was sealed, and the seal goes on behind it', async ({
    db,
    target,
    saved,
    open,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-restored-'))
    const house = (of: Database) => ({ db: of, folder, log: openLog('silent'), stopping: new AbortController().signal })
    await db.act((ctx) => record(ctx, { act: 'one' }))
    await db.act((ctx) => record(ctx, { act: 'two' }))
    await sealAudit(house(db))
    // Not sealed yet when the backup is made.
    await db.act((ctx) => record(ctx, { act: 'three' }))
    await restore({ url: target, file: from(await saved()), master })
    await forgetEnd(folder)
    const there = await open(target)
    await inTx(there, systemActor, (ctx) => record(ctx, { act: 'four' }))
    expect(await sealAudit(house(there))).toBe(2)
    expect(await inTx(there, systemActor, (ctx) => checkAudit(ctx, folder))).toMatchObject({
      batches: 2,
      entries: 4,
      broken: [],
    })
    await sql`delete from platform.audit_entries where act = 'three'`.execute(there.kysely)
    const { broken } = await inTx(there, systemActor, (ctx) => checkAudit(ctx, folder))
    expect(broken.map(({ invariant }) => invariant)).toEqual(['audit.entry_missing'])
    await rm(folder, { recursive: true })
  })

  test('is of the moment at which it began, whatever is written while it is read', async ({ db, target, open }) => {
    // More than fits on the way, so that the settings are read after they have changed.
    await sql`insert into platform.idempotency (caller, operation, key, input_hash, answer)
      select 'c', 'o', i::text, '', to_jsonb(string_agg(md5(random()::text), '')) from generate_series(1, 200) i, generate_series(1, 600)
      group by i`.execute(db.kysely)
    const content = await backup({ url: db.url, master, program: 'test', now: new Date() })
    await db.act((ctx) => changeSettings(ctx, { name: 'Later' }))
    await restore({ url: target, file: from(await bytesOf(content)), master })
    const there = await open(target)
    expect((await inTx(there, systemActor, (ctx) => readSettings(ctx))).name).toBe('Roundtrip')
  })

  test('holds nothing that can be read without the key', async ({ db, saved }) => {
    await db.act((ctx) => changeSettings(ctx, { name: 'A very secret group' }))
    const file = await saved()
    expect(file.includes('secret')).toBe(false)
    expect(file.includes(keyBytes)).toBe(false)
    expect(file.includes(keyBytes.toString('base64'))).toBe(false)
  })

  test('makes nobody wait who would want a table to himself, and lets go when it is given up', async ({ db }) => {
    const may = () => db.act((ctx) => mayLockTables(ctx.tx))
    const content = await backup({ url: db.url, master, program: 'test', now: new Date() })
    expect(await may()).toBe(false)
    const begun = Date.now()
    db.clock = { now: () => new Date('2040-05-05') }
    await makeEventPartitions(db)
    expect(Date.now() - begun).toBeLessThan(2_000)
    content.destroy()
    await expect.poll(may, { timeout: 5_000 }).toBe(true)
    await makeEventPartitions(db)
    const { rows } = await sql`select to_regclass('platform.events_2040_05') as made`.execute(db.kysely)
    expect(rows).toEqual([{ made: expect.anything() }])
  })
})

async function stepAll(db: Database, name: string, lanes: number): Promise<void> {
  const open = openReactions(db, reactions)
  for (let lane = 0; lane < lanes; lane++) await open.step(name, lane)
}

describe('a restore refuses', () => {
  test('a file that is cut off or changed anywhere, before it touches anything', async ({ given, saved }) => {
    await given.member()
    const file = await saved()
    expect(await checkBackup(from(file), master)).toMatchObject({ header: { program: 'test' } })
    const header = file.indexOf(10) + 1
    const places = [header, header + 3, header + 700, Math.floor(file.length / 2), file.length - 20, file.length - 1]
    for (const at of places) {
      await expect(checkBackup(from(file.subarray(0, at)), master), `cut at ${at}`).rejects.toMatchObject({
        code: 'backup.damaged',
      })
      const changed = Buffer.from(file)
      changed[at]! ^= 1
      await expect(checkBackup(from(changed), master), `changed at ${at}`).rejects.toMatchObject({
        code: 'backup.damaged',
      })
    }
    await expect(checkBackup(from(Buffer.concat([file, Buffer.from('x')])), master)).rejects.toMatchObject({
      code: 'backup.damaged',
    })
    // The first line is bound to the rest, and says first what it is.
    const dated = Buffer.from(file.toString('latin1').replace(/"createdAt":"..../, '"createdAt":"1999'), 'latin1')
    await expect(checkBackup(from(dated), master)).rejects.toMatchObject({ code: 'backup.damaged' })
    const newer = Buffer.from(file.toString('latin1').replace('"version":1', '"version":2'), 'latin1')
    await expect(checkBackup(from(newer), master)).rejects.toMatchObject({ code: 'backup.newer_format' })
    await expect(checkBackup(from(Buffer.from('PGDMP')), master)).rejects.toMatchObject({
      code: 'backup.not_a_backup',
    })
  })

  test('another key', async ({ saved }) => {
    await expect(checkBackup(from(await saved()), createSecretKey(randomBytes(32)))).rejects.toMatchObject({
      code: 'backup.wrong_master_key',
    })
  })

  test('rows that are not those that were counted', async () => {
    const piece = (kind: number, value: unknown) => {
      const body = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))
      const head = Buffer.alloc(5)
      head.writeUInt8(kind)
      head.writeUInt32BE(body.length, 1)
      return Buffer.concat([head, body])
    }
    const manifest = { postgres: 180000, migrations: [], tables: [], partitions: [], sequences: [], sharing: [1] }
    const rows = Buffer.from('1\n2\n')
    const sha256 = createHash('sha256').update(rows).digest('hex')
    const made = (...pieces: Buffer[]) =>
      bytesOf(seal(from(Buffer.concat(pieces)), { master, program: 'test', now: new Date() }))
    const head = [piece(1, manifest), piece(2, { name: 'a.b' }), piece(3, rows)]
    const whole = [...head, piece(4, { rows: 2, sha256 }), piece(5, { tables: 1, rows: 2 })]
    expect(await checkBackup(from(await made(...whole)), master)).toMatchObject({ rows: 2, tables: 1 })
    for (const wrong of [
      [...head, piece(4, { rows: 3, sha256 }), piece(5, { tables: 1, rows: 3 })],
      [...head, piece(4, { rows: 2, sha256: 'ab' }), piece(5, { tables: 1, rows: 2 })],
      [...head, piece(4, { rows: 2, sha256 }), piece(5, { tables: 2, rows: 2 })],
      whole.slice(0, -1),
    ]) {
      await expect(checkBackup(from(await made(...wrong)), master)).rejects.toMatchObject({ code: 'backup.damaged' })
    }
    const later = { ...manifest, migrations: [{ name: '9999_later.sql', hash: 'x' }] }
    await expect(checkBackup(from(await made(piece(1, later))), master)).rejects.toMatchObject({
      code: 'backup.newer_program',
    })
    const changed = { ...manifest, migrations: [{ name: '0001_platform.sql', hash: 'x' }] }
    await expect(checkBackup(from(await made(piece(1, changed))), master)).rejects.toMatchObject({
      code: 'backup.other_migration',
    })
  })

  test('a database with members, one that is in use and one of somebody else; nothing changes there', async ({
    given,
    target,
    saved,
    open,
  }) => {
    await given.member()
    const file = await saved()
    await restore({ url: target, file: from(file), master })
    const before = await hashes(target)
    await expect(emptinessOf(target)).rejects.toMatchObject({ code: 'backup.not_empty' })
    await expect(restore({ url: target, file: from(file), master })).rejects.toMatchObject({ code: 'backup.not_empty' })
    const there = await open(target)
    await sql`select 1`.execute(there.kysely)
    await expect(restore({ url: target, file: from(file), master })).rejects.toMatchObject({
      code: 'backup.database_in_use',
    })
    expect(await hashes(target)).toEqual(before)
  })

  test('a schema of somebody else', async ({ target, saved }) => {
    const client = new pg.Client({ connectionString: target })
    await client.connect()
    await client.query('create schema orders; create table orders.theirs (id int)')
    await expect(restore({ url: target, file: from(await saved()), master })).rejects.toMatchObject({
      code: 'backup.foreign_database',
    })
    await client.query('select from orders.theirs')
    await client.end()
  })

  test('to leave anything half done: a program that has begun stays as it was', async ({
    given,
    db,
    target,
    saved,
    open,
  }) => {
    await given.member()
    const file = await saved()
    await (await open(target)).close()
    const before = await hashes(target)
    expect(await emptinessOf(target)).toBe('no members')
    async function* breaking() {
      yield file.subarray(0, Math.floor(file.length * 0.9))
      throw new Error('the disk it came from is gone')
    }
    await expect(restore({ url: target, file: breaking(), master })).rejects.toThrow('is gone')
    expect(await hashes(target)).toEqual(before)
    // The same place, after that, takes it whole.
    await restore({ url: target, file: from(file), master })
    expect((await hashes(target))['members.records']).toBe((await hashes(db.url))['members.records'])
  })
})

test('an older backup comes back by the migrations of its time, and goes on to those of now', async ({
  target,
  open,
}) => {
  const older = await mkdtemp(join(tmpdir(), 'roundtrip-older-'))
  onTestFinished(() => rm(older, { recursive: true, force: true }))
  const migrations = await readMigrations()
  for (const { name, sql: text } of migrations.slice(0, -1)) await writeFile(join(older, name), text)
  await migrate(target, older)
  await prepareJobs(target)
  const then = openDatabase({ url: target })
  then.vault = await openVault(then, keyBytes)
  await inTx(then, systemActor, (ctx) => changeSettings(ctx, { name: 'Then' }))
  const file = await bytesOf(await backup({ url: target, master, program: 'older', now: new Date() }))
  await inTx(then, systemActor, (ctx) => changeSettings(ctx, { name: 'Later' }))
  await then.close()

  await restore({ url: target, file: from(file), master })
  expect(await migrate(target, older)).toBe(0)
  expect(await migrate(target)).toBe(1)
  const now = await open(target)
  expect(await inTx(now, systemActor, async (ctx) => (await readSettings(ctx)).name)).toBe('Then')
})

test('the commands: from one embedded database to another, with nothing on the way left lying', {
  timeout: 180_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-backup-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const configOf = (data: string) =>
    readConfig({ ROUNDTRIP_DATA: join(folder, data), ROUNDTRIP_DEMO: 'off', LOG_LEVEL: 'silent', PORT: '0' })
  const quiet = { checkOnly: false, mayReplaceSetup: false, onProgress: () => {} }
  const [one, two] = [configOf('one'), configOf('two')]
  const file = join(folder, 'made.backup')
  const { files } = await seed(join(folder, 'people'), 200)

  const program = await connect(one)
  await importFile(program, one, {
    file: files[0]!,
    channel: 'a',
    create: 'store',
    as: 'members',
    dryRun: false,
    wait: true,
    live: true,
    onProgress: () => {},
  })
  const records = await program.call(listRecords, { limit: 5000 })
  const made = await makeBackup(one, file, () => {})
  expect(made).toMatchObject({ file, masterKey: join(folder, 'one/master.key') })
  await expect(makeBackup(one, file, () => {})).rejects.toMatchObject({ code: 'backup.file_exists' })
  await expect(makeBackup(one, join(folder, 'none/made.backup'), () => {})).rejects.toMatchObject({
    code: 'backup.not_writable',
  })
  await expect(restoreBackup(one, { ...quiet, file })).rejects.toMatchObject({ code: 'program.running' })
  await program.close()
  expect((await readdir(folder)).sort()).toEqual(['made.backup', 'one', 'people'])

  await expect(restoreBackup(two, { ...quiet, file })).rejects.toMatchObject({ code: 'backup.no_master_key' })
  await mkdir(join(folder, 'two'))
  await writeFile(join(folder, 'two/master.key'), randomBytes(32).toString('base64'))
  await expect(restoreBackup(two, { ...quiet, file })).rejects.toMatchObject({ code: 'backup.wrong_master_key' })
  expect(await readdir(join(folder, 'two'))).toEqual(['master.key'])
  await writeFile(join(folder, 'two/master.key'), await readFile(join(folder, 'one/master.key')))
  expect(await restoreBackup(two, { ...quiet, file, checkOnly: true })).toMatchObject({ checked: true })
  // A program that has begun there, and nobody in it.
  await (await connect(two)).close()
  await expect(restoreBackup(two, { ...quiet, file })).rejects.toMatchObject({ code: 'backup.confirm' })
  expect(await restoreBackup(two, { ...quiet, file, mayReplaceSetup: true })).toMatchObject({ checked: false })

  const again = await connect(two)
  try {
    expect(await again.call(listRecords, { limit: 5000 })).toEqual(records)
    expect(await again.call(verifyBooks, {})).toEqual({ ok: true, broken: [] })
  } finally {
    await again.close()
  }
})
