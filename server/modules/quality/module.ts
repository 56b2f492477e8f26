import { sql } from 'kysely'
import { whenErased } from '#modules/members'
import { systemActor } from '#platform/ctx'
import type { Module } from '#platform/modules'
import { arrayOf } from '#platform/rows'
import { keepingDays } from './days.ts'
import { mendingWork } from './mending.ts'
import { goOn } from './mendings.ts'
import { routes } from './routes.ts'
import { surveyIfNeeded, surveying } from './survey.ts'

whenErased({
  name: 'quality',
  // What they were mended by is numbers of theirs; how often a text stands somewhere is counted anew every night.
  erase: async (ctx, { homes }) => {
    const ids = arrayOf('uuid', homes)
    const { numAffectedRows } = await sql`delete from quality.mended where member_id = any(${ids})`.execute(ctx.tx)
    await sql`delete from quality.chosen where member_id = any(${ids})`.execute(ctx.tx)
    return { mended: Number(numAffectedRows ?? 0n) }
  },
})

export const module: Module = {
  name: 'quality',
  routes,
  jobs: [surveying, keepingDays, mendingWork],
  start: async (house) => {
    await goOn(house, systemActor)
    await surveyIfNeeded(house)
  },
}
