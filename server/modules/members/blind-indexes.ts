/** Where values of members lie as keyed hashes, and how they move to the next index key. */
import { sql } from 'kysely'
import { blindColumn, moveOn } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'

const identities = { table: 'members.identities', column: 'blind' }
const sharedValues = { table: 'members.shared_values', column: 'blind' }
export const recordKeys = { table: 'members.record_keys', column: 'record_key' }

export const blindIndexes = [
  blindColumn(identities, [sharedValues]),
  blindColumn(sharedValues, [identities]),
  blindColumn({ table: 'members.identities', column: 'last_four' }),
  blindColumn(recordKeys),
  blindColumn({ table: 'members.records', column: 'record_key' }),
  blindColumn({ table: 'members.records', column: 'content_hash' }),
  blindColumn({ table: 'members.past_versions', column: 'content_hash' }),
  blindColumn({ table: 'members.refusals', column: 'blind' }),
]

/** Past versions are compared with the version in force: those that an act has read are moved before. */
export async function movePastVersions(
  ctx: Ctx,
  rows: readonly { member_id: string; version: number; content_hash: string; by: number }[],
): Promise<void> {
  const left = rows.filter(({ by }) => by !== ctx.vault.indexBy)
  if (left.length === 0) return
  await sql`update members.past_versions p set content_hash = u.now, content_hash_by = ${ctx.vault.indexBy}
    from unnest(${arrayOf(
      'uuid',
      left.map(({ member_id }) => member_id),
    )}, ${arrayOf(
      'int',
      left.map(({ version }) => version),
    )}, ${arrayOf(
      'uuid',
      left.map((row) => ctx.vault.current(row.content_hash, row.by)),
    )}) as u(home, version, now)
    where p.member_id = u.home and p.version = u.version`.execute(ctx.tx)
}

/** Before an act uses identities it moves them: then it meets all who carry them. Given as they are under the key of now. */
export async function moveIdentities(ctx: Ctx, blinds: readonly string[]): Promise<void> {
  const once = [...new Set(blinds)]
  await moveOn(ctx, identities, once)
  await moveOn(ctx, sharedValues, once)
}

/** The same of all that these homes carry. */
export async function moveIdentitiesOf(ctx: Ctx, homes: readonly string[]): Promise<void> {
  if (homes.length === 0 || ctx.vault.former(['00000000-0000-0000-0000-000000000000']).length === 0) return
  const { rows } = await sql<{ blind: string; by: number }>`
    select blind, blind_by as by from members.identities
    where member_id = any(${arrayOf('uuid', homes)}) and blind_by < ${ctx.vault.indexBy}`.execute(ctx.tx)
  await moveIdentities(
    ctx,
    rows.map(({ blind, by }) => ctx.vault.current(blind, by)),
  )
}
