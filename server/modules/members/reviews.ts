/** Pairs that a person has to decide: they share an identity and contradict each other otherwise. */
import { sql } from 'kysely'
import type { NameKey } from '#modules/cleaning'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { homeInScope } from './scope.ts'

export interface OpenReview {
  /** The persons, each by the id that stands now. */
  members: readonly [{ id: string; name: string | null }, { id: string; name: string | null }]
  kind: string
  reason: string
  foundAt: Date
}

/** Above this many are "so many and more": counting on would stall the page. */
const countedAtMost = 1_000

/** The newest pairs that are open and of which the actor sees both, and how many there are: at most a thousand are counted. */
export async function openReviews(
  ctx: Pick<Ctx, 'tx' | 'actor' | 'now'>,
  { limit }: { limit: number },
): Promise<{ reviews: OpenReview[]; count: number; more: boolean }> {
  const { rows: open } = await sql<{ a: string; b: string; kind: string; reason: string; foundAt: Date }>`
    select h.person_id as a, g.person_id as b, v.kind, v.reason, v.found_at as "foundAt"
    from members.reviews v
    join members.homes h on h.member_id = v.member_a join members.homes g on g.member_id = v.member_b
    where v.closed_at is null and h.person_id <> g.person_id and (v.put_off_until is null or v.put_off_until <= ${ctx.now})
      and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)}
    order by v.found_at desc, v.member_a limit ${countedAtMost + 1}`.execute(ctx.tx)
  // Several records of the same two people are one question.
  const pairs = new Map(open.map((one) => [[...[one.a, one.b].sort(), one.kind].join(' '), one]))
  const newest = [...pairs.values()].slice(0, limit)
  const names = await namesOf(
    ctx,
    newest.flatMap(({ a, b }) => [a, b]),
  )
  const named = (id: string) => ({ id, name: names.get(id) ?? null })
  return {
    reviews: newest.map(({ a, b, kind, reason, foundAt }) => ({
      members: [named(a), named(b)] as const,
      kind,
      reason,
      foundAt,
    })),
    count: Math.min(pairs.size, countedAtMost),
    more: open.length > countedAtMost,
  }
}

/** Names by home; of homes without one nothing. */
export async function namesOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select member_id as id, name from members.profiles where name is not null and member_id = any(${homes}::uuid[])`.execute(
    ctx.tx,
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** What of a record stands in the clear: enough to tell two people apart by. */
export interface Face {
  name: string | null
  nameKey: NameKey
  birthDate: string | null
  gender: string | null
  city: string | null
}

export async function facesOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Map<string, Face>> {
  const { rows } = await sql<Face & { home: string }>`
    select member_id as home, name, name_key as "nameKey", birth_date as "birthDate", gender, city from members.profiles
    where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return new Map(rows.map(({ home, ...face }) => [home, face]))
}
