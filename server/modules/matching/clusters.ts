/**
 * From pairs to people. The strongest evidence first, two groups come together when all their records agree on average:
 * a chain of weak links doesn't make one person of many. Pure; ties are broken by labels that come of the records.
 */

export interface Edge {
  a: number
  b: number
  bits: number
  /** Whether enough kinds of facts agree for a join. */
  enough: boolean
}

export interface Clustering {
  joins: Edge[]
  reviews: Edge[]
}

export interface Bands {
  join: number
  review: number
}

/** Records of two groups that are compared crosswise at most, each. */
const mostCompared = 12
/** No single pair counts for more: one that is far apart doesn't undo many that are one, and the other way round. */
const mostBits = 30

export function cluster(
  edges: readonly Edge[],
  {
    bands,
    groupOf,
    bitsOf,
    mayJoin,
    before,
  }: {
    bands: Bands
    /** Records that are one person already, with `record` among them. */
    groupOf: (record: number) => readonly number[]
    bitsOf: (a: number, b: number) => number
    /** Whether neither staff nor a document forbids it. */
    mayJoin: (a: number, b: number) => boolean
    before: (a: number, b: number) => number
  },
): Clustering {
  const groups = new Map<number, number[]>()
  const of = (record: number): number[] => {
    const known = groups.get(record)
    if (known) return known
    const group = [...groupOf(record)]
    for (const one of group) groups.set(one, group)
    return group
  }
  const sorted = [...edges].sort((x, y) => y.bits - x.bits || before(x.a, y.a) || before(x.b, y.b))
  const joins: Edge[] = []
  const unsure: Edge[] = []
  const forbidden = (one: readonly number[], other: readonly number[]) =>
    one.some((a) => other.some((b) => !mayJoin(a, b)))
  const average = (one: readonly number[], other: readonly number[]) => {
    let [sum, count] = [0, 0]
    for (const a of one.slice(0, mostCompared))
      for (const b of other.slice(0, mostCompared)) {
        sum += Math.max(-mostBits, Math.min(mostBits, bitsOf(a, b)))
        count++
      }
    return sum / count
  }
  const unite = (one: number[], other: number[]) => {
    const [into, from] = one.length >= other.length ? [one, other] : [other, one]
    into.push(...from)
    into.sort(before)
    for (const record of from) groups.set(record, into)
  }
  const tryJoin = (edge: Edge, least: number) => {
    const [one, other] = [of(edge.a), of(edge.b)]
    if (one === other) return true
    if (forbidden(one, other)) return false
    if (one.length + other.length > 2 && average(one, other) < least) return false
    unite(one, other)
    joins.push(edge)
    return true
  }
  for (const edge of sorted) {
    if (edge.bits < bands.join || !edge.enough || !tryJoin(edge, 0)) unsure.push(edge)
  }
  // What alone is too little may be enough beside the other records of the person.
  const left = unsure.filter((edge) => {
    const [one, other] = [of(edge.a), of(edge.b)]
    if (one === other) return false
    return one.length + other.length === 2 || !tryJoin(edge, bands.join)
  })
  // Several records of the same two people are one question.
  const asked = new Set<string>()
  const reviews = left.filter((edge) => {
    const [one, other] = [of(edge.a), of(edge.b)]
    if (one === other || edge.bits < bands.review || forbidden(one, other)) return false
    const question = [one[0]!, other[0]!].sort((x, y) => x - y).join(' ')
    return !asked.has(question) && asked.add(question)
  })
  return { joins, reviews }
}

/** The chance that two are one, from the evidence. */
export const chanceOf = (bits: number) => 1 / (1 + 2 ** -bits)

/** Least chance of a join, whatever is expected of all of them together; and least chance of a question. */
const leastJoin = 0.9
const leastReview = 0.05
export const leastReviewBits = Math.log2(leastReview / (1 - leastReview))

/** Where the bands lie so that, by what is expected, no more than the allowed share of joins is wrong. */
export function bandsFor(
  edges: readonly { bits: number; enough: boolean }[],
  { precision, join, review }: { precision: number; join: number | null; review: number | null },
): Bands {
  const bits = edges
    .filter((edge) => edge.enough)
    .map((edge) => edge.bits)
    .sort((x, y) => y - x)
  // Where nobody is to be joined yet, a later pair stands alone and has to be as sure as all.
  let lowest = Math.log2(precision / (1 - precision))
  let wrong = 0
  for (const [index, value] of bits.entries()) {
    wrong += 1 - chanceOf(value)
    // Pairs of one score stand or fall together.
    if (bits[index + 1] === value) continue
    if (wrong > (1 - precision) * (index + 1) || chanceOf(value) < leastJoin) break
    lowest = Math.min(lowest, value)
  }
  const joinFrom = join ?? lowest
  return { join: joinFrom, review: Math.min(joinFrom, review ?? leastReviewBits) }
}
