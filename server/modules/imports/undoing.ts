/**
 * Takes a whole import back, in chunks: orders first, so that points are taken back while their owner is still known,
 * then what it said about people. What came later by other ways stays.
 */
import { sql } from 'kysely'
import { channels } from '#modules/channels'
import { withdrawalOf, withdrawVersions } from '#modules/members'
import { homesWithOrders, orderWithdrawalOf, withdrawOrders } from '#modules/orders'
import { earnedThrough, takeBackOpenings } from '#modules/points'
import { takeBackConsents } from '#modules/privacy'
import type { Actor, Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { undoStopped } from './errors.ts'
import { claim, type ImportRow, importOf } from './imports.ts'
import { discard } from './staging.ts'

const chunk = 1_000

export async function undoPreviewOf(
  ctx: Ctx,
  id: string,
): Promise<{
  recordsWithdrawn: number
  recordsKept: number
  recordsRestored: number
  ordersWithdrawn: number
  ordersRestored: number
  membersTouched: number
  pointsEarned: number
}> {
  const row = await importOf(ctx, id)
  const records = await withdrawalOf(ctx, id, async (homes) => {
    const told = await alsoTold(ctx, homes, row)
    return new Set([...told.keys(), ...(await homesWithOrders(ctx, homes, id)).keys()])
  })
  const orders = await orderWithdrawalOf(ctx, id)
  const { rows } = await sql<{
    touched: number
  }>`select count(*) as touched from imports.touched where import_id = ${id}`.execute(ctx.tx)
  return {
    recordsWithdrawn: records.withdrawn,
    recordsKept: records.kept,
    recordsRestored: records.restored,
    ordersWithdrawn: orders.withdrawn,
    ordersRestored: orders.restored,
    membersTouched: rows[0]!.touched,
    pointsEarned: await earnedThrough(ctx, id),
  }
}

export async function claimUndo(house: House, actor: Actor, id: string): Promise<ImportRow> {
  return inTx(house.db, actor, (ctx) => claim(ctx, id, ['done', 'paused', 'undoing'], 'undoing'))
}

/** Returns when all is taken back; stopped between two chunks, the same command goes on. */
export async function undo(house: House, actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  const { row, byId } = await inTx(house.db, actor, async (ctx) => ({
    row: await importOf(ctx, id),
    byId: new Map((await channels(ctx)).map((channel) => [channel.id, channel])),
  }))
  const channelCode = byId.get(row.channelId)!.code
  let done = 0
  const note = (ctx: Ctx) =>
    sql`update imports.imports set progress = ${JSON.stringify({ step: 'undoing', done, of: (row.counts?.created ?? 0) + (row.counts?.updated ?? 0), unit: 'rows' })}::jsonb where id = ${id}`.execute(
      ctx.tx,
    )
  let takenFrom: string | null = null
  for (const step of [
    async (ctx: Ctx) => {
      takenFrom = await takeBackOpenings(ctx, { importId: id, after: takenFrom, limit: chunk })
      return takenFrom === null ? 0 : chunk
    },
    (ctx: Ctx) => takeBackConsents(ctx, { importId: id, limit: chunk }),
    (ctx: Ctx) => withdrawOrders(ctx, { importId: id, channelCode, limit: chunk }),
    (ctx: Ctx) =>
      withdrawVersions(ctx, {
        importId: id,
        channels: byId,
        limit: chunk,
        alsoTold: (homes) => alsoTold(ctx, homes, row),
        needed: (homes) => homesWithOrders(ctx, homes),
      }),
  ]) {
    for (;;) {
      if (signal.aborted) throw undoStopped()
      const count = await inTx(house.db, actor, async (ctx) => {
        const taken = await step(ctx)
        done += taken
        await note(ctx)
        return taken
      })
      if (count === 0) break
    }
  }
  for (let left = true; left; ) {
    const { numAffectedRows } = await sql`delete from imports.touched where import_id = ${id} and member_id in (
      select member_id from imports.touched where import_id = ${id} limit 20000)`.execute(house.db.kysely)
    left = (numAffectedRows ?? 0n) > 0n
  }
  await inTx(house.db, actor, (ctx) =>
    sql`update imports.imports set state = 'undone', progress = null, finished_at = ${ctx.now} where id = ${id}`.execute(
      ctx.tx,
    ),
  )
  await discard(house, id)
}

/** Records that another import told of too. */
async function alsoTold(
  ctx: Ctx,
  homes: readonly string[],
  { id, channelId }: Pick<ImportRow, 'id' | 'channelId'>,
): Promise<Map<string, string>> {
  const { rows: others } = await sql<{ id: string }>`select id from imports.imports
    where kind = 'members' and channel_id = ${channelId} and id <> ${id} and state in ('applying', 'paused', 'done')`.execute(
    ctx.tx,
  )
  // Named one by one, because what was touched is found by the import first.
  const { rows } = await sql<{ member_id: string; import_id: string }>`select member_id, import_id from imports.touched
    where import_id = any(${others.map((other) => other.id)}::uuid[]) and member_id = any(${homes}::uuid[])`.execute(
    ctx.tx,
  )
  return new Map(rows.map((row) => [row.member_id, row.import_id]))
}
