/** One act on the program; afterwards what it changed is read again. What it refuses is shown where it was asked for. */
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Route } from '#platform/contract'
import { call, type Input, type Output, type Problem } from '#ui/call.ts'

export function useAct<R extends Route>(
  route: R,
  {
    changes = [],
    onDone,
  }: { changes?: readonly QueryKey[]; onDone?: (output: Output<R>) => void | Promise<void> } = {},
) {
  const queries = useQueryClient()
  return useMutation<Output<R>, Problem, Input<R>>({
    mutationFn: (input) => call(route, input),
    onSuccess: async (output) => {
      await onDone?.(output)
      await Promise.all(changes.map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
  })
}
