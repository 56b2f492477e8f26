/**
 * Opens everything that the program stands on, in order, and closes it in the other: the data folder, PostgreSQL, its
 * migrations, the vault, the warehouse, jobs and reactions. What fails on the way leaves nothing running.
 */
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { anyoneInvited } from '#modules/access'
import { ensureStartingRules } from '#modules/points'
import { resumeReindexing } from '#platform/blind-indexes'
import type { Config } from '#platform/config'
import { systemActor } from '#platform/ctx'
import { inTx, openDatabase } from '#platform/db'
import { makeEventPartitions, openGeneration } from '#platform/events'
import { lockFolder } from '#platform/folder'
import type { House } from '#platform/house'
import { prepareJobs, startJobs } from '#platform/jobs'
import { keyWrappingOf } from '#platform/key-wrapping'
import type { Log } from '#platform/log'
import { migrate } from '#platform/migrations'
import { startPostgres } from '#platform/postgres'
import { openReactions } from '#platform/reactions'
import { openVault, readMasterKey, vaultExists } from '#platform/vault'
import { promoteKeyFile, readNextKey, resumeRotation } from '#platform/vault-rotation'
import { openWarehouse } from '#platform/warehouse'
import { prepareWarehouse, warehouseReaction } from '#platform/warehouse-feed'
import { jobs } from './jobs.ts'
import { facts, modules } from './modules.ts'

export interface OpenHouse extends House {
  /** True when this start found an empty database. */
  readonly firstStart: boolean
  close(): Promise<void>
}

export async function openHouse(config: Config, log: Log, say: (what: string) => void = () => {}): Promise<OpenHouse> {
  const closing: (() => Promise<unknown>)[] = []
  const stop = new AbortController()
  const close = async () => {
    stop.abort()
    for (const step of closing.splice(0).reverse()) {
      await step().catch((error: unknown) => log.error({ err: error }, 'a part did not stop cleanly'))
    }
  }
  try {
    const lock = await lockFolder(config.dataFolder)
    closing.push(() => lock.release())
    await chmod(config.dataFolder, 0o700).catch((error: unknown) =>
      log.warn({ err: error }, 'the data folder keeps its permissions'),
    )

    let url = config.databaseUrl
    if (url === undefined) {
      say('Starting the database …')
      const postgres = await startPostgres({
        folder: join(config.dataFolder, 'postgres'),
        // What it says of its own ending is no news to who ends it.
        log: (line) =>
          log[/\b(?:FATAL|PANIC|ERROR|WARNING):/.test(line) && !stop.signal.aborted ? 'warn' : 'debug'](
            { part: 'postgres' },
            line,
          ),
      })
      closing.push(() => postgres.stop())
      url = postgres.url
    }
    const ran = await migrate(url)
    await prepareJobs(url)
    const db = openDatabase({ url })
    closing.push(() => db.close())
    const wrapping = keyWrappingOf(config.keyService)
    const master = await readMasterKey({
      wrapping,
      fromEnvironment: config.masterKey,
      file: join(config.dataFolder, 'master.key'),
      mayCreate: !(await vaultExists(db)),
    })
    const next = await readNextKey(config.dataFolder, config.masterKeyNext, wrapping)
    db.vault = await openVault(db, master, next)
    const inFile = config.masterKey === undefined
    if (inFile) await promoteKeyFile(config.dataFolder, db.vault, wrapping)
    await openGeneration(db)
    await makeEventPartitions(db)

    say('Starting the warehouse …')
    const warehouseFolder = join(config.dataFolder, 'warehouse')
    await mkdir(warehouseFolder, { recursive: true, mode: 0o700 })
    const warehouse = await openWarehouse({
      folder: warehouseFolder,
      ...(config.clickhouseUrl ? { url: config.clickhouseUrl } : {}),
      log,
    })
    closing.push(() => warehouse.close())
    await prepareWarehouse({ warehouse, log }, facts)
    const feed = warehouseReaction({ warehouse, facts })
    const reactions = openReactions(db, [...modules.flatMap((module) => module.reactions ?? []), feed], log)

    const house: House = {
      db,
      warehouse,
      reactions,
      folder: config.dataFolder,
      publicUrl: config.publicUrl,
      keys: { folder: config.dataFolder, inFile, next: config.masterKeyNext, wrapping },
      sandbox: config.sandbox,
      provider: config.provider,
      proxies: config.proxies,
      sms: config.sms,
      privateNetworks: config.privateNetworks,
      log,
      stopping: stop.signal,
    }
    await inTx(db, systemActor, (ctx) => ensureStartingRules(ctx))
    await inTx(db, systemActor, async (ctx) => {
      await resumeRotation(ctx)
      await resumeReindexing(ctx)
    })
    for (const module of modules) await module.start?.(house)
    reactions.start()
    closing.push(() => reactions.stop())
    const working = await startJobs(house, jobs)
    closing.push(() => working.stop())
    closing.push(async () => {
      for (const module of modules) await module.stop?.()
    })
    const firstStart = ran > 0 && !(await inTx(db, systemActor, (ctx) => anyoneInvited(ctx)))
    return { ...house, firstStart, close }
  } catch (error) {
    await close()
    throw error
  }
}
