/** How persons are reached, in full, for those who may have it so: the newest of each kind, and which record says it. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { homeInScope } from './scope.ts'
import type { RecordValues } from './values.ts'

const kinds = ['phone', 'email', 'documentNumber'] as const

export interface Contact {
  value: string
  recordId: string
}

/** Of each person as far as the actor sees their records. Whoever shows it in full records that. */
export async function contactsOf(
  ctx: Ctx,
  persons: readonly { id: string; homes: readonly string[] }[],
): Promise<Map<string, Partial<Record<(typeof kinds)[number], Contact>>>> {
  const { rows } = await sql<{ member_id: string; sealed: Buffer; wrapped_key: Buffer }>`
    select r.member_id, r.sealed, h.wrapped_key from members.records r join members.homes h on h.member_id = r.member_id
    where r.member_id = any(${arrayOf(
      'uuid',
      persons.flatMap(({ homes }) => homes),
    )}) and r.withdrawn_at is null and ${homeInScope(ctx.actor.scope, sql`r.member_id`)}
    order by r.seen_at desc, r.member_id`.execute(ctx.tx)
  const personOf = new Map(persons.flatMap(({ id, homes }) => homes.map((home) => [home, id] as const)))
  const found = new Map<string, Partial<Record<(typeof kinds)[number], Contact>>>()
  for (const { member_id: recordId, sealed, wrapped_key } of rows) {
    const values = ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped_key), `record:${recordId}`, sealed)
    const known = found.get(personOf.get(recordId)!) ?? {}
    for (const kind of kinds) {
      const value = values[kind]
      if (typeof value === 'string') known[kind] ??= { value, recordId }
    }
    found.set(personOf.get(recordId)!, known)
  }
  return found
}
