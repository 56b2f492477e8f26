import { z } from 'zod'
import { channelCode } from '#modules/channels/contract'
import { route } from '#platform/contract'

export const orderStatus = z.enum(['pending', 'paid', 'cancelled', 'refunded'])
export const orderLine = z.object({
  product: z.string().nullable(),
  quantity: z.number().nullable(),
  amountMinor: z.int(),
})

export const orderView = z.object({
  id: z.uuid(),
  recordId: z.uuid(),
  channel: z.string(),
  number: z.string().nullable(),
  orderedAt: z.iso.datetime(),
  amountMinor: z.int(),
  refundedMinor: z.int(),
  currency: z.string(),
  status: orderStatus,
  paymentMethod: z.string().nullable(),
  lines: z.array(orderLine),
})

/** Of one line: the sum of all lines stays exact in a number. */
const largestAmountMinor = 10_000_000_000_000

export const putOrder = route('POST /orders', {
  summary: 'One order as its channel knows it: made, or brought up to date',
  input: z.object({
    channel: channelCode,
    number: z.string().min(1).max(100),
    /** Who ordered: the channel's own customer id, or a phone. An unknown customer makes a record. */
    customerExternalId: z.string().min(1).max(200).optional(),
    phone: z.string().max(60).optional(),
    orderedAt: z.iso
      .datetime({ offset: true })
      .refine((text) => text >= '1900' && text < '2200', 'should lie between the years 1900 and 2199'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional(),
    status: orderStatus.default('paid'),
    paymentMethod: z.string().max(40).optional(),
    lines: z
      .array(
        z.object({
          product: z.string().max(200).optional(),
          quantity: z.number().optional(),
          amountMinor: z.int().min(-largestAmountMinor).max(largestAmountMinor),
        }),
      )
      .min(1)
      .max(500),
  }),
  output: z.object({ orderId: z.uuid(), memberId: z.uuid(), outcome: z.enum(['created', 'updated', 'unchanged']) }),
})

export const refundOrder = route('POST /orders/:orderId/refunds', {
  summary: 'Part or all of an order was paid back',
  input: z.object({ orderId: z.uuid(), id: z.uuid(), memberId: z.uuid(), amountMinor: z.int().min(1) }),
  output: orderView,
})

export const memberOrders = route('GET /members/:memberId/orders', {
  summary: 'Orders of one person, newest first',
  input: z.object({
    memberId: z.uuid(),
    before: z.iso.datetime().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({ orders: z.array(orderView) }),
})
