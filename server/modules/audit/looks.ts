/** Who looked at what is masked. The answer is the same for staff and for the member who asks. */
import type { AuditEntry } from '#platform/audit'
import { auditEntries } from '#platform/audit/reading'
import type { Ctx } from '#platform/ctx'

export interface Look {
  id: string
  at: Date
  /** `staff:<id>`, as the log names who acted. */
  actor: string
  act: string
  recordId: string | null
  field: string | null
  reason: string | null
}

/** Looks at one person (all homes), or only at some of the records, newest first; what was refused showed nothing. */
export async function looksAt(
  ctx: Pick<Ctx, 'tx'>,
  homes: readonly string[],
  { limit = 100, records }: { limit?: number; records?: readonly string[] | undefined } = {},
): Promise<Look[]> {
  const entries = await auditEntries(ctx, { kind: 'look', refused: false, members: homes, records }, { limit })
  return entries.map(lookOf)
}

const lookOf = ({ id, at, actor, act, ids, reason }: AuditEntry): Look => ({
  id,
  at,
  actor,
  act,
  recordId: ids.recordId ?? null,
  field: ids.field ?? null,
  reason,
})
