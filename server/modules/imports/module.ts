import { whenErased } from '#modules/members'
import { keepFor } from '#modules/privacy'
import type { Module } from '#platform/modules'
import { blindIndexes } from './blind-indexes.ts'
import { forgetErrorFiles, forgetInFiles } from './erasing.ts'
import { routes } from './routes.ts'
import { dropForgotten } from './staging.ts'
import { stopAll, tidyAfterCrash } from './work.ts'

whenErased({ name: 'imports', prepare: forgetInFiles, erase: async () => ({}) })
keepFor({ kind: 'uploads', usualDays: 7, run: dropForgotten })
keepFor({ kind: 'error_files', usualDays: 30, run: forgetErrorFiles })

export const module: Module = { name: 'imports', routes, blindIndexes, start: tidyAfterCrash, stop: stopAll }
