/**
 * Ties between people as staff see and decide them. A tie stands between two homes: it goes with its record when people
 * are joined or taken apart, and is shown where whoever asks sees the record on either side.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { differentPersons, facesOf, homeInScope, homesOf, personsOf, seenHomes, settleApart } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { actorName, emitMany } from '#platform/events'
import { newId } from '#platform/ids'
import { arrayOf } from '#platform/rows'
import type { proposalView, tieView } from './contract.ts'
import { nothingBetween, samePerson } from './errors.ts'
import './events.ts'
import { inverseOf, readEvidence, type TieKind } from './rules.ts'

export type TieView = z.input<typeof tieView>

interface TieRow {
  a: string
  b: string
  state: 'proposed' | 'confirmed' | 'refused'
  kind: TieKind
  evidence: string
  foundAt: Date
  decidedAt: Date | null
}

const columns = sql`t.member_a as a, t.member_b as b, t.state, t.kind, t.evidence, t.found_at as "foundAt", t.decided_at as "decidedAt"`
/** More than anybody has; a page has an end all the same. */
const mostOfOne = 200
const apartReason = 'families.two_people'

/**
 * Who belongs to a person, of those whom the actor sees; `elsewhere`: how many confirmed ones are known only to other parts
 * of the group.
 */
export async function tiesOf(ctx: Ctx, homes: readonly string[]): Promise<{ ties: TieView[]; elsewhere: number }> {
  const rows = await tiesAt(ctx, homes)
  if (rows.length === 0) return { ties: [], elsewhere: 0 }
  const own = new Set(homes)
  const between = rows
    .map((tie) =>
      own.has(tie.a)
        ? { ...tie, home: tie.a, other: tie.b }
        : { ...tie, home: tie.b, other: tie.a, kind: inverseOf(tie.kind) },
    )
    .filter(({ other }) => !own.has(other))
  const seen = new Set(await seenHomes(ctx, [...new Set(between.flatMap(({ home, other }) => [home, other]))]))
  const personOf = await personsOf(
    ctx,
    between.map(({ other }) => other),
  )
  const faces = await facesOf(ctx, [...personOf].flat())
  const ties = new Map<string, TieView>()
  const hidden = new Set<string>()
  for (const { home, other, state, kind, evidence, foundAt, decidedAt } of between) {
    const person = personOf.get(other)!
    if (!seen.has(home)) continue
    if (!seen.has(other)) {
      if (state === 'confirmed') hidden.add(person)
      continue
    }
    const known = ties.get(person)
    if (known && (known.state === 'confirmed' || state === 'proposed')) continue
    const face = faces.get(other)
    ties.set(person, {
      memberId: person,
      name: face?.name ?? null,
      gender: face?.gender ?? null,
      birthDate: face?.birthDate ?? null,
      city: face?.city ?? null,
      state: state === 'confirmed' ? 'confirmed' : 'proposed',
      kind,
      evidence: readEvidence(evidence),
      since: (decidedAt ?? foundAt).toISOString(),
    })
  }
  const order = (tie: TieView) => `${tie.state} ${tie.kind === 'companion' ? 1 : 0} ${tie.since}`
  return {
    ties: [...ties.values()].sort((x, y) => (order(x) < order(y) ? -1 : 1)),
    elsewhere: [...hidden].filter((person) => !ties.has(person)).length,
  }
}

async function tiesAt(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<TieRow[]> {
  const own = arrayOf('uuid', homes)
  const { rows } = await sql<TieRow>`
    select ${columns} from families.ties t where t.member_a = any(${own}) and t.state <> 'refused'
    union all select ${columns} from families.ties t where t.member_b = any(${own}) and t.state <> 'refused'
    limit ${mostOfOne}`.execute(ctx.tx)
  return rows
}

/** Proposals that wait, the strongest first, then the newest; only those of which the actor sees both. */
export async function proposals(
  ctx: Ctx,
  { limit, offset }: { limit: number; offset: number },
): Promise<z.input<typeof proposalView>[]> {
  const { rows } = await sql<TieRow>`select ${columns} from families.ties t
    where ${waiting(ctx)} order by t.strength desc, t.found_at desc, t.member_a, t.member_b limit ${limit} offset ${offset}`.execute(
    ctx.tx,
  )
  const homes = rows.flatMap(({ a, b }) => [a, b])
  const [persons, faces] = [await personsOf(ctx, homes), await facesOf(ctx, homes)]
  const side = (home: string) => {
    const { name = null, gender = null, birthDate = null, city = null } = faces.get(home) ?? {}
    return { memberId: persons.get(home)!, name, gender, birthDate, city }
  }
  return rows.map(({ a, b, kind, evidence, foundAt }) => ({
    a: side(a),
    b: side(b),
    kind,
    evidence: readEvidence(evidence),
    foundAt: foundAt.toISOString(),
  }))
}

const countedAtMost = 1_000

/** How many wait, counted up to a thousand. */
export async function howManyProposed(ctx: Ctx): Promise<{ count: number; more: boolean }> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (select from families.ties t where ${waiting(ctx)} limit ${countedAtMost + 1}) as open`.execute(
    ctx.tx,
  )
  const { count } = rows[0]!
  return { count: Math.min(count, countedAtMost), more: count > countedAtMost }
}

/** Two who were joined meanwhile are no question any more. */
const waiting = (
  ctx: Ctx,
) => sql<boolean>`t.state = 'proposed' and (t.put_off_until is null or t.put_off_until <= ${ctx.now})
  and ${homeInScope(ctx.actor.scope, sql`t.member_a`)} and ${homeInScope(ctx.actor.scope, sql`t.member_b`)}
  and ${differentPersons(sql`t.member_a`, sql`t.member_b`)}`

interface Pair {
  memberId: string
  otherId: string
}

/** Homes of both that the actor sees; refuses where they are one person. */
async function bothSides(
  ctx: Ctx,
  { memberId, otherId }: Pair,
): Promise<{ homes: string[]; others: string[]; all: [string[], string[]] }> {
  const [all, allOthers] = [await homesOf(ctx, memberId), await homesOf(ctx, otherId)]
  if (all[0] === allOthers[0]) throw samePerson()
  return { homes: await seenHomes(ctx, all), others: await seenHomes(ctx, allOthers), all: [all, allOthers] }
}

async function tiesBetween(ctx: Ctx, homes: readonly string[], others: readonly string[]): Promise<TieRow[]> {
  const [one, other] = [arrayOf('uuid', homes), arrayOf('uuid', others)]
  const { rows } = await sql<TieRow>`select ${columns} from families.ties t
    where (t.member_a = any(${one}) and t.member_b = any(${other})) or (t.member_a = any(${other}) and t.member_b = any(${one}))
    order by t.member_a, t.member_b for update`.execute(ctx.tx)
  return rows
}

/**
 * Says what the other is to this member: confirms what was proposed, corrects what was said, or says what nobody proposed.
 * It also says that they are two: from now on nothing but staff joins them.
 */
export async function confirm(ctx: Ctx, { memberId, otherId, kind }: Pair & { kind: TieKind }): Promise<void> {
  const { homes, others } = await bothSides(ctx, { memberId, otherId })
  const between = (await tiesBetween(ctx, homes, others)).filter(({ state }) => state !== 'refused')
  const { a, b } = between.find(({ state }) => state === 'confirmed') ?? between[0] ?? ordered(homes[0]!, others[0]!)
  const seenFromA = homes.includes(a) ? kind : inverseOf(kind)
  const { rows } = await sql<{ member_a: string }>`
    insert into families.ties as t (member_a, member_b, state, kind, evidence, strength, found_at, decided_at, actor)
    values (${a}, ${b}, 'confirmed', ${seenFromA}, '', 0, ${ctx.now}, ${ctx.now}, ${actorName(ctx.actor)})
    on conflict (member_a, member_b) do update set state = 'confirmed', kind = excluded.kind, decided_at = excluded.decided_at, actor = excluded.actor
      where t.state <> 'confirmed' or t.kind <> excluded.kind
    returning member_a`.execute(ctx.tx)
  // Told again it is the same.
  if (rows.length === 0) return
  // Of several records of the same two one answer is enough.
  const answered = between.filter((tie) => tie.state === 'proposed' && tie.a + tie.b !== a + b)
  await sql`delete from families.ties where (member_a, member_b) in (select * from ${pairsOf(answered)})`.execute(
    ctx.tx,
  )
  await settleApart(ctx, { a: memberId, b: otherId, reason: apartReason, act: newId() })
  const [here, there] = homes.includes(a) ? [a, b] : [b, a]
  await emitMany(ctx, [
    { type: 'family.confirmed', memberId: here, recordId: here, payload: { other: there, kind } },
    { type: 'family.confirmed', memberId: there, recordId: there, payload: { other: here, kind: inverseOf(kind) } },
  ])
}

const pairsOf = (pairs: readonly { a: string; b: string }[]) =>
  sql`unnest(${arrayOf(
    'uuid',
    pairs.map(({ a }) => a),
  )}, ${arrayOf(
    'uuid',
    pairs.map(({ b }) => b),
  )})`
const ordered = (one: string, other: string) => (one < other ? { a: one, b: other } : { a: other, b: one })

/** Says that two have nothing to do with each other, or no longer: it isn't proposed again. */
export async function refuse(ctx: Ctx, { memberId, otherId }: Pair): Promise<void> {
  const { homes, others, all } = await bothSides(ctx, { memberId, otherId })
  const standing = (await tiesBetween(ctx, homes, others)).filter(({ state }) => state !== 'refused')
  if (standing.length === 0) throw nothingBetween()
  const was = standing.some(({ state }) => state === 'confirmed')
  // On every record of both: whatever is taken apart later is not asked about again.
  const pairs = all[0].flatMap((home) => all[1].map((other) => ordered(home, other)))
  pairs.sort((x, y) => (x.a + x.b < y.a + y.b ? -1 : 1))
  await sql`insert into families.ties (member_a, member_b, state, kind, evidence, strength, found_at, decided_at, actor)
    select a, b, 'refused', 'relative', '', 0, ${ctx.now}, ${ctx.now}, ${actorName(ctx.actor)}
    from ${pairsOf(pairs)} as u(a, b)
    on conflict (member_a, member_b) do update set state = 'refused', decided_at = excluded.decided_at, actor = excluded.actor`.execute(
    ctx.tx,
  )
  const { a, b } = standing[0]!
  const type = was ? ('family.ended' as const) : ('family.refused' as const)
  await emitMany(ctx, [
    { type, memberId: a, recordId: a, payload: { other: b } },
    { type, memberId: b, recordId: b, payload: { other: a } },
  ])
}

const putOffDays = 7

/** Asks about a proposal again in a week. */
export async function putOff(ctx: Ctx, { memberId, otherId }: Pair): Promise<void> {
  const { homes, others } = await bothSides(ctx, { memberId, otherId })
  const open = (await tiesBetween(ctx, homes, others)).filter(({ state }) => state === 'proposed')
  if (open.length === 0) throw nothingBetween()
  const until = new Date(ctx.now.getTime() + putOffDays * 86_400_000)
  await sql`update families.ties t set put_off_until = ${until} where t.state = 'proposed' and (t.member_a, t.member_b) in (
    select * from ${pairsOf(open)})`.execute(ctx.tx)
}

/** What is held of a person, without a word of who the others are: that is theirs. */
export async function tiesHeld(
  ctx: Ctx,
  homes: readonly string[],
): Promise<{ kind: string; state: string; since: string }[]> {
  const own = new Set(homes)
  return (await tiesAt(ctx, homes)).map(({ a, kind, state, foundAt, decidedAt }) => ({
    kind: own.has(a) ? kind : inverseOf(kind),
    state,
    since: (decidedAt ?? foundAt).toISOString(),
  }))
}

/** Pairs of homes that belong together by the word of staff, both ways: for who reads them in bulk. */
export async function confirmedPairs(
  ctx: Pick<Ctx, 'tx'>,
  homes: readonly string[] | null = null,
): Promise<{ a: string; b: string }[]> {
  const among = homes && arrayOf('uuid', homes)
  const { rows } = await sql<{ a: string; b: string }>`
    select member_a as a, member_b as b from families.ties where state = 'confirmed'
    ${among ? sql`and (member_a = any(${among}) or member_b = any(${among}))` : sql``}`.execute(ctx.tx)
  return rows
}

/** Takes out all that ties erased homes to anybody. */
export async function forgetTies(ctx: Ctx, homes: readonly string[]): Promise<number> {
  const own = arrayOf('uuid', homes)
  const { numAffectedRows } =
    await sql`delete from families.ties where member_a = any(${own}) or member_b = any(${own})`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}
