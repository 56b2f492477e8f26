/** What happens to points. One event for each entry that moves some; payloads hold ids, codes and amounts. */

interface Moved {
  /** Number of the entry in the account of the event's member. */
  sequence: number
  source: string
  points: number
}

declare module '#platform/events' {
  interface Events {
    'points.awarded': Moved & { pending: boolean }
    /** A balance taken over from an older programme. */
    'points.opened': Moved
    /** By hand; negative: taken. */
    'points.adjusted': Moved
    /** What was pending can be spent now. */
    'points.activated': Moved
    'points.expired': Moved
    'points.spent': Moved
    /** `owed`: the part that was spent already and is now a debt. */
    'points.taken_back': Moved & { owed: number }
    /** Points went into what was owed. */
    'points.deficit_paid': Moved
    /** Codes of the tiers before and after; `grant` is the invitation that was given, or ended as `by` says. */
    'points.tier_changed': { from: string; to: string; grant: string; by: 'invited' | 'taken' | 'replaced' | 'lapsed' }
  }
}

export {}
