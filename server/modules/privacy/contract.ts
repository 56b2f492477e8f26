import { z } from 'zod'
import { orderStatus } from '#modules/orders/contract'
import { route } from '#platform/contract'

export const languages = ['zh-CN', 'en', 'ru'] as const
export const language = z.enum(languages)
export type Language = z.output<typeof language>

export const topic = z.string().regex(/^[a-z]+\.[a-z]+$/)
export const evidence = z.enum(['joining', 'centre', 'staff', 'key', 'import'])

/** What a recipient needs the data for, on which basis, by which connector, and on what a transfer abroad stands. */
export const purposes = ['messages', 'booking', 'marketing', 'analysis', 'accounting', 'partner'] as const
export const bases = ['contract', 'consent', 'legal_duty', 'interest'] as const
export const uses = ['webhooks', 'sms', 'exports'] as const
export const transfers = ['standard_contract', 'assessment', 'certification', 'adequacy'] as const
/** Kinds of data that a recipient was told. */
export const given = ['contact', 'member', 'orders', 'points', 'consents'] as const

export const received = z.object({
  recipientId: z.uuid(),
  name: z.string(),
  country: z.string(),
  purpose: z.enum(purposes),
  details: z.string(),
  basis: z.enum(bases),
  what: z.array(z.enum(given)),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
})

/** Who looked at a masked value: when, at what kind, in which capacity; never which colleague. */
export const look = z.object({
  at: z.iso.datetime(),
  field: z.string(),
  by: z.string(),
  /** The role of a colleague then, and of a role of the group's own its name; null where they held none. */
  role: z.string().nullable(),
  roleName: z.string().nullable(),
  /** The company or store where it held; null: the whole group. */
  place: z.string().nullable(),
})

/** What is in force of one topic, with the words that were shown. */
export const consentView = z.object({
  topic,
  channel: z.string(),
  purpose: z.string(),
  state: z.enum(['given', 'withdrawn', 'unsaid']),
  /** When that was said, by which version of the text and by which way; null where nothing was said. */
  said: z
    .object({
      at: z.iso.datetime(),
      textVersion: z.int().nullable(),
      language: language.nullable(),
      evidence,
      /** Of what a file told: which import, and its row. */
      importId: z.uuid().nullable(),
      importRow: z.int().nullable(),
    })
    .nullable(),
})

export const textView = z.object({ topic, version: z.int(), title: z.string(), body: z.string() })

export const requestView = z.object({
  id: z.uuid(),
  memberId: z.uuid(),
  kind: z.enum(['export', 'erasure']),
  state: z.enum(['waiting', 'working', 'done', 'cancelled']),
  askedBy: z.enum(['member', 'staff']),
  reason: z.string().nullable(),
  askedAt: z.iso.datetime(),
  beginsAt: z.iso.datetime(),
  deadlineAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  outcome: z.record(z.string(), z.int()).nullable(),
})

/** What goes and what stays when somebody is erased. */
export const erasurePreview = z.object({
  goes: z.object({ records: z.int(), versions: z.int(), points: z.int(), pending: z.int(), owed: z.int() }),
  stays: z.object({
    orders: z.int(),
    amounts: z.array(z.object({ currency: z.string(), amountMinor: z.int() })),
    entries: z.int(),
    consents: z.int(),
  }),
  waitingDays: z.int(),
  /** Asked for already and not done yet. */
  open: requestView.nullable(),
})

const value = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Everything that is held of one person, on all homes; nothing masked: it is their own. */
export const holdings = z.object({
  madeAt: z.iso.datetime(),
  group: z.string(),
  memberId: z.uuid(),
  records: z.array(
    z.object({
      home: z.uuid(),
      channel: z.object({ code: z.string(), kind: z.string(), name: z.string() }),
      version: z.int(),
      isPast: z.boolean(),
      isWithdrawn: z.boolean(),
      seenAt: z.iso.datetime(),
      createdAt: z.iso.datetime(),
      fields: z.array(z.object({ field: z.string(), value: z.string() })),
    }),
  ),
  orders: z.array(
    z.object({
      number: z.string().nullable(),
      channel: z.string(),
      orderedAt: z.iso.datetime(),
      amountMinor: z.int(),
      refundedMinor: z.int(),
      currency: z.string(),
      status: orderStatus,
      paymentMethod: z.string().nullable(),
      products: z.array(z.string()),
    }),
  ),
  points: z.object({
    available: z.int(),
    pending: z.int(),
    deficit: z.int(),
    entries: z.array(
      z.object({
        kind: z.string(),
        points: z.int(),
        pending: z.int(),
        reason: z.string().nullable(),
        eventAt: z.iso.datetime(),
      }),
    ),
  }),
  consents: z.array(
    z.object({
      channel: z.string(),
      purpose: z.string(),
      given: z.boolean(),
      at: z.iso.datetime(),
      textVersion: z.int().nullable(),
      evidence,
    }),
  ),
  looks: z.array(look),
  /** Outside of the group. */
  received: z.array(received),
  requests: z.array(z.object({ kind: z.enum(['export', 'erasure']), state: z.string(), askedAt: z.iso.datetime() })),
  /** What happened, newest first. */
  events: z.array(z.object({ type: z.string(), at: z.iso.datetime() })),
  /** Of other parts of the program, by name. */
  others: z.record(z.string(), z.array(z.record(z.string(), value))),
})
export type Holdings = z.input<typeof holdings>

export const memberPrivacy = route('GET /members/:memberId/privacy', {
  summary: 'Consents of a member, whether they were erased, and what they asked for',
  input: z.object({ memberId: z.uuid() }),
  output: z.object({
    erasedAt: z.iso.datetime().nullable(),
    consents: z.array(consentView),
    requests: z.array(requestView),
    looks: z.int(),
    received: z.array(received),
  }),
})

export const sayConsent = route('POST /members/:memberId/consents', {
  summary: 'What a member said about a consent at a counter or by letter, with the evidence; withdrawing is immediate',
  input: z.object({
    memberId: z.uuid(),
    topic,
    given: z.boolean(),
    /** The version that was read out or signed; withdrawing needs none. */
    textVersion: z.int().optional(),
    language: language.optional(),
    /** Where it stands: the form, the letter, the call. */
    note: z.string().trim().min(3).max(300),
  }),
  output: z.object({ consents: z.array(consentView) }),
})

export const exportMember = route('GET /members/:memberId/holdings', {
  summary: 'Everything that is held of a member, unmasked, to be handed to them; kept as an event',
  input: z.object({ memberId: z.uuid() }),
  output: holdings,
})

export const previewErasure = route('GET /members/:memberId/erasure-preview', {
  summary: 'What erasing a member would take out, and what stays',
  input: z.object({ memberId: z.uuid() }),
  output: erasurePreview,
})

export const eraseMember = route('POST /members/:memberId/erasures', {
  summary: 'Erase a member for a reason; it begins when the waiting time is over',
  input: z.object({ memberId: z.uuid(), id: z.uuid(), reason: z.string().trim().min(3).max(300) }),
  output: requestView,
})

export const cancelRequest = route('POST /privacy/requests/:requestId/cancellations', {
  summary: 'Take back an erasure that has not begun',
  input: z.object({ requestId: z.uuid() }),
  output: requestView,
})

export const listRequests = route('GET /privacy/requests', {
  summary: 'What members asked for by right, open ones first, with the day by which the law wants it done',
  input: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.object({
    requests: z.array(requestView.extend({ isLate: z.boolean() })),
    open: z.int(),
    /** Hashes on the list of who may not be made again. */
    refused: z.int(),
  }),
})

export const rights = z.object({ waitingDays: z.int().min(0).max(30), law: z.enum(['pipl', 'gdpr', 'both']) })

export const readRights = route('GET /privacy/rights', {
  summary: 'The waiting time of an erasure, and whose deadlines hold',
  input: z.object({}),
  output: rights,
})

export const chooseRights = route('PUT /privacy/rights', {
  summary: 'Choose the waiting time of an erasure, and whose deadlines hold',
  input: rights.partial(),
  output: rights,
})

const wording = z.object({ title: z.string().trim().min(2).max(80), body: z.string().trim().min(2).max(4000) })
const wordings = z.object({ 'zh-CN': wording, en: wording, ru: wording })

export const listTexts = route('GET /privacy/texts', {
  summary: 'What members are asked, in the version in force and three languages',
  input: z.object({}),
  output: z.object({
    texts: z.array(z.object({ topic, version: z.int(), savedAt: z.iso.datetime(), wordings })),
  }),
})

export const readVersions = route('GET /privacy/texts/:topic/versions', {
  summary: 'Every wording that a topic has had, newest first',
  input: z.object({ topic }),
  output: z.object({
    versions: z.array(z.object({ version: z.int(), savedAt: z.iso.datetime(), wordings })),
  }),
})

export const writeText = route('POST /privacy/texts/:topic/versions', {
  summary: 'Write a new version; what was consented to before stays with the version that was shown',
  input: z.object({ topic, wordings }),
  output: z.object({ version: z.int() }),
})

export const retentionRule = z.object({
  kind: z.string(),
  days: z.int(),
  /** What ships. */
  usualDays: z.int(),
  /** The last run: when, and how many rows or files went. */
  last: z.object({ at: z.iso.datetime(), removed: z.int() }).nullable(),
})

export const listRetention = route('GET /privacy/retention', {
  summary: 'How long each kind of data is kept, and what the rules removed last',
  input: z.object({}),
  output: z.object({ rules: z.array(retentionRule) }),
})

export const setRetention = route('PUT /privacy/retention/:kind', {
  summary: 'Keep a kind of data for so many days',
  input: z.object({ kind: z.string().max(40), days: z.int().min(1).max(36_500) }),
  output: retentionRule,
})

export const listInactive = route('GET /privacy/inactive-members', {
  summary: 'Members of whom nothing has been heard for as long as the rule says: proposed, never erased silently',
  input: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.object({
    days: z.int(),
    /** Null while the warehouse is away. */
    members: z
      .array(z.object({ memberId: z.uuid(), name: z.string().nullable(), lastAt: z.iso.datetime() }))
      .nullable(),
  }),
})

const notes = z.object({
  controller: z.string().max(2000),
  contact: z.string().max(2000),
  recipients: z.string().max(4000),
  transfers: z.string().max(4000),
  measures: z.string().max(4000),
})

export const readProcessing = route('GET /privacy/processing', {
  summary: 'The record of processing: what the program holds, why, on which basis and how long, with the group’s notes',
  input: z.object({}),
  output: z.object({
    group: z.string(),
    law: z.enum(['pipl', 'gdpr', 'both']),
    activities: z.array(
      z.object({
        code: z.string(),
        /** Kinds of data, and of persons; codes that the page translates. */
        holds: z.array(z.string()),
        basis: z.enum(bases),
        /** How many there are now; null where that isn't counted. */
        count: z.int().nullable(),
        /** Days; null: as long as the membership. */
        days: z.int().nullable(),
        protection: z.enum(['sealed', 'clear', 'ids']),
      }),
    ),
    channels: z.array(z.object({ code: z.string(), name: z.string(), kind: z.string() })),
    notes,
  }),
})

export const writeNotes = route('PUT /privacy/processing/notes', {
  summary: 'What the record of processing says besides what the program knows',
  input: notes.partial(),
  output: notes,
})

const recipientFields = {
  name: z.string().trim().min(2).max(120),
  country: z.string().regex(/^[A-Z]{2}$/, 'should be the two letters of a country'),
  purpose: z.enum(purposes),
  /** In the group's own words, as members read it. */
  details: z.string().trim().max(300),
  basis: z.enum(bases),
  uses: z.array(z.enum(uses)).min(1, 'should name a connector'),
  /** Where the agreement lies: its number, its file. */
  agreement: z.string().trim().min(3, 'should say where the agreement lies').max(200),
  /** Its last day; null: until it is ended. */
  agreementUntil: z.iso.date().nullable(),
  /** Needed where the country is another than the group's. */
  transfer: z.enum(transfers).nullable(),
}

export const listRecipients = route('GET /privacy/recipients', {
  summary: 'To whom data is given, on which agreement, and which connectors miss theirs',
  input: z.object({}),
  output: z.object({
    recipients: z.array(
      z.object({
        id: z.uuid(),
        ...recipientFields,
        state: z.enum(['holds', 'soon', 'over', 'ended']),
        endedAt: z.iso.datetime().nullable(),
      }),
    ),
    /** Connectors that are set up and refuse, because nobody is on file for them. */
    missing: z.array(z.enum(uses)),
  }),
})

export const putRecipient = route('PUT /privacy/recipients/:recipientId', {
  summary: 'Put a recipient of data on file, or what has changed about it',
  input: z.object({ recipientId: z.uuid(), ...recipientFields }),
  output: z.object({}),
})

export const endRecipient = route('DELETE /privacy/recipients/:recipientId', {
  summary: 'Give nothing to a recipient any more; of whom it was told stays on file',
  input: z.object({ recipientId: z.uuid() }),
  output: z.object({}),
})
