import { z } from 'zod'
import { heldRole, place } from '#modules/access/contract'
import { route } from '#platform/contract'

/** Of what an endpoint can be told. */
export const kinds = [
  'member.registered',
  'record.joined',
  'record.updated',
  'record.withdrawn',
  'record.taken_out',
  'members.joined',
  'members.parted',
  'member.related',
  'member.unrelated',
  'member.erased',
  'order.placed',
  'order.paid',
  'order.changed',
  'order.refunded',
  'order.cancelled',
  'order.withdrawn',
  'points.awarded',
  'points.activated',
  'points.adjusted',
  'points.spent',
  'points.expired',
  'points.taken_back',
  'points.deficit_paid',
  'points.tier_changed',
  'consent.given',
  'consent.withdrawn',
] as const

const fields = {
  name: z.string().trim().min(1, 'should have a name').max(80),
  url: z
    .string()
    .trim()
    .max(2000)
    .refine((text) => {
      const url = URL.canParse(text) ? new URL(text) : null
      return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    }, 'should be an address that begins with https://, without a name and password in it'),
  kinds: z.array(z.enum(kinds)).min(1, 'should name at least one kind of event').max(kinds.length),
  /** Which events it may be told, and of which part of the group. */
  role: z.string().max(40),
  place,
  /** To whom the data goes, on the register of recipients. */
  recipientId: z.uuid(),
}

export const states = ['active', 'failing', 'paused'] as const
export const pauseReasons = ['by_hand', 'failing', 'gone', 'recipient'] as const
export const deliveryStates = ['waiting', 'sent', 'refused', 'dropped'] as const

export const listWebhooks = route('GET /webhooks', {
  summary: 'Webhooks: who is told of which events, and how that goes',
  input: z.object({}),
  output: z.object({
    endpoints: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        url: z.string(),
        kinds: z.array(z.string()),
        /** None once it was taken away. */
        roles: z.array(heldRole),
        recipient: z.object({ id: z.uuid(), name: z.string() }),
        state: z.enum(states),
        pauseReason: z.enum(pauseReasons).nullable(),
        pausedAt: z.iso.datetime().nullable(),
        failingSince: z.iso.datetime().nullable(),
        nextTryAt: z.iso.datetime().nullable(),
        lastSentAt: z.iso.datetime().nullable(),
        waiting: z.int(),
        createdAt: z.iso.datetime(),
        /** Until then the former secret signs too. */
        formerUntil: z.iso.datetime().nullable(),
      }),
    ),
    /** Recipients on file to whom webhooks may tell. */
    recipients: z.array(z.object({ id: z.uuid(), name: z.string() })),
    /** Each kind, with the permission that its endpoint has to hold. */
    kinds: z.array(z.object({ kind: z.enum(kinds), permission: z.string() })),
  }),
})

export const addWebhook = route('POST /webhooks', {
  summary: 'Tell an address of events, signed; the secret is shown this once',
  input: z.object({ id: z.uuid(), ...fields }),
  output: z.object({ secret: z.string() }),
})

export const changeWebhook = route('PUT /webhooks/:endpointId', {
  summary: 'Change what an endpoint is told, and where',
  input: z.object({ endpointId: z.uuid(), ...fields }),
  output: z.object({}),
})

export const endWebhook = route('DELETE /webhooks/:endpointId', {
  summary: 'Tell an endpoint nothing more; what waits for it goes',
  input: z.object({ endpointId: z.uuid() }),
  output: z.object({}),
})

export const renewSecret = route('POST /webhooks/:endpointId/secrets', {
  summary: 'A new secret, shown this once; for so long the former one signs too',
  input: z.object({ endpointId: z.uuid(), overlapHours: z.int().min(0).max(168).default(24) }),
  output: z.object({ secret: z.string(), formerUntil: z.iso.datetime().nullable() }),
})

export const pauseWebhook = route('POST /webhooks/:endpointId/pauses', {
  summary: 'Tell an endpoint nothing for now; what happens meanwhile waits for it',
  input: z.object({ endpointId: z.uuid() }),
  output: z.object({}),
})

export const resumeWebhook = route('DELETE /webhooks/:endpointId/pauses', {
  summary: 'Go on telling an endpoint, with what waits for it, in its order',
  input: z.object({ endpointId: z.uuid() }),
  output: z.object({}),
})

export const testWebhook = route('POST /webhooks/:endpointId/tests', {
  summary: 'Send an endpoint a test, which is about nobody',
  input: z.object({ endpointId: z.uuid(), id: z.uuid() }),
  output: z.object({}),
})

const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

const delivery = z.object({
  eventId: z.uuid(),
  type: z.string(),
  state: z.enum(deliveryStates),
  attempts: z.int(),
  /** What was answered last, or why nothing was. */
  status: z.int().nullable(),
  problem: z.string().nullable(),
  eventAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  triedAt: z.iso.datetime().nullable(),
})

export const listDeliveries = route('GET /webhooks/:endpointId/deliveries', {
  summary: 'What an endpoint was told, newest first',
  input: z.object({
    endpointId: z.uuid(),
    state: z.enum(deliveryStates).optional(),
    before: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z_[0-9a-f-]{36}$/, 'should be the `next` of the page before')
      .optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({ deliveries: z.array(delivery), next: z.string().nullable() }),
})

export const readDelivery = route('GET /webhooks/:endpointId/deliveries/:eventId', {
  summary: 'What an endpoint was told of one event: ids, codes and amounts',
  input: z.object({ endpointId: z.uuid(), eventId: z.uuid() }),
  output: delivery.extend({ body: z.record(z.string(), z.unknown()) }),
})

export const resend = route('POST /webhooks/:endpointId/resendings', {
  summary: 'Send again: one event, or all that came in a time, in their order and by the same ids',
  input: z.object({
    endpointId: z.uuid(),
    eventId: z.uuid().optional(),
    /** A moment, or a whole day of the group. */
    from: moment.optional(),
    /** Not this moment itself; of a day, up to its end. */
    until: moment.optional(),
  }),
  output: z.object({ again: z.int() }),
})
