/**
 * Goes through the whole audit log and names what is not as it was written: an entry that was changed, taken out, put in
 * or moved, a batch that was, and an end that was cut off. Reads a batch at a time, so memory holds a thousand entries.
 */
import { sql } from 'kysely'
import { memberErased, proofOf, proofOfReason, uuidOf } from '#platform/audit'
import {
  type Batch,
  batchColumns,
  beforeAll,
  behind,
  type End,
  endFile,
  hashOf,
  keyName,
  type LoggedEntry,
  type Place,
  placed,
  readEnd,
} from '#platform/audit/sealing'
import type { Ctx } from '#platform/ctx'
import { inLogOrder } from '#platform/events'
import { newId } from '#platform/ids'

export interface AuditBroken {
  invariant: string
  /** Entries, or the number of a batch. */
  ids: string[]
  detail: string
}

export interface AuditCheck {
  checkedAt: Date
  batches: number
  entries: number
  broken: AuditBroken[]
}

/** Of each kind so many are named; a log that was thrown away as a whole need not be told entry by entry. */
const mostOfKind = 100

/** Prints nothing and changes nothing. `folder`: of the data, where the end of the chain is kept. */
export async function checkAudit(ctx: Pick<Ctx, 'tx' | 'vault' | 'now'>, folder: string): Promise<AuditCheck> {
  const broken: AuditBroken[] = []
  const counts = new Map<string, number>()
  const say = (invariant: string, ids: string[], detail: string) => {
    const count = (counts.get(invariant) ?? 0) + 1
    counts.set(invariant, count)
    if (count <= mostOfKind) broken.push({ invariant, ids, detail })
  }
  const end = await readEnd(folder)
  const checking = { vault: ctx.vault, erased: await erasedHomes(ctx) }
  let before: Batch | null = null
  let batches = 0
  let entries = 0
  let endSeen = end === null
  for (;;) {
    const batch: Batch | null = await nextBatch(ctx, before?.number ?? 0)
    if (!batch) break
    batches++
    const expected: number = (before?.number ?? 0) + 1
    if (batch.number !== expected)
      say('audit.batch_missing', range(expected, batch.number - 1), 'sealed, and not there any more')
    const found = await entriesOf(ctx, before, batch)
    entries += found.length
    checkBatch(checking, batch, found, batch.number === expected ? (before?.hash ?? null) : undefined, say)
    if (end && batch.number === end.number) {
      endSeen = end.hash === Buffer.from(batch.hash).toString('hex')
      if (!endSeen)
        say('audit.batch_changed', [String(batch.number)], `is not the one that ${endFile(folder)} was written with`)
    }
    before = batch
  }
  // What no batch holds yet proves itself only.
  for (let after: Place = before ?? beforeAll; ; ) {
    const found: LoggedEntry[] = await entriesOf(ctx, after, null)
    entries += found.length
    checkEntries(checking, found, say)
    const last = found.at(-1)
    if (!last) break
    after = last
  }
  if (end && !endSeen) checkEnd(ctx, end, before, folder, say)
  return { checkedAt: ctx.now, batches, entries, broken }
}

/** `erased`: homes whose reasons were taken out by right, as the log itself says. */
type Checking = Pick<Ctx, 'vault'> & { erased: ReadonlySet<string> }

async function erasedHomes(ctx: Pick<Ctx, 'tx'>): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ home: string }>`
    select distinct unnest(members) as home from platform.audit_entries where act = ${memberErased}`.execute(ctx.tx)
  return new Set(rows.map(({ home }) => home))
}

type Say = (invariant: string, ids: string[], detail: string) => void

function checkEnd(ctx: Pick<Ctx, 'vault'>, end: End, last: Batch | null, folder: string, say: Say): void {
  if (end.key !== keyName(ctx.vault))
    say(
      'audit.other_log',
      [String(end.number)],
      `${endFile(folder)} was written for another database's log; remove it if this database was put here on purpose`,
    )
  else if ((last?.number ?? 0) < end.number)
    say(
      'audit.end_cut_off',
      range((last?.number ?? 0) + 1, end.number),
      `sealed up to batch ${end.number}, found up to ${last?.number ?? 0}`,
    )
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.min(to - from + 1, mostOfKind) }, (_, index) => String(from + index))

/** `before`: hash of the batch before; undefined where that batch is missing, so this one's can't be told. */
function checkBatch(
  ctx: Checking,
  batch: Batch,
  found: readonly LoggedEntry[],
  before: Uint8Array | null | undefined,
  say: Say,
): void {
  checkEntries(ctx, found, say)
  const sealed = new Set(batch.ids)
  const there = new Set(found.map(({ id }) => id))
  const number = `batch ${batch.number}`
  const missing = batch.ids.filter((id) => !there.has(id))
  // Behind a batch that is gone its entries stand too.
  const added = before === undefined ? [] : found.filter(({ id }) => !sealed.has(id))
  for (const id of missing) say('audit.entry_missing', [id], `sealed in ${number}, and not there any more`)
  for (const { id } of added) say('audit.entry_put_in', [id], `stands in ${number}, which was sealed without it`)
  if (missing.length > 0 || added.length > 0) return
  const own = found.filter(({ id }) => sealed.has(id))
  const moved = own.filter(({ id }, index) => id !== batch.ids[index]).map(({ id }) => id)
  if (moved.length > 0) say('audit.entries_moved', moved.slice(0, mostOfKind), `stand in another order in ${number}`)
  else if (before !== undefined) {
    const proofs = found.map(({ proof }) => proof)
    if (!hashOf(ctx.vault, batch, proofs, before).equals(batch.hash))
      say('audit.batch_changed', [String(batch.number)], 'the batch, its entries or the batch before were written anew')
  }
}

function checkEntries(ctx: Checking, found: readonly LoggedEntry[], say: Say): void {
  for (const entry of found) {
    const { id, reason, reasonProof, members } = entry
    const reasonStands =
      reason === null
        ? reasonProof === null || members.some((home) => ctx.erased.has(home))
        : reasonProof === proofOfReason(ctx.vault, id, reason)
    if (!reasonStands || proofOf(ctx.vault, entry) !== entry.proof)
      say('audit.entry_changed', [entry.id], `${entry.act} by ${entry.actor} is not as the program wrote it`)
  }
}

async function nextBatch({ tx }: Pick<Ctx, 'tx'>, after: number): Promise<Batch | null> {
  const { rows } = await sql<Batch>`
    select ${batchColumns} from platform.audit_batches where number > ${after} order by number limit 1`.execute(tx)
  return rows[0] ?? null
}

/** Entries behind a batch, up to the end of the next one; of what is not sealed a thousand. */
async function entriesOf(ctx: Pick<Ctx, 'tx'>, after: Place | null, upTo: Batch | null): Promise<LoggedEntry[]> {
  const until = upTo
    ? sql`and (generation, xid, id) <= (${upTo.generation}::int, ${upTo.xid}::xid8, ${upTo.id}::uuid)`
    : sql``
  const reading = sql<LoggedEntry>`
    select ${placed} from platform.audit_entries where ${behind(after ?? beforeAll)} ${until}
    order by platform.audit_entries.generation, platform.audit_entries.xid, platform.audit_entries.id
    ${upTo ? sql`` : sql`limit 1000`}`
  const { rows } = await inLogOrder(ctx, () => reading.execute(ctx.tx))
  return rows
}

const proofOfCheck = (vault: Ctx['vault'], { checkedAt, batches, entries, broken }: AuditCheck) =>
  uuidOf(vault.prove('audit check', JSON.stringify([checkedAt.toISOString(), batches, entries, broken.map(plain)])))

const plain = ({ invariant, ids, detail }: AuditBroken) => [invariant, ids, detail]

/** Keeps what was found, so that a page can say when the log was last gone through. */
export async function keepCheck(ctx: Ctx, check: AuditCheck): Promise<void> {
  await sql`insert into platform.audit_checks (id, checked_at, batches, entries, broken, proof)
    values (${newId()}, ${check.checkedAt}, ${check.batches}, ${check.entries}, ${JSON.stringify(check.broken)}::jsonb,
      ${proofOfCheck(ctx.vault, check)})`.execute(ctx.tx)
}

/** The last check; one that the program did not write is none. */
export async function lastCheck(ctx: Ctx): Promise<AuditCheck | null> {
  const { rows } = await sql<AuditCheck & { proof: string }>`
    select checked_at as "checkedAt", batches, entries, broken, proof from platform.audit_checks order by checked_at desc, id desc limit 1`.execute(
    ctx.tx,
  )
  const last = rows[0]
  return last && proofOfCheck(ctx.vault, last) === last.proof ? last : null
}
