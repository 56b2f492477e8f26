import type { Module } from '#platform/modules'
import { routes } from './routes.ts'
import { stopAll, tidyAfterCrash } from './work.ts'

export const module: Module = {
  name: 'imports',
  routes,
  start: tidyAfterCrash,
  stop: stopAll,
}
