/**
 * The arithmetic of accounts and lots; no database, no clock. Whatever moves points goes through `post`, so balances
 * are what the entries say, and through `draw`, so a debit always says which lots it drew.
 *
 * Balances, lots and entries agree after every function here: available = what is left of lots that can be spent,
 * pending = what is left of those that wait, deficit = what was taken back after it was spent.
 */
import { assert } from '#platform/errors'

export type AccountName =
  | 'ISSUED'
  | 'MEMBER_PENDING'
  | 'MEMBER_AVAILABLE'
  | 'HELD'
  | 'REDEEMED'
  | 'EXPIRED'
  | 'CLAWED_BACK'
  | 'DEFICIT'
  | 'ADJUSTED'

export type EntryKind =
  | 'award'
  | 'opening'
  | 'adjustment'
  | 'activation'
  | 'expiry'
  | 'spend'
  | 'take_back'
  | 'deficit_payment'
  | 'write_off'

export interface Lot {
  memberId: string
  source: string
  part: number
  /** Number of the entry that made it. */
  number: number
  givenBy: string
  onTop: boolean
  baseMinor: number
  amount: number
  remaining: number
  calledBack: number
  lapsed: number
  pending: boolean
  availableAt: Date
  expiresAt: Date | null
  priority: number
  earnedAt: Date
  windowKey: string | null
  importId: string | null
}

export interface Balances {
  sequence: number
  available: number
  pending: number
  deficit: number
  earned: number
  spent: number
  dueAt: Date | null
}

export interface Account extends Balances {
  readonly memberId: string
  /** The lots that this act knows of: those that it read and those that it made. */
  readonly lots: Lot[]
  /** Whether all open lots are among them. Only then may it be settled or drained. */
  allOpen: boolean
}

/** The event that an entry answers to. */
export interface Cause {
  id: string
  depth: number
  origin: 'live' | 'import' | 'replay'
}

export interface Entry {
  memberId: string
  sequence: number
  kind: EntryKind
  amount: number
  leaves: AccountName
  enters: AccountName
  lot: number | null
  source: string
  reason: string | null
  eventAt: Date
  explanation: object | null
  cause: Cause | null
}

export interface Allocation {
  memberId: string
  sequence: number
  lot: Lot
  amount: number
}

/** What one act does to the books, in order; written at its end in one go. */
export interface Changes {
  readonly entries: Entry[]
  readonly allocations: Allocation[]
  readonly madeLots: Lot[]
  readonly changedLots: Set<Lot>
}

export const noChanges = (): Changes => ({ entries: [], allocations: [], madeLots: [], changedLots: new Set() })

/** What an entry is about. */
export interface About {
  source: string
  reason?: string | null
  eventAt: Date
  explanation?: object | null
  cause?: Cause | null
}

interface Posting extends About {
  kind: EntryKind
  amount: number
  leaves: AccountName
  enters: AccountName
  lot?: number | null
}

/** One entry: points leave one account and enter another. */
export function post(changes: Changes, account: Account, posting: Posting): Entry {
  move(account, posting.leaves, -posting.amount)
  move(account, posting.enters, posting.amount)
  account.sequence++
  const entry: Entry = {
    memberId: account.memberId,
    sequence: account.sequence,
    kind: posting.kind,
    amount: posting.amount,
    leaves: posting.leaves,
    enters: posting.enters,
    lot: posting.lot ?? null,
    source: posting.source,
    reason: posting.reason ?? null,
    eventAt: posting.eventAt,
    explanation: posting.explanation ?? null,
    cause: posting.cause ?? null,
  }
  changes.entries.push(entry)
  return entry
}

function move(account: Account, name: AccountName, amount: number): void {
  switch (name) {
    case 'MEMBER_AVAILABLE':
      account.available += amount
      break
    case 'MEMBER_PENDING':
      account.pending += amount
      break
    case 'DEFICIT':
      account.deficit -= amount
      break
    case 'ISSUED':
    case 'CLAWED_BACK':
      account.earned -= amount
      break
    case 'REDEEMED':
      account.spent += amount
      break
    case 'EXPIRED':
    case 'ADJUSTED':
      break
    case 'HELD':
      throw new Error('Nothing holds points yet')
  }
  assert(account.available >= 0 && account.pending >= 0 && account.deficit >= 0, 'a balance below zero')
}

/** A debit of one account: one entry, and what it drew from each lot. */
export function draw(
  changes: Changes,
  account: Account,
  takes: readonly Take[],
  debit: About & { kind: EntryKind; leaves: AccountName; enters: AccountName; lot?: number | null },
): Entry {
  const entry = post(changes, account, { ...debit, amount: sumOf(takes) })
  for (const { lot, amount } of takes) {
    assert(lot.memberId === account.memberId && lot.remaining >= amount && amount > 0, 'a draw beyond its lot')
    lot.remaining -= amount
    changes.changedLots.add(lot)
    changes.allocations.push({ memberId: account.memberId, sequence: entry.sequence, lot, amount })
  }
  return entry
}

export interface Take {
  lot: Lot
  amount: number
}

const sumOf = (takes: readonly { amount: number }[]) => takes.reduce((sum, { amount }) => sum + amount, 0)

export interface Credit extends About {
  kind: 'award' | 'opening' | 'adjustment'
  part: number
  givenBy: string
  onTop?: boolean
  baseMinor: number
  amount: number
  availableAt: Date
  expiresAt: Date | null
  priority: number
  windowKey?: string | null
  importId?: string | null
}

/** Gives points: one entry, one lot. What can be spent at once pays a deficit first. */
export function credit(changes: Changes, account: Account, given: Credit, now: Date): Lot {
  const pending = given.availableAt > now
  const entry = post(changes, account, {
    ...given,
    leaves: given.kind === 'adjustment' ? 'ADJUSTED' : 'ISSUED',
    enters: pending ? 'MEMBER_PENDING' : 'MEMBER_AVAILABLE',
  })
  const lot: Lot = {
    memberId: account.memberId,
    source: given.source,
    part: given.part,
    number: entry.sequence,
    givenBy: given.givenBy,
    onTop: given.onTop ?? false,
    baseMinor: given.baseMinor,
    amount: given.amount,
    remaining: given.amount,
    calledBack: 0,
    lapsed: 0,
    pending,
    availableAt: given.availableAt,
    expiresAt: given.expiresAt,
    priority: given.priority,
    earnedAt: given.eventAt,
    windowKey: given.windowKey ?? null,
    importId: given.importId ?? null,
  }
  account.lots.push(lot)
  changes.madeLots.push(lot)
  if (lot.amount === 0) return lot
  if (isOver(lot, now)) {
    expire(changes, account, lot, lot.expiresAt!)
    return lot
  }
  if (!pending) payDeficit(changes, account, lot, now)
  if (lot.remaining > 0) account.dueAt = earliest(account.dueAt, dueOf(lot))
  return lot
}

/** The first credit after a deficit pays it. */
function payDeficit(changes: Changes, account: Account, lot: Lot, at: Date): void {
  const amount = Math.min(lot.remaining, account.deficit)
  if (amount === 0) return
  draw(changes, account, [{ lot, amount }], {
    kind: 'deficit_payment',
    leaves: 'MEMBER_AVAILABLE',
    enters: 'DEFICIT',
    source: lot.source,
    eventAt: at,
  })
}

/**
 * Writes what time has done: lots that became available, lots that expired. In the order of their moments, so that the
 * books come out the same however late and however often this runs. Needs all open lots of the account.
 */
export function settle(changes: Changes, account: Account, now: Date): void {
  if (account.dueAt === null || account.dueAt > now) return
  assert(account.allOpen, 'settling without all open lots')
  const moments: { at: Date; lot: Lot; what: 'activates' | 'expires' }[] = []
  for (const lot of account.lots) {
    if (lot.remaining === 0) continue
    if (lot.pending && lot.availableAt <= now) moments.push({ at: lot.availableAt, lot, what: 'activates' })
    if (isOver(lot, now)) moments.push({ at: lot.expiresAt!, lot, what: 'expires' })
  }
  moments.sort(
    (a, b) =>
      a.at.getTime() - b.at.getTime() ||
      // Half-open: what expires at this instant pays nothing any more.
      Number(a.what === 'activates') - Number(b.what === 'activates') ||
      byDraining(a.lot, b.lot),
  )
  for (const { at, lot, what } of moments) {
    if (lot.remaining === 0) continue
    if (what === 'activates') activate(changes, account, lot, at)
    else expire(changes, account, lot, at)
  }
  account.dueAt = account.lots.reduce<Date | null>(
    (due, lot) => (lot.remaining > 0 ? earliest(due, dueOf(lot)) : due),
    null,
  )
}

function activate(changes: Changes, account: Account, lot: Lot, at: Date): void {
  post(changes, account, {
    kind: 'activation',
    amount: lot.remaining,
    leaves: 'MEMBER_PENDING',
    enters: 'MEMBER_AVAILABLE',
    lot: lot.number,
    source: lot.source,
    eventAt: at,
  })
  lot.pending = false
  changes.changedLots.add(lot)
  payDeficit(changes, account, lot, at)
}

function expire(changes: Changes, account: Account, lot: Lot, at: Date): void {
  lot.lapsed = lot.remaining
  draw(changes, account, [{ lot, amount: lot.remaining }], {
    kind: 'expiry',
    leaves: lot.pending ? 'MEMBER_PENDING' : 'MEMBER_AVAILABLE',
    enters: 'EXPIRED',
    lot: lot.number,
    source: lot.source,
    eventAt: at,
  })
}

/** What the accounts of one person can spend: a deficit in one counts against the others. */
export function spendable(accounts: readonly Pick<Balances, 'available' | 'deficit'>[]): number {
  return accounts.reduce((sum, { available, deficit }) => sum + available - deficit, 0)
}

/**
 * Takes points from settled accounts of one person in draining order: one debit in each account that is drained. The
 * caller has seen to it that there are enough, and `eventAt` is now.
 */
export function drain(
  changes: Changes,
  accounts: readonly Account[],
  amount: number,
  debit: About & { kind: 'spend' | 'adjustment'; enters: 'REDEEMED' | 'ADJUSTED' },
): Entry[] {
  payDeficitsAcross(changes, accounts, debit.eventAt)
  const { takes, short } = pick(openLots(accounts), amount)
  assert(short === 0, 'more drained than there is')
  return debitEach(changes, accounts, takes, { ...debit, leaves: 'MEMBER_AVAILABLE' })
}

/** A deficit in one home of a person is paid from another: the points are clawed back there instead. */
function payDeficitsAcross(changes: Changes, accounts: readonly Account[], at: Date): void {
  for (const owing of accounts) {
    if (owing.deficit === 0) continue
    const { takes } = pick(openLots(accounts), owing.deficit)
    if (takes.length === 0) continue
    const about = { kind: 'deficit_payment' as const, source: `deficit:${owing.memberId}`, eventAt: at }
    debitEach(changes, accounts, takes, { ...about, leaves: 'MEMBER_AVAILABLE', enters: 'CLAWED_BACK' })
    post(changes, owing, { ...about, amount: sumOf(takes), leaves: 'CLAWED_BACK', enters: 'DEFICIT' })
  }
}

export type RefundPolicy = 'only_pending' | 'within_balance' | 'negative'

export interface TakenBack {
  /** Called back from the award. */
  called: number
  /** Of that: taken from lots, set against what had expired of the award, owed from now on, let go by the policy. */
  taken: number
  lapsed: number
  owed: number
  letGo: number
}

/**
 * Takes back what refunds call from an award: first what is pending of it, then the award's own lots, then others of
 * the person in draining order, then by policy. What has expired of the award itself was of no use to anybody and is
 * not taken a second time. Needs settled accounts with all open lots.
 */
export function takeBack(
  changes: Changes,
  accounts: readonly Account[],
  calls: readonly Take[],
  policy: RefundPolicy,
  about: About,
  now: Date,
): TakenBack {
  payDeficitsAcross(changes, accounts, now)
  const called = sumOf(calls)
  const own = calls.map(({ lot }) => lot)
  for (const { lot, amount } of calls) {
    lot.calledBack += amount
    changes.changedLots.add(lot)
  }
  let left = called
  const takes: Take[] = []
  const take = (lots: readonly Lot[]) => {
    const picked = pick(lots, left)
    takes.push(...picked.takes)
    left = picked.short
  }
  take(own.filter((lot) => lot.pending && lot.remaining > 0).sort(byDraining))
  if (policy !== 'only_pending') take(own.filter((lot) => !lot.pending && lot.remaining > 0).sort(byDraining))
  let lapsed = 0
  for (const lot of own) {
    const amount = Math.min(left, lot.lapsed)
    if (amount === 0) continue
    lot.lapsed -= amount
    lapsed += amount
    left -= amount
  }
  if (policy !== 'only_pending') take(openLots(accounts).filter((lot) => !own.includes(lot)))
  const owed = policy === 'negative' ? left : 0
  const result = { called, taken: sumOf(takes), lapsed, owed, letGo: left - owed }
  const entry = { ...about, kind: 'take_back' as const, explanation: { ...about.explanation, ...result } }
  const pending = takes.filter(({ lot }) => lot.pending)
  const available = takes.filter(({ lot }) => !lot.pending)
  debitEach(changes, accounts, pending, { ...entry, leaves: 'MEMBER_PENDING', enters: 'CLAWED_BACK' })
  debitEach(changes, accounts, available, { ...entry, leaves: 'MEMBER_AVAILABLE', enters: 'CLAWED_BACK' })
  // The debt, and a take-back that found nothing to take, stand with the home whose award it is.
  const home = accounts.find(({ memberId }) => memberId === own[0]!.memberId)
  assert(home, 'a take-back without the account of its award')
  if (owed > 0 || takes.length === 0)
    post(changes, home, { ...entry, amount: owed, leaves: 'DEFICIT', enters: 'CLAWED_BACK' })
  return result
}

/** One debit in each account whose lots are drawn, accounts in their order. */
function debitEach(
  changes: Changes,
  accounts: readonly Account[],
  takes: readonly Take[],
  debit: About & { kind: EntryKind; leaves: AccountName; enters: AccountName },
): Entry[] {
  return accounts.flatMap((account) => {
    const own = takes.filter(({ lot }) => lot.memberId === account.memberId)
    return own.length > 0 ? [draw(changes, account, own, debit)] : []
  })
}

/** Lots that can be spent, in draining order. Accounts are settled, so none of them has expired. */
function openLots(accounts: readonly Account[]): Lot[] {
  assert(
    accounts.every(({ allOpen }) => allOpen),
    'draining without all open lots',
  )
  return accounts.flatMap(({ lots }) => lots.filter((lot) => lot.remaining > 0 && !lot.pending)).sort(byDraining)
}

function pick(lots: readonly Lot[], amount: number): { takes: Take[]; short: number } {
  const takes: Take[] = []
  let short = amount
  for (const lot of lots) {
    if (short === 0) break
    const taken = Math.min(lot.remaining, short)
    if (taken > 0) takes.push({ lot, amount: taken })
    short -= taken
  }
  return { takes, short }
}

/** Priority, what expires first ("never" last), what was earned first, then whatever makes the order the same each time. */
export function byDraining(a: Lot, b: Lot): number {
  return (
    a.priority - b.priority ||
    endOf(a) - endOf(b) ||
    a.earnedAt.getTime() - b.earnedAt.getTime() ||
    (a.memberId < b.memberId ? -1 : a.memberId > b.memberId ? 1 : a.number - b.number)
  )
}

// A number that sorts after every date; Infinity would make the difference of two of them NaN.
const never = Number.MAX_SAFE_INTEGER
const endOf = (lot: Lot) => lot.expiresAt?.getTime() ?? never
const isOver = (lot: Lot, now: Date) => lot.expiresAt !== null && lot.expiresAt <= now

/** The next moment at which time does something to a lot. */
function dueOf(lot: Lot): Date | null {
  return lot.pending ? earliest(lot.availableAt, lot.expiresAt) : lot.expiresAt
}

export function earliest(a: Date | null, b: Date | null): Date | null {
  if (a === null) return b
  return b === null || a <= b ? a : b
}
