import { verify as verifyPoints } from '#modules/points'
import { record } from '#platform/audit'
import { checkAudit, keepCheck } from '#platform/audit/checking'
import { backup } from '#platform/backup/dump'
import { beginReindexing, lastIndexRotation } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { assert, Refusal } from '#platform/errors'
import { actorName } from '#platform/events'
import { type Served, serve, serveLong } from '#platform/http'
import { giveUpJob, listJobs, runJob } from '#platform/job-list'
import { addJob } from '#platform/jobs'
import { parkedEvents } from '#platform/reactions'
import { schedules } from '#platform/schedules'
import { changeSettings, readSettings, settingsProblem } from '#platform/settings'
import { beginRotation, lastRotation } from '#platform/vault-rotation'
import { rebuildWarehouse } from '#platform/warehouse-feed'
import * as contract from './contract.ts'
import { jobs } from './jobs.ts'
import { blindIndexes, facts, homeKeys } from './modules.ts'
import { version } from './version.ts'

const newestJobs = 50

async function shownRotation(ctx: Ctx) {
  const last = await lastRotation(ctx)
  return (
    last && {
      ...last,
      startedAt: last.startedAt.toISOString(),
      finishedAt: last.finishedAt?.toISOString() ?? null,
    }
  )
}

async function shownReindexing(ctx: Ctx) {
  const last = await lastIndexRotation(ctx)
  return (
    last && {
      moved: last.moved,
      rows: last.rows,
      startedAt: last.startedAt.toISOString(),
      finishedAt: last.finishedAt?.toISOString() ?? null,
    }
  )
}

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
  serve(contract.listSchedules, 'operations.read', async (ctx) => ({
    schedules: (await schedules(ctx, jobs)).map(({ name, nextAt, last }) => ({
      name,
      nextAt: nextAt?.toISOString() ?? null,
      last: last && {
        beganAt: last.beganAt.toISOString(),
        endedAt: last.endedAt?.toISOString() ?? null,
        error: last.error,
      },
    })),
  })),
  serve(contract.runSchedule, 'operations.run', async (ctx, { name }) => {
    if (!jobs.some((job) => job.name === name && job.cron))
      throw new Refusal('not_found', 'jobs.unknown', { name }, `There is no scheduled job ${name}.`)
    // Pressed twice before it has begun, it runs once. Somebody is looking: one that fails waits for them.
    await addJob(ctx, name, {}, { key: 'by hand', tries: 1 })
    return {}
  }),
  serve(contract.listJobs, 'operations.read', async (ctx, { state }) => {
    const { counts, jobs: found } = await listJobs(ctx, { state, limit: newestJobs })
    return {
      counts,
      jobs: found.map(({ runAt, addedAt, startedAt, ...job }) => ({
        ...job,
        runAt: runAt.toISOString(),
        addedAt: addedAt.toISOString(),
        startedAt: startedAt?.toISOString() ?? null,
      })),
    }
  }),
  serve(contract.runJob, 'operations.run', async (ctx, { id }) => {
    await runJob(ctx, id)
    return {}
  }),
  serveLong(contract.giveUpJob, 'operations.run', async ({ db, log }, actor, { id }) => {
    const { name } = await inTx(db, actor, (ctx) => giveUpJob(ctx, id))
    log.info({ actor: actorName(actor), job: id, name }, 'a job was given up')
    return {}
  }),
  serveLong(
    contract.catchUp,
    'signed-in',
    async (house) => {
      await house.reactions.caughtUp()
      return {}
    },
    { as: 'never' },
  ),
  serveLong(contract.verifyBooks, 'operations.read', async ({ db, folder }, actor) => {
    const points = await inTx(db, actor, (ctx) => verifyPoints(ctx))
    const audit = await inTx(db, actor, (ctx) => checkAudit(ctx, folder))
    await inTx(db, actor, (ctx) => keepCheck(ctx, audit))
    const broken = [...points, ...audit.broken]
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
      // Before it is read, so that it is in the backup too.
      await inTx(db, actor, (ctx) => record(ctx))
      const content = await backup({ url, master: vault.keys.master, program: version, now })
      // The reply is cut off then, which whoever reads it sees; only here it can be said why.
      content.on('error', (error) => log.error({ err: error }, 'a backup was not finished'))
      const day = now.toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-')
      call.sendFile({ name: `roundtrip-${day}.backup`, type: 'application/octet-stream', content })
      return {}
    },
    { as: 'export', asksProof: true },
  ),
  serveLong(
    contract.rotateVault,
    'vault.rotate',
    async (house, actor) => {
      await beginRotation(house, actor, house.keys, homeKeys, (ctx) => record(ctx))
      return (await inTx(house.db, actor, shownRotation))!
    },
    { asksProof: true },
  ),
  serveLong(
    contract.reindexVault,
    'vault.rotate',
    async (house, actor) => {
      await beginReindexing(house, actor, blindIndexes, (ctx) => record(ctx))
      return (await inTx(house.db, actor, shownReindexing))!
    },
    { asksProof: true },
  ),
  serveLong(contract.readRotation, 'operations.read', async ({ db, keys }, actor) => ({
    rotation: await inTx(db, actor, shownRotation),
    reindexing: await inTx(db, actor, shownReindexing),
    inFile: keys.inFile,
  })),
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
