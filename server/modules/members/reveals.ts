/** Looks at masked values, as the audit log has them. */
import { sql } from 'kysely'
import { type Deed, recordMany } from '#platform/audit'
import { operationOf } from '#platform/audit/asking'
import { type Actor, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { revealValue } from './contract.ts'

/** What the log says of a look, whoever asks for it. */
export function lookAt({
  reason,
  ...ids
}: {
  memberId: string
  recordId: string
  field: string
  reason: string
}): Deed {
  const { memberId, recordId } = ids
  return { act: operationOf(revealValue), kind: 'look', members: [memberId, recordId], ids, reason }
}

const atOnce = 2_000

/** Looks that were kept here before there was an audit log move into it, once. */
export async function moveReveals({ db }: Pick<House, 'db'>): Promise<void> {
  for (;;) {
    const moved = await inTx(db, systemActor, async (ctx) => {
      const { rows } = await sql<{ recordId: string; field: string; reason: string; actor: string; at: Date }>`
        delete from members.reveals where (member_id, id) in (
          select member_id, id from members.reveals order by shown_at, id limit ${atOnce})
        returning member_id as "recordId", field, reason, actor, shown_at as at`.execute(ctx.tx)
      await recordMany(
        ctx,
        rows.map(({ recordId, field, reason, actor, at }) => {
          const [kind, id] = actor.split(':')
          return {
            ...lookAt({ memberId: recordId, recordId, field, reason }),
            by: { kind: kind as Actor['kind'], id: id ?? null },
            at,
          }
        }),
      )
      return rows.length
    })
    if (moved < atOnce) return
  }
}
