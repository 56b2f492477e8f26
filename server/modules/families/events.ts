/** What happens between people who belong together. One event on each side; `kind`: what the other is to this one. */
import type { TieKind } from './rules.ts'

declare module '#platform/events' {
  interface Events {
    /** Staff said that these two belong together, or how. */
    'family.confirmed': { other: string; kind: TieKind }
    /** Staff said that these two have nothing to do with each other. */
    'family.refused': { other: string }
    /** It was so, and staff ended it. */
    'family.ended': { other: string }
  }
}
