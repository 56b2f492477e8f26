import { sql } from 'kysely'
import { whenErased } from '#modules/members'
import { keepFor } from '#modules/privacy'
import type { Module } from '#platform/modules'
import { dropFiles, making, resume, tidying } from './making.ts'
import { routes } from './routes.ts'

whenErased({
  name: 'exports',
  prepare: dropFiles,
  erase: async (ctx) => {
    await sql`update exports.exports set state = 'cancelled', error = 'exports.person_erased', sealed_asked = null, ended_at = ${ctx.now}
      where ended_at is null`.execute(ctx.tx)
    return {}
  },
})

keepFor({
  kind: 'exports',
  usualDays: 365,
  run: async ({ db }, before) => {
    const { numAffectedRows } = await sql`delete from exports.exports where ended_at < ${before}`.execute(db.kysely)
    return Number(numAffectedRows ?? 0)
  },
})

export const module: Module = {
  name: 'exports',
  setup: ['exports.rules'],
  routes,
  jobs: [making, tidying],
  start: resume,
}
