import { Refusal } from '#platform/errors'

export const runGoing = (runId: string) =>
  new Refusal('conflict', 'matching.running', { runId }, `Run ${runId} is still going on; wait until it has ended.`)

export const runNotFound = (runId: string) =>
  new Refusal('not_found', 'matching.run_not_found', { runId }, `There is no matching run ${runId}.`)

export const runStopped = () =>
  new Refusal(
    'conflict',
    'matching.stopped',
    {},
    'The program stopped in the middle of this run. What was joined stays joined; start another run to go on.',
  )

export const bandsCrossed = () =>
  new Refusal(
    'invalid',
    'matching.bands_crossed',
    {},
    'reviewFrom should not be above joinFrom: pairs between the two are put before a person.',
  )
