/**
 * Consents that were collected elsewhere and come in by a file, with its row as evidence. What such a row says is as old
 * as the day that stands in it: it answers no withdrawal after that day, and without a day none at all. The version of
 * a text is unknown, because it was not one of ours. An import that is undone takes them back.
 */
import { sql } from 'kysely'
import { homesOfAll } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { actorName, emitMany, type Origin } from '#platform/events'
import { newId } from '#platform/ids'
import { arrayOf, type Columns, insertOf } from '#platform/rows'
import './events.ts'
import { topicOf } from './topics.ts'

export interface ImportedConsent {
  home: string
  topic: string
  given: boolean
  /** When it was said there; null where the file has no day. */
  at: Date | null
  /** Number of the row in the file. */
  row: number
}

/** Keeps them; what an import has said of the same record and topic before, in the same words, is said once. */
export async function importConsents(
  ctx: Ctx,
  told: readonly ImportedConsent[],
  { importId, origin }: { importId: string; origin: Origin },
): Promise<void> {
  const before = await saidByImports(ctx, [...new Set(told.map(({ home }) => home))].sort())
  const fresh = told.filter(({ home, topic, given, at }) => {
    const last = before.get(`${home} ${topic}`)
    return !last || last.given !== given || (at !== null && last.at.getTime() !== at.getTime())
  })
  if (fresh.length === 0) return
  const homesOf = await homesOfAll(
    ctx,
    fresh.map(({ home }) => home),
  )
  const rows = fresh.flatMap(({ home, topic, given, at, row }) => {
    const { channel, purpose } = topicOf(topic)!
    const covers = homesOf.get(home) ?? [home]
    const shared = { channel, purpose, given, row, saidBy: home, at: at ?? ctx.now }
    // Undated it may be older than any withdrawal: it covers no home, and so answers none.
    return (given ? [home] : covers).map((memberId) => ({
      ...shared,
      memberId,
      covers: given && at === null ? [] : covers,
    }))
  })
  // Lists of different lengths are no column of an insert by arrays.
  for (const [list, same] of Map.groupBy(rows, ({ covers }) => covers.join())) {
    const columns: Columns<(typeof rows)[number]> = {
      member_id: ['uuid', ({ memberId }) => memberId],
      id: ['uuid', () => newId()],
      channel: ['text', ({ channel }) => channel],
      purpose: ['text', ({ purpose }) => purpose],
      given: ['boolean', ({ given }) => given],
      covers: sql`${arrayOf('uuid', list === '' ? [] : list.split(','))}`,
      evidence: sql`'import'`,
      said_by: ['uuid', ({ saidBy }) => saidBy],
      actor: ['text', () => actorName(ctx.actor)],
      said_at: ['timestamptz', ({ at }) => at],
      import_id: sql`${importId}::uuid`,
      import_row: ['int', ({ row }) => row],
    }
    await insertOf('privacy.consents', columns, same).execute(ctx.tx)
  }
  await emitMany(
    ctx,
    fresh.map(({ home, topic, given, at }) => {
      const { channel, purpose } = topicOf(topic)!
      return {
        type: given ? ('consent.given' as const) : ('consent.withdrawn' as const),
        memberId: home,
        payload: { channel, purpose, recipient: '', version: null },
        origin,
        ...(at ? { at } : {}),
      }
    }),
  )
}

async function saidByImports(ctx: Ctx, homes: readonly string[]) {
  const { rows } = await sql<{ home: string; channel: string; purpose: string; given: boolean; at: Date }>`
    select distinct on (member_id, channel, purpose) member_id as home, channel, purpose, given, said_at as at from privacy.consents
    where member_id = any(${arrayOf('uuid', homes)}) and said_by = member_id and import_id is not null and taken_back_at is null
    order by member_id, channel, purpose, id desc`.execute(ctx.tx)
  return new Map(rows.map(({ home, channel, purpose, ...said }) => [`${home} ${channel}.${purpose}`, said]))
}

/** Takes back what an undone import said; it stays on file and counts no more. Says how many at most `limit`. */
export async function takeBackConsents(
  ctx: Ctx,
  { importId, limit }: { importId: string; limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`update privacy.consents set taken_back_at = ${ctx.now}
    where (member_id, id) in (select member_id, id from privacy.consents
      where import_id = ${importId} and taken_back_at is null order by member_id, id limit ${limit})`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}
