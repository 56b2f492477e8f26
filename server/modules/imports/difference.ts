/** What applying staged rows would do, read by their keys and hashes without opening one. */
import { standingRecords } from '#modules/members'
import { standingOrders } from '#modules/orders'
import type { Ctx } from '#platform/ctx'
import { hashesByKey } from './blocks.ts'
import type { ImportView } from './contract.ts'

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
  for await (const hashesOf of hashesByKey(ctx.tx, { importId, staging }, rows)) {
    const known = await standing(ctx, [...hashesOf.keys()])
    for (const [key, hashes] of hashesOf) {
      const hash = known.get(key)
      if (hash === undefined) created += hashes.length
      else if (hash === foldedHash(ctx, hashes) || hashes.every((one) => one === hash)) unchanged += hashes.length
    }
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
  return hashes.length === 1
    ? hashes[0]!
    : ctx.vault.blind('rows', hashes.map((hash) => ctx.vault.bare(hash)).join(' '))
}
