/**
 * Reading points: balance, lots, entries with their explanation. Sums run over all homes of a person. What time has
 * done counts at once: a lot whose moment has passed is left out, whether or not that has been written down.
 */
import { sql } from 'kysely'
import { homesOf, seenHomes } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { type AccountName, byDraining, type EntryKind, type Lot } from './accounts.ts'
import { lotColumns } from './books.ts'
import { pageUnknown } from './errors.ts'
import { type AwardExplanation, type Line, linesOf, type TakeBackExplanation } from './explanation.ts'
import { listRulebook } from './rulebook.ts'

export interface Balance {
  /** What can be spent now. */
  available: number
  pending: number
  /** What is owed: taken back after it was spent. */
  deficit: number
  /** Issued less taken back; spent less given back. */
  earned: number
  spent: number
  nextExpiry: { at: Date; amount: number } | null
}

export async function balanceOf(ctx: Ctx, memberId: string): Promise<Balance> {
  return balanceOfHomes(ctx, await homesOf(ctx, memberId))
}

async function balanceOfHomes(ctx: Ctx, homes: readonly string[]): Promise<Balance> {
  const { rows } = await sql<{ deficit: number; earned: number; spent: number }>`
    select coalesce(sum(deficit), 0)::bigint as deficit, coalesce(sum(earned), 0)::bigint as earned, coalesce(sum(spent), 0)::bigint as spent
    from points.accounts where member_id = any(${homes}::uuid[])`.execute(ctx.tx)
  const { deficit, earned, spent } = rows[0]!
  const lots = await openLotsOf(ctx, homes)
  const sum = (some: readonly Lot[]) => some.reduce((all, { remaining }) => all + remaining, 0)
  const waiting = lots.filter(({ availableAt }) => availableAt > ctx.now)
  // What one home owes counts against what another has.
  const net = sum(lots) - sum(waiting) - deficit
  const ends = lots.flatMap(({ expiresAt }) => expiresAt?.getTime() ?? [])
  const next = ends.length > 0 ? Math.min(...ends) : null
  return {
    available: Math.max(0, net),
    pending: sum(waiting),
    deficit: Math.max(0, -net),
    earned,
    spent,
    nextExpiry:
      next === null
        ? null
        : { at: new Date(next), amount: sum(lots.filter(({ expiresAt }) => expiresAt?.getTime() === next)) },
  }
}

/** What each home can spend, less what it owes; homes without points are left out. A person's is the sum of theirs. */
export async function balancesOf(ctx: Ctx, homes: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ member_id: string; available: number }>`
    select a.member_id, (coalesce(l.available, 0) - a.deficit)::bigint as available
    from points.accounts a left join lateral (
      select sum(remaining) filter (where available_at <= ${ctx.now}) as available from points.lots
      where member_id = a.member_id and remaining > 0 and (expires_at is null or expires_at > ${ctx.now})) l on true
    where a.member_id = any(${homes}::uuid[])`.execute(ctx.tx)
  return new Map(rows.map((row) => [row.member_id, row.available]))
}

/** What is left of the lots of a person, in the order in which they will be drained; those that wait come last. */
export async function lotsOf(ctx: Ctx, memberId: string): Promise<Lot[]> {
  const homes = await homesOf(ctx, memberId)
  const seen = new Set(await seenHomes(ctx, homes))
  const lots = await openLotsOf(ctx, homes)
  return lots
    .map((lot) => (seen.has(lot.memberId) ? lot : { ...lot, source: elsewhere }))
    .map((lot) => ({ ...lot, pending: lot.availableAt > ctx.now }))
    .sort((a, b) => Number(a.pending) - Number(b.pending) || byDraining(a, b))
}

async function openLotsOf(ctx: Ctx, homes: readonly string[]): Promise<Lot[]> {
  const { rows } = await sql<Lot>`
    select ${lotColumns} from points.lots
    where member_id = any(${homes}::uuid[]) and remaining > 0 and (expires_at is null or expires_at > ${ctx.now})`.execute(
    ctx.tx,
  )
  return rows
}

export interface EntryOnPage {
  id: string
  kind: EntryKind
  /** What it did to the balance, to what waits, and to what is owed. */
  points: number
  pending: number
  deficit: number
  leaves: AccountName
  enters: AccountName
  source: string
  reason: string | null
  actor: string
  eventAt: Date
  createdAt: Date
  lines: Line[]
}

interface EntryRow {
  memberId: string
  sequence: number
  kind: EntryKind
  amount: number
  leaves: AccountName
  enters: AccountName
  source: string
  reason: string | null
  actor: string
  eventAt: Date
  createdAt: Date
  explanation: AwardExplanation | TakeBackExplanation | null
}

/** Entries of a person, by when what they tell of happened, newest first; `before` is the `next` of the page before. */
export async function entriesOf(
  ctx: Ctx,
  memberId: string,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<{ entries: EntryOnPage[]; next: string | null }> {
  const homes = await homesOf(ctx, memberId)
  const mark = before === undefined ? null : readMark(before)
  const { rows } = await sql<EntryRow>`
    select member_id as "memberId", sequence, kind, amount, leaves, enters, source, reason, actor, event_at as "eventAt",
      created_at as "createdAt", explanation
    from points.entries where member_id = any(${homes}::uuid[])
      ${mark ? sql`and (event_at, member_id, sequence) < (${mark.eventAt}::timestamptz, ${mark.memberId}::uuid, ${mark.sequence}::int)` : sql``}
    order by event_at desc, member_id desc, sequence desc limit ${limit}`.execute(ctx.tx)
  const { rules } = await listRulebook(ctx)
  // Newest version first, so the oldest is set first and the newest stays.
  const names = new Map(rules.toReversed().map(({ code, definition }) => [code, definition.name]))
  const last = rows.at(-1)
  const seen = new Set(await seenHomes(ctx, homes))
  return {
    entries: rows.map((row) => onPage(seen.has(row.memberId) ? row : withoutReasons(row), names)),
    next: last && rows.length === limit ? markOf(last) : null,
  }
}

/** Entries of several persons in a time, newest first, each with its home. */
export async function entriesBetween(
  ctx: Ctx,
  homes: readonly string[],
  { from, until, limit }: { from?: Date | undefined; until?: Date | undefined; limit: number },
): Promise<(EntryOnPage & { memberId: string })[]> {
  const { rows } = await sql<EntryRow>`
    select member_id as "memberId", sequence, kind, amount, leaves, enters, source, reason, actor, event_at as "eventAt",
      created_at as "createdAt", null as explanation
    from points.entries where member_id = any(${arrayOf('uuid', homes)})
      ${from ? sql`and created_at >= ${from}` : sql``} ${until ? sql`and created_at < ${until}` : sql``}
    order by created_at desc, member_id desc, sequence desc limit ${limit}`.execute(ctx.tx)
  const seen = new Set(await seenHomes(ctx, homes))
  return rows.map((row) => ({
    ...onPage(seen.has(row.memberId) ? row : withoutReasons(row), new Map()),
    memberId: row.memberId,
  }))
}

/** The source of points that another part of the group gave: the card is shared, what was bought there is not. */
const elsewhere = 'elsewhere'

const withoutReasons = (row: EntryRow): EntryRow => ({
  ...row,
  source: elsewhere,
  reason: null,
  actor: elsewhere,
  explanation: null,
})

function onPage(row: EntryRow, names: ReadonlyMap<string, string>): EntryOnPage {
  const { memberId, sequence, amount, explanation, ...entry } = row
  const change = (name: AccountName) => (entry.enters === name ? amount : entry.leaves === name ? -amount : 0)
  return {
    ...entry,
    id: `${memberId}-${sequence}`,
    points: change('MEMBER_AVAILABLE'),
    pending: change('MEMBER_PENDING'),
    deficit: 0 - change('DEFICIT'),
    lines: linesOf({ kind: entry.kind, amount, explanation }, names),
  }
}

const markOf = ({ eventAt, memberId, sequence }: EntryRow) => `${eventAt.getTime()}.${sequence}.${memberId}`

function readMark(before: string): { eventAt: Date; memberId: string; sequence: number } {
  const parts = /^(-?\d{1,15})\.(\d{1,9})\.([0-9a-f-]{36})$/.exec(before)
  if (!parts) throw pageUnknown(before)
  return { eventAt: new Date(Number(parts[1])), sequence: Number(parts[2]), memberId: parts[3]! }
}

/** What the rows of an import have earned and not lost again. */
export async function earnedThrough(ctx: Ctx, importId: string): Promise<number> {
  const { rows } = await sql<{ points: number }>`
    select coalesce(sum(amount - called_back), 0)::bigint as points from points.lots where import_id = ${importId}`.execute(
    ctx.tx,
  )
  return rows[0]!.points
}
