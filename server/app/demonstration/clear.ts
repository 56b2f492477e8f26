/**
 * Takes the demonstration away: everybody and all that happened, its channels and its part of the tree. Own rules, keys
 * and channels stay. Where somebody has brought data of their own it refuses: nothing real is ever removed with it.
 */
import { removeStaff } from '#modules/access'
import { forgetChannels } from '#modules/channels'
import { importsInForce } from '#modules/imports'
import { recordsNotOf } from '#modules/members'
import { ordersNotOf } from '#modules/orders'
import { removeFromTree } from '#modules/organisation'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { emptyAllBut } from '#platform/emptying'
import type { House } from '#platform/house'
import { changeSettings, groupSettings, readSettings } from '#platform/settings'
import { rebuildWarehouse } from '#platform/warehouse-feed'
import { facts, modules } from '../modules.ts'
import { addedSince, broughtByImports, demonstrationFilling, noDemonstration } from './errors.ts'
import { isFilling } from './fill.ts'
import { channelCodes, companyCodes, groupName } from './group.ts'
import { staffOf } from './staff.ts'
import { type Demonstration, keepState, percentOf, readState } from './state.ts'

export async function clearDemonstration(
  house: Pick<House, 'db' | 'reactions' | 'warehouse' | 'stopping'>,
  actor: Actor,
  { everything }: { everything: boolean },
): Promise<Demonstration> {
  const { db, reactions } = house
  const found = await inTx(db, actor, (ctx) => readState(ctx))
  if (!found || found.state === 'cleared') throw noDemonstration()
  if (isFilling(db)) throw demonstrationFilling(percentOf(found))
  // What reactions have read is behind their cursors, which stay; what they write goes with the rest.
  await reactions.caughtUp()
  await inTx(db, actor, async (ctx) => {
    await emptyAllBut(
      ctx,
      modules.flatMap(({ setup }) => setup ?? []),
      async () => {
        const imports = await importsInForce(ctx)
        if (imports > 0) throw broughtByImports(imports)
        const added = { records: await recordsNotOf(ctx, found.id), orders: await ordersNotOf(ctx, found.id) }
        if (!everything && added.records + added.orders > 0) throw addedSince(added)
      },
    )
    await removeStaff(
      ctx,
      staffOf(found).map(({ id }) => id),
    )
    await removeFromTree(ctx, { companies: companyCodes, stores: channelCodes })
    await forgetChannels(ctx, channelCodes)
    if ((await readSettings(ctx)).name === groupName) {
      const { name, pointValue } = groupSettings.parse({})
      await changeSettings(ctx, { name, pointValue })
    }
    await keepState(ctx, { ...found, state: 'cleared' })
  })
  await rebuildWarehouse(house, facts)
  return found
}
