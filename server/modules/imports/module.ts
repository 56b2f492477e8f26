import type { Module } from '#platform/modules'
import { routes } from './routes.ts'
import { dropForgotten } from './staging.ts'
import { stopAll, tidyAfterCrash } from './work.ts'

export const module: Module = {
  name: 'imports',
  routes,
  jobs: [{ name: 'imports.forgotten', cron: '40 3 * * *', run: (house) => dropForgotten(house) }],
  start: tidyAfterCrash,
  stop: stopAll,
}
