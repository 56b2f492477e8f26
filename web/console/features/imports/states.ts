/** What a state of an import means for the page. */
import type { ImportView } from '#modules/imports/contract'

export type State = ImportView['state']

/** The program is at work on it, so its state is asked for again and again. */
export const isWorking = (state: State) => state === 'staging' || state === 'applying' || state === 'undoing'

/** It can still be stopped. */
export const canCancel = (state: State) =>
  state === 'uploading' || state === 'mapping' || state === 'staging' || state === 'staged' || state === 'applying'

export const steps = ['upload', 'mapping', 'difference', 'apply', 'result'] as const
export type Step = (typeof steps)[number]

export function stepOf(state: State): Step {
  switch (state) {
    case 'uploading':
    case 'failed':
      return 'upload'
    case 'mapping':
    case 'staging':
    case 'staged':
    case 'cancelled':
      return 'mapping'
    case 'applying':
    case 'paused':
      return 'apply'
    case 'done':
    case 'undoing':
    case 'undone':
      return 'result'
  }
}

export const tones: Record<State, 'grey' | 'accent' | 'green' | 'amber' | 'red'> = {
  uploading: 'accent',
  mapping: 'amber',
  staging: 'accent',
  staged: 'amber',
  applying: 'accent',
  paused: 'amber',
  done: 'green',
  undoing: 'accent',
  undone: 'grey',
  failed: 'red',
  cancelled: 'grey',
}
