import { z } from 'zod'
import { evidencePart } from '#modules/members/contract'
import { route } from '#platform/contract'

/** Evidence is in bits: each doubles the odds that two records are one person's. 0 is as likely as not, 10 is 1000 to 1. */

export const matchingSteps = ['reading', 'blocking', 'learning', 'scoring', 'joining', 'keeping'] as const

export const matchingResult = z.object({
  records: z.int(),
  /** Those of them that were compared with all: what came or changed since the last run, or all of them. */
  fresh: z.int().optional(),
  /** Pairs that were compared; the rest have nothing in common by which one would look. */
  pairs: z.int(),
  /** Pairs of records that are one person already. */
  together: z.int(),
  /** Answers of staff that taught the weights. */
  answers: z.int().default(0),
  joins: z.int(),
  reviews: z.int(),
  /** By what is expected, so many of the joins are wrong. */
  expectedWrong: z.number(),
  membersBefore: z.int(),
  membersAfter: z.int(),
  bands: z.object({ joinFrom: z.number(), reviewFrom: z.number() }),
  seconds: z.object({ total: z.number() }).catchall(z.number()),
  /** How many pairs have so many whole bits of evidence, from the lowest; `expected`: how many of them are one person. */
  histogram: z.object({
    from: z.int(),
    pairs: z.array(z.int()),
    expected: z.array(z.number()),
    /** Of these, those of which enough kinds of facts agree for a join; older runs don't say. */
    enough: z.array(z.int()).default([]),
    expectedEnough: z.array(z.number()).default([]),
    /** Pairs that were one person already; in none of the others. */
    together: z.array(z.int()).default([]),
  }),
})

export const matchingRun = z.object({
  id: z.uuid(),
  state: z.enum(['running', 'done', 'failed']),
  dryRun: z.boolean(),
  progress: z.object({ step: z.enum(matchingSteps), done: z.int(), of: z.int() }).nullable(),
  result: matchingResult.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
})
export type MatchingRun = z.input<typeof matchingRun>

export const addMatchingRun = route('POST /matching-runs', {
  summary: 'Weigh all records against each other: join who is one person, put before staff who may be',
  input: z.object({
    id: z.uuid(),
    dryRun: z.boolean().default(false),
    /** All with all, also what the last run has compared; without it only what came or changed since. */
    all: z.boolean().default(false),
  }),
  output: matchingRun,
})

export const readMatchingRun = route('GET /matching-runs/:runId', {
  summary: 'How far a matching run is, and what it found',
  input: z.object({ runId: z.uuid() }),
  output: matchingRun,
})

export const listMatchingRuns = route('GET /matching-runs', {
  summary: 'Matching runs, newest first',
  input: z.object({}),
  output: z.object({ runs: z.array(matchingRun) }),
})

export interface BandLines {
  joinFrom: number
  reviewFrom: number
}

export const bandEffect = z.object({
  /** Pairs that would be joined, put before staff, left apart. */
  joined: z.int(),
  asked: z.int(),
  apart: z.int(),
  /** Of the joined, how many are expected not to be one person; of those left apart, how many are. */
  wrong: z.number(),
  missed: z.number(),
  /** Pairs that stand elsewhere than by the lines of the run. */
  moved: z.int(),
})
export type BandEffect = z.output<typeof bandEffect>

/** What lines would do with the pairs of a run, by what is expected of each bar; within a bar pairs are spread evenly. */
export function effectOf(
  histogram: z.output<typeof matchingResult>['histogram'],
  lines: BandLines,
  now: BandLines,
): BandEffect {
  const slices = 10
  const bandOf = (bits: number, enough: boolean, { joinFrom, reviewFrom }: BandLines) =>
    bits >= joinFrom && enough ? 'joined' : bits >= reviewFrom ? 'asked' : 'apart'
  const effect = { joined: 0, asked: 0, apart: 0, wrong: 0, missed: 0, moved: 0 }
  for (const [index, all] of histogram.pairs.entries()) {
    if (all === 0) continue
    const enough = histogram.enough[index] ?? all
    const sureEnough = histogram.expectedEnough[index] ?? histogram.expected[index]!
    const groups = [
      { pairs: enough, expected: sureEnough, enough: true },
      { pairs: all - enough, expected: Math.max(0, histogram.expected[index]! - sureEnough), enough: false },
    ]
    for (const group of groups)
      for (let slice = 0; slice < slices; slice++) {
        const bits = histogram.from + index + (slice + 0.5) / slices
        const [pairs, expected] = [group.pairs / slices, group.expected / slices]
        const band = bandOf(bits, group.enough, lines)
        effect[band] += pairs
        if (band === 'joined') effect.wrong += pairs - expected
        if (band === 'apart') effect.missed += expected
        if (band !== bandOf(bits, group.enough, now)) effect.moved += pairs
      }
  }
  const [joined, asked, moved] = [Math.round(effect.joined), Math.round(effect.asked), Math.round(effect.moved)]
  const tenths = (number: number) => Math.round(number * 10) / 10
  return {
    joined,
    asked,
    apart: histogram.pairs.reduce((sum, pairs) => sum + pairs, 0) - joined - asked,
    wrong: tenths(effect.wrong),
    missed: tenths(effect.missed),
    moved,
  }
}

const bits = z.number().min(-20).max(60).nullable()
const matchingSettings = z.object({
  /** Null: each run chooses so that the expected share of right joins is `precision`. */
  joinFrom: bits,
  reviewFrom: bits,
  precision: z.number().min(0.9).max(0.999999),
})

export const readMatchingSettings = route('GET /matching-settings', {
  summary: 'From how much evidence on records are joined, and put before staff',
  input: z.object({}),
  output: matchingSettings,
})

export const changeMatchingSettings = route('PUT /matching-settings', {
  summary: 'Change from how much evidence on records are joined or put before staff; what is left out stays',
  input: matchingSettings.partial(),
  output: matchingSettings,
})

export const previewMatchingSettings = route('GET /matching-settings/effects', {
  summary: 'What other lines would have done with the pairs of the newest run: joined, asked, expected errors',
  input: z.object({ joinFrom: z.coerce.number().min(-20).max(60), reviewFrom: z.coerce.number().min(-20).max(60) }),
  output: z.object({ runId: z.uuid().nullable(), effect: bandEffect.nullable() }),
})

export const explainMatch = route('GET /matching-explanations', {
  summary: 'Why two members are one person, may be, or are not',
  input: z.object({ a: z.uuid(), b: z.uuid() }),
  output: z.object({
    /** They are one person now. */
    together: z.boolean(),
    verdict: z.enum(['join', 'review', 'apart']),
    /** What decides besides the score; null when the score does. */
    because: z.enum(['staff', 'contradiction', 'too_little']).nullable(),
    /** Of the two records that agree most. */
    records: z.object({ a: z.uuid(), b: z.uuid() }).nullable(),
    score: z.number().nullable(),
    chance: z.number().nullable(),
    bands: z.object({ joinFrom: z.number(), reviewFrom: z.number() }),
    parts: z.array(evidencePart),
  }),
})
