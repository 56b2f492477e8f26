/**
 * Seals the audit log behind the acts that write it. Entries are taken in the order (generation, xid, id) and below
 * `pg_snapshot_xmin`, as reactions read events: what is there then is complete, and nothing can come to stand before it.
 * A batch holds the ids of its entries and a keyed hash of them and of the batch before, so whoever can write the
 * database, and has not the master key, can't change, take out, put in or reorder an entry unnoticed.
 *
 * The end of the chain stands in a file of the data folder too: what is cut off the end of the log is missed there.
 * Unseen goes only what is taken out within the minute before it is sealed.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { z } from 'zod'
import { type AuditEntry, auditColumns, uuidOf } from '#platform/audit'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { inLogOrder } from '#platform/events'
import type { House } from '#platform/house'
import { lowestId } from '#platform/ids'
import type { Vault } from '#platform/vault'

/** Entries of a batch at most: read, hashed and written in some tens of milliseconds. */
const mostEntries = 1_000

export interface Place {
  generation: number
  xid: string
  id: string
}

export interface Batch extends Place {
  number: number
  ids: string[]
  hash: Buffer
  sealedAt: Date
}

export interface LoggedEntry extends AuditEntry {
  generation: number
  xid: string
  proof: string
}

export const beforeAll: Place = { generation: 0, xid: '0', id: lowestId }

export const batchColumns = sql`number, generation, xid::text as xid, id, ids, hash, sealed_at as "sealedAt"`

export const placed = sql`generation, xid::text as xid, proof, ${auditColumns}`

export const behind = ({ generation, xid, id }: Place) =>
  sql`(generation, xid, id) > (${generation}::int, ${xid}::xid8, ${id}::uuid)`

/** Hash of a batch: its number, where it ends, what it holds, and the hash of the one before. */
export function hashOf(
  vault: Vault,
  { number, generation, xid, id, ids }: Omit<Batch, 'hash' | 'sealedAt'>,
  proofs: readonly string[],
  before: Uint8Array | null,
): Buffer {
  const last = before === null ? null : Buffer.from(before).toString('hex')
  return vault.prove('audit batch', JSON.stringify([number, generation, xid, id, ids, proofs, last]))
}

/** Seals what is complete, batch by batch; says how many entries. One program at a time does so. */
export async function sealAudit({ db, folder, log, stopping }: SealingHouse): Promise<number> {
  let sealed = 0
  for (;;) {
    const made = await inTx(db, systemActor, (ctx) => sealBatch(ctx))
    if (!made) break
    sealed += made.ids.length
    await keepEnd({ folder, log }, made.batch, made.before, db.vault!)
    if (made.ids.length < mostEntries || stopping.aborted) break
  }
  return sealed
}

export type SealingHouse = Pick<House, 'db' | 'folder' | 'log' | 'stopping'>

interface Made {
  batch: Batch
  ids: string[]
  before: Batch | null
}

async function sealBatch(ctx: Ctx): Promise<Made | null> {
  const { rows: turn } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('roundtrip.audit seal')) as mine`.execute(ctx.tx)
  if (!turn[0]!.mine) return null
  const before = await lastBatch(ctx)
  const reading = sql<LoggedEntry>`
    select ${placed} from platform.audit_entries
    where ${behind(before ?? beforeAll)}
      and (generation < (select max(generation) from platform.generations) or xid < (select pg_snapshot_xmin(pg_current_snapshot())))
    order by platform.audit_entries.generation, platform.audit_entries.xid, platform.audit_entries.id limit ${mostEntries}`
  const { rows: entries } = await inLogOrder(ctx, () => reading.execute(ctx.tx))
  const last = entries.at(-1)
  if (!last) return null
  const ids = entries.map(({ id }) => id)
  const place = { number: (before?.number ?? 0) + 1, generation: last.generation, xid: last.xid, id: last.id, ids }
  const proofs = entries.map(({ proof }) => proof)
  const hash = hashOf(ctx.vault, place, proofs, before?.hash ?? null)
  await sql`insert into platform.audit_batches (number, generation, xid, id, ids, hash, sealed_at)
    values (${place.number}, ${place.generation}, ${place.xid}::xid8, ${place.id}, ${ids}::uuid[], ${hash}, ${ctx.now})`.execute(
    ctx.tx,
  )
  return { batch: { ...place, hash, sealedAt: ctx.now }, ids, before }
}

export async function lastBatch(ctx: Pick<Ctx, 'tx'>): Promise<Batch | null> {
  const { rows } =
    await sql<Batch>`select ${batchColumns} from platform.audit_batches order by number desc limit 1`.execute(ctx.tx)
  return rows[0] ?? null
}

const endShape = z.object({ key: z.string(), number: z.int(), hash: z.string() })
/** The end of the chain as the data folder knows it. `key` says which database's log it is. */
export type End = z.infer<typeof endShape>

export const endFile = (folder: string) => join(folder, 'audit.seal')

export const keyName = (vault: Vault) => uuidOf(vault.prove('audit end', ''))

/** Null when there is none. */
export async function readEnd(folder: string): Promise<End | null> {
  try {
    return endShape.parse(JSON.parse(await readFile(endFile(folder), 'utf8')))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

/** An end that the chain does not come from is left as it is: `verify` tells of it, and it is what there is to show. */
async function keepEnd(
  { folder, log }: Pick<House, 'folder' | 'log'>,
  batch: Batch,
  before: Batch | null,
  vault: Vault,
): Promise<void> {
  const kept = await readEnd(folder)
  const key = keyName(vault)
  const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex')
  // Another program on the same database may have sealed meanwhile, so it may be behind by more than one.
  const follows = kept === null || (kept.key === key && kept.number < batch.number)
  const fits = kept?.number !== before?.number || kept === null || kept.hash === hex(before!.hash)
  if (!follows || !fits) {
    log.error({ file: endFile(folder), batch: batch.number }, 'the audit log does not go on from where it was sealed')
    return
  }
  const draft = `${endFile(folder)}.new`
  const end: End = { key, number: batch.number, hash: hex(batch.hash) }
  await writeFile(draft, `${JSON.stringify(end)}\n`, { mode: 0o600, flush: true })
  await rename(draft, endFile(folder))
}

/** The owner has put another log in the place of the one that was sealed here: a backup was brought back. */
export async function forgetEnd(folder: string): Promise<void> {
  await rm(endFile(folder), { force: true })
}
