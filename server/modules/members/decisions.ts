/**
 * What staff decide about people: these two are one, this record isn't theirs. A decision is remembered, outweighs
 * what identities say, and the newest of a pair holds, so each can be taken back.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { actorName, emit } from '#platform/events'
import { newId } from '#platform/ids'
import './events.ts'
import { moveIdentitiesOf } from './blind-indexes.ts'
import { decidedSince, joinRefused, nobodyStays, oneAlready, onlyRecord, recordNotOfMember } from './errors.ts'
import { regroup } from './grouping.ts'
import { homesOf } from './homes.ts'
import { seenHomes } from './scope.ts'

/**
 * Takes one record out of its person, and those that are to go along with it: they are never joined with the records
 * that they leave, until staff join them. So any edge between two records can be cut, whatever hangs on either end.
 */
export async function part(
  ctx: Ctx,
  {
    memberId,
    recordId,
    along = [],
    reason,
  }: { memberId: string; recordId: string; along?: readonly string[]; reason: string },
): Promise<{ memberId: string; recordMemberId: string }> {
  const homes = await homesOf(ctx, memberId)
  const seen = await seenHomes(ctx, homes)
  const going = new Set([recordId, ...along])
  for (const one of going) if (!seen.includes(one)) throw recordNotOfMember(one, memberId)
  const others = homes.filter((home) => !going.has(home))
  if (others.length === 0) throw homes.length === 1 ? onlyRecord(memberId) : nobodyStays(memberId)
  const pairs = [...going].sort().flatMap((one) => others.map((other) => ordered({ a: one, b: other })))
  const act = newId()
  // What weighed evidence had joined teaches it; the other pairs only follow from that.
  await decide(ctx, pairs, 'apart', { reason, act, judged: await joinedByEvidence(ctx, pairs) })
  const grouping = await regroup(ctx, homes, { born: new Set(), origin: 'live', reason: 'decision' })
  await closeReviews(ctx, [...going], others, act)
  const left = grouping.personOf.get(others[0]!)!
  const person = grouping.personOf.get(recordId)!
  // The record tells of it by itself when it changed person; those that it leaves have to hear of it too.
  await emit(ctx, { type: 'record.taken_out', memberId: left, recordId, payload: { person } })
  return { memberId: left, recordMemberId: person }
}

/** Says that two members are one person; refuses with the reasons that `joinPreview` shows. */
export async function join(
  ctx: Ctx,
  {
    memberId,
    otherId,
    reason,
    act = newId(),
    judged,
  }: {
    memberId: string
    otherId: string
    reason: string
    act?: string
    /** The two records that were looked at. */
    judged?: Pair
  },
): Promise<{ memberId: string }> {
  // From here on nobody else joins anybody: what the preview allows is still so when it is done.
  await takeTurns(ctx, 'join', ['all'])
  const preview = await joinPreview(ctx, { memberId, otherId })
  if (!preview.allowed) throw joinRefused(preview.refusals)
  const homes = await homesOf(ctx, memberId)
  const others = await homesOf(ctx, otherId)
  // The newest decision of a pair holds, so pairs that were kept apart are now decided the other way. One more pair
  // would be enough to join; only pairs that stood in the way need a decision of their own.
  const apart = await pairsApart(ctx, homes, others)
  const needed = apart.length > 0 ? apart : judged ? [] : [{ a: homes[0]!, b: others[0]! }]
  const pairs = judged ? [ordered(judged), ...needed.filter((pair) => !isSame(pair, judged))] : needed
  await decide(ctx, pairs, 'join', { reason, act, judged: judged ? [judged] : [] })
  const { personOf } = await regroup(ctx, homesIn(pairs), { born: new Set(), origin: 'live', reason: 'decision' })
  await closeReviews(ctx, homes, others, act)
  return { memberId: personOf.get(homes[0]!)! }
}

/** Decides for many pairs of homes at once that they are one person; gives back the present person of each home met. */
export async function joinMany(
  ctx: Ctx,
  pairs: readonly { a: string; b: string }[],
  reason: string,
): Promise<ReadonlyMap<string, string>> {
  await decide(ctx, pairs, 'join', { reason })
  return (await regroup(ctx, homesIn(pairs), { born: new Set(), origin: 'live', reason: 'decision' })).personOf
}

/**
 * Decides that a new home is nobody of these: identities that it gets later don't join it with them, staff may, and are
 * asked.
 */
export async function keepApart(
  ctx: Ctx,
  { home, others, reason }: { home: string; others: readonly string[]; reason: string },
): Promise<void> {
  await decide(
    ctx,
    others.map((other) => ({ a: home, b: other })),
    'apart',
    { reason },
  )
}

/** Staff looked at two records and say that the people behind them are two: settled, for all that they are made of. */
export async function settleApart(
  ctx: Ctx,
  { a, b, reason, act }: Pair & { reason: string; act: string },
): Promise<void> {
  const [homes, others] = [await homesOf(ctx, a), await homesOf(ctx, b)]
  if (homes[0] === others[0]) throw oneAlready()
  const pairs = homes.flatMap((home) => others.map((other) => ordered({ a: home, b: other })))
  await decide(ctx, pairs, 'apart', { reason, act, judged: [{ a, b }] })
  // Where nobody had asked, nothing has happened that is worth telling.
  if ((await closeReviews(ctx, homes, others, act)) > 0)
    await emit(ctx, { type: 'members.kept_apart', memberId: a, recordId: a, payload: { other: b } })
}

/** Takes an answer back as if it had not been given; refused where a later word about one of its pairs stands. */
export async function takeBackDecision(ctx: Ctx, act: string): Promise<void> {
  await takeTurns(ctx, 'join', ['all'])
  const { rows: later } = await sql`
    select 1 from members.decisions d join members.decisions newer on newer.member_a = d.member_a and newer.member_b = d.member_b
      and newer.decided_at > d.decided_at and newer.act is distinct from d.act
    where d.act = ${act} limit 1`.execute(ctx.tx)
  if (later.length > 0) throw decidedSince()
  const { rows: gone } = await sql<Pair>`
    delete from members.decisions where act = ${act} returning member_a as a, member_b as b`.execute(ctx.tx)
  await sql`update members.reviews set closed_at = null, put_off_until = null, answered_by = null where answered_by = ${act}`.execute(
    ctx.tx,
  )
  await regroup(ctx, homesIn(gone), { born: new Set(), origin: 'live', reason: 'decision' })
}

interface Pair {
  a: string
  b: string
}

const ordered = ({ a, b }: Pair): Pair => (a < b ? { a, b } : { a: b, b: a })
const isSame = (one: Pair, other: Pair) => ordered(one).a === ordered(other).a && ordered(one).b === ordered(other).b
const homesIn = (pairs: readonly Pair[]) => [...new Set(pairs.flatMap(({ a, b }) => [a, b]))].sort()

/** Of these pairs those whose newest word is the matcher's. */
async function joinedByEvidence(ctx: Ctx, pairs: readonly Pair[]): Promise<Pair[]> {
  const { rows } = await sql<Pair>`
    select a, b from (
      select distinct on (member_a, member_b) member_a as a, member_b as b, d.kind
      from unnest(${pairs.map(({ a }) => a)}::uuid[], ${pairs.map(({ b }) => b)}::uuid[]) as p(a, b)
      join members.decisions d on d.member_a = p.a and d.member_b = p.b
      order by member_a, member_b, decided_at desc, id desc) newest
    where kind = 'match'`.execute(ctx.tx)
  return rows
}

export interface JoinPreview {
  allowed: boolean
  refusals: { code: string; params: Record<string, unknown> }[]
  warnings: { code: string; params: Record<string, unknown> }[]
  records: number
  name: string | null
}

export async function joinPreview(
  ctx: Ctx,
  { memberId, otherId }: { memberId: string; otherId: string },
): Promise<JoinPreview> {
  const homes = await homesOf(ctx, memberId)
  const others = await homesOf(ctx, otherId)
  const refusals: JoinPreview['refusals'] = []
  const warnings: JoinPreview['warnings'] = []
  if (homes[0] === others[0]) refusals.push({ code: 'members.already_one', params: {} })
  await moveIdentitiesOf(ctx, [...homes, ...others])
  const { rows: clashes } = await sql<{ kind: string }>`
    select i.kind from members.identities i where i.member_id = any(${[...homes, ...others]}::uuid[]) and i.joins
      and (i.kind in ('unionid', 'document@id_card') or i.kind like 'openid@%')
    group by i.kind having count(distinct i.blind) > 1 order by i.kind`.execute(ctx.tx)
  // Two ID cards or two unionids are two people, whatever else they share; staff can't decide that away.
  for (const { kind } of clashes) {
    if (homes[0] !== others[0]) refusals.push({ code: 'members.identity_clash', params: { kind } })
  }
  if ((await pairsApart(ctx, homes, others)).length > 0)
    warnings.push({ code: 'members.kept_apart_before', params: {} })
  const { rows: profiles } = await sql<{
    side: boolean
    name: string | null
    birth_date: string | null
    gender: string | null
  }>`
    select member_id = any(${homes}::uuid[]) as side, name, birth_date, gender from members.profiles
    where member_id = any(${await seenHomes(ctx, [...homes, ...others])}::uuid[]) order by member_id`.execute(ctx.tx)
  const differ = (field: 'name' | 'birth_date' | 'gender') => {
    const one = new Set(profiles.filter((p) => p.side && p[field]).map((p) => p[field]))
    const two = profiles.filter((p) => !p.side && p[field]).map((p) => p[field])
    return one.size > 0 && two.length > 0 && !two.some((value) => one.has(value))
  }
  for (const field of ['name', 'birth_date', 'gender'] as const) {
    if (differ(field))
      warnings.push({ code: 'members.values_differ', params: { field: field === 'birth_date' ? 'birthDate' : field } })
  }
  return {
    allowed: refusals.length === 0,
    refusals,
    warnings,
    records: new Set([...homes, ...others]).size,
    name: profiles.find((p) => p.name)?.name ?? null,
  }
}

/** The newest word of each pair across two people, of those that have one. */
export async function decisionsBetween(
  ctx: Pick<Ctx, 'tx'>,
  homes: readonly string[],
  others: readonly string[],
): Promise<('join' | 'apart' | 'match')[]> {
  const { rows } = await sql<{ kind: 'join' | 'apart' | 'match' }>`
    select distinct on (member_a, member_b) kind from members.decisions
    where (member_a = any(${homes}::uuid[]) and member_b = any(${others}::uuid[])) or (member_a = any(${others}::uuid[]) and member_b = any(${homes}::uuid[]))
    order by member_a, member_b, decided_at desc, id desc`.execute(ctx.tx)
  return rows.map(({ kind }) => kind)
}

async function pairsApart(
  ctx: Ctx,
  homes: readonly string[],
  others: readonly string[],
): Promise<{ a: string; b: string }[]> {
  const { rows } = await sql<{ a: string; b: string }>`
    select a, b from (
      select distinct on (member_a, member_b) member_a as a, member_b as b, kind from members.decisions
      where (member_a = any(${homes}::uuid[]) and member_b = any(${others}::uuid[])) or (member_a = any(${others}::uuid[]) and member_b = any(${homes}::uuid[]))
      order by member_a, member_b, decided_at desc, id desc) newest
    where kind = 'apart'`.execute(ctx.tx)
  return rows
}

async function decide(
  ctx: Ctx,
  told: readonly Pair[],
  kind: 'join' | 'apart',
  { reason, act = null, judged = [] }: { reason: string; act?: string | null; judged?: readonly Pair[] },
): Promise<void> {
  const pairs = told.map(ordered)
  const looked = new Set(judged.map(ordered).map(({ a, b }) => `${a} ${b}`))
  await sql`insert into members.decisions (id, member_a, member_b, kind, reason, actor, decided_at, act, judged)
    select i, a, b, ${kind}, ${reason}, ${actorName(ctx.actor)}, clock_timestamp(), ${act}::uuid, j
    from unnest(${pairs.map(() => newId())}::uuid[], ${pairs.map((p) => p.a)}::uuid[], ${pairs.map((p) => p.b)}::uuid[],
      ${pairs.map(({ a, b }) => looked.has(`${a} ${b}`))}::boolean[]) as u(i, a, b, j)`.execute(ctx.tx)
}

async function closeReviews(
  ctx: Ctx,
  homes: readonly string[],
  others: readonly string[],
  act: string,
): Promise<number> {
  const { numAffectedRows } =
    await sql`update members.reviews set closed_at = ${ctx.now}, answered_by = ${act} where closed_at is null
    and ((member_a = any(${homes}::uuid[]) and member_b = any(${others}::uuid[]))
      or (member_b = any(${homes}::uuid[]) and member_a = any(${others}::uuid[])))`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}
