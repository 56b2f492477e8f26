/**
 * The life of an export as a row: asked for, counted, approved by somebody else where the group wants that, made, taken a
 * few times, and gone. It belongs to whoever asked, and ends when they may no longer have what is in it.
 */
import { sql } from 'kysely'
import { actorNames, actorOf, holdsScope } from '#modules/access'
import { channelOf } from '#modules/channels'
import { mayFilterBy } from '#modules/desk'
import { type Actor, type Ctx, may, type Scope, scopeOf } from '#platform/ctx'
import { Refusal } from '#platform/errors'
import { actorName } from '#platform/events'
import { addJob } from '#platform/jobs'
import type { ExportAsked, ExportView, exportFormats, exportKinds, exportStates } from './contract.ts'
import {
  clearNotPermitted,
  exportNotFound,
  noDownloadsLeft,
  ownExport,
  rightsLost,
  tooManyExports,
  wrongState,
} from './errors.ts'
import { readRules } from './rules.ts'
import { newTrace, traceIn } from './watermark.ts'

export const making = 'exports.making'

export interface ExportRow {
  id: string
  kind: (typeof exportKinds)[number]
  format: (typeof exportFormats)[number]
  state: (typeof exportStates)[number]
  askedBy: string
  askedAt: Date
  reason: string
  clear: boolean
  sealedAsked: Buffer | null
  trace: string
  rows: number | null
  bytes: number | null
  decidedBy: string | null
  decisionReason: string | null
  madeWithin: Scope | null
  error: string | null
  downloads: number
  expiresAt: Date | null
}

const columns = sql`id, kind, format, state, asked_by as "askedBy", asked_at as "askedAt", reason, clear,
  sealed_asked as "sealedAsked", trace, rows, bytes, decided_by as "decidedBy", decision_reason as "decisionReason",
  made_within as "madeWithin", error, downloads, expires_at as "expiresAt"`

const place = (id: string) => `export:${id}`

/** What each kind tells, and by which permission that may be read beside `members.export`. */
const readBy = { members: [], orders: ['orders.read'], points: ['points.read'] } as const

/** Being made or ready, of one person at a time. */
const mostAlive = 10
const shownAtOnce = 100

/**
 * Asks for an export; told again under one id it is the same one.
 *
 * @throws Refusal access.not_permitted, exports.clear_not_permitted, exports.too_many, channels.unknown
 */
export async function ask(
  ctx: Ctx,
  { id, asked, ...told }: Pick<ExportRow, 'id' | 'kind' | 'format' | 'reason' | 'clear'> & { asked: ExportAsked },
): Promise<ExportRow> {
  mayHave(ctx.actor, { ...told, asked })
  if (asked.channel !== undefined) await channelOf(ctx, asked.channel)
  const askedBy = actorName(ctx.actor)
  const own = await exportsOf(ctx)
  const before = own.find((one) => one.id === id)
  if (before) return before
  const { rows: alive } = await sql<{ alive: number }>`
    select count(*) as alive from exports.exports where asked_by = ${askedBy} and ended_at is null`.execute(ctx.tx)
  if (alive[0]!.alive >= mostAlive) throw tooManyExports(mostAlive)
  const sealed = ctx.vault.seal(ctx.vault.keys.staging, place(id), asked)
  const { rows } = await sql<ExportRow>`
    insert into exports.exports (id, kind, format, state, asked_by, asked_at, reason, clear, sealed_asked, trace)
    values (${id}, ${told.kind}, ${told.format}, 'counting', ${askedBy}, ${ctx.now}, ${told.reason}, ${told.clear}, ${sealed}, ${newTrace()})
    on conflict (id) do nothing returning ${columns}`.execute(ctx.tx)
  // Under this id somebody else has asked.
  if (!rows[0]) throw exportNotFound(id)
  await addJob(ctx, making, { exportId: id }, { key: id })
  return rows[0]
}

/** Whether somebody may have such a file, whatever stands in it. */
export function mayHave(
  actor: Actor,
  { kind, clear, asked }: Pick<ExportRow, 'kind' | 'clear'> & { asked: ExportAsked | null },
): void {
  for (const permission of ['members.export', ...readBy[kind]])
    if (scopeOf(actor, permission) === null || !may(actor, permission))
      throw new Refusal('forbidden', 'access.not_permitted', { permission }, `This needs the permission ${permission}.`)
  if (clear && (scopeOf(actor, 'members.reveal') === null || !may(actor, 'members.reveal'))) throw clearNotPermitted()
  if (asked?.show) mayFilterBy(actor, asked.show)
}

/** Where all that is in such a file may be seen: the narrowest of what it needs, null where that is no one scope. */
export function withinOf(actor: Actor, { kind, clear }: Pick<ExportRow, 'kind' | 'clear'>): Scope | null {
  const scopes = ['members.export', ...readBy[kind], ...(clear ? ['members.reveal'] : [])].map((permission) =>
    scopeOf(actor, permission),
  )
  return scopes.find((one) => one !== null && scopes.every((other) => other !== null && holdsScope(other, one))) ?? null
}

/**
 * Whoever asked, as they may act now.
 *
 * @throws Refusal exports.rights_lost, or what `mayHave` refuses by
 */
export async function askerOf(ctx: Pick<Ctx, 'tx' | 'now'>, row: ExportRow): Promise<Actor & { scope: Scope }> {
  const actor = await actorOf(ctx, row.askedBy)
  if (!actor) throw rightsLost()
  mayHave(actor, { ...row, asked: null })
  const within = withinOf(actor, row)
  if (within === null || (row.madeWithin !== null && !covers(within, row.madeWithin))) throw rightsLost()
  return { ...actor, scope: within }
}

/** A part of nothing is covered by any. */
const covers = (outer: Scope, inner: Scope) =>
  holdsScope(outer, inner) ||
  (inner !== 'group' && 'channelIds' in inner && inner.channelIds.length === 0 && inner.servedBy === null)

/** Those of whoever asks, newest first. */
export async function exportsOf(ctx: Ctx): Promise<ExportRow[]> {
  const { rows } = await sql<ExportRow>`select ${columns} from exports.exports
    where asked_by = ${actorName(ctx.actor)} order by asked_at desc, id desc limit ${shownAtOnce}`.execute(ctx.tx)
  return rows
}

/** Of others: what waits for an approval first, then what was decided last. */
export async function approvals(ctx: Ctx): Promise<ExportRow[]> {
  const { rows } = await sql<ExportRow>`select ${columns} from exports.exports
    where asked_by <> ${actorName(ctx.actor)} and (state = 'waiting' or decided_by is not null)
    order by state = 'waiting' desc, coalesce(decided_at, asked_at) desc, id desc limit ${shownAtOnce}`.execute(ctx.tx)
  return rows
}

export async function exportOf(ctx: Pick<Ctx, 'tx'>, id: string, { lock = false } = {}): Promise<ExportRow> {
  const { rows } = await sql<ExportRow>`select ${columns} from exports.exports
    where id = ${id} ${lock ? sql`for update` : sql``}`.execute(ctx.tx)
  if (!rows[0]) throw exportNotFound(id)
  return rows[0]
}

export async function ownExportOf(ctx: Ctx, id: string, { lock = false } = {}): Promise<ExportRow> {
  const row = await exportOf(ctx, id, { lock })
  if (row.askedBy !== actorName(ctx.actor)) throw exportNotFound(id)
  return row
}

/** Null where nobody's row is marked so. */
export async function tracedTo(ctx: Pick<Ctx, 'tx'>, found: string): Promise<ExportRow> {
  const { rows } = await sql<ExportRow>`select ${columns} from exports.exports where trace = ${traceIn(found)}`.execute(
    ctx.tx,
  )
  if (!rows[0]) throw exportNotFound(traceIn(found))
  return rows[0]
}

/** Approves or refuses what somebody else has asked for. */
export async function decide(
  ctx: Ctx,
  { exportId, approved, reason }: { exportId: string; approved: boolean; reason: string },
): Promise<ExportRow> {
  const row = await exportOf(ctx, exportId, { lock: true })
  const decidedBy = actorName(ctx.actor)
  if (row.askedBy === decidedBy) throw ownExport()
  if (row.state !== 'waiting') throw wrongState(exportId, row.state)
  await sql`update exports.exports set decided_by = ${decidedBy}, decided_at = ${ctx.now}, decision_reason = ${reason},
      state = ${approved ? 'making' : 'refused'} where id = ${exportId}`.execute(ctx.tx)
  if (approved) await addJob(ctx, making, { exportId }, { key: exportId })
  else await end(ctx, exportId, 'refused')
  return exportOf(ctx, exportId)
}

/** Ends one for good: what was searched for goes, and its file is deleted by who calls, or by the next tidying. */
export async function end(
  ctx: Ctx,
  id: string,
  state: 'refused' | 'cancelled' | 'failed' | 'expired',
  error: string | null = null,
): Promise<void> {
  await sql`update exports.exports set state = ${state}, error = ${error}, sealed_asked = null, ended_at = ${ctx.now}
    where id = ${id} and ended_at is null`.execute(ctx.tx)
}

export async function cancel(ctx: Ctx, id: string): Promise<ExportRow> {
  const row = await ownExportOf(ctx, id, { lock: true })
  if (!['counting', 'waiting', 'making', 'ready'].includes(row.state)) throw wrongState(id, row.state)
  await end(ctx, id, 'cancelled')
  return exportOf(ctx, id)
}

/** Takes one of the downloads that are left. */
export async function take(ctx: Ctx, id: string): Promise<ExportRow> {
  const row = await ownExportOf(ctx, id, { lock: true })
  if (row.state !== 'ready') throw wrongState(id, row.state)
  if (row.expiresAt && row.expiresAt <= ctx.now) throw wrongState(id, 'expired')
  const { downloads } = await readRules(ctx)
  if (row.downloads >= downloads) throw noDownloadsLeft(downloads)
  await askerOf(ctx, row)
  await sql`update exports.exports set downloads = downloads + 1 where id = ${id}`.execute(ctx.tx)
  return row
}

export const openAsked = (ctx: Pick<Ctx, 'vault'>, { id, sealedAsked }: ExportRow): ExportAsked | null =>
  sealedAsked && ctx.vault.open<ExportAsked>(ctx.vault.keys.staging, place(id), sealedAsked)

/** As pages show them: with the names that their people have now. */
export async function viewsOf(ctx: Ctx, rows: readonly ExportRow[]): Promise<ExportView[]> {
  const names = await actorNames(
    ctx,
    rows.flatMap(({ askedBy, decidedBy }) => [askedBy, ...(decidedBy ? [decidedBy] : [])]),
  )
  const { downloads: most } = await readRules(ctx)
  const who = (actor: string) => ({ actor, name: names.get(actor) ?? null })
  return rows.map((row) => {
    const { sealedAsked: _sealed, madeWithin: _within, askedAt, expiresAt, askedBy, decidedBy, ...told } = row
    return {
      ...told,
      asked: openAsked(ctx, row),
      askedBy: who(askedBy),
      askedAt: askedAt.toISOString(),
      decidedBy: decidedBy && who(decidedBy),
      downloadsLeft: row.state === 'ready' ? Math.max(0, most - row.downloads) : 0,
      expiresAt: expiresAt?.toISOString() ?? null,
    } as ExportView
  })
}
