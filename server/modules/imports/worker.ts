/** Runs a task of the staging worker and gives back its answer; the server only waits. */
import { type Transferable, Worker } from 'node:worker_threads'
import { Refusal } from '#platform/errors'
import { readingStopped } from './errors.ts'
import type { AnalyseTask, HelpTask, StageTask, WorkerMessage } from './staging-worker.ts'

/**
 * Heap that a file may make the worker use; a file that wants more is refused, the server lives on. A small young
 * generation keeps garbage from piling up: the worker's memory is a third of what it is without, at the same speed.
 */
const heapMegabytes = 192
const youngMegabytes = 12

export async function runWorker<T extends 'analysed' | 'staged'>(
  task: AnalyseTask | StageTask | HelpTask,
  wanted: T,
  {
    onProgress,
    signal,
    transfer = [],
  }: {
    onProgress?: (progress: { bytes: number; of: number; rows: number }) => void
    signal?: AbortSignal
    transfer?: Transferable[]
  } = {},
): Promise<Extract<WorkerMessage, { type: T }>> {
  const worker = new Worker(new URL('./staging-worker.ts', import.meta.url), {
    workerData: task,
    transferList: transfer,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: youngMegabytes },
  })
  const stop = () => void worker.terminate()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        if (message.type === 'progress') onProgress?.(message)
        else if (message.type === 'refused')
          reject(new Refusal(message.kind, message.code, message.params, message.message))
        else if (message.type === 'failed') reject(Object.assign(new Error(message.message), { code: message.code }))
        else if (message.type === wanted) resolve(message as Extract<WorkerMessage, { type: T }>)
      })
      worker.on('error', (error: Error & { code?: string }) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
          reject(
            new Refusal(
              'invalid',
              'file.too_much_memory',
              { megabytes: heapMegabytes },
              `Reading this file takes more than ${heapMegabytes} MB of memory. Save it as CSV, or in several files.`,
            ),
          )
        else reject(error)
      })
      worker.on('exit', () => reject(readingStopped()))
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
