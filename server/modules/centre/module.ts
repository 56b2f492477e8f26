import { whenErased } from '#modules/members'
import { holds, keepFor } from '#modules/privacy'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Job } from '#platform/jobs'
import type { Module } from '#platform/modules'
import { forgetOldSessions } from './accounts.ts'
import { blindIndexes } from './blind-indexes.ts'
import { forgetOldCodes } from './codes.ts'
import { forgetOldTries } from './limits.ts'
import { eraseAccounts, forgetBefore, ownAccounts, ownSessions } from './privacy.ts'
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

whenErased({ name: 'centre', erase: eraseAccounts })
holds('accounts', ownAccounts)
holds('sessions', ownSessions)
keepFor({ kind: 'sessions', usualDays: 30, run: ({ db }, before) => forgetBefore(db, 'sessions', before) })
keepFor({ kind: 'deliveries', usualDays: 30, run: ({ db }, before) => forgetBefore(db, 'deliveries', before) })

export const module: Module = { name: 'centre', routes, jobs: [deliver, settle, forgetting], blindIndexes }
