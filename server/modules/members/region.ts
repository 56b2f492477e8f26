/**
 * What of the member pool a change can touch: the homes whose identities meet, and the whole region that identities,
 * decisions and present persons connect with them.
 *
 * Each look-up reads one table by one index. Joined, the planner has to guess how many meet, and while a table grows by
 * an import its statistics say little: it read whole indexes, longer with each chunk.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { moveIdentitiesOf } from './blind-indexes.ts'
import { homesOfPersons } from './homes.ts'
import type { Identity } from './identities.ts'
import type { Decision, IdentityKind, RegionHome } from './resolve.ts'

/** Homes that this act makes, each a person of its own until now; and what was found of values: kept for the act. */
export interface Fresh {
  homes: ReadonlyMap<
    string,
    { label: string; nameKey: RegionHome['nameKey']; birthDate: string | null; identities: readonly Identity[] }
  >
  carriers: Map<string, string[]>
  /** Whether too many people use a value. */
  shared: Map<string, boolean>
}

export function freshHomes(homes: Fresh['homes'] = new Map()): Fresh {
  return { homes, carriers: new Map(), shared: new Map() }
}

/** Homes from which regrouping must start: those whose identities meet others', now or until just now. */
export async function homesWithSharedIdentities(
  ctx: Ctx,
  { changed, lostBlinds, fresh }: { changed: readonly string[]; lostBlinds: readonly string[]; fresh: Fresh },
): Promise<string[]> {
  if (lostBlinds.length > 0) {
    // Whether a value is still used by too many people is asked anew when somebody no longer carries it.
    await sql`delete from members.shared_values s where blind = any(${arrayOf('uuid', lostBlinds)})
      and not exists (select from members.value_words w where w.blind = s.blind and w.word = 'shared')`.execute(ctx.tx)
  }
  const seeds = new Set<string>(lostBlinds.length > 0 ? [...fresh.homes.keys(), ...changed] : [])
  const own = await identitiesThatJoin(ctx, [...fresh.homes.keys(), ...changed], fresh)
  const carriers = await carriersOf(ctx, [...own.map(({ blind }) => blind), ...lostBlinds], fresh)
  for (const { home, blind } of own) if (carriers.get(blind)!.length > 0) seeds.add(home)
  for (const blind of lostBlinds) for (const home of carriers.get(blind) ?? []) seeds.add(home)
  return [...seeds].sort()
}

/** Everything that identities, decisions and present persons connect with the seeds. */
export async function readRegion(
  ctx: Ctx,
  seeds: readonly string[],
  fresh: Fresh = freshHomes(),
): Promise<{
  homes: RegionHome[]
  decisions: Decision[]
  personal: ReadonlySet<string>
  personBefore: Map<string, string>
}> {
  const rows: HomeRow[] = []
  const byHome = new Map<string, Joining[]>()
  const known = new Set(seeds)
  const blinds = new Set<string>()
  const persons = new Set<string>()
  for (let frontier = [...known]; frontier.length > 0; ) {
    const homes = await homesAt(ctx, frontier, fresh)
    rows.push(...homes)
    const identities = await identitiesThatJoin(ctx, frontier, fresh)
    for (const [home, own] of Map.groupBy(identities, (identity) => identity.home)) byHome.set(home, own)
    const values = addNew(
      blinds,
      identities.map(({ blind }) => blind),
    )
    const carriers = await carriersOf(ctx, values, fresh)
    // A fresh home is a person of its own, and nobody has decided about it.
    const older = homes.filter(({ id }) => !fresh.homes.has(id))
    const others = addNew(
      persons,
      older.map(({ person }) => person),
    )
    frontier = addNew(known, [
      ...values.flatMap((blind) => carriers.get(blind)!),
      ...(await homesOfPersons(ctx, others)).map(({ home }) => home),
      ...(await homesJoinedByDecision(
        ctx,
        older.map(({ id }) => id),
      )),
    ])
  }
  return {
    homes: rows
      .filter((row) => row.live)
      .map(({ id, label, nameKey, birthDate }) => ({
        id,
        label,
        nameKey,
        birthDate,
        identities: byHome.get(id) ?? [],
      })),
    decisions: await decisionsAmong(ctx, [...known].filter((home) => !fresh.homes.has(home)).sort()),
    personal: await personalValues(ctx),
    personBefore: new Map(rows.map(({ id, person }) => [id, person])),
  }
}

/** What is asked of nothing needs no asking: a new record that meets nobody has no older homes, persons or decisions. */
async function rowsFor<T>(keys: readonly string[], query: RawBuilder<T>, ctx: Ctx): Promise<T[]> {
  return keys.length === 0 ? [] : (await query.execute(ctx.tx)).rows
}

/** Adds to a set, and says what was not in it. */
function addNew(set: Set<string>, values: readonly string[]): string[] {
  return values.filter((value) => !set.has(value) && set.add(value))
}

interface HomeRow {
  id: string
  person: string
  label: string
  live: boolean
  nameKey: RegionHome['nameKey']
  birthDate: string | null
}

async function homesAt(ctx: Ctx, homes: readonly string[], fresh: Fresh): Promise<HomeRow[]> {
  const older = homes.filter((home) => !fresh.homes.has(home))
  const kept = await rowsFor(
    older,
    sql<HomeRow & { by: number }>`
    select h.member_id as id, h.person_id as person, r.record_key as label, r.record_key_by as by, r.withdrawn_at is null as live, p.name_key as "nameKey", p.birth_date as "birthDate"
    from members.homes h
    cross join lateral (select * from members.records where member_id = h.member_id offset 0) r
    left join lateral (select * from members.profiles where member_id = h.member_id offset 0) p on true
    where h.member_id = any(${arrayOf('uuid', older)})`,
    ctx,
  )
  // The label orders what nobody ordered: it must not change with the index key.
  const rows = kept.map(({ by, ...row }): HomeRow => ({ ...row, label: ctx.vault.bare(row.label, by) }))
  return rows.concat(
    homes.flatMap((id) => {
      const made = fresh.homes.get(id)
      return made
        ? [{ id, person: id, label: made.label, live: true, nameKey: made.nameKey, birthDate: made.birthDate }]
        : []
    }),
  )
}

async function homesJoinedByDecision(ctx: Ctx, homes: readonly string[]): Promise<string[]> {
  const rows = await rowsFor(
    homes,
    sql<{ member_id: string }>`
    select member_b as member_id from members.decisions where member_a = any(${arrayOf('uuid', homes)}) and kind <> 'apart'
    union select member_a from members.decisions where member_b = any(${arrayOf('uuid', homes)}) and kind <> 'apart'`,
    ctx,
  )
  return rows.map((row) => row.member_id)
}

/** The decision in force for each pair among these homes. */
async function decisionsAmong(ctx: Ctx, homes: readonly string[]): Promise<Decision[]> {
  return rowsFor(
    homes,
    sql<Decision>`
    select distinct on (member_a, member_b) member_a as a, member_b as b, kind, score, act is not null as settled from members.decisions
    where member_a = any(${arrayOf('uuid', homes)}) and member_b = any(${arrayOf('uuid', homes)})
    order by member_a, member_b, decided_at desc, id desc`,
    ctx,
  )
}

interface Joining {
  home: string
  kind: IdentityKind
  blind: string
}

/** Identities of these homes that may join people, without the values that too many people use. */
async function identitiesThatJoin(ctx: Ctx, homes: readonly string[], fresh: Fresh): Promise<Joining[]> {
  const older = homes.filter((home) => !fresh.homes.has(home))
  await moveIdentitiesOf(ctx, older)
  const rows = await rowsFor(
    older,
    sql<Joining>`
    select member_id as home, kind, blind from members.identities where member_id = any(${arrayOf('uuid', older)}) and joins`,
    ctx,
  )
  const found = rows.concat(
    homes.flatMap((home) =>
      (fresh.homes.get(home)?.identities ?? [])
        .filter(({ joins }) => joins)
        .map(({ kind, blind }) => ({ home, kind, blind })),
    ),
  )
  const unknown = [...new Set(found.map(({ blind }) => blind))].filter((blind) => !fresh.shared.has(blind))
  for (const blind of unknown) fresh.shared.set(blind, false)
  for (const blind of await sharedAmong(ctx, unknown)) fresh.shared.set(blind, true)
  return found.filter(({ blind }) => !fresh.shared.get(blind))
}

/**
 * Homes that carry each of these values so that it may join them, where they are several. Kept for the act: whoever else
 * would change them waits for its turn with the value.
 */
async function carriersOf(ctx: Ctx, blinds: readonly string[], fresh: Fresh): Promise<ReadonlyMap<string, string[]>> {
  const unknown = [...new Set(blinds.filter((blind) => !fresh.carriers.has(blind)))]
  const rows = await rowsFor(
    unknown,
    sql<{ blind: string; homes: string[] }>`
    select blind, array_agg(member_id::text) as homes from members.identities
    where blind = any(${arrayOf('uuid', unknown)}) and joins group by blind having count(*) > 1`,
    ctx,
  )
  for (const blind of unknown) fresh.carriers.set(blind, [])
  for (const { homes, blind } of rows) fresh.carriers.set(blind, homes)
  return fresh.carriers
}

/** Values of which the group says that they join in spite of how many use them: a few, said one by one. */
async function personalValues(ctx: Ctx): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ blind: string }>`
    select blind from members.value_words where word = 'personal'`.execute(ctx.tx)
  return new Set(rows.map(({ blind }) => blind))
}

/** Which of these values are marked as shared by too many people. */
export async function sharedAmong(ctx: Ctx, blinds: readonly string[]): Promise<string[]> {
  const rows = await rowsFor(
    blinds,
    sql<{ blind: string }>`select blind from members.shared_values where blind = any(${arrayOf('uuid', blinds)})`,
    ctx,
  )
  return rows.map((row) => row.blind)
}
