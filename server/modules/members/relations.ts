/**
 * Stores that a member belongs to beyond what came by them: the home store, and who serves them. A relation opens the
 * member to that store, so it is written on those homes only that whoever writes it sees.
 */
import { sql } from 'kysely'
import { channelOf, channels } from '#modules/channels'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { actorName, emitMany, type Origin } from '#platform/events'
import { newId } from '#platform/ids'
import { addJob, type Job } from '#platform/jobs'
import { reaction } from '#platform/reactions'
import { arrayOf, type Columns, insertOf } from '#platform/rows'
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

/**
 * Relates a member to a store. A new home store takes the place of the old one; so does, `instead`, whoever serves them
 * there. The same again changes nothing.
 */
export async function relate(
  ctx: Ctx,
  {
    memberId,
    store,
    kind,
    staffId,
    instead,
    reason,
  }: {
    memberId: string
    store: string
    kind: RelationKind
    staffId: string | null
    instead: boolean
    reason: string
  },
): Promise<void> {
  const { id: channelId } = await channelOf(ctx, store)
  const homes = await seenHomes(ctx, await homesOf(ctx, memberId))
  const standing = await standingRelations(ctx, homes)
  const isSame = (relation: Relation) =>
    relation.kind === kind && relation.channelId === channelId && relation.staffId === staffId
  const fresh = homes.filter((home) => !standing.some((one) => one.home === home && isSame(one)))
  if (kind === 'home')
    await sql`update members.relations set until = ${ctx.now}
      where member_id = any(${arrayOf('uuid', fresh)}) and kind = 'home' and until is null`.execute(ctx.tx)
  else if (instead) await endServing(ctx, { homes, channelId, store, except: staffId })
  await addRelations(
    ctx,
    fresh.map((home) => ({ home, kind, channelId, store, staffId, since: ctx.now })),
    { reason },
  )
}

async function endServing(
  ctx: Ctx,
  {
    homes,
    channelId,
    store,
    except,
  }: { homes: readonly string[]; channelId: number; store: string; except: string | null },
): Promise<void> {
  const { rows } = await sql<{ home: string; staffId: string | null }>`
    update members.relations set until = ${ctx.now}
    where member_id = any(${arrayOf('uuid', homes)}) and kind = 'served' and channel_id = ${channelId}
      and staff_id is distinct from ${except}::uuid and until is null
    returning member_id as home, staff_id as "staffId"`.execute(ctx.tx)
  await emitMany(
    ctx,
    rows.map(({ home, staffId }) => ({
      type: 'member.unrelated' as const,
      memberId: home,
      recordId: home,
      payload: { store, kind: 'served' as const, staffId },
    })),
  )
}

/** Ends a relation: of a member of staff, or of all who serve the member at this store. */
export async function unrelate(
  ctx: Ctx,
  {
    memberId,
    store,
    kind,
    staffId,
  }: { memberId: string; store: string; kind: RelationKind; staffId?: string | undefined },
): Promise<void> {
  const { id: channelId } = await channelOf(ctx, store)
  const homes = await seenHomes(ctx, await homesOf(ctx, memberId))
  const { rows } = await sql<{ home: string; staffId: string | null }>`
    update members.relations set until = ${ctx.now}
    where member_id = any(${arrayOf('uuid', homes)}) and kind = ${kind} and channel_id = ${channelId} and until is null
      ${staffId === undefined ? sql`` : sql`and staff_id = ${staffId}::uuid`}
    returning member_id as home, staff_id as "staffId"`.execute(ctx.tx)
  await emitMany(
    ctx,
    rows.map(({ home, staffId: served }) => ({
      type: 'member.unrelated' as const,
      memberId: home,
      recordId: home,
      payload: { store, kind, staffId: served },
    })),
  )
}

export interface NewRelation {
  home: string
  kind: RelationKind
  channelId: number
  /** Code of the same store. */
  store: string
  staffId: string | null
  since: Date
}

/** Writes relations of many homes at once; one that stands already is left as it is. */
export async function addRelations(
  ctx: Ctx,
  relations: readonly NewRelation[],
  { reason, origin = 'live' }: { reason: string; origin?: Origin },
): Promise<void> {
  if (relations.length === 0) return
  const columns: Columns<NewRelation> = {
    member_id: ['uuid', ({ home }) => home],
    id: ['uuid', () => newId()],
    kind: ['text', ({ kind }) => kind],
    channel_id: ['int', ({ channelId }) => channelId],
    staff_id: ['uuid', ({ staffId }) => staffId],
    since: ['timestamptz', ({ since }) => since],
    actor: ['text', () => actorName(ctx.actor)],
    reason: ['text', () => reason],
  }
  await sql`${insertOf('members.relations', columns, relations)} on conflict do nothing`.execute(ctx.tx)
  await emitMany(
    ctx,
    relations.map(({ home, store, kind, staffId, since }) => ({
      type: 'member.related' as const,
      memberId: home,
      recordId: home,
      at: since,
      origin,
      payload: { store, kind, staffId },
    })),
  )
}

/** How many members somebody serves, store by store; one who is served at two stores counts at each. */
export async function servedBy(
  ctx: Pick<Ctx, 'tx'>,
  staffId: string,
): Promise<{ members: number; byChannel: Map<number, number> }> {
  const { rows } = await sql<{ channelId: number | null; members: number }>`
    select r.channel_id as "channelId", count(distinct h.person_id) as members
    from members.relations r join members.homes h on h.member_id = r.member_id
    where r.staff_id = ${staffId}::uuid and r.until is null group by grouping sets ((r.channel_id), ())`.execute(ctx.tx)
  return {
    members: rows.find(({ channelId }) => channelId === null)?.members ?? 0,
    byChannel: new Map(rows.flatMap(({ channelId, members }) => (channelId === null ? [] : [[channelId, members]]))),
  }
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
  const { rows } = await sql<{ home: string; channelId: number }>`
    update members.relations set until = ${ctx.now} where (member_id, id) in (
      select member_id, id from members.relations where staff_id = ${staffId}::uuid and until is null
      order by member_id limit ${handedAtOnce})
    returning member_id as home, channel_id as "channelId"`.execute(ctx.tx)
  const codes = new Map((await channels(ctx)).map(({ id, code }) => [id, code]))
  // Without a successor they stay members of the store, where any colleague can take them on.
  await addRelations(
    ctx,
    rows.map(({ home, channelId }) => ({
      home,
      kind: 'served',
      channelId,
      store: codes.get(channelId)!,
      staffId: successorId,
      since: ctx.now,
    })),
    { reason: 'staff_left' },
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
