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
import { type Decision, type IdentityKind, type RegionHome, resolve } from './resolve.ts'

export interface Grouping {
  /** Present person of each home of the region. */
  personOf: ReadonlyMap<string, string>
  /** Homes of each person of the region. */
  sizeOf: ReadonlyMap<string, number>
  /** Kinds of identity that a home shares with others of its person. */
  evidenceOf(home: string): string[]
}

const nothing: Grouping = { personOf: new Map(), sizeOf: new Map(), evidenceOf: () => [] }

/** Homes from which regrouping must start: those whose identities meet others', now or until just now. */
export async function homesWithSharedIdentities(
  ctx: Ctx,
  changed: readonly string[],
  lostBlinds: readonly string[],
): Promise<string[]> {
  if (lostBlinds.length > 0) {
    // Whether a value is still used by too many people is asked anew when somebody no longer carries it.
    await sql`delete from members.shared_values where blind = any(${lostBlinds}::uuid[])`.execute(ctx.tx)
  }
  const { rows } = await sql<{ member_id: string }>`
    select i.member_id from members.identities i
    where i.member_id = any(${changed}::uuid[]) and i.joins
      and exists (select from members.identities o where o.blind = i.blind and o.joins and o.member_id <> i.member_id)
      and not exists (select from members.shared_values s where s.blind = i.blind)
    union select member_id from members.identities where blind = any(${lostBlinds}::uuid[]) and joins
    union select h.member_id from members.homes h where h.member_id = any(${lostBlinds.length > 0 ? changed : []}::uuid[])
    order by 1`.execute(ctx.tx)
  return rows.map((row) => row.member_id)
}

/** Which of these values are marked as shared by too many people. */
export async function sharedAmong(ctx: Ctx, blinds: readonly string[]): Promise<string[]> {
  if (blinds.length === 0) return []
  const { rows } = await sql<{
    blind: string
  }>`select blind from members.shared_values where blind = any(${blinds}::uuid[])`.execute(ctx.tx)
  return rows.map((row) => row.blind)
}

export async function regroup(
  ctx: Ctx,
  seeds: readonly string[],
  { born, origin, reason }: { born: ReadonlySet<string>; origin: Origin; reason: string },
): Promise<Grouping> {
  if (seeds.length === 0) return nothing
  await takeTurns(ctx, 'join', ['all'])
  const { homes, decisions, personBefore } = await readRegion(ctx, seeds)
  const { persons, reviews, shared } = resolve(homes, decisions)

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
  if (changed.length > 0) {
    await sql`update members.homes h set person_id = u.person from unnest(${changed.map(([home]) => home)}::uuid[], ${changed.map(([, person]) => person)}::uuid[]) as u(home, person)
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
  const evidenceOf = (home: string) => {
    const person = personOf.get(home) ?? home
    const kinds = new Set(
      (valuesOf.get(home) ?? [])
        .filter(({ blind }) => (carriers.get(blind)?.get(person) ?? 0) > 1)
        .map(({ kind }) => kind as string),
    )
    if (decided.has(home)) kinds.add('decision')
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

/** Everything that identities, decisions and present persons connect with the seeds. */
async function readRegion(
  ctx: Ctx,
  seeds: readonly string[],
): Promise<{ homes: RegionHome[]; decisions: Decision[]; personBefore: Map<string, string> }> {
  const known = new Set(seeds)
  let frontier: readonly string[] = seeds
  while (frontier.length > 0) {
    const { rows } = await sql<{ member_id: string }>`
      select o.member_id from members.identities i join members.identities o on o.blind = i.blind and o.joins
      where i.member_id = any(${frontier}::uuid[]) and i.joins and o.member_id <> i.member_id
        and not exists (select from members.shared_values s where s.blind = i.blind)
      union select h2.member_id from members.homes h1 join members.homes h2 on h2.person_id = h1.person_id
      where h1.member_id = any(${frontier}::uuid[]) and h2.member_id <> h1.member_id
      union select member_b from members.decisions where member_a = any(${frontier}::uuid[]) and kind = 'join'
      union select member_a from members.decisions where member_b = any(${frontier}::uuid[]) and kind = 'join'`.execute(
      ctx.tx,
    )
    frontier = rows.map((row) => row.member_id).filter((home) => !known.has(home))
    for (const home of frontier) known.add(home)
  }
  const ids = [...known].sort()
  const { rows } = await sql<{ id: string; person: string; label: string; live: boolean; nameKey: string | null }>`
    select h.member_id as id, h.person_id as person, r.record_key as label, r.withdrawn_at is null as live, p.name_key as "nameKey"
    from members.homes h join members.records r on r.member_id = h.member_id left join members.profiles p on p.member_id = h.member_id
    where h.member_id = any(${ids}::uuid[])`.execute(ctx.tx)
  const { rows: identities } = await sql<{ member_id: string; kind: IdentityKind; blind: string }>`
    select member_id, kind, blind from members.identities i
    where member_id = any(${ids}::uuid[]) and joins and not exists (select from members.shared_values s where s.blind = i.blind)`.execute(
    ctx.tx,
  )
  const byHome = new Map<string, { kind: IdentityKind; blind: string }[]>()
  for (const { member_id, kind, blind } of identities) {
    const list = byHome.get(member_id)
    if (list) list.push({ kind, blind })
    else byHome.set(member_id, [{ kind, blind }])
  }
  return {
    homes: rows
      .filter((row) => row.live)
      .map(({ id, label, nameKey }) => ({ id, label, nameKey, identities: byHome.get(id) ?? [] })),
    decisions: await decisionsAmong(ctx, ids),
    personBefore: new Map(rows.map(({ id, person }) => [id, person])),
  }
}

/** The decision in force for each pair among these homes. */
async function decisionsAmong(ctx: Ctx, homes: readonly string[]): Promise<Decision[]> {
  const { rows } = await sql<Decision>`
    select distinct on (member_a, member_b) member_a as a, member_b as b, kind from members.decisions
    where member_a = any(${homes}::uuid[]) and member_b = any(${homes}::uuid[])
    order by member_a, member_b, decided_at desc, id desc`.execute(ctx.tx)
  return rows
}

async function noteShared(ctx: Ctx, shared: ReturnType<typeof resolve>['shared']): Promise<void> {
  if (shared.length === 0) return
  await sql`insert into members.shared_values (blind, kind, names, records, since)
    select b, k, n, r, ${ctx.now} from unnest(${shared.map((s) => s.blind)}::uuid[], ${shared.map((s) => s.kind)}::text[], ${shared.map((s) => s.names)}::int[], ${shared.map((s) => s.records)}::int[]) as u(b, k, n, r)
    on conflict (blind) do update set names = excluded.names, records = excluded.records`.execute(ctx.tx)
}

async function noteReviews(ctx: Ctx, reviews: ReturnType<typeof resolve>['reviews']): Promise<void> {
  if (reviews.length === 0) return
  await sql`insert into members.reviews (member_a, member_b, kind, reason, found_at)
    select a, b, k, r, ${ctx.now} from unnest(${reviews.map((x) => x.a)}::uuid[], ${reviews.map((x) => x.b)}::uuid[], ${reviews.map((x) => x.kind)}::text[], ${reviews.map((x) => x.reason)}::text[]) as u(a, b, k, r)
    on conflict do nothing`.execute(ctx.tx)
}
