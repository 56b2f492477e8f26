import { whenErased } from '#modules/members'
import { keepFor } from '#modules/privacy'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Module } from '#platform/modules'
import { forgetBefore, forgetHomes } from './deliveries.ts'
import { routes } from './routes.ts'
import { lookingAfter, sending } from './sending.ts'
import { telling } from './telling.ts'

whenErased({ name: 'webhooks', erase: async (ctx, { homes }) => ({ tellings: await forgetHomes(ctx, homes) }) })

keepFor({
  kind: 'webhooks',
  usualDays: 14,
  run: async ({ db, stopping }, before) => {
    let removed = 0
    for (;;) {
      const gone = await inTx(db, systemActor, (ctx) => forgetBefore(ctx, before))
      removed += gone
      if (gone === 0 || stopping.aborted) return removed
    }
  },
})

export const module: Module = {
  name: 'webhooks',
  setup: ['webhooks.endpoints'],
  routes,
  reactions: [telling],
  jobs: [sending, lookingAfter],
}
