/**
 * One run over all records: threads open and compare them, this one leads, and writes what they found in transactions
 * that are soon over. Run again, it joins nobody twice; stopped in the middle, another run goes on.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { decidedPairs, dropMatchReviews, joinByMatch, noteMatchReviews, spreadOfRecords } from '#modules/members'
import { inBulk } from '#platform/bulk'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import type { House } from '#platform/house'
import { lowestId } from '#platform/ids'
import type { matchingResult, matchingSteps } from './contract.ts'
import type { Histogram } from './lane.ts'
import { forgetModel, keepModel, learnedLast, secretOf, settingsOf } from './models.ts'
import { pageBits } from './pages.ts'
import { openThreads, type Threads } from './threads.ts'

type Result = z.input<typeof matchingResult>

/** A second thread takes longer to come to its senses than so few records to compare. */
const recordsWorthThreads = 20_000
/** Pairs joined in one transaction to begin with, and how long it should take. */
const firstChunk = 500
const chunkMilliseconds = 500
const seed = 20_260

export interface Run {
  id: string
  dryRun: boolean
  signal: AbortSignal
  onStep(step: (typeof matchingSteps)[number], done: number, of: number): Promise<unknown>
}

export function match(house: House, actor: Actor, run: Run): Promise<Result> {
  return inBulk(() => matchAll(house, actor, run))
}

async function matchAll({ db }: House, actor: Actor, { id, dryRun, signal, onStep }: Run): Promise<Result> {
  const act = <T>(what: (ctx: Ctx) => Promise<T>) => inTx(db, actor, what)
  const watch = stopwatch()
  const begun = await act(async (ctx) => ({
    at: ctx.now,
    secret: secretOf(ctx.vault),
    settings: await settingsOf(ctx),
    spread: await spreadOfRecords(ctx),
  }))
  const { records, middle, last } = begun.spread
  if (records === 0 || middle === null || last === null) return { ...nothing, seconds: watch.seconds() }
  const { rooms, ranges } = shared({ records, middle, last })
  const threads = openThreads(db, rooms, begun.secret, signal)
  try {
    await onStep('reading', 0, records)
    const read = await Promise.all(
      ranges.map((range, thread) => threads.ask(thread, 'read', { ...range, compareNothing: false })),
    )
    watch.lap('reading')
    await onStep('blocking', 0, records)
    const pairs = sum(await threads.all('block'))
    await threads.all('settle')
    watch.lap('blocking')
    await onStep('learning', 0, pairs)
    const decided = await act(decidedPairs)
    const ofKind = (kind: string, of = decided) =>
      of.filter((one) => one.kind === kind).map(({ a, b }): [string, string] => [a, b])
    // What follows from an answer teaches nothing: only the two that somebody looked at.
    const judged = decided.filter((one) => one.judged)
    const [joined, apart] = [ofKind('join', judged), ofKind('apart', judged)]
    const model = await learned(threads, { pairs, records: sum(read), joined, apart })
    watch.lap('learning')
    await onStep('scoring', 0, pairs)
    const scored = await threads.all('score', model)
    watch.lap('scoring')
    const { joinFrom: join, reviewFrom: review, precision } = begun.settings
    const { joins, reviews, bands, expectedWrong } = await threads.ask(
      0,
      'cluster',
      model,
      scored.map(({ found }) => found),
      { precision, join, review },
      ofKind('apart'),
    )
    watch.lap('clustering')
    if (!dryRun) {
      await inChunks(joins, signal, (chunk, done) =>
        act(async (ctx) => {
          await joinByMatch(ctx, chunk)
          await progress(ctx, id, done, joins.length)
        }),
      )
      await inChunks(reviews, signal, (chunk) => act((ctx) => noteMatchReviews(ctx, chunk)))
      await act((ctx) => dropMatchReviews(ctx, { except: reviews, before: begun.at }))
      watch.lap('joining')
      await onStep('keeping', 0, records)
      await keep(threads, act, { id, model, bands, last })
      watch.lap('keeping')
    }
    return {
      records: sum(read),
      pairs: sum(scored.map(({ compared }) => compared)),
      together: sum(scored.map(({ together }) => together)),
      answers: joined.length + apart.length,
      joins: joins.length,
      reviews: reviews.length,
      expectedWrong: Math.round(expectedWrong * 1000) / 1000,
      membersBefore: begun.spread.persons,
      membersAfter: dryRun ? begun.spread.persons - joins.length : (await act(spreadOfRecords)).persons,
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
    const { records, middle, last } = begun.spread
    if (!begun.learned || records === 0 || middle === null || last === null) return act(forgetModel)
    const { rooms, ranges } = shared({ records, middle, last })
    const threads = openThreads(db, rooms, begun.secret, signal)
    try {
      await Promise.all(ranges.map((range, thread) => threads.ask(thread, 'read', { ...range, compareNothing: false })))
      await threads.all('block')
      await threads.all('settle')
      signal.throwIfAborted()
      await keep(threads, act, { id, ...begun.learned, last })
    } finally {
      await threads.close()
    }
  })
}

/** Who reads which records: a few are read by one thread. */
function shared({ records, middle, last }: { records: number; middle: string; last: string }) {
  if (records < recordsWorthThreads) return { rooms: [records], ranges: [{ after: lowestId, last }] }
  const half = Math.floor(records / 2)
  return {
    rooms: [half + 1, records - half],
    ranges: [
      { after: lowestId, last: middle },
      { after: middle, last },
    ],
  }
}

const nothing: Omit<Result, 'seconds'> = {
  records: 0,
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

/** Writes the look-up for single records, then what was learned, which points to it; what came before goes last. */
async function keep(
  threads: Threads,
  act: <T>(what: (ctx: Ctx) => Promise<T>) => Promise<T>,
  {
    id,
    model,
    bands,
    last,
  }: {
    id: string
    model: Parameters<typeof keepModel>[1]['model']
    bands: Parameters<typeof keepModel>[1]['bands']
    last: string
  },
): Promise<void> {
  const { keys } = threads.ground.arena
  let entries = 0
  for (let at = 0; at < keys.length; at++) if (keys[at] !== 0) entries++
  const bits = pageBits(entries, threads.count)
  await threads.all('keep', id, bits)
  await act((ctx) =>
    keepModel(ctx, { runId: id, model, bands, counts: threads.ground.frequencies.counts, bits, lanes: threads.count }),
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

async function untilNone(step: () => Promise<number>): Promise<void> {
  while ((await step()) > 0);
}

/** Goes through a list in chunks of about half a second, however long one takes today. */
async function inChunks<T>(
  list: readonly T[],
  signal: AbortSignal,
  work: (chunk: T[], done: number) => Promise<unknown>,
): Promise<void> {
  let size = firstChunk
  for (let from = 0; from < list.length; ) {
    signal.throwIfAborted()
    const chunk = list.slice(from, from + size)
    const start = performance.now()
    from += chunk.length
    await work(chunk, from)
    const factor = chunkMilliseconds / Math.max(1, performance.now() - start)
    size = Math.round(Math.max(100, Math.min(5_000, size * Math.max(0.5, Math.min(1.5, factor)))))
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
