/**
 * The rows of a file: along the members whom the list's filter means, a page in an act, within what the asker may see at
 * that moment. Values are masked unless they were asked for in full; then each person is noted as looked at.
 */
import { channelOf, channels } from '#modules/channels'
import { memberRows, membersShown } from '#modules/desk'
import { type Contact, contactsOf, type FoundRow, findPersons, masked } from '#modules/members'
import { ordersOf } from '#modules/orders'
import { entriesBetween } from '#modules/points'
import { recordMany } from '#platform/audit'
import { dayOf, instantOf } from '#platform/clock'
import { type Ctx, seeingBy, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { assert } from '#platform/errors'
import type { House } from '#platform/house'
import { type GroupSettings, readSettings } from '#platform/settings'
import type { Cell } from '#platform/xlsx'
import { type ExportAsked, exportColumns } from './contract.ts'
import { askerOf, type ExportRow, exportOf } from './exports.ts'
import { markOf } from './watermark.ts'
import { memberHeads, orderHeads, pointsHeads, traceColumn } from './words.ts'

const personsAtOnce = 200
/** Orders or entries of one page of persons; more than that no page of real ones has. */
const mostOfPage = 200_000

/** Masked unless somebody asked for it in full. */
const personal = ['phone', 'email', 'documentNumber'] as const
type Personal = (typeof personal)[number]
const isPersonal = (column: string): column is Personal => (personal as readonly string[]).includes(column)

export const lookInExport = 'exportShown'

/** Columns of a file that say a personal value, in its order. */
export function columnsOf({ kind }: Pick<ExportRow, 'kind'>, { columns }: ExportAsked): readonly string[] {
  if (kind === 'orders') return Object.keys(orderHeads)
  if (kind === 'points') return Object.keys(pointsHeads)
  return ['name', ...(columns ?? exportColumns.filter((column) => !['email', 'documentNumber'].includes(column)))]
}

export function headsOf(
  { kind }: Pick<ExportRow, 'kind'>,
  asked: ExportAsked,
  { languages }: Pick<GroupSettings, 'languages'>,
): string[] {
  const heads: Record<string, Record<GroupSettings['languages'][number], string>> = kind === 'orders'
    ? orderHeads
    : kind === 'points'
      ? pointsHeads
      : memberHeads
  return [...columnsOf({ kind }, asked).map((column) => heads[column]![languages[0]!]), traceColumn]
}

/** Pages of rows. While they are counted nothing is opened, and a page is as many nulls as it has rows. */
export async function* pagesOf(
  house: House,
  id: string,
  asked: ExportAsked,
  { counting }: { counting: boolean },
): AsyncGenerator<readonly (readonly Cell[])[]> {
  for (let after: string | undefined; ; ) {
    // Read anew for each page: whoever loses a right meanwhile gets no more.
    const acting = await inTx(house.db, systemActor, async (ctx) => askerOf(ctx, await exportOf(ctx, id)))
    const filter = { search: asked.search, channel: asked.channel, after, limit: personsAtOnce }
    const among = asked.show ? await membersShown(house, acting, asked.show, filter) : null
    const page = await inTx(house.db, acting, async (ctx) => {
      const { country } = await readSettings(ctx)
      const channelId = asked.channel === undefined ? undefined : (await channelOf(ctx, asked.channel)).id
      const { persons, next } = await findPersons(ctx, {
        ...(among ? { among: among.ids } : { search: asked.search, channelId, after }),
        limit: personsAtOnce,
        country,
      })
      const row = await exportOf(ctx, id)
      const rows = counting ? await countedRows(ctx, row, asked, persons) : await writtenRows(ctx, row, asked, persons)
      return { rows, next: among ? among.next : next }
    })
    yield page.rows
    if (page.next === null) return
    after = page.next
  }
}

async function countedRows(
  ctx: Ctx,
  { kind }: ExportRow,
  asked: ExportAsked,
  persons: readonly FoundRow[],
): Promise<null[][]> {
  const rows = (count: number) => Array.from({ length: count }, () => [])
  if (kind === 'members') return rows(persons.length)
  const found = kind === 'orders' ? await ordersOfAll(ctx, asked, persons) : await entriesOfAll(ctx, asked, persons)
  return rows(found.length)
}

async function writtenRows(
  ctx: Ctx,
  row: ExportRow,
  asked: ExportAsked,
  persons: readonly FoundRow[],
): Promise<Cell[][]> {
  const columns = columnsOf(row, asked)
  const wanted = columns.filter(isPersonal)
  const about = await rowsAbout(ctx, row, asked, persons)
  // Nobody is opened, and noted as looked at, who has no row in the file.
  const written = persons.filter(({ id }) => about.some(({ person }) => person.id === id))
  const contacts = wanted.length > 0 ? await contactsOf(ctx, written) : new Map()
  if (row.clear) await noteLooks(ctx, row, wanted, written, contacts)
  return about.map(({ key, person, cells }) => [
    ...columns.map((column) => {
      if (!isPersonal(column)) return cells[column] ?? null
      const value = contacts.get(person.id)?.[column]?.value
      return value === undefined ? null : row.clear ? value : masked(column, value)
    }),
    markOf(ctx.vault, row.trace, key),
  ])
}

interface Row {
  /** Id of what the row tells of. */
  key: string
  person: FoundRow
  cells: Record<string, Cell>
}

async function rowsAbout(
  ctx: Ctx,
  { kind }: ExportRow,
  asked: ExportAsked,
  persons: readonly FoundRow[],
): Promise<Row[]> {
  const settings = await readSettings(ctx)
  const names = new Map((await channels(ctx)).map(({ id, code, name }) => [id, name || code]))
  const { timeZone, currency } = settings
  const personOf = new Map(persons.flatMap((person) => person.homes.map((home) => [home, person] as const)))
  if (kind === 'members') {
    const byId = new Map(persons.map((person) => [person.id, person]))
    return (await memberRows(ctx, persons)).map(({ id, channels: _codes, spentMinor, lastOrderAt, since, ...row }) => {
      const person = byId.get(id)!
      return {
        key: id,
        person,
        cells: {
          ...row,
          id,
          channels: (person.channelIds ?? []).map((channel) => names.get(channel)!).join('; '),
          spent: spentMinor === null ? null : amountOf(spentMinor, currency),
          lastOrder: lastOrderAt && dayOf(new Date(lastOrderAt), timeZone),
          since: dayOf(new Date(since), timeZone),
        },
      }
    })
  }
  if (kind === 'orders')
    return (await ordersOfAll(ctx, asked, persons)).map(({ id, recordId, channelId, lines, ...order }) => {
      const person = personOf.get(recordId)!
      return {
        key: id,
        person,
        cells: {
          number: order.number,
          orderedAt: timeOf(order.orderedAt, timeZone),
          channel: names.get(channelId)!,
          name: person.name,
          products: lines.flatMap(({ product }) => product ?? []).join('; '),
          amount: amountOf(order.amountMinor, order.currency),
          refunded: amountOf(order.refundedMinor, order.currency),
          currency: order.currency,
          status: order.status,
          paymentMethod: order.paymentMethod,
          id: person.id,
        },
      }
    })
  return (await entriesOfAll(ctx, asked, persons)).map(({ id, memberId, createdAt, ...entry }) => {
    const person = personOf.get(memberId)!
    return {
      key: id,
      person,
      cells: {
        createdAt: timeOf(createdAt, timeZone),
        name: person.name,
        kind: entry.kind,
        points: entry.points,
        pending: entry.pending,
        deficit: entry.deficit,
        source: entry.source,
        reason: entry.reason,
        id: person.id,
      },
    }
  })
}

const homesOfAll = (persons: readonly FoundRow[]) => persons.flatMap(({ homes }) => homes)

async function ordersOfAll(ctx: Ctx, asked: ExportAsked, persons: readonly FoundRow[]) {
  const sees = seeingBy(ctx, 'orders.read')
  assert(sees, 'orders for somebody who may not read them')
  const { from, until } = await timesOf(ctx, asked)
  const found = await ordersOf(sees, homesOfAll(persons), { from, before: until, limit: mostOfPage })
  assert(found.length < mostOfPage, 'more orders of a page of persons than are read at once')
  return found
}

async function entriesOfAll(ctx: Ctx, asked: ExportAsked, persons: readonly FoundRow[]) {
  const sees = seeingBy(ctx, 'points.read')
  assert(sees, 'points for somebody who may not read them')
  const found = await entriesBetween(sees, homesOfAll(persons), {
    ...(await timesOf(ctx, asked)),
    limit: mostOfPage,
  })
  assert(found.length < mostOfPage, 'more entries of a page of persons than are read at once')
  return found
}

/** From the beginning of the first day of the group to the end of the last. */
async function timesOf(ctx: Ctx, { from, until }: ExportAsked) {
  const { timeZone } = await readSettings(ctx)
  const dayAfter = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
  return {
    from: from === undefined ? undefined : instantOf(from, timeZone),
    until: until === undefined ? undefined : instantOf(dayAfter(until), timeZone),
  }
}

/** One entry of the log for each person of whom something stands in full in the file. */
async function noteLooks(
  ctx: Ctx,
  { id, reason }: ExportRow,
  wanted: readonly Personal[],
  persons: readonly FoundRow[],
  contacts: ReadonlyMap<string, Partial<Record<Personal, Contact>>>,
): Promise<void> {
  await recordMany(
    ctx,
    persons.flatMap((person) => {
      const shown = wanted.flatMap((field) => {
        const contact = contacts.get(person.id)?.[field]
        return contact ? [{ field, recordId: contact.recordId }] : []
      })
      if (shown.length === 0) return []
      return [
        {
          act: lookInExport,
          kind: 'look' as const,
          members: [...new Set([person.id, ...shown.map(({ recordId }) => recordId)])],
          ids: { exportId: id, recordId: shown[0]!.recordId },
          fields: shown.map(({ field }) => field),
          reason,
        },
      ]
    }),
  )
}

/** In the currency's own unit. */
function amountOf(minor: number, currency: string): number {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  return Number((minor / 10 ** digits).toFixed(digits))
}

/** `2026-11-22 18:05:00`, as the group's clocks showed. */
const timeOf = (at: Date, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at)
