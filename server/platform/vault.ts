/**
 * Where personal values are sealed, and how they are found again without being opened.
 *
 * - A **home** has a random key of its own, kept wrapped by the master key beside the home. One sealed document holds
 *   all personal values of a source record. Destroying the wrapped key erases the person (backups included).
 * - A **blind index** is a keyed hash of a normalised value (128 bits, kept as uuid): equal values meet in an index,
 *   but the value can't be read or guessed without the key. It has a key of its own, apart from the sealing keys.
 *
 * The master key is never in the database: `ROUNDTRIP_MASTER_KEY` or the file `master.key` of the data folder.
 * Sealing is AES-256-GCM; the name of what is sealed is bound in as additional data, so a sealed value can't be moved
 * to another row.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from 'node:crypto'
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import type { Database } from '#platform/db'
import { Refusal } from '#platform/errors'
import { firstIndexKeys, type IndexKeys, putOn, takeOff } from '#platform/index-keys'
import { asItIs, isWrapped, type KeyWrapping } from '#platform/key-wrapping'

const nonceBytes = 12
const tagBytes = 16

/**
 * The keys in plain form, as they may be handed to a worker of this process. Never stored, never logged. Key objects,
 * because the runtime takes four times as long to seal with bytes.
 */
export interface VaultKeys {
  /** Wraps; which one a wrapped key is by stands before it. */
  master: KeyObject
  /** Master keys of before: what they have wrapped is still opened while it is being wrapped anew. */
  former: KeyObject[]
  /** Hashes values for the blind indexes; what is kept is the hash under the index key in force. */
  blind: KeyObject
  /** Left out: the first. Changes while the program serves, between two acts. */
  index?: IndexKeys
  staging: KeyObject
  /** Of the audit log's proofs, so that whoever can write the database can't write the log. */
  audit: KeyObject
}

export interface Vault {
  readonly keys: VaultKeys
  /** A new home's key: plain for sealing now, wrapped for keeping beside the home. */
  newHomeKey(): { key: KeyObject; wrapped: Buffer }
  unwrap(wrapped: Uint8Array): KeyObject
  /** The same home key wrapped by the master key of now. */
  rewrap(wrapped: Uint8Array): Buffer
  /** Seals a JSON document under a home's key, bound to the name of its place. */
  seal(key: KeyObject, place: string, document: unknown): Buffer
  /** The same of a document that is JSON already. */
  sealJson(key: KeyObject, place: string, json: string): Buffer
  open<T>(key: KeyObject, place: string, sealed: Uint8Array): T
  /** Keyed hash of a normalised value, equal for equal (kind, value), under the index key in force. */
  blind(kind: string, value: string): string
  /** Number of the index key in force; stands beside what is written. */
  readonly indexBy: number
  /** What is kept under the key of that number, as it is under the one in force. */
  current(kept: string, by: number): string
  /** The hash without any index key: the same for ever. For what is hashed again, and for lists outside the database. */
  bare(kept: string, by?: number): string
  /** How a bare hash is kept under the key in force. */
  kept(bare: string): string
  /** While indexes move from one key to the next: how these values are kept under the former. Else none. */
  former(blinds: readonly string[]): string[]
  /** All forms in which these values may stand now. */
  forms(blinds: readonly string[]): string[]
  /** Keyed hash that proves who has written this (32 bytes), bound to the name of its place. */
  prove(place: string, content: string): Buffer
}

export function vaultOf(keys: VaultKeys): Vault {
  const first = firstIndexKeys()
  const index = () => keys.index ?? first
  const keyOf = (number: number) => {
    const { now, former } = index()
    const found = [now, former, first.now].find((one) => one?.number === number)
    if (!found) throw new Error(`The index key ${number} is not here any more`)
    return found
  }
  const former = (blinds: readonly string[]) => {
    const keysNow = index()
    return keysNow.former ? blinds.map((blind) => putOn(keysNow.former!, takeOff(keysNow.now, blind))) : []
  }
  return {
    keys,
    get indexBy() {
      return index().now.number
    },
    current: (kept, by) => (by === index().now.number ? kept : putOn(index().now, takeOff(keyOf(by), kept))),
    // Most never change the key: what is kept is bare then.
    bare: (kept, by = index().now.number) =>
      by === first.now.number ? kept : putOn(first.now, takeOff(keyOf(by), kept)),
    kept: (bare) => (index().now.number === first.now.number ? bare : putOn(index().now, takeOff(first.now, bare))),
    former,
    forms: (blinds) => [...blinds, ...former(blinds)],
    newHomeKey() {
      const key = nextRandom(32)
      return { key: createSecretKey(key), wrapped: wrap(keys, 'home', key) }
    },
    unwrap: (wrapped) => createSecretKey(unwrap(keys, 'home', wrapped)),
    rewrap: (wrapped) => wrap(keys, 'home', unwrap(keys, 'home', wrapped)),
    seal: (key, place, document) => encrypt(key, place, Buffer.from(JSON.stringify(document))),
    sealJson: (key, place, json) => encrypt(key, place, Buffer.from(json)),
    open: (key, place, sealed) => JSON.parse(decrypt(key, place, sealed).toString()),
    blind: (kind, value) =>
      putOn(index().now, createHmac('sha256', keys.blind).update(`${kind}\u0000${value}`).digest().subarray(0, 16)),
    prove: (place, content) => createHmac('sha256', keys.audit).update(`${place}\u0000${content}`).digest(),
  }
}

const keyIdBytes = 4
const wrappedBytes = nonceBytes + 32 + tagBytes

const ids = new WeakMap<KeyObject, Buffer>()

/** Tells master keys apart, and tells nothing of them. */
export function keyIdOf(master: KeyObject): Buffer {
  const known = ids.get(master)
  if (known) return known
  const id = createHmac('sha256', master).update('id of a master key').digest().subarray(0, keyIdBytes)
  ids.set(master, id)
  return id
}

type Masters = Pick<VaultKeys, 'master' | 'former'>

/** Wraps a key: by which master key, then the key sealed. */
export function wrap({ master }: Pick<Masters, 'master'>, purpose: string, key: Buffer): Buffer {
  return Buffer.concat([keyIdOf(master), encrypt(master, purpose, key)])
}

export function unwrap({ master, former }: Masters, purpose: string, wrapped: Uint8Array): Buffer {
  // What was wrapped before master keys were told apart is of the first of them.
  if (wrapped.length === wrappedBytes) return decrypt(former[0] ?? master, purpose, wrapped)
  const id = wrapped.subarray(0, keyIdBytes)
  const by = [master, ...former].find((one) => keyIdOf(one).equals(id))
  if (!by) throw new Error('A key is wrapped by a master key that is not here')
  return decrypt(by, purpose, wrapped.subarray(keyIdBytes))
}

// Random bytes come from the kernel in pages: a call for each nonce or key would cost as much as the sealing.
const randomPool = Buffer.allocUnsafe(64 * 1024)
let randomUsed = randomPool.length

function nextRandom(bytes: number): Buffer {
  if (randomUsed + bytes > randomPool.length) {
    randomFillSync(randomPool)
    randomUsed = 0
  }
  const taken = Buffer.from(randomPool.subarray(randomUsed, randomUsed + bytes))
  // What became a key does not lie about in the pool.
  randomPool.fill(0, randomUsed, randomUsed + bytes)
  randomUsed += bytes
  return taken
}

/** Seals bytes, bound to the name of their place. */
export function encrypt(key: KeyObject, place: string, plain: Buffer): Buffer {
  const nonce = nextRandom(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(place))
  const body = cipher.update(plain)
  cipher.final()
  return Buffer.concat([nonce, body, cipher.getAuthTag()])
}

export function decrypt(key: KeyObject, place: string, sealed: Uint8Array): Buffer {
  // A shorter one would be checked by a shorter tag.
  if (sealed.length < nonceBytes + tagBytes) throw new Error('A sealed value is cut off')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes))
  decipher.setAAD(Buffer.from(place))
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  const body = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes))
  decipher.final()
  return body
}

/**
 * Takes the master key from the environment, else from its file, which the first start makes for its owner only. Where a
 * key service is set, what stood there as it was is wrapped from then on.
 */
export async function readMasterKey({
  fromEnvironment,
  file,
  mayCreate,
  wrapping = asItIs,
}: {
  fromEnvironment: string | undefined
  file: string
  mayCreate: boolean
  wrapping?: KeyWrapping
}): Promise<Buffer> {
  if (fromEnvironment !== undefined) return wrapping.unwrap(fromEnvironment, 'ROUNDTRIP_MASTER_KEY')
  try {
    const text = (await readFile(file, 'utf8')).trim()
    const key = await wrapping.unwrap(text, file)
    const better =
      wrapping.service === null ? null : isWrapped(text) ? await wrapping.renew(text) : await wrapping.wrap(key)
    if (better !== null) await writeKeyFile(file, `${better}\n`)
    return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  if (!mayCreate) {
    throw new Refusal(
      'conflict',
      'vault.no_master_key',
      { file },
      `The database has sealed data, but the master key is missing. Set ROUNDTRIP_MASTER_KEY or put the key back at ${file}.`,
    )
  }
  const key = randomBytes(32)
  await writeKeyFile(file, `${await wrapping.wrap(key)}\n`)
  return key
}

/** On the disk before it returns: the database survives a power cut with what this key has sealed, so must the key. */
export async function writeKeyFile(file: string, text: string): Promise<void> {
  const draft = `${file}.new`
  await rm(draft, { force: true })
  await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true })
  await rename(draft, file)
  const folder = await open(dirname(file))
  await folder.sync().finally(() => folder.close())
}

/**
 * Opens the vault of a database: its other keys are kept there, wrapped by the master key. `next`: a key that the master
 * key is to be changed for, or is being changed for already.
 */
export async function openVault(db: Database, masterKey: Uint8Array, next?: Uint8Array): Promise<Vault> {
  const given = [masterKey, ...(next ? [next] : [])].map((bytes) => createSecretKey(bytes))
  const masters = await mastersOf(db, given)
  const keyFor = async (purpose: string): Promise<KeyObject> => {
    const fresh = wrap(masters, purpose, randomBytes(32))
    await sql`insert into platform.vault_keys (purpose, wrapped) values (${purpose}, ${fresh}) on conflict do nothing`.execute(
      db.kysely,
    )
    const { rows } = await sql<{
      wrapped: Buffer
    }>`select wrapped from platform.vault_keys where purpose = ${purpose}`.execute(db.kysely)
    try {
      return createSecretKey(unwrap(masters, purpose, rows[0]!.wrapped))
    } catch {
      throw wrongMasterKey()
    }
  }
  return vaultOf({
    ...masters,
    blind: await keyFor('blind index'),
    index: await indexKeysOf(db, masters),
    staging: await keyFor('staging'),
    audit: await keyFor('audit'),
  })
}

/** Purpose under which an index key is kept among the vault's own. */
export const indexPurpose = (number: number) => `blind index ${number}`

async function indexKeysOf(db: Database, masters: Masters): Promise<IndexKeys> {
  const { rows } = await sql<{ number: number; going: boolean }>`
    select number, finished_at is null as going from platform.index_rotations order by number desc limit 1`.execute(
    db.kysely,
  )
  const [last] = rows
  if (!last) return firstIndexKeys()
  const { rows: kept } = await sql<{ purpose: string; wrapped: Buffer }>`
    select purpose, wrapped from platform.vault_keys
    where purpose in (${indexPurpose(last.number)}, ${indexPurpose(last.number - 1)})`.execute(db.kysely)
  const keyOf = (number: number): IndexKeys['now'] => {
    const found = kept.find(({ purpose }) => purpose === indexPurpose(number))
    if (!found && number > 1) throw wrongMasterKey()
    return { number, key: found ? createSecretKey(unwrap(masters, found.purpose, found.wrapped)) : null }
  }
  return { now: keyOf(last.number), former: last.going ? keyOf(last.number - 1) : null }
}

const wrongMasterKey = () =>
  new Refusal(
    'conflict',
    'vault.wrong_master_key',
    {},
    'This master key is not the one that sealed this database. Put the right key back; nothing was changed.',
  )

/** Which of the given keys wraps: the one that the master key was last changed for, else the first. */
async function mastersOf(db: Database, given: readonly KeyObject[]): Promise<Masters> {
  const { rows } = await sql<{ keyId: Buffer; former: Buffer | null }>`
    select key_id as "keyId", former from platform.vault_rotations order by started_at desc limit 1`.execute(db.kysely)
  const last = rows[0]
  if (!last) return { master: given[0]!, former: [] }
  const master = given.find((one) => keyIdOf(one).equals(last.keyId))
  if (!master) throw wrongMasterKey()
  const former = last.former && createSecretKey(unwrap({ master, former: [] }, 'former master', last.former))
  return { master, former: former ? [former] : [] }
}

/** True when the database holds keys of a vault already, so that a missing master key is a loss and not a first start. */
export async function vaultExists(db: Database): Promise<boolean> {
  const { rows } = await sql<{ exists: boolean }>`select exists (select from platform.vault_keys) as exists`.execute(
    db.kysely,
  )
  return rows[0]!.exists
}

/** Plain hash for what is not personal: contents of files, inputs of idempotent requests. */
export function contentHash(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest()
}
