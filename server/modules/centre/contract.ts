import { z } from 'zod'
import { orderStatus } from '#modules/orders/contract'
import { entryView, tierLook } from '#modules/points/contract'
import { consentView, erasurePreview, holdings, look, received, requestView, textView } from '#modules/privacy/contract'
import { route } from '#platform/contract'

export const memberLanguage = z.enum(['zh-CN', 'en', 'ru'])
export const secondFactKind = z.enum(['birthDate', 'document', 'familyName'])
const phone = z.string().min(3).max(60)

export const readStart = route('GET /centre/start', {
  summary: 'What the sign-in page has to know',
  input: z.object({}),
  output: z.object({
    group: z.string(),
    country: z.string(),
    /** Those that the group offers; the first is for whoever asks for none of them. */
    languages: z.array(memberLanguage),
    canSend: z.boolean(),
    sandbox: z.boolean(),
  }),
})

export const askCode = route('POST /centre/codes', {
  summary: 'Send a sign-in code to a phone; the answer is the same whether or not anybody knows the phone',
  /** A language that the group does not offer becomes its first. */
  input: z.object({ phone, language: memberLanguage.optional() }),
  output: z.object({ validSeconds: z.int(), againSeconds: z.int() }),
})

export const signIn = route('POST /centre/sessions', {
  summary: 'Sign in or join by the code; a number that may have changed hands is asked a second fact',
  input: z.object({
    phone,
    code: z.string().regex(/^\s*\d{6}\s*$/, 'should be the six digits of the message'),
    /** The answer, where one was asked for. */
    fact: z.string().trim().min(1).max(60).optional(),
    /** None of the members that this number stands with is me. */
    startNew: z.boolean().default(false),
    language: memberLanguage.optional(),
    /** What a newcomer agreed to, by the versions that were shown. Without it a newcomer is asked. */
    agreed: z
      .object({
        version: z.int(),
        language: memberLanguage,
        choices: z.array(z.object({ topic: z.string().max(60), version: z.int() })).max(20),
      })
      .optional(),
  }),
  output: z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('signed_in'), isNew: z.boolean() }),
    z.object({ outcome: z.literal('second_fact'), asks: secondFactKind, wrong: z.boolean() }),
    /** Whoever joins is shown these first: the notice, and what may be chosen besides. */
    z.object({ outcome: z.literal('agreement'), notice: textView, choices: z.array(textView) }),
  ]),
})

export const signOut = route('DELETE /centre/session', {
  summary: 'End this session',
  input: z.object({}),
  output: z.object({}),
})

const order = z.object({
  id: z.uuid(),
  number: z.string().nullable(),
  orderedAt: z.iso.datetime(),
  amountMinor: z.int(),
  refundedMinor: z.int(),
  currency: z.string(),
  status: orderStatus,
  products: z.array(z.string()),
})

const points = z.object({
  available: z.int(),
  /** What that is worth in money, where the group has said. */
  worthMinor: z.int().nullable(),
  pending: z.int(),
  deficit: z.int(),
  /** The next points to arrive, and to lapse. */
  nextArrival: z.object({ at: z.iso.datetime(), amount: z.int() }).nullable(),
  nextExpiry: z.object({ at: z.iso.datetime(), amount: z.int() }).nullable(),
})

export const readMe = route('GET /centre/me', {
  summary: 'The first page of a member',
  input: z.object({}),
  output: z.object({
    group: z.object({
      name: z.string(),
      timeZone: z.string(),
      currency: z.string(),
      languages: z.array(memberLanguage),
    }),
    /** `until`: the moment from which it no longer holds. */
    tier: tierLook.extend({ until: z.iso.datetime().nullable() }),
    name: z.string().nullable(),
    givenName: z.string().nullable(),
    /** Masked. */
    phone: z.string(),
    number: z.string(),
    language: memberLanguage.nullable(),
    points,
    orders: z.object({ count: z.int(), newest: z.array(order) }),
    since: z.iso.datetime(),
  }),
})

export const readCard = route('GET /centre/card', {
  summary: 'The code of the card, which changes',
  input: z.object({}),
  output: z.object({
    code: z.string(),
    number: z.string(),
    /** Until the next code, and from one to the next. */
    secondsLeft: z.number(),
    periodSeconds: z.int(),
  }),
})

export const readEntries = route('GET /centre/points-entries', {
  summary: 'Points records, newest first, each with its calculation',
  input: z.object({
    before: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(30),
  }),
  output: z.object({
    entries: z.array(
      entryView
        .pick({
          id: true,
          kind: true,
          points: true,
          pending: true,
          deficit: true,
          reason: true,
          eventAt: true,
          lines: true,
        })
        .extend({
          /** What it was given for. */
          order: z.object({ product: z.string().nullable(), number: z.string().nullable() }).nullable(),
          /** Of points that were given and are not used up: from when and until when they can be spent. */
          lot: z
            .object({ remaining: z.int(), availableAt: z.iso.datetime(), expiresAt: z.iso.datetime().nullable() })
            .nullable(),
        }),
    ),
    next: z.string().nullable(),
  }),
})

export const readOrders = route('GET /centre/orders', {
  summary: 'Orders, newest first',
  input: z.object({
    before: z.iso.datetime().optional(),
    limit: z.coerce.number().int().min(1).max(100).default(30),
  }),
  output: z.object({ orders: z.array(order), next: z.iso.datetime().nullable() }),
})

const profile = z.object({
  name: z.string().nullable(),
  birthDate: z.iso.date().nullable(),
  gender: z.enum(['female', 'male', 'other']).nullable(),
  city: z.string().nullable(),
})

export const readProfile = route('GET /centre/profile', {
  summary: 'What the group knows of the member who asks',
  input: z.object({}),
  output: profile.extend({ phone: z.string(), language: memberLanguage.nullable() }),
})

export const changeProfile = route('PUT /centre/profile', {
  summary: 'What the member says of themselves; what is left out stays',
  input: z.object({
    name: z.string().trim().min(1).max(60).optional(),
    birthDate: z.iso.date().optional(),
    gender: z.enum(['female', 'male', 'other']).optional(),
    city: z.string().trim().min(1).max(60).optional(),
  }),
  output: profile.extend({ phone: z.string(), language: memberLanguage.nullable() }),
})

export const chooseLanguage = route('PUT /centre/language', {
  summary: 'The language to speak to this member',
  input: z.object({ language: memberLanguage }),
  output: z.object({ language: memberLanguage }),
})

const privacy = z.object({
  consents: z.array(consentView.extend({ hasSwitch: z.boolean(), text: textView.omit({ topic: true }) })),
  looks: z.array(look),
  /** Who received data of the member, outside of the group. */
  received: z.array(received),
  requests: z.array(requestView),
  /** How many channels know the member. */
  channels: z.int(),
})

export const readPrivacy = route('GET /centre/privacy', {
  summary: 'Consents with what they mean, who looked at masked values, what was asked for',
  input: z.object({ language: memberLanguage }),
  output: privacy,
})

export const chooseConsent = route('PUT /centre/consents', {
  summary: 'Give or withdraw a consent; withdrawing is immediate, everywhere',
  input: z.object({ topic: z.string().max(60), given: z.boolean(), textVersion: z.int(), language: memberLanguage }),
  output: privacy,
})

export const readHoldings = route('POST /centre/exports', {
  summary: 'Everything that is held of the member who asks, to read and to keep',
  input: z.object({}),
  output: holdings,
})

export const readErasure = route('GET /centre/erasure', {
  summary: 'What erasing the member would take out, and what stays',
  input: z.object({}),
  output: erasurePreview,
})

export const askErasureCode = route('POST /centre/erasure-codes', {
  summary: 'Send a fresh code to the member’s own phone, which erasing asks for',
  input: z.object({ language: memberLanguage }),
  output: z.object({ validSeconds: z.int(), againSeconds: z.int(), phone: z.string() }),
})

export const eraseMe = route('POST /centre/erasures', {
  summary: 'Erase the member who asks, by a fresh code; it begins when the waiting time is over',
  input: z.object({ code: z.string().regex(/^\s*\d{6}\s*$/, 'should be the six digits of the message') }),
  output: requestView,
})

export const cancelErasure = route('DELETE /centre/erasure', {
  summary: 'Stay: take back an erasure that has not begun',
  input: z.object({}),
  output: requestView,
})

export const readOutbox = route('GET /sandbox/sms', {
  summary: 'What the stand-in for an SMS provider was given, newest first; for the administrator or this machine',
  input: z.object({ phone: z.string().max(60).optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.object({
    messages: z.array(z.object({ id: z.uuid(), phone: z.string(), text: z.string(), sentAt: z.iso.datetime() })),
  }),
})
