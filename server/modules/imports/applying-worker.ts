/** Applies one lane of a large import in a thread of its own, over a connection of its own: the server answers on. */
import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '#platform/db'
import { type VaultKeys, vaultOf } from '#platform/vault'
import { applyLane, type Lane } from './applying-lane.ts'
import { answer } from './worker-answer.ts'

export interface ApplyTask extends Lane {
  databaseUrl: string
  keys: VaultKeys
}

const { databaseUrl, keys, ...lane } = workerData as ApplyTask
const stop = new AbortController()
// The only thing that it is ever told.
parentPort!.on('message', () => stop.abort())

await answer(async () => {
  const db = openDatabase({ url: databaseUrl, maxConnections: 1 })
  db.vault = vaultOf(keys)
  try {
    await applyLane(db, lane, stop.signal)
    return { type: 'applied' }
  } finally {
    await db.close()
  }
})
