/** What happens to consents and rights. Payloads hold ids, codes and counts. */

interface About {
  channel: string
  purpose: string
  recipient: string
  version: number | null
}

declare module '#platform/events' {
  interface Events {
    /** Told of the home that it was said by; what is withdrawn holds for every home of the person. */
    'consent.given': About
    'consent.withdrawn': About
    /** A member had their data, or a colleague made it ready for them. */
    'data.exported': { by: 'member' | 'staff'; records: number; orders: number }
    'erasure.asked': { request: string; by: 'member' | 'staff' }
    'erasure.cancelled': { request: string }
  }
}

export {}
