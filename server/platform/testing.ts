/**
 * Tests run on the real PostgreSQL: one embedded cluster for a run, a template database with every migration, and for
 * each test that asks for `db` a clone of its own (about 0.1 s). Nothing of ours is faked; only the clock stands still
 * where a test wants that.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { test as base, inject } from 'vitest'
import { type Clock, systemClock } from '#platform/clock'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx, openDatabase } from '#platform/db'
import { makeEventPartitions, openGeneration } from '#platform/events'
import { openReactions, type Reaction, type Reactions } from '#platform/reactions'
import { openVault } from '#platform/vault'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the template database in the cluster of each worker. */
    templateUrls: string[]
  }
}

const testMasterKey = Buffer.alloc(32, 7)

export interface TestDatabase extends Database {
  clock: Clock
  /** One act as the program itself, or as the actor given. */
  act<T>(what: (ctx: Ctx) => Promise<T>, actor?: Actor): Promise<T>
  /** Which reactions `reactionsCaughtUp` runs; the app's testing fills it with those of all modules. */
  useReactions(reactions: readonly Reaction[]): Reactions
  /** Runs the reactions until nothing is left to read. They don't run by themselves in a test. */
  reactionsCaughtUp(): Promise<void>
}

/** The template database in this worker's own cluster. */
export function templateUrl(): string {
  const urls = inject('templateUrls')
  return urls[Number(process.env.VITEST_POOL_ID ?? 1) % urls.length]!
}

/** A clone of the template; closed and dropped by `drop`. */
export async function cloneDatabase(
  templateUrl: string,
  options: { clock?: Clock; maxConnections?: number } = {},
): Promise<TestDatabase & { drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = new URL(templateUrl)
  const template = admin.pathname.slice(1)
  admin.pathname = '/postgres'
  await withClient(admin.href, (client) =>
    client.query(`create database ${name} template ${template} strategy wal_log`),
  )
  const url = new URL(templateUrl)
  url.pathname = `/${name}`
  const db = openDatabase({
    url: url.href,
    clock: options.clock ?? systemClock,
    maxConnections: options.maxConnections ?? 10,
  })
  db.vault = await openVault(db, testMasterKey)
  await openGeneration(db)
  await makeEventPartitions(db)
  let reactions = openReactions(db, [])
  return Object.assign(db, {
    act: <T>(what: (ctx: Ctx) => Promise<T>, actor: Actor = systemActor) => inTx(db, actor, what),
    useReactions: (list: readonly Reaction[]) => {
      reactions = openReactions(db, list)
      return reactions
    },
    reactionsCaughtUp: () => reactions.caughtUp(),
    drop: async () => {
      await reactions.stop()
      await db.close()
      await withClient(admin.href, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  })
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

class RolledBack extends Error {}

export interface Fixtures {
  db: TestDatabase
  ctx: Ctx
}

/** `db`: a private clone, for races and reactions. `ctx`: one act whose transaction rolls back. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  db: async ({}, use) => {
    const db = await cloneDatabase(templateUrl())
    try {
      await use(db)
    } finally {
      await db.drop()
    }
  },
  ctx: async ({ db }, use) => {
    await inTx(db, systemActor, async (ctx) => {
      await use(ctx)
      throw new RolledBack()
    }).catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error
    })
  },
})
