import { z } from 'zod'
import { channelCode } from '#modules/channels/contract'
import { route } from '#platform/contract'

export const identityKind = z.string().regex(/^(phone|email|unionid|document|external@.+|openid@.+)$/)

export const recordInput = z.object({
  externalId: z.string().min(1).max(200).optional(),
  name: z.string().max(200).optional(),
  familyName: z.string().max(100).optional(),
  givenName: z.string().max(100).optional(),
  phone: z.string().max(60).optional(),
  /** The person proved to hold the phone (a code was sent and came back). */
  phoneVerified: z.boolean().optional(),
  email: z.string().max(254).optional(),
  birthDate: z.string().max(40).optional(),
  gender: z.string().max(20).optional(),
  documentType: z.string().max(40).optional(),
  documentNumber: z.string().max(60).optional(),
  addressLine: z.string().max(300).optional(),
  /** Where it stands apart from the street. */
  streetNumber: z.string().max(40).optional(),
  addressLine2: z.string().max(300).optional(),
  suburb: z.string().max(100).optional(),
  city: z.string().max(100).optional(),
  region: z.string().max(100).optional(),
  postcode: z.string().max(20).optional(),
  country: z.string().max(80).optional(),
  unionid: z.string().max(100).optional(),
  /** openid by account code. */
  openids: z.record(z.string().max(64), z.string().max(100)).optional(),
  /** Where they come from, by a word of the dictionary: website, store, partner … */
  source: z.string().max(60).optional(),
  tags: z.array(z.string().max(60)).max(100).optional(),
  note: z.string().max(4000).optional(),
  custom: z.record(z.string().max(60), z.string().max(1000)).optional(),
})

export const putRecord = route('POST /records', {
  summary: 'One person as one channel knows them: made, or brought up to date',
  input: z.object({
    channel: channelCode,
    record: recordInput,
    /** Somebody who was erased is here and wants to come back. Said by staff; a key can't see who stands before it. */
    personPresent: z.boolean().optional(),
  }),
  output: z.object({
    recordId: z.uuid(),
    memberId: z.uuid(),
    outcome: z.enum(['created', 'updated', 'unchanged']),
    joined: z.boolean(),
    /** Fields that could not be read and were left out. */
    problems: z.array(z.object({ field: z.string(), code: z.string() })),
  }),
})

export const partRecord = route('POST /members/:memberId/partings', {
  summary: 'Take a record out of this member; orders and points that it brought go with it',
  input: z.object({
    memberId: z.uuid(),
    recordId: z.uuid(),
    /** Records that go with it and stay joined with it. */
    along: z.array(z.uuid()).max(100).default([]),
    reason: z.string().min(1).max(300),
  }),
  output: z.object({ memberId: z.uuid(), recordMemberId: z.uuid() }),
})

export const joinPreview = route('GET /members/:memberId/join-preview', {
  summary: 'What joining two members would make, or why it is refused',
  input: z.object({ memberId: z.uuid(), otherId: z.uuid() }),
  output: z.object({
    allowed: z.boolean(),
    refusals: z.array(z.object({ code: z.string(), params: z.record(z.string(), z.unknown()) })),
    /** Things worth a second look that don't forbid joining. */
    warnings: z.array(z.object({ code: z.string(), params: z.record(z.string(), z.unknown()) })),
    records: z.int(),
    name: z.string().nullable(),
  }),
})

export const joinMembers = route('POST /members/:memberId/joinings', {
  summary: 'Two members are one person',
  input: z.object({ memberId: z.uuid(), otherId: z.uuid(), reason: z.string().min(1).max(300) }),
  output: z.object({ memberId: z.uuid() }),
})

export const revealValue = route('POST /members/:memberId/reveals', {
  summary: 'Show a masked value in full; who looked, when and why is kept',
  input: z.object({
    memberId: z.uuid(),
    recordId: z.uuid(),
    field: z.string().max(80),
    reason: z.string().min(3).max(300),
  }),
  output: z.object({ value: z.string().nullable() }),
})

export const listRecords = route('GET /records', {
  summary: 'Source records with the present member of each, by page',
  input: z.object({ after: z.uuid().optional(), limit: z.coerce.number().int().min(1).max(5000).default(1000) }),
  output: z.object({
    records: z.array(z.object({ channel: z.string(), externalId: z.string().nullable(), memberId: z.uuid() })),
    next: z.uuid().nullable(),
  }),
})

/** What a field adds to the evidence that two records are one person's, in bits; below 0 it speaks against it. */
export const evidencePart = z.object({ field: z.string(), level: z.string(), bits: z.number() })

export const reviewView = z.object({
  /** The two records. */
  a: z.uuid(),
  b: z.uuid(),
  kind: z.string(),
  reason: z.string(),
  /** Evidence in bits; null where an identity raised the question. */
  score: z.number().nullable(),
  parts: z.array(evidencePart),
  foundAt: z.iso.datetime(),
  sides: z.array(
    z.object({
      recordId: z.uuid(),
      memberId: z.uuid(),
      channel: z.object({ code: z.string(), kind: z.string(), name: z.string() }),
      fields: z.array(z.object({ field: z.string(), value: z.string(), masked: z.boolean() })),
    }),
  ),
  /** Fields that both records have: the same in both, or not. */
  alike: z.array(z.string()),
  differing: z.array(z.string()),
})

export const listReviews = route('GET /reviews', {
  summary: 'Pairs of records that may be one person and wait for somebody to decide',
  input: z.object({
    /** phone, email, document, match …; all of them without it. */
    kind: z.string().max(40).optional(),
    /** names_contradict, limit, recycled, evidence; all of them without it. */
    reason: z.string().max(40).optional(),
    /** Only pairs of this member. */
    memberId: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    offset: z.coerce.number().int().min(0).max(10_000).default(0),
  }),
  output: z.object({
    reviews: z.array(reviewView),
    /** Questions that wait; two members are one question. `more`: so many and more. */
    count: z.int(),
    more: z.boolean(),
    reasons: z.array(z.object({ reason: z.string(), count: z.int() })),
  }),
})

export const decideReview = route('POST /reviews/:a/:b/decisions', {
  summary: 'Say what two records in the queue are: one person, two, or to be looked at later',
  input: z.object({
    a: z.uuid(),
    b: z.uuid(),
    decision: z.enum(['join', 'apart', 'later']),
    reason: z.string().min(1).max(300),
    /** Names the answer, so that it can be taken back. */
    id: z.uuid().optional(),
  }),
  output: z.object({ id: z.uuid(), memberId: z.uuid(), otherId: z.uuid() }),
})

export const undoReviewDecision = route('DELETE /reviews/:a/:b/decisions/:decisionId', {
  summary: 'Take an answer back: the two are asked about again',
  input: z.object({ a: z.uuid(), b: z.uuid(), decisionId: z.uuid() }),
  output: z.object({ memberId: z.uuid(), otherId: z.uuid() }),
})

export const valueWords = ['shared', 'personal'] as const

/** Names a value by its keyed hash, which is of no version of UUID. */
const valueId = z.guid()

export const sharedValue = z.object({
  id: valueId,
  kind: z.string(),
  /** Masked. */
  value: z.string().nullable(),
  /** Whether it joins records of one name now. */
  joins: z.boolean(),
  /** `names`: too many different names use it; `records`: too many records carry it; `word`: only by the group's word. */
  reason: z.enum(['names', 'records', 'word']),
  /** `household`: one or two family names; `booker`: somebody who books for others. */
  likely: z.enum(['household', 'booker', 'nobody']),
  /** Of those that whoever asks sees. */
  names: z.int(),
  records: z.int(),
  members: z.int(),
  /** Above this many only so many are looked at. */
  more: z.boolean(),
  examples: z.array(z.string()),
  channels: z.array(z.object({ code: z.string(), name: z.string(), records: z.int() })),
  since: z.iso.datetime(),
  word: z.object({ word: z.enum(valueWords), reason: z.string(), by: z.string(), at: z.iso.datetime() }).nullable(),
})

export const listSharedValues = route('GET /shared-identities', {
  summary:
    'Phones, addresses and numbers that too many people use to say who somebody is, and what the group says of them',
  input: z.object({
    kind: z.string().max(40).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(30),
    offset: z.coerce.number().int().min(0).max(10_000).default(0),
  }),
  output: z.object({ values: z.array(sharedValue), more: z.boolean() }),
})

export const sayOfValue = route('PUT /shared-identities/:valueId/word', {
  summary:
    'Say that a value joins nobody (shared), or joins records of one name in spite of how many use it (personal)',
  input: z.object({ valueId, word: z.enum(valueWords), reason: z.string().min(1).max(300) }),
  output: z.object({ records: z.int(), membersBefore: z.int(), membersAfter: z.int() }),
})

export const unsayOfValue = route('DELETE /shared-identities/:valueId/word', {
  summary: "Take the group's word about a value back: how many use it decides again",
  input: z.object({ valueId }),
  output: z.object({ records: z.int(), membersBefore: z.int(), membersAfter: z.int() }),
})

/** A record as the member page shows it. */
export const recordView = z.object({
  id: z.uuid(),
  channel: z.object({ code: z.string(), kind: z.string(), name: z.string() }),
  /** Masked; `reveal` shows them. */
  fields: z.array(z.object({ field: z.string(), value: z.string(), masked: z.boolean(), inForce: z.boolean() })),
  /** Evidence that joined it to the records before it; empty for the first. */
  joinedBy: z.array(
    z.object({
      kind: z.string(),
      value: z.string().nullable(),
      by: z.string().nullable(),
      reason: z.string().nullable(),
      /** Of a match by weighed evidence: how much, and what gave it. */
      score: z.number().nullable().optional(),
      parts: z.array(evidencePart).optional(),
    }),
  ),
  importId: z.uuid().nullable(),
  version: z.int(),
  seenAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
})

/** Who a person is, from all records, by the written rule of each field. */
export const personView = z.object({
  id: z.uuid(),
  name: z.string().nullable(),
  /** Records in other parts of the group, which whoever asks doesn't see. */
  elsewhere: z.int(),
  otherNames: z.array(z.string()),
  gender: z.string().nullable(),
  birthDate: z.iso.date().nullable(),
  city: z.string().nullable(),
  /** Masked. `recordId` says where `reveal` finds it; `joins`: it may join records. */
  contacts: z.array(
    z.object({
      kind: z.string(),
      field: z.string(),
      value: z.string(),
      recordId: z.uuid(),
      joins: z.boolean(),
      shared: z.boolean(),
    }),
  ),
  records: z.array(recordView),
  reviews: z.array(z.object({ memberId: z.uuid(), name: z.string().nullable(), kind: z.string(), reason: z.string() })),
  since: z.iso.datetime(),
})

export const relationKinds = ['home', 'served'] as const

export const relate = route('PUT /members/:memberId/stores/:store', {
  summary: 'Make a store the home store of a member, or put it or one of its staff in charge',
  input: z.object({
    memberId: z.uuid(),
    store: channelCode,
    kind: z.enum(relationKinds),
    /** Who is in charge; only with `served`. */
    staffId: z.uuid().nullable().default(null),
    /** Whoever served the member at this store until now no longer does. */
    instead: z.boolean().default(false),
    reason: z.string().min(1).max(300),
  }),
  output: z.object({}),
})

export const unrelate = route('DELETE /members/:memberId/stores/:store', {
  summary: 'End what a store has to do with a member',
  input: z.object({
    memberId: z.uuid(),
    store: channelCode,
    kind: z.enum(relationKinds),
    /** Only of this one of those who serve them there. */
    staffId: z.uuid().optional(),
  }),
  output: z.object({}),
})

export const departurePreview = route('GET /staff/:staffId/departure-preview', {
  summary: 'What ends when somebody leaves, and how many members are handed on, before it is done',
  input: z.object({ staffId: z.uuid() }),
  output: z.object({
    roles: z.int(),
    sessions: z.int(),
    members: z.int(),
    /** One who is served at two stores counts at each. */
    stores: z.array(z.object({ code: z.string(), name: z.string(), members: z.int() })),
  }),
})
