/** What happens to orders. Amounts are in the smallest unit of the currency. */

declare module '#platform/events' {
  interface Events {
    'order.paid': {
      orderId: string
      channel: string
      amountMinor: number
      currency: string
      paymentMethod: string | null
      importId?: string
    }
    /** The order changed after it had been paid: what it is worth now, and was worth before. */
    'order.changed': {
      orderId: string
      channel: string
      amountMinor: number
      beforeMinor: number
      currency: string
      importId?: string
    }
    /** Part or all of a paid order went back. `refundId` names the refund; told twice it is one. */
    'order.refunded': {
      orderId: string
      refundId: string
      channel: string
      amountMinor: number
      ofMinor: number
      currency: string
      importId?: string
    }
    /** The order never was (undone import): all that came of it is taken back. */
    'order.withdrawn': { orderId: string; channel: string; importId?: string }
    /** Ordered, not paid yet. */
    'order.placed': { orderId: string; channel: string; amountMinor: number; currency: string; importId?: string }
    'order.cancelled': { orderId: string; channel: string; importId?: string }
  }
}

export {}
