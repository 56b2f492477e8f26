/**
 * The audit log: who saw, changed or exported what, from where and why. An entry is written in the transaction of the
 * act that it tells of, so neither exists without the other, and it waits for nobody: the chain that makes a change of
 * the log show is made behind the acts, in batches (audit/sealing). An entry says ids, codes and reasons, never a
 * personal value, and carries a keyed hash of itself.
 *
 * The edge writes one entry for every request that changes something (http.ts). A verb writes its own where it knows
 * more than its input says (who signed in, the id of a new key), and the edge then writes none.
 */
import { sql } from 'kysely'
import type { Actor, Ctx } from '#platform/ctx'
import { assert } from '#platform/errors'
import { actorName } from '#platform/events'
import { hexToUuid, newId } from '#platform/ids'
import { withoutPersonalValues } from '#platform/log'
import type { Vault } from '#platform/vault'

export const auditKinds = ['look', 'change', 'export', 'session'] as const
export type AuditKind = (typeof auditKinds)[number]

/** Done at the first start after a backup was brought back, as the program's own act. */
export const backupRestored = { job: 'audit.restored', act: 'backupRestored' } as const

type Code = string | number | boolean | null

/** The request by which somebody acts. Plain data: it goes along to worker threads. */
export interface Asking {
  readonly requestId: string
  readonly address: string
  /** The operation by its name in the OpenAPI document. */
  readonly act: string
  readonly kind: AuditKind
  readonly permission: string
  /** What the input says without its values: whom it is about, ids, names of the fields that it gives. */
  readonly about: About
  /** An entry of it has been committed. */
  recorded: boolean
}

export interface About {
  readonly members: readonly string[]
  readonly ids: Readonly<Record<string, string>>
  readonly fields: readonly string[]
  readonly reason: string | null
  readonly details: Readonly<Record<string, Code>>
}

/** What a verb adds to what its request says, or all that there is to say of what the program does by itself. */
export interface Deed extends Partial<About> {
  /** Needed where no request acts. */
  act?: string
  kind?: AuditKind
  /** Who acted, where that was found out on the way. */
  by?: Pick<Actor, 'kind' | 'id'>
  /** Code of the refusal; the act was not done. */
  refusal?: string
  /** When it was, if not now. */
  at?: Date
}

/** An entry as it stands; `proof` is the keyed hash of the rest. */
export interface AuditEntry {
  id: string
  at: Date
  actor: string
  act: string
  kind: AuditKind
  refusal: string | null
  permission: string | null
  address: string | null
  requestId: string | null
  members: string[]
  ids: Record<string, string>
  fields: string[]
  reason: string | null
  /** Keyed hash of the reason, which stays when the reason has to go. */
  reasonProof: string | null
  details: Record<string, Code>
}

export const auditColumns = sql`id, at, actor, act, kind, refusal, permission, address, request_id as "requestId", members, ids, fields,
  reason, reason_proof as "reasonProof", details`

const written = new WeakSet<Ctx['tx']>()

/** Whether this transaction has an entry already. */
export const hasRecorded = (ctx: Pick<Ctx, 'tx'>): boolean => written.has(ctx.tx)

/** Writes one entry of the act in hand. Where no request acts and no `act` is named there is nothing to record. */
export async function record(ctx: Ctx, deed: Deed = {}): Promise<void> {
  const { asking } = ctx.actor
  if (!asking && !deed.act) return
  await recordMany(ctx, [deed])
  written.add(ctx.tx)
  if (asking) {
    ctx.afterCommit(() => {
      asking.recorded = true
    })
  }
}

/** For verbs that work in several transactions: the first that commits records the request, the others don't. */
export async function recordOnce(ctx: Ctx): Promise<void> {
  if (ctx.actor.asking && !ctx.actor.asking.recorded) await record(ctx)
}

/** The same of several that happened by themselves: each names its `act`. */
export async function recordMany(ctx: Ctx, deeds: readonly Deed[]): Promise<void> {
  if (deeds.length === 0) return
  const entries = deeds.map((deed) => {
    const entry = entryOf(ctx, deed)
    return { ...entry, proof: proofOf(ctx.vault, entry) }
  })
  await sql`insert into platform.audit_entries
      (generation, id, at, actor, act, kind, refusal, permission, address, request_id, members, ids, fields, reason, reason_proof, details, proof)
    select (select max(generation) from platform.generations), id, at, actor, act, kind, refusal, permission, address, "requestId",
      members, ids, fields, reason, "reasonProof", details, proof
    from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as e(id uuid, at timestamptz, actor text, act text, kind text,
      refusal text, permission text, address text, "requestId" uuid, members uuid[], ids jsonb, fields text[], reason text,
      "reasonProof" uuid, details jsonb, proof uuid)`.execute(ctx.tx)
}

/** Keyed hash of all that an entry says: whoever can write the database can't write an entry. */
export function proofOf(vault: Vault, entry: AuditEntry): string {
  const { id, at, actor, act, kind, refusal, permission, address, requestId, members, ids, fields, details } = entry
  const said = [id, at.toISOString(), actor, act, kind, refusal, permission, address, requestId]
  const text = JSON.stringify([...said, members, sorted(ids), fields, entry.reasonProof, sorted(details)])
  return uuidOf(vault.prove('audit entry', text))
}

/** Keyed hash of a reason, in its entry. */
export const proofOfReason = (vault: Vault, id: string, reason: string) =>
  uuidOf(vault.prove('audit reason', `${id}\u0000${reason}`))

/** Noted when a person is erased: what was given as reasons about them is gone from the log, by right. */
export const memberErased = 'memberErased'

/** Takes the reasons out of what the log tells of erased homes; everything else of it stays. */
export async function forgetReasons(ctx: Ctx, homes: readonly string[]): Promise<void> {
  await recordMany(ctx, [
    { act: memberErased, kind: 'change', members: homes, fields: [], ids: {}, details: {}, reason: null },
  ])
  await sql`update platform.audit_entries set reason = null where members && ${homes}::uuid[] and reason is not null`.execute(
    ctx.tx,
  )
}

/** Sixteen bytes are enough for what is compared with one other value only. */
export const uuidOf = (proof: Buffer) => hexToUuid(proof.toString('hex').slice(0, 32))

const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))

const longestReason = 500
export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function entryOf({ actor, now, vault }: Ctx, deed: Deed): AuditEntry {
  const { asking } = actor
  const act = deed.act ?? asking?.act
  assert(act, 'an entry of the audit log without an act')
  const by = deed.by ?? actor
  const about = asking?.about
  const id = newId()
  const given = deed.reason === undefined ? (about?.reason ?? null) : deed.reason
  // What staff write as a reason may hold a phone; the log is for good.
  const reason = given === null ? null : withoutPersonalValues(given).slice(0, longestReason)
  return {
    id,
    at: deed.at ?? now,
    actor: actorName(by),
    act,
    kind: deed.kind ?? asking?.kind ?? 'change',
    refusal: deed.refusal ?? null,
    permission: asking?.permission ?? null,
    address: asking?.address ?? null,
    requestId: asking?.requestId ?? null,
    members: [
      ...new Set([
        ...(about?.members ?? []),
        ...(deed.members ?? []),
        ...(by.kind === 'member' && by.id && uuid.test(by.id) ? [by.id] : []),
      ]),
    ],
    ids: { ...about?.ids, ...deed.ids },
    fields: [...(deed.fields ?? about?.fields ?? [])],
    reason,
    reasonProof: reason === null ? null : proofOfReason(vault, id, reason),
    details: { ...about?.details, ...deed.details },
  }
}
