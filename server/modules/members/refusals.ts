/**
 * Who may not be made again by a file or a machine, because they had themselves erased. Keyed hashes of blind values:
 * the list says nothing to who holds it, and it is not the index by which living members are found. The person's own
 * return, in the member centre or at a counter, takes them off it.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import type { PreparedRecord } from './values.ts'

export function refusedBlinds(ctx: Pick<Ctx, 'vault'>, blinds: readonly string[]): string[] {
  return [...new Set(blinds.map((blind) => ctx.vault.blind('refused', blind)))].sort()
}

export async function refuse(ctx: Ctx, refused: readonly string[]): Promise<void> {
  if (refused.length === 0) return
  await sql`insert into members.refusals (blind, since) select b, ${ctx.now} from unnest(${arrayOf('uuid', refused)}) as b
    on conflict do nothing`.execute(ctx.tx)
}

/** Everything on the list; a worker that reads a whole file asks once. */
export const everyRefusal = 'select blind from members.refusals'

export async function howManyRefused(ctx: Pick<Ctx, 'tx'>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from members.refusals`.execute(ctx.tx)
  return rows[0]!.count
}

type Named = Pick<PreparedRecord, 'key' | 'identities'>

const blindsOf = ({ key, identities }: Named) => [key, ...identities.map(({ blind }) => blind)]

/** Whether a record is of somebody on a list that was read. */
export function isRefused(vault: Ctx['vault'] | Pick<Ctx['vault'], 'blind'>, list: ReadonlySet<string>, record: Named) {
  return list.size > 0 && blindsOf(record).some((blind) => list.has(vault.blind('refused', blind)))
}

/** Keys of those of the records that are of somebody on the list. */
export async function refusedAmong(ctx: Ctx, records: readonly Named[]): Promise<ReadonlySet<string>> {
  const { rows: any } = await sql<{ any: boolean }>`select exists (select from members.refusals) as any`.execute(ctx.tx)
  if (!any[0]!.any || records.length === 0) return new Set()
  const asked = refusedBlinds(ctx, records.flatMap(blindsOf))
  const { rows } = await sql<{ blind: string }>`
    select blind from members.refusals where blind = any(${arrayOf('uuid', asked)})`.execute(ctx.tx)
  const list = new Set(rows.map(({ blind }) => blind))
  return new Set(records.filter((record) => isRefused(ctx.vault, list, record)).map(({ key }) => key))
}

/** They are back of their own will: what stands in this record is refused no more. */
export async function liftRefusal(ctx: Ctx, record: Named): Promise<boolean> {
  const { rows } = await sql`delete from members.refusals
    where blind = any(${arrayOf('uuid', refusedBlinds(ctx, blindsOf(record)))}) returning 1`.execute(ctx.tx)
  return rows.length > 0
}
