/**
 * What is in force of all that was said (PRODUCT A3, A7). Pure, and a function of what was said and of which homes are
 * one person now:
 *
 * - After a merge the strictest holds: what one home withdrew while it stood alone stays withdrawn for the person, until
 *   the person gives it anew.
 * - What is withdrawn holds for every home that was the person then, also when they are taken apart.
 * - What is given while joined is given by the home it was said by; a record taken out later takes no consent along.
 */
export interface Said {
  home: string
  given: boolean
  /** The homes that were the person when it was given: it answers what these had withdrawn before. */
  covers: readonly string[]
  at: Date
  id: string
}

export type Standing<S extends Said = Said> = { state: 'given' | 'withdrawn'; by: S } | { state: 'unsaid'; by: null }

/** `said`: everything that was said about one channel and purpose by homes that are one person now. */
export function standingOf<S extends Said>(said: readonly S[]): Standing<S> {
  const inOrder = [...said].sort(byTime)
  const given = inOrder.filter((one) => one.given)
  const answered = (withdrawn: S) =>
    given.some((one) => byTime(one, withdrawn) > 0 && one.covers.includes(withdrawn.home))
  const withdrawn = inOrder.findLast((one) => !one.given && !answered(one))
  if (withdrawn) return { state: 'withdrawn', by: withdrawn }
  const newest = given.at(-1)
  return newest ? { state: 'given', by: newest } : { state: 'unsaid', by: null }
}

function byTime(a: Said, b: Said): number {
  return a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
