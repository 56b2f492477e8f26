import { z } from 'zod'
import { route } from '#platform/contract'

/** What an amount of points may be at most: a slip of the keyboard should not become a liability. */
const points = z.int().min(1).max(1_000_000_000)
const code = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'should be lower-case letters, digits, - or _, at most 40')

/**
 * How long points live, in days of the group's time zone: the last day counts whole. `after` counts from what earned
 * them; `endOf` carries the last day on to the end of its month, quarter, half year or year.
 */
export const expires = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('never') }),
  z.object({ mode: z.literal('on'), day: z.iso.date() }),
  z.object({
    mode: z.literal('after'),
    count: z.int().min(1).max(12_000),
    unit: z.enum(['day', 'month']),
    endOf: z.enum(['day', 'month', 'quarter', 'half_year', 'year']).default('day'),
  }),
])
export type Expires = z.infer<typeof expires>

const fact = z.union([
  z.object({
    fact: z.enum(['channel', 'channel_kind', 'payment_method']),
    in: z.array(z.string().min(1).max(64)).min(1).max(200),
  }),
  z.object({ fact: z.literal('amount'), atLeastMinor: z.int().min(0) }),
])
export type FactCondition = z.infer<typeof fact>

/** All of the list must hold; of an `any`, one. */
export const conditions = z.array(z.union([fact, z.object({ any: z.array(fact).min(1).max(20) })])).max(20)
export type Conditions = z.infer<typeof conditions>

export const earningEvents = ['order.paid', 'member.registered'] as const

export const ruleDefinition = z
  .object({
    name: z.string().min(1).max(80),
    group: code,
    event: z.enum(earningEvents),
    when: conditions.default([]),
    gives: z.discriminatedUnion('by', [
      z.object({ by: z.literal('event'), points }),
      /** So many points for each `perMinor` of the order's amount; parts of it count. */
      z.object({ by: z.literal('amount'), points, perMinor: z.int().min(1).max(1_000_000_000) }),
    ]),
    expires: expires.default({ mode: 'never' }),
    /** Days of the group's time zone until what was given can be spent. */
    availableAfterDays: z.int().min(0).max(3_650).default(0),
    /** What is drained first when points are spent: the smaller number. */
    priority: z.int().min(0).max(99).default(50),
    active: z.boolean().default(true),
  })
  .refine(({ event, gives }) => event === 'order.paid' || gives.by === 'event', {
    path: ['gives'],
    message: 'only an order has an amount to count by',
  })
export type RuleDefinition = z.infer<typeof ruleDefinition>

/**
 * How the rules of a group meet. `max`: the largest only; its window is the event, or the day in the group's time zone,
 * in which case a later, larger event of the day brings the difference.
 */
export const groupDefinition = z
  .object({
    name: z.string().min(1).max(80),
    way: z.enum(['max', 'sum']),
    window: z.enum(['event', 'day']).default('event'),
  })
  .refine(({ way, window }) => way === 'max' || window === 'event', {
    path: ['window'],
    message: 'only a largest-only group has a window of a day',
  })
export type GroupDefinition = z.infer<typeof groupDefinition>

const versionOf = <D extends z.ZodType>(definition: D) =>
  z.object({
    code,
    version: z.int(),
    effectiveAt: z.iso.datetime(),
    definition,
    savedAt: z.iso.datetime(),
    actor: z.string(),
  })
export const ruleVersion = versionOf(ruleDefinition)
export const groupVersion = versionOf(groupDefinition)

/** When it takes effect; left out: now. Only a first version may take effect in the past. */
const effectiveAt = z.iso.datetime({ offset: true }).optional()

export const listRules = route('GET /points-rules', {
  summary: 'Rules and their groups, every version, newest first',
  input: z.object({}),
  output: z.object({ groups: z.array(groupVersion), rules: z.array(ruleVersion) }),
})
export const addRule = route('POST /points-rules', {
  summary: 'A new rule',
  input: z.object({ code, effectiveAt, definition: ruleDefinition }),
  output: ruleVersion,
})
export const changeRule = route('PUT /points-rules/:code', {
  summary: 'A new version of a rule; the former stays in force until this one takes effect',
  input: z.object({ code, effectiveAt, definition: ruleDefinition }),
  output: ruleVersion,
})
export const addGroup = route('POST /points-rule-groups', {
  summary: 'A new group of rules',
  input: z.object({ code, effectiveAt, definition: groupDefinition }),
  output: groupVersion,
})
export const changeGroup = route('PUT /points-rule-groups/:code', {
  summary: 'A new version of a group: how its rules meet',
  input: z.object({ code, effectiveAt, definition: groupDefinition }),
  output: groupVersion,
})

export const lotView = z.object({
  id: z.string(),
  source: z.string(),
  amount: z.int(),
  remaining: z.int(),
  pending: z.boolean(),
  availableAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  earnedAt: z.iso.datetime(),
})

export const memberPoints = route('GET /members/:memberId/points', {
  summary: 'Balance of one member, with the lots that are left and their expiry',
  input: z.object({ memberId: z.uuid() }),
  output: z.object({
    /** What can be spent now. */
    available: z.int(),
    /** What that is worth in money, where the group has said. */
    worthMinor: z.int().nullable(),
    pending: z.int(),
    /** What the member owes: taken back after it was spent. */
    deficit: z.int(),
    earned: z.int(),
    spent: z.int(),
    nextExpiry: z.object({ at: z.iso.datetime(), amount: z.int() }).nullable(),
    lots: z.array(lotView),
  }),
})

/** One reason in an explanation, as a code that the web apps translate, with what fills it in. */
export const explanationLine = z.object({ code: z.string(), params: z.record(z.string(), z.unknown()) })

export const entryView = z.object({
  id: z.string(),
  kind: z.enum(['award', 'opening', 'adjustment', 'activation', 'expiry', 'spend', 'take_back', 'deficit_payment']),
  /** What it did to the balance that can be spent. */
  points: z.int(),
  /** What it did to the points that wait. */
  pending: z.int(),
  /** What it did to the debt: less is negative. */
  deficit: z.int(),
  leaves: z.string(),
  enters: z.string(),
  source: z.string(),
  reason: z.string().nullable(),
  actor: z.string(),
  eventAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  lines: z.array(explanationLine),
})

export const memberEntries = route('GET /members/:memberId/points-entries', {
  summary: 'Entries of one member, newest first, each with its explanation',
  input: z.object({
    memberId: z.uuid(),
    /** `next` of the page before. */
    before: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({ entries: z.array(entryView), next: z.string().nullable() }),
})

export const adjustPoints = route('POST /members/:memberId/points-adjustments', {
  summary: 'Give or take points by hand, with a reason',
  input: z.object({
    memberId: z.uuid(),
    /** The client names the adjustment, so that a repeated request acts once. */
    id: z.uuid(),
    points: z
      .int()
      .min(-1_000_000_000)
      .max(1_000_000_000)
      .refine((value) => value !== 0, 'should not be 0'),
    reason: z.string().trim().min(1).max(300),
    /** For what is given. */
    expires: expires.optional(),
  }),
  output: z.object({ available: z.int(), pending: z.int(), deficit: z.int() }),
})

export const landscapes = ['bluestone', 'lakeside', 'ginkgo', 'danxia', 'starsea'] as const
export type Landscape = (typeof landscapes)[number]

const tierName = z.string().trim().min(1).max(40).nullable()
/** The language that the group speaks first needs one; another without is told in that. */
export const tierNames = z.object({ 'zh-CN': tierName, en: tierName, ru: tierName })
export type TierNames = z.infer<typeof tierNames>

/** What a tier is called and how it looks. */
export const tierLook = z.object({ code: z.string(), names: tierNames, landscape: z.enum(landscapes) })

export const listTiers = route('GET /tiers', {
  summary: 'Tiers in their order; everybody who is not invited to another is in the first',
  input: z.object({}),
  output: z.object({
    tiers: z.array(
      tierLook.extend({
        /** Members who were invited to it and are in it now. */
        invited: z.int(),
      }),
    ),
  }),
})
export const addTier = route('POST /tiers', {
  summary: 'A new tier, above all others',
  input: z.object({ code, names: tierNames, landscape: z.enum(landscapes) }),
  output: tierLook,
})
export const changeTier = route('PUT /tiers/:code', {
  summary: 'What a tier is called and how it looks',
  input: z.object({ code, names: tierNames, landscape: z.enum(landscapes) }),
  output: tierLook,
})
export const orderTiers = route('PUT /tier-order', {
  summary: 'The order of tiers, the lowest first: every one of them once',
  input: z.object({ codes: z.array(code).min(1).max(20) }),
  output: z.object({}),
})
export const removeTier = route('DELETE /tiers/:code', {
  summary: 'Take a tier out of the list, when nobody is in it',
  input: z.object({ code }),
  output: z.object({}),
})

const tierGrant = z.object({
  id: z.uuid(),
  tier: tierLook,
  reason: z.string(),
  givenBy: z.string(),
  givenAt: z.iso.datetime(),
  /** The moment from which it no longer holds. */
  until: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  endedAs: z.enum(['taken', 'replaced', 'lapsed']).nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
})
const tierNow = z.object({
  tier: tierLook,
  /** The invitation by which the member is in it; null: it is the first. */
  by: tierGrant.nullable(),
})

export const memberTier = route('GET /members/:memberId/tier', {
  summary: 'The tier of one member, and every invitation, newest first',
  input: z.object({ memberId: z.uuid() }),
  output: tierNow.extend({ invitations: z.array(tierGrant) }),
})
const why = z.string().trim().min(1).max(300)
export const inviteToTier = route('POST /members/:memberId/tier-invitations', {
  summary: 'Give a member a tier by invitation; it takes the place of one given before',
  input: z.object({
    memberId: z.uuid(),
    /** The client names it, so that a repeated request acts once. */
    id: z.uuid(),
    tier: code,
    reason: why,
    /** The last day, which counts whole; left out: until it is ended. */
    until: z.iso.date().optional(),
  }),
  output: tierNow,
})
export const endTierInvitation = route('POST /members/:memberId/tier-invitations/:id/ends', {
  summary: 'End an invitation: the member falls back to the first tier',
  input: z.object({ memberId: z.uuid(), id: z.uuid(), reason: why }),
  output: tierNow,
})

export const readLiability = route('GET /points-liability', {
  summary: 'All points that the group owes, and what they are worth where the group has said',
  input: z.object({}),
  output: z.object({
    available: z.int(),
    pending: z.int(),
    /** What members owe. */
    deficit: z.int(),
    /** Of what is available and pending; null: nobody has said what a point is worth. */
    worthMinor: z.int().nullable(),
    currency: z.string(),
  }),
})

export const verifyPoints = route('POST /points-verifications', {
  summary: 'Check the books: what is broken, with ids',
  input: z.object({}),
  output: z.object({
    ok: z.boolean(),
    broken: z.array(z.object({ invariant: z.string(), ids: z.array(z.string()), detail: z.string() })),
  }),
})
