/**
 * The embedded PostgreSQL: made, started, watched and stopped with the program, as root or not. The caller holds the
 * lock of the data folder (see folder.ts), so any PostgreSQL found running in it was left by a program that is gone.
 *
 * It never outlives its program: a shell of one line waits for the program's end, whatever that is, and tells
 * PostgreSQL to shut down. It comes back when it dies alone, at the same address.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { folderRefusal } from '#platform/folder'
import { type Account, accountFor } from '#platform/postgres/account'
import { type Binaries, binariesFor } from '#platform/postgres/binaries'
import { environment, haveCluster, placeOf, writeSettings } from '#platform/postgres/cluster'
import { endSurvivors } from '#platform/postgres/survivors'

export interface EmbeddedPostgres {
  /** Of the database `roundtrip`, over the socket; whoever may enter the data folder may connect. */
  readonly url: string
  readonly socketDir: string
  /** Ends it with a checkpoint, so that the next start has nothing to recover. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** DATA/postgres */
  folder: string
  /** Memory of the machine, when it should be taken for another than it is. */
  memoryBytes?: number
  log?: (line: string) => void
  /** For clusters that tests throw away: nothing waits for the disk. */
  test?: boolean
}

/** @throws Refusal disk.full, folder.not_writable, postgres.unusable, .no_account, .other_version, .other_owner, .foreign_folder */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = resolve(options.folder)
  const { log = () => {}, test = false, memoryBytes } = options
  try {
    const account = await accountFor(cluster, log)
    const binaries = await binariesFor(account, log)
    await haveCluster(cluster, { account, binaries, test })
    const socket = await shortWayTo(cluster)
    const launch = async (onSpawn: (server: ChildProcess) => void) => {
      if ((await endSurvivors(cluster)) > 0) log('WARNING: ended a PostgreSQL that had outlived its program')
      await clearTraces(cluster)
      await writeSettings(cluster, { account, test, memoryBytes })
      const server = spawnServer({ cluster, account, binaries, log })
      onSpawn(server.process)
      try {
        await untilReady(server, socket.folder, log)
      } catch (error) {
        server.process.kill('SIGINT')
        await server.ended
        throw error
      }
      // A program whose work is done, or failed, may end without being held up by its database, which then ends too.
      letGo(server.process)
      return server
    }
    const stop = await keepRunning(launch, log).catch(async (error) => {
      await socket.leave()
      throw error
    })
    return {
      url: `postgres://roundtrip@localhost/roundtrip?host=${encodeURIComponent(socket.folder)}`,
      socketDir: socket.folder,
      async stop() {
        await stop()
        await endSurvivors(cluster)
        await socket.leave()
      },
    }
  } catch (error) {
    throw folderRefusal(dirname(cluster), error)
  }
}

/** Starts it, starts it again whenever it ends by itself, and gives the act that ends it for good. */
async function keepRunning(
  launch: (onSpawn: (server: ChildProcess) => void) => Promise<Server>,
  log: (line: string) => void,
) {
  let stopping = false
  let current: ChildProcess | undefined
  const begin = () =>
    launch((server) => {
      current = server
      if (stopping) server.kill('SIGINT')
    })
  let server = await begin()

  const kept = (async () => {
    let pauseMs = 500
    while (!stopping) {
      await server.ended
      if (stopping) return
      log('WARNING: PostgreSQL has ended by itself; starting it again')
      await sleep(pauseMs)
      if (stopping) return
      try {
        server = await begin()
        pauseMs = 500
      } catch (error) {
        pauseMs = Math.min(pauseMs * 2, 10_000)
        log(`WARNING: PostgreSQL did not start again: ${error instanceof Error ? error.message : error}`)
      }
    }
    await server.ended
  })()

  return async () => {
    stopping = true
    current?.kill('SIGINT')
    // It also keeps the event loop going until the end has been seen.
    const hurry = setTimeout(() => current?.kill('SIGQUIT'), 60_000)
    await kept
    clearTimeout(hurry)
  }
}

interface Server {
  readonly process: ChildProcess
  readonly ended: Promise<void>
  /** What it said last, for the message when it doesn't start. */
  readonly lastLines: string[]
}

function spawnServer({
  cluster,
  account,
  binaries,
  log,
}: {
  cluster: string
  account: Account | null
  binaries: Binaries
  log: (line: string) => void
}): Server {
  const server = spawn(binaries.postgres, ['-D', placeOf(cluster, account)], {
    ...account,
    cwd: cluster,
    env: environment,
    // Ctrl+C in a terminal reaches every process of the foreground group; the program stops PostgreSQL itself, last.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lastLines: string[] = []
  createInterface({ input: server.stderr }).on('line', (line) => {
    lastLines.push(line)
    if (lastLines.length > 20) lastLines.shift()
    // Said to us, who ask again and again whether it is ready.
    if (!/the database system is (starting up|not yet accepting connections)/.test(line)) log(line)
  })
  // 'close' rather than 'exit': it comes after the last line has been read. An error is followed by it too.
  server.on('error', (error) => lastLines.push(error.message))
  const watch = server.pid ? endWithProgram(server.pid, account, log) : null
  const ended = once(server, 'close').then(
    () => void watch?.kill('SIGKILL'),
    () => void watch?.kill('SIGKILL'),
  )
  return { process: server, ended, lastLines }
}

/** The pipe closes when this program ends, even by SIGKILL; then the shell asks PostgreSQL to shut down and ends too. */
function endWithProgram(pid: number, account: Account | null, log: (line: string) => void): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'postgres-ends-with-roundtrip', String(pid)], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', (error) => log(`WARNING: PostgreSQL would outlive a killed Roundtrip, no shell: ${error.message}`))
  letGo(shell)
  return shell
}

/** The event loop ends although this process runs. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const pipe of child.stdio) if (pipe instanceof Socket) pipe.unref()
}

/** Waits as long as it takes: recovery after a power cut reads up to max_wal_size of log. */
async function untilReady(server: Server, socketFolder: string, log: (line: string) => void): Promise<void> {
  let gone = false
  server.ended.then(() => {
    gone = true
  })
  const begun = Date.now()
  let toldAt = begun
  while (!gone) {
    if (await haveDatabase(socketFolder)) return
    if (Date.now() - toldAt > 10_000) {
      toldAt = Date.now()
      log(`PostgreSQL is still getting ready after ${Math.round((toldAt - begun) / 1000)} s`)
    }
    await sleep(20)
  }
  throw new Error(`PostgreSQL did not start:\n  ${server.lastLines.join('\n  ')}`)
}

/** Makes the database `roundtrip` at the first time; false when PostgreSQL isn't ready to be asked. */
async function haveDatabase(socketFolder: string): Promise<boolean> {
  const client = new pg.Client({ host: socketFolder, user: 'roundtrip', database: 'postgres' })
  // The connection may break at any moment; a broken query says so, and without a listener the program would end.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch {
    return false
  }
  try {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'roundtrip'`)
    if (!rowCount) await client.query('create database roundtrip')
    return true
  } finally {
    await client.end()
  }
}

/**
 * What a killed PostgreSQL left, with numbers that other processes may carry by now and keep the next one from
 * starting. Nothing of it runs any more when this is called.
 */
async function clearTraces(cluster: string): Promise<void> {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432', '.s.PGSQL.5432.lock'])
    await rm(join(cluster, name), { force: true })
}

/** The name of a socket has 107 bytes at most, 103 on a Mac: a folder that lies deeper is reached by a short link. */
async function shortWayTo(cluster: string): Promise<{ folder: string; leave(): Promise<void> }> {
  if (Buffer.byteLength(join(cluster, '.s.PGSQL.5432')) <= 103) return { folder: cluster, leave: async () => {} }
  const own = await mkdtemp(join(tmpdir(), 'roundtrip-'))
  await symlink(cluster, join(own, 'postgres'))
  return { folder: join(own, 'postgres'), leave: () => rm(own, { recursive: true, force: true }) }
}
