import { verify as verifyPoints } from '#modules/points'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import { type Served, serve, serveLong } from '#platform/http'
import { parkedEvents } from '#platform/reactions'
import { rebuildWarehouse } from '#platform/warehouse-feed'
import * as contract from './contract.ts'
import { facts } from './modules.ts'

export const operations: readonly Served[] = [
  serveLong(contract.listReactions, 'operations.read', async (house, actor) => {
    const parked = await inTx(house.db, actor, (ctx) => parkedEvents(ctx, 200))
    return {
      reactions: await house.reactions.states(),
      parked: parked.map((event) => ({ ...event, parkedAt: event.parkedAt.toISOString() })),
    }
  }),
  serveLong(contract.runParked, 'operations.run', async (house, _actor, { reaction }) => {
    const known = (await house.reactions.states()).some((state) => state.reaction === reaction)
    if (!known) throw new Refusal('not_found', 'reactions.unknown', { reaction }, `There is no reaction ${reaction}.`)
    return { left: await house.reactions.runParked(reaction) }
  }),
  serveLong(contract.catchUp, 'signed-in', async (house) => {
    await house.reactions.caughtUp()
    return {}
  }),
  serve(contract.verifyBooks, 'operations.read', async (ctx) => {
    const broken = await verifyPoints(ctx)
    return { ok: broken.length === 0, broken }
  }),
  serveLong(contract.rebuildWarehouseRoute, 'operations.run', async (house) => {
    const started = Date.now()
    const { events, homes } = await rebuildWarehouse(house, facts)
    return { events, homes, seconds: (Date.now() - started) / 1000 }
  }),
]
