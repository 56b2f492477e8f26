/** State of the server in TanStack Query, keyed by route and input, so that one route has one place. */
import { infiniteQueryOptions, type QueryKey, queryOptions } from '@tanstack/react-query'
import type { Route } from '#platform/contract'
import { call, type Input, type Output } from './call.ts'

/** Without input: the key of every reading of the route, for telling them all to read again. */
export function keyOf<R extends Route>(route: R, input?: Input<R>): QueryKey {
  const name = `${route.method} ${route.path}`
  return input === undefined ? [name] : [name, input]
}

export function reading<R extends Route>(route: R, input: Input<R>) {
  return queryOptions({
    queryKey: keyOf(route, input),
    queryFn: ({ signal }): Promise<Output<R>> => call(route, input, { signal }),
  })
}

/** Pages of a list that go on from where the last one ended. `next` says where, or null at the end. */
export function readingOn<R extends Route, From extends string>(
  route: R,
  input: Input<R>,
  { from, next }: { from: keyof Input<R> & string; next: (page: Output<R>) => From | null },
) {
  return infiniteQueryOptions({
    queryKey: [...keyOf(route, input), 'pages'],
    queryFn: ({ signal, pageParam }): Promise<Output<R>> =>
      call(route, (pageParam === null ? input : { ...(input as object), [from]: pageParam }) as Input<R>, { signal }),
    initialPageParam: null as From | null,
    getNextPageParam: (page: Output<R>) => next(page),
  })
}
