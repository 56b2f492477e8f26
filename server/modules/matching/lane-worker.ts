/** A thread of a run: it does the steps that it is told, one after another, over a connection of its own. */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { from as copyFrom } from 'pg-copy-streams'
import { sealedRecords } from '#modules/members'
import { openDatabase } from '#platform/db'
import { type VaultKeys, vaultOf } from '#platform/vault'
import type { HashKey } from './hashing.ts'
import { type Ground, Lane, type Share } from './lane.ts'
import { pagesOf } from './pages.ts'

export interface LaneTask {
  databaseUrl: string
  keys: VaultKeys
  ground: Ground
  share: Share
  secret: HashKey
}

const { databaseUrl, keys, ground, share, secret } = workerData as LaneTask
const db = openDatabase({ url: databaseUrl, maxConnections: 1 })
const vault = vaultOf(keys)
const lane = new Lane(ground, share, secret)

interface Reading {
  after: string
  last: string
  /** What came since, or is among the changed, is compared with all. */
  since: Date | null
  changed: ReadonlySet<string>
  compareNothing: boolean
}

/** What a thread can be asked. */
const steps = {
  read: ({ after, last, since, changed, compareNothing }: Reading) =>
    lane.read(vault, sealedRecords(db.pool, { after, last, since }), { compareNothing, changed }),
  block: () => lane.block(),
  settle: () => lane.settle(),
  narrowed: () => lane.narrowed(),
  accompany: (...given: Parameters<Lane['accompany']>) => lane.accompany(...given),
  households: (...given: Parameters<Lane['households']>) => lane.households(...given),
  sample: (pairs: number, seed: number) => lane.sample(pairs, seed),
  learn: (...given: Parameters<Lane['learn']>) => lane.learn(...given),
  score: (...given: Parameters<Lane['score']>) => lane.score(...given),
  cluster: (...given: Parameters<Lane['cluster']>) => lane.cluster(...given),
  /** Writes its part of the look-up, in transactions that are soon over. */
  keep: async (runId: string, bits: number) => {
    const client = await db.pool.connect()
    try {
      for (const rows of pagesOf(lane.entries(), ground.homes, { runId, bits, ...share })) {
        await pipeline(
          Readable.from(rows),
          client.query(copyFrom('copy matching.pages (run_id, page, entries) from stdin (format binary)')),
        )
      }
    } finally {
      client.release()
    }
  },
  end: () => db.close(),
} satisfies Record<string, (...given: never[]) => unknown>

export type Steps = typeof steps
export interface Asked {
  step: keyof Steps
  given: unknown[]
}

parentPort!.on('message', async ({ step, given }: Asked) => {
  try {
    parentPort!.postMessage({ answer: await (steps[step] as (...all: unknown[]) => unknown)(...given) })
  } catch (error) {
    const { message, stack, code, syscall } = error as NodeJS.ErrnoException
    parentPort!.postMessage({ failed: { message, stack, code, syscall } })
  }
})
