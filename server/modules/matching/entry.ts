/**
 * One record on entry: by its keys the few who may be the same person are found, opened and compared with it, by what the
 * newest run has learned. What comes of it is the same as in a run.
 */
import { sql } from 'kysely'
import { type Found, propose } from '#modules/families'
import { joinByMatch, type Match, noteMatchReviews, type OpenRecord, openRecordsOf, personsOf } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { lowestId } from '#platform/ids'
import { reaction } from '#platform/reactions'
import { arrayOf } from '#platform/rows'
import { type Arena, arenaOf, keysOfRecord, mostLetters, writeFeatures } from './arena.ts'
import { narrowed, writeKeys } from './blocking.ts'
import { chanceOf } from './clusters.ts'
import { accompany, companionsOf } from './companions.ts'
import { field } from './comparing.ts'
import { featuresOf } from './features.ts'
import { sharedBy } from './households.ts'
import { contradict, uuidOf, written } from './lane.ts'
import { type Learned, newestModel, noteChanged, secretOf } from './models.ts'
import { homesOn, pageOf } from './pages.ts'
import { partsOf, saysEnough, scorer } from './scoring.ts'

/** Candidates that are opened for one record at most: those that share the rarest keys with it. */
const mostCandidates = 24
const mostCarriers = 200

export interface Weighed {
  joins: number
  reviews: number
  /** Pairs that were compared, and pairs of records that are one person already. */
  compared: number
  together: number
}

/** Weighs records that arrived or changed against all others; says how many joins and questions came of it. */
export async function weigh(ctx: Ctx, homes: readonly string[]): Promise<Weighed> {
  const records = await openRecordsOf(ctx, [...new Set(homes)])
  if (records.length === 0) return { joins: 0, reviews: 0, compared: 0, together: 0 }
  const learned = await newestModel(ctx)
  const arena = arenaOf(records.length)
  place(arena, records)
  const keysOf = records.map((_, index) => keysAt(ctx, arena, index, learned))
  await noteKeys(
    ctx,
    records.map(({ home }, index) => ({ home, keys: keysOf[index]!.own })),
  )
  const candidates = await candidatesOf(ctx, learned, records, keysOf)
  const others = new Map((await openRecordsOf(ctx, [...new Set(candidates.flat())])).map((one) => [one.home, one]))
  const companions = await companionsOf(ctx, { homes: records.map(({ home }) => home), others: [...others.keys()] })
  const joins: Match[] = []
  const reviews: Match[] = []
  const sharing: Found[] = []
  const [compared, together] = [new Set<string>(), new Set<string>()]
  for (const [index, record] of records.entries()) {
    const met = candidates[index]!.flatMap((home) => others.get(home) ?? [])
    for (const { home, person } of met) {
      const pairs = person === record.person ? together : compared
      pairs.add([home, record.home].sort().join(' '))
    }
    const found = met.filter(({ person }) => person !== record.person)
    if (found.length === 0) continue
    const all = arenaOf(found.length + 1)
    place(all, [record, ...found])
    accompany(all, [record, ...found], companions)
    judge(all, learned, record, found, { joins, reviews })
    sharing.push(...household(all, record, found))
  }
  const joined = await joinByMatch(ctx, joins)
  const asked = await noteMatchReviews(ctx, joined === 0 ? reviews : await questions(ctx, reviews))
  await propose(ctx, sharing)
  return { joins: joined, reviews: asked, compared: compared.size, together: together.size }
}

function place(arena: Arena, records: readonly OpenRecord[]): void {
  for (const [index, { values }] of records.entries())
    writeFeatures(arena, index, featuresOf(values), index * mostLetters)
}

interface Keys {
  own: number[]
  asked: number[]
  /** By which those who came since the last run are found. */
  fresh: number[]
}

/** Its own keys, and those by which others lie in the look-up, where large blocks were narrowed. */
function keysAt(ctx: Ctx, arena: Arena, index: number, { lookUp }: Pick<Learned, 'lookUp'>): Keys {
  const now = ctx.vault.indexBy
  const own = keysBy(ctx, arena, index, now)
  // While the index key changes, others lie under the former one still.
  const isMoving = ctx.vault.forms([lowestId]).length > 1
  const before = isMoving ? keysBy(ctx, arena, index, now - 1) : []
  const by = lookUp?.keysBy ?? now
  const secret = secretOf(ctx.vault, by)
  const asked = (by === now ? own : keysBy(ctx, arena, index, by)).flatMap((key) => {
    let last = key
    for (let step = 0; lookUp?.narrowed.has(last); step++) {
      if (step === 2) return []
      last = narrowed(arena, index, last, secret, step)
    }
    return [last]
  })
  return { own, asked, fresh: [...own, ...before] }
}

function keysBy(ctx: Ctx, arena: Arena, index: number, by: number): number[] {
  writeKeys(arena, index, secretOf(ctx.vault, by))
  return [...arena.keys.subarray(index * keysOfRecord, (index + 1) * keysOfRecord)].filter((key) => key !== 0)
}

/** Notes the keys of these homes anew, under the index key of now; what is erased or withdrawn has none. */
export async function noteAgain(ctx: Ctx, homes: readonly string[]): Promise<void> {
  const records = await openRecordsOf(ctx, homes)
  const arena = arenaOf(Math.max(1, records.length))
  place(arena, records)
  await dropKeys(ctx, homes)
  await noteKeys(
    ctx,
    records.map(({ home }, index) => ({ home, keys: keysBy(ctx, arena, index, ctx.vault.indexBy) })),
  )
}

/** Says for each record by which keys others find it, in place of those that it had. */
async function noteKeys(ctx: Ctx, records: readonly { home: string; keys: readonly number[] }[]): Promise<void> {
  const rows = records.flatMap(({ home, keys }) => keys.map((key) => ({ home, key })))
  await sql`with wanted as (select k, m from unnest(${arrayOf(
    'bigint',
    rows.map(({ key }) => key),
  )}, ${arrayOf(
    'uuid',
    rows.map(({ home }) => home),
  )}) as u(k, m)),
    gone as (delete from matching.keys where member_id = any(${arrayOf(
      'uuid',
      records.map(({ home }) => home),
    )}) and (key, member_id) not in (select k, m from wanted))
    insert into matching.keys (key, member_id, keys_by) select k, m, ${ctx.vault.indexBy} from wanted order by k, m
    on conflict (key, member_id) do update set keys_by = excluded.keys_by`.execute(ctx.tx)
}

/** For each record the homes that share the rarest keys with it. */
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
    const worth = new Map<string, number>()
    for (const key of new Set([...keysOf[index]!.fresh, ...keysOf[index]!.asked])) {
      const homes = homesByKey.get(key) ?? []
      for (const other of homes)
        if (other !== home) worth.set(other, (worth.get(other) ?? 0) + worthOfKey(homes.length))
    }
    return nearest(worth)
  })
}

/** What few have in common says more. */
const worthOfKey = (carriers: number) => 1 / Math.sqrt(carriers)

function nearest(worth: ReadonlyMap<string, number>): string[] {
  return [...worth]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, mostCandidates)
    .map(([other]) => other)
}

/** Of records that were weighed together some are one person now: several of the same two people are one question. */
async function questions(ctx: Ctx, reviews: readonly Match[]): Promise<Match[]> {
  const persons = await personsOf(
    ctx,
    reviews.flatMap(({ a, b }) => [a, b]),
  )
  const strongest = new Map<string, Match>()
  for (const review of [...reviews].sort((x, y) => y.score - x.score)) {
    const [one, other] = [persons.get(review.a)!, persons.get(review.b)!].sort()
    if (one !== other && !strongest.has(`${one} ${other}`)) strongest.set(`${one} ${other}`, review)
  }
  return [...strongest.values()]
}

/** Others who live at the same address or have the same phone, and are not the same person. */
function household(arena: Arena, record: OpenRecord, found: readonly OpenRecord[]): Found[] {
  return found.flatMap(({ home }, index) => {
    const shared = sharedBy(arena, 0, index + 1)
    return shared === 0 ? [] : [{ a: record.home, b: home, address: (shared & 1) === 1, phone: (shared & 2) === 2 }]
  })
}

/** `arena`: the record, and behind it who was found. */
function judge(
  arena: Arena,
  { model, bands, frequencies }: Learned,
  record: OpenRecord,
  found: readonly OpenRecord[],
  { joins, reviews }: { joins: Match[]; reviews: Match[] },
): void {
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
    // Others of the household are proposed as such.
    else if (!areOthers(arena, best.index + 1, best.levels)) reviews.push(match)
  }
}

/** Who shares an address or a phone, and is called otherwise and born on another day. */
function areOthers(arena: Arena, index: number, levels: Uint8Array): boolean {
  const differ = levels[field.given] === 1 && levels[field.birth] === 1 && levels[field.document]! < 3
  return differ && sharedBy(arena, 0, index) !== 0
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

/** What an import changed the next run compares again: it is noted, in bulk. */
export const noting = reaction({
  name: 'matching.changes',
  types: ['record.updated'],
  origins: ['import'],
  startsAt: 'now',
  batch: 5_000,
  gather: { events: 5_000, milliseconds: 1_000, whileBulkMilliseconds: 10_000 },
  run: async (ctx, events) => {
    await noteChanged(ctx, [...new Set(events.flatMap(({ recordId, memberId }) => recordId ?? memberId ?? []))])
  },
})

/** Takes the keys of erased homes out of the look-up. */
export async function forgetKeys(ctx: Ctx, homes: readonly string[]): Promise<number> {
  await sql`delete from matching.changed where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return dropKeys(ctx, homes)
}

async function dropKeys(ctx: Ctx, homes: readonly string[]): Promise<number> {
  const { numAffectedRows } =
    await sql`delete from matching.keys where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return Number(numAffectedRows ?? 0n)
}
