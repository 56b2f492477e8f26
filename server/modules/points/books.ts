/**
 * The accounts that one act works on: locked, read, and written at its end. Locks are taken in the order of members, by
 * the statement that makes missing accounts, and before anything else of them is read; so what an act reads holds until
 * it commits. What it does in between is arithmetic in `accounts.ts`.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { actorName, emitMany, type NewEvent } from '#platform/events'
import {
  type Account,
  type Allocation,
  type Balances,
  type Changes,
  type Entry,
  earliest,
  type Lot,
  noChanges,
  settle,
} from './accounts.ts'
import './events.ts'
import { arrayOf, type Columns, insertOf } from '#platform/rows'

export interface Books {
  readonly accounts: Map<string, Account>
  readonly changes: Changes
  /** Each row of a lot is one object, however often it is read. */
  readonly lots: Map<string, Lot>
  /** What the database holds of each account at this moment. */
  readonly standing: Map<string, Balances>
}

/**
 * What an act will most likely add to an account. It is written while the lock is taken, which saves a second write of
 * the row; `write` puts right what came otherwise.
 */
export interface Guess {
  memberId: string
  entries: number
  available: number
  pending: number
  earned: number
  dueAt: Date | null
}

/** Locks the accounts of the members, making those that are missing. Members in any order. */
export async function openBooks(
  ctx: Ctx,
  members: Iterable<string>,
  guesses: ReadonlyMap<string, Guess> = new Map(),
): Promise<Books> {
  const sorted = [...new Set(members)].sort()
  const guessed = sorted.map((member) => guesses.get(member))
  // Only a plain account takes its guess: one that owes nothing and has nothing due. It is plain afterwards, too.
  const plain = sql`(a.deficit = 0 and (a.due_at is null or a.due_at > ${ctx.now}))`
  const { rows } = await sql<Balances & { memberId: string; plain: boolean }>`
    insert into points.accounts as a (member_id, sequence, available, pending, earned, due_at)
    select * from unnest(${arrayOf('uuid', sorted)}, ${arrayOf(
      'int',
      guessed.map((g) => g?.entries ?? 0),
    )},
      ${arrayOf(
        'bigint',
        guessed.map((g) => g?.available ?? 0),
      )}, ${arrayOf(
        'bigint',
        guessed.map((g) => g?.pending ?? 0),
      )},
      ${arrayOf(
        'bigint',
        guessed.map((g) => g?.earned ?? 0),
      )}, ${arrayOf(
        'timestamptz',
        guessed.map((g) => g?.dueAt ?? null),
      )})
    on conflict (member_id) do update set
      sequence = a.sequence + case when ${plain} then excluded.sequence else 0 end,
      available = a.available + case when ${plain} then excluded.available else 0 end,
      pending = a.pending + case when ${plain} then excluded.pending else 0 end,
      earned = a.earned + case when ${plain} then excluded.earned else 0 end,
      due_at = case when ${plain} then least(a.due_at, excluded.due_at) else a.due_at end
    returning member_id as "memberId", sequence, available, pending, deficit, earned, spent, due_at as "dueAt", ${plain} as plain`.execute(
    ctx.tx,
  )
  const books: Books = { accounts: new Map(), changes: noChanges(), lots: new Map(), standing: new Map() }
  for (const { memberId, plain, ...standing } of rows) {
    const guess = plain ? guesses.get(memberId) : undefined
    books.standing.set(memberId, standing)
    books.accounts.set(memberId, {
      memberId,
      lots: [],
      allOpen: false,
      ...standing,
      ...(guess && {
        sequence: standing.sequence - guess.entries,
        available: standing.available - guess.available,
        pending: standing.pending - guess.pending,
        earned: standing.earned - guess.earned,
      }),
    })
  }
  return books
}

/** Reads all open lots of the members and writes what time has done to them meanwhile. */
export async function settleAll(ctx: Ctx, books: Books, members: Iterable<string>): Promise<Account[]> {
  const accounts = [...new Set(members)].sort().map((member) => books.accounts.get(member)!)
  const unread = accounts.filter(({ allOpen }) => !allOpen)
  if (unread.length > 0) {
    const { rows } = await sql<Lot>`
      select ${lotColumns} from points.lots
      where member_id = any(${unread.map(({ memberId }) => memberId)}::uuid[]) and remaining > 0`.execute(ctx.tx)
    for (const lot of rows) know(books, lot)
    for (const account of unread) account.allOpen = true
  }
  for (const account of accounts) settle(books.changes, account, ctx.now)
  return accounts
}

/** Takes a row of a lot into the books, or gives back the object that stands for it already. */
export function know(books: Books, row: Lot): Lot {
  const key = `${row.memberId} ${row.number}`
  const known = books.lots.get(key)
  if (known) return known
  books.lots.set(key, row)
  books.accounts.get(row.memberId)!.lots.push(row)
  return row
}

export const lotColumns = sql`member_id as "memberId", source, part, number, given_by as "givenBy", on_top as "onTop", base_minor as "baseMinor",
  amount, remaining, called_back as "calledBack", lapsed, pending, available_at as "availableAt",
  expires_at as "expiresAt", priority, earned_at as "earnedAt", window_key as "windowKey", import_id as "importId"`

/** Writes what the act did, and tells it in the log. */
export async function write(ctx: Ctx, books: Books): Promise<void> {
  await writeAccounts(ctx, books)
  await writeMade(ctx, books.changes)
  await writeDraws(ctx, books.changes)
  await emitMany(ctx, books.changes.entries.flatMap(eventOf))
}

async function writeAccounts(ctx: Ctx, { accounts, standing }: Books): Promise<void> {
  const changed = [...accounts.values()].filter((account) => !isSame(account, standing.get(account.memberId)!))
  if (changed.length === 0) return
  await sql`
    update points.accounts a set sequence = n.sequence, available = n.available, pending = n.pending, deficit = n.deficit,
      earned = n.earned, spent = n.spent, due_at = n.due_at
    from unnest(${changed.map((a) => a.memberId)}::uuid[], ${changed.map((a) => a.sequence)}::int[],
      ${changed.map((a) => a.available)}::bigint[], ${changed.map((a) => a.pending)}::bigint[],
      ${changed.map((a) => a.deficit)}::bigint[], ${changed.map((a) => a.earned)}::bigint[],
      ${changed.map((a) => a.spent)}::bigint[], ${changed.map((a) => a.dueAt)}::timestamptz[])
      as n(member_id, sequence, available, pending, deficit, earned, spent, due_at)
    where a.member_id = n.member_id`.execute(ctx.tx)
}

function isSame(a: Balances, b: Balances): boolean {
  return (
    a.sequence === b.sequence &&
    a.available === b.available &&
    a.pending === b.pending &&
    a.deficit === b.deficit &&
    a.earned === b.earned &&
    a.spent === b.spent &&
    a.dueAt?.getTime() === b.dueAt?.getTime()
  )
}

/** Entries and the lots that they made, in one statement. */
async function writeMade(ctx: Ctx, { entries, madeLots }: Changes): Promise<void> {
  if (entries.length === 0) return
  const writtenEntries: Columns<Entry> = {
    ...entryColumns,
    actor: ['text', () => actorName(ctx.actor)],
    created_at: ['timestamptz', () => ctx.now],
  }
  const insertEntries = insertOf('points.entries', writtenEntries, entries)
  await (madeLots.length > 0
    ? sql`with made as (${insertOf('points.lots', writtenLots, madeLots)}) ${insertEntries}`
    : insertEntries
  ).execute(ctx.tx)
}

const writtenLots: Columns<Lot> = {
  member_id: ['uuid', (lot) => lot.memberId],
  source: ['text', (lot) => lot.source],
  part: ['smallint', (lot) => lot.part],
  number: ['int', (lot) => lot.number],
  given_by: ['uuid', (lot) => lot.givenBy],
  on_top: ['boolean', (lot) => lot.onTop],
  base_minor: ['bigint', (lot) => lot.baseMinor],
  amount: ['bigint', (lot) => lot.amount],
  remaining: ['bigint', (lot) => lot.remaining],
  called_back: ['bigint', (lot) => lot.calledBack],
  lapsed: ['bigint', (lot) => lot.lapsed],
  pending: ['boolean', (lot) => lot.pending],
  available_at: ['timestamptz', (lot) => lot.availableAt],
  expires_at: ['timestamptz', (lot) => lot.expiresAt],
  priority: ['smallint', (lot) => lot.priority],
  earned_at: ['timestamptz', (lot) => lot.earnedAt],
  window_key: ['text', (lot) => lot.windowKey],
  import_id: ['uuid', (lot) => lot.importId],
}

const entryColumns: Columns<Entry> = {
  member_id: ['uuid', (entry) => entry.memberId],
  sequence: ['int', (entry) => entry.sequence],
  kind: ['text', (entry) => entry.kind],
  amount: ['bigint', (entry) => entry.amount],
  leaves: ['text', (entry) => entry.leaves],
  enters: ['text', (entry) => entry.enters],
  lot: ['int', (entry) => entry.lot],
  source: ['text', (entry) => entry.source],
  reason: ['text', (entry) => entry.reason],
  event_at: ['timestamptz', (entry) => entry.eventAt],
  explanation: ['jsonb', (entry) => entry.explanation && JSON.stringify(entry.explanation)],
}

const writtenAllocations: Columns<Allocation> = {
  member_id: ['uuid', (allocation) => allocation.memberId],
  sequence: ['int', (allocation) => allocation.sequence],
  lot: ['int', (allocation) => allocation.lot.number],
  amount: ['bigint', (allocation) => allocation.amount],
}

/** What debits drew, and lots as they are now. A lot that was made by this act is written as it ended up. */
async function writeDraws(ctx: Ctx, { allocations, changedLots, madeLots }: Changes): Promise<void> {
  if (allocations.length > 0) await insertOf('points.allocations', writtenAllocations, allocations).execute(ctx.tx)
  const made = new Set(madeLots)
  const lots = [...changedLots].filter((lot) => !made.has(lot))
  if (lots.length === 0) return
  await sql`update points.lots l set remaining = n.remaining, called_back = n.called_back, lapsed = n.lapsed, pending = n.pending
    from unnest(${lots.map((l) => l.memberId)}::uuid[], ${lots.map((l) => l.source)}::text[], ${lots.map((l) => l.part)}::smallint[],
      ${lots.map((l) => l.remaining)}::bigint[], ${lots.map((l) => l.calledBack)}::bigint[],
      ${lots.map((l) => l.lapsed)}::bigint[], ${lots.map((l) => l.pending)}::boolean[])
      as n(member_id, source, part, remaining, called_back, lapsed, pending)
    where l.member_id = n.member_id and l.source = n.source and l.part = n.part`.execute(ctx.tx)
}

/** Every entry that moves points is told. */
function eventOf(entry: Entry): NewEvent[] {
  const { kind, memberId, sequence, source, amount, leaves, enters, eventAt, cause } = entry
  if (amount === 0) return []
  const about = { memberId, at: eventAt, origin: cause?.origin ?? 'live', ...(cause && { cause }) } as const
  const moved = { sequence, source, points: amount }
  switch (kind) {
    case 'award':
      return [{ ...about, type: 'points.awarded', payload: { ...moved, pending: enters === 'MEMBER_PENDING' } }]
    case 'opening':
      return [{ ...about, type: 'points.opened', payload: moved }]
    case 'adjustment':
      return [
        { ...about, type: 'points.adjusted', payload: { ...moved, points: enters === 'ADJUSTED' ? -amount : amount } },
      ]
    case 'activation':
      return [{ ...about, type: 'points.activated', payload: moved }]
    case 'expiry':
      return [{ ...about, type: 'points.expired', payload: moved }]
    case 'spend':
      return [{ ...about, type: 'points.spent', payload: moved }]
    case 'take_back':
      return [{ ...about, type: 'points.taken_back', payload: { ...moved, owed: leaves === 'DEFICIT' ? amount : 0 } }]
    case 'write_off':
      return [
        {
          ...about,
          type: 'points.written_off',
          payload: { ...moved, points: enters === 'DEFICIT' ? -amount : amount },
        },
      ]
    case 'deficit_payment':
      return [{ ...about, type: 'points.deficit_paid', payload: moved }]
  }
}

/** The guess for awards that are likely to be just that. */
export function guessOf(
  memberId: string,
  awards: readonly { amount: number; availableAt: Date; expiresAt: Date | null }[],
  now: Date,
): Guess | null {
  const guess: Guess = { memberId, entries: 0, available: 0, pending: 0, earned: 0, dueAt: null }
  for (const { amount, availableAt, expiresAt } of awards) {
    if (expiresAt && expiresAt <= now) return null
    const pending = availableAt > now
    guess.entries++
    guess.earned += amount
    if (pending) guess.pending += amount
    else guess.available += amount
    if (amount > 0) guess.dueAt = earliest(guess.dueAt, pending ? earliest(availableAt, expiresAt) : expiresAt)
  }
  return guess
}
