import { z } from 'zod'
import { tieView } from '#modules/families/contract'
import { personView, relationKinds } from '#modules/members/contract'
import { orderView } from '#modules/orders/contract'
import { tierLook } from '#modules/points/contract'
import { route } from '#platform/contract'

export const memberRow = z.object({
  id: z.uuid(),
  name: z.string().nullable(),
  gender: z.string().nullable(),
  birthDate: z.iso.date().nullable(),
  city: z.string().nullable(),
  /** Masked. */
  phone: z.string().nullable(),
  channels: z.array(z.string()),
  records: z.int(),
  /** Null for whoever may not read orders, and points for whoever may not read points. */
  orders: z.int().nullable(),
  spentMinor: z.int().nullable(),
  lastOrderAt: z.iso.datetime().nullable(),
  points: z.int().nullable(),
  since: z.iso.datetime(),
})

export const memberFilters = ['new', 'paid', 'lapsing'] as const
const memberFilter = z.enum(memberFilters)

export const listMembers = route('GET /members', {
  summary:
    'Members, newest first, of a channel as it came to know them; found by name, pinyin, phone, document or the last four of either',
  input: z.object({
    search: z.string().max(100).optional(),
    channel: z.string().max(64).optional(),
    /** `new`, `paid`: since Monday. `lapsing`: points that lapse within 30 days. As the warehouse heard of last. */
    show: memberFilter.optional(),
    /** The `next` of the page before. */
    after: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    members: z.array(memberRow),
    next: z.string().nullable(),
    /** How many there are in all, counted or, where that would take long, estimated; null with a filter. */
    total: z.object({ persons: z.int(), counted: z.boolean() }).nullable(),
  }),
})

/** What a row may show beside the name, in the order in which they are offered. */
export const memberColumns = [
  'phone',
  'city',
  'gender',
  'birthDate',
  'records',
  'orders',
  'spent',
  'points',
  'lastOrder',
  'since',
] as const
export type MemberColumn = (typeof memberColumns)[number]

/** The filters and columns of the member list, each only where it was chosen. */
const memberListView = z.strictObject({
  search: z.string().min(1).max(100).optional(),
  channel: z.string().min(1).max(64).optional(),
  show: memberFilter.optional(),
  columns: z
    .array(z.enum(memberColumns))
    .refine((columns) => new Set(columns).size === columns.length, 'names a column twice')
    .optional(),
})

/** A page as somebody likes to see it, under a name of their own. */
const view = z.object({
  id: z.uuid(),
  name: z.string(),
  page: z.literal('members'),
  definition: memberListView,
})

export const listViews = route('GET /views', {
  summary: 'The own views of whoever asks, in the order in which they were made',
  input: z.object({}),
  output: z.object({ views: z.array(view) }),
})

export const putView = route('PUT /views/:viewId', {
  summary: 'Keep filters and columns of a page under a name of its own; told again, the view is renamed and changed',
  input: z.object({
    viewId: z.uuid(),
    name: z.string().trim().min(1, 'should say something').max(40),
    page: z.literal('members'),
    definition: memberListView,
  }),
  output: z.object({ outcome: z.enum(['created', 'updated', 'unchanged']) }),
})

export const deleteView = route('DELETE /views/:viewId', {
  summary: 'Forget an own view',
  input: z.object({ viewId: z.uuid() }),
  output: z.object({}),
})

export const timelineEntry = z.object({
  id: z.uuid(),
  type: z.string(),
  at: z.iso.datetime(),
  recordId: z.uuid().nullable(),
  channel: z.string().nullable(),
  actor: z.string(),
  payload: z.record(z.string(), z.unknown()),
})

export const pointsSummary = z.object({
  available: z.int(),
  /** What that is worth in money, where the group has said. */
  worthMinor: z.int().nullable(),
  pending: z.int(),
  deficit: z.int(),
  nextExpiry: z.object({ at: z.iso.datetime(), amount: z.int() }).nullable(),
})

export const memberPage = route('GET /members/:memberId', {
  summary:
    'All about one member: who, records and why joined, orders, points, timeline; each as far as one may read it',
  input: z.object({ memberId: z.uuid() }),
  output: z.object({
    person: personView,
    /** Null for whoever may not read orders. */
    orders: z
      .object({ count: z.int(), spentMinor: z.int(), currency: z.string(), newest: z.array(orderView) })
      .nullable(),
    /** Null for whoever may not read points, as the tier is. */
    points: pointsSummary.nullable(),
    /** The home store, and who serves them. */
    relations: z.array(
      z.object({
        kind: z.enum(relationKinds),
        store: z.object({ code: z.string(), name: z.string() }),
        staff: z.object({ id: z.uuid(), name: z.string() }).nullable(),
        since: z.iso.datetime(),
      }),
    ),
    /** Household and companions whom whoever asks sees; `elsewhere`: how many only other parts of the group know. */
    family: z.object({ ties: z.array(tieView), elsewhere: z.int() }),
    /** `until`: the moment from which an invitation no longer holds; `invited`: by one. */
    tier: tierLook.extend({ invited: z.boolean(), until: z.iso.datetime().nullable() }).nullable(),
    timeline: z.array(timelineEntry),
  }),
})

export const memberTimeline = route('GET /members/:memberId/timeline', {
  summary: 'What happened before a moment, newest first',
  input: z.object({
    memberId: z.uuid(),
    before: z.iso.datetime(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({ entries: z.array(timelineEntry) }),
})

/** This week up to now, the same days of the week before, and the days that the line is drawn of, oldest first. */
const weekNumber = z.object({ now: z.number(), before: z.number(), days: z.array(z.number()) })

export const readToday = route('GET /today', {
  summary: 'What there is to do now, and the numbers of the week',
  input: z.object({}),
  output: z.object({
    now: z.iso.datetime(),
    reviews: z.object({
      count: z.int(),
      /** There are more than were counted. */
      more: z.boolean(),
      newest: z.array(
        z.object({
          members: z.array(z.object({ id: z.uuid(), name: z.string().nullable() })).length(2),
          kind: z.string(),
          reason: z.string(),
          foundAt: z.iso.datetime(),
        }),
      ),
    }),
    /** Households and companions that were found and wait for somebody to decide. */
    families: z.object({ count: z.int(), more: z.boolean() }),
    /** The rest comes from the warehouse: null while that is away. */
    counted: z
      .object({
        /** When; numbers of all members are kept for some seconds. */
        at: z.iso.datetime(),
        /** Null for whoever may not read orders, as the other numbers of orders are; those of points, points. */
        refunds: z
          .object({
            count: z.int(),
            newest: z.array(
              z.object({
                memberId: z.uuid(),
                name: z.string().nullable(),
                channel: z.string(),
                amountMinor: z.int(),
                currency: z.string(),
                at: z.iso.datetime(),
              }),
            ),
          })
          .nullable(),
        expiring: z
          .object({ members: z.int(), points: z.int(), firstAt: z.iso.datetime().nullable(), days: z.int() })
          .nullable(),
        week: z.object({
          /** The Monday on which it began, in the group's time zone. */
          from: z.iso.date(),
          newMembers: weekNumber,
          orders: weekNumber.nullable(),
          revenueMinor: weekNumber.nullable(),
          pointsGiven: weekNumber.nullable(),
          /** Of the members who paid, how many had paid before the week: a share from 0 to 1; null if nobody paid. */
          returning: z.object({ now: z.number().nullable(), before: z.number().nullable() }).nullable(),
        }),
      })
      .nullable(),
    members: z.object({ persons: z.int(), counted: z.boolean() }),
    /** What the machine runs out of: codes that the page translates. */
    warnings: z.array(z.object({ code: z.string() })),
  }),
})

const comparedTotal = z.object({
  own: z.int(),
  /** In steps; under five persons are told as that. */
  group: z.union([z.int(), z.literal('<5')]),
})

export const readGroupTotals = route('GET /group-totals', {
  summary: 'The own part of the group beside the whole: members, and the last full week. Nobody is singled out by it',
  input: z.object({
    /** Only members of a city; refused where that would tell of under five, or of all but under five. */
    city: z.string().trim().min(1).max(60).optional(),
  }),
  output: z.object({
    /** The week, from its first moment to that after its last. */
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    currency: z.string(),
    members: comparedTotal,
    newMembers: comparedTotal,
    buyers: comparedTotal,
    orders: comparedTotal,
    revenueMinor: comparedTotal,
  }),
})

/** From an empty program to the first member who signs in, in the order of the work. */
export const steps = ['group', 'tree', 'members', 'rule', 'member'] as const

export const readFirstSteps = route('GET /first-steps', {
  summary: 'How far a new group has come: each step is done when the program says so',
  input: z.object({}),
  output: z.object({
    steps: z.array(z.object({ step: z.enum(steps), done: z.boolean() })),
    done: z.boolean(),
    /** Staff have put the guide away; it is not shown unasked. */
    dismissed: z.boolean(),
    facts: z.object({
      group: z.string(),
      companies: z.int(),
      stores: z.int(),
      members: z.int(),
      /** Members who have come into the member centre. */
      signedIn: z.int(),
    }),
    memberCentre: z.object({
      url: z.string(),
      /** Codes go to the sandbox's outbox, and to no phone. */
      sandbox: z.boolean(),
      canSend: z.boolean(),
    }),
  }),
})

export const dismissFirstSteps = route('PUT /first-steps/dismissed', {
  summary: 'Put the guide of the first steps away, or take it up again',
  input: z.object({ dismissed: z.boolean() }),
  output: z.object({ dismissed: z.boolean() }),
})

export const channelActivity = route('GET /channel-activity', {
  summary: 'What came by each channel, as the warehouse heard of last',
  input: z.object({}),
  output: z.object({
    now: z.iso.datetime(),
    channels: z.array(
      z.object({
        code: z.string(),
        /** Null while the warehouse is away. */
        came: z
          .object({
            records: z.int(),
            members: z.int(),
            orders: z.int(),
            /** When a record or an order came last; null: nothing has come. */
            lastAt: z.iso.datetime().nullable(),
          })
          .nullable(),
      }),
    ),
  }),
})
