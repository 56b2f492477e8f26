/**
 * Which rules give how much for what happened: decisions and arithmetic only; no database, no clock. The same functions
 * serve the reaction and, later, the simulation of a draft.
 *
 * Amounts are exact fractions until the end and are rounded once, half up.
 */
import type { Conditions, FactCondition, GroupDefinition, RuleDefinition } from './contract.ts'
import { dayAt, dayStartAfter, expiryOf } from './expiry.ts'

/** What a rule can ask about an event. */
export interface Happening {
  type: RuleDefinition['event']
  at: Date
  channel: string
  channelKind: string | null
  /** Null where there is no money in it. */
  amountMinor: number | null
  currency: string | null
  paymentMethod: string | null
}

export interface Version<D> {
  code: string
  version: number
  effectiveAt: Date
  definition: D
}

/** Every version of every rule and group. */
export interface Rulebook {
  readonly rules: ReadonlyMap<string, readonly Version<RuleDefinition>[]>
  readonly groups: ReadonlyMap<string, readonly Version<GroupDefinition>[]>
}

export interface GroupSettings {
  currency: string
  timeZone: string
}

/** When points can be spent: lots differ by this. */
export interface Terms {
  availableAt: Date
  expiresAt: Date | null
  priority: number
}

/** What a rule would have given, for the explanation; `lostTo` names the larger one of its group. */
export interface Match {
  group: string
  rule: string
  version: number
  points: number
  lostTo?: string
}

/** A share of an award with its own terms. `windowKey`: only what exceeds the window so far is given. */
export interface Share {
  points: number
  terms: Terms
  windowKey: string | null
  matches: Match[]
}

export interface Evaluation {
  shares: Share[]
  /** Why there is nothing: another currency, no rule's conditions hold, nothing was paid. */
  nothing: 'currency' | 'no_rule' | 'no_amount' | null
}

/** Null: no rule is about events of this type at that time, so there is nothing to explain either. */
export function evaluate(happening: Happening, book: Rulebook, settings: GroupSettings): Evaluation | null {
  const groups = inForce(happening, book)
  if (groups.length === 0) return null
  if (happening.currency !== null && happening.currency !== settings.currency)
    return { shares: [], nothing: 'currency' }
  if (happening.amountMinor !== null && happening.amountMinor < 0) return { shares: [], nothing: 'no_amount' }

  const shares: Share[] = []
  const added: { value: Fraction; terms: Terms; match: Match }[] = []
  for (const { group, rules } of groups) {
    const matched = rules
      .filter(({ definition }) => holds(definition.when, happening))
      .map((rule) => ({ rule, value: worthOf(rule.definition, happening) }))
    if (matched.length === 0) continue
    const won =
      group.definition.way === 'sum' ? matched : [matched.reduce((a, b) => (exceeds(b.value, a.value) ? b : a))]
    const lost = matched
      .filter((one) => !won.includes(one))
      .map(({ rule, value }) => ({ ...matchOf(rule, value), lostTo: won[0]!.rule.code }))
    if (group.definition.way === 'max' && group.definition.window === 'day') {
      const { rule, value } = won[0]!
      shares.push({
        points: rounded(value),
        terms: termsOf(rule.definition, happening.at, settings.timeZone),
        windowKey: `${group.code}/${dayAt(happening.at, settings.timeZone)}`,
        matches: [matchOf(rule, value), ...lost],
      })
      continue
    }
    for (const { rule, value } of won)
      added.push({
        value,
        terms: termsOf(rule.definition, happening.at, settings.timeZone),
        match: matchOf(rule, value),
      })
    // What lost is told where the winner is.
    for (const match of lost) added.push({ value: zero, terms: added.at(-1)!.terms, match })
  }
  shares.unshift(...sharesOf(added))
  return { shares, nothing: shares.length === 0 ? 'no_rule' : null }
}

/** Adds up what has the same terms; rounds the sum once and gives each lot what it adds to the rounded sum. */
function sharesOf(added: readonly { value: Fraction; terms: Terms; match: Match }[]): Share[] {
  const shares = new Map<string, Share & { value: Fraction }>()
  for (const { value, terms, match } of added) {
    const key = `${terms.availableAt.getTime()} ${terms.expiresAt?.getTime()} ${terms.priority}`
    const share = shares.get(key)
    if (share) {
      share.value = plus(share.value, value)
      share.matches.push(match)
    } else {
      shares.set(key, { points: 0, value, terms, windowKey: null, matches: [match] })
    }
  }
  let sum = zero
  let given = 0
  return [...shares.values()].map(({ value, ...share }) => {
    sum = plus(sum, value)
    const points = rounded(sum) - given
    given += points
    return { ...share, points }
  })
}

/** The groups that have rules about this type of event, in the versions of that time; by code, so that order is no chance. */
function inForce(
  { type, at }: Happening,
  book: Rulebook,
): { group: Version<GroupDefinition>; rules: Version<RuleDefinition>[] }[] {
  const groups = new Map<string, { group: Version<GroupDefinition>; rules: Version<RuleDefinition>[] }>()
  for (const versions of book.rules.values()) {
    const rule = versionAt(versions, at)
    if (!rule?.definition.active || rule.definition.event !== type) continue
    const known = groups.get(rule.definition.group)
    if (known) {
      known.rules.push(rule)
      continue
    }
    const group = versionAt(book.groups.get(rule.definition.group) ?? [], at)
    if (group) groups.set(group.code, { group, rules: [rule] })
  }
  const ordered = [...groups.values()].sort((a, b) => (a.group.code < b.group.code ? -1 : 1))
  for (const { rules } of ordered) rules.sort((a, b) => (a.code < b.code ? -1 : 1))
  return ordered
}

/** Of two that take effect at the same time, the later version. */
export function versionAt<D>(versions: readonly Version<D>[], at: Date): Version<D> | null {
  let best: Version<D> | null = null
  for (const version of versions) {
    if (version.effectiveAt > at) continue
    if (
      !best ||
      version.effectiveAt > best.effectiveAt ||
      (+version.effectiveAt === +best.effectiveAt && version.version > best.version)
    )
      best = version
  }
  return best
}

/** Whether some group of the book has a window longer than the event, so that other events of a person matter. */
export function hasWindows(book: Rulebook): boolean {
  return [...book.groups.values()].some((versions) => versions.some(({ definition }) => definition.window === 'day'))
}

function holds(conditions: Conditions, happening: Happening): boolean {
  return conditions.every((condition) =>
    'any' in condition ? condition.any.some((one) => isFact(one, happening)) : isFact(condition, happening),
  )
}

function isFact(condition: FactCondition, happening: Happening): boolean {
  switch (condition.fact) {
    case 'amount':
      return happening.amountMinor !== null && happening.amountMinor >= condition.atLeastMinor
    case 'channel':
      return condition.in.includes(happening.channel)
    case 'channel_kind':
      return happening.channelKind !== null && condition.in.includes(happening.channelKind)
    case 'payment_method':
      return happening.paymentMethod !== null && condition.in.includes(happening.paymentMethod)
  }
}

function worthOf({ gives }: RuleDefinition, { amountMinor }: Happening): Fraction {
  if (gives.by === 'event') return { over: BigInt(gives.points), under: 1n }
  return { over: BigInt(gives.points) * BigInt(amountMinor ?? 0), under: BigInt(gives.perMinor) }
}

function termsOf(rule: RuleDefinition, at: Date, timeZone: string): Terms {
  return {
    availableAt: rule.availableAfterDays === 0 ? at : dayStartAfter(at, rule.availableAfterDays, timeZone),
    expiresAt: expiryOf(rule.expires, at, timeZone),
    priority: rule.priority,
  }
}

const matchOf = ({ code, version, definition }: Version<RuleDefinition>, value: Fraction): Match => ({
  group: definition.group,
  rule: code,
  version,
  points: Number((value.over * 10_000n) / value.under) / 10_000,
})

interface Fraction {
  over: bigint
  under: bigint
}

const zero: Fraction = { over: 0n, under: 1n }
const plus = (a: Fraction, b: Fraction): Fraction =>
  a.under === b.under
    ? { over: a.over + b.over, under: a.under }
    : { over: a.over * b.under + b.over * a.under, under: a.under * b.under }
const exceeds = (a: Fraction, b: Fraction) => a.over * b.under > b.over * a.under
const rounded = ({ over, under }: Fraction) => Number((2n * over + under) / (2n * under))
