import { whenErased } from '#modules/members'
import { backupRestored, forgetReasons, record } from '#platform/audit'
import { checkAudit, keepCheck } from '#platform/audit/checking'
import { sealAudit } from '#platform/audit/sealing'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import type { Job } from '#platform/jobs'
import type { Module } from '#platform/modules'
import { routes } from './routes.ts'

const sealing: Job = {
  name: 'audit.seal',
  cron: '* * * * *',
  run: async (house) => {
    await sealAudit(house)
  },
}

const restored: Job = {
  name: backupRestored.job,
  run: ({ db }) => inTx(db, systemActor, (ctx) => record(ctx, { act: backupRestored.act })),
}

const nightly: Job = {
  name: 'audit.verify',
  cron: '50 19 * * *',
  run: async ({ db, folder, log }) => {
    const check = await inTx(db, systemActor, (ctx) => checkAudit(ctx, folder))
    await inTx(db, systemActor, (ctx) => keepCheck(ctx, check))
    for (const { invariant, ids, detail } of check.broken)
      log.error({ invariant, ids, detail }, 'the audit log is not as it was written')
  },
}

// What was written as a reason may name the person; the rest of the log says numbers.
whenErased({
  name: 'audit',
  erase: async (ctx, { homes }) => {
    await forgetReasons(ctx, homes)
    return {}
  },
})

let house: House | null = null

export const module: Module = {
  name: 'audit',
  routes,
  jobs: [sealing, nightly, restored],
  start: async (started) => {
    house = started
  },
  // What the last minute brought is sealed before the program is gone.
  stop: async () => {
    if (house) await sealAudit({ ...house, stopping: new AbortController().signal })
    house = null
  },
}
