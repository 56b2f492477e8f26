/** The threads of a run as whoever leads it sees them: a step is asked of all, and their answers come together. */
import { Worker } from 'node:worker_threads'
import type { Database } from '#platform/db'
import { arenaOf, mostLetters } from './arena.ts'
import type { HashKey } from './hashing.ts'
import type { Ground } from './lane.ts'
import type { Asked, LaneTask, Steps } from './lane-worker.ts'
import { frequencies } from './scoring.ts'

const heapMegabytes = 1_024
const youngMegabytes = 16

export interface Threads {
  readonly count: number
  readonly ground: Ground
  /** Asks a step of one thread. */
  ask<S extends keyof Steps>(
    thread: number,
    step: S,
    ...given: Parameters<Steps[S]>
  ): Promise<Awaited<ReturnType<Steps[S]>>>
  /** The same of all. */
  all<S extends keyof Steps>(step: S, ...given: Parameters<Steps[S]>): Promise<Awaited<ReturnType<Steps[S]>>[]>
  close(): Promise<void>
}

/** `rooms`: how many records each thread may have. */
export function openThreads(db: Database, rooms: readonly number[], secret: HashKey, signal: AbortSignal): Threads {
  const records = rooms.reduce((sum, room) => sum + room, 0)
  const ground: Ground = {
    arena: arenaOf(records, { shared: true, lettersEach: mostLetters }),
    frequencies: frequencies(true),
    homes: new Uint8Array(new SharedArrayBuffer(records * 16)),
    persons: new Int32Array(new SharedArrayBuffer(records * 8)),
    labels: new Uint32Array(new SharedArrayBuffer(records * 8)),
    fresh: new Uint8Array(new SharedArrayBuffer(records)),
  }
  let first = 0
  const workers = rooms.map((room, lane) => {
    const task: LaneTask = {
      databaseUrl: db.url,
      keys: db.vault!.keys,
      ground,
      share: { lane, lanes: rooms.length, first, room, records },
      secret,
    }
    first += room
    return new Worker(new URL('./lane-worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: youngMegabytes },
    })
  })
  const stop = () => {
    for (const worker of workers) void worker.terminate()
  }
  signal.addEventListener('abort', stop, { once: true })
  const ask: Threads['ask'] = (thread, step, ...given) =>
    new Promise((resolve, reject) => {
      const worker = workers[thread]!
      const onError = (error: Error) => settle(() => reject(error))
      const onExit = () => settle(() => reject(new Error('A thread of the run ended before its work')))
      const onMessage = (message: { answer: never } | { failed: Error & { code?: string } }) =>
        settle(() =>
          'failed' in message
            ? reject(Object.assign(new Error(message.failed.message), message.failed))
            : resolve(message.answer),
        )
      const settle = (what: () => void) => {
        worker.off('error', onError).off('exit', onExit).off('message', onMessage)
        what()
      }
      worker.once('error', onError).once('exit', onExit).once('message', onMessage)
      const asked: Asked = { step, given }
      worker.postMessage(asked)
    })
  return {
    count: rooms.length,
    ground,
    ask,
    all: (step, ...given) => Promise.all(workers.map((_, thread) => ask(thread, step, ...given))),
    close: async () => {
      signal.removeEventListener('abort', stop)
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
