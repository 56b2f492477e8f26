/**
 * Why an entry is what it is: what is kept with it, and the lines that a page shows. A line with `points` counts towards
 * the entry's amount; one without is told beside it (a rule that lost to a larger one).
 */
import type { EntryKind, TakenBack } from './accounts.ts'
import type { FactKind } from './history.ts'
import type { Evaluation, Happening, Match, Share } from './rules.ts'

/** Kept with an award. Short, because every award writes one. */
export interface AwardExplanation {
  channel?: string
  amountMinor?: number
  currency?: string
  paymentMethod?: string
  rules?: Match[]
  nothing?: NonNullable<Evaluation['nothing']>
  /** Largest-only over a day: what the day had brought before. */
  window?: { key: string; given: number }
  /** The order changed: what it was worth when it earned, and is worth now. */
  changed?: { fromMinor: number; toMinor: number }
}

/** Kept with a take-back. */
export interface TakeBackExplanation extends TakenBack {
  why: FactKind
  /** What was refunded, or by how much the order became less. */
  amountMinor?: number
  currency?: string
  /** The source that was refunded, where the points had been given for another (largest-only over a day). */
  because?: string
}

export interface Line {
  code: string
  params: Record<string, unknown>
}

export function explanationOf(
  happening: Happening | null,
  shares: readonly Share[],
  nothing: Evaluation['nothing'],
): AwardExplanation {
  const rules = shares.flatMap(({ matches }) => matches)
  return {
    ...(happening && { channel: happening.channel }),
    ...(happening && happening.amountMinor !== null && { amountMinor: happening.amountMinor }),
    ...(happening?.currency && { currency: happening.currency }),
    ...(happening?.paymentMethod && { paymentMethod: happening.paymentMethod }),
    ...(rules.length > 0 && { rules }),
    ...(nothing && { nothing }),
  }
}

/** What the rules were asked about when the award was given; null for what no rule gave. */
export function happeningOf(explanation: AwardExplanation | null, at: Date): Omit<Happening, 'channelKind'> | null {
  if (!explanation?.channel) return null
  const { channel, amountMinor = null, currency = null, paymentMethod = null } = explanation
  return {
    type: amountMinor === null ? 'member.registered' : 'order.paid',
    at,
    channel,
    amountMinor,
    currency,
    paymentMethod,
  }
}

/** The lines of one entry. Rules are named as they are called now. */
export function linesOf(
  {
    kind,
    amount,
    explanation,
  }: { kind: EntryKind; amount: number; explanation: AwardExplanation | TakeBackExplanation | null },
  names: ReadonlyMap<string, string>,
): Line[] {
  if (!explanation) return []
  return kind === 'take_back'
    ? takeBackLines(amount, explanation as TakeBackExplanation)
    : awardLines(amount, explanation as AwardExplanation, names)
}

function awardLines(amount: number, explanation: AwardExplanation, names: ReadonlyMap<string, string>): Line[] {
  const { rules = [], nothing, window, changed, amountMinor, currency } = explanation
  const nameOf = (rule: string) => names.get(rule) ?? rule
  const lines: Line[] = []
  for (const { rule, version, points, lostTo } of rules) {
    const about = { rule: nameOf(rule), code: rule, version, amountMinor, currency }
    lines.push(
      lostTo === undefined
        ? { code: 'rule', params: { ...about, points } }
        : { code: 'rule_lost', params: { ...about, wouldGive: points, lostTo: nameOf(lostTo) } },
    )
  }
  if (window && window.given > 0)
    lines.push({ code: 'window_given', params: { window: window.key, points: -window.given } })
  if (changed) lines.push({ code: 'changed', params: { ...changed, currency } })
  if (nothing) lines.push({ code: `nothing_${nothing}`, params: { amountMinor, currency } })
  const sum =
    rules.reduce((all, { points, lostTo }) => (lostTo === undefined ? all + points : all), 0) - (window?.given ?? 0)
  const rest = Math.round((amount - sum) * 10_000) / 10_000
  if (rest !== 0 && rules.length > 0)
    lines.push({ code: changed ? 'given_before' : 'rounded', params: { points: rest } })
  return lines
}

function takeBackLines(
  amount: number,
  { called, lapsed, letGo, why, amountMinor, currency, because }: TakeBackExplanation,
): Line[] {
  const lines: Line[] = [{ code: 'called_back', params: { points: -called, why, amountMinor, currency, because } }]
  if (lapsed > 0) lines.push({ code: 'lapsed', params: { points: lapsed } })
  if (letGo > 0) lines.push({ code: 'let_go', params: { points: letGo } })
  const elsewhere = called - lapsed - letGo - amount
  if (elsewhere > 0) lines.push({ code: 'in_other_entries', params: { points: elsewhere } })
  return lines
}
