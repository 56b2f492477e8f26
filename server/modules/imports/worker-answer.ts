/** How a worker's task ends, as the thread that waits for it hears it: an answer, a refusal or an error. */
import { parentPort } from 'node:worker_threads'
import { Refusal } from '#platform/errors'

export type WorkerFailure =
  | { type: 'refused'; kind: Refusal['kind']; code: string; params: Record<string, unknown>; message: string }
  | { type: 'failed'; message: string; stack: string | undefined; code: string | null; syscall: string | null }

export async function answer(task: () => Promise<{ type: string }>): Promise<void> {
  try {
    parentPort!.postMessage(await task())
  } catch (error) {
    parentPort!.postMessage(failureOf(error))
  }
}

function failureOf(error: unknown): WorkerFailure {
  if (error instanceof Refusal) {
    const { kind, code, params, message } = error
    return { type: 'refused', kind, code, params, message }
  }
  const { message, stack, code, syscall } = error as NodeJS.ErrnoException
  return { type: 'failed', message, stack, code: code ?? null, syscall: syscall ?? null }
}

export function errorOf(failure: WorkerFailure): Error {
  if (failure.type === 'refused') return new Refusal(failure.kind, failure.code, failure.params, failure.message)
  const { message, stack, code, syscall } = failure
  return Object.assign(new Error(message), { stack, ...(code ? { code } : {}), ...(syscall ? { syscall } : {}) })
}
