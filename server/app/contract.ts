import { z } from 'zod'
import { route } from '#platform/contract'

/** What operators ask of the program itself. */

const groupChoices = z.object({
  name: z.string().trim().min(1).max(80),
  timeZone: z.string().max(64),
  currency: z.string().regex(/^[A-Z]{3}$/, 'should be three capital letters, such as CNY'),
  country: z.string().regex(/^[A-Z]{2}$/, 'should be two capital letters, such as CN'),
  refundPolicy: z.enum(['only_pending', 'within_balance', 'negative']),
  /** Who has to sign in with a second factor. */
  secondFactor: z.enum(['nobody', 'whole_group', 'everybody']),
  /** Those that the member centre and messages offer; the first is spoken to whoever asks for none of them. */
  languages: z
    .array(z.enum(['zh-CN', 'en', 'ru']))
    .min(1)
    .max(3),
  /** So many points are worth so much, in the smallest unit of the currency; null: not said, and not shown. */
  pointValue: z.object({ points: z.int().min(1).max(1_000_000), minor: z.int().min(1).max(1_000_000_000) }).nullable(),
})

export const listReactions = route('GET /reactions', {
  summary: 'How far each reaction has read, and what it could not digest',
  input: z.object({}),
  output: z.object({
    reactions: z.array(
      z.object({ reaction: z.string(), lagMilliseconds: z.int(), parked: z.int(), lastError: z.string().nullable() }),
    ),
    parked: z.array(
      z.object({
        reaction: z.string(),
        memberId: z.uuid().nullable(),
        type: z.string(),
        error: z.string().nullable(),
        tries: z.int(),
        parkedAt: z.iso.datetime(),
      }),
    ),
  }),
})

export const runParked = route('POST /reactions/:reaction/parked-runs', {
  summary: 'Try the parked events of a reaction again, in their order',
  input: z.object({ reaction: z.string().max(80) }),
  output: z.object({ left: z.int() }),
})

const jobName = z.string().max(80)
const jobId = z.string().regex(/^\d{1,18}$/, 'should be the number of a job')

export const listSchedules = route('GET /schedules', {
  summary: 'What the program does by the clock: when next, when last, and how that went',
  input: z.object({}),
  output: z.object({
    schedules: z.array(
      z.object({
        name: z.string(),
        nextAt: z.iso.datetime().nullable(),
        last: z
          .object({
            beganAt: z.iso.datetime(),
            /** Null: it is at work, or the program ended under it. */
            endedAt: z.iso.datetime().nullable(),
            error: z.string().nullable(),
          })
          .nullable(),
      }),
    ),
  }),
})

export const runSchedule = route('POST /schedules/:name/runs', {
  summary: 'Run a scheduled job now, besides its times',
  input: z.object({ name: jobName }),
  output: z.object({}),
})

const jobState = z.enum(['waiting', 'running', 'retrying', 'failed'])
export const listJobs = route('GET /jobs', {
  summary: 'What is done in the background: how much of it, and the newest 50',
  input: z.object({
    /** `retrying` waits for its next try; `failed` was tried as often as it may be. */
    state: jobState.optional(),
  }),
  output: z.object({
    counts: z.record(jobState, z.int()),
    jobs: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        state: jobState,
        runAt: z.iso.datetime(),
        attempts: z.int(),
        mostAttempts: z.int(),
        lastError: z.string().nullable(),
        addedAt: z.iso.datetime(),
        startedAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
})

export const runJob = route('POST /jobs/:id/runs', {
  summary: 'Run a job at once, with all its tries before it again',
  input: z.object({ id: jobId }),
  output: z.object({}),
})

export const giveUpJob = route('DELETE /jobs/:id', {
  summary: 'Give a job up: it is not tried any more and leaves the list',
  input: z.object({ id: jobId }),
  output: z.object({}),
})

export const catchUp = route('POST /catch-ups', {
  summary: 'Answered when every reaction has read what was committed before',
  input: z.object({}),
  output: z.object({}),
})

export const verifyBooks = route('POST /verifications', {
  summary: 'Check every invariant of the books',
  input: z.object({}),
  output: z.object({
    ok: z.boolean(),
    broken: z.array(z.object({ invariant: z.string(), ids: z.array(z.string()), detail: z.string() })),
  }),
})

export const readBackup = route('GET /backup', {
  summary: 'Everything in the database as it is now, compressed and sealed by the master key',
  input: z.object({}),
  output: z.object({}),
  reply: 'stream',
})

const rotation = z.object({
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  /** Keys of homes wrapped by the new master key, of about so many. */
  rewrapped: z.int(),
  homes: z.int(),
})

const reindexing = z.object({
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  /** Keyed hashes that lie under the new key, of about so many. */
  moved: z.int(),
  rows: z.int(),
})

export const rotateVault = route('POST /vault-rotations', {
  summary: 'Change the master key: answered when the new one opens everything; the rest is wrapped anew meanwhile',
  input: z.object({}),
  output: rotation,
})

export const readRotation = route('GET /vault-rotation', {
  summary:
    'How far the last changes of the master key and of the key of the blind indexes have come; null: never changed',
  input: z.object({}),
  output: z.object({ rotation: rotation.nullable(), inFile: z.boolean(), reindexing: reindexing.nullable() }),
})

export const reindexVault = route('POST /vault-reindexings', {
  summary: 'Change the key of the blind indexes: answered when the new one is in force; the rest moves meanwhile',
  input: z.object({}),
  output: reindexing,
})

export const rebuildWarehouseRoute = route('POST /warehouse-rebuilds', {
  summary: 'Throw the warehouse away and build it again from the truth',
  input: z.object({}),
  output: z.object({ events: z.int(), homes: z.int(), seconds: z.number() }),
})

export const readGroup = route('GET /group', {
  summary: 'What the group has chosen: name, time zone, currency, country, how far a refund takes points back',
  input: z.object({}),
  output: groupChoices,
})

export const changeGroup = route('PUT /group', {
  summary: 'Change what the group has chosen; what is left out stays',
  input: groupChoices.partial(),
  output: groupChoices,
})
