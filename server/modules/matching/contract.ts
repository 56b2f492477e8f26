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
  joins: z.int(),
  reviews: z.int(),
  /** By what is expected, so many of the joins are wrong. */
  expectedWrong: z.number(),
  membersBefore: z.int(),
  membersAfter: z.int(),
  bands: z.object({ joinFrom: z.number(), reviewFrom: z.number() }),
  seconds: z.object({ total: z.number() }).catchall(z.number()),
  /** How many pairs have so many whole bits of evidence, from the lowest; `expected`: how many of them are one person. */
  histogram: z.object({ from: z.int(), pairs: z.array(z.int()), expected: z.array(z.number()) }),
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
