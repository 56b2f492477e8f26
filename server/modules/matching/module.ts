import { whenErased } from '#modules/members'
import { serve, serveLong } from '#platform/http'
import type { Module } from '#platform/modules'
import { blindIndexes } from './blind-indexes.ts'
import * as contract from './contract.ts'
import { forgetKeys, noting, weighing } from './entry.ts'
import { bandsCrossed } from './errors.ts'
import { explain } from './explaining.ts'
import { changeSettings, settingsOf } from './models.ts'
import { begin, newestRuns, runOf, stopAll, tidyAfterCrash, viewOf } from './runs.ts'

// In the pages of the last run an erased home keeps some keyed hashes, which lead to nobody, until the next run.
whenErased({ name: 'matching', erase: async (ctx, { homes }) => ({ keys: await forgetKeys(ctx, homes) }) })

export const module: Module = {
  name: 'matching',
  setup: ['matching.settings'],
  blindIndexes,
  reactions: [weighing, noting],
  routes: [
    serveLong(contract.addMatchingRun, 'operations.run', async (house, actor, input) =>
      viewOf(await begin(house, actor, input)),
    ),
    serve(contract.readMatchingRun, 'operations.read', async (ctx, { runId }) => viewOf(await runOf(ctx, runId))),
    serve(contract.listMatchingRuns, 'operations.read', async (ctx) => ({
      runs: (await newestRuns(ctx)).map(viewOf),
    })),
    serve(contract.readMatchingSettings, 'settings.read', (ctx) => settingsOf(ctx)),
    serve(contract.changeMatchingSettings, 'settings.change', (ctx, { joinFrom, reviewFrom, precision }) =>
      changeSettings(ctx, {
        ...(joinFrom === undefined ? {} : { joinFrom }),
        ...(reviewFrom === undefined ? {} : { reviewFrom }),
        ...(precision === undefined ? {} : { precision }),
      }),
    ),
    serve(contract.previewMatchingSettings, 'settings.read', async (ctx, lines) => {
      if (lines.reviewFrom > lines.joinFrom) throw bandsCrossed()
      const run = (await newestRuns(ctx)).find(({ state, result }) => state === 'done' && result !== null)
      if (!run?.result) return { runId: null, effect: null }
      const { histogram, bands } = contract.matchingResult.parse(run.result)
      return { runId: run.id, effect: contract.effectOf(histogram, lines, bands) }
    }),
    serve(contract.explainMatch, 'members.join', (ctx, input) => explain(ctx, input)),
  ],
  start: tidyAfterCrash,
  stop: stopAll,
}
