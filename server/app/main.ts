/**
 * `roundtrip start`: the whole program in one process, until it is told to stop. It listens on the port, and on a
 * socket in the data folder by which the owner's commands reach it.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { addSignInLink, administrator, signInUrl } from '#modules/access'
import type { Config } from '#platform/config'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import { type Log, openLog } from '#platform/log'
import { beginDemonstration, fillDemonstration } from './demonstration/fill.ts'
import type { Demonstration } from './demonstration/state.ts'
import { type OpenHouse, openHouse } from './house.ts'
import { buildServer } from './server.ts'

/** Where the commands of the data folder's owner come in. */
export const socketOf = (config: Config) => join(config.dataFolder, 'roundtrip.sock')

/** Listens on the socket, which only the owner of the data folder can reach: the folder is 0700. */
export async function listenOnSocket(house: OpenHouse, config: Config): Promise<FastifyInstance> {
  const server = await buildServer(house, { via: 'socket' })
  await rm(socketOf(config), { force: true })
  const before = process.umask(0o177)
  try {
    await server.listen({ path: socketOf(config) })
  } finally {
    process.umask(before)
  }
  return server
}

/** How long a stop waits for requests that are being answered. */
const answerMilliseconds = 5_000

export async function start(config: Config): Promise<void> {
  const log = openLog(config.logLevel)
  const say = (what: string) => process.stdout.write(`${what}\n`)
  const house = await openHouse(config, log, say)
  const servers: FastifyInstance[] = []
  let stopping = false
  const leaving = new AbortController()
  let filling: Promise<void> = Promise.resolve()
  const stop = async (why: string) => {
    if (stopping) return
    stopping = true
    log.info({ why }, 'stopping')
    leaving.abort()
    // Whoever is being answered gets the answer, unless it takes too long (an upload); new requests are refused.
    const hurry = setTimeout(() => {
      for (const { server } of servers) server.closeAllConnections()
    }, answerMilliseconds)
    await Promise.all(servers.map((server) => server.close()))
    clearTimeout(hurry)
    await filling
    await house.close()
    await rm(socketOf(config), { force: true })
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  let demonstration: Demonstration | null
  try {
    // Before anybody comes in: only a program that nobody has used is filled.
    demonstration = config.demo && config.databaseUrl === undefined ? await beginDemonstration(house.db) : null
    servers.push(await listenOnSocket(house, config))
    const server = await buildServer(house, { via: 'port' })
    servers.push(server)
    await server.listen({ port: config.port, host: config.host }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        throw new Refusal(
          'conflict',
          'config.port_taken',
          { port: config.port },
          `Port ${config.port} is taken by another program. Set PORT to a free one.`,
        )
      if (error.code === 'EACCES')
        throw new Refusal(
          'conflict',
          'config.port_forbidden',
          { port: config.port },
          `This user may not listen on port ${config.port}. Set PORT to one above 1023.`,
        )
      throw error
    })
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()))
    await house.close()
    throw error
  }
  say(`Roundtrip is ready at ${config.publicUrl}`)
  if (house.firstStart) {
    const { token } = await inTx(house.db, systemActor, async (ctx) => addSignInLink(ctx, await administrator(ctx)))
    say(`Sign in as administrator, once, within 24 hours: ${signInUrl(house, token)}`)
  }
  if (demonstration && !stopping) filling = fill(house, demonstration, { log, say, signal: leaving.signal })
}

/** Beside the program, which serves already. What goes wrong is told, and the next start goes on. */
async function fill(
  house: OpenHouse,
  begun: Demonstration,
  { log, say, signal }: { log: Log; say: (what: string) => void; signal: AbortSignal },
): Promise<void> {
  const started = Date.now()
  say('Filling in the demonstration group (ROUNDTRIP_DEMO=off leaves it out) …')
  try {
    const filled = await fillDemonstration(house, begun, signal)
    if (!filled) return
    const { members, orders } = filled
    const seconds = Math.round((Date.now() - started) / 1000)
    say(
      `The demonstration group is ready: ${members} members, ${orders} orders, in ${seconds} s. Clear it with: bin/roundtrip demo clear`,
    )
  } catch (error) {
    log.error({ err: error }, 'the demonstration group was not filled; the next start goes on')
  }
}
