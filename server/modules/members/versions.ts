/** All that stands sealed of a person, opened: for their own export, and for finding them in what is to be erased. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { type RecordValues, withoutEmpty } from './values.ts'

export interface OpenedVersion {
  home: string
  channelId: number
  /** What is in force; of a past version what it said by itself. */
  values: RecordValues
  version: number
  isPast: boolean
  importId: string | null
  seenAt: Date
  createdAt: Date
  withdrawnAt: Date | null
}

/** Records of these homes with their past versions, withdrawn ones too; newest of each first. Opened: stays in memory. */
export async function versionsOf(ctx: Ctx, homes: readonly string[]): Promise<OpenedVersion[]> {
  const { rows } = await sql<Omit<OpenedVersion, 'values'> & { sealed: Buffer; wrapped: Buffer }>`
    select * from (
      select r.member_id as home, r.channel_id as "channelId", r.sealed, h.wrapped_key as wrapped, r.version, false as "isPast",
        r.import_id as "importId", r.seen_at as "seenAt", r.created_at as "createdAt", r.withdrawn_at as "withdrawnAt"
      from members.records r join members.homes h on h.member_id = r.member_id
      where r.member_id = any(${arrayOf('uuid', homes)}) and h.wrapped_key is not null
      union all
      select v.member_id, r.channel_id, v.sealed_own, h.wrapped_key, v.version, true, v.import_id, v.seen_at, r.created_at, r.withdrawn_at
      from members.past_versions v join members.records r on r.member_id = v.member_id join members.homes h on h.member_id = v.member_id
      where v.member_id = any(${arrayOf('uuid', homes)}) and h.wrapped_key is not null
    ) told order by home, "isPast", version desc`.execute(ctx.tx)
  return rows.map(({ sealed, wrapped, ...row }) => ({
    ...row,
    values: withoutEmpty(ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped), `record:${row.home}`, sealed)),
  }))
}

/** The key of a home, for what another module seals beside it; null once it is erased. */
export async function keyOfHome(ctx: Ctx, home: string) {
  const { rows } = await sql<{ wrapped: Buffer | null }>`
    select wrapped_key as wrapped from members.homes where member_id = ${home}`.execute(ctx.tx)
  return rows[0]?.wrapped ? ctx.vault.unwrap(rows[0].wrapped) : null
}

/** Past versions of records that were withdrawn before a moment, for up to 5,000 of them. Says how many versions went. */
export async function forgetWithdrawn(ctx: Pick<Ctx, 'tx'>, before: Date): Promise<number> {
  const { rows: old } = await sql<{ home: string }>`
    select member_id as home from members.records r where withdrawn_at < ${before}
      and exists (select from members.past_versions v where v.member_id = r.member_id) limit 5000`.execute(ctx.tx)
  if (old.length === 0) return 0
  const homes = old.map(({ home }) => home)
  const { numAffectedRows } =
    await sql`delete from members.past_versions where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}
