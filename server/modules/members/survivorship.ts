/**
 * Which value of several records survives, by a written rule for each field. Losing values stay with their records,
 * visible and searchable.
 */

export interface Candidate {
  value: string
  recordId: string
  verified: boolean
  seenAt: Date
}

type Preference = 'verified' | 'newest' | 'fullest'

/** In order of weight. A name is often cut short by whoever typed it last, so its fullest form counts before its age. */
const rules: Record<string, readonly Preference[]> = {
  name: ['verified', 'fullest', 'newest'],
  addressLine: ['verified', 'newest', 'fullest'],
  streetNumber: ['verified', 'newest', 'fullest'],
  addressLine2: ['verified', 'newest', 'fullest'],
}
const otherwise: readonly Preference[] = ['verified', 'newest', 'fullest']

const compare: Record<Preference, (a: Candidate, b: Candidate) => number> = {
  verified: (a, b) => Number(b.verified) - Number(a.verified),
  newest: (a, b) => b.seenAt.getTime() - a.seenAt.getTime(),
  fullest: (a, b) => b.value.length - a.value.length,
}

/** The value in force, or null. Equal in every respect: the one of the oldest record, so that it never flickers. */
export function survivor(field: string, candidates: readonly Candidate[]): Candidate | null {
  const sorted = [...candidates].sort((a, b) => {
    for (const preference of rules[field] ?? otherwise) {
      const difference = compare[preference](a, b)
      if (difference !== 0) return difference
    }
    return a.recordId < b.recordId ? -1 : 1
  })
  return sorted[0] ?? null
}
