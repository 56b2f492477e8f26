/**
 * Totals beyond what somebody sees, without singling anybody out: the one place for the rule. A number stands on
 * persons; it is told when at least five are behind it, and when at least five or none are behind each number that it
 * could be held against: what the asker knows already (their own part), and the same total without the filter.
 */
import { Refusal } from '#platform/errors'

export const fewest = 5
export const under = '<5'
export type Told = number | typeof under

/** How many persons are behind a total, and behind what is left of it when a part is taken away. */
export interface Behind {
  persons: number
  /** Behind what lies outside the asker's own part. */
  elsewhere: number
  /** Behind what a filter leaves out, of all and outside the own part; 0 without a filter. */
  leftOut: number
  leftOutElsewhere: number
}

const few = (persons: number) => persons > 0 && persons < fewest

export const singlesOut = ({ persons, elsewhere, leftOut, leftOutElsewhere }: Behind): boolean =>
  persons < fewest || few(elsewhere) || few(leftOut) || few(leftOutElsewhere)

/**
 * A total as it may be told, in steps: two totals of different filters or moments differ by a step or not at all, and
 * not by one person.
 */
export const told = (value: number, behind: Behind, step = fewest): Told =>
  singlesOut(behind) ? under : Math.floor(value / step) * step

/** @throws Refusal totals.too_few for a filter that leaves, or leaves out, so few that they could be told apart */
export function refuseFew(field: string, behind: Behind): void {
  if (singlesOut(behind))
    throw new Refusal(
      'invalid',
      'totals.too_few',
      { field, least: fewest },
      `${field}: this filter would tell of fewer than ${fewest} persons. Ask more widely.`,
    )
}
