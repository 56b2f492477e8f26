/**
 * Events that a reaction could not digest. They stand aside with their error, and the same member's later ones behind
 * them in order, until somebody has mended the cause and lets them run again.
 */
import { sql } from 'kysely'
import { type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { isOutage } from '#platform/errors'
import type { LoggedEvent } from '#platform/events'
import type { Reaction } from '#platform/reactions'
import { laneOf, nobody, restLane } from '#platform/reactions/turns'

/** With an error: it failed. Without: it waits behind one that did. */
export async function park(
  ctx: Ctx,
  reaction: Reaction,
  events: readonly LoggedEvent[],
  error: string | null,
): Promise<void> {
  await sql`insert into platform.parked_events (reaction, member_id, event, error, tries)
    select ${reaction.name}, e.member_id, e.event, ${error}, ${error === null ? 0 : 1}::int
    from unnest(${events.map((event) => event.memberId ?? nobody)}::uuid[], ${events.map((event) => JSON.stringify(event))}::jsonb[])
      with ordinality as e(member_id, event, place) order by place`.execute(ctx.tx)
}

/** The members of these events who have one parked. Events of no member wait for nothing. */
export async function membersWithParked(
  ctx: Ctx,
  reaction: Reaction,
  events: readonly LoggedEvent[],
): Promise<Set<string>> {
  const { rows: any } = await sql`select from platform.parked_events limit 1`.execute(ctx.tx)
  if (any.length === 0) return new Set()
  const members = [...new Set(events.flatMap(({ memberId }) => memberId ?? []))]
  const { rows } = await sql<{ member_id: string }>`
    select distinct member_id from platform.parked_events
    where member_id = any(${members}::uuid[]) and reaction = ${reaction.name}`.execute(ctx.tx)
  return new Set(rows.map(({ member_id }) => member_id))
}

/** Runs a reaction's parked events again, each member's in order up to one that still fails; says how many are left. */
export async function runParked(db: Database, reaction: Reaction): Promise<number> {
  const { rows: members } = await sql<{ member_id: string }>`
    select distinct member_id from platform.parked_events where reaction = ${reaction.name} order by member_id`.execute(
    db.kysely,
  )
  for (const { member_id: member } of members) {
    // One event an act: the ones before a still bad event stay done.
    const at = { position: 0 }
    for (;;) {
      const before = at.position
      try {
        if (!(await inTx(db, systemActor, (ctx) => runNext(ctx, reaction, member, { after: before, at })))) break
      } catch (error) {
        if (isOutage(error) || at.position === before) throw error
        await sql`update platform.parked_events set error = ${(error as Error).message}, tries = tries + 1
          where member_id = ${member} and reaction = ${reaction.name} and position = ${at.position}`.execute(db.kysely)
        // The member's later ones go on waiting behind it; events of no member don't wait for each other.
        if (member !== nobody) break
      }
    }
  }
  const { rows } = await sql<{
    left: number
  }>`select count(*) as left from platform.parked_events where reaction = ${reaction.name}`.execute(db.kysely)
  return rows[0]!.left
}

/** Runs the member's first that is parked after a position, which `at` then tells; false when there is none. */
async function runNext(
  ctx: Ctx,
  reaction: Reaction,
  member: string,
  { after, at }: { after: number; at: { position: number } },
): Promise<boolean> {
  at.position = after
  // The lane rests meanwhile: it may be about to park an event behind the one that is worked off here, and nobody
  // would come by again to run that.
  await restLane(ctx, reaction.name, laneOf(sql`${member}::text`, reaction.lanes ?? 1))
  const { rows } = await sql<{ position: number; event: LoggedEvent }>`
    select position, event from platform.parked_events
    where member_id = ${member} and reaction = ${reaction.name} and position > ${after} order by position limit 1`.execute(
    ctx.tx,
  )
  const next = rows[0]
  if (!next) return false
  at.position = next.position
  const { event } = next
  await reaction.run(ctx, [{ ...event, eventAt: new Date(event.eventAt), createdAt: new Date(event.createdAt) }])
  await sql`delete from platform.parked_events
    where member_id = ${member} and reaction = ${reaction.name} and position = ${next.position}`.execute(ctx.tx)
  return true
}

/** For a page: what is parked, oldest first. */
export async function parkedEvents(
  ctx: Ctx,
  limit: number,
): Promise<
  { reaction: string; memberId: string | null; type: string; error: string | null; tries: number; parkedAt: Date }[]
> {
  const { rows } = await sql<{
    reaction: string
    memberId: string | null
    type: string
    error: string | null
    tries: number
    parkedAt: Date
  }>`
    select reaction, nullif(member_id, ${nobody}::uuid) as "memberId", event->>'type' as type, error, tries, parked_at as "parkedAt"
    from platform.parked_events order by parked_at, position limit ${limit}`.execute(ctx.tx)
  return rows
}
