/**
 * Points of somebody who is erased go off the books: what is left of each lot lapses, coming points too, and a deficit
 * is let go. Every step is an entry, so the books sum to zero as before and a later refund finds the points lapsed.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { type Account, byDraining, type Changes, draw, post } from './accounts.ts'
import { openBooks, settleAll, write } from './books.ts'

/** Says how many points lapsed, and how many were owed and are let go. */
export async function writeOff(
  ctx: Ctx,
  homes: readonly string[],
): Promise<{ pointsLost: number; pointsLetGo: number }> {
  // An account is made by opening it; who never had points needs none.
  const { rows } = await sql<{ home: string }>`
    select member_id as home from points.accounts where member_id = any(${arrayOf('uuid', homes)})
      and (available > 0 or pending > 0 or deficit > 0)`.execute(ctx.tx)
  if (rows.length === 0) return { pointsLost: 0, pointsLetGo: 0 }
  const having = rows.map(({ home }) => home)
  const books = await openBooks(ctx, having)
  const accounts = await settleAll(ctx, books, having)
  const before = { lost: sum(accounts, 'available') + sum(accounts, 'pending'), owed: sum(accounts, 'deficit') }
  for (const account of accounts) writeOffAccount(books.changes, account, ctx.now)
  await write(ctx, books)
  return { pointsLost: before.lost, pointsLetGo: before.owed }
}

const sum = (accounts: readonly Account[], of: 'available' | 'pending' | 'deficit') =>
  accounts.reduce((total, account) => total + account[of], 0)

function writeOffAccount(changes: Changes, account: Account, now: Date): void {
  const about = { kind: 'write_off' as const, source: `erasure:${account.memberId}`, eventAt: now }
  for (const lot of account.lots.filter(({ remaining }) => remaining > 0).sort(byDraining)) {
    lot.lapsed = lot.remaining
    draw(changes, account, [{ lot, amount: lot.remaining }], {
      ...about,
      leaves: lot.pending ? 'MEMBER_PENDING' : 'MEMBER_AVAILABLE',
      enters: 'EXPIRED',
      lot: lot.number,
    })
  }
  if (account.deficit > 0)
    post(changes, account, { ...about, amount: account.deficit, leaves: 'ADJUSTED', enters: 'DEFICIT' })
  account.dueAt = null
}

/** What staff wrote to an adjustment may name the person. */
export async function forgetReasons(ctx: Ctx, homes: readonly string[]): Promise<void> {
  await sql`update points.entries set reason = null where member_id = any(${arrayOf('uuid', homes)}) and reason is not null`.execute(
    ctx.tx,
  )
}
