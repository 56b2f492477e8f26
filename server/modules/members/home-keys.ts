/** Wraps the keys of homes anew when the master key is changed. A key that was destroyed meanwhile stays destroyed. */
import { sql } from 'kysely'
import { keyIdOf } from '#platform/vault'
import type { HomeKeys } from '#platform/vault-rotation'

/** Up to this size the homes are counted, which takes a tenth of a second; of more the planner's estimate is told. */
const countedBytes = 64 * 1024 ** 2

export const homeKeys: HomeKeys = {
  count: async (ctx) => {
    const { rows } = await sql<{ homes: number }>`
      select case when pg_relation_size('members.homes') < ${countedBytes}::bigint then (select count(*) from members.homes)
        else (select greatest(reltuples, 0)::bigint from pg_class where oid = 'members.homes'::regclass) end as homes`.execute(
      ctx.tx,
    )
    return rows[0]!.homes
  },
  rewrap: async (ctx, { after, limit }) => {
    const { rows } = await sql<{ id: string; wrapped: Buffer | null; left: boolean }>`
      select member_id as id, wrapped_key as wrapped, ${notBy(keyIdOf(ctx.vault.keys.master))} as left
      from members.homes where member_id > ${after}::uuid order by member_id limit ${limit}`.execute(ctx.tx)
    const left = rows.flatMap(({ id, wrapped, left: isLeft }) =>
      isLeft && wrapped ? [{ id, wrapped, again: ctx.vault.rewrap(wrapped) }] : [],
    )
    if (left.length > 0)
      await sql`update members.homes h set wrapped_key = n.again
        from unnest(${left.map(({ id }) => id)}::uuid[], ${left.map(({ wrapped }) => wrapped)}::bytea[],
          ${left.map(({ again }) => again)}::bytea[]) as n(id, wrapped, again)
        where h.member_id = n.id and h.wrapped_key = n.wrapped`.execute(ctx.tx)
    return { last: rows.at(-1)?.id ?? null, rewrapped: left.length }
  },
  anyLeft: async (ctx, keyId) => {
    const { rows } = await sql<{ left: boolean }>`
      select exists (select from members.homes where wrapped_key is not null and ${notBy(keyId)}) as left`.execute(
      ctx.tx,
    )
    return rows[0]!.left
  },
}

/** The id of the master key stands before what it has wrapped; what is shorter has none. */
const notBy = (keyId: Buffer) =>
  sql`coalesce(octet_length(wrapped_key) <> 64 or substring(wrapped_key from 1 for 4) <> ${keyId}, false)`
