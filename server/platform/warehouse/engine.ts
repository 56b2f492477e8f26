/**
 * Keeps the embedded ClickHouse running in a process of its own, and is a connection of `@clickhouse/client` to it.
 *
 * Not inside the program, where the package would let it live: measured there, an import of a million rows took 350 MB
 * for the warehouse and takes 100 here, because its allocator is tuned by the environment of a process and the buffers
 * of rows are freed as they are used. And here a crash of the engine is an outage of a second, not the end of the
 * program. See docs/decisions/0005.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClickHouseClientConfigOptions, type ClickHouseSettings, parseError } from '@clickhouse/client'
import { Refusal } from '#platform/errors'
import { folderRefusal } from '#platform/folder'
import { type Log, withoutPersonalValues } from '#platform/log'
import { engineArguments, engineConfiguration } from '#platform/warehouse/configuration'

export interface Opening {
  readonly folder: string
  readonly engineArguments: readonly string[]
  readonly settings: Readonly<Record<string, string | number>>
}

export type Question =
  | { verb: 'query'; query: string; params: Record<string, unknown>; format: string }
  | { verb: 'insert'; table: string; rows: Buffer; token: string }
  | { verb: 'command'; query: string }
  | { verb: 'ping' | 'memory' | 'close' }

export type Answer = { id: number; value: Uint8Array | number | null } | { id: number; error: string }

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>

export interface Engine {
  readonly connection: Connection
  memoryBytes(): Promise<number>
}

interface Running {
  readonly process: ChildProcess
  ask(question: Question): Promise<Uint8Array | number | null>
  /** Resolves when it has ended, with what it said last on its standard error. */
  readonly ended: Promise<string>
}

const startMilliseconds = 60_000
/** How long a start waits for an engine that is still ending in the same folder. */
const lockMilliseconds = 10_000
const closeMilliseconds = 10_000
const firstPauseMilliseconds = 200
const longestPauseMilliseconds = 10_000

/** @throws Refusal warehouse.in_use, warehouse.unusable, disk.full, folder.not_writable */
export async function startEngine(options: {
  folder: string
  log: Log
  settings: ClickHouseSettings
}): Promise<Engine> {
  const { folder, log } = options
  const opening = await openingOf(folder, options.settings)
  let running: Running | null = await launch(opening)
  const closing = new AbortController()
  const { signal } = closing

  const startAgain = async (): Promise<Running | null> => {
    for (let pause = firstPauseMilliseconds; ; pause = Math.min(longestPauseMilliseconds, pause * 2)) {
      await Promise.allSettled([sleep(pause, undefined, { signal })])
      if (signal.aborted) return null
      try {
        return await launch(opening)
      } catch (error) {
        log.warn({ part: 'warehouse', err: error }, 'the warehouse did not start')
      }
    }
  }
  const life = (async () => {
    while (running) {
      if (signal.aborted) running.process.kill('SIGKILL')
      const lastWords = await running.ended
      running = null
      if (signal.aborted) return
      log.warn({ part: 'warehouse', lastWords: withoutPersonalValues(lastWords) }, 'the warehouse ended; started again')
      running = await startAgain()
    }
  })()

  const ask = (question: Question): Promise<Uint8Array | number | null> => {
    // Nothing waits for a restart: a reaction that waits holds a transaction open.
    if (!running) return Promise.reject(new Error(signal.aborted ? 'it is closed' : 'it is being started again'))
    return running.ask(question)
  }
  const close = async (): Promise<void> => {
    closing.abort()
    const last = running
    const end = () => last?.process.kill('SIGKILL')
    const late = setTimeout(end, closeMilliseconds)
    last?.ask({ verb: 'close' }).then(end, end)
    await life
    clearTimeout(late)
  }
  return { connection: connectionTo(ask, close), memoryBytes: async () => (await ask({ verb: 'memory' })) as number }
}

async function openingOf(folder: string, settings: ClickHouseSettings): Promise<Opening> {
  const configuration = join(folder, 'engine.xml')
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(configuration, engineConfiguration())
  } catch (error) {
    throw folderRefusal(folder, error)
  }
  return {
    folder: join(folder, 'engine'),
    engineArguments: [`--config-file=${configuration}`, ...engineArguments()],
    settings: settings as Record<string, string | number>,
  }
}

/** Starts one, waiting for a predecessor in the same folder to let it go. */
async function launch(opening: Opening): Promise<Running> {
  const giveUpAt = Date.now() + lockMilliseconds
  for (;;) {
    const outcome = await spawnOnce(opening)
    if (typeof outcome !== 'string') return outcome
    const locked = /Cannot lock file/.test(outcome)
    if (locked && Date.now() < giveUpAt) {
      await sleep(200)
      continue
    }
    const { folder } = opening
    if (locked) {
      throw new Refusal(
        'conflict',
        'warehouse.in_use',
        { folder },
        `Another process uses the warehouse in ${folder}. Stop it first.`,
      )
    }
    const refusal = folderRefusal(folder, new Error(outcome))
    if (refusal instanceof Refusal) throw refusal
    throw new Refusal(
      'conflict',
      'warehouse.unusable',
      { folder, reason: outcome },
      `The embedded warehouse in ${folder} does not start: ${outcome}\nIt holds nothing that PostgreSQL doesn't: delete that folder and it is built again. Where the embedded engine can't run, name a ClickHouse server by CLICKHOUSE_URL.`,
    )
  }
}

/** One try: the engine, or its last words. */
function spawnOnce(opening: Opening): Promise<Running | string> {
  const child = fork(join(import.meta.dirname, 'process.ts'), [JSON.stringify(opening)], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // No secrets. One arena of the allocator, or freed memory stays scattered over eight a core.
    env: { PATH: process.env.PATH, TZ: 'UTC', MALLOC_ARENA_MAX: '1' },
  })
  let lastWords = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2_000)
  })
  const asked = new Map<number, { resolve(value: Uint8Array | number | null): void; reject(error: Error): void }>()
  let questions = 0
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(lastWords.trim() || `it ended with ${signal ?? code}`))
  })
  void ended.then((words) => {
    for (const { reject } of asked.values()) reject(new Error(`it ended: ${words}`))
    asked.clear()
  })
  const ask: Running['ask'] = (question) =>
    new Promise((resolve, reject) => {
      const id = ++questions
      asked.set(id, { resolve, reject })
      child.send({ id, question }, (error) => {
        if (error && asked.delete(id)) reject(error)
      })
    })
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill('SIGKILL'), startMilliseconds)
    child.on('message', (message: Answer | 'ready') => {
      if (message === 'ready') {
        clearTimeout(late)
        resolve({ process: child, ask, ended })
        return
      }
      const asker = asked.get(message.id)
      asked.delete(message.id)
      if (!asker) return
      if ('error' in message) asker.reject(parseError(message.error))
      else asker.resolve(message.value)
    })
    void ended.then((words) => {
      clearTimeout(late)
      resolve(words)
    })
  })
}

/** What `@clickhouse/client` asks of a connection. Its settings were given at the start; a token comes with the rows. */
function connectionTo(ask: Running['ask'], close: () => Promise<void>): Connection {
  const reply = { query_id: '', response_headers: {}, http_status_code: 200 }
  const command: Connection['command'] = async ({ query, abort_signal }) => {
    await inTime(ask({ verb: 'command', query }), abort_signal)
    return reply
  }
  return {
    command,
    close,
    async query({ query, query_params, abort_signal }) {
      // The client has written the format at the end of the query.
      const params = (query_params ?? {}) as Record<string, unknown>
      const rows = await inTime(ask({ verb: 'query', query, params, format: 'JSONEachRow' }), abort_signal)
      return { ...reply, stream: Readable.from([Buffer.from(rows as Uint8Array)], { objectMode: false }) }
    },
    async exec({ query, values, clickhouse_settings, abort_signal }) {
      const table = /^insert into (\S+) format JSONEachRow$/.exec(query)?.[1]
      if (!table || !values) throw new Error(`The embedded warehouse takes no such statement: ${query}`)
      const rows = Buffer.concat(await values.toArray())
      const token = String(clickhouse_settings?.insert_deduplication_token ?? '')
      await inTime(ask({ verb: 'insert', table, rows, token }), abort_signal)
      return { ...reply, stream: Readable.from([]) }
    },
    async insert() {
      throw new Error('The embedded warehouse takes rows by exec')
    },
    async ping({ abort_signal }) {
      try {
        await inTime(ask({ verb: 'ping' }), abort_signal)
        return { success: true }
      } catch (error) {
        return { success: false, error: error as Error }
      }
    },
  }
}

function inTime<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error('it did not answer in time'))
    signal.addEventListener('abort', late, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}
