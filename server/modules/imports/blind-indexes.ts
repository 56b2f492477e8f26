/**
 * Rows that lie staged name records by keyed hashes, in the order of which they are applied. They stay as they are and
 * are moved in memory when they are applied; the former key is kept until then, or until they are cancelled or forgotten.
 */
import { sql } from 'kysely'
import type { PreparedRecord } from '#modules/members'
import type { BlindIndex } from '#platform/blind-indexes'
import type { Vault } from '#platform/vault'
import type { Staged } from './blocks.ts'
import type { StagedMember, StagedOrder } from './staging-rows.ts'

type Row = Staged<StagedMember | StagedOrder>

export const blindIndexes: readonly BlindIndex[] = [
  {
    name: 'imports.blocks',
    count: async () => 0,
    move: async () => ({ next: null, moved: 0 }),
    anyLeft: async ({ tx, vault }) => {
      const { rows } = await sql<{ left: boolean }>`
        select exists (select from imports.imports where state in ('staging', 'staged', 'applying', 'paused')
          and staged_by < ${vault.indexBy}) as left`.execute(tx)
      return rows[0]!.left
    },
  },
]

/** A row that was staged under the key of that number, as it is under the one of now. */
export function underKeyOfNow(vault: Vault, row: Row, by: number): Row {
  if (by === vault.indexBy) return row
  const now = (kept: string) => vault.current(kept, by)
  const identities = (list: PreparedRecord['identities']) =>
    list.map((one) => ({ ...one, blind: now(one.blind), lastFour: one.lastFour && now(one.lastFour) }))
  const { payload } = row
  return {
    ...row,
    key: now(row.key),
    hash: now(row.hash),
    payload:
      'record' in payload
        ? { ...payload, record: { ...payload.record, identities: identities(payload.record.identities) } }
        : {
            ...payload,
            customer: payload.customer && {
              ...payload.customer,
              key: now(payload.customer.key),
              contentHash: now(payload.customer.contentHash),
              identities: identities(payload.customer.identities),
            },
          },
  }
}
