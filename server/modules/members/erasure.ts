/**
 * Erasing a person: every module takes out what it holds of them, the keys of their homes are destroyed and with them
 * whatever lies sealed in older copies. The homes stay as numbers, under which orders and points keep their amounts.
 *
 * What was erased is not to be made again by the next file: the blind values that joined the records, and the records'
 * own keys, are kept as keyed hashes under a purpose of their own (`refusals.ts`).
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { emitMany } from '#platform/events'
import type { House } from '#platform/house'
import { arrayOf } from '#platform/rows'
import './events.ts'
import { moveIdentitiesOf } from './blind-indexes.ts'
import { regroup } from './grouping.ts'
import { homesOfPersons, personsOf } from './homes.ts'
import { refuse, refusedBlinds } from './refusals.ts'
import { freshHomes, homesWithSharedIdentities } from './region.ts'
import { type OpenedVersion, versionsOf } from './versions.ts'

/** Who is to be erased, as participants need to know it. Opened values stay in memory and go with it. */
export interface Erased {
  readonly homes: readonly string[]
  readonly records: readonly OpenedVersion[]
}

/** What a module does when a person is erased. Filled in by each `module.ts`, called in the order of the modules. */
export interface ErasureParticipant {
  readonly name: string
  /** Long work before the act, outside of it: told twice it does no harm. */
  prepare?(house: House, erased: Erased): Promise<void>
  /** In the act itself, before the keys go. Says how much it took out, by what. */
  erase(ctx: Ctx, erased: Erased): Promise<Record<string, number>>
}

const participants = new Map<string, ErasureParticipant>()

export function whenErased(participant: ErasureParticipant): void {
  participants.set(participant.name, participant)
}

export async function erasedOf(ctx: Ctx, homes: readonly string[]): Promise<Erased> {
  return { homes: [...homes].sort(), records: await versionsOf(ctx, homes) }
}

/** The work that comes before the act. */
export async function prepareErasure(house: House, erased: Erased): Promise<void> {
  for (const { prepare } of participants.values()) await prepare?.(house, erased)
}

/** Blind values by which these homes are not to be made again; for the list beside the database, too. */
export async function refusalsOf(ctx: Ctx, homes: readonly string[]): Promise<string[]> {
  await moveIdentitiesOf(ctx, homes)
  const { rows } = await sql<{ blind: string; by: number }>`
    select i.blind, i.blind_by as by from members.identities i where i.member_id = any(${arrayOf('uuid', homes)})
      and not exists (select from members.shared_values s where s.blind = i.blind)
      and not exists (select from members.identities other where other.blind = i.blind and other.member_id <> all(${arrayOf('uuid', homes)}))
    union select record_key, record_key_by from members.record_keys where member_id = any(${arrayOf('uuid', homes)})
    union select record_key, record_key_by from members.records where member_id = any(${arrayOf('uuid', homes)})`.execute(
    ctx.tx,
  )
  return refusedBlinds(
    ctx,
    rows.map(({ blind, by }) => ctx.vault.current(blind, by)),
  )
}

/**
 * Erases these homes, which are all or some of one person's. Told again for homes that are erased it does nothing.
 * `refused`: what is not to be made again, where that is known already.
 */
export async function eraseHomes(
  ctx: Ctx,
  asked: readonly string[],
  refused: readonly string[] | null = null,
): Promise<Record<string, number>> {
  const { rows: standing } = await sql<{ home: string }>`
    select member_id as home from members.homes where member_id = any(${arrayOf('uuid', asked)}) and wrapped_key is not null
    order by member_id`.execute(ctx.tx)
  const homes = standing.map(({ home }) => home)
  const { rows: keys } = await sql<{ key: string; by: number }>`
    select record_key as key, record_key_by as by from members.records where member_id = any(${arrayOf('uuid', homes)})`.execute(
    ctx.tx,
  )
  // Whoever brings one of these records, or a value of theirs, now is waited for, or waits.
  await takeTurns(
    ctx,
    'record',
    keys.map(({ key, by }) => ctx.vault.current(key, by)),
  )
  await moveIdentitiesOf(ctx, homes)
  const { rows: carried } = await sql<{ blind: string }>`
    select distinct blind from members.identities where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  const lostBlinds = carried.map(({ blind }) => blind)
  await takeTurns(ctx, 'identity', lostBlinds)
  await refuse(ctx, refused ?? (await refusalsOf(ctx, homes)))
  const counts: Record<string, number> = {}
  if (homes.length > 0) {
    const persons = [...new Set((await personsOf(ctx, homes)).values())]
    const left = (await homesOfPersons(ctx, persons)).map(({ home }) => home).filter((home) => !homes.includes(home))
    const erased = await erasedOf(ctx, homes)
    for (const { erase } of participants.values()) Object.assign(counts, await erase(ctx, erased))
    Object.assign(counts, await takeOut(ctx, homes))
    const seeds = await homesWithSharedIdentities(ctx, { changed: left, lostBlinds, fresh: freshHomes() })
    await regroup(ctx, [...new Set([...seeds, ...left])].sort(), { born: new Set(), origin: 'live', reason: 'erasure' })
  }
  await sql`insert into members.erasures (member_id, erased_at) select m, ${ctx.now} from unnest(${arrayOf('uuid', asked)}) as m
    on conflict do nothing`.execute(ctx.tx)
  await emitMany(
    ctx,
    homes.map((memberId) => ({ type: 'member.erased' as const, memberId, payload: {} })),
  )
  return counts
}

async function takeOut(ctx: Ctx, homes: readonly string[]): Promise<{ records: number; versions: number }> {
  const of = sql`member_id = any(${arrayOf('uuid', homes)})`
  const either = sql`(member_a = any(${arrayOf('uuid', homes)}) or member_b = any(${arrayOf('uuid', homes)}))`
  const gone = async (query: ReturnType<typeof sql>) => Number((await query.execute(ctx.tx)).numAffectedRows ?? 0n)
  // What nobody else carries is forgotten with them, and what the group said of it.
  const { rows: only } = await sql<{ blind: string }>`select distinct blind from members.identities i where ${of}
    and not exists (select from members.identities other where other.blind = i.blind and other.member_id <> all(${arrayOf('uuid', homes)}))`.execute(
    ctx.tx,
  )
  const values = arrayOf(
    'uuid',
    only.map(({ blind }) => blind),
  )
  await gone(sql`delete from members.value_words where blind = any(${values})`)
  await gone(sql`delete from members.shared_values where blind = any(${values})`)
  await gone(sql`delete from members.identities where ${of}`)
  await gone(sql`delete from members.profiles where ${of}`)
  await gone(sql`delete from members.record_keys where ${of}`)
  const versions = await gone(sql`delete from members.past_versions where ${of}`)
  const records = await gone(sql`delete from members.records where ${of}`)
  await gone(sql`delete from members.decisions where ${either}`)
  await gone(sql`delete from members.reviews where ${either}`)
  await gone(sql`update members.homes set wrapped_key = null, person_id = member_id where ${of}`)
  return { records, versions }
}

/** Which of these homes have been erased, and when. */
export async function erasedAmong(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await sql<{ home: string; at: Date }>`
    select member_id as home, erased_at as at from members.erasures where member_id = any(${arrayOf('uuid', homes)})`.execute(
    ctx.tx,
  )
  return new Map(rows.map(({ home, at }) => [home, at]))
}

/** Homes erased since a moment, for what has to come after: the warehouse, points that were on their way. */
export async function erasedSince(ctx: Pick<Ctx, 'tx'>, since: Date): Promise<string[]> {
  const { rows } = await sql<{ home: string }>`
    select member_id as home from members.erasures where erased_at >= ${since} order by member_id`.execute(ctx.tx)
  return rows.map(({ home }) => home)
}
