/**
 * The life of an import as a row: begun, file known, mapped, staged, applied, undone. Each step is claimed by its
 * state in one statement, so that two requests, or two programs, never do the same step twice.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { type Channel, type ChannelKind, channelOf, channels, openChannel } from '#modules/channels'
import { recordOnce } from '#platform/audit'
import { type Ctx, seesChannel } from '#platform/ctx'
import { actorName } from '#platform/events'
import { contentHash } from '#platform/vault'
import type { ImportView, importColumn, importReport } from './contract.ts'
import { importNotFound, wrongState } from './errors.ts'

export type ImportState = ImportView['state']
type Column = z.output<typeof importColumn>
type Report = z.output<typeof importReport>

/** Columns as they are kept: with what the samples say about the writing of dates and decimals. */
export interface KeptColumn extends Column {
  dayFirst: boolean | null
  decimalComma: boolean | null
}

export interface ImportRow {
  id: string
  state: ImportState
  fileName: string
  channelId: number
  kind: 'members' | 'orders'
  origin: 'import' | 'live'
  file: ImportView['file']
  sealedColumns: Buffer | null
  sealedReport: Buffer | null
  mappingRemembered: boolean
  counts: ImportView['counts']
  progress: ImportView['progress']
  error: ImportView['error']
  staging: number
  /** Number of the index key that the staged rows are under. */
  stagedBy: number
  workMilliseconds: number
  createdAt: Date
  finishedAt: Date | null
}

const columns = sql`id, state, file_name as "fileName", channel_id as "channelId", kind, origin, file, sealed_columns as "sealedColumns",
  sealed_report as "sealedReport", mapping_remembered as "mappingRemembered", counts, progress, error, staging, staged_by as "stagedBy",
  work_milliseconds as "workMilliseconds", created_at as "createdAt", finished_at as "finishedAt"`

export async function importOf(ctx: Ctx, id: string, { lock = false } = {}): Promise<ImportRow> {
  const { rows } =
    await sql<ImportRow>`select ${columns} from imports.imports where id = ${id} ${lock ? sql`for update` : sql``}`.execute(
      ctx.tx,
    )
  if (!rows[0] || !reaches(ctx, rows[0].channelId)) throw importNotFound(id)
  return rows[0]
}

/** An import belongs to its channel, and is seen by whoever sees that. */
const reaches = ({ actor }: Ctx, channelId: number) => seesChannel(actor.scope, channelId)

/** Begins an import; told twice under one id it is the same one. Refuses an unknown channel unless its kind is given. */
export async function begin(
  ctx: Ctx,
  {
    id,
    fileName,
    channel: code,
    create,
    as,
    origin,
  }: {
    id: string
    fileName: string
    channel: string
    create?: ChannelKind | undefined
    as: 'members' | 'orders'
    origin: 'import' | 'live'
  },
): Promise<ImportRow> {
  // Whoever sees the whole group may open a channel by its first file.
  const mayOpen = create && ctx.actor.scope === 'group'
  const channel = mayOpen ? await openChannel(ctx, { code, kind: create }) : await channelOf(ctx, code)
  await sql`insert into imports.imports (id, state, file_name, channel_id, kind, origin, actor, created_at)
    values (${id}, 'uploading', ${fileName}, ${channel.id}, ${as}, ${origin}, ${actorName(ctx.actor)}, ${ctx.now}) on conflict (id) do nothing`.execute(
    ctx.tx,
  )
  return importOf(ctx, id)
}

/** Moves an import from one of some states to another, or refuses when it is in none of them. */
export async function claim(ctx: Ctx, id: string, from: readonly ImportState[], to: ImportState): Promise<ImportRow> {
  const { rows } = await sql<{ id: string }>`
    update imports.imports set state = ${to}, error = null, finished_at = null where id = ${id} and state = any(${from}::text[]) returning id`.execute(
    ctx.tx,
  )
  const found = await importOf(ctx, id)
  if (rows.length === 0) throw wrongState(id, found.state, from)
  await recordOnce(ctx)
  return found
}

/** An import of the same file that stopped in the middle of being applied. */
export async function unfinishedOf(
  ctx: Ctx,
  { hash, channelId, kind, origin }: { hash: Buffer; channelId: number; kind: string; origin: string },
): Promise<ImportRow | null> {
  const { rows } = await sql<ImportRow>`select ${columns} from imports.imports
    where content_hash = ${hash} and channel_id = ${channelId} and kind = ${kind} and origin = ${origin} and state in ('paused', 'applying')
    order by created_at desc limit 1`.execute(ctx.tx)
  return rows[0] ?? null
}

const place = (id: string) => `import:${id}`

export function openColumns(ctx: Pick<Ctx, 'vault'>, row: ImportRow): KeptColumn[] {
  return row.sealedColumns ? ctx.vault.open<KeptColumn[]>(ctx.vault.keys.staging, place(row.id), row.sealedColumns) : []
}

export function openReport(ctx: Pick<Ctx, 'vault'>, row: ImportRow): Report | null {
  return row.sealedReport ? ctx.vault.open<Report>(ctx.vault.keys.staging, place(row.id), row.sealedReport) : null
}

export async function keepColumns(
  ctx: Ctx,
  id: string,
  kept: readonly KeptColumn[],
  remembered: boolean,
): Promise<void> {
  await sql`update imports.imports set sealed_columns = ${ctx.vault.seal(ctx.vault.keys.staging, place(id), kept)}, mapping_remembered = ${remembered} where id = ${id}`.execute(
    ctx.tx,
  )
}

export async function keepReport(ctx: Ctx, id: string, report: Report): Promise<void> {
  await sql`update imports.imports set sealed_report = ${ctx.vault.seal(ctx.vault.keys.staging, place(id), report)} where id = ${id}`.execute(
    ctx.tx,
  )
}

/** The mapping last used for such a file: same channel, same columns. */
export async function rememberedMapping(
  ctx: Ctx,
  channelId: number,
  kind: string,
  names: readonly string[],
): Promise<(string | null)[] | null> {
  const { rows } = await sql<{ mapping: (string | null)[] }>`select mapping from imports.mappings
    where channel_id = ${channelId} and kind = ${kind} and columns_hash = ${contentHash(JSON.stringify(names))}`.execute(
    ctx.tx,
  )
  return rows[0]?.mapping ?? null
}

export async function rememberMapping(
  ctx: Ctx,
  channelId: number,
  kind: string,
  kept: readonly KeptColumn[],
): Promise<void> {
  await sql`insert into imports.mappings (channel_id, kind, columns_hash, mapping, used_at)
    values (${channelId}, ${kind}, ${contentHash(JSON.stringify(kept.map(({ name }) => name)))}, ${JSON.stringify(kept.map(({ field }) => field))}::jsonb, ${ctx.now})
    on conflict (channel_id, kind, columns_hash) do update set mapping = excluded.mapping, used_at = excluded.used_at`.execute(
    ctx.tx,
  )
}

/** What a page shows of an import. */
export async function viewOf(ctx: Ctx, row: ImportRow): Promise<ImportView> {
  return (await viewsOf(ctx, [row]))[0]!
}

export async function viewsOf(ctx: Ctx, rows: readonly ImportRow[]): Promise<ImportView[]> {
  const byId = new Map<number, Channel>((await channels(ctx)).map((channel) => [channel.id, channel]))
  return rows.map((row) => {
    const { code, kind, name } = byId.get(row.channelId)!
    return {
      id: row.id,
      state: row.state,
      fileName: row.fileName,
      as: row.kind,
      origin: row.origin,
      channel: { code, kind, name },
      file: row.file,
      columns: openColumns(ctx, row).map(({ dayFirst: _dayFirst, decimalComma: _decimalComma, ...column }) => column),
      mappingRemembered: row.mappingRemembered,
      report: openReport(ctx, row),
      counts: row.counts,
      progress: row.progress,
      seconds: Math.round(row.workMilliseconds / 10) / 100,
      error: row.error,
      createdAt: row.createdAt.toISOString(),
      finishedAt: row.finishedAt?.toISOString() ?? null,
    }
  })
}

export async function newest(ctx: Ctx, limit: number): Promise<ImportRow[]> {
  const { scope } = ctx.actor
  const seen =
    scope === 'group' ? sql`true` : sql`channel_id = any(${'channelIds' in scope ? [...scope.channelIds] : []}::int[])`
  const { rows } =
    await sql<ImportRow>`select ${columns} from imports.imports where ${seen} order by created_at desc, id desc limit ${limit}`.execute(
      ctx.tx,
    )
  return rows
}

/** Whether a file of members stands in the pool. */
export async function membersImported(ctx: Pick<Ctx, 'tx'>): Promise<boolean> {
  const { rows } = await sql<{ imported: boolean }>`
    select exists (select from imports.imports where kind = 'members' and state = 'done') as imported`.execute(ctx.tx)
  return rows[0]!.imported
}

/** How many imports have brought something that stands, or may yet: all but those undone, cancelled or failed. */
export async function importsInForce(ctx: Pick<Ctx, 'tx'>): Promise<number> {
  const { rows } = await sql<{ imports: number }>`
    select count(*) as imports from imports.imports where state not in ('undone', 'cancelled', 'failed')`.execute(
    ctx.tx,
  )
  return rows[0]!.imports
}
