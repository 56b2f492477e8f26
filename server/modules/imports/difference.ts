/** What applying staged rows would do, read by their keys and hashes without opening one. */
import { sql } from 'kysely'
import { standingRecords } from '#modules/members'
import { standingOrders } from '#modules/orders'
import type { Ctx } from '#platform/ctx'
import { lowestId } from '#platform/ids'
import type { ImportView } from './contract.ts'

const page = 20_000

export async function differenceOf(
  ctx: Ctx,
  {
    importId,
    staging,
    kind,
    rows,
    rejected,
  }: { importId: string; staging: number; kind: 'members' | 'orders'; rows: number; rejected: number },
): Promise<NonNullable<ImportView['counts']>> {
  const standing = kind === 'members' ? standingRecords : standingOrders
  let created = 0
  let unchanged = 0
  for (let after = lowestId; ; ) {
    const { rows: keys } = await sql<{ key: string; rows: number; hashes: string[] }>`
      select row_key as key, count(*) as rows, array_agg(content_hash order by row_number) as hashes from imports.rows
      where import_id = ${importId} and staging = ${staging} and row_key > ${after}::uuid group by row_key order by row_key limit ${page}`.execute(
      ctx.tx,
    )
    if (keys.length === 0) break
    const known = await standing(
      ctx,
      keys.map(({ key }) => key),
    )
    for (const { key, rows: count, hashes } of keys) {
      const hash = known.get(key)
      if (hash === undefined) created += count
      else if (hash === foldedHash(ctx, hashes) || hashes.every((one) => one === hash)) unchanged += count
    }
    after = keys.at(-1)!.key
  }
  return {
    rows,
    created,
    updated: rows - rejected - created - unchanged,
    unchanged,
    rejected,
    joined: null,
    members: null,
  }
}

/** The hash of several rows of one record or order, told in this order; of a single row its own. */
export function foldedHash(ctx: Pick<Ctx, 'vault'>, hashes: readonly string[]): string {
  return hashes.length === 1 ? hashes[0]! : ctx.vault.blind('rows', hashes.join(' '))
}
