/**
 * The warehouse as a server. The engine behind is the embedded one; in front of it stands what ClickHouse documents of
 * its HTTP interface, as far as we use it: query in the address or the body, settings and `param_` in the address.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Session } from 'chdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isOutage } from '#platform/errors'
import { openWarehouse, type Warehouse } from '#platform/warehouse'
import { silent } from '#platform/warehouse/testing'

let folder: string
let session: Session
let server: Server
let warehouse: Warehouse
/** Databases and passwords that the client sent. */
const seen = new Set<string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roundtrip-warehouse-'))
  session = new Session(folder)
  let turn = Promise.resolve()
  server = createServer((request, response) => {
    turn = turn.then(async () => {
      const address = new URL(request.url!, 'http://server')
      const body = await buffer(request)
      seen.add(`${address.searchParams.get('database')} ${request.headers.authorization}`)
      const settings: string[] = []
      for (const [name, value] of address.searchParams) {
        if (/^(query|query_id|database|default_format|wait_end_of_query|enable_http_compression)$/.test(name)) continue
        settings.push(`set ${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
      }
      const inAddress = address.searchParams.get('query')
      const query = inAddress === null ? body.toString() : `${inAddress}\n${body.toString()}`
      const database = address.searchParams.get('database') ?? 'default'
      const exists = session.query(`select count() from system.databases where name = '${database}'`).trim() === '1'
      try {
        if (!exists) throw new Error(`Code: 81. DB::Exception: Database ${database} does not exist. (UNKNOWN_DATABASE)`)
        for (const statement of [`use ${database}`, ...settings]) session.query(statement)
        response.end((await session.queryAsync(query, { format: 'TabSeparated' })).bytes())
      } catch (error) {
        response.writeHead(500).end((error as Error).message)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  warehouse = await openWarehouse({ folder, url: `http://keeper:secret@127.0.0.1:${port}`, log: silent })
})

afterAll(async () => {
  await warehouse.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  session.close()
  await rm(folder, { recursive: true, force: true })
})

test('the same statements work on a server', async () => {
  expect(await warehouse.ping()).toBe(true)
  await warehouse.command(
    `create table sightings (id Int64, place String, at Nullable(DateTime64(3, 'UTC'))) engine = ReplacingMergeTree order by id
     settings non_replicated_deduplication_window = 100`,
  )
  const at = new Date('2026-10-01T08:09:10.123Z')
  const rows = Array.from({ length: 6_000 }, (_, id) => ({ id, place: "O'Neill 武康路", at }))
  await warehouse.insert('sightings', rows, 'batch 1')
  await warehouse.insert('sightings', rows, 'batch 1')
  expect(await warehouse.query('select count() as rows from sightings settings final = 0')).toEqual([{ rows: 6_000 }])
  expect(
    await warehouse.query(
      'select * from sightings where place = {place:String} and at <= {at:DateTime64(3)} and id in {ids:Array(Int64)}',
      { place: "O'Neill 武康路", at, ids: [17] },
    ),
  ).toEqual([{ id: 17, place: "O'Neill 武康路", at: '2026-10-01T08:09:10.123Z' }])
  expect(seen).toContain(`roundtrip Basic ${Buffer.from('keeper:secret').toString('base64')}`)
})

test('a server says which rows it can not read, and is away when it has lost a table', async () => {
  const refused = await warehouse.insert('sightings', [{ id: 'one' }]).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Error)
  expect(isOutage(refused)).toBe(false)
  const lost = await warehouse.insert('nowhere', [{ id: 1 }]).catch((error: unknown) => error)
  expect(isOutage(lost)).toBe(true)
})
