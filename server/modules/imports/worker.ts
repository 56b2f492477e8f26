/** Runs a task in a thread and gives back its answer; the server only waits. */
import { type Transferable, Worker } from 'node:worker_threads'
import type { Database } from '#platform/db'
import { Refusal } from '#platform/errors'
import type { Lane } from './applying-lane.ts'
import type { ApplyTask } from './applying-worker.ts'
import { readingStopped } from './errors.ts'
import type { AnalyseTask, HelpTask, ReadTask, StageTask, StagingMessage } from './staging-worker.ts'
import { errorOf, type WorkerFailure } from './worker-answer.ts'

/**
 * Heap that a file may make a worker use; a file that wants more is refused, the server lives on. A small young
 * generation keeps garbage from piling up: the worker's memory is a third of what it is without, at the same speed.
 */
const heapMegabytes = 192
const youngMegabytes = 12

type Message = StagingMessage | { type: 'applied' } | WorkerFailure

export async function runWorker<T extends StagingMessage['type']>(
  task: AnalyseTask | StageTask | HelpTask | ReadTask,
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
): Promise<Extract<Message, { type: T }>> {
  const worker = open('./staging-worker.ts', task, transfer)
  const stop = () => void worker.terminate()
  signal?.addEventListener('abort', stop, { once: true })
  worker.on('message', (message: Message) => {
    if (message.type === 'progress') onProgress?.(message)
  })
  try {
    return await answerOf(worker, wanted)
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

/** `applyLane` in a thread of its own. Told to stop, it ends after the chunk in hand. */
export async function applyLaneInThread(db: Database, lane: Lane, signal: AbortSignal): Promise<void> {
  const task: ApplyTask = { ...lane, databaseUrl: db.url, keys: db.vault!.keys }
  const worker = open('./applying-worker.ts', task)
  const stop = () => worker.postMessage('stop')
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    await answerOf(worker, 'applied')
  } finally {
    signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

function open(file: string, workerData: unknown, transferList: Transferable[] = []): Worker {
  return new Worker(new URL(file, import.meta.url), {
    workerData,
    transferList,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: youngMegabytes },
  })
}

function answerOf<T extends Message['type']>(worker: Worker, wanted: T): Promise<Extract<Message, { type: T }>> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if (message.type === 'refused' || message.type === 'failed') reject(errorOf(message))
      else if (message.type === wanted) resolve(message as Extract<Message, { type: T }>)
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
}
