/**
 * Stores that a member belongs to beyond what came by them: the home store, and who serves them. A relation opens the
 * member to that store, so it is written on those homes only that whoever writes it sees.
 */
import { sql } from 'kysely'
import { channelOf, channels } from '#modules/channels'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { actorName, emitMany } from '#platform/events'
import { newId } from '#platform/ids'
import { addJob, type Job } from '#platform/jobs'
import { reaction } from '#platform/reactions'
import { arrayOf } from '#platform/rows'
import './events.ts'
import { homesOf } from './homes.ts'
import { seenHomes } from './scope.ts'

export type RelationKind = 'home' | 'served'

export interface Relation {
  kind: RelationKind
  channelId: number
  staffId: string | null
  since: Date
  reason: string
}

/** Relates a member to a store. A new home store takes the place of the old one; the same again changes nothing. */
export async function relate(
  ctx: Ctx,
  {
    memberId,
    store,
    kind,
    staffId,
    reason,
  }: { memberId: string; store: string; kind: RelationKind; staffId: string | null; reason: string },
): Promise<void> {
  const { id: channelId } = await channelOf(ctx, store)
  const homes = await seenHomes(ctx, await homesOf(ctx, memberId))
  const standing = await standingRelations(ctx, homes)
  const isSame = (relation: Relation) =>
    relation.kind === kind && relation.channelId === channelId && relation.staffId === staffId
  const fresh = homes.filter((home) => !standing.some((one) => one.home === home && isSame(one)))
  if (fresh.length === 0) return
  if (kind === 'home')
    await sql`update members.relations set until = ${ctx.now}
      where member_id = any(${arrayOf('uuid', fresh)}) and kind = 'home' and until is null`.execute(ctx.tx)
  await sql`insert into members.relations (member_id, id, kind, channel_id, staff_id, since, actor, reason)
    select home, id, ${kind}, ${channelId}, ${staffId}::uuid, ${ctx.now}, ${actorName(ctx.actor)}, ${reason}
    from unnest(${arrayOf('uuid', fresh)}, ${arrayOf(
      'uuid',
      fresh.map(() => newId()),
    )}) as u(home, id) on conflict do nothing`.execute(ctx.tx)
  await emitMany(
    ctx,
    fresh.map((home) => ({
      type: 'member.related' as const,
      memberId: home,
      recordId: home,
      payload: { store, kind, staffId },
    })),
  )
}

/** Ends a relation. */
export async function unrelate(
  ctx: Ctx,
  { memberId, store, kind }: { memberId: string; store: string; kind: RelationKind },
): Promise<void> {
  const { id: channelId } = await channelOf(ctx, store)
  const homes = await seenHomes(ctx, await homesOf(ctx, memberId))
  const { rows } = await sql<{ home: string; staffId: string | null }>`
    update members.relations set until = ${ctx.now}
    where member_id = any(${arrayOf('uuid', homes)}) and kind = ${kind} and channel_id = ${channelId} and until is null
    returning member_id as home, staff_id as "staffId"`.execute(ctx.tx)
  await emitMany(
    ctx,
    rows.map(({ home, staffId }) => ({
      type: 'member.unrelated' as const,
      memberId: home,
      recordId: home,
      payload: { store, kind, staffId },
    })),
  )
}

async function standingRelations(
  ctx: Pick<Ctx, 'tx'>,
  homes: readonly string[],
): Promise<(Relation & { home: string })[]> {
  const { rows } = await sql<Relation & { home: string }>`
    select member_id as home, kind, channel_id as "channelId", staff_id as "staffId", since, reason
    from members.relations where member_id = any(${arrayOf('uuid', homes)}) and until is null order by since`.execute(
    ctx.tx,
  )
  return rows
}

/** The relations of a person that stand, each once. */
export async function relationsOf(ctx: Ctx, homes: readonly string[]): Promise<Relation[]> {
  const standing = await standingRelations(ctx, await seenHomes(ctx, homes))
  const each = new Map(standing.map((one) => [[one.kind, one.channelId, one.staffId].join(' '), one]))
  return [...each.values()]
}

/** Homes handed on in one transaction, which stays well under a second. */
const handedAtOnce = 2_000

/** Hands on whom somebody served, in part; says whether there may be more. Without a successor the store keeps them. */
async function handOver(
  ctx: Ctx,
  { staffId, successorId }: { staffId: string; successorId: string | null },
): Promise<boolean> {
  const { rows } = await sql<{ home: string; channelId: number; store: string }>`
    update members.relations set until = ${ctx.now} where (member_id, id) in (
      select member_id, id from members.relations where staff_id = ${staffId}::uuid and until is null
      order by member_id limit ${handedAtOnce})
    returning member_id as home, channel_id as "channelId"`.execute(ctx.tx)
  const codes = new Map((await channels(ctx)).map(({ id, code }) => [id, code]))
  // Without a successor they stay members of the store, where any colleague can take them on.
  await sql`insert into members.relations (member_id, id, kind, channel_id, staff_id, since, actor, reason)
    select home, id, 'served', channel, ${successorId}::uuid, ${ctx.now}, ${actorName(ctx.actor)}, 'staff_left'
    from unnest(${arrayOf(
      'uuid',
      rows.map(({ home }) => home),
    )}, ${arrayOf(
      'uuid',
      rows.map(() => newId()),
    )}, ${arrayOf(
      'int',
      rows.map(({ channelId }) => channelId),
    )}) as u(home, id, channel) on conflict do nothing`.execute(ctx.tx)
  await emitMany(
    ctx,
    rows.map(({ home, channelId }) => ({
      type: 'member.related' as const,
      memberId: home,
      recordId: home,
      payload: { store: codes.get(channelId)!, kind: 'served' as const, staffId: successorId },
    })),
  )
  return rows.length === handedAtOnce
}

/** When somebody leaves, the members whom they served go to their successor. */
export const staffLeft = reaction({
  name: 'members.hand_over',
  types: ['staff.left'],
  origins: ['live'],
  startsAt: 'now',
  run: async (ctx, events) => {
    for (const { payload } of events) await addJob(ctx, handingOver.name, payload, { key: payload.staffId })
  },
})

export const handingOver: Job = {
  name: 'members.hand_over',
  run: async ({ db, stopping }, payload) => {
    const left = payload as { staffId: string; successorId: string | null }
    while (!stopping.aborted && (await inTx(db, systemActor, (ctx) => handOver(ctx, left))));
  },
}
