/** What the newest run left: the model, the bands, how often values are met, and where the look-up lies. */
import { sql } from 'kysely'
import { z } from 'zod'
import { roughlyRecords } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { actorName } from '#platform/events'
import { arrayOf } from '#platform/rows'
import type { Vault } from '#platform/vault'
import type { Bands } from './clusters.ts'
import { bandsFor } from './clusters.ts'
import { fieldCount, levelCounts } from './comparing.ts'
import { bandsCrossed } from './errors.ts'
import type { HashKey } from './hashing.ts'
import { assumedModel, type Model, noCounts } from './model.ts'
import { type Frequencies, frequencies } from './scoring.ts'

export interface Learned {
  runId: string | null
  model: Model
  bands: Bands
  frequencies: Frequencies
  /** `narrowed`: keys under which nobody lies, because those who have them lie under narrower ones. */
  lookUp: { bits: number; lanes: number; narrowed: ReadonlySet<number>; keysBy: number } | null
}

/**
 * The key of the hashes by which candidates are found; the same in every run and thread. It follows the index key: `by`
 * is the number of that under which they are kept.
 */
export function secretOf(vault: Pick<Vault, 'blind' | 'former' | 'indexBy'>, by = vault.indexBy): HashKey {
  const blind = vault.blind('matching', 'keys')
  const hex = (by === vault.indexBy ? blind : (vault.former([blind])[0] ?? blind)).replaceAll('-', '')
  return { k0: Number.parseInt(hex.slice(0, 8), 16) | 0, k1: Number.parseInt(hex.slice(8, 16), 16) | 0 }
}

const keptModel = z.object({
  model: z.object({
    records: z.number(),
    m: z.array(z.array(z.number())),
    u: z.array(z.array(z.number())),
    matches: z.number(),
    households: z.number(),
    suburbs: z.number(),
    postcodes: z.number(),
    // Runs before answers taught anything kept none.
    taught: z.array(z.array(z.number())).default(noCounts),
  }),
  bands: z.object({ join: z.number(), review: z.number() }),
  lanes: z.int(),
  /** The settings and the number of answers by which weights and bands were found. */
  drawnBy: z
    .object({
      wanted: z.object({ joinFrom: z.number().nullable(), reviewFrom: z.number().nullable(), precision: z.number() }),
      answers: z.int(),
    })
    .optional(),
})

const place = (runId: string) => `matching:${runId}`
/** A value that fewer records have is as rare as any. */
const keptFrom = 3

export async function keepModel(
  ctx: Ctx,
  {
    runId,
    model,
    bands,
    counts,
    bits,
    lanes,
    narrowed,
    until,
    drawnBy,
  }: {
    runId: string
    model: Model
    bands: Bands
    counts: Int32Array
    bits: number
    lanes: number
    /** Keys that are found under narrower ones. */
    narrowed: readonly number[]
    /** What came before this moment was compared; null when nothing was. */
    until: Date | null
    drawnBy: DrawnBy | undefined
  },
): Promise<void> {
  const often: number[] = []
  for (let at = 0; at < counts.length; at++) if (counts[at]! >= keptFrom) often.push(at, counts[at]!)
  const text = Buffer.from(Int32Array.from(often).buffer).toString('base64')
  const sealed = ctx.vault.seal(ctx.vault.keys.staging, place(runId), text)
  const narrowedBytes = Buffer.from(Uint32Array.from(narrowed).buffer)
  await sql`insert into matching.model (run_id, learned, sealed_frequencies, page_bits, narrowed, keys_by, learned_at)
    values (${runId}, ${JSON.stringify({ model, bands, lanes, drawnBy })}::jsonb, ${sealed}, ${bits}, ${narrowedBytes}, ${ctx.vault.indexBy}, ${ctx.now})
    on conflict (one) do update set run_id = excluded.run_id, learned = excluded.learned, sealed_frequencies = excluded.sealed_frequencies,
      page_bits = excluded.page_bits, narrowed = excluded.narrowed, keys_by = excluded.keys_by, learned_at = excluded.learned_at`.execute(
    ctx.tx,
  )
  if (until) await noteCompared(ctx, until)
}

export type DrawnBy = NonNullable<z.output<typeof keptModel>['drawnBy']>

/** What the last run has compared, for the next to go on from. */
export interface Compared extends DrawnBy {
  records: number
  until: Date
  /** Records that changed without having been weighed since. */
  changed: string[]
}

/** A transaction that was open when the run began may have written before it what the run didn't see. */
const marginMilliseconds = 60_000

export async function comparedBefore(ctx: Pick<Ctx, 'tx'>): Promise<Compared | null> {
  const { rows } = await sql<{ learned: unknown; until: Date | null }>`
    select learned, compared_until as until from matching.model`.execute(ctx.tx)
  const [row] = rows
  if (!row?.until) return null
  const { model, drawnBy } = keptModel.parse(row.learned)
  if (!drawnBy || !isOfTheseFields(model)) return null
  const { rows: changed } = await sql<{ home: string }>`select member_id as home from matching.changed`.execute(ctx.tx)
  const until = new Date(row.until.getTime() - marginMilliseconds)
  return { ...drawnBy, records: model.records, until, changed: changed.map(({ home }) => home) }
}

export async function noteCompared(ctx: Ctx, until: Date): Promise<void> {
  await sql`update matching.model set compared_until = ${until}`.execute(ctx.tx)
  await sql`delete from matching.changed where changed_at < ${until}`.execute(ctx.tx)
}

/** What an import changed waits for the next run. */
export async function noteChanged(ctx: Ctx, homes: readonly string[]): Promise<void> {
  if (homes.length === 0) return
  await sql`insert into matching.changed (member_id, changed_at) select home, ${ctx.now} from unnest(${arrayOf('uuid', [...homes].sort())}) as home
    on conflict (member_id) do update set changed_at = excluded.changed_at`.execute(ctx.tx)
}

/** Whether a model says something of each level that there is now. */
function isOfTheseFields({ m }: Model): boolean {
  return m.length === fieldCount && m.every((levels, index) => levels.length === levelCounts[index])
}

/** A model of an older version, with what is assumed of the fields that it doesn't know as they are now. */
function inTheseFields(model: Model): Model {
  if (isOfTheseFields(model)) return model
  const usual = assumedModel(model.records)
  const filled = (which: 'm' | 'u') =>
    usual[which].map((levels, index) => (model[which][index]?.length === levels.length ? model[which][index]! : levels))
  return { ...model, m: filled('m'), u: filled('u') }
}

/** What the newest run has learned, as it is kept; null before a first run. */
export async function learnedLast(
  ctx: Pick<Ctx, 'tx'>,
): Promise<{ model: Model; bands: Bands; drawnBy: DrawnBy | undefined } | null> {
  const { rows } = await sql<{ learned: unknown }>`select learned from matching.model`.execute(ctx.tx)
  if (!rows[0]) return null
  const { model, bands, drawnBy } = keptModel.parse(rows[0].learned)
  return { model, bands, drawnBy }
}

/** Nobody is left who could be found by it. */
export async function forgetModel(ctx: Pick<Ctx, 'tx'>): Promise<void> {
  await sql`delete from matching.model`.execute(ctx.tx)
}

/** Before a first run. */
let uncounted: Frequencies | null = null
function nothingCounted(): Frequencies {
  uncounted ??= frequencies()
  return uncounted
}

/** What belongs to a run is megabytes, and the same until the next: it is opened once. */
let opened: {
  runId: string
  frequencies: Frequencies
  narrowed: ReadonlySet<number>
  kept: z.output<typeof keptModel>
} | null = null

export async function newestModel(ctx: Ctx): Promise<Learned> {
  const { rows } = await sql<Settings & { runId: string | null; bits: number | null; keysBy: number }>`
    select run_id as "runId", page_bits as bits, keys_by as "keysBy", join_from as "joinFrom", review_from as "reviewFrom", coalesce(precision, ${usualPrecision}) as precision
    from (values (1)) as one left join matching.model on true left join matching.settings on true`.execute(ctx.tx)
  const { runId, bits, keysBy, joinFrom, reviewFrom, precision } = rows[0]!
  if (runId === null || bits === null) {
    const bands = bandsFor([], { precision, join: joinFrom, review: reviewFrom })
    const model = assumedModel(await roughlyRecords(ctx))
    return { runId: null, model, bands, frequencies: nothingCounted(), lookUp: null }
  }
  if (opened?.runId !== runId) opened = await openedModel(ctx, runId)
  const { kept, frequencies: counted, narrowed } = opened
  const join = joinFrom ?? kept.bands.join
  return {
    runId,
    model: kept.model,
    bands: { join, review: Math.min(join, reviewFrom ?? kept.bands.review) },
    frequencies: counted,
    lookUp: { bits, lanes: kept.lanes, narrowed, keysBy },
  }
}

async function openedModel(ctx: Ctx, runId: string): Promise<NonNullable<typeof opened>> {
  const { rows } = await sql<{ learned: unknown; sealed: Buffer; narrowed: Buffer | null }>`
    select learned, sealed_frequencies as sealed, narrowed from matching.model where run_id = ${runId}`.execute(ctx.tx)
  const [row] = rows
  const bytes = Buffer.from(ctx.vault.open<string>(ctx.vault.keys.staging, place(runId), row!.sealed), 'base64')
  const often = new Int32Array(new Uint8Array(bytes).buffer)
  const fresh = frequencies()
  for (let at = 0; at < often.length; at += 2) fresh.counts[often[at]!] = often[at + 1]!
  const kept = keptModel.parse(row!.learned)
  const narrowed = new Set(new Uint32Array(new Uint8Array(row!.narrowed ?? Buffer.alloc(0)).buffer))
  return { runId, frequencies: fresh, narrowed, kept: { ...kept, model: inTheseFields(kept.model) } }
}

const usualPrecision = 0.999

export interface Settings {
  joinFrom: number | null
  reviewFrom: number | null
  precision: number
}

export async function settingsOf(ctx: Pick<Ctx, 'tx'>): Promise<Settings> {
  const { rows } = await sql<Settings>`
    select join_from as "joinFrom", review_from as "reviewFrom", precision from matching.settings`.execute(ctx.tx)
  return rows[0] ?? { joinFrom: null, reviewFrom: null, precision: usualPrecision }
}

export async function changeSettings(ctx: Ctx, change: Partial<Settings>): Promise<Settings> {
  const next = { ...(await settingsOf(ctx)), ...change }
  if (next.joinFrom !== null && next.reviewFrom !== null && next.reviewFrom > next.joinFrom) throw bandsCrossed()
  await sql`insert into matching.settings (join_from, review_from, precision, changed_at, changed_by)
    values (${next.joinFrom}, ${next.reviewFrom}, ${next.precision}, ${ctx.now}, ${actorName(ctx.actor)})
    on conflict (one) do update set join_from = excluded.join_from, review_from = excluded.review_from,
      precision = excluded.precision, changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(
    ctx.tx,
  )
  return next
}
