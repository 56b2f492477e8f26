/**
 * From staged rows to the member pool, in chunks of at most a second: rows of one key always in one chunk, the place
 * where it goes on moved in the chunk's own transaction. Killed at any moment, it goes on where it was.
 */
import { sql } from 'kysely'
import { type Channel, channels } from '#modules/channels'
import { companyOf, overlay, type PreparedRecord, type PutRecord, prepareRecord, putRecords } from '#modules/members'
import { type OrderFacts, orderKey, type PreparedOrder, putOrders } from '#modules/orders'
import { openingBalances, openingsOf } from '#modules/points'
import { inBulk } from '#platform/bulk'
import { instantOf } from '#platform/clock'
import type { Actor, Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { hasRoom } from '#platform/folder'
import type { House } from '#platform/house'
import { lowestId } from '#platform/ids'
import { arrayOf } from '#platform/rows'
import { readSettings } from '#platform/settings'
import type { ImportView } from './contract.ts'
import { foldedHash } from './difference.ts'
import { noRoom } from './errors.ts'
import { claim, type ImportRow, importOf } from './imports.ts'
import { discard } from './staging.ts'
import type { StagedMember, StagedOrder } from './staging-rows.ts'

const chunkMilliseconds = 600
const smallestChunk = 200
const largestChunk = 2_000
const lanes = 2

type Outcome = 'created' | 'updated' | 'unchanged'
type Counts = Record<Outcome, number>

interface Staged<T> {
  key: string
  number: number
  hash: string
  payload: T
}

export async function claimApplying(house: House, actor: Actor, id: string): Promise<ImportRow> {
  return inTx(house.db, actor, async (ctx) => {
    const row = await claim(ctx, id, ['staged', 'paused'], 'applying')
    if (await beginLanes(ctx, id)) {
      // Counted anew from what really happens; until now it said what would.
      const { rows, rejected } = row.counts!
      const fresh = { ...row.counts!, created: 0, updated: 0, unchanged: 0, joined: null, members: null }
      await sql`update imports.imports set counts = ${JSON.stringify(fresh)}::jsonb, progress = ${JSON.stringify({ step: 'applying', done: 0, of: rows - rejected, unit: 'rows' })}::jsonb where id = ${id}`.execute(
        ctx.tx,
      )
    }
    return row
  })
}

/** Shares the keys, which are evenly spread, among the lanes; false when an earlier run has done so. */
async function beginLanes(ctx: Ctx, id: string): Promise<boolean> {
  const bounds = Array.from({ length: lanes + 1 }, (_, index) => keyAt(index / lanes))
  const { rows } = await sql`insert into imports.lanes (import_id, lane, applied_key, last_key)
    select ${id}, lane, after, last from unnest(${bounds.slice(1).map((_, lane) => lane)}::smallint[], ${bounds.slice(0, -1)}::uuid[], ${bounds.slice(1)}::uuid[]) as u(lane, after, last)
    on conflict do nothing returning lane`.execute(ctx.tx)
  return rows.length > 0
}

/** The key at a share of all keys: 0 is before the first, 1 is the last. */
function keyAt(share: number): string {
  if (share === 1) return 'ffffffff-ffff-ffff-ffff-ffffffffffff'
  return `${Math.floor(share * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}-0000-0000-0000-000000000000`
}

/**
 * Applies what is staged, in lanes side by side: while one prepares its next rows the other's are written. Returns when
 * all is applied. A stop between two chunks leaves it `paused`, and so does whatever goes wrong in a lane.
 */
export async function apply(house: House, actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  await inBulk(() => applyAll(house, actor, id, signal))
}

async function applyAll(house: House, actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  const failing = new AbortController()
  const either = AbortSignal.any([signal, failing.signal])
  let noted = Date.now()
  const sinceNoted = () => {
    const before = noted
    noted = Date.now()
    return noted - before
  }
  const results = await Promise.allSettled(
    Array.from({ length: lanes }, (_, lane) =>
      applyLane(house, actor, { id, lane, signal: either, sinceNoted }).catch((error: unknown) => {
        failing.abort()
        throw error
      }),
    ),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  if (signal.aborted) {
    await inTx(house.db, actor, (ctx) =>
      sql`update imports.imports set state = 'paused' where id = ${id} and state = 'applying'`.execute(ctx.tx),
    )
    return
  }
  await finish(house, actor, id)
}

interface LaneWork {
  id: string
  lane: number
  signal: AbortSignal
  /** Milliseconds of work that no chunk has noted yet. */
  sinceNoted(): number
}

async function applyLane(house: House, actor: Actor, work: LaneWork): Promise<void> {
  let size = 1_000
  while (!work.signal.aborted) {
    if (!(await hasRoom(house.folder))) throw noRoom()
    const began = Date.now()
    const done = await inTx(house.db, actor, (ctx) => applyChunk(ctx, work, size))
    if (done === 0) return
    const took = Date.now() - began
    size = Math.max(
      smallestChunk,
      Math.min(largestChunk, Math.round(size * Math.min(2, chunkMilliseconds / Math.max(took, 1)))),
    )
  }
}

/** One chunk of a lane; says how many rows it did. */
async function applyChunk(ctx: Ctx, { id, lane, sinceNoted }: LaneWork, size: number): Promise<number> {
  const row = await importOf(ctx, id)
  const { rows: range } = await sql<Range>`select applied_key as after, last_key as last from imports.lanes
    where import_id = ${id} and lane = ${lane} for update`.execute(ctx.tx)
  const staged = await nextRows(ctx, row, range[0]!, size)
  if (staged.length === 0) return 0
  const channel = (await channels(ctx)).find((one) => one.id === row.channelId)!
  const options = { channel, origin: row.origin, importId: id }
  const groups = groupByKey(staged)
  const { counts, homes, openingPoints } =
    row.kind === 'members'
      ? await applyMembers(ctx, groups as Staged<StagedMember>[][], options)
      : await applyOrders(ctx, groups as Staged<StagedOrder>[][], options)
  await sql`insert into imports.touched (import_id, member_id) select ${id}, m from unnest(${arrayOf([...new Set(homes)].sort())}::uuid[]) as m on conflict do nothing`.execute(
    ctx.tx,
  )
  await sql`update imports.lanes set applied_key = ${staged.at(-1)!.key} where import_id = ${id} and lane = ${lane}`.execute(
    ctx.tx,
  )
  // The row that all lanes count in is locked last, and so for a moment only.
  const before = (await importOf(ctx, id, { lock: true })).counts!
  const total = {
    ...before,
    created: before.created + counts.created,
    updated: before.updated + counts.updated,
    unchanged: before.unchanged + counts.unchanged,
    ...(before.openingPoints
      ? { openingPoints: { ...before.openingPoints, inLedger: before.openingPoints.inLedger + openingPoints } }
      : {}),
  }
  const progress = {
    step: 'applying',
    done: total.created + total.updated + total.unchanged,
    of: total.rows - total.rejected,
    unit: 'rows',
  }
  await sql`update imports.imports set counts = ${JSON.stringify(total)}::jsonb, progress = ${JSON.stringify(progress)}::jsonb,
    work_milliseconds = work_milliseconds + ${sinceNoted()} where id = ${id}`.execute(ctx.tx)
  return staged.length
}

interface Range {
  /** Behind this key, up to and with the last. */
  after: string
  last: string
}

/** The next rows of a range in the order of their keys, never parting the rows of one key. */
async function nextRows(
  ctx: Ctx,
  row: ImportRow,
  range: Range,
  size: number,
): Promise<Staged<StagedMember | StagedOrder>[]> {
  const read = async (condition: ReturnType<typeof sql>, limit: number) => {
    const { rows } = await sql<{ key: string; number: number; hash: string; sealed: Buffer }>`
      select row_key as key, row_number as number, content_hash as hash, sealed from imports.rows
      where import_id = ${row.id} and staging = ${row.staging} and ${condition} order by row_key, row_number limit ${limit}`.execute(
      ctx.tx,
    )
    return rows
  }
  let rows = await read(sql`row_key > ${range.after}::uuid and row_key <= ${range.last}::uuid`, size)
  const last = rows.at(-1)?.key
  if (last !== undefined && rows.length === size) {
    // The last key may go on behind the limit: it waits for the next chunk, or, where it is all there is, comes whole.
    const whole = rows.filter(({ key }) => key !== last)
    rows = whole.length > 0 ? whole : await read(sql`row_key = ${last}::uuid`, 1_000_000)
  }
  const { staging } = ctx.vault.keys
  return rows.map(({ key, number, hash, sealed }) => ({
    key,
    number,
    hash,
    payload: ctx.vault.open<StagedMember | StagedOrder>(staging, `row:${row.id}`, sealed),
  }))
}

function groupByKey<T>(rows: readonly Staged<T>[]): Staged<T>[][] {
  const groups: Staged<T>[][] = []
  for (const row of rows) {
    const group = groups.at(-1)
    if (group && group[0]!.key === row.key) group.push(row)
    else groups.push([row])
  }
  return groups
}

interface Applied {
  counts: Counts
  homes: string[]
  /** Opening balances of these rows that the ledger now has. */
  openingPoints: number
}

/** Rows of one record are told in their order: what a later one says stands over the earlier. */
async function applyMembers(
  ctx: Ctx,
  groups: readonly Staged<StagedMember>[][],
  options: { channel: Channel; origin: 'import' | 'live'; importId: string },
): Promise<Applied> {
  const prepared: { record: PreparedRecord; rows: Staged<StagedMember>[] }[] = []
  for (const group of groups) {
    const first = group[0]!
    if (first.payload.byContent) {
      // Equal rows without any identity are different people of the same words: each is a record of its own.
      group.forEach((row, ordinal) => {
        const record =
          ordinal === 0
            ? { ...row.payload.record, key: row.key, contentHash: row.hash }
            : prepareRecord(ctx.vault, options.channel, row.payload.record.values, { ordinal })
        prepared.push({ record: { ...record, contentHash: row.hash }, rows: [row] })
      })
    } else if (group.length === 1) {
      prepared.push({ record: { ...first.payload.record, key: first.key, contentHash: first.hash }, rows: group })
    } else {
      const values = group.map((row) => row.payload.record.values).reduce(overlay)
      const record = prepareRecord(ctx.vault, options.channel, values)
      prepared.push({
        record: {
          ...record,
          key: first.key,
          contentHash: foldedHash(
            ctx,
            group.map(({ hash }) => hash),
          ),
        },
        rows: group,
      })
    }
  }
  const puts = await putRecords(
    ctx,
    prepared.map(({ record }) => record),
    options,
  )
  const counts: Counts = { created: 0, updated: 0, unchanged: 0 }
  for (const [index, put] of puts.entries()) countRows(counts, put.outcome, prepared[index]!.rows)
  return {
    counts,
    homes: puts.map((put) => put.memberId),
    openingPoints: await takeOver(ctx, prepared, puts, options.importId),
  }
}

/**
 * Opening balances: one a record, whichever import that stands told of it first. Says how much of what the rows bring the ledger
 * has, so that the sum of the file can be held against it.
 */
async function takeOver(
  ctx: Ctx,
  prepared: readonly { rows: Staged<StagedMember>[] }[],
  puts: readonly PutRecord[],
  importId: string,
): Promise<number> {
  const rows = prepared.flatMap(({ rows: told }, index) => {
    const opening = told.findLast(({ payload }) => payload.opening)?.payload.opening
    return opening ? [{ ...opening, memberId: puts[index]!.memberId }] : []
  })
  if (rows.length === 0) return 0
  const { timeZone } = await readSettings(ctx)
  const before = await openingsOf(
    ctx,
    rows.map(({ memberId }) => memberId),
  )
  const { points } = await openingBalances(
    ctx,
    rows
      .filter(({ memberId }) => !before.has(memberId))
      .map(({ memberId, points: given, expiresAt }) => ({
        memberId,
        source: `opening:${importId}`,
        points: given,
        // A balance lasts through the day that is written beside it.
        expiresAt: expiresAt === null ? null : instantOf(dayAfter(expiresAt), timeZone),
        importId,
      })),
  )
  return points + [...before.values()].reduce((sum, given) => sum + given, 0)
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** The first row of a record makes or changes it; further ones change it again, or say the same once more. */
function countRows(counts: Counts, outcome: Outcome, rows: readonly { hash: string }[]): void {
  counts[outcome]++
  for (let index = 1; index < rows.length; index++) {
    if (outcome === 'unchanged' || rows[index]!.hash === rows[index - 1]!.hash) counts.unchanged++
    else counts.updated++
  }
}

async function applyOrders(
  ctx: Ctx,
  groups: readonly Staged<StagedOrder>[][],
  options: { channel: Channel; origin: 'import' | 'live'; importId: string },
): Promise<Applied> {
  const { channel } = options
  const orders: {
    key: string
    hash: string
    facts: OrderFacts
    customer: PreparedRecord
    rows: Staged<StagedOrder>[]
  }[] = []
  const add = (key: string, hash: string, rows: Staged<StagedOrder>[]) => {
    const lines = rows.map(({ payload }) => payload.line)
    const said = lines.at(-1)!
    const customer = rows.find(({ payload }) => payload.customer)?.payload.customer ?? anonymous(ctx, channel, key)
    const facts = {
      number: said.number,
      orderedAt: new Date(lines[0]!.orderedAt),
      currency: said.currency,
      status: said.status,
      paymentMethod: said.paymentMethod,
      lines: lines.map(({ line }) => line!),
    }
    orders.push({ key, hash, facts, customer, rows })
  }
  for (const group of groups) {
    const first = group[0]!
    if (first.payload.line.number !== null) {
      // Money of two kinds can't be one sum: the lines of each further currency are an order of their own.
      for (const [currency, lines] of Map.groupBy(group, ({ payload }) => payload.line.currency)) {
        const number = `${first.payload.line.number}\u0000${currency}`
        add(
          lines[0] === first ? first.key : orderKey(ctx.vault, channel, { number, content: '', ordinal: 0 }),
          foldedHash(
            ctx,
            lines.map(({ hash }) => hash),
          ),
          lines,
        )
      }
    }
    // Rows that are equal in every cell are all real; their number among equals tells them apart.
    else
      for (const [ordinal, row] of group.entries()) {
        const key = ordinal === 0 ? row.key : orderKey(ctx.vault, channel, { number: null, content: row.key, ordinal })
        add(key, row.hash, [row])
      }
  }
  const customers = new Map<string, PreparedRecord>(orders.map(({ customer }) => [customer.key, customer]))
  const records = new Map<string, PutRecord>(
    (await putRecords(ctx, [...customers.values()], { ...options, onlyNew: true })).map((put) => [put.key, put]),
  )
  const puts = await putOrders(
    ctx,
    orders.map(
      ({ key, hash, facts, customer }): PreparedOrder => ({
        ...facts,
        key,
        contentHash: hash,
        memberId: records.get(customer.key)!.memberId,
      }),
    ),
    options,
  )
  const counts: Counts = { created: 0, updated: 0, unchanged: 0 }
  // Each row is a line; the lines of an order share its fate.
  puts.forEach((put, index) => {
    counts[put.outcome] += orders[index]!.rows.length
  })
  return { counts, homes: puts.map((put) => put.memberId), openingPoints: 0 }
}

/** Somebody ordered and the file doesn't say who: a record of its own, until the person is known. */
function anonymous(ctx: Ctx, channel: Channel, orderKeyOfTheirs: string): PreparedRecord {
  return {
    ...prepareRecord(ctx.vault, channel, {}, { name: null }),
    key: ctx.vault.blind('record', `${channel.id}\u0000order\u0000${orderKeyOfTheirs}`),
  }
}

async function finish(house: House, actor: Actor, id: string): Promise<void> {
  // Counted before anything is locked: it takes seconds, and a transaction that writes holds up all reactions.
  const members = await inTx(house.db, actor, (ctx) => membersTouched(ctx, id))
  await inTx(house.db, actor, async (ctx) => {
    const row = await importOf(ctx, id, { lock: true })
    const counts: ImportView['counts'] = { ...row.counts!, ...members }
    await sql`update imports.imports set state = 'done', counts = ${JSON.stringify(counts)}::jsonb, progress = null, finished_at = ${ctx.now} where id = ${id} and state = 'applying'`.execute(
      ctx.tx,
    )
  })
  await discard(house, id)
}

/** Different members that the rows belong to, and records of this import whose member has another record. */
async function membersTouched(ctx: Ctx, id: string): Promise<{ members: number; joined: number }> {
  let members = 0
  let joined = 0
  const persons = new Set<string>()
  for (let after = lowestId; ; ) {
    const { rows } = await sql<{ member_id: string }>`
      select member_id from imports.touched where import_id = ${id} and member_id > ${after}::uuid order by member_id limit 5000`.execute(
      ctx.tx,
    )
    if (rows.length === 0) break
    const homes = rows.map((row) => row.member_id)
    for (const { person, records, own } of (await companyOf(ctx, homes, id)).values()) {
      if (records > 1) {
        // Only a member of several records can be met twice, so the set stays as small as the joins are.
        persons.add(person)
        if (own) joined++
      } else members++
    }
    after = homes.at(-1)!
  }
  return { members: members + persons.size, joined }
}
