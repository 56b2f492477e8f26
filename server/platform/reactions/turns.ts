/** Whose turn it is: one program at a time has a lane, and a member's events are all of one lane. */
import { type RawBuilder, sql } from 'kysely'
import type { Ctx } from '#platform/ctx'

/** Stands for the member of events that are of no member. */
export const nobody = '00000000-0000-0000-0000-000000000000'

/** Which of so many lanes has a member's events. */
export const laneOf = (member: RawBuilder<unknown>, lanes: number): RawBuilder<number> =>
  sql`abs(hashtext((${member})::text) % ${lanes}::int)`

// An advisory lock and not one of the cursor's row: a row lock takes a transaction id, and with it a batch would hold up
// every reaction for as long as it works (the warehouse's answers in its own time).
const lock = (reactionName: string, lane: RawBuilder<number>) =>
  sql`hashtext(${`reaction ${reactionName}`}), (${lane})::int`

/** Takes the lane until the transaction ends, unless another has it. */
export async function takeLane(ctx: Ctx, reactionName: string, lane: number): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${lock(reactionName, sql`${lane}`)}) as mine`.execute(ctx.tx)
  return rows[0]!.mine
}

/** Waits until the batch in its hand is done; from then on the lane rests until the transaction ends. */
export async function restLane(ctx: Ctx, reactionName: string, lane: RawBuilder<number>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lock(reactionName, lane)})`.execute(ctx.tx)
}

/** Lets a reaction of one lane rest, and says how far it has read; null when it has never run. */
export async function restReaction(
  ctx: Ctx,
  reactionName: string,
): Promise<{ generation: number; xid: string; id: string } | null> {
  await restLane(ctx, reactionName, sql`0`)
  const { rows } = await sql<{ generation: number; xid: string; id: string }>`
    select generation, xid::text as xid, id from platform.cursors where reaction = ${reactionName} and lane = 0`.execute(
    ctx.tx,
  )
  return rows[0] ?? null
}
