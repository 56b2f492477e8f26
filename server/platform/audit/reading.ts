/** Finds entries of the audit log, newest first, a page at a time. */
import { type RawBuilder, sql } from 'kysely'
import { type AuditEntry, type AuditKind, auditColumns } from '#platform/audit'
import { lastBatch } from '#platform/audit/sealing'
import type { Ctx } from '#platform/ctx'

export interface AuditFilter {
  /** `staff:<id>`, as entries name who acted. */
  actor?: string | undefined
  act?: string | undefined
  kind?: AuditKind | undefined
  /** Only what was refused, or only what was done. */
  refused?: boolean | undefined
  /** Homes of one person. */
  members?: readonly string[] | undefined
  /** Only of these records. */
  records?: readonly string[] | undefined
  from?: Date | undefined
  /** Not this moment itself. */
  until?: Date | undefined
  /** Words of the reason. */
  reason?: string | undefined
}

/** Where a page ends, for the next one. */
export interface AuditPlace {
  at: Date
  id: string
}

export async function auditEntries(
  ctx: Pick<Ctx, 'tx'>,
  filter: AuditFilter,
  { before, limit }: { before?: AuditPlace | null | undefined; limit: number },
): Promise<AuditEntry[]> {
  const { actor, act, kind, refused, members, records, from, until, reason } = filter
  const wanted: RawBuilder<unknown>[] = [
    ...(actor === undefined ? [] : [sql`actor = ${actor}`]),
    ...(act === undefined ? [] : [sql`act = ${act}`]),
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    ...(refused === undefined ? [] : [refused ? sql`refusal is not null` : sql`refusal is null`]),
    ...(members === undefined ? [] : [sql`members && ${members}::uuid[]`]),
    ...(records === undefined ? [] : [sql`ids ->> 'recordId' = any(${records}::text[])`]),
    ...(from === undefined ? [] : [sql`at >= ${from}`]),
    ...(until === undefined ? [] : [sql`at < ${until}`]),
    ...(reason === undefined
      ? []
      : [sql`reason is not null and reason ilike ${`%${reason.replace(/[\\%_]/g, '\\$&')}%`}`]),
    ...(before ? [sql`(at, id) < (${before.at}, ${before.id}::uuid)`] : []),
  ]
  const { rows } = await sql<AuditEntry>`
    select ${auditColumns} from platform.audit_entries
    ${wanted.length > 0 ? sql`where ${sql.join(wanted, sql` and `)}` : sql``}
    order by at desc, id desc limit ${limit}`.execute(ctx.tx)
  return rows
}

/** Who and which acts the log knows of, each told once, by steps over an index. */
export async function auditNames(
  ctx: Pick<Ctx, 'tx'>,
  column: 'actor' | 'act',
  { limit }: { limit: number },
): Promise<string[]> {
  const name = sql.ref(column)
  const { rows } = await sql<{ name: string }>`
    with recursive step as (
      (select ${name} as name from platform.audit_entries order by ${name} limit 1)
      union all
      select (select ${name} from platform.audit_entries where ${name} > step.name order by ${name} limit 1) from step
      where step.name is not null
    ) select name from step where name is not null limit ${limit}`.execute(ctx.tx)
  return rows.map((row) => row.name)
}

/** How far the log is sealed. */
export async function sealedUpTo(ctx: Pick<Ctx, 'tx'>): Promise<{ batches: number; sealedAt: Date } | null> {
  const last = await lastBatch(ctx)
  return last && { batches: last.number, sealedAt: last.sealedAt }
}
