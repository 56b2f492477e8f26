import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Job } from '#platform/jobs'
import type { Module } from '#platform/modules'
import { blindIndexes } from './blind-indexes.ts'
import { routes } from './routes.ts'
import { forgetOldTickets } from './signing-in.ts'
import { forgetOldTries } from './tries.ts'

const forgetting: Job = {
  name: 'access.forgetting',
  cron: '40 * * * *',
  run: ({ db }) =>
    inTx(db, systemActor, async (ctx) => {
      await forgetOldTries(ctx)
      await forgetOldTickets(ctx)
    }),
}

export const module: Module = {
  name: 'access',
  setup: [
    'access.staff',
    'access.roles',
    'access.grants',
    'access.api_keys',
    'access.sign_in_links',
    'access.sessions',
    'access.passwords',
    'access.second_factors',
    'access.recovery_codes',
    'access.identities',
    'access.tickets',
    'access.tries',
  ],
  routes,
  jobs: [forgetting],
  blindIndexes,
}
