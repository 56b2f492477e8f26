/**
 * The queue of pairs that wait for a person: both records side by side as far as the actor may see them, why they are
 * asked about, and what becomes of the answer.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { channels } from '#modules/channels'
import type { Ctx } from '#platform/ctx'
import type { reviewView } from './contract.ts'
import { areTwo, join } from './decisions.ts'
import { reviewNotFound } from './errors.ts'
import { personsOf } from './homes.ts'
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

/** Open pairs of two persons of which the actor sees both, the strongest evidence first, then the newest. */
export async function reviewQueue(
  ctx: Ctx,
  { kind, limit, offset }: { kind: string | null; limit: number; offset: number },
): Promise<ReviewView[]> {
  const { rows } = await sql<ReviewRow>`
    select v.member_a as a, v.member_b as b, h.person_id as "personA", g.person_id as "personB", v.kind, v.reason,
      v.score, v.parts, v.found_at as "foundAt"
    from members.reviews v
    join members.homes h on h.member_id = v.member_a join members.homes g on g.member_id = v.member_b
    where v.closed_at is null and h.person_id <> g.person_id and (v.put_off_until is null or v.put_off_until <= ${ctx.now})
      and ${kind === null ? sql`true` : sql`split_part(v.kind, '@', 1) = ${kind}`}
      and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)}
    order by v.score desc nulls last, v.found_at desc, v.member_a, v.member_b, v.kind limit ${limit} offset ${offset}`.execute(
    ctx.tx,
  )
  return viewsOf(ctx, rows)
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
    const both = Object.keys(first).filter((field) => field in second)
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
  { a, b, decision, reason }: { a: string; b: string; decision: 'join' | 'apart' | 'later'; reason: string },
): Promise<{ memberId: string; otherId: string }> {
  const [first, second] = a < b ? [a, b] : [b, a]
  const { rows } = await sql<{ kind: string }>`
    select v.kind from members.reviews v where v.member_a = ${first} and v.member_b = ${second} and v.closed_at is null
      and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)}
    for update of v`.execute(ctx.tx)
  if (rows.length === 0) throw reviewNotFound()
  if (decision === 'later') {
    await sql`update members.reviews set put_off_until = ${new Date(ctx.now.getTime() + putOffDays * 86_400_000)}
      where member_a = ${first} and member_b = ${second} and closed_at is null`.execute(ctx.tx)
  } else if (decision === 'join') {
    await join(ctx, { memberId: first, otherId: second, reason })
  } else {
    await areTwo(ctx, { memberId: first, otherId: second, reason })
  }
  const persons = await personsOf(ctx, [first, second])
  return { memberId: persons.get(first)!, otherId: persons.get(second)! }
}
