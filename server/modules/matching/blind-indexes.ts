/**
 * The keys by which candidates are found follow the index key. Those of records that came since the last run are noted
 * anew; the look-up of the run is built anew, by what the run has learned and without joining anybody.
 */
import { sql } from 'kysely'
import { type BlindIndex, inPages, nextPage, roughly } from '#platform/blind-indexes'
import { noteAgain } from './entry.ts'
import { rebuildLookUp } from './runs.ts'

const table = 'matching.keys'

export const blindIndexes: readonly BlindIndex[] = [
  {
    name: table,
    count: (ctx) => roughly(ctx, table),
    anyLeft: async ({ tx, vault }) => {
      const { rows } = await sql<{ left: boolean }>`
        select exists (select from matching.keys where keys_by < ${vault.indexBy}) as left`.execute(tx)
      return rows[0]!.left
    },
    move: async (ctx, page) => {
      const { rows } = await sql<{ home: string }>`
        select distinct member_id as home from matching.keys where ${inPages(page)} and keys_by < ${ctx.vault.indexBy}
        order by 1`.execute(ctx.tx)
      if (rows.length > 0)
        await noteAgain(
          ctx,
          rows.map(({ home }) => home),
        )
      return { next: await nextPage(ctx, table, page), moved: rows.length }
    },
  },
  {
    name: 'matching.pages',
    count: async () => 0,
    anyLeft: async ({ tx, vault }) => {
      const { rows } = await sql<{ left: boolean }>`
        select exists (select from matching.model where keys_by < ${vault.indexBy}) as left`.execute(tx)
      return rows[0]!.left
    },
    move: async () => ({ next: null, moved: 0 }),
    outside: rebuildLookUp,
  },
]
