/**
 * One record on entry: by its keys the few who may be the same person are found, opened and compared with it, by what the
 * newest run has learned. What comes of it is the same as in a run.
 */
import { sql } from 'kysely'
import { joinByMatch, type Match, noteMatchReviews, type OpenRecord, openRecordsOf } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { lowestId } from '#platform/ids'
import { reaction } from '#platform/reactions'
import { arrayOf } from '#platform/rows'
import { type Arena, arenaOf, keysOfRecord, mostLetters, writeFeatures } from './arena.ts'
import { narrowed, writeKeys } from './blocking.ts'
import { chanceOf } from './clusters.ts'
import { featuresOf } from './features.ts'
import { contradict, uuidOf, written } from './lane.ts'
import { type Learned, newestModel, secretOf } from './models.ts'
import { homesOn, pageOf } from './pages.ts'
import { partsOf, saysEnough, scorer } from './scoring.ts'

/** Candidates that are opened for one record at most: those that share the most keys with it. */
const mostCandidates = 80
const mostCarriers = 200

/** Weighs records that arrived or changed against all others; says how many joins and questions came of it. */
export async function weigh(ctx: Ctx, homes: readonly string[]): Promise<{ joins: number; reviews: number }> {
  const records = await openRecordsOf(ctx, [...new Set(homes)])
  if (records.length === 0) return { joins: 0, reviews: 0 }
  const learned = await newestModel(ctx)
  const arena = arenaOf(records.length)
  place(arena, records)
  const keysOf = records.map((_, index) => keysAt(ctx, arena, index))
  await noteKeys(
    ctx,
    records.map(({ home }, index) => ({ home, keys: keysOf[index]!.own })),
  )
  const candidates = await candidatesOf(ctx, learned, records, keysOf)
  const others = new Map((await openRecordsOf(ctx, [...new Set(candidates.flat())])).map((one) => [one.home, one]))
  const joins: Match[] = []
  const reviews: Match[] = []
  for (const [index, record] of records.entries()) {
    const found = candidates[index]!.flatMap((home) => others.get(home) ?? []).filter(
      ({ person }) => person !== record.person,
    )
    if (found.length > 0) judge(learned, record, found, joins, reviews)
  }
  await joinByMatch(ctx, joins)
  await noteMatchReviews(ctx, reviews)
  return { joins: joins.length, reviews: reviews.length }
}

function place(arena: Arena, records: readonly OpenRecord[]): void {
  for (const [index, { values }] of records.entries())
    writeFeatures(arena, index, featuresOf(values), index * mostLetters)
}

/** Its own keys, and all by which others may lie in the look-up, where large blocks were narrowed. */
function keysAt(ctx: Ctx, arena: Arena, index: number): { own: number[]; asked: number[]; fresh: number[] } {
  const now = ctx.vault.indexBy
  const { own, asked } = keysBy(ctx, arena, index, now)
  // While the index key changes, others lie under the former one still.
  const isMoving = ctx.vault.forms([lowestId]).length > 1
  if (!isMoving) return { own, asked, fresh: own }
  const before = keysBy(ctx, arena, index, now - 1)
  return { own, asked: [...asked, ...before.asked], fresh: [...own, ...before.own] }
}

function keysBy(ctx: Ctx, arena: Arena, index: number, by: number): { own: number[]; asked: number[] } {
  const secret = secretOf(ctx.vault, by)
  writeKeys(arena, index, secret)
  const own = [...arena.keys.subarray(index * keysOfRecord, (index + 1) * keysOfRecord)].filter((key) => key !== 0)
  const once = own.map((key) => narrowed(arena, index, key, secret, 0))
  const twice = once.map((key) => narrowed(arena, index, key, secret, 1))
  return { own, asked: [...own, ...once, ...twice] }
}

/** Notes the keys of these homes anew, under the index key of now; what is erased or withdrawn has none. */
export async function noteAgain(ctx: Ctx, homes: readonly string[]): Promise<void> {
  const records = await openRecordsOf(ctx, homes)
  const arena = arenaOf(Math.max(1, records.length))
  place(arena, records)
  await forgetKeys(ctx, homes)
  await noteKeys(
    ctx,
    records.map(({ home }, index) => ({ home, keys: keysBy(ctx, arena, index, ctx.vault.indexBy).own })),
  )
}

async function noteKeys(ctx: Ctx, records: readonly { home: string; keys: readonly number[] }[]): Promise<void> {
  const rows = records.flatMap(({ home, keys }) => keys.map((key) => ({ home, key })))
  await sql`delete from matching.keys where member_id = any(${arrayOf(
    'uuid',
    records.map(({ home }) => home),
  )})`.execute(ctx.tx)
  await sql`insert into matching.keys (key, member_id, keys_by) select k, m, ${ctx.vault.indexBy} from unnest(${arrayOf(
    'bigint',
    rows.map(({ key }) => key),
  )}, ${arrayOf(
    'uuid',
    rows.map(({ home }) => home),
  )}) as u(k, m) order by k, m on conflict do nothing`.execute(ctx.tx)
}

/** For each record the homes that share most keys with it. */
async function candidatesOf(
  ctx: Ctx,
  { runId, lookUp }: Learned,
  records: readonly OpenRecord[],
  keysOf: readonly { asked: number[]; fresh: number[] }[],
): Promise<string[][]> {
  const homesByKey = new Map<number, string[]>()
  const add = (key: number, home: string) => {
    const homes = homesByKey.get(key)
    if (homes) homes.push(home)
    else homesByKey.set(key, [home])
  }
  const own = [...new Set(keysOf.flatMap(({ fresh }) => fresh))]
  const { rows: fresh } = await sql<{ key: number; homes: string[] }>`
    select key, array_agg(member_id::text) as homes from unnest(${arrayOf('bigint', own)}) as asked(k)
    cross join lateral (select * from matching.keys where key = k limit ${mostCarriers}) as found group by key`.execute(
    ctx.tx,
  )
  for (const { key, homes } of fresh) for (const home of homes) add(key, home)
  if (runId && lookUp) {
    const asked = new Set(keysOf.flatMap((keys) => keys.asked))
    const pages = new Set([...asked].map((key) => pageOf(key, lookUp.bits, lookUp.lanes)))
    const { rows } = await sql<{ entries: Buffer }>`
      select entries from matching.pages where run_id = ${runId} and page = any(${arrayOf('int', [...pages])})`.execute(
      ctx.tx,
    )
    for (const { entries } of rows) for (const { key, home } of homesOn(entries, asked)) add(key, uuidOf(home))
  }
  return records.map(({ home }, index) => {
    const shared = new Map<string, number>()
    for (const key of keysOf[index]!.asked)
      for (const other of homesByKey.get(key) ?? []) if (other !== home) shared.set(other, (shared.get(other) ?? 0) + 1)
    return [...shared]
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, mostCandidates)
      .map(([other]) => other)
  })
}

function judge(
  { model, bands, frequencies }: Learned,
  record: OpenRecord,
  found: readonly OpenRecord[],
  joins: Match[],
  reviews: Match[],
): void {
  const arena = arenaOf(found.length + 1)
  place(arena, [record, ...found])
  const score = scorer(arena, model, frequencies)
  // A person is judged by all the records of theirs that were found.
  const persons = Map.groupBy(found.entries(), ([, { person }]) => person)
  for (const theirs of persons.values()) {
    const scored = theirs.map(([index, { home }]) => {
      const { bits, levels, rarer } = score(0, index + 1)
      return { home, index, bits, levels: levels.slice(), rarer: rarer.slice() }
    })
    scored.sort((x, y) => y.bits - x.bits || (x.home < y.home ? -1 : 1))
    const best = scored[0]!
    if (best.bits < bands.review || scored.some(({ index }) => contradict(arena, 0, index + 1))) continue
    const match = {
      a: record.home,
      b: best.home,
      score: best.bits,
      parts: written(partsOf(model, best.levels, best.rarer)),
    }
    const agree = scored.reduce((sum, { bits }) => sum + chanceOf(bits), 0) / scored.length
    if (best.bits >= bands.join && saysEnough(best.levels) && agree >= 0.5) joins.push(match)
    else reviews.push(match)
  }
}

/** Small batches, so that a transaction is soon over. */
const recordsAtOnce = 40

/** Records that come one by one are weighed as they come; an import is weighed by a run. */
export const weighing = reaction({
  name: 'matching.entry',
  types: ['member.registered', 'record.joined', 'record.updated'],
  origins: ['live'],
  startsAt: 'now',
  batch: recordsAtOnce,
  run: async (ctx, events) => {
    await weigh(
      ctx,
      events.flatMap(({ recordId, memberId }) => recordId ?? memberId ?? []),
    )
  },
})

/** Takes the keys of erased homes out of the look-up. */
export async function forgetKeys(ctx: Ctx, homes: readonly string[]): Promise<number> {
  const { numAffectedRows } =
    await sql`delete from matching.keys where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}
