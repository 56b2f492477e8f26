/**
 * Calls the program by the same route values that it serves, so that a call that doesn't fit is a type error. What the
 * program refuses, and what never reached it, is thrown as one `Problem`.
 */
import type { z } from 'zod'
import { type Problem as ProblemOnTheWire, type Route, requestOf } from '#platform/contract'

export type Input<R extends Route> = z.input<R['input']>
export type Output<R extends Route> = z.output<R['output']>

export class Problem extends Error {
  /** Translated by the apps. `client.*` did not come from the program. */
  readonly code: string
  readonly params: Record<string, unknown>
  /** Number of the answer, for finding it in the logs; null when there was no answer. */
  readonly requestId: string | null

  constructor({
    code,
    params,
    message,
    requestId,
  }: Omit<ProblemOnTheWire, 'requestId'> & { requestId: string | null }) {
    super(message)
    this.name = 'Problem'
    this.code = code
    this.params = params
    this.requestId = requestId
  }
}

const base = '/api'

export function addressOf<R extends Route>(route: R, input: Input<R>): string {
  return base + requestOf(route, input as Record<string, unknown>).url
}

/** Asks whoever sits there to prove again who they are, by one of these; true once they have. */
export type AskProof = (by: readonly ('password' | 'code')[]) => Promise<boolean>

let askProof: AskProof | null = null

export function whenProofIsWanted(ask: AskProof | null): void {
  askProof = ask
}

/** A dangerous act may want proof of who asks for it: then it is asked for, and the act told once more. */
export async function call<R extends Route>(
  route: R,
  input: Input<R>,
  options: { signal?: AbortSignal } = {},
): Promise<Output<R>> {
  try {
    return await callOnce(route, input, options)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'access.prove_again' || !askProof) throw error
    if (!(await askProof(error.params.by as ('password' | 'code')[]))) throw error
    return callOnce(route, input, options)
  }
}

async function callOnce<R extends Route>(
  route: R,
  input: Input<R>,
  { signal }: { signal?: AbortSignal },
): Promise<Output<R>> {
  const { url, body } = requestOf(route, input as Record<string, unknown>)
  let response: Response
  let text: string
  try {
    response = await fetch(base + url, {
      method: route.method,
      ...(body === null ? {} : { body, headers: { 'content-type': 'application/json' } }),
      ...(signal ? { signal } : {}),
    })
    text = await response.text()
  } catch (error) {
    if (signal?.aborted) throw error
    throw unreachable()
  }
  return answerOf(response.status, text) as Output<R>
}

/** Sends a file as the body of a `stream` route. `fetch` can't tell how much has been sent; this can. */
export function send<R extends Route>(
  route: R,
  input: Input<R>,
  file: Blob,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (sentBytes: number) => void },
): Promise<Output<R>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(route.method, addressOf(route, input))
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded }) => onProgress(loaded)
    request.onload = () => {
      try {
        resolve(answerOf(request.status, request.responseText) as Output<R>)
      } catch (error) {
        reject(error)
      }
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new DOMException('Stopped', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}

function answerOf(status: number, text: string): unknown {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    // A proxy's own page, or an answer cut short.
    throw unreachable()
  }
  if (status >= 200 && status < 300) return answer
  throw new Problem(answer as ProblemOnTheWire)
}

function unreachable(): Problem {
  return new Problem({
    code: 'client.unreachable',
    params: {},
    message: 'The program could not be reached.',
    requestId: null,
  })
}
