/**
 * Joins that come of weighed evidence. They stand below identities and below what staff decided: a pair that staff keep
 * apart is never joined by them, and taking a record out undoes them like any other.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import type { Origin } from '#platform/events'
import { newId } from '#platform/ids'
import { type Columns, insertOf } from '#platform/rows'
import { regroup } from './grouping.ts'

export interface Match {
  a: string
  b: string
  /** Evidence in bits, and what each field gave: codes and numbers, no values. */
  score: number
  parts: string
}

const ordered = <T extends { a: string; b: string }>(pair: T): T =>
  pair.a < pair.b ? pair : { ...pair, a: pair.b, b: pair.a }

/** Two records that were both weighed find each other twice. */
const eachOnce = (matches: readonly Match[]): Match[] => [
  ...new Map(matches.map(ordered).map((match) => [`${match.a} ${match.b}`, match])).values(),
]

const matchColumns: Columns<Match> = {
  id: ['uuid', () => newId()],
  member_a: ['uuid', (match) => match.a],
  member_b: ['uuid', (match) => match.b],
  kind: sql`'match'`,
  reason: sql`'matching.evidence'`,
  actor: sql`'matching'`,
  decided_at: sql`clock_timestamp()`,
  // Whole bits are enough to order them by; the parts say it finer.
  score: ['int', (match) => Math.round(match.score)],
  parts: ['text', (match) => match.parts],
}

/** Joins pairs of homes by evidence; says how many. A pair about which something was decided is left as it is. */
export async function joinByMatch(ctx: Ctx, matches: readonly Match[], origin: Origin = 'live'): Promise<number> {
  if (matches.length === 0) return 0
  // Whatever staff decide, they do before or after this act, and not within it.
  await takeTurns(ctx, 'join', ['all'])
  const pairs = eachOnce(matches)
  const decided = await newestDecisions(ctx, pairs)
  const fresh = pairs.filter(({ a, b }) => !decided.has(`${a} ${b}`))
  if (fresh.length === 0) return 0
  await insertOf('members.decisions', matchColumns, fresh).execute(ctx.tx)
  const homes = [...new Set(fresh.flatMap(({ a, b }) => [a, b]))]
  await regroup(ctx, homes, { born: new Set(), origin, reason: 'match' })
  return fresh.length
}

/** Pairs about which something was decided, staff's or the matcher's word, each as "a b". */
async function newestDecisions(ctx: Ctx, pairs: readonly { a: string; b: string }[]): Promise<Set<string>> {
  const { rows } = await sql<{ a: string; b: string }>`
    select distinct d.member_a as a, d.member_b as b
    from unnest(${pairs.map(({ a }) => a)}::uuid[], ${pairs.map(({ b }) => b)}::uuid[]) as p(a, b)
    join members.decisions d on d.member_a = p.a and d.member_b = p.b`.execute(ctx.tx)
  return new Set(rows.map(({ a, b }) => `${a} ${b}`))
}

/**
 * Puts pairs before a person; says how many wait. One that was decided already, or is in the queue, is not asked again; its
 * score follows.
 */
export async function noteMatchReviews(ctx: Ctx, matches: readonly Match[]): Promise<number> {
  if (matches.length === 0) return 0
  const pairs = eachOnce(matches).sort((x, y) => (x.a + x.b < y.a + y.b ? -1 : 1))
  const decided = await newestDecisions(ctx, pairs)
  const open = pairs.filter(({ a, b }) => !decided.has(`${a} ${b}`))
  const { numAffectedRows } =
    await sql`insert into members.reviews as r (member_a, member_b, kind, reason, found_at, score, parts)
    select a, b, 'match', 'evidence', ${ctx.now}, s / 100.0, p
    from unnest(${open.map(({ a }) => a)}::uuid[], ${open.map(({ b }) => b)}::uuid[],
      ${open.map(({ score }) => Math.round(score * 100))}::int[], ${open.map(({ parts }) => parts)}::text[]) as u(a, b, s, p)
    on conflict (member_a, member_b, kind) do update set score = excluded.score, parts = excluded.parts where r.closed_at is null`.execute(
      ctx.tx,
    )
  return Number(numAffectedRows ?? 0)
}

/** Takes questions out of the queue that a whole run no longer asks; says how many went. */
export async function dropMatchReviews(
  ctx: Ctx,
  { except, before }: { except: readonly { a: string; b: string }[]; before: Date },
): Promise<number> {
  const kept = except.map(ordered)
  const { numAffectedRows } = await sql`delete from members.reviews r
    where r.kind = 'match' and r.reason = 'evidence' and r.closed_at is null and r.found_at < ${before}
      and not exists (select from unnest(${kept.map(({ a }) => a)}::uuid[], ${kept.map(({ b }) => b)}::uuid[]) as k(a, b)
        where k.a = r.member_a and k.b = r.member_b)`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0)
}

export interface DecidedPair {
  a: string
  b: string
  kind: 'join' | 'apart' | 'match'
  /** Somebody looked at these two records. */
  judged: boolean
}

/** The newest word about every pair, staff's and the matcher's. */
export async function decidedPairs(ctx: Pick<Ctx, 'tx'>): Promise<DecidedPair[]> {
  const { rows } = await sql<DecidedPair>`
    select distinct on (member_a, member_b) member_a as a, member_b as b, kind, judged from members.decisions
    order by member_a, member_b, decided_at desc, id desc`.execute(ctx.tx)
  return rows
}
