/**
 * The warehouse: what is counted rather than kept. It is ClickHouse, embedded in a process of its own (see
 * warehouse/engine.ts) or a server reached by CLICKHOUSE_URL, spoken to by the same client in the same SQL. Nothing in
 * it is the truth: it is fed from PostgreSQL (warehouse-feed.ts) and can be thrown away and built again.
 */
import { Readable } from 'node:stream'
import {
  type ClickHouseClient,
  ClickHouseError,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client'
import type { Ctx } from '#platform/ctx'
import type { LoggedEvent } from '#platform/events'
import type { Log } from '#platform/log'
import { startEngine } from '#platform/warehouse/engine'

type Scalar =
  | 'Bool'
  | 'Int32'
  | 'Int64'
  | 'Float64'
  | 'String'
  | 'LowCardinality(String)'
  | 'UUID'
  | 'Date32'
  | "DateTime64(3, 'UTC')"

export interface FactColumn {
  readonly type: Scalar | `Nullable(${Exclude<Scalar, `Low${string}`>})` | `Array(${Scalar})`
  /**
   * How the columns of a person's homes become one column of the person:
   * `own`: what stands at the home that gives the person its id, for what is decided once a person (name, tier);
   * `union`: every value that stands at any home, sorted; of a list column, all their items;
   * `person`: this column is the person's id. Exactly one column of the whole house says so.
   */
  readonly combine: 'sum' | 'min' | 'max' | 'own' | 'union' | 'person'
}

/**
 * Columns that a module gives to a home's row, and how to read them for many homes at once. A column may change only
 * with an event of that home (or one that `alongside` knows of), or the warehouse doesn't hear of it.
 */
export interface Facts {
  readonly columns: Readonly<Record<string, FactColumn>>
  /** One object a home that has facts; homes without are left out and get the types' defaults. */
  read(ctx: Ctx, homes: readonly string[]): Promise<Map<string, Record<string, unknown>>>
  /** Homes whose columns change by these events, besides the events' own. */
  alongside?(ctx: Ctx, events: readonly LoggedEvent[]): Promise<readonly string[]>
  /**
   * All homes page by page, in the order of their ids. Given by the module of the `person` column; what its `read`
   * leaves out is no home (any more) and leaves the warehouse.
   */
  everyHome?(ctx: Ctx, page: { after: string | null; limit: number }): Promise<readonly string[]>
}

export interface Warehouse {
  /** `{name:Type}` in the query stands for a parameter. Tables are read as if each row had been written once. */
  query<T>(query: string, params?: Readonly<Record<string, unknown>>): Promise<T[]>
  /** With a token, the same rows told again under the same token are left out. */
  insert(table: string, rows: readonly Record<string, unknown>[], token?: string): Promise<void>
  command(statement: string): Promise<void>
  /** Whether it answers within two seconds. */
  ping(): Promise<boolean>
  close(): Promise<void>
  /** Resident memory of the embedded engine; missing when the warehouse is a server. */
  memoryBytes?(): Promise<number>
}

/**
 * The warehouse can't be reached or can't work now: nothing is wrong with what it was told. Carries the SQLSTATE of a
 * broken connection, by which `isOutage` knows it, so a reaction repeats its batch.
 */
export class WarehouseAway extends Error {
  readonly code = '08006'
  constructor(reason: string) {
    super(`The warehouse is away: ${reason}`)
    this.name = 'WarehouseAway'
  }
}

/** Of one insert. Above, a part would be too large for the memory that an import may take. */
const mostRows = 5_000
const mostBytes = 4 * 1024 * 1024
/** Rows written as text before others get their turn in this process. */
const rowsATurn = 250
/** A feed that waits for the warehouse holds up its cursor, and by it whatever reads the log. */
const insertMilliseconds = 10_000

const settings: ClickHouseSettings = {
  // Writing is at least once; reading sees each row once. Copies of a row always stand in one partition.
  final: 1,
  do_not_merge_across_partitions_select_final: 1,
  date_time_input_format: 'best_effort',
  date_time_output_format: 'iso',
  output_format_json_quote_64bit_integers: 0,
  input_format_skip_unknown_fields: 0,
  input_format_null_as_default: 1,
  max_execution_time: 60,
}

/**
 * Opens the warehouse in its folder, or the one at an address: `http://user:password@host:8123/database`, where the
 * database is `roundtrip` and made if need be unless named. A server may be away at this moment; the embedded one not.
 *
 * @throws Refusal warehouse.in_use, warehouse.unusable, disk.full, folder.not_writable
 */
export async function openWarehouse(options: { folder: string; url?: string; log: Log }): Promise<Warehouse> {
  if (options.url) return serverWarehouse(options.url)
  const engine = await startEngine({ folder: options.folder, log: options.log, settings })
  const client = createClient({ connection: engine.connection, clickhouse_settings: settings, log: quiet })
  return { ...warehouseOver(client, async () => {}), memoryBytes: engine.memoryBytes }
}

const quiet = { level: ClickHouseLogLevel.OFF }

function serverWarehouse(address: string): Warehouse {
  const url = new URL(address)
  const named = url.pathname.length > 1
  if (!named) url.pathname = '/roundtrip'
  const client = createClient({ url, clickhouse_settings: settings, log: quiet, request_timeout: 120_000 })
  let made = named
  return warehouseOver(client, async () => {
    if (made) return
    const outside = new URL(url)
    outside.pathname = '/default'
    const maker = createClient({ url: outside, log: quiet, request_timeout: 2_000 })
    try {
      await maker.command({ query: 'create database if not exists roundtrip' })
      made = true
    } finally {
      await maker.close()
    }
  })
}

function warehouseOver(client: ClickHouseClient, haveDatabase: () => Promise<void>): Warehouse {
  return {
    async query<T>(query: string, params: Readonly<Record<string, unknown>> = {}) {
      return await told(reading, async () => {
        await haveDatabase()
        const result = await client.query({ query, query_params: withTimes(params), format: 'JSONEachRow' })
        return (await result.json()) as T[]
      })
    },
    async insert(table, rows, token) {
      let piece = 0
      for (const text of pieces(rows)) {
        await told(writing, async () => {
          await haveDatabase()
          const { stream } = await client.exec({
            query: `insert into ${table} format JSONEachRow`,
            values: Readable.from(text, { objectMode: false }),
            clickhouse_settings: { insert_deduplication_token: token === undefined ? '' : `${token}/${piece}` },
            abort_signal: AbortSignal.timeout(insertMilliseconds),
          })
          stream.resume()
        })
        piece++
      }
    },
    async command(query) {
      await told(reading, async () => {
        await haveDatabase()
        await client.command({ query })
      })
    },
    async ping() {
      try {
        await haveDatabase()
        const { success } = await client.ping({ select: true, abort_signal: AbortSignal.timeout(2_000) })
        return success
      } catch {
        return false // the database could not be made, so nothing answers there
      }
    },
    close: () => client.close(),
  }
}

/** The rows as JSON lines, cut into what one insert may carry; each piece is written out while it is sent. */
function* pieces(rows: readonly Record<string, unknown>[]): Generator<AsyncGenerator<Buffer>> {
  let next = 0
  async function* piece() {
    const end = Math.min(rows.length, next + mostRows)
    for (let bytes = 0; next < end && bytes < mostBytes; ) {
      const turn = rows.slice(next, Math.min(end, next + rowsATurn))
      next += turn.length
      const text = Buffer.from(`${turn.map((row) => JSON.stringify(row)).join('\n')}\n`)
      bytes += text.length
      yield text
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  while (next < rows.length) yield piece()
}

/** A time as a parameter: seconds with milliseconds, which every ClickHouse type of time reads alike. */
function withTimes(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      value instanceof Date ? (value.getTime() / 1000).toFixed(3) : value,
    ]),
  )
}

// Codes of ClickHouse. A batch that can't be written is repeated as it is, unless the rows themselves can't be read:
// unknown and missing columns, numbers, dates, times, ids and truth values that aren't such.
const unreadableRows = new Set('6 16 26 27 32 33 38 41 53 69 70 72 117 130 131 321 349 376 407 467'.split(' '))
const writing = (error: ClickHouseError) => !unreadableRows.has(error.code)
// Network, aborted, read-only, too many parts, keeper: a question that met one of these may be asked again.
const passing = new Set('202 209 210 236 242 252 999'.split(' '))
const reading = (error: ClickHouseError) => passing.has(error.code)

/** Tells an outage from a mistake. What the client throws has codes that `isOutage` would take for SQLSTATEs. */
async function told<T>(isAway: (error: ClickHouseError) => boolean, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof WarehouseAway) throw error
    const reason = error instanceof Error ? error.message : String(error)
    if (error instanceof ClickHouseError && !isAway(error)) {
      throw new Error(`The warehouse refused it (${error.code} ${error.type ?? ''}): ${reason}`, { cause: error })
    }
    throw new WarehouseAway(reason)
  }
}
