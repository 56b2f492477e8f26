/**
 * Who may not be made again by a file or a machine, because they had themselves erased. Keyed hashes of blind values:
 * the list says nothing to who holds it, and it is not the index by which living members are found. The person's own
 * return, in the member centre or at a counter, takes them off it.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import type { PreparedRecord } from './values.ts'

type Hashing = Pick<Ctx['vault'], 'blind' | 'bare'>

/** Bare, so that a list outside the database stays good when the index key changes. */
const refusedOf = (vault: Hashing, blind: string) => vault.bare(vault.blind('refused', vault.bare(blind)))

export function refusedBlinds({ vault }: { vault: Hashing }, blinds: readonly string[]): string[] {
  return [...new Set(blinds.map((blind) => refusedOf(vault, blind)))].sort()
}

export async function refuse(ctx: Ctx, refused: readonly string[]): Promise<void> {
  if (refused.length === 0) return
  const kept = refused.map((bare) => ctx.vault.kept(bare)).sort()
  await sql`insert into members.refusals (blind, since, blind_by) select b, ${ctx.now}, ${ctx.vault.indexBy} from unnest(${arrayOf('uuid', kept)}) as b
    on conflict do nothing`.execute(ctx.tx)
}

/** Everything on the list; a worker that reads a whole file asks once. */
export const everyRefusal = 'select blind, blind_by as by from members.refusals'

export function listOfRefused(vault: Hashing, rows: readonly { blind: string; by: number }[]): ReadonlySet<string> {
  return new Set(rows.map(({ blind, by }) => vault.bare(blind, by)))
}

export async function howManyRefused(ctx: Pick<Ctx, 'tx'>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from members.refusals`.execute(ctx.tx)
  return rows[0]!.count
}

/** How these may stand in the table. */
const formsOf = ({ vault }: Pick<Ctx, 'vault'>, refused: readonly string[]) =>
  vault.forms(refused.map((bare) => vault.kept(bare)))

type Named = Pick<PreparedRecord, 'key' | 'identities'>

const blindsOf = ({ key, identities }: Named) => [key, ...identities.map(({ blind }) => blind)]

/** Whether a record is of somebody on a list that was read. */
export function isRefused(vault: Hashing, list: ReadonlySet<string>, record: Named) {
  return list.size > 0 && blindsOf(record).some((blind) => list.has(refusedOf(vault, blind)))
}

/** Keys of those of the records that are of somebody on the list. */
export async function refusedAmong(ctx: Ctx, records: readonly Named[]): Promise<ReadonlySet<string>> {
  const { rows: any } = await sql<{ any: boolean }>`select exists (select from members.refusals) as any`.execute(ctx.tx)
  if (!any[0]!.any || records.length === 0) return new Set()
  const asked = refusedBlinds(ctx, records.flatMap(blindsOf))
  const { rows } = await sql<{ blind: string; by: number }>`
    select blind, blind_by as by from members.refusals where blind = any(${arrayOf('uuid', formsOf(ctx, asked))})`.execute(
    ctx.tx,
  )
  const list = listOfRefused(ctx.vault, rows)
  return new Set(records.filter((record) => isRefused(ctx.vault, list, record)).map(({ key }) => key))
}

/** They are back of their own will: what stands in this record is refused no more. */
export async function liftRefusal(ctx: Ctx, record: Named): Promise<boolean> {
  const { rows } = await sql`delete from members.refusals
    where blind = any(${arrayOf('uuid', formsOf(ctx, refusedBlinds(ctx, blindsOf(record))))}) returning 1`.execute(
    ctx.tx,
  )
  return rows.length > 0
}
