import { z } from 'zod'
import { route } from '#platform/contract'

/** What operators ask of the program itself. */

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

export const rebuildWarehouseRoute = route('POST /warehouse-rebuilds', {
  summary: 'Throw the warehouse away and build it again from the truth',
  input: z.object({}),
  output: z.object({ events: z.int(), homes: z.int(), seconds: z.number() }),
})
