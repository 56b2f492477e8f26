/**
 * A route is described once, as a value: the server serves it, the web apps call it with its types, and OpenAPI is
 * printed from it. This file is shared with the browser, so it imports nothing but zod's types.
 */
import type { z } from 'zod'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Pattern = `${Method} /${string}`

export interface Route<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly method: Method
  /** Path with `:name` parameters, below `/api`. */
  readonly path: string
  /** Path parameters, query and JSON body in one object. */
  readonly input: I
  readonly output: O
  readonly summary: string
  /** `stream`: the request's body is a file, not JSON; the verb reads it from `call.body`. */
  readonly body: 'json' | 'stream'
  /** `stream`: the reply is a file that the verb writes; `output` then describes nothing. */
  readonly reply: 'json' | 'stream'
}

export function route<I extends z.ZodType, O extends z.ZodType>(
  pattern: Pattern,
  described: { input: I; output: O; summary: string; body?: 'json' | 'stream'; reply?: 'json' | 'stream' },
): Route<I, O> {
  const [method, path] = pattern.split(' ') as [Method, string]
  return { method, path, body: 'json', reply: 'json', ...described }
}

/** What a refusal looks like on the wire. */
export interface Problem {
  code: string
  params: Record<string, unknown>
  message: string
  /** Number of this answer, for finding it in the logs. */
  requestId: string
}

/** Splits an input into the path that names the thing, the query and the body, as the method wants them. */
export function requestOf(route: Route, input: Record<string, unknown>): { url: string; body: string | null } {
  const rest = { ...input }
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = String(rest[name])
    delete rest[name]
    return encodeURIComponent(value)
  })
  if (route.body === 'json' && route.method !== 'GET' && route.method !== 'DELETE') {
    return { url: path, body: JSON.stringify(rest) }
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || value === null) continue
    query.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  const text = query.toString()
  return { url: text ? `${path}?${text}` : path, body: null }
}
