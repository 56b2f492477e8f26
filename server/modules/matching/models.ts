/** What the newest run left: the model, the bands, how often values are met, and where the look-up lies. */
import { sql } from 'kysely'
import { z } from 'zod'
import { roughlyRecords } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { actorName } from '#platform/events'
import type { Vault } from '#platform/vault'
import type { Bands } from './clusters.ts'
import { bandsFor } from './clusters.ts'
import { bandsCrossed } from './errors.ts'
import type { HashKey } from './hashing.ts'
import { assumedModel, type Model, noCounts } from './model.ts'
import { type Frequencies, frequencies } from './scoring.ts'

export interface Learned {
  runId: string | null
  model: Model
  bands: Bands
  frequencies: Frequencies
  lookUp: { bits: number; lanes: number; keysBy: number } | null
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
  }: { runId: string; model: Model; bands: Bands; counts: Int32Array; bits: number; lanes: number },
): Promise<void> {
  const often: number[] = []
  for (let at = 0; at < counts.length; at++) if (counts[at]! >= keptFrom) often.push(at, counts[at]!)
  const text = Buffer.from(Int32Array.from(often).buffer).toString('base64')
  const sealed = ctx.vault.seal(ctx.vault.keys.staging, place(runId), text)
  await sql`insert into matching.model (run_id, learned, sealed_frequencies, page_bits, learned_at, keys_by)
    values (${runId}, ${JSON.stringify({ model, bands, lanes })}::jsonb, ${sealed}, ${bits}, ${ctx.now}, ${ctx.vault.indexBy})
    on conflict (one) do update set run_id = excluded.run_id, learned = excluded.learned,
      sealed_frequencies = excluded.sealed_frequencies, page_bits = excluded.page_bits, keys_by = excluded.keys_by, learned_at = excluded.learned_at`.execute(
    ctx.tx,
  )
}

/** What the newest run has learned, as it is kept; null before a first run. */
export async function learnedLast(ctx: Pick<Ctx, 'tx'>): Promise<Pick<Learned, 'model' | 'bands'> | null> {
  const { rows } = await sql<{ learned: unknown }>`select learned from matching.model`.execute(ctx.tx)
  return rows[0] ? keptModel.parse(rows[0].learned) : null
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

/** Frequencies of the newest model are megabytes: they are opened once for each run. */
let opened: { runId: string; frequencies: Frequencies } | null = null

export async function newestModel(ctx: Ctx): Promise<Learned> {
  const { rows } = await sql<{ runId: string; learned: unknown; bits: number; keysBy: number }>`
    select run_id as "runId", learned, page_bits as bits, keys_by as "keysBy" from matching.model`.execute(ctx.tx)
  const { joinFrom, reviewFrom, precision } = await settingsOf(ctx)
  const [row] = rows
  if (!row) {
    const bands = bandsFor([], { precision, join: joinFrom, review: reviewFrom })
    return {
      runId: null,
      model: assumedModel(await roughlyRecords(ctx)),
      bands,
      frequencies: nothingCounted(),
      lookUp: null,
    }
  }
  const { model, bands, lanes } = keptModel.parse(row.learned)
  if (opened?.runId !== row.runId) {
    const { rows: kept } = await sql<{ sealed: Buffer }>`
      select sealed_frequencies as sealed from matching.model where run_id = ${row.runId}`.execute(ctx.tx)
    const bytes = Buffer.from(
      ctx.vault.open<string>(ctx.vault.keys.staging, place(row.runId), kept[0]!.sealed),
      'base64',
    )
    const often = new Int32Array(new Uint8Array(bytes).buffer)
    const fresh = frequencies()
    for (let at = 0; at < often.length; at += 2) fresh.counts[often[at]!] = often[at + 1]!
    opened = { runId: row.runId, frequencies: fresh }
  }
  const join = joinFrom ?? bands.join
  return {
    runId: row.runId,
    model,
    bands: { join, review: Math.min(join, reviewFrom ?? bands.review) },
    frequencies: opened.frequencies,
    lookUp: { bits: row.bits, lanes, keysBy: row.keysBy },
  }
}

export interface Settings {
  joinFrom: number | null
  reviewFrom: number | null
  precision: number
}

export async function settingsOf(ctx: Pick<Ctx, 'tx'>): Promise<Settings> {
  const { rows } = await sql<Settings>`
    select join_from as "joinFrom", review_from as "reviewFrom", precision from matching.settings`.execute(ctx.tx)
  return rows[0] ?? { joinFrom: null, reviewFrom: null, precision: 0.999 }
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
