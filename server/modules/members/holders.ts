/** Who holds a phone, with what a newcomer who says "that is me" can be asked about. */
import { sql } from 'kysely'
import type { NameKey } from '#modules/cleaning'
import type { Ctx } from '#platform/ctx'
import type { RecordValues } from './values.ts'

export interface Holder {
  /** The record's home. */
  home: string
  person: string
  nameKey: NameKey
  /** When its channel last said so. */
  seenAt: Date
  /** Opened: stays in memory. */
  values: RecordValues
}

/**
 * Live records by which the phone joins people; none where too many share it. `number`: in the form +861380…. `homes`:
 * records that are asked about besides, whether or not they carry it.
 */
export async function holdersOf(ctx: Ctx, number: string, homes: readonly string[] = []): Promise<Holder[]> {
  const { rows } = await sql<{
    home: string
    person: string
    nameKey: NameKey
    seenAt: Date
    sealed: Buffer
    wrapped: Buffer
  }>`
    select r.member_id as home, h.person_id as person, p.name_key as "nameKey", r.seen_at as "seenAt", r.sealed, h.wrapped_key as wrapped
    from members.records r join members.homes h on h.member_id = r.member_id left join members.profiles p on p.member_id = r.member_id
    where r.withdrawn_at is null and (r.member_id = any(${homes}::uuid[]) or r.member_id in (
      select i.member_id from members.identities i where i.blind = any(${ctx.vault.forms([ctx.vault.blind('phone', number)])}::uuid[]) and i.joins
        and not exists (select from members.shared_values s where s.blind = i.blind)))
    order by r.member_id`.execute(ctx.tx)
  return rows.map(({ sealed, wrapped, ...holder }) => ({
    ...holder,
    values: ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped), `record:${holder.home}`, sealed),
  }))
}
