/** Who travels with whom, as evidence for a few records: by the word of staff, and by what was booked together. */
import { confirmedPairs } from '#modules/families'
import { personsOf } from '#modules/members'
import { bookedWith } from '#modules/orders'
import type { Ctx } from '#platform/ctx'
import { type Arena, writeCompanion } from './arena.ts'
import { personNumber } from './lane.ts'

export type Companions = ReadonlyMap<string, readonly number[]>

const nobody: Companions = new Map()

/** Companions of these homes; of the others only where these have any, because else there is nothing to compare. */
export async function companionsOf(
  ctx: Ctx,
  { homes, others }: { homes: readonly string[]; others: readonly string[] },
): Promise<Companions> {
  if (others.length === 0) return nobody
  const own = await pairsOf(ctx, homes)
  if (own.length === 0) return nobody
  const pairs = [...own, ...(await pairsOf(ctx, others))]
  const persons = await personsOf(
    ctx,
    pairs.flatMap(({ a, b }) => [a, b]),
  )
  const companions = new Map<string, number[]>()
  const add = (home: string, other: string) => {
    const person = persons.get(other)
    if (person) companions.set(home, [...(companions.get(home) ?? []), numberOf(person)])
  }
  for (const { a, b } of pairs) {
    add(a, b)
    add(b, a)
  }
  return companions
}

async function pairsOf(ctx: Ctx, homes: readonly string[]): Promise<{ a: string; b: string }[]> {
  return [...(await confirmedPairs(ctx, homes)), ...(await bookedWith(ctx, homes))]
}

const numberOf = (person: string) => personNumber(Buffer.from(person.replaceAll('-', ''), 'hex'))

/** Writes what is known of the companions of the records that lie in an arena, in their order. */
export function accompany(
  arena: Arena,
  records: readonly { home: string; person: string }[],
  companions: Companions,
): void {
  for (const [index, { home, person }] of records.entries()) {
    arena.persons[index] = numberOf(person)
    for (const other of companions.get(home) ?? []) writeCompanion(arena, index, other)
  }
}
