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
import { joinRefused, onlyRecord, recordNotOfMember } from './errors.ts'
import { regroup } from './grouping.ts'
import { homesOf } from './homes.ts'
import { seenHomes } from './scope.ts'

/** Takes one record out of its person: it is never joined with the records that it leaves, until staff join them. */
export async function part(
  ctx: Ctx,
  { memberId, recordId, reason }: { memberId: string; recordId: string; reason: string },
): Promise<{ memberId: string; recordMemberId: string }> {
  const homes = await homesOf(ctx, memberId)
  if (!(await seenHomes(ctx, homes)).includes(recordId)) throw recordNotOfMember(recordId, memberId)
  const others = homes.filter((home) => home !== recordId)
  if (others.length === 0) throw onlyRecord(memberId)
  await decide(
    ctx,
    others.map((other) => ({ a: recordId, b: other })),
    'apart',
    reason,
  )
  const grouping = await regroup(ctx, homes, { born: new Set(), origin: 'live', reason: 'decision' })
  await closeReviews(ctx, recordId, others)
  const left = grouping.personOf.get(others[0]!)!
  const person = grouping.personOf.get(recordId)!
  // The record tells of it by itself when it changed person; those that it leaves have to hear of it too.
  await emit(ctx, { type: 'record.taken_out', memberId: left, recordId, payload: { person } })
  return { memberId: left, recordMemberId: person }
}

/** Says that two members are one person; refuses with the reasons that `joinPreview` shows. */
export async function join(
  ctx: Ctx,
  { memberId, otherId, reason }: { memberId: string; otherId: string; reason: string },
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
  const personOf = await joinMany(ctx, apart.length > 0 ? apart : [{ a: homes[0]!, b: others[0]! }], reason)
  for (const home of homes) await closeReviews(ctx, home, others)
  return { memberId: personOf.get(homes[0]!)! }
}

/** Decides for many pairs of homes at once that they are one person; gives back the present person of each home met. */
export async function joinMany(
  ctx: Ctx,
  pairs: readonly { a: string; b: string }[],
  reason: string,
): Promise<ReadonlyMap<string, string>> {
  await decide(ctx, pairs, 'join', reason)
  const homes = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))]
  return (await regroup(ctx, homes, { born: new Set(), origin: 'live', reason: 'decision' })).personOf
}

/** Decides that a new home is nobody of these: identities that it gets later don't join it with them, staff may. */
export async function keepApart(
  ctx: Ctx,
  { home, others, reason }: { home: string; others: readonly string[]; reason: string },
): Promise<void> {
  await decide(
    ctx,
    others.map((other) => ({ a: home, b: other })),
    'apart',
    reason,
  )
}

/** Says that two members are two people: nothing but staff joins them from now on, and nobody is asked about them. */
export async function areTwo(
  ctx: Ctx,
  { memberId, otherId, reason }: { memberId: string; otherId: string; reason: string },
): Promise<void> {
  const others = await homesOf(ctx, otherId)
  let asked = 0
  for (const home of await homesOf(ctx, memberId)) {
    await keepApart(ctx, { home, others, reason })
    asked += await closeReviews(ctx, home, others)
  }
  // Where nobody had asked, nothing has happened that is worth telling.
  if (asked > 0)
    await emit(ctx, { type: 'members.kept_apart', memberId, recordId: memberId, payload: { other: otherId } })
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
  pairs: readonly { a: string; b: string }[],
  kind: 'join' | 'apart',
  reason: string,
): Promise<void> {
  const ordered = pairs.map(({ a, b }) => (a < b ? { a, b } : { a: b, b: a }))
  await sql`insert into members.decisions (id, member_a, member_b, kind, reason, actor, decided_at)
    select i, a, b, ${kind}, ${reason}, ${actorName(ctx.actor)}, clock_timestamp()
    from unnest(${ordered.map(() => newId())}::uuid[], ${ordered.map((p) => p.a)}::uuid[], ${ordered.map((p) => p.b)}::uuid[]) as u(i, a, b)`.execute(
    ctx.tx,
  )
}

async function closeReviews(ctx: Ctx, home: string, others: readonly string[]): Promise<number> {
  const { numAffectedRows } = await sql`update members.reviews set closed_at = ${ctx.now} where closed_at is null
    and ((member_a = ${home} and member_b = any(${others}::uuid[])) or (member_b = ${home} and member_a = any(${others}::uuid[])))`.execute(
    ctx.tx,
  )
  return Number(numAffectedRows ?? 0n)
}
