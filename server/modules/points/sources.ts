/**
 * What is told about sources: that an order was paid, changed, refunded; that a verb gives points for something. From
 * all that is known of a source follows how much of its award is due (`history.ts`); the difference to what its lots
 * still stand for is given or called back. So every fact acts once, and in whichever order facts come the same books
 * come out.
 */
import { sql } from 'kysely'
import { homesOfAll } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { type GroupSettings, readSettings } from '#platform/settings'
import { type Account, type Cause, type Credit, credit, type Lot, type Take, takeBack } from './accounts.ts'
import { type Books, guessOf, know, lotColumns, openBooks, settleAll, write } from './books.ts'
import { sourceReused } from './errors.ts'
import { type AwardExplanation, explanationOf, happeningOf } from './explanation.ts'
import { byVerb, type Fact, type Round, roundsOf, stillDue } from './history.ts'
import { type Evaluation, evaluate, hasWindows, type Rulebook, type Terms } from './rules.ts'
import { readRulebook } from './rulebook.ts'
import { loadWindows, settleWindow, type WindowValue, writeWindows } from './windows.ts'

export interface Told {
  memberId: string
  source: string
  fact: Fact
  at: Date
  cause: Cause | null
  importId: string | null
  /** A verb gives exactly this; else rules say what the fact is worth. */
  gift?: Gift
}

export interface Gift {
  kind: Credit['kind']
  points: number
  terms: Terms
  reason: string | null
}

/** All that is known of one source. */
export interface Source {
  memberId: string
  source: string
  lots: Lot[]
  /** Facts that are kept as rows; an award alone is kept by its lots. */
  facts: Fact[]
  /** Of the awards, by number of the lot. */
  explanations: Map<number, AwardExplanation | null>
}

export interface Work {
  ctx: Ctx
  books: Books
  book: Rulebook
  settings: GroupSettings
  sources: Map<string, Source>
  windows: WindowValue[]
  /** All homes of a person, by each of those that had to be looked up. */
  homes: Map<string, string[]>
  newFacts: { source: Source; fact: Fact }[]
}

/** Acts on what is told, in its order; one set of statements however much it is. Gives back what is known afterwards. */
export async function tell(ctx: Ctx, told: readonly Told[]): Promise<Work> {
  const settings = await readSettings(ctx)
  const book = await readRulebook(ctx)
  const evaluations = new Map(told.map((one) => [one, evaluationOf(one, book, settings)]))
  // Where no rule is about an event at all, it leaves no trace; what is told about it later finds nothing.
  const heard = told.filter((one) => one.fact.kind !== 'earned' || evaluations.get(one))

  const windowed = hasWindows(book)
  const wide = heard.filter((one) => windowed || one.fact.kind !== 'earned')
  const homes = await homesOfAll(
    ctx,
    wide.map(({ memberId }) => memberId),
  )
  const members = heard.flatMap(({ memberId }) => homes.get(memberId) ?? [memberId])
  const books = await openBooks(ctx, members, guessesOf(heard, homes, evaluations, ctx.now))
  const sources = await loadSources(ctx, books, heard)
  const work: Work = { ctx, books, book, settings, sources, windows: [], homes, newFacts: [] }
  if (windowed) await loadWindows(work, heard, evaluations)

  const due = [...books.accounts.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= ctx.now)
  const known = heard.filter((one) => homes.has(one.memberId) || !isFresh(sources.get(keyOf(one))!))
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

export const keyOf = ({ memberId, source }: { memberId: string; source: string }) => `${memberId} ${source}`
const isFresh = ({ lots, facts }: Source) => lots.length === 0 && facts.length === 0

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
  const awards = Map.groupBy(heard, ({ memberId }) => memberId)
  const guesses = new Map()
  for (const [memberId, own] of awards) {
    if (homes.has(memberId)) continue
    const given = own.flatMap((one) => {
      const { shares } = evaluations.get(one)!
      return shares.length > 0
        ? shares.map(({ points, terms }) => ({ amount: points, ...terms }))
        : [{ amount: 0, availableAt: one.at, expiresAt: null }]
    })
    const guess = own.some(({ gift }) => gift?.kind === 'adjustment') ? null : guessOf(memberId, given, now)
    if (guess) guesses.set(memberId, guess)
  }
  return guesses
}

async function loadSources(ctx: Ctx, books: Books, told: readonly { memberId: string; source: string }[]): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>()
  for (const { memberId, source } of told) {
    const key = keyOf({ memberId, source })
    if (!sources.has(key)) sources.set(key, { memberId, source, lots: [], facts: [], explanations: new Map() })
  }
  await readSources(ctx, books, sources, [...sources.values()])
  return sources
}

/** Reads lots and facts of the sources. */
export async function readSources(
  ctx: Ctx,
  books: Books,
  sources: ReadonlyMap<string, Source>,
  wanted: readonly Source[],
): Promise<void> {
  if (wanted.length === 0) return
  const members = wanted.map(({ memberId }) => memberId)
  const names = wanted.map(({ source }) => source)
  const { rows: lots } = await sql<Lot & { explanation: AwardExplanation | null }>`
    select l.*, e.explanation from (
      select ${lotColumns} from points.lots
      where (member_id, source) in (select * from unnest(${members}::uuid[], ${names}::text[]))) l
    join points.entries e on e.member_id = l."memberId" and e.sequence = l.number
    order by l.part`.execute(ctx.tx)
  for (const { explanation, ...row } of lots) {
    const source = sources.get(keyOf(row))!
    source.lots.push(know(books, row))
    source.explanations.set(row.number, explanation)
  }
  const { rows: facts } = await sql<Fact & { memberId: string; source: string }>`
    select member_id as "memberId", source, id, kind, amount_minor as "amountMinor", before_minor as "beforeMinor", key, happening
    from points.source_facts
    where (member_id, source) in (select * from unnest(${members}::uuid[], ${names}::text[]))`.execute(ctx.tx)
  for (const { memberId, source, ...fact } of facts) {
    const happening = fact.happening && { ...fact.happening, at: new Date(fact.happening.at) }
    sources.get(keyOf({ memberId, source }))!.facts.push({ ...fact, happening })
  }
}

/** One fact: what it changes about what is due of its source. */
function hear(work: Work, told: Told, evaluation: Evaluation | null): void {
  const source = work.sources.get(keyOf(told))!
  const facts = factsOf(source)
  if (facts.some(({ id }) => id === told.fact.id)) {
    const given = source.lots.find(({ givenBy }) => givenBy === told.fact.id)
    if (told.gift && given!.amount !== told.gift.points) throw sourceReused(told.source, given!.amount, told.gift.points)
    return // told before
  }
  for (const round of roundsOf([...facts, told.fact])) settleRound(work, told, source, round, evaluation)
  const keptByItsLots = source.facts.length === 0 && source.lots.some(({ givenBy }) => givenBy === told.fact.id)
  if (keptByItsLots && facts.length === 0) return
  source.facts.push(told.fact)
  work.newFacts.push({ source, fact: told.fact })
}

/** Rows, and the awards that only lots tell of. */
function factsOf({ lots, facts }: Source): Fact[] {
  const all = new Map(facts.map((fact) => [fact.id, fact]))
  for (const { givenBy, baseMinor, importId } of lots) {
    if (all.has(givenBy)) continue
    all.set(givenBy, { id: givenBy, kind: 'earned', amountMinor: baseMinor, beforeMinor: 0, key: importId, happening: null })
  }
  return [...all.values()]
}

function settleRound(work: Work, told: Told, source: Source, round: Round, evaluation: Evaluation | null): void {
  const { first } = round
  const isNew = !source.lots.some(({ givenBy }) => round.ids.has(givenBy))
  const worth = first.id === told.fact.id ? evaluation : null
  if (isNew) {
    const given = worth ?? (first.happening && evaluate(first.happening, work.book, work.settings))
    if (!given) return
    award(work, told, source, round, given)
  }
  const lots = source.lots.filter(({ givenBy }) => round.ids.has(givenBy))
  const before = lots[0]!
  const base = before.baseMinor
  const atPeak = round.peakMinor > base ? evaluatedAgain(work, source, round, before) : null

  const plain = lots.filter(({ windowKey }) => windowKey === null)
  const recorded = sumOf(plain.filter(({ givenBy }) => givenBy === before.givenBy))
  const shares = atPeak?.shares.filter(({ windowKey }) => windowKey === null) ?? []
  const due = stillDue(Math.max(recorded, shares.reduce((sum, { points }) => sum + points, 0)), round)
  const kept = keptOf(plain)
  if (due > kept) {
    const terms = shares.sort((a, b) => b.points - a.points)[0]?.terms ?? (plain.find(({ amount }) => amount > 0) ?? before)
    const why = { ...explanationOf(atPeak ? { ...happeningAt(source, before)!, amountMinor: round.peakMinor } : null, shares, atPeak?.nothing ?? null), changed: { fromMinor: base, toMinor: round.peakMinor } }
    give(work, told, source, round, { points: due - kept, terms, windowKey: null, explanation: why })
  } else if (due < kept) {
    callBack(work, told, source, plain, kept - due)
  }
  for (const value of work.windows.filter((one) => one.givenBy === first.id && keyOf(one) === keyOf(source))) {
    const share = atPeak?.shares.find(({ windowKey }) => windowKey === value.windowKey)
    value.points = stillDue(Math.max(value.fullPoints, share?.points ?? 0), round)
    settleWindow(work, told, source, round, value, share ?? null)
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
      if (settleWindow(work, told, source, round, value, share)) lots++
      continue
    }
    const explanation = told.gift ? null : explanationOf(happening, [share], null)
    give(work, told, source, round, { points: share.points, terms: share.terms, windowKey: null, explanation })
    lots++
  }
  if (lots > 0) return
  const terms: Terms = { availableAt: told.at, expiresAt: null, priority: 50 }
  give(work, told, source, round, { points: 0, terms, windowKey: null, explanation: explanationOf(happening, shares, nothing) })
}

export function give(
  work: Work,
  told: Told,
  source: Source,
  round: Round,
  { points, terms, windowKey, explanation }: { points: number; terms: Terms; windowKey: string | null; explanation: object | null },
): void {
  const account = work.books.accounts.get(source.memberId)!
  const began = round.first.id !== told.fact.id && source.lots.some(({ givenBy }) => round.ids.has(givenBy))
  const lot = credit(
    work.books.changes,
    account,
    {
      kind: told.gift?.kind ?? 'award',
      source: source.source,
      reason: told.gift?.reason ?? null,
      part: source.lots.length + 1,
      // What comes on top of an award is given by the fact that brought it; an award by the fact that it is for.
      givenBy: began && round.ids.has(told.fact.id) ? told.fact.id : round.first.id,
      baseMinor: began ? round.peakMinor : round.first.amountMinor,
      amount: points,
      availableAt: terms.availableAt,
      expiresAt: terms.expiresAt,
      priority: terms.priority,
      windowKey,
      importId: told.importId,
      eventAt: round.first.happening?.at ?? told.at,
      explanation,
      cause: told.cause,
    },
    work.ctx.now,
  )
  source.lots.push(lot)
}

/** Calls points back from lots of one award: those that can still be taken first. */
export function callBack(work: Work, told: Told, source: Source, lots: readonly Lot[], amount: number): void {
  const ease = (lot: Lot) => (lot.remaining === 0 ? 2 : lot.pending ? 0 : 1)
  const calls: Take[] = []
  let left = amount
  for (const lot of [...lots].sort((a, b) => ease(a) - ease(b) || a.part - b.part)) {
    const called = Math.min(lot.amount - lot.calledBack, left)
    if (called > 0) calls.push({ lot, amount: called })
    left -= called
  }
  const accounts = (work.homes.get(told.memberId) ?? [told.memberId]).map((home) => work.books.accounts.get(home)!)
  for (const [from, own] of Map.groupBy(calls, ({ lot }) => lot.source)) {
    const because = { why: told.fact.kind, amountMinor: told.fact.amountMinor, ...(from !== source.source && { because: source.source }) }
    takeBack(
      work.books.changes,
      accounts,
      own,
      work.settings.refundPolicy,
      { source: from, eventAt: told.at, explanation: because, cause: told.cause },
      work.ctx.now,
    )
  }
}

export const keptOf = (lots: readonly Lot[]) => lots.reduce((sum, { amount, calledBack }) => sum + amount - calledBack, 0)
const sumOf = (lots: readonly Lot[]) => lots.reduce((sum, { amount }) => sum + amount, 0)

/** What the award would be for the most that its source was ever worth, by the versions in force when it earned. */
function evaluatedAgain(work: Work, source: Source, round: Round, before: Lot): Evaluation | null {
  const happening = happeningAt(source, before) ?? round.first.happening
  return happening && evaluate({ ...happening, amountMinor: round.peakMinor }, work.book, work.settings)
}

function happeningAt(source: Source, lot: Lot) {
  return happeningOf(source.explanations.get(lot.number) ?? null, lot.earnedAt)
}

async function writeFacts({ ctx, newFacts }: Work): Promise<void> {
  if (newFacts.length === 0) return
  await sql`insert into points.source_facts (member_id, source, id, kind, amount_minor, before_minor, key, happening)
    select * from unnest(${newFacts.map(({ source }) => source.memberId)}::uuid[], ${newFacts.map(({ source }) => source.source)}::text[],
      ${newFacts.map(({ fact }) => fact.id)}::uuid[], ${newFacts.map(({ fact }) => fact.kind)}::text[],
      ${newFacts.map(({ fact }) => fact.amountMinor)}::bigint[], ${newFacts.map(({ fact }) => fact.beforeMinor)}::bigint[],
      ${newFacts.map(({ fact }) => fact.key)}::text[],
      ${newFacts.map(({ fact }) => (fact.happening ? JSON.stringify(fact.happening) : null))}::jsonb[])`.execute(ctx.tx)
}
