/** By which way the records came that stand now. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'

/** How many records stand by another way than this import: another import, or told live. */
export async function recordsNotOf(ctx: Pick<Ctx, 'tx'>, importId: string): Promise<number> {
  const { rows } = await sql<{ records: number }>`
    select count(*) as records from members.records where withdrawn_at is null and import_id is distinct from ${importId}::uuid`.execute(
    ctx.tx,
  )
  return rows[0]!.records
}
