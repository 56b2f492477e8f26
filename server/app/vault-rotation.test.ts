/** The master key is changed under a program that serves: nothing is lost, nobody waits, and the former key opens nothing. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { sql } from 'kysely'
import { test as base, expect } from '#app/testing'
import { findPersons } from '#modules/members'
import { record } from '#platform/audit'
import { checkAudit } from '#platform/audit/checking'
import { backup } from '#platform/backup/dump'
import { checkBackup } from '#platform/backup/restore'
import { inBulk } from '#platform/bulk'
import { systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { keyWrappingOf } from '#platform/key-wrapping'
import { keyIdOf, openVault, readMasterKey } from '#platform/vault'
import { beginRotation, lastRotation, promoteKeyFile, readNextKey, rewrapAll } from '#platform/vault-rotation'
import { reveal } from '../modules/members/person.ts'
import { TransitService } from '../platform/key-service.testing.ts'
import { homeKeys } from './modules.ts'

const former = Buffer.alloc(32, 7) // of databases made for tests
const never = new AbortController().signal

interface Folder {
  path: string
  /** The key in the folder's file. */
  key(): Promise<Buffer>
  begin(db: Database, keys?: { inFile?: boolean; next?: string }): Promise<void>
}

const test = base.extend<{ folder: Folder }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  folder: async ({}, use) => {
    const path = await mkdtemp(join(tmpdir(), 'roundtrip-keys-'))
    await writeFile(join(path, 'master.key'), `${former.toString('base64')}\n`, { mode: 0o600 })
    await use({
      path,
      key: async () => Buffer.from(await readFile(join(path, 'master.key'), 'utf8'), 'base64'),
      begin: (db, { inFile = true, next } = {}) =>
        beginRotation({ db }, systemActor, { folder: path, inFile, next }, homeKeys, (ctx) =>
          record(ctx, { act: 'postVaultRotations' }),
        ),
    })
    await rm(path, { recursive: true })
  },
})

const finish = (db: Database) => rewrapAll(db, homeKeys, { stopping: never, settle: 0 })

const phoneOf = (db: Database, id: string) =>
  inTx(db, systemActor, (ctx) => reveal(ctx, { memberId: id, recordId: id, field: 'phone', reason: 'test' }))

const wrappings = async (db: Database) => {
  const { rows } = await sql<{ keyId: Buffer; count: number }>`
    select substring(wrapped_key from 1 for 4) as "keyId", count(*) as count from members.homes
    where wrapped_key is not null group by 1 order by 2 desc`.execute(db.kysely)
  return rows.map(({ keyId, count }) => [keyId.toString('hex'), count])
}
const idOf = (key: Uint8Array) => keyIdOf(createSecretKey(key)).toString('hex')

test('all is wrapped by the new key, everything opens, and the former key opens nothing', async ({
  db,
  given,
  folder,
}) => {
  const members = await Promise.all(Array.from({ length: 12 }, () => given.member()))
  const blind = db.vault!.blind('phone', '+8613800138000')
  const phones = await Promise.all(members.map(({ id }) => phoneOf(db, id)))
  await folder.begin(db)
  // At once, before a single home is wrapped anew.
  expect(await Promise.all(members.map(({ id }) => phoneOf(db, id)))).toEqual(phones)
  expect(await finish(db)).toBe(true)

  const next = await folder.key()
  expect(next.equals(former)).toBe(false)
  expect(await wrappings(db)).toEqual([[idOf(next), 12]])
  expect(await db.act(lastRotation)).toMatchObject({ rewrapped: 12, finishedAt: expect.any(Date) })
  await expect(openVault(db, former)).rejects.toMatchObject({ code: 'vault.wrong_master_key' })
  db.vault = await openVault(db, next)
  expect(await Promise.all(members.map(({ id }) => phoneOf(db, id)))).toEqual(phones)
  expect(db.vault.blind('phone', '+8613800138000')).toBe(blind)
  const found = await db.act((ctx) =>
    findPersons(ctx, {
      search: phones[3]!,
      channelId: undefined,
      among: undefined,
      after: undefined,
      limit: 5,
      country: 'CN',
    }),
  )
  expect(found.persons.map(({ id }) => id)).toEqual([members[3]!.id])
  expect((await db.act((ctx) => checkAudit(ctx, folder.path))).broken).toEqual([])
  // The former key stays for the backups of before, and nothing of either stands in the database.
  const kept = (await readdir(folder.path)).filter((name) => name.startsWith('master.key.former-'))
  expect(kept).toEqual([`master.key.former-${idOf(former)}`])
  const { rows } = await sql<{ former: Buffer | null }>`select former from platform.vault_rotations`.execute(db.kysely)
  expect(rows).toEqual([{ former: null }])
  // And again, from a key that was changed before.
  await folder.begin(db)
  expect(await finish(db)).toBe(true)
  expect(await phoneOf(db, members[5]!.id)).toBe(phones[5])
  expect(await wrappings(db)).toEqual([[idOf(await folder.key()), 12]])
})

test('homes of before keys were told apart come along; a key that was destroyed stays destroyed', async ({
  db,
  given,
  folder,
}) => {
  const [a, b] = [await given.member(), await given.member()]
  const phone = await phoneOf(db, a.id)
  await sql`update members.homes set wrapped_key = substring(wrapped_key from 5) where member_id = ${a.id}`.execute(
    db.kysely,
  )
  await sql`update platform.vault_keys set wrapped = substring(wrapped from 5)`.execute(db.kysely)
  await sql`update members.homes set wrapped_key = null where member_id = ${b.id}`.execute(db.kysely)
  db.vault = await openVault(db, former)
  expect(await phoneOf(db, a.id)).toBe(phone)
  await folder.begin(db)
  expect(await phoneOf(db, a.id)).toBe(phone)
  await finish(db)
  db.vault = await openVault(db, await folder.key())
  expect(await phoneOf(db, a.id)).toBe(phone)
  expect(await wrappings(db)).toEqual([[idOf(await folder.key()), 1]])
})

test('ended between the act and the files, the next start puts the files in place', async ({ db, given, folder }) => {
  const { id } = await given.member()
  const phone = await phoneOf(db, id)
  const next = randomBytes(32)
  await writeFile(join(folder.path, 'master.key.next'), next.toString('base64'))
  // The act without what follows it.
  await folder.begin(db, { inFile: false, next: next.toString('base64') })
  expect((await folder.key()).equals(former)).toBe(true)
  const started = await openVault(db, former, await readNextKey(folder.path, undefined))
  await promoteKeyFile(folder.path, started)
  expect((await folder.key()).equals(next)).toBe(true)
  expect((await readdir(folder.path)).sort()).toEqual(['master.key', `master.key.former-${idOf(former)}`])
  // Nothing is wrapped anew yet: the former key stands in the database, wrapped by the new one.
  db.vault = await openVault(db, next)
  expect(await phoneOf(db, id)).toBe(phone)
  await finish(db)
  expect(await wrappings(db)).toEqual([[idOf(next), 1]])
})

test('a key that was made and never taken up is taken by the next try', async ({ db, given, folder }) => {
  const { id } = await given.member()
  const next = randomBytes(32)
  await writeFile(join(folder.path, 'master.key.next'), next.toString('base64'))
  const started = await openVault(db, former, await readNextKey(folder.path, undefined))
  await promoteKeyFile(folder.path, started)
  expect((await folder.key()).equals(former)).toBe(true)
  await folder.begin(db)
  expect((await folder.key()).equals(next)).toBe(true)
  expect(await phoneOf(db, id)).toBeTruthy()
})

test('members who come and are looked at meanwhile are all there afterwards', async ({ db, given, folder }) => {
  await Promise.all(Array.from({ length: 20 }, () => given.member()))
  let going = true
  const ids: string[] = []
  const coming = (async () => {
    while (going) {
      const { id } = await given.member()
      ids.push(id)
      expect(await phoneOf(db, id)).toMatch(/^\+86/)
    }
  })()
  await folder.begin(db)
  await finish(db)
  going = false
  await coming
  db.vault = await openVault(db, await folder.key())
  for (const id of ids) expect(await phoneOf(db, id)).toMatch(/^\+86/)
  expect(await wrappings(db)).toEqual([[idOf(await folder.key()), 20 + ids.length]])
})

test('a home that an act wraps by the former key while it is being finished is not lost', async ({
  db,
  given,
  folder,
}) => {
  const { id } = await given.member()
  const phone = await phoneOf(db, id)
  const before = { master: db.vault!.keys.master }
  await folder.begin(db)
  const { wrap, unwrap } = await import('#platform/vault')
  // As an act does that had taken its key before the change and writes after the sweep has passed.
  const { rows } = await sql<{
    wrapped: Buffer
  }>`select wrapped_key as wrapped from members.homes where member_id = ${id}`.execute(db.kysely)
  let late: Promise<unknown> | undefined
  const sweeping = {
    ...homeKeys[0]!,
    rewrap: async (...[ctx, chunk]: Parameters<(typeof homeKeys)[0]['rewrap']>) => {
      const done = await homeKeys[0]!.rewrap(ctx, chunk)
      if (done.last === null && !late) {
        const again = wrap(before, 'home', unwrap({ ...before, former: [] }, 'home', rows[0]!.wrapped))
        late = sql`update members.homes set wrapped_key = ${again} where member_id = ${id}`.execute(db.kysely)
        await late
      }
      return done
    },
  }
  expect(await rewrapAll(db, [sweeping], { stopping: never, settle: 0 })).toBe(true)
  db.vault = await openVault(db, await folder.key())
  expect(await phoneOf(db, id)).toBe(phone)
})

test('with a key service the new key is on the disk only as the service wraps it', async ({ db, given, folder }) => {
  const service = await new TransitService().listen()
  try {
    const { id } = await given.member()
    const phone = await phoneOf(db, id)
    const wrapping = keyWrappingOf({
      url: service.url,
      mount: 'transit',
      key: 'roundtrip',
      token: 's.good',
      namespace: undefined,
    })
    const file = join(folder.path, 'master.key')
    const read = () => readMasterKey({ fromEnvironment: undefined, file, mayCreate: false, wrapping })
    expect((await read()).equals(former)).toBe(true)
    const recorded = (ctx: Parameters<typeof record>[0]) => record(ctx, { act: 'postVaultRotations' })
    const keys = { folder: folder.path, inFile: true, next: undefined, wrapping }
    await beginRotation({ db }, systemActor, keys, homeKeys, recorded)
    for (const name of await readdir(folder.path))
      expect(await readFile(join(folder.path, name), 'utf8'), name).toMatch(/^vault:v1:/)
    expect(await finish(db)).toBe(true)
    const asked = service.asked.length
    db.vault = await openVault(db, await read())
    // Read once at the start; looking at members asks for nothing more.
    expect(service.asked.length).toBe(asked + 2)
    expect(await phoneOf(db, id)).toBe(phone)
    expect(service.asked.length).toBe(asked + 2)
    service.sealed = true
    expect(await phoneOf(db, id)).toBe(phone)
    await expect(beginRotation({ db }, systemActor, keys, homeKeys, recorded)).rejects.toMatchObject({
      code: 'vault.key_service_away',
    })
    expect((await read().catch((error: { code: string }) => error.code)).toString()).toBe('vault.key_service_away')
  } finally {
    await service.close()
  }
})

test('stopped in the middle it says so, and goes on', async ({ db, given, folder }) => {
  await given.member()
  await folder.begin(db)
  const stop = new AbortController()
  stop.abort()
  expect(await rewrapAll(db, homeKeys, { stopping: stop.signal, settle: 0 })).toBe(false)
  expect(await db.act(lastRotation)).toMatchObject({ finishedAt: null, rewrapped: 0 })
  expect(await finish(db)).toBe(true)
})

test('is refused without a new key, with the same key, during an import and twice at once', async ({ db, folder }) => {
  const begin = (keys: { inFile?: boolean; next?: string }) => folder.begin(db, keys)
  await expect(begin({ inFile: false })).rejects.toMatchObject({ code: 'vault.no_next_key' })
  await expect(begin({ inFile: false, next: former.toString('base64') })).rejects.toMatchObject({
    code: 'vault.same_key',
  })
  await expect(begin({ inFile: false, next: 'short' })).rejects.toMatchObject({ code: 'vault.bad_master_key' })
  await inBulk(() => expect(begin({})).rejects.toMatchObject({ code: 'vault.import_going' }))
  await begin({})
  await expect(begin({})).rejects.toMatchObject({ code: 'vault.rotation_going' })
  expect(await finish(db)).toBe(true)
})

test('a program that has not the new key leaves the work to those who have', async ({ db, given, folder }) => {
  await given.member()
  const old = db.vault!.keys.master
  await folder.begin(db)
  db.vault!.keys.master = old
  await expect(finish(db)).rejects.toThrow('ROUNDTRIP_MASTER_KEY_NEXT')
  expect(await db.act(lastRotation)).toMatchObject({ finishedAt: null })
})

test('a backup made in the middle opens by the new key alone', async ({ db, given, folder }) => {
  await given.member()
  await folder.begin(db)
  const file = await backup({ url: db.url, master: db.vault!.keys.master, program: 'test', now: new Date() })
  const bytes = await bytesOf(file)
  const next = createSecretKey(await folder.key())
  expect((await checkBackup(chunksOf(bytes), next)).rows).toBeGreaterThan(5)
  await expect(checkBackup(chunksOf(bytes), createSecretKey(former))).rejects.toMatchObject({
    code: 'backup.wrong_master_key',
  })
})

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
