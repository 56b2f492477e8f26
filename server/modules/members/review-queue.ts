/**
 * The queue of pairs that wait for a person: both records side by side as far as the actor may see them, why they are
 * asked about, and what becomes of the answer.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { channels } from '#modules/channels'
import type { Ctx } from '#platform/ctx'
import { emit } from '#platform/events'
import { newId } from '#platform/ids'
import type { reviewView } from './contract.ts'
import { join, settleApart, takeBackDecision } from './decisions.ts'
import { decisionNotFound, reviewNotFound } from './errors.ts'
import { homesOf, personsOf } from './homes.ts'
import { isMasked, masked } from './masking.ts'
import { homeInScope } from './scope.ts'
import { openRecordsOf } from './sealed-records.ts'

export type ReviewView = z.input<typeof reviewView>

interface ReviewRow {
  a: string
  b: string
  personA: string
  personB: string
  kind: string
  reason: string
  score: number | null
  parts: string | null
  foundAt: Date
}

export interface Wanted {
  kind?: string | null | undefined
  reason?: string | null | undefined
  /** Only pairs of this member. */
  memberId?: string | null | undefined
}

/** What stands in the queue for the actor: open, not put off, of two persons, both seen. */
function waiting(ctx: Ctx, { kind = null, reason = null }: Wanted, of: readonly string[] | null) {
  return sql`v.closed_at is null and h.person_id <> g.person_id and (v.put_off_until is null or v.put_off_until <= ${ctx.now})
      and ${kind === null ? sql`true` : sql`split_part(v.kind, '@', 1) = ${kind}`}
      and ${reason === null ? sql`true` : sql`v.reason = ${reason}`}
      and ${of === null ? sql`true` : sql`(v.member_a = any(${of}::uuid[]) or v.member_b = any(${of}::uuid[]))`}
      and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)}`
}

const asked = sql`members.reviews v
    join members.homes h on h.member_id = v.member_a join members.homes g on g.member_id = v.member_b`

/** Above this many are "so many and more": counting on would stall the page. */
const countedAtMost = 5_000

/** How many questions wait, each pair of persons once, and of which reasons. */
export async function countReviews(
  ctx: Ctx,
  wanted: Wanted,
): Promise<{ count: number; more: boolean; reasons: { reason: string; count: number }[] }> {
  const of = wanted.memberId ? await homesOf(ctx, wanted.memberId) : null
  const { rows } = await sql<{ reason: string | null; count: number; rows: number }>`
    with open as (
      select least(h.person_id, g.person_id) as a, greatest(h.person_id, g.person_id) as b, v.reason
      from ${asked} where ${waiting(ctx, { ...wanted, reason: null }, of)} limit ${countedAtMost + 1})
    select reason, count(distinct (a, b)) as count, count(*) as rows from open group by grouping sets ((reason), ())
    order by count desc, reason`.execute(ctx.tx)
  const whole = rows.find(({ reason }) => reason === null)
  const reasons = rows.flatMap(({ reason, count }) => (reason === null ? [] : [{ reason, count }]))
  const chosen = wanted.reason ? reasons.find(({ reason }) => reason === wanted.reason) : whole
  return { count: chosen?.count ?? 0, more: (whole?.rows ?? 0) > countedAtMost, reasons }
}

/**
 * Open pairs of two persons of which the actor sees both, the strongest evidence first, then the newest. Two persons are
 * one question, by their strongest evidence.
 */
export async function reviewQueue(
  ctx: Ctx,
  { limit, offset, ...wanted }: Wanted & { limit: number; offset: number },
): Promise<ReviewView[]> {
  const of = wanted.memberId ? await homesOf(ctx, wanted.memberId) : null
  const { rows } = await sql<ReviewRow>`
    select v.member_a as a, v.member_b as b, h.person_id as "personA", g.person_id as "personB", v.kind, v.reason,
      v.score, v.parts, v.found_at as "foundAt"
    from ${asked} where ${waiting(ctx, wanted, of)}
    order by v.score desc nulls last, v.found_at desc, v.member_a, v.member_b, v.kind limit ${limit} offset ${offset}`.execute(
    ctx.tx,
  )
  const questions = new Map<string, ReviewRow>()
  for (const row of rows) {
    const question = [row.personA, row.personB].sort().join(' ')
    if (!questions.has(question)) questions.set(question, row)
  }
  return viewsOf(ctx, [...questions.values()])
}

async function viewsOf(ctx: Ctx, rows: readonly ReviewRow[]): Promise<ReviewView[]> {
  const opened = new Map(
    (
      await openRecordsOf(
        ctx,
        rows.flatMap(({ a, b }) => [a, b]),
      )
    ).map((record) => [record.home, record]),
  )
  const { rows: from } = await sql<{ home: string; channel: number }>`
    select member_id as home, channel_id as channel from members.records where member_id = any(${[...opened.keys()]}::uuid[])`.execute(
    ctx.tx,
  )
  const channelOfHome = new Map(from.map(({ home, channel }) => [home, channel]))
  const byId = new Map((await channels(ctx)).map(({ id, code, kind, name }) => [id, { code, kind, name }]))
  const side = (recordId: string, memberId: string) => {
    const values = opened.get(recordId)?.values ?? {}
    return {
      recordId,
      memberId,
      channel: byId.get(channelOfHome.get(recordId)!)!,
      fields: Object.entries(values).flatMap(([field, value]) =>
        field === 'phoneVerified' || Array.isArray(value)
          ? []
          : [{ field, value: masked(field, value), masked: isMasked(field) }],
      ),
    }
  }
  const same = (one: ReviewRow) => {
    const [first, second] = [opened.get(one.a)?.values ?? {}, opened.get(one.b)?.values ?? {}]
    // Each channel numbers its customers for itself.
    const comparable = (field: string) =>
      field !== 'externalId' || channelOfHome.get(one.a) === channelOfHome.get(one.b)
    const both = Object.keys(first).filter((field) => field in second && comparable(field))
    return {
      alike: both.filter((field) => String(first[field]) === String(second[field])),
      differing: both.filter((field) => String(first[field]) !== String(second[field])),
    }
  }
  return rows
    .filter(({ a, b }) => opened.has(a) && opened.has(b))
    .map((row) => ({
      a: row.a,
      b: row.b,
      kind: row.kind,
      reason: row.reason,
      score: row.score,
      parts: partsOf(row.parts),
      foundAt: row.foundAt.toISOString(),
      sides: [side(row.a, row.personA), side(row.b, row.personB)],
      ...same(row),
    }))
}

/** "family.exact 9.1 birth.one_digit 8.3" → a line each. */
export function partsOf(parts: string | null): { field: string; level: string; bits: number }[] {
  if (!parts) return []
  const words = parts.split(' ')
  return Array.from({ length: words.length >> 1 }, (_, index) => {
    const [field, level] = words[index * 2]!.split('.', 2)
    return { field: field!, level: level!, bits: Number(words[index * 2 + 1]) }
  })
}

const putOffDays = 7

/** What somebody decided about a pair in the queue. `apart` is remembered: nothing but staff joins the two again. */
export async function decideReview(
  ctx: Ctx,
  {
    a,
    b,
    decision,
    reason,
    id = newId(),
  }: { a: string; b: string; decision: 'join' | 'apart' | 'later'; reason: string; id?: string | undefined },
): Promise<{ id: string; memberId: string; otherId: string }> {
  const [first, second] = a < b ? [a, b] : [b, a]
  const { rows } = await sql<{ kind: string }>`
    select v.kind from members.reviews v where v.member_a = ${first} and v.member_b = ${second} and v.closed_at is null
      and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)}
    for update of v`.execute(ctx.tx)
  if (rows.length === 0) {
    // Told again, an answer is the same answer.
    if (!(await isAnswered(ctx, { a: first, b: second, id }))) throw reviewNotFound()
    return { id, ...(await whose(ctx, first, second)) }
  }
  if (decision === 'later') {
    await sql`update members.reviews set put_off_until = ${new Date(ctx.now.getTime() + putOffDays * 86_400_000)}, answered_by = ${id}
      where member_a = ${first} and member_b = ${second} and closed_at is null`.execute(ctx.tx)
  } else if (decision === 'join') {
    await join(ctx, { memberId: first, otherId: second, reason, act: id, judged: { a: first, b: second } })
  } else {
    await settleApart(ctx, { a: first, b: second, reason, act: id })
  }
  return { id, ...(await whose(ctx, first, second)) }
}

/** Takes an answer back: the question is asked again, and what came of it is undone. */
export async function undoReviewDecision(
  ctx: Ctx,
  { a, b, decisionId }: { a: string; b: string; decisionId: string },
): Promise<{ memberId: string; otherId: string }> {
  const [first, second] = a < b ? [a, b] : [b, a]
  const { rows } = await sql<{ closed: boolean }>`
    select v.closed_at is not null as closed from members.reviews v
    where v.member_a = ${first} and v.member_b = ${second} and v.answered_by = ${decisionId}
      and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)}
    for update of v`.execute(ctx.tx)
  if (rows.length === 0) throw decisionNotFound()
  await takeBackDecision(ctx, decisionId)
  // What was only put off has no effect that anybody could have seen.
  if (rows.some(({ closed }) => closed))
    await emit(ctx, { type: 'members.asked_again', memberId: first, recordId: first, payload: { other: second } })
  return whose(ctx, first, second)
}

async function whose(ctx: Ctx, first: string, second: string): Promise<{ memberId: string; otherId: string }> {
  const persons = await personsOf(ctx, [first, second])
  return { memberId: persons.get(first)!, otherId: persons.get(second)! }
}

async function isAnswered(ctx: Ctx, { a, b, id }: { a: string; b: string; id: string }): Promise<boolean> {
  const { rows } = await sql`select 1 from members.reviews v
    where v.member_a = ${a} and v.member_b = ${b} and v.answered_by = ${id}
      and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)}`.execute(
    ctx.tx,
  )
  return rows.length > 0
}
