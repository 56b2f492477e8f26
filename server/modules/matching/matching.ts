/**
 * One run over the records: threads open and compare them, this one leads, and writes what they found in transactions
 * that are soon over. The first compares all with all, a later one what came or changed since with all; a few that came
 * are weighed one by one. Run again, it joins nobody twice; stopped in the middle, another run goes on.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { confirmedPairs, type Found, propose, proposeBookings } from '#modules/families'
import {
  decidedPairs,
  dropMatchReviews,
  joinByMatch,
  noteMatchReviews,
  recordsSince,
  spreadOfRecords,
} from '#modules/members'
import { allBookedTogether } from '#modules/orders'
import { inBulk } from '#platform/bulk'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import type { House } from '#platform/house'
import { lowestId } from '#platform/ids'
import type { Bands } from './clusters.ts'
import type { matchingResult, matchingSteps } from './contract.ts'
import { weigh } from './entry.ts'
import type { HashKey } from './hashing.ts'
import type { Histogram } from './lane.ts'
import type { Model } from './model.ts'
import {
  type Compared,
  comparedBefore,
  type DrawnBy,
  forgetModel,
  keepModel,
  learnedLast,
  newestModel,
  noteCompared,
  type Settings,
  secretOf,
  settingsOf,
} from './models.ts'
import { pageBits } from './pages.ts'
import { openThreads, type Threads } from './threads.ts'

type Result = z.input<typeof matchingResult>

/** A second thread takes longer to come to its senses than so few records to compare. */
const recordsWorthThreads = 20_000
/** So many that came are weighed one by one, by the look-up, sooner than all are read. */
const fewRecords = 2_000
const fewAtOnce = 40
/** Pairs joined in one transaction to begin with, and how long it should take. */
const firstChunk = 500
const chunkMilliseconds = 500
const seed = 20_260

export interface Run {
  id: string
  dryRun: boolean
  /** All with all, whatever was compared before. */
  all?: boolean
  signal: AbortSignal
  onStep(step: (typeof matchingSteps)[number], done: number, of: number): Promise<unknown>
}

type Act = <T>(what: (ctx: Ctx) => Promise<T>) => Promise<T>

export function match(house: Pick<House, 'db'>, actor: Actor, run: Run): Promise<Result> {
  return inBulk(() => matchSome(house, actor, run))
}

async function matchSome({ db }: Pick<House, 'db'>, actor: Actor, run: Run): Promise<Result> {
  const act: Act = (what) => inTx(db, actor, what)
  const watch = stopwatch()
  const begun = await act(async (ctx) => ({
    at: ctx.now,
    secret: secretOf(ctx.vault),
    settings: await settingsOf(ctx),
    spread: await spreadOfRecords(ctx),
    compared: run.all ? null : await comparedBefore(ctx),
    answers: judged(await decidedPairs(ctx)).length,
  }))
  const { records, persons } = begun.spread
  if (records === 0) return { ...nothing, seconds: watch.seconds() }
  const { compared } = begun
  // What was learned of a pool half as large, of other answers or for other lines, is learned anew.
  const goesOn =
    compared !== null &&
    compared.records * 2 >= records &&
    compared.answers === begun.answers &&
    isSame(compared.wanted, begun.settings)
  if (!goesOn) return matchAll(db, actor, run, { ...begun, watch, since: null })
  const came = await act((ctx) => recordsSince(ctx, compared.until, fewRecords + 1))
  const few = [...new Set([...came, ...compared.changed])]
  if (few.length > fewRecords || run.dryRun) return matchAll(db, actor, run, { ...begun, watch, since: compared })
  const found = { joins: 0, reviews: 0, pairs: 0, together: 0 }
  await inChunks(few, { signal: run.signal, first: fewAtOnce, most: fewAtOnce }, async (chunk, done) => {
    const weighed = await act((ctx) => weigh(ctx, chunk))
    found.joins += weighed.joins
    found.reviews += weighed.reviews
    found.pairs += weighed.compared
    found.together += weighed.together
    await run.onStep('scoring', done, few.length)
  })
  watch.lap('scoring')
  const bands = await act(async (ctx) => {
    await noteCompared(ctx, begun.at)
    return (await newestModel(ctx)).bands
  })
  await proposeBookings(db, actor, run.signal)
  watch.lap('families')
  return {
    ...nothing,
    records,
    fresh: few.length,
    ...found,
    membersBefore: persons,
    membersAfter: (await act(spreadOfRecords)).persons,
    bands: { joinFrom: tenth(bands.join), reviewFrom: tenth(bands.review) },
    seconds: watch.seconds(),
  }
}

type Spread = Awaited<ReturnType<typeof spreadOfRecords>>

/** Which records each thread reads, and how many those may be. */
function sharesOf({ records, middle, last }: Spread): { rooms: number[]; ranges: { after: string; last: string }[] } {
  if (records < recordsWorthThreads) return { rooms: [records], ranges: [{ after: lowestId, last: last! }] }
  const half = Math.floor(records / 2)
  return {
    rooms: [half + 1, records - half],
    ranges: [
      { after: lowestId, last: middle! },
      { after: middle!, last: last! },
    ],
  }
}

/** Proposes households and companions of all that are there, and compares nobody for anything else. */
export async function findHouseholds(db: Database, actor: Actor, signal: AbortSignal): Promise<void> {
  const act: Act = (what) => inTx(db, actor, what)
  const { secret, spread } = await act(async (ctx) => ({
    secret: secretOf(ctx.vault),
    spread: await spreadOfRecords(ctx),
  }))
  if (spread.records === 0) return
  const { rooms, ranges } = sharesOf(spread)
  const threads = openThreads(db, rooms, secret, signal)
  try {
    const asked = { since: null, changed: new Set<string>(), compareNothing: false }
    await Promise.all(ranges.map((range, thread) => threads.ask(thread, 'read', { ...range, ...asked })))
    await proposeAll(act, (await threads.all('households', { onlyFresh: false })).flat(), signal)
    await proposeAll(act, await act(allBookedTogether), signal)
  } finally {
    await threads.close()
  }
}

async function proposeAll(act: Act, found: Found[], signal: AbortSignal): Promise<void> {
  found.sort((x, y) => (x.a + x.b < y.a + y.b ? -1 : 1))
  await inChunks(found, { signal }, (chunk) => act((ctx) => propose(ctx, chunk)))
}

type Decided = Awaited<ReturnType<typeof decidedPairs>>

const pairsOf = (kind: string, decided: Decided) =>
  decided.filter((one) => one.kind === kind).map(({ a, b }): [string, string] => [a, b])

/** What follows from an answer teaches nothing: only the two that somebody looked at. */
const judged = (decided: Decided) => decided.filter((one) => one.judged && one.kind !== 'match')

const isSame = (one: Settings, other: Settings) =>
  one.joinFrom === other.joinFrom && one.reviewFrom === other.reviewFrom && one.precision === other.precision

async function matchAll(
  db: Database,
  actor: Actor,
  { id, dryRun, signal, onStep }: Run,
  {
    at,
    secret,
    settings,
    spread,
    since,
    watch,
  }: {
    at: Date
    secret: HashKey
    settings: Settings
    spread: Spread
    /** Only what came or changed since then is compared, by what was learned then. */
    since: Compared | null
    watch: ReturnType<typeof stopwatch>
  },
): Promise<Result> {
  const act: Act = (what) => inTx(db, actor, what)
  const { records, last } = spread
  const { rooms, ranges } = sharesOf(spread)
  const threads = openThreads(db, rooms, secret, signal)
  const onlyFresh = since !== null
  try {
    await onStep('reading', 0, records)
    const asked = { since: since?.until ?? null, changed: new Set(since?.changed), compareNothing: false }
    const read = sum(
      await Promise.all(ranges.map((range, thread) => threads.ask(thread, 'read', { ...range, ...asked }))),
    )
    const companions = await companionsOfAll(act)
    await threads.ask(0, 'accompany', companions)
    watch.lap('reading')
    await onStep('blocking', 0, records)
    const pairs = sum(await threads.all('block'))
    await threads.all('settle')
    watch.lap('blocking')
    await onStep('learning', 0, pairs)
    const decided = await act(decidedPairs)
    const [joined, apart] = [pairsOf('join', judged(decided)), pairsOf('apart', judged(decided))]
    const before = since && (await act(newestModel))
    const model = before?.model ?? (await learned(threads, { pairs, records: read, joined, apart }))
    watch.lap('learning')
    await onStep('scoring', 0, pairs)
    const scored = await threads.all('score', model, { onlyFresh })
    watch.lap('scoring')
    // Of the few pairs that are new nobody can say what is expected of all: the lines stay where the last run drew them.
    const wanted = before
      ? { precision: settings.precision, join: before.bands.join, review: before.bands.review }
      : { precision: settings.precision, join: settings.joinFrom, review: settings.reviewFrom }
    const { joins, reviews, bands, expectedWrong } = await threads.ask(
      0,
      'cluster',
      model,
      scored.map(({ found }) => found),
      wanted,
      pairsOf('apart', decided),
    )
    const households = (await threads.all('households', { onlyFresh })).flat()
    watch.lap('clustering')
    if (!dryRun) {
      const join = async () => {
        await inChunks(joins, { signal }, (chunk, done) =>
          act(async (ctx) => {
            await joinByMatch(ctx, chunk)
            await progress(ctx, id, done, joins.length)
          }),
        )
        await inChunks(reviews, { signal }, (chunk) => act((ctx) => noteMatchReviews(ctx, chunk)))
        // Questions between two who were not compared anew stand as they are.
        if (!onlyFresh) await act((ctx) => dropMatchReviews(ctx, { except: reviews, before: at }))
        watch.lap('joining')
      }
      // The threads have nothing else to do meanwhile, and nobody reads the look-up before what was learned points to it.
      const [bits] = await Promise.all([writeLookUp(threads, id), join()])
      await onStep('keeping', 0, records)
      const answers = joined.length + apart.length
      await keep(threads, act, { id, model, bands, bits, last: last!, at, drawnBy: { wanted: settings, answers } })
      watch.lap('keeping')
      await proposeAll(act, households, signal)
      await proposeAll(act, companions, signal)
      watch.lap('families')
    }
    return {
      records: read,
      fresh: onlyFresh ? threads.ground.fresh.reduce((count, one) => count + one, 0) : read,
      pairs: sum(scored.map(({ compared }) => compared)),
      together: sum(scored.map(({ together }) => together)),
      answers: joined.length + apart.length,
      joins: joins.length,
      reviews: reviews.length,
      expectedWrong: Math.round(expectedWrong * 1000) / 1000,
      membersBefore: spread.persons,
      membersAfter: dryRun ? spread.persons - joins.length : (await act(spreadOfRecords)).persons,
      bands: { joinFrom: tenth(bands.join), reviewFrom: tenth(bands.review) },
      seconds: watch.seconds(),
      histogram: together(scored.map(({ histogram }) => histogram)),
    }
  } finally {
    await threads.close()
  }
}

/** The look-up for single records anew, with what the newest run has learned: nobody is weighed or joined. */
export function lookUpAnew(db: Database, id: string, signal: AbortSignal): Promise<void> {
  return inBulk(async () => {
    const act = <T>(what: (ctx: Ctx) => Promise<T>) => inTx(db, systemActor, what)
    const begun = await act(async (ctx) => ({
      secret: secretOf(ctx.vault),
      learned: await learnedLast(ctx),
      spread: await spreadOfRecords(ctx),
    }))
    const { records, last } = begun.spread
    if (!begun.learned || records === 0) return act(forgetModel)
    const { rooms, ranges } = sharesOf(begun.spread)
    const threads = openThreads(db, rooms, begun.secret, signal)
    try {
      const asked = { since: null, changed: new Set<string>(), compareNothing: false }
      await Promise.all(ranges.map((range, thread) => threads.ask(thread, 'read', { ...range, ...asked })))
      await threads.all('block')
      await threads.all('settle')
      signal.throwIfAborted()
      const bits = await writeLookUp(threads, id)
      await keep(threads, act, { id, ...begun.learned, bits, last: last!, at: null })
    } finally {
      await threads.close()
    }
  })
}

const nothing: Omit<Result, 'seconds'> = {
  records: 0,
  fresh: 0,
  pairs: 0,
  together: 0,
  answers: 0,
  joins: 0,
  reviews: 0,
  expectedWrong: 0,
  membersBefore: 0,
  membersAfter: 0,
  bands: { joinFrom: 0, reviewFrom: 0 },
  histogram: { from: 0, pairs: [], expected: [], enough: [], expectedEnough: [], together: [] },
}

async function learned(
  threads: Threads,
  {
    pairs,
    records,
    joined,
    apart,
  }: { pairs: number; records: number; joined: [string, string][]; apart: [string, string][] },
) {
  const samples = await Promise.all(
    Array.from({ length: threads.count }, (_, thread) => threads.ask(thread, 'sample', pairs, seed + thread)),
  )
  const merged = (maps: readonly ReadonlyMap<number, number>[]) => {
    const all = new Map<number, number>()
    for (const map of maps) for (const [pattern, count] of map) all.set(pattern, (all.get(pattern) ?? 0) + count)
    return all
  }
  const lessons = {
    records,
    candidates: merged(samples.map(({ candidates }) => candidates)),
    candidateWeight: samples[0]!.weight,
    random: merged(samples.map(({ random }) => random)),
  }
  return threads.ask(0, 'learn', lessons, { joined, apart })
}

async function progress(ctx: Ctx, id: string, done: number, of: number): Promise<void> {
  await sql`update matching.runs set progress = ${JSON.stringify({ step: 'joining', done, of })}::jsonb where id = ${id}`.execute(
    ctx.tx,
  )
}

/** Writes the look-up for single records; says how many pages it has, as a power of two. */
async function writeLookUp(threads: Threads, id: string): Promise<number> {
  const { keys } = threads.ground.arena
  let entries = 0
  for (let place = 0; place < keys.length; place++) if (keys[place] !== 0) entries++
  const bits = pageBits(entries, threads.count)
  await threads.all('keep', id, bits)
  return bits
}

/** Writes what was learned, which points to the look-up; what came before goes last. */
async function keep(
  threads: Threads,
  act: Act,
  {
    id,
    model,
    bands,
    bits,
    last,
    at,
    drawnBy,
  }: {
    id: string
    model: Model
    bands: Bands
    bits: number
    last: string
    at: Date | null
    drawnBy: DrawnBy | undefined
  },
): Promise<void> {
  const narrowed = (await threads.all('narrowed')).flatMap((part) => [...part])
  const { counts } = threads.ground.frequencies
  await act((ctx) =>
    keepModel(ctx, { runId: id, model, bands, counts, bits, lanes: threads.count, narrowed, until: at, drawnBy }),
  )
  await untilNone(() =>
    act(async (ctx) => {
      const { numAffectedRows } = await sql`delete from matching.pages where (run_id, page) in (
        select run_id, page from matching.pages where run_id <> ${id} limit 5000)`.execute(ctx.tx)
      return Number(numAffectedRows ?? 0)
    }),
  )
  await untilNone(() =>
    act(async (ctx) => {
      const { numAffectedRows } = await sql`delete from matching.keys where (key, member_id) in (
        select key, member_id from matching.keys where member_id <= ${last}::uuid limit 20000)`.execute(ctx.tx)
      return Number(numAffectedRows ?? 0)
    }),
  )
}

/** Who travels with whom: by the word of staff, and by what was booked together. */
async function companionsOfAll(act: Act): Promise<{ a: string; b: string; bookings?: number }[]> {
  const known = await act(confirmedPairs)
  return [...known, ...(await act(allBookedTogether))]
}

async function untilNone(step: () => Promise<number>): Promise<void> {
  while ((await step()) > 0);
}

/** Goes through a list in chunks of about half a second, however long one takes today. */
async function inChunks<T>(
  list: readonly T[],
  { signal, first = firstChunk, most = 5_000 }: { signal: AbortSignal; first?: number; most?: number },
  work: (chunk: T[], done: number) => Promise<unknown>,
): Promise<void> {
  let size = first
  for (let from = 0; from < list.length; ) {
    signal.throwIfAborted()
    const chunk = list.slice(from, from + size)
    const start = performance.now()
    from += chunk.length
    await work(chunk, from)
    const factor = chunkMilliseconds / Math.max(1, performance.now() - start)
    size = Math.round(Math.min(most, Math.max(100, size * Math.max(0.5, Math.min(1.5, factor)))))
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0)
const tenth = (number: number) => Math.round(number * 10) / 10

function together(histograms: readonly Histogram[]): Histogram {
  const [first] = histograms as [Histogram, ...Histogram[]]
  const all = (of: Exclude<keyof Histogram, 'from'>) =>
    first[of].map((_, index) => Math.round(sum(histograms.map((one) => one[of][index]!)) * 1000) / 1000)
  return {
    from: first.from,
    pairs: all('pairs'),
    expected: all('expected'),
    enough: all('enough'),
    expectedEnough: all('expectedEnough'),
    together: all('together'),
  }
}

function stopwatch() {
  const start = performance.now()
  let lapStart = start
  const laps: Record<string, number> = {}
  const round = (milliseconds: number) => Math.round(milliseconds / 10) / 100
  return {
    lap(name: string) {
      laps[name] = round(performance.now() - lapStart)
      lapStart = performance.now()
    },
    seconds: () => ({ total: round(performance.now() - start), ...laps }),
  }
}
