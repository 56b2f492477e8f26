/** How far a new group has come, for who may set it up; the invented group needs no guide. */
import { useQuery } from '@tanstack/react-query'
import { readDemonstration } from '#app/demonstration/contract'
import { readFirstSteps } from '#modules/desk/contract'
import type { Output } from '#ui/call.ts'
import { reading } from '#ui/queries.ts'
import { useMay } from './session.ts'

export type FirstSteps = Output<typeof readFirstSteps>

/** While somebody goes through the guide, what they and others do shows within so many milliseconds. */
const refreshed = 5_000

export function useFirstSteps() {
  const demonstration = useQuery({ ...reading(readDemonstration, {}), staleTime: 60_000 })
  const read = useQuery({
    ...reading(readFirstSteps, {}),
    enabled: useMay('settings.read'),
    refetchOnMount: 'always',
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : refreshed),
  })
  /** The guide where it should be shown unasked. */
  const wanted = read.data && !isOver(read.data) && demonstration.data?.state === 'none' ? read.data : null
  return { read, wanted }
}

const isOver = ({ done, dismissed }: FirstSteps) => done || dismissed
/** The step at hand, from 1. */
export const numberAtHand = ({ steps }: FirstSteps) => steps.findIndex(({ done }) => !done) + 1
