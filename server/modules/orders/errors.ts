import { Refusal } from '#platform/errors'

export const orderNotFound = (orderId: string) =>
  new Refusal('not_found', 'orders.not_found', { orderId }, `There is no order ${orderId} of this member.`)
export const orderNotPaid = (orderId: string) =>
  new Refusal('conflict', 'orders.not_paid', { orderId }, 'Only a paid order can be refunded.')
export const refundTooLarge = (amountMinor: number, leftMinor: number) =>
  new Refusal(
    'conflict',
    'orders.refund_too_large',
    { amountMinor, leftMinor },
    `A refund of ${amountMinor} is more than what is left of the order (${leftMinor}).`,
  )
export const orderOfNobody = () =>
  new Refusal(
    'invalid',
    'orders.of_nobody',
    {},
    'The order says nothing about who ordered: give customerExternalId or phone.',
  )
