import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Job } from '#platform/jobs'
import type { Module } from '#platform/modules'
import { forgetOldSessions } from './accounts.ts'
import { forgetOldCodes } from './codes.ts'
import { forgetOldTries } from './limits.ts'
import { routes } from './routes.ts'
import { deliver, forgetOldMessages, settle } from './sms.ts'

const forgetting: Job = {
  name: 'centre.forgetting',
  cron: '25 * * * *',
  run: ({ db }) =>
    inTx(db, systemActor, async (ctx) => {
      await forgetOldTries(ctx)
      await forgetOldCodes(ctx)
      await forgetOldSessions(ctx)
      await forgetOldMessages(ctx)
    }),
}

export const module: Module = { name: 'centre', routes, jobs: [deliver, settle, forgetting] }
