/**
 * What can be done with points: give, spend, adjust, take over, take back, let expire. Each act locks the accounts that
 * it touches, writes what time has done to them, and then does its own; a shortfall rolls the whole act back.
 */
import { sql } from 'kysely'
import { homesOf } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { once } from '#platform/idempotency'
import { newId } from '#platform/ids'
import { readSettings } from '#platform/settings'
import { drain, type Entry, spendable } from './accounts.ts'
import { openBooks, settleAll, write } from './books.ts'
import type { Expires } from './contract.ts'
import { amountNotPositive, insufficientPoints } from './errors.ts'
import { expiryOf } from './expiry.ts'
import { byVerb } from './history.ts'
import type { Gift, Told } from './sources.ts'
import { tell } from './telling.ts'

export interface Award {
  memberId: string
  /** What it is given for. Told twice it is given once; other points for the same source are refused. */
  source: string
  points: number
  /** When it was earned, if not now. */
  at?: Date
  /** When it can be spent, if not at once. */
  availableAt?: Date
  expiresAt?: Date | null
  reason?: string
  importId?: string
}

/** Gives points for something, once. */
export async function award(ctx: Ctx, given: Award): Promise<{ points: number; again: boolean }> {
  await homesOf(ctx, given.memberId)
  const { points } = await awardMany(ctx, [given])
  return { points: given.points, again: points === 0 }
}

/** Gives points to many; says how many of them are new. Members must be known. */
export async function awardMany(ctx: Ctx, awards: readonly Award[]): Promise<{ lots: number; points: number }> {
  return giveMany(ctx, awards, 'award')
}

/**
 * Takes over balances of an older programme, each row a lot with its expiry. Rows told before are not given again. The
 * sums over all rows let the caller prove that nothing was lost on the way.
 */
export async function openingBalances(
  ctx: Ctx,
  rows: readonly Award[],
): Promise<{ lots: number; points: number; lotsBefore: number; pointsBefore: number }> {
  const { lots, points } = await giveMany(ctx, rows, 'opening')
  const all = rows.reduce((sum, row) => sum + row.points, 0)
  return { lots, points, lotsBefore: rows.length - lots, pointsBefore: all - points }
}

/** What was given to these homes as an opening balance before and not taken back by an undo. */
export async function openingsOf(ctx: Ctx, homes: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ home: string; points: number }>`
    select l.member_id as home, sum(l.amount)::bigint as points from points.lots l
    where l.member_id = any(${homes}::uuid[]) and l.source like 'opening:%' and not exists (
      select from points.source_facts f where f.member_id = l.member_id and f.source = l.source and f.kind = 'withdrawn')
    group by l.member_id`.execute(ctx.tx)
  return new Map(rows.map(({ home, points }) => [home, points]))
}

/**
 * Takes back opening balances that an import brought, by the refund policy of the group, for up to `limit` members
 * after one; says the last of them, null when there are none left.
 */
export async function takeBackOpenings(
  ctx: Ctx,
  { importId, after, limit }: { importId: string; after: string | null; limit: number },
): Promise<string | null> {
  const { rows } = await sql<{ member_id: string; source: string }>`
    select member_id, source from points.lots
    where import_id = ${importId} and source like 'opening:%' ${after ? sql`and member_id > ${after}::uuid` : sql``}
    order by member_id fetch first ${limit} rows with ties`.execute(ctx.tx)
  await tell(
    ctx,
    rows.map(({ member_id, source }) => ({
      memberId: member_id,
      source,
      at: ctx.now,
      cause: null,
      importId: null,
      mayWait: true,
      fact: {
        id: newId(),
        beforeMinor: 0,
        key: `undo:${importId}`,
        happening: null,
        kind: 'withdrawn' as const,
        amountMinor: 0,
      },
    })),
  )
  return rows.at(-1)?.member_id ?? null
}

async function giveMany(
  ctx: Ctx,
  awards: readonly Award[],
  kind: Gift['kind'],
): Promise<{ lots: number; points: number }> {
  const told = awards.map((given): Told => {
    mustBePositive(given.points)
    const { memberId, source, points, at = ctx.now, availableAt = at, expiresAt = null } = given
    const terms = { availableAt, expiresAt, priority: 50 }
    return toldByVerb(ctx, {
      memberId,
      source,
      at,
      gift: { kind, points, terms, reason: given.reason ?? null },
      importId: given.importId ?? null,
    })
  })
  const { books } = await tell(ctx, told)
  const lots = books.changes.madeLots
  return { lots: lots.length, points: lots.reduce((sum, { amount }) => sum + amount, 0) }
}

function toldByVerb(
  ctx: Ctx,
  { gift, ...given }: { memberId: string; source: string; at: Date; gift: Gift; importId: string | null },
): Told {
  // What is taken back later is a share of the points themselves.
  const fact = {
    id: byVerb,
    kind: 'earned',
    amountMinor: gift.points,
    beforeMinor: 0,
    key: given.importId,
    happening: null,
  } as const
  return { ...given, at: given.at ?? ctx.now, fact, gift, cause: null, mayWait: true }
}

/**
 * Takes back all or part of what was given for a source, by the refund policy of the group. `key` names the act: told
 * twice it acts once. Told before its award, it takes effect when that comes.
 */
export async function takeBack(
  ctx: Ctx,
  { memberId, source, key, amount }: { memberId: string; source: string; key: string; amount?: number },
): Promise<{ points: number }> {
  if (amount !== undefined) mustBePositive(amount)
  const homes = await homesOf(ctx, memberId)
  const { rows } = await sql<{ member_id: string }>`
    select member_id from points.lots where member_id = any(${homes}::uuid[]) and source = ${source} limit 1`.execute(
    ctx.tx,
  )
  const about = { id: newId(), beforeMinor: 0, key, happening: null }
  const { books } = await tell(ctx, [
    {
      memberId: rows[0]?.member_id ?? memberId,
      source,
      at: ctx.now,
      cause: null,
      importId: null,
      mayWait: true,
      fact:
        amount === undefined
          ? { ...about, kind: 'withdrawn', amountMinor: 0 }
          : { ...about, kind: 'refunded', amountMinor: amount },
    },
  ])
  const taken = books.changes.entries.filter(({ kind }) => kind === 'take_back')
  return { points: taken.reduce((sum, entry) => sum + entry.amount, 0) }
}

export interface Debit {
  memberId: string
  sequence: number
  points: number
}

/** Spends points of a person, over all homes: one debit in each that is drained. Refuses what is not there. */
export async function spend(
  ctx: Ctx,
  {
    memberId,
    amount,
    source,
    reason,
    key,
  }: { memberId: string; amount: number; source: string; reason?: string; key: string },
): Promise<{ debits: Debit[]; available: number }> {
  mustBePositive(amount)
  return once(ctx, { operation: 'points.spend', key, input: { memberId, amount, source } }, () =>
    debit(ctx, { memberId, amount }, { kind: 'spend', enters: 'REDEEMED', source, reason: reason ?? null }),
  )
}

/** Gives or takes points by hand. The caller names the adjustment. */
export async function adjust(
  ctx: Ctx,
  {
    memberId,
    id,
    points,
    reason,
    expires,
  }: { memberId: string; id: string; points: number; reason: string; expires?: Expires | undefined },
): Promise<void> {
  mustBePositive(Math.abs(points))
  const source = `adjustment:${id}`
  await once(
    ctx,
    { operation: 'points.adjust', key: id, input: { memberId, points, reason, expires: expires ?? null } },
    async () => {
      if (points < 0) {
        await debit(ctx, { memberId, amount: -points }, { kind: 'adjustment', enters: 'ADJUSTED', source, reason })
        return
      }
      await homesOf(ctx, memberId)
      const { timeZone } = await readSettings(ctx)
      const expiresAt = expires ? expiryOf(expires, ctx.now, timeZone) : null
      const gift: Gift = {
        kind: 'adjustment',
        points,
        reason,
        terms: { availableAt: ctx.now, expiresAt, priority: 50 },
      }
      await tell(ctx, [toldByVerb(ctx, { memberId, source, at: ctx.now, gift, importId: null })])
    },
  )
}

async function debit(
  ctx: Ctx,
  { memberId, amount }: { memberId: string; amount: number },
  about: { kind: 'spend' | 'adjustment'; enters: 'REDEEMED' | 'ADJUSTED'; source: string; reason: string | null },
): Promise<{ debits: Debit[]; available: number }> {
  const homes = await homesOf(ctx, memberId)
  const books = await openBooks(ctx, homes)
  const accounts = await settleAll(ctx, books, homes)
  const available = spendable(accounts)
  if (available < amount) throw insufficientPoints(amount, Math.max(0, available))
  const entries = drain(books.changes, accounts, amount, { ...about, eventAt: ctx.now })
  await write(ctx, books)
  return { debits: entries.map(debitOf), available: available - amount }
}

const debitOf = ({ memberId, sequence, amount }: Entry): Debit => ({ memberId, sequence, points: amount })

/**
 * Writes down what time has done: one entry for each lot that became available or expired. Nothing depends on it running
 * (each act settles its accounts first), so it may run any number of times. Says how many accounts it settled.
 */
export async function sweep(ctx: Ctx, limit = 1_000): Promise<number> {
  const { rows } = await sql<{ member_id: string }>`
    select member_id from points.accounts where due_at <= ${ctx.now} order by due_at limit ${limit}`.execute(ctx.tx)
  if (rows.length === 0) return 0
  const members = rows.map((row) => row.member_id)
  const books = await openBooks(ctx, members)
  await settleAll(ctx, books, members)
  await write(ctx, books)
  return members.length
}

function mustBePositive(points: number): void {
  if (!Number.isSafeInteger(points) || points <= 0) throw amountNotPositive(points)
}
