/**
 * Asks the program by the routes of its contract. Only their types come here: their schemas would bring zod, half of
 * what the first page may weigh.
 */
import { useCallback, useEffect, useState } from 'react'
import type * as contract from '#modules/centre/contract'
import type { Route } from '#platform/contract'
import { call, type Input, type Output, Problem } from '#ui/call.ts'
import { patterns } from './addresses.ts'

type Name = keyof typeof patterns
export type Asked<N extends Name> = Input<(typeof contract)[N]>
export type Answer<N extends Name> = Output<(typeof contract)[N]>

export function ask<N extends Name>(name: N, input: Asked<N>): Promise<Answer<N>> {
  const [method, path] = patterns[name].split(' ')
  return call({ method, path, body: 'json' } as Route, input) as Promise<Answer<N>>
}

export const isSignedOut = (error: unknown) =>
  error instanceof Problem && (error.code === 'access.sign_in' || error.code === 'centre.sign_in')

/** What was answered last stands at once when a page is opened again, and is asked for anew behind it. */
const answers = new Map<string, unknown>()
export const forgetAnswers = () => answers.clear()

export function useAnswer<N extends Name>(
  name: N,
  input: Asked<N>,
): { data: Answer<N> | undefined; error: unknown; again: () => void } {
  const key = `${name} ${JSON.stringify(input)}`
  const [state, setState] = useState<{ data: Answer<N> | undefined; error: unknown }>(() => ({
    data: answers.get(key) as Answer<N> | undefined,
    error: null,
  }))
  const read = useCallback(() => {
    let isHere = true
    const [first, rest] = [key.split(' ', 1)[0] as N, key.slice(key.indexOf(' ') + 1)]
    ask(first, JSON.parse(rest)).then(
      (data) => {
        answers.set(key, data)
        if (isHere) setState({ data, error: null })
      },
      (error: unknown) => {
        if (isHere) setState(({ data }) => ({ data: isSignedOut(error) ? undefined : data, error }))
      },
    )
    return () => {
      isHere = false
    }
  }, [key])
  useEffect(read, [read])
  return { ...state, again: read }
}
