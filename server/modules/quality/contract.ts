import { z } from 'zod'
import { dictionaryField, wordNames } from '#modules/dictionary/contract'
import { route } from '#platform/contract'

/** Fields whose completeness is counted, in the order in which they are shown. */
export const countedFields = [
  'name',
  'phone',
  'birthDate',
  'gender',
  'city',
  'source',
  'documentNumber',
  'email',
  'addressLine',
  'region',
  'postcode',
  'country',
  'tags',
  'unionid',
] as const

/** What somebody who serves a member should know; a list of what to mend asks for these. */
export const wantedFields = ['name', 'phone', 'birthDate', 'gender', 'city', 'source'] as const

const code = z.string().min(1).max(64)

/** Whose members are counted; without it everybody within the scope. */
const place = {
  company: code.optional(),
  channel: code.optional(),
  /** Served by this member of staff; `me`: by whoever asks. */
  staff: z.union([z.uuid(), z.literal('me')]).optional(),
}

/** missing:FIELD, wrong:FIELD, wrong:FIELD:CODE, duplicates; `any`: something of it that is wanted. */
export const finding = z
  .string()
  .max(160)
  .regex(
    /^(?:any|duplicates|missing:[\w.\p{L}\p{N}-]{1,60}|wrong:[\w.\p{L}\p{N}-]{1,60}(?::[\w.]{1,60})?)$/u,
    'should be any, duplicates, missing:FIELD, wrong:FIELD or wrong:FIELD:CODE',
  )

const figures = {
  members: z.int(),
  /** Field → members of whom it is known. */
  filled: z.record(z.string(), z.int()),
  /** field:code → members at whom it stands. */
  wrong: z.record(z.string(), z.int()),
}

export const readQuality = route('GET /quality', {
  summary: 'How complete and how valid the members of a place are, and how many may be the same as another',
  input: z.object(place),
  output: z.object({
    ...figures,
    /** Members at whom something is wrong, and at whom a wanted field is missing or something is wrong. */
    withWrong: z.int(),
    withAny: z.int(),
    /** Members who may be the same as another and wait for a decision. */
    duplicates: z.int(),
    /** Fields that the group or the company added. */
    custom: z.array(z.object({ field: z.string(), names: wordNames })),
    /** False while records that came before this was counted are still being read. */
    complete: z.boolean(),
  }),
})

export const breakdowns = ['channel', 'company', 'staff'] as const

export const readBreakdown = route('GET /quality/breakdown', {
  summary: 'The same by channel and store, by company, or by the staff who serve the members',
  input: z.object({ ...place, by: z.enum(breakdowns) }),
  output: z.object({
    rows: z.array(
      z.object({
        /** Code of the channel or company, id of the member of staff. */
        key: z.string(),
        name: z.string(),
        ...figures,
        withAny: z.int(),
      }),
    ),
  }),
})

export const readTrend = route('GET /quality/trend', {
  summary: 'How that went from day to day, at most a year back',
  input: z.object({ ...place, days: z.coerce.number().int().min(1).max(366).default(90) }),
  output: z.object({
    /** False where a member of two places counts at each, because nobody keeps the days of exactly this scope. */
    exact: z.boolean(),
    days: z.array(z.object({ day: z.iso.date(), ...figures })),
  }),
})

export const toMend = route('GET /quality/members', {
  summary: 'The members behind a number, with what is missing and wrong at each',
  input: z.object({
    ...place,
    finding: finding.default('any'),
    after: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    members: z.array(
      z.object({
        id: z.uuid(),
        name: z.string().nullable(),
        phone: z.string().nullable(),
        missing: z.array(z.string()),
        wrong: z.array(z.object({ field: z.string(), code: z.string(), recordId: z.uuid() })),
        /** Where a value that is missing belongs: the newest record. */
        recordId: z.uuid(),
        channels: z.array(z.string()),
        staff: z.array(z.string()),
      }),
    ),
    next: z.uuid().nullable(),
  }),
})

/** What can be put right one by one; identities too, which may join or part people. */
export const mendableFields = [
  'name',
  'phone',
  'email',
  'birthDate',
  'gender',
  'documentType',
  'documentNumber',
  'addressLine',
  'city',
  'region',
  'postcode',
  'country',
  'source',
  'tags',
] as const

const ownField = z.string().regex(/^custom\.[\p{L}\p{N}_-]{1,40}$/u)
const mendable = z.union([z.enum(mendableFields), ownField])
const value = z.string().trim().min(1).max(300)
const reason = z.string().trim().min(1).max(300)

export const mendValue = route('PUT /members/:memberId/records/:recordId/values/:field', {
  summary: 'Put one value of a record right, or clear it; what stood there stays as an older version',
  input: z.object({
    memberId: z.uuid(),
    recordId: z.uuid(),
    field: mendable,
    /** Null: nothing is known, also not what could not be read. */
    value: value.nullable(),
    reason,
  }),
  output: z.object({ memberId: z.uuid(), version: z.int() }),
})

/** What may be set for many at once is never what makes somebody known. */
export const settableFields = ['gender', 'city', 'region', 'country', 'source', 'tags'] as const

export const mendingKinds = ['map', 'set', 'clear'] as const
export const mendingStates = ['running', 'done', 'stopped', 'undoing', 'undone'] as const

export const mendingView = z.object({
  id: z.uuid(),
  kind: z.enum(mendingKinds),
  field: z.string(),
  /** Whether records or orders are looked through. */
  of: z.enum(['records', 'orders']),
  state: z.enum(mendingStates),
  looked: z.int(),
  total: z.int(),
  changed: z.int(),
  /** Taken back by its undo. */
  undone: z.int(),
  reason: z.string(),
  by: z.string(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
})
export type MendingView = z.infer<typeof mendingView>

export const addMending = route('POST /quality/mendings', {
  summary:
    'Set or clear a field, or write a value in place of another, at the chosen members; goes on in the background',
  input: z.object({
    id: z.uuid(),
    kind: z.enum(mendingKinds),
    field: z.union([z.enum([...mendableFields, ...settableFields]), ownField]),
    /** What is set, or written in place of `from`. */
    value: value.optional(),
    from: value.optional(),
    /** These members; or all behind a number. */
    memberIds: z.array(z.uuid()).min(1).max(1_000).optional(),
    behind: z.object({ ...place, finding }).optional(),
    reason,
  }),
  output: mendingView,
})

export const applyDictionary = route('POST /dictionary/:field/applications', {
  summary: 'Write the words of the dictionary in place of their spellings in all records or orders; in the background',
  input: z.object({ field: dictionaryField, company: code.nullable().default(null), id: z.uuid() }),
  output: mendingView,
})

export const listMendings = route('GET /quality/mendings', {
  summary: 'What was done to many at once, newest first',
  input: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
  output: z.object({ mendings: z.array(mendingView) }),
})

export const readMending = route('GET /quality/mendings/:mendingId', {
  summary: 'One of them: how far it is',
  input: z.object({ mendingId: z.uuid() }),
  output: mendingView,
})

export const stopMending = route('POST /quality/mendings/:mendingId/cancellations', {
  summary: 'Stop where it is; what was changed stays, and can be undone',
  input: z.object({ mendingId: z.uuid() }),
  output: mendingView,
})

export const undoMending = route('POST /quality/mendings/:mendingId/undos', {
  summary: 'Take back what it changed, wherever nothing newer was said since',
  input: z.object({ mendingId: z.uuid() }),
  output: mendingView,
})

const spelling = z.object({
  text: z.string(),
  count: z.int(),
  /** The word that it means; null: none, or nothing. */
  code: z.string().nullable(),
  state: z.enum(['value', 'spelling', 'blank', 'unknown']),
})

export const readSpellings = route('GET /dictionary/:field/spellings', {
  summary: 'How a field is written in the records or orders that are there, how often, and what is proposed to map',
  input: z.object({ field: dictionaryField, company: code.nullable().default(null) }),
  output: z.object({
    surveyedAt: z.iso.datetime().nullable(),
    /** Of a survey that is on its way. */
    progress: z.object({ looked: z.int(), total: z.int() }).nullable(),
    spellings: z.array(spelling),
    /** Different ones in all; beyond a number only the most frequent are listed. */
    different: z.int(),
    proposals: z.array(
      z.object({
        value: z.string(),
        isNew: z.boolean(),
        names: wordNames.nullable(),
        spellings: z.array(z.object({ text: z.string(), count: z.int() })),
        count: z.int(),
      }),
    ),
    /** Records that would be written anew if the dictionary were applied now. */
    toRewrite: z.int(),
  }),
})

export const addSurvey = route('POST /dictionary/surveys', {
  summary: 'Read anew how the fields are written; in the background',
  input: z.object({}),
  output: z.object({}),
})
