import { z } from 'zod'
import { personView } from '#modules/members/contract'
import { orderView } from '#modules/orders/contract'
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
  orders: z.int(),
  spentMinor: z.int(),
  lastOrderAt: z.iso.datetime().nullable(),
  points: z.int(),
  since: z.iso.datetime(),
})

export const listMembers = route('GET /members', {
  summary: 'Members, newest first; found by name, pinyin, phone, document or the last four of either',
  input: z.object({
    search: z.string().max(100).optional(),
    channel: z.string().max(64).optional(),
    after: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    members: z.array(memberRow),
    next: z.string().nullable(),
    /** How many there are in all, counted or, where that would take long, estimated; null with a filter. */
    total: z.object({ persons: z.int(), counted: z.boolean() }).nullable(),
  }),
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
  pending: z.int(),
  deficit: z.int(),
  nextExpiry: z.object({ at: z.iso.datetime(), amount: z.int() }).nullable(),
})

export const memberPage = route('GET /members/:memberId', {
  summary: 'All about one member: who, records and why joined, orders, points, timeline',
  input: z.object({ memberId: z.uuid() }),
  output: z.object({
    person: personView,
    orders: z.object({ count: z.int(), spentMinor: z.int(), currency: z.string(), newest: z.array(orderView) }),
    points: pointsSummary,
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
