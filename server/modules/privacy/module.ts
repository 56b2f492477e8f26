import { sql } from 'kysely'
import { forgetWithdrawn, whenErased } from '#modules/members'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Module } from '#platform/modules'
import { arrayOf } from '#platform/rows'
import './events.ts'
import { forgetting } from './forgetting.ts'
import { repeatErasures } from './ledger.ts'
import { erasing } from './requests.ts'
import { keepFor, retaining } from './retention.ts'
import { routes } from './routes.ts'

whenErased({
  name: 'privacy',
  // That something was consented to or withdrawn stays as proof, under a number; what was written beside it goes.
  erase: async (ctx, { homes }) => {
    await sql`update privacy.consents set sealed = null where member_id = any(${arrayOf('uuid', homes)})`.execute(
      ctx.tx,
    )
    await sql`update privacy.requests set state = 'cancelled', ended_at = ${ctx.now}
      where member_id = any(${arrayOf('uuid', homes)}) and kind = 'erasure' and state = 'waiting'`.execute(ctx.tx)
    return {}
  },
})

keepFor({
  kind: 'past_versions',
  usualDays: 365,
  run: async ({ db, stopping }, before) => {
    let removed = 0
    for (;;) {
      const gone = await inTx(db, systemActor, (ctx) => forgetWithdrawn(ctx, before))
      removed += gone
      if (gone === 0 || stopping.aborted) return removed
    }
  },
})
keepFor({ kind: 'inactive_members', usualDays: 3 * 365, run: null })

export const module: Module = {
  name: 'privacy',
  setup: ['privacy.texts', 'privacy.choices', 'privacy.recipients'],
  routes,
  jobs: [erasing, forgetting, retaining],
  start: async (house) => {
    await repeatErasures(house)
  },
}
