import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { test as base, type TestDatabase } from '#platform/testing'
import { openVault, readMasterKey, type Vault, vaultExists } from '#platform/vault'

const person = { name: '林晚晴', phones: ['+8613800138000'], born: '1987-06-04', note: null }
const master = randomBytes(32)

const test = base.extend<{ unsealed: TestDatabase; vault: Vault; folder: string }>({
  // A database that no vault has been opened on.
  unsealed: async ({ db }, use) => {
    await sql`delete from platform.vault_keys`.execute(db.kysely)
    await use(db)
  },
  vault: async ({ unsealed }, use) => use(await openVault(unsealed, master)),
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-vault-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

const keysOf = async (db: TestDatabase) =>
  (
    await sql<{
      purpose: string
      wrapped: Buffer
    }>`select purpose, wrapped from platform.vault_keys order by purpose`.execute(db.kysely)
  ).rows

describe("a person's values", () => {
  test('are sealed under the key of their home and opened again, also by the wrapped key', ({ vault }) => {
    const { key, wrapped } = vault.newHomeKey()
    const sealed = vault.seal(key, 'record 1', person)
    expect(sealed.toString('latin1')).not.toMatch(/13800138000|1987/)
    expect(sealed.includes('林晚晴')).toBe(false)
    expect(vault.open(key, 'record 1', sealed)).toEqual(person)
    expect(vault.open(vault.unwrap(wrapped), 'record 1', sealed)).toEqual(person)
  })

  test('are sealed differently each time, 5,000 times over, and never under the same nonce', ({ vault }) => {
    const { key } = vault.newHomeKey()
    const sealed = Array.from({ length: 5_000 }, () => vault.seal(key, 'record 1', person))
    expect(new Set(sealed.map((one) => one.subarray(0, 12).toString('hex'))).size).toBe(5_000)
    expect(vault.open(key, 'record 1', sealed[4_999]!)).toEqual(person)
  })

  test('do not open at another place, under another key, or when a single bit was changed', ({ vault }) => {
    const { key } = vault.newHomeKey()
    const sealed = vault.seal(key, 'record 1', person)
    expect(() => vault.open(key, 'record 2', sealed)).toThrow()
    expect(() => vault.open(vault.newHomeKey().key, 'record 1', sealed)).toThrow()
    for (const place of [0, 12, sealed.length - 17, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed[place]! ^= 1
      expect(() => vault.open(key, 'record 1', changed)).toThrow()
    }
    for (const length of [0, 4, 12, 16, 27, sealed.length - 1]) {
      expect(() => vault.open(key, 'record 1', sealed.subarray(0, length))).toThrow()
    }
  })

  test('are gone with the wrapped key: the key of another home opens nothing of them', ({ vault }) => {
    const [gone, other] = [vault.newHomeKey(), vault.newHomeKey()]
    const sealed = vault.seal(gone.key, 'record 1', person)
    expect(() => vault.open(vault.unwrap(other.wrapped), 'record 1', sealed)).toThrow()
    expect(() => vault.unwrap(Buffer.concat([gone.wrapped.subarray(0, -1), Buffer.from([0])]))).toThrow()
  })
})

describe('a blind index', () => {
  test('is equal for equal values of a kind, and for nothing else', ({ vault }) => {
    const phone = vault.blind('phone', '+8613800138000')
    expect(vault.blind('phone', '+8613800138000')).toBe(phone)
    expect(vault.blind('phone', '+8613800138001')).not.toBe(phone)
    expect(vault.blind('wechat', '+8613800138000')).not.toBe(phone)
    // The kind ends where the value begins.
    expect(vault.blind('phone+', '8613800138000')).not.toBe(phone)
    expect(phone).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  test('stays over restarts and differs from one house to the next', async ({ unsealed: db, vault }) => {
    const phone = vault.blind('phone', '+8613800138000')
    expect((await openVault(db, master)).blind('phone', '+8613800138000')).toBe(phone)
    await sql`delete from platform.vault_keys`.execute(db.kysely)
    expect((await openVault(db, master)).blind('phone', '+8613800138000')).not.toBe(phone)
  })
})

describe('the master key', () => {
  test('is the one that sealed the database, or nothing opens and nothing changes', async ({ unsealed: db, vault }) => {
    const before = await keysOf(db)
    await expect(openVault(db, randomBytes(32))).rejects.toMatchObject({
      code: 'vault.wrong_master_key',
      message: 'This master key is not the one that sealed this database. Put the right key back; nothing was changed.',
    })
    expect(await keysOf(db)).toEqual(before)
    const { key, wrapped } = vault.newHomeKey()
    const sealed = vault.seal(key, 'record 1', person)
    const again = await openVault(db, master)
    expect(again.open(again.unwrap(wrapped), 'record 1', sealed)).toEqual(person)
  })

  test('is never in the database, and each of its keys is bound to its purpose', async ({ unsealed: db, vault }) => {
    expect(vault.keys.blind.equals(vault.keys.staging)).toBe(false)
    const kept = await keysOf(db)
    for (const { wrapped } of kept) {
      for (const key of [master, vault.keys.blind.export(), vault.keys.staging.export()])
        expect(wrapped.includes(key)).toBe(false)
    }
    await sql`update platform.vault_keys set wrapped = ${kept[1]!.wrapped} where purpose = ${kept[0]!.purpose}`.execute(
      db.kysely,
    )
    await expect(openVault(db, master)).rejects.toMatchObject({ code: 'vault.wrong_master_key' })
  })

  test('opens one vault for programs that start at once', async ({ unsealed: db }) => {
    const vaults = await Promise.all(Array.from({ length: 6 }, () => openVault(db, master)))
    expect(new Set(vaults.map((vault) => vault.blind('phone', '1'))).size).toBe(1)
  })

  test('is made by the first start, readable by its owner only, and found by the next', async ({ folder }) => {
    const file = join(folder, 'master.key')
    const umask = process.umask(0)
    const key = await readMasterKey({ fromEnvironment: undefined, file, mayCreate: true }).finally(() =>
      process.umask(umask),
    )
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await readFile(file, 'utf8')).trim()).toHaveLength(44)
    expect(await readdir(folder)).toEqual(['master.key'])
    expect(await readMasterKey({ fromEnvironment: undefined, file, mayCreate: false })).toEqual(key)
  })

  test('that is missing on a sealed database is a loss and not a first start', async ({
    unsealed: db,
    vault,
    folder,
  }) => {
    expect(vault.keys.master.type).toBe('secret')
    expect(await vaultExists(db)).toBe(true)
    const file = join(folder, 'master.key')
    const start = readMasterKey({ fromEnvironment: undefined, file, mayCreate: !(await vaultExists(db)) })
    await expect(start).rejects.toMatchObject({ code: 'vault.no_master_key', params: { file } })
    await expect(start).rejects.toThrow(`put the key back at ${file}`)
    expect(await readdir(folder)).toEqual([])
  })

  test('of an unsealed database is not asked for', async ({ unsealed: db }) => {
    expect(await vaultExists(db)).toBe(false)
  })

  test('from the environment is taken before the file, which is left alone', async ({ folder }) => {
    const file = join(folder, 'master.key')
    await writeFile(file, randomBytes(32).toString('base64'))
    await chmod(file, 0o400)
    const given = await readMasterKey({ fromEnvironment: master.toString('base64'), file, mayCreate: true })
    expect(given).toEqual(master)
  })

  test.for([
    ['too short', 'c2VjcmV0'],
    ['hexadecimal', master.toString('hex')],
    ['nothing', ''],
  ] as const)(
    'that is %s is refused, saying where it came from and what it should be',
    async ([, text], { folder }) => {
      const file = join(folder, 'master.key')
      await writeFile(file, text)
      await expect(readMasterKey({ fromEnvironment: undefined, file, mayCreate: true })).rejects.toMatchObject({
        code: 'vault.bad_master_key',
        message: `The master key in ${file} should be 32 bytes in base64 (44 characters).`,
      })
      const fromEnvironment = readMasterKey({ fromEnvironment: text, file, mayCreate: true })
      await expect(fromEnvironment).rejects.toThrow('The master key in ROUNDTRIP_MASTER_KEY should be 32 bytes')
    },
  )
})
