/**
 * Changes the master key while the program serves. In one transaction the vault's own keys are wrapped by the new key,
 * and the former master key with them; from then on the new key alone opens everything. Then a job wraps the homes' keys
 * anew, in chunks, and goes on where it stopped. What was sealed stays as it is: only keys are wrapped again.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { bulkGoing } from '#platform/bulk'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { assert, Refusal } from '#platform/errors'
import type { House } from '#platform/house'
import { lowestId, newId } from '#platform/ids'
import { addJob, type Job } from '#platform/jobs'
import { asItIs, type KeyWrapping } from '#platform/key-wrapping'
import { keyIdOf, unwrap, type Vault, wrap, writeKeyFile } from '#platform/vault'

/** A module's keys that the master key wraps. */
export interface HomeKeys {
  /** How many there are, about. */
  count(ctx: Ctx): Promise<number>
  /** Wraps the next ones behind a home anew; gives the last, or null at the end, and how many were not by this key yet. */
  rewrap(ctx: Ctx, chunk: { after: string; limit: number }): Promise<{ last: string | null; rewrapped: number }>
  /** Whether any is not wrapped by the key of this id. */
  anyLeft(ctx: Ctx, keyId: Buffer): Promise<boolean>
}

export interface Rotation {
  startedAt: Date
  finishedAt: Date | null
  rewrapped: number
  homes: number
}

export const rotationJobName = 'vault.rotation'

export async function lastRotation(ctx: Pick<Ctx, 'tx'>): Promise<Rotation | null> {
  const { rows } = await sql<Rotation>`
    select started_at as "startedAt", finished_at as "finishedAt", rewrapped, homes from platform.vault_rotations
    order by started_at desc limit 1`.execute(ctx.tx)
  return rows[0] ?? null
}

/** At each start: the job of a program that was killed counts as being done for hours yet. */
export async function resumeRotation(ctx: Pick<Ctx, 'tx'>): Promise<void> {
  const last = await lastRotation(ctx)
  if (last && !last.finishedAt) await addJob(ctx, rotationJobName, {}, { key: 'one' })
}

export const masterKeyFile = (folder: string) => join(folder, 'master.key')
const nextKeyFile = (folder: string) => join(folder, 'master.key.next')

/** The key that the master key is to be changed for: of the environment, or the file that a rotation has made. */
export async function readNextKey(
  folder: string,
  fromEnvironment: string | undefined,
  wrapping: KeyWrapping = asItIs,
): Promise<Buffer | undefined> {
  if (fromEnvironment !== undefined) return wrapping.unwrap(fromEnvironment, 'ROUNDTRIP_MASTER_KEY_NEXT')
  try {
    return await wrapping.unwrap((await readFile(nextKeyFile(folder), 'utf8')).trim(), nextKeyFile(folder))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export interface Keys {
  folder: string
  /** True where the master key is a file of the data folder. */
  inFile: boolean
  /** Of the environment. */
  next: string | undefined
  /** How keys stand in the file. */
  wrapping?: KeyWrapping
}

/** Begins to change the master key. Returns when the new key opens everything; the job does the rest. */
export async function beginRotation(
  { db }: Pick<House, 'db'>,
  actor: Actor,
  { folder, inFile, next: fromEnvironment, wrapping = asItIs }: Keys,
  homeKeys: readonly HomeKeys[],
  recordIt: (ctx: Ctx) => Promise<void>,
): Promise<void> {
  const { vault } = db
  assert(vault, 'a rotation before the vault is open')
  if (!inFile && fromEnvironment === undefined) throw noNextKey()
  let bytes = await readNextKey(folder, inFile ? undefined : fromEnvironment, wrapping)
  if (!bytes) {
    bytes = randomBytes(32)
    // On the disk before anything is wrapped by it.
    await writeKeyFile(nextKeyFile(folder), `${await wrapping.wrap(bytes)}\n`)
  }
  const next = createSecretKey(bytes)
  if (keyIdOf(next).equals(keyIdOf(vault.keys.master))) throw sameKey()
  // Threads at work have the key of before only, and would not open what is wrapped by the new one.
  if (bulkGoing()) throw busy()
  await inTx(db, actor, async (ctx) => {
    await insertRotation(ctx, vault, next, homeKeys)
    await addJob(ctx, rotationJobName, {}, { key: 'one' })
    await recordIt(ctx)
    ctx.afterCommit(() => adopt(vault, next))
  })
  if (inFile) await promoteKeyFile(folder, vault, wrapping)
}

/** Whoever holds this vault, in whatever part of the program, wraps by the new key from here on. */
function adopt({ keys }: Vault, next: KeyObject): void {
  keys.former = [...keys.former, keys.master]
  keys.master = next
}

async function insertRotation(ctx: Ctx, vault: Vault, next: KeyObject, homeKeys: readonly HomeKeys[]): Promise<void> {
  const masters = { master: vault.keys.master, former: vault.keys.former }
  let homes = 0
  for (const each of homeKeys) homes += await each.count(ctx)
  const former = wrap({ master: next }, 'former master', masters.master.export())
  const { rows } = await sql`insert into platform.vault_rotations (id, key_id, former, started_at, homes)
    values (${newId()}, ${keyIdOf(next)}, ${former}, ${ctx.now}, ${homes}) on conflict do nothing returning id`.execute(
    ctx.tx,
  )
  if (rows.length === 0) throw rotationGoing()
  const { rows: own } = await sql<{ purpose: string; wrapped: Buffer }>`
    select purpose, wrapped from platform.vault_keys order by purpose for update`.execute(ctx.tx)
  for (const { purpose, wrapped } of own) {
    const again = wrap({ master: next }, purpose, unwrap(masters, purpose, wrapped))
    await sql`update platform.vault_keys set wrapped = ${again} where purpose = ${purpose}`.execute(ctx.tx)
  }
}

/**
 * The new key's file takes the place of the former's, which stays beside it under another name: backups made until now
 * open by it only. Called at each start too, where a rotation was begun and the program ended before its files were in
 * place.
 */
export async function promoteKeyFile(folder: string, vault: Vault, wrapping: KeyWrapping = asItIs): Promise<void> {
  const next = await readNextKey(folder, undefined, wrapping)
  if (!next || !keyIdOf(createSecretKey(next)).equals(keyIdOf(vault.keys.master))) return
  const former = await readFile(masterKeyFile(folder), 'utf8')
  const id = keyIdOf(createSecretKey(await wrapping.unwrap(former.trim(), masterKeyFile(folder)))).toString('hex')
  await writeKeyFile(`${masterKeyFile(folder)}.former-${id}`, former)
  await rename(nextKeyFile(folder), masterKeyFile(folder))
}

/** Homes of one transaction: some tens of milliseconds. */
const chunk = 2_000
/** Acts that had made a key before the new one was taken up have ended by then: none lasts over two seconds. */
const settleMilliseconds = 5_000

/** Wraps what the former key has wrapped, chunk by chunk; ends when nothing is left, or with the program. */
export function vaultRotationJob(homeKeys: readonly HomeKeys[]): Job {
  return {
    name: rotationJobName,
    run: async ({ db, stopping, log }) => {
      const finished = await rewrapAll(db, homeKeys, { stopping, settle: settleMilliseconds })
      if (finished) log.info({ part: 'vault' }, 'everything is wrapped by the new master key')
      // Begun again by the job, which is kept until it ends well.
      else throw new Error('The change of the master key goes on when the program does')
    },
  }
}

export async function rewrapAll(
  db: Database,
  homeKeys: readonly HomeKeys[],
  { stopping, settle }: { stopping: AbortSignal; settle: number },
): Promise<boolean> {
  const { vault } = db
  assert(vault, 'a rotation before the vault is open')
  for (;;) {
    for (const each of homeKeys) {
      while (!stopping.aborted && (await rewrapChunk(db, each)));
      if (!stopping.aborted) await fromTheBeginning(db)
    }
    if (stopping.aborted) return false
    await settled(db, settle)
    const done = await inTx(db, systemActor, async (ctx) => {
      await goingOn(ctx)
      for (const each of homeKeys) {
        if (await each.anyLeft(ctx, keyIdOf(vault.keys.master))) return false
      }
      await sql`update platform.vault_rotations set former = null, finished_at = ${ctx.now} where finished_at is null`.execute(
        ctx.tx,
      )
      return true
    })
    if (done) return true
    // Homes that an act had made meanwhile by the former key: once more.
  }
}

async function fromTheBeginning(db: Database): Promise<void> {
  await sql`update platform.vault_rotations set after_home = null where finished_at is null`.execute(db.kysely)
}

/** False at the end. */
async function rewrapChunk(db: Database, homeKeys: HomeKeys): Promise<boolean> {
  return await inTx(db, systemActor, async (ctx) => {
    const after = await goingOn(ctx)
    if (after === null) return false
    const { last, rewrapped } = await homeKeys.rewrap(ctx, { after, limit: chunk })
    if (last === null) return false
    await sql`update platform.vault_rotations set after_home = ${last}, rewrapped = rewrapped + ${rewrapped}
      where finished_at is null`.execute(ctx.tx)
    return true
  })
}

/**
 * The home that the rotation goes on behind; null when none is going. A program that has not taken up the new key (another
 * one on this database, started without it) leaves the work to those who have.
 */
async function goingOn(ctx: Ctx): Promise<string | null> {
  const { rows } = await sql<{ after: string; keyId: Buffer }>`
    select coalesce(after_home, ${lowestId}::uuid) as after, key_id as "keyId" from platform.vault_rotations
    where finished_at is null for update`.execute(ctx.tx)
  if (!rows[0]) return null
  if (!rows[0].keyId.equals(keyIdOf(ctx.vault.keys.master)))
    throw new Error('This program does not have the new master key; start it with ROUNDTRIP_MASTER_KEY_NEXT')
  return rows[0].after
}

/** Waits until what was being written when it was called has ended. */
async function settled(db: Database, milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  const { rows } = await sql<{ xid: string }>`select pg_snapshot_xmax(pg_current_snapshot())::text as xid`.execute(
    db.kysely,
  )
  for (;;) {
    const { rows: now } = await sql<{ passed: boolean }>`
      select pg_snapshot_xmin(pg_current_snapshot()) >= ${rows[0]!.xid}::xid8 as passed`.execute(db.kysely)
    if (now[0]!.passed) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const noNextKey = () =>
  new Refusal(
    'conflict',
    'vault.no_next_key',
    {},
    'The master key comes from ROUNDTRIP_MASTER_KEY, so the new one does too: set ROUNDTRIP_MASTER_KEY_NEXT to 32 random bytes in base64 beside it (openssl rand -base64 32), start the program again, then give this command again.',
  )
const sameKey = () =>
  new Refusal(
    'conflict',
    'vault.same_key',
    {},
    'The key to change to is the one in force already. Set ROUNDTRIP_MASTER_KEY_NEXT to another one.',
  )
const busy = () =>
  new Refusal('conflict', 'vault.import_going', {}, 'An import is going on. Wait until it has ended, then try again.')
const rotationGoing = () =>
  new Refusal(
    'conflict',
    'vault.rotation_going',
    {},
    'The master key is being changed already; see how far it has come with: bin/roundtrip vault',
  )
