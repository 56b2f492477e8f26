/**
 * Sources of points (an order, a registration, whatever a verb names): what is known of each, and how an award is given
 * to it or called back from it.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import type { GroupSettings } from '#platform/settings'
import { type Cause, type Credit, credit, type Lot, type Take, takeBack } from './accounts.ts'
import { type Books, know, lotColumns } from './books.ts'
import type { AwardExplanation } from './explanation.ts'
import { byVerb, type Fact, type Round } from './history.ts'
import type { Rulebook, Terms } from './rules.ts'
import type { WindowValue } from './windows.ts'

export interface Told {
  memberId: string
  source: string
  fact: Fact
  at: Date
  cause: Cause | null
  importId: string | null
  /** Of the amounts. */
  currency?: string
  /** Whether what it is about may be told after it. If not, and nothing is known of its source, it leaves no trace. */
  mayWait: boolean
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
  channelKinds: ReadonlyMap<string, string>
  sources: Map<string, Source>
  windows: WindowValue[]
  /** All homes of a person, by each of those that had to be looked up. */
  homes: Map<string, string[]>
  newFacts: { source: Source; fact: Fact }[]
}

export const keyOf = ({ memberId, source }: { memberId: string; source: string }) => `${memberId} ${source}`

/** Leaves out what can't be about anything that is known. */
export async function withoutStrangers(ctx: Ctx, told: readonly Told[]): Promise<readonly Told[]> {
  const asked = told.filter(({ mayWait }) => !mayWait)
  if (asked.length === 0) return told
  const { rows } = await sql<{ memberId: string; source: string }>`
    select t.member_id as "memberId", t.source
    from unnest(${asked.map(({ memberId }) => memberId)}::uuid[], ${asked.map(({ source }) => source)}::text[]) as t(member_id, source)
    where exists (select from points.lots l where l.member_id = t.member_id and l.source = t.source)
      or exists (select from points.source_facts f where f.member_id = t.member_id and f.source = t.source)`.execute(
    ctx.tx,
  )
  const known = new Set(rows.map(keyOf))
  return told.filter((one) => {
    if (one.mayWait) known.add(keyOf(one))
    return known.has(keyOf(one))
  })
}

/** Reads the sources that are told about. */
export async function loadSources(
  ctx: Ctx,
  books: Books,
  told: readonly { memberId: string; source: string }[],
): Promise<Map<string, Source>> {
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
      join unnest(${members}::uuid[], ${names}::text[]) as t(m, s) on member_id = t.m and source = t.s) l
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
    join unnest(${members}::uuid[], ${names}::text[]) as t(m, s) on member_id = t.m and source = t.s`.execute(ctx.tx)
  for (const { memberId, source, ...fact } of facts) {
    const happening = fact.happening && { ...fact.happening, at: new Date(fact.happening.at) }
    sources.get(keyOf({ memberId, source }))!.facts.push({ ...fact, happening })
  }
}

/** Every fact of a source: rows, and the awards that only lots tell of. (What came on top was brought by a row.) */
export function factsOf({ lots, facts }: Source): Fact[] {
  const all = new Map(facts.map((fact) => [fact.id, fact]))
  for (const { givenBy, onTop, baseMinor, importId } of lots) {
    if (onTop || all.has(givenBy)) continue
    all.set(givenBy, {
      id: givenBy,
      kind: 'earned',
      amountMinor: baseMinor,
      beforeMinor: 0,
      key: importId,
      happening: null,
    })
  }
  return [...all.values()]
}

export interface Given {
  points: number
  terms: Terms
  windowKey: string | null
  explanation: object | null
  /** By a fact that came after the award: its source is worth more than before. */
  onTop?: boolean
}

/** Gives points for a round of a source: a lot of it. */
export function give(work: Work, told: Told, source: Source, round: Round, given: Given): void {
  const { points, terms, windowKey, explanation, onTop = false } = given
  const lot = credit(
    work.books.changes,
    work.books.accounts.get(source.memberId)!,
    {
      kind: told.gift?.kind ?? 'award',
      source: source.source,
      reason: told.gift?.reason ?? null,
      part: source.lots.length + 1,
      givenBy: onTop && round.ids.has(told.fact.id) ? told.fact.id : round.first.id,
      onTop,
      baseMinor: onTop ? round.peakMinor : round.first.amountMinor,
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
    const { kind, amountMinor, beforeMinor } = told.fact
    const because = {
      why: kind,
      // What a verb gave was counted in points, not in money.
      ...(lots[0]!.givenBy !== byVerb && {
        amountMinor: kind === 'changed' ? beforeMinor - amountMinor : amountMinor,
        currency: work.settings.currency,
      }),
      ...(from !== source.source && { because: source.source }),
    }
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

/** What lots still stand for: given and not called back. */
export const keptOf = (lots: readonly Lot[]) =>
  lots.reduce((sum, { amount, calledBack }) => sum + amount - calledBack, 0)

export async function writeFacts({ ctx, newFacts }: Work): Promise<void> {
  if (newFacts.length === 0) return
  await sql`insert into points.source_facts (member_id, source, id, kind, amount_minor, before_minor, key, happening)
    select * from unnest(${newFacts.map(({ source }) => source.memberId)}::uuid[], ${newFacts.map(({ source }) => source.source)}::text[],
      ${newFacts.map(({ fact }) => fact.id)}::uuid[], ${newFacts.map(({ fact }) => fact.kind)}::text[],
      ${newFacts.map(({ fact }) => fact.amountMinor)}::bigint[], ${newFacts.map(({ fact }) => fact.beforeMinor)}::bigint[],
      ${newFacts.map(({ fact }) => fact.key)}::text[],
      ${newFacts.map(({ fact }) => (fact.happening ? JSON.stringify(fact.happening) : null))}::jsonb[])`.execute(ctx.tx)
}
