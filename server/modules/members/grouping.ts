/**
 * Keeps `members.homes` in step with what records and decisions say. Around the homes that changed, the whole region
 * that identities, decisions and present persons connect is read, resolved by the pure rules of `resolve`, and
 * the difference written. Nobody's rows move.
 *
 * One lock is held from the reading of a region to the commit: two acts that each join a different record to the same
 * person must see each other, or a limit could break unnoticed. Acts that join nobody don't take it.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { emitMany, type NewEvent, type Origin } from '#platform/events'
import { arrayOf } from '#platform/rows'
import { type Fresh, readRegion } from './region.ts'
import { resolve } from './resolve.ts'

export interface Grouping {
  /** Present person of each home of the region. */
  personOf: ReadonlyMap<string, string>
  /** Homes of each person of the region. */
  sizeOf: ReadonlyMap<string, number>
  /** Kinds of identity that a home shares with others of its person. */
  evidenceOf(home: string): string[]
}

const nothing: Grouping = { personOf: new Map(), sizeOf: new Map(), evidenceOf: () => [] }

export async function regroup(
  ctx: Ctx,
  seeds: readonly string[],
  { born, origin, reason, fresh }: { born: ReadonlySet<string>; origin: Origin; reason: string; fresh?: Fresh },
): Promise<Grouping> {
  if (seeds.length === 0) return nothing
  await takeTurns(ctx, 'join', ['all'])
  const { homes, decisions, personal, personBefore } = await readRegion(ctx, seeds, fresh)
  const { persons, reviews, shared } = resolve(homes, decisions, personal)

  const personOf = new Map<string, string>()
  const sizeOf = new Map<string, number>()
  for (const group of persons) {
    sizeOf.set(group[0]!, group.length)
    for (const home of group) personOf.set(home, group[0]!)
  }
  // A home whose record was withdrawn belongs to nobody but itself.
  for (const home of personBefore.keys()) {
    if (personOf.has(home)) continue
    personOf.set(home, home)
    sizeOf.set(home, 1)
  }
  const changed = [...personOf]
    .filter(([home, person]) => personBefore.get(home) !== person)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  // Fresh homes are written when it is known whose they are.
  const moved = changed.filter(([home]) => !fresh?.homes.has(home))
  if (moved.length > 0) {
    await sql`update members.homes h set person_id = u.person from unnest(${arrayOf(
      'uuid',
      moved.map(([home]) => home),
    )}, ${arrayOf(
      'uuid',
      moved.map(([, person]) => person),
    )}) as u(home, person)
      where h.member_id = u.home`.execute(ctx.tx)
  }
  await noteShared(ctx, shared)
  await noteReviews(ctx, reviews)

  const valuesOf = new Map(homes.map((home) => [home.id, home.identities]))
  const carriers = new Map<string, Map<string, number>>()
  for (const home of homes) {
    const person = personOf.get(home.id)!
    for (const { blind } of home.identities) {
      const byPerson = carriers.get(blind) ?? new Map<string, number>()
      byPerson.set(person, (byPerson.get(person) ?? 0) + 1)
      carriers.set(blind, byPerson)
    }
  }
  const decided = new Set(decisions.filter(({ kind }) => kind === 'join').flatMap(({ a, b }) => [a, b]))
  const matched = new Set(
    decisions
      .filter(({ kind, a, b }) => kind === 'match' && personOf.get(a) === personOf.get(b))
      .flatMap(({ a, b }) => [a, b]),
  )
  const evidenceOf = (home: string) => {
    const person = personOf.get(home) ?? home
    const kinds = new Set(
      (valuesOf.get(home) ?? [])
        .filter(({ blind }) => (carriers.get(blind)?.get(person) ?? 0) > 1)
        .map(({ kind }) => kind as string),
    )
    if (decided.has(home)) kinds.add('decision')
    if (matched.has(home)) kinds.add('match')
    return [...kinds]
  }

  const events: NewEvent<'members.joined' | 'members.parted'>[] = []
  for (const [home, person] of changed) {
    if (born.has(home)) continue
    const from = personBefore.get(home)!
    // Parted when the home that gave the person its id is elsewhere now; joined when it came along or stayed itself.
    if (from !== home && personOf.get(from) !== person)
      events.push({ type: 'members.parted', memberId: home, origin, payload: { from, person, reason } })
    else
      events.push({ type: 'members.joined', memberId: home, origin, payload: { from, person, by: evidenceOf(home) } })
  }
  await emitMany(ctx, events)
  return { personOf, sizeOf, evidenceOf }
}

async function noteShared(ctx: Ctx, shared: ReturnType<typeof resolve>['shared']): Promise<void> {
  if (shared.length === 0) return
  await sql`insert into members.shared_values (blind, kind, names, records, since, blind_by)
    select b, k, n, r, ${ctx.now}, ${ctx.vault.indexBy} from unnest(${shared.map((s) => s.blind)}::uuid[], ${shared.map((s) => s.kind)}::text[], ${shared.map((s) => s.names)}::int[], ${shared.map((s) => s.records)}::int[]) as u(b, k, n, r)
    on conflict (blind) do update set names = excluded.names, records = excluded.records`.execute(ctx.tx)
  // What joins nobody asks no questions either. One that something else raises too is asked again right after.
  await sql`delete from members.reviews v using members.identities i, members.identities j
    where i.blind = any(${arrayOf(
      'uuid',
      shared.map(({ blind }) => blind),
    )}) and j.blind = i.blind and v.member_a = i.member_id and v.member_b = j.member_id
      and v.kind = i.kind and v.reason <> 'recycled' and v.closed_at is null`.execute(ctx.tx)
}

async function noteReviews(ctx: Ctx, reviews: ReturnType<typeof resolve>['reviews']): Promise<void> {
  if (reviews.length === 0) return
  await sql`insert into members.reviews (member_a, member_b, kind, reason, found_at)
    select a, b, k, r, ${ctx.now} from unnest(${reviews.map((x) => x.a)}::uuid[], ${reviews.map((x) => x.b)}::uuid[], ${reviews.map((x) => x.kind)}::text[], ${reviews.map((x) => x.reason)}::text[]) as u(a, b, k, r)
    on conflict do nothing`.execute(ctx.tx)
}
