import { describe, expect, test } from 'vitest'
import { bandsFor, chanceOf, cluster, type Edge } from './clusters.ts'

const bands = { join: 10, review: -4 }

/** Evidence by pair ("1 2"); pairs that aren't named speak against it. */
function clustered(
  evidence: Record<string, number>,
  { apart = [] as string[], groups = {} as Record<number, number[]> } = {},
) {
  const bitsOf = (a: number, b: number) => evidence[a < b ? `${a} ${b}` : `${b} ${a}`] ?? -20
  const edges: Edge[] = Object.entries(evidence).map(([pair, bits]) => {
    const [a, b] = pair.split(' ').map(Number) as [number, number]
    return { a, b, bits, enough: true }
  })
  const { joins, reviews } = cluster(edges, {
    bands,
    groupOf: (record) => groups[record] ?? [record],
    bitsOf,
    mayJoin: (a, b) => !apart.includes(a < b ? `${a} ${b}` : `${b} ${a}`),
    before: (a, b) => a - b,
  })
  const told = (edges: Edge[]) => edges.map(({ a, b }) => `${a} ${b}`)
  return { joins: told(joins), reviews: told(reviews) }
}

describe('people from pairs', () => {
  test('the sure are joined, the unsure are asked, the rest is left', () => {
    expect(clustered({ '1 2': 25, '3 4': 4, '5 6': -9 })).toEqual({ joins: ['1 2'], reviews: ['3 4'] })
  })

  test('a chain of links makes no person of those who have nothing in common', () => {
    const { joins, reviews } = clustered({ '1 2': 20, '2 3': 11, '3 4': 20 })
    expect(joins).toEqual(['1 2', '3 4'])
    expect(reviews).toEqual(['2 3'])
  })

  test('what is unsure alone is sure beside the other records of the person', () => {
    expect(clustered({ '1 2': 30, '1 3': 8, '2 3': 30 })).toEqual({ joins: ['1 2', '2 3'], reviews: [] })
    expect(clustered({ '1 2': 30, '1 3': 9.9, '2 3': 9.9 }).joins).toEqual(['1 2'])
    expect(clustered({ '1 2': 30, '1 3': 9, '2 3': 9, '1 4': 15, '2 4': 15, '3 4': 13 }).joins).toEqual([
      '1 2',
      '1 4',
      '3 4',
    ])
  })

  test('nobody is joined with whom any record of theirs is kept apart, and nobody asks', () => {
    expect(clustered({ '1 2': 30, '2 3': 25, '1 3': 25 }, { apart: ['1 3'] })).toEqual({ joins: ['1 2'], reviews: [] })
  })

  test('several records of the same two people are one question', () => {
    const groups = { 1: [1, 2], 2: [1, 2], 3: [3, 4], 4: [3, 4] }
    expect(clustered({ '1 3': 3, '2 4': 2, '1 4': 1 }, { groups }).reviews).toEqual(['1 3'])
  })
})

describe('where the bands lie', () => {
  const wanted = { precision: 0.999, join: null, review: null }
  const edges = (...bits: number[]) => bits.map((one) => ({ bits: one, enough: true }))

  test('one pair alone has to be as sure as all of them', () => {
    expect(chanceOf(bandsFor([], wanted).join)).toBeCloseTo(0.999, 6)
    expect(bandsFor(edges(5), wanted).join).toBeCloseTo(9.96, 1)
  })

  test('beside many that are sure a few less sure ones may be joined, and no more than that', () => {
    const sure = Array.from({ length: 1_000 }, () => 40)
    // One in 33 of them is expected to be wrong: 30 cost one join of 1,030, 100 would cost three.
    const less = (count: number) => Array.from({ length: count }, () => 5)
    expect(bandsFor(edges(...sure, ...less(30)), wanted).join).toBe(5)
    expect(bandsFor(edges(...sure, ...less(100)), wanted).join).toBeCloseTo(9.96, 1)
    expect(bandsFor(edges(...sure, 3.5, 2), wanted).join).toBe(3.5)
  })

  test('what the group has set holds', () => {
    expect(bandsFor(edges(40, 3), { precision: 0.999, join: 20, review: 5 })).toEqual({ join: 20, review: 5 })
    expect(bandsFor([], { precision: 0.999, join: 2, review: 5 })).toEqual({ join: 2, review: 2 })
  })
})
