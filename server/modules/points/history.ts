/**
 * What became of a source (an order, a registration) since it earned, and so how much of its award is still due. Pure,
 * and a function of the facts alone: two overlapping transactions may stand in the log in either order, so facts are
 * put in the order of their ids, which rise with time, and each new one is answered by working this out again.
 */
import type { Happening } from './rules.ts'

export type FactKind = 'earned' | 'changed' | 'refunded' | 'cancelled' | 'withdrawn'

export interface Fact {
  id: string
  kind: FactKind
  /** Of an order: what it was worth, is worth now, was refunded. In the smallest unit of money. */
  amountMinor: number
  /** What it was worth before it changed. */
  beforeMinor: number
  /** Of a refund its own id, else the import that the fact came by. */
  key: string | null
  /** What rules have to know, where this fact may be the first to earn. */
  happening: Happening | null
}

/** From one earning to its withdrawal. When an undone import comes in again, another round begins. */
export interface Round {
  readonly first: Fact
  /** Every fact that belongs to it. */
  readonly ids: Set<string>
  /** The most that it was ever worth, and what is left of that after changes and refunds. */
  peakMinor: number
  netMinor: number
  /** Nothing is due any more, whatever the amounts. */
  gone: boolean
}

/** The id of an award that a verb gives by itself: it stands before all other facts and is told once for ever. */
export const byVerb = '00000000-0000-0000-0000-000000000000'

/**
 * The log and the clocks of two machines may turn a refund and its payment round by as long as a transaction lasts.
 * What is older than this when something earns is about something else: an order of old data that never earned.
 */
const overlapMilliseconds = 60_000

/** @param facts each id once, in any order */
export function roundsOf(facts: readonly Fact[]): Round[] {
  const rounds: Round[] = []
  let open: Unfolding | null = null
  let early: Fact[] = []
  for (const fact of facts.length > 1 ? [...facts].sort((a, b) => (a.id < b.id ? -1 : 1)) : facts) {
    if (open) {
      open = apply(open, fact)
    } else if (fact.kind === 'earned' || fact.happening) {
      open = begin(fact)
      rounds.push(open.round)
      for (const before of early) if (open && isAbout(before, fact)) open = apply(open, before)
      early = []
    } else {
      early.push(fact)
    }
  }
  return rounds
}

interface Unfolding {
  round: Round
  worthMinor: number
  refunds: Set<string>
}

function begin(first: Fact): Unfolding {
  const { amountMinor } = first
  const round = { first, ids: new Set([first.id]), peakMinor: amountMinor, netMinor: amountMinor, gone: false }
  return { round, worthMinor: amountMinor, refunds: new Set() }
}

/** Null: the round is over. */
function apply(unfolding: Unfolding, fact: Fact): Unfolding | null {
  const { round, refunds } = unfolding
  round.ids.add(fact.id)
  const isWorth = (amountMinor: number, beforeMinor: number) => {
    round.netMinor += amountMinor - beforeMinor
    round.peakMinor = Math.max(round.peakMinor, amountMinor)
    if (amountMinor !== 0) round.gone = false
    unfolding.worthMinor = amountMinor
  }
  switch (fact.kind) {
    case 'earned': // paid once more: what counts is what it is worth now
      isWorth(fact.amountMinor, unfolding.worthMinor)
      return unfolding
    case 'changed':
      isWorth(fact.amountMinor, fact.beforeMinor)
      return unfolding
    case 'refunded':
      if (fact.key === null || !refunds.has(fact.key)) round.netMinor -= fact.amountMinor
      if (fact.key !== null) refunds.add(fact.key)
      return unfolding
    case 'cancelled':
    case 'withdrawn':
      round.netMinor = 0
      round.gone = true
      unfolding.worthMinor = 0
      return fact.kind === 'withdrawn' ? null : unfolding
  }
}

/** Whether a fact that stands before an earning is about it. */
function isAbout(early: Fact, earned: Fact): boolean {
  // A change that brings an order to life (it was worth nothing) comes after its cancellation, not before.
  if (earned.kind === 'changed') return false
  if (early.kind === 'withdrawn' && early.key !== earned.key) return false // of another import
  return timeOf(earned.id) - timeOf(early.id) < overlapMilliseconds
}

/** Milliseconds in a UUID of version 7. */
function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** What is still due of an award that was computed on the peak. Rounded half up, so partial refunds add up to the whole. */
export function stillDue(award: number, round: Pick<Round, 'gone' | 'netMinor' | 'peakMinor'>): number {
  if (round.gone) return 0
  if (round.peakMinor <= 0) return award
  const peak = BigInt(round.peakMinor)
  const net = BigInt(Math.min(Math.max(round.netMinor, 0), round.peakMinor))
  return Number((2n * BigInt(award) * net + peak) / (2n * peak))
}
