/**
 * One lane of applying: the staged rows of its range of keys go into the member pool chunk by chunk. Runs in the
 * program's own thread for a small import and in one of its own for a large one.
 */
import { sql } from 'kysely'
import { type Channel, channels } from '#modules/channels'
import {
  erasedAmong,
  nobody,
  overlay,
  type PreparedRecord,
  type PutRecord,
  prepareRecord,
  putRecords,
  refusedAmong,
} from '#modules/members'
import { homesOfOrders, type OrderFacts, orderKey, type PreparedOrder, putOrders } from '#modules/orders'
import { openingBalances, openingsOf } from '#modules/points'
import { importConsents } from '#modules/privacy'
import { instantOf } from '#platform/clock'
import type { Actor, Ctx } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { assert } from '#platform/errors'
import { hasRoom } from '#platform/folder'
import { arrayOf } from '#platform/rows'
import { readSettings } from '#platform/settings'
import { underKeyOfNow } from './blind-indexes.ts'
import { BlockReader, type KeyRange, type Staged } from './blocks.ts'
import { foldedHash } from './difference.ts'
import { noteRefused } from './erasing.ts'
import { noRoom } from './errors.ts'
import { importOf } from './imports.ts'
import type { StagedMember, StagedOrder } from './staging-rows.ts'

const chunkMilliseconds = 600
const smallestChunk = 200
const largestChunk = 2_000

type Outcome = 'created' | 'updated' | 'unchanged'
type Counts = Record<Outcome, number>

export interface Lane {
  importId: string
  lane: number
  actor: Actor
  /** The data folder, whose disk must have room. */
  folder: string
}

/** Applies the rows of a lane from where it stands; returns at its end, or between two chunks when told to stop. */
export async function applyLane(db: Database, work: Lane, signal: AbortSignal): Promise<void> {
  const { importId, lane, actor, folder } = work
  const { row, range } = await inTx(db, actor, async (ctx) => {
    const { rows } = await sql<KeyRange>`select applied_key as after, last_key as last from imports.lanes
      where import_id = ${importId} and lane = ${lane}`.execute(ctx.tx)
    return { row: await importOf(ctx, importId), range: rows[0]! }
  })
  const reader = new BlockReader(db.vault!, { importId, staging: row.staging }, range)
  let size = 1_000
  let applied = range.after
  while (!signal.aborted) {
    if (!(await hasRoom(folder))) throw noRoom()
    const began = Date.now()
    const staged = await reader.next(db.kysely, size)
    if (staged.length === 0) return
    await inTx(db, actor, (ctx) => applyChunk(ctx, work, staged, applied))
    applied = staged.at(-1)!.key
    const took = Date.now() - began
    size = Math.max(
      smallestChunk,
      Math.min(largestChunk, Math.round(size * Math.min(2, chunkMilliseconds / Math.max(took, 1)))),
    )
  }
}

/** One chunk of a lane, which stands at `applied`. */
async function applyChunk(
  ctx: Ctx,
  { importId, lane }: Lane,
  staged: readonly Staged<StagedMember | StagedOrder>[],
  applied: string,
): Promise<void> {
  // What a power cut takes back is applied again, and whatever commits after it makes it last: nobody need wait for the
  // disk here, least of all the lane that waits for its turn.
  await sql`set local synchronous_commit = off`.execute(ctx.tx)
  const row = await importOf(ctx, importId)
  const { numAffectedRows } = await sql`update imports.lanes set applied_key = ${staged.at(-1)!.key}
    where import_id = ${importId} and lane = ${lane} and applied_key = ${applied}`.execute(ctx.tx)
  assert(numAffectedRows === 1n, 'an import that is applied twice at once')
  const channel = (await channels(ctx)).find((one) => one.id === row.channelId)!
  const options = { channel, origin: row.origin, importId }
  const groups = groupByKey(staged.map((one) => underKeyOfNow(ctx.vault, one, row.stagedBy)))
  const { counts, homes, openingPoints, refused } =
    row.kind === 'members'
      ? await applyMembers(ctx, groups as Staged<StagedMember>[][], options)
      : await applyOrders(ctx, groups as Staged<StagedOrder>[][], options)
  await sql`insert into imports.touched (import_id, member_id) select ${importId}, m from unnest(${arrayOf('uuid', [...new Set(homes)].sort())}) as m on conflict do nothing`.execute(
    ctx.tx,
  )
  await noteRefused(ctx, importId, refused)
  // The row that all lanes count in is locked last, and so for a moment only.
  const before = (await importOf(ctx, importId, { lock: true })).counts!
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
  await sql`update imports.imports set counts = ${JSON.stringify(total)}::jsonb, progress = ${JSON.stringify(progress)}::jsonb
    where id = ${importId}`.execute(ctx.tx)
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
  /** Numbers of rows about somebody who was erased at their own request. */
  refused: number[]
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
  // Staged before they asked to be erased.
  const refused = await refusedAmong(
    ctx,
    prepared.map(({ record }) => record),
  )
  const welcome = prepared.filter(({ record }) => !refused.has(record.key))
  const puts = await putRecords(
    ctx,
    welcome.map(({ record }) => record),
    options,
  )
  const counts: Counts = { created: 0, updated: 0, unchanged: 0 }
  for (const [index, put] of puts.entries()) countRows(counts, put.outcome, welcome[index]!.rows)
  await takeConsents(ctx, welcome, puts, options)
  return {
    counts,
    homes: puts.map((put) => put.memberId),
    openingPoints: await takeOver(ctx, welcome, puts, options.importId),
    refused: prepared.flatMap(({ record, rows }) => (refused.has(record.key) ? rows.map((row) => row.number) : [])),
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

/** What the rows say was agreed to elsewhere; of several rows of one record the last that says something of a topic. */
async function takeConsents(
  ctx: Ctx,
  prepared: readonly { rows: Staged<StagedMember>[] }[],
  puts: readonly PutRecord[],
  { importId, origin }: { importId: string; origin: 'import' | 'live' },
): Promise<void> {
  const told = prepared.flatMap(({ rows }, index) => {
    const home = puts[index]!.memberId
    const said = rows.flatMap(({ number, payload: { consents } }) =>
      (consents?.said ?? []).map((one) => ({ ...one, home, row: number, day: consents!.at })),
    )
    return [...new Map(said.map((one) => [one.topic, one])).values()]
  })
  if (told.length === 0) return
  const { timeZone } = await readSettings(ctx)
  await importConsents(
    ctx,
    told.map(({ day, ...one }) => ({ ...one, at: day === null ? null : instantOf(`${day}T00:00:00`, timeZone) })),
    { importId, origin },
  )
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
    const customer = rows.find(({ payload }) => payload.customer)?.payload.customer ?? nobody(ctx.vault, channel, key)
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
        const key =
          ordinal === 0
            ? row.key
            : orderKey(ctx.vault, channel, { number: null, content: ctx.vault.bare(row.key), ordinal })
        add(key, row.hash, [row])
      }
  }
  const ofErased = await refusedAmong(
    ctx,
    orders.map(({ customer }) => customer),
  )
  for (const order of orders)
    if (ofErased.has(order.customer.key)) order.customer = nobody(ctx.vault, channel, order.key)
  const standing = await homesOfErased(
    ctx,
    orders.filter(({ customer }) => customer.identities.length === 0).map(({ key }) => key),
  )
  const customers = new Map<string, PreparedRecord>(
    orders.filter(({ key }) => !standing.has(key)).map(({ customer }) => [customer.key, customer]),
  )
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
        memberId: standing.get(key) ?? records.get(customer.key)!.memberId,
      }),
    ),
    options,
  )
  const counts: Counts = { created: 0, updated: 0, unchanged: 0 }
  // Each row is a line; the lines of an order share its fate.
  puts.forEach((put, index) => {
    counts[put.outcome] += orders[index]!.rows.length
  })
  return { counts, homes: puts.map((put) => put.memberId), openingPoints: 0, refused: [] }
}

/** Nobody is made for an order that stands under an erased person's number: it is brought up to date there. */
async function homesOfErased(ctx: Ctx, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const standing = await homesOfOrders(ctx, keys)
  const erased = await erasedAmong(ctx, [...new Set(standing.values())])
  return new Map([...standing].filter(([, home]) => erased.has(home)))
}
