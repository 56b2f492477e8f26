/**
 * What is told about sources: that an order was paid, changed, refunded; that a verb gives points for something. From
 * all that is known of a source follows how much of its award is due (`history.ts`); the difference to what its lots
 * still stand for is given or called back. So every fact acts once, and in whichever order facts come the same books
 * come out.
 */
import { homesOfAll } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { type GroupSettings, readSettings } from '#platform/settings'
import type { Lot } from './accounts.ts'
import { type Guess, guessOf, openBooks, settleAll, write } from './books.ts'
import { sourceReused } from './errors.ts'
import { explanationOf, happeningOf } from './explanation.ts'
import { type Round, roundsOf, stillDue } from './history.ts'
import { readRulebook } from './rulebook.ts'
import {
  type Evaluation,
  evaluate,
  type Happening,
  hasWindows,
  type Rulebook,
  type Share,
  type Terms,
} from './rules.ts'
import {
  callBack,
  factsOf,
  give,
  keptOf,
  keyOf,
  loadSources,
  type Source,
  type Told,
  type Work,
  withoutStrangers,
  writeFacts,
} from './sources.ts'
import { loadWindows, lowerWindow, raiseWindow, type WindowValue, writeWindows } from './windows.ts'

/** Acts on what is told, in its order; one set of statements however much it is. Gives back what is known afterwards. */
export async function tell(
  ctx: Ctx,
  told: readonly Told[],
  channelKinds: ReadonlyMap<string, string> = new Map(),
): Promise<Work> {
  const settings = await readSettings(ctx)
  const book = await readRulebook(ctx)
  const evaluations = new Map(told.map((one) => [one, evaluationOf(one, book, settings)]))
  // Where no rule is about an event at all, it leaves no trace; what is told about it later finds nothing.
  const earning = told.filter((one) => one.fact.kind !== 'earned' || evaluations.get(one))
  const heard = (await withoutStrangers(ctx, earning)).map((one) => inCurrency(one, settings.currency))

  const windowed = hasWindows(book)
  const wide = heard.filter((one) => windowed || one.fact.kind !== 'earned')
  const homes = await homesOfAll(
    ctx,
    wide.map(({ memberId }) => memberId),
  )
  const members = heard.flatMap(({ memberId }) => homes.get(memberId) ?? [memberId])
  const books = await openBooks(ctx, members, guessesOf(heard, homes, evaluations, ctx.now))
  const sources = await loadSources(ctx, books, heard)
  const work: Work = { ctx, books, book, settings, channelKinds, sources, windows: [], homes, newFacts: [] }
  if (windowed) await loadWindows(work, heard, evaluations)

  const due = [...books.accounts.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= ctx.now)
  const times = Map.groupBy(heard, keyOf)
  const known = heard.filter(
    (one) => one.fact.kind !== 'earned' || !isFresh(sources.get(keyOf(one))!) || times.get(keyOf(one))!.length > 1,
  )
  await settleAll(ctx, books, [
    ...due.map(({ memberId }) => memberId),
    ...known.flatMap(({ memberId }) => homes.get(memberId) ?? [memberId]),
  ])
  for (const one of heard) hear(work, one, evaluations.get(one) ?? null)
  await writeFacts(work)
  if (windowed) await writeWindows(work)
  await write(ctx, books)
  return work
}

const isFresh = ({ lots, facts }: Source) => lots.length === 0 && facts.length === 0

/** What an order is worth in another currency is worth nothing here, until rates say otherwise. */
function inCurrency(told: Told, currency: string): Told {
  if (told.fact.kind !== 'changed' || !told.currency || told.currency === currency) return told
  return { ...told, fact: { ...told.fact, amountMinor: 0, happening: null } }
}

function evaluationOf({ fact, gift }: Told, book: Rulebook, settings: GroupSettings): Evaluation | null {
  if (gift) return { shares: [{ ...gift, windowKey: null, matches: [] }], nothing: null }
  return fact.happening && evaluate(fact.happening, book, settings)
}

/** Members for whom there is nothing but awards to write, as far as can be seen before the lock. */
function guessesOf(
  heard: readonly Told[],
  homes: ReadonlyMap<string, string[]>,
  evaluations: ReadonlyMap<Told, Evaluation | null>,
  now: Date,
) {
  const guesses = new Map<string, Guess>()
  for (const [memberId, own] of Map.groupBy(heard, ({ memberId }) => memberId)) {
    const plain = own.every(({ fact, gift }) => fact.kind === 'earned' && gift?.kind !== 'adjustment')
    if (!plain || homes.has(memberId)) continue
    const given = own.flatMap((one) => {
      const shares = evaluations.get(one)?.shares ?? []
      const nothing: Pick<Terms, 'availableAt' | 'expiresAt'> = { availableAt: one.at, expiresAt: null }
      return shares.length > 0
        ? shares.map(({ points, terms }) => ({ amount: points, ...terms }))
        : [{ amount: 0, ...nothing }]
    })
    const guess = guessOf(memberId, given, now)
    if (guess) guesses.set(memberId, guess)
  }
  return guesses
}

/** One fact: what it changes about what is due of its source. */
function hear(work: Work, told: Told, evaluation: Evaluation | null): void {
  const source = work.sources.get(keyOf(told))!
  const facts = factsOf(source)
  if (told.fact.kind === 'refunded' && facts.some(({ kind, key }) => kind === 'refunded' && key === told.fact.key))
    return
  if (facts.some(({ id }) => id === told.fact.id)) {
    const given = source.lots.find(({ givenBy }) => givenBy === told.fact.id)
    if (told.gift && given!.amount !== told.gift.points)
      throw sourceReused(told.source, given!.amount, told.gift.points)
    return // told before
  }
  if (told.gift && source.lots.length > 0) throw sourceReused(told.source, keptOf(source.lots), told.gift.points)
  const rounds = roundsOf([...facts, told.fact])
  for (const round of rounds) settleRound(work, told, source, round, evaluation)
  settleStrays(work, told, source, rounds)
  // The usual case: a source earned, nothing else is known of it, and its lots say all that there is to say.
  const isPlain = told.fact.kind === 'earned' && facts.length === 0
  if (isPlain && source.lots.some(({ givenBy }) => givenBy === told.fact.id)) return
  source.facts.push(told.fact)
  work.newFacts.push({ source, fact: told.fact })
}

/** Brings what is kept of one round's award to what is due of it. */
function settleRound(work: Work, told: Told, source: Source, round: Round, evaluation: Evaluation | null): void {
  const { first } = round
  const isAward = ({ givenBy, onTop }: Lot) => givenBy === first.id && !onTop
  if (!source.lots.some(isAward)) {
    const worth =
      first.id === told.fact.id ? evaluation : first.happening && evaluate(first.happening, work.book, work.settings)
    if (!worth) return
    award(work, told, source, round, worth)
  }
  const lots = source.lots.filter(({ givenBy }) => round.ids.has(givenBy))
  const begun = lots.find(isAward)!
  // Worth more than it was when it earned: the rules of that time say what it would have earned then.
  const again = round.peakMinor > begun.baseMinor ? evaluatedAgain(work, source, round, begun) : null

  const plain = lots.filter(({ windowKey }) => windowKey === null)
  const recorded = sumOf(plain.filter(isAward))
  const shares = (again?.evaluation?.shares ?? []).filter(({ windowKey }) => windowKey === null)
  const due = stillDue(Math.max(recorded, sumOfShares(shares)), round)
  const kept = keptOf(plain)
  if (due > kept) {
    const largest = shares.reduce<Share | null>((a, b) => (a && a.points >= b.points ? a : b), null)
    const terms = largest?.terms ?? plain.find(({ amount }) => amount > 0) ?? begun
    const why = explanationOf(again?.happening ?? null, shares, null)
    const changed = { fromMinor: begun.baseMinor, toMinor: Math.max(round.netMinor, 0) }
    give(work, told, source, round, {
      points: due - kept,
      terms,
      windowKey: null,
      explanation: { ...why, changed },
      onTop: true,
    })
  } else if (due < kept) {
    callBack(work, told, source, plain, kept - due)
  }
  for (const value of work.windows) {
    if (value.givenBy !== first.id || keyOf(value) !== keyOf(source)) continue
    const share = again?.evaluation?.shares.find(({ windowKey }) => windowKey === value.windowKey) ?? null
    const before = value.points
    value.points = stillDue(Math.max(value.fullPoints, share?.points ?? 0), round)
    if (value.points > before) raiseWindow(work, told, source, round, value, { share, onTop: true })
    if (value.points < before) lowerWindow(work, told, source, value)
  }
}

/** What was given by facts that turned out to give nothing: one that was told late, of before them, ended or began it all. */
function settleStrays(work: Work, told: Told, source: Source, rounds: readonly Round[]): void {
  const strays = source.lots.filter(
    ({ givenBy, windowKey }) => windowKey === null && !rounds.some(({ ids }) => ids.has(givenBy)),
  )
  const kept = keptOf(strays)
  if (kept > 0) callBack(work, told, source, strays, kept)
  for (const value of work.windows) {
    if (keyOf(value) !== keyOf(source) || rounds.some(({ first }) => first.id === value.givenBy)) continue
    if (value.points === 0) continue
    value.points = 0
    lowerWindow(work, told, source, value)
  }
}

/** What a fact earns for the first time: a lot for each share; where there is none, one of 0 that says why. */
function award(work: Work, told: Told, source: Source, round: Round, { shares, nothing }: Evaluation): void {
  const happening = round.first.happening
  let lots = 0
  for (const share of shares) {
    if (share.windowKey !== null) {
      const value: WindowValue = {
        memberId: source.memberId,
        source: source.source,
        givenBy: round.first.id,
        windowKey: share.windowKey,
        fullPoints: share.points,
        points: share.points,
        changed: true,
      }
      work.windows.push(value)
      if (raiseWindow(work, told, source, round, value, { share, onTop: false })) lots++
      continue
    }
    const explanation = told.gift ? null : explanationOf(happening, [share], null)
    give(work, told, source, round, { points: share.points, terms: share.terms, windowKey: null, explanation })
    lots++
  }
  if (lots > 0) return
  const terms: Terms = { availableAt: told.at, expiresAt: null, priority: 50 }
  const covered = shares.find(({ windowKey }) => windowKey !== null)
  const why = {
    ...explanationOf(happening, shares, nothing),
    ...(covered && { window: { key: covered.windowKey, given: sumOfShares(shares) } }),
  }
  give(work, told, source, round, { points: 0, terms, windowKey: null, explanation: why })
}

const sumOf = (lots: readonly Lot[]) => lots.reduce((sum, { amount }) => sum + amount, 0)
const sumOfShares = (shares: readonly Share[]) => shares.reduce((sum, { points }) => sum + points, 0)

/** What the award would be for the most that its source was ever worth, by the versions in force when it earned. */
function evaluatedAgain(
  work: Work,
  source: Source,
  round: Round,
  begun: Lot,
): { happening: Happening; evaluation: Evaluation | null } | null {
  const then = happeningAt(work, source, begun) ?? round.first.happening
  if (!then) return null
  const happening = { ...then, amountMinor: round.peakMinor }
  return { happening, evaluation: evaluate(happening, work.book, work.settings) }
}

function happeningAt(work: Work, source: Source, lot: Lot): Happening | null {
  const known = happeningOf(source.explanations.get(lot.number) ?? null, lot.earnedAt)
  return known && { ...known, channelKind: work.channelKinds.get(known.channel) ?? null }
}
