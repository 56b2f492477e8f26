import { verify as verifyPoints } from '#modules/points'
import { backup } from '#platform/backup/dump'
import { inTx } from '#platform/db'
import { assert, Refusal } from '#platform/errors'
import { actorName } from '#platform/events'
import { type Served, serve, serveLong } from '#platform/http'
import { parkedEvents } from '#platform/reactions'
import { changeSettings, readSettings, settingsProblem } from '#platform/settings'
import { rebuildWarehouse } from '#platform/warehouse-feed'
import * as contract from './contract.ts'
import { facts } from './modules.ts'
import { version } from './version.ts'

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
  serveLong(
    contract.readBackup,
    'operations.run',
    async ({ db, log }, actor, _input, call) => {
      const { vault, url } = db
      assert(vault, 'a route is served before the vault is open')
      const now = db.clock.now()
      log.info({ actor: actorName(actor) }, 'a backup is made')
      const content = await backup({ url, master: vault.keys.master, program: version, now })
      // The reply is cut off then, which whoever reads it sees; only here it can be said why.
      content.on('error', (error) => log.error({ err: error }, 'a backup was not finished'))
      const day = now.toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-')
      call.sendFile({ name: `roundtrip-${day}.backup`, type: 'application/octet-stream', content })
      return {}
    },
    { asksProof: true },
  ),
  serveLong(contract.rebuildWarehouseRoute, 'operations.run', async (house) => {
    const started = Date.now()
    const { events, homes } = await rebuildWarehouse(house, facts)
    return { events, homes, seconds: (Date.now() - started) / 1000 }
  }),
  serve(contract.readGroup, 'settings.read', (ctx) => readSettings(ctx)),
  serve(
    contract.changeGroup,
    'settings.change',
    async (ctx, input) => {
      const change = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
      const wrong = settingsProblem(change)
      if (wrong)
        throw new Refusal('invalid', 'settings.invalid', { field: wrong }, `The ${wrong} is not one that exists.`)
      return changeSettings(ctx, change)
    },
    { asksProof: true },
  ),
]
