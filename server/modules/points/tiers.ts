/**
 * The list of tiers: what they are called, how they look, in which order. Everybody who isn't invited to another is in
 * the first. A tier that was taken out keeps its row, because history names it.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { assert } from '#platform/errors'
import { readSettings } from '#platform/settings'
import { askForRebuild } from '#platform/warehouse-feed'
import type { Landscape, TierNames } from './contract.ts'
import {
  tierExists,
  tierHeld,
  tierIsFirst,
  tierNameMissing,
  tierOrderStale,
  tiersTooMany,
  tierUnknown,
} from './errors.ts'

export interface Tier {
  code: string
  /** From 1; null: taken out of the list. */
  rank: number | null
  names: TierNames
  landscape: Landscape
}

const most = 20
const columns = sql`code, rank, names, landscape`

/** In their order; never empty. */
export async function tiers(ctx: Pick<Ctx, 'tx'>): Promise<Tier[]> {
  const { rows } = await sql<Tier>`select ${columns} from points.tiers where rank is not null order by rank`.execute(
    ctx.tx,
  )
  assert(rows[0], 'a group without tiers')
  return rows
}

/** Also those that were taken out, by their codes. */
export async function everyTier(ctx: Pick<Ctx, 'tx'>): Promise<Map<string, Tier>> {
  const { rows } = await sql<Tier>`select ${columns} from points.tiers`.execute(ctx.tx)
  return new Map(rows.map((tier) => [tier.code, tier]))
}

/** With how many homes are in each by an invitation that holds now. */
export async function listTiers(ctx: Ctx): Promise<(Tier & { invited: number })[]> {
  const invited = await invitedTo(ctx)
  return (await tiers(ctx)).map((tier) => ({ ...tier, invited: invited.get(tier.code) ?? 0 }))
}

async function invitedTo(ctx: Ctx): Promise<Map<string, number>> {
  const { rows } = await sql<{ tier: string; invited: number }>`
    select tier, count(*)::int as invited from points.tier_grants
    where ended_at is null and (until is null or until > ${ctx.now}) group by tier`.execute(ctx.tx)
  return new Map(rows.map(({ tier, invited }) => [tier, invited]))
}

/** Above all others. */
export async function addTier(
  ctx: Ctx,
  { code, names, landscape }: { code: string; names: TierNames; landscape: Landscape },
): Promise<Tier> {
  await named(ctx, names)
  const list = await lockedList(ctx)
  if (list.length >= most) throw tiersTooMany(most)
  const { rows } = await sql<Tier>`
    insert into points.tiers (code, rank, names, landscape)
    values (${code}, ${list.length + 1}, ${JSON.stringify(names)}::jsonb, ${landscape})
    on conflict (code) do nothing returning ${columns}`.execute(ctx.tx)
  if (!rows[0]) throw tierExists(code)
  return rows[0]
}

export async function changeTier(
  ctx: Ctx,
  { code, names, landscape }: { code: string; names: TierNames; landscape: Landscape },
): Promise<Tier> {
  await named(ctx, names)
  const { rows } = await sql<Tier>`
    update points.tiers set names = ${JSON.stringify(names)}::jsonb, landscape = ${landscape}
    where code = ${code} and rank is not null returning ${columns}`.execute(ctx.tx)
  if (!rows[0]) throw tierUnknown(code)
  return rows[0]
}

/** The lowest first. Who is in which changes with it, for all members at once. */
export async function orderTiers(ctx: Ctx, codes: readonly string[]): Promise<void> {
  const list = await lockedList(ctx)
  const wanted = new Set(codes)
  if (wanted.size !== codes.length || codes.length !== list.length || list.some(({ code }) => !wanted.has(code)))
    throw tierOrderStale()
  if (list.every(({ code }, index) => code === codes[index])) return
  await sql`update points.tiers t set rank = o.rank
    from unnest(${codes}::text[]) with ordinality as o(code, rank) where t.code = o.code`.execute(ctx.tx)
  await askForRebuild(ctx)
}

export async function removeTier(ctx: Ctx, code: string): Promise<void> {
  const list = await lockedList(ctx)
  const tier = list.find((one) => one.code === code)
  if (!tier) throw tierUnknown(code)
  const members = (await invitedTo(ctx)).get(code) ?? 0
  if (members > 0) throw tierHeld(code, members)
  if (tier === list[0]) throw tierIsFirst(code)
  await sql`update points.tiers set rank = case when code = ${code} then null else rank - 1 end
    where rank >= ${tier.rank}`.execute(ctx.tx)
}

/** Whoever changes the list waits here for the one before, and whoever gives a tier waits for both. */
async function lockedList(ctx: Ctx): Promise<Tier[]> {
  await sql`select from points.tiers order by code for update`.execute(ctx.tx)
  return tiers(ctx)
}

async function named(ctx: Ctx, names: TierNames): Promise<void> {
  const { languages } = await readSettings(ctx)
  const first = languages[0]!
  if (names[first] === null) throw tierNameMissing(first)
}
