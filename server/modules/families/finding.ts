/**
 * Proposes who belongs together. What two share is found by whoever reads it anyway (addresses and phones by `matching`,
 * bookings here); a proposal stands between two homes, is made once for two persons, and joins nobody.
 */
import { sql } from 'kysely'
import { facesOf, homesOfAll, personsOf } from '#modules/members'
import { allBookedTogether, bookedWith } from '#modules/orders'
import type { Actor, Ctx } from '#platform/ctx'
import { type Database, inTx } from '#platform/db'
import { reaction } from '#platform/reactions'
import { arrayOf, type Columns, insertOf } from '#platform/rows'
import './events.ts'
import {
  areDifferentPeople,
  bothOf,
  type Evidence,
  likelyKind,
  noEvidence,
  proposedFrom,
  readEvidence,
  shareSurname,
  strengthOf,
  type TieKind,
  written,
} from './rules.ts'

/** Two homes and what they share. */
export interface Found {
  a: string
  b: string
  address?: boolean
  phone?: boolean
  bookings?: number
}

interface Standing {
  a: string
  b: string
  state: 'proposed' | 'confirmed' | 'refused'
  evidence: string
}

interface Proposal {
  a: string
  b: string
  kind: TieKind
  evidence: Evidence
}

const columns = (ctx: Ctx): Columns<Proposal> => ({
  member_a: ['uuid', ({ a }) => a],
  member_b: ['uuid', ({ b }) => b],
  state: sql`'proposed'`,
  kind: ['text', ({ kind }) => kind],
  evidence: ['text', ({ evidence }) => written(evidence)],
  strength: ['int', ({ evidence }) => strengthOf(evidence)],
  found_at: sql`${ctx.now}::timestamptz`,
})

/** Proposes what is strong enough and not decided; what was proposed before gains its new reasons. Says how many are new. */
export async function propose(ctx: Ctx, found: readonly Found[]): Promise<number> {
  const homes = [...new Set(found.flatMap(({ a, b }) => [a, b]))]
  if (homes.length === 0) return 0
  const personOf = await personsOf(ctx, homes)
  const pairOf = (a: string, b: string) => [personOf.get(a), personOf.get(b)].sort().join(' ')
  const several = found.filter(({ a, b }) => personOf.has(a) && personOf.has(b) && personOf.get(a) !== personOf.get(b))
  if (several.length === 0) return 0
  const standing = await standingBetween(ctx, [...new Set(personOf.values())])
  const faces = await facesOf(ctx, homes)
  const best = new Map<string, Proposal>()
  for (const { a: one, b: other, address = false, phone = false, bookings = 0 } of several) {
    const [a, b] = one < other ? [one, other] : [other, one]
    const [faceA, faceB] = [faces.get(a), faces.get(b)]
    if (!faceA || !faceB || !areDifferentPeople(faceA, faceB)) continue
    const surname = shareSurname(faceA, faceB)
    const pair = pairOf(a, b)
    const before = standing.get(pair)
    if (before && before.state !== 'proposed') continue
    const others = best.get(pair)
    const evidence = [others?.evidence, before && readEvidence(before.evidence)].reduce<Evidence>(
      (sum, more) => (more ? bothOf(sum, more) : sum),
      bothOf(noEvidence, { address, phone, surname, bookings }),
    )
    // Of several records of the same two the first pair stands for them.
    const at = before ?? others ?? { a, b }
    best.set(pair, {
      a: at.a,
      b: at.b,
      kind: likelyKind(faces.get(at.a) ?? faceA, faces.get(at.b) ?? faceB, evidence, ctx.now),
      evidence,
    })
  }
  const proposals = [...best].flatMap(([pair, one]) =>
    strengthOf(one.evidence) >= proposedFrom && standing.get(pair)?.evidence !== written(one.evidence) ? [one] : [],
  )
  if (proposals.length === 0) return 0
  proposals.sort((x, y) => (x.a + x.b < y.a + y.b ? -1 : 1))
  const { rows } = await sql<{ fresh: boolean }>`${insertOf('families.ties', columns(ctx), proposals)}
    on conflict (member_a, member_b) do update set evidence = excluded.evidence, strength = excluded.strength, kind = excluded.kind
      where families.ties.state = 'proposed'
    returning xmax = 0 as fresh`.execute(ctx.tx)
  return rows.filter(({ fresh }) => fresh).length
}

/** What is proposed or decided between any two of these persons, by both; what staff decided comes first. */
async function standingBetween(ctx: Ctx, persons: readonly string[]): Promise<Map<string, Standing>> {
  const homesOf = await homesOfAll(ctx, persons)
  const personOf = new Map([...homesOf].flatMap(([person, homes]) => homes.map((home) => [home, person] as const)))
  const { rows } = await sql<Standing>`
    select member_a as a, member_b as b, state, evidence from families.ties
    where member_a = any(${arrayOf('uuid', [...personOf.keys()])})`.execute(ctx.tx)
  const standing = new Map<string, Standing>()
  for (const tie of rows) {
    const [one, other] = [personOf.get(tie.a), personOf.get(tie.b)]
    if (!one || !other || one === other) continue
    const pair = [one, other].sort().join(' ')
    const known = standing.get(pair)
    if (!known || known.state === 'proposed') standing.set(pair, tie)
  }
  return standing
}

const pairsAtOnce = 2_000

/** Proposes companions from all bookings there are, in transactions that are soon over. Says how many are new. */
export async function proposeBookings(db: Database, actor: Actor, signal?: AbortSignal): Promise<number> {
  const together = await inTx(db, actor, allBookedTogether)
  let proposed = 0
  for (let from = 0; from < together.length && !signal?.aborted; from += pairsAtOnce)
    proposed += await inTx(db, actor, (ctx) => propose(ctx, together.slice(from, from + pairsAtOnce)))
  return proposed
}

/** An import's orders are looked through by a run over all. */
export const booking = reaction({
  name: 'families.bookings',
  types: ['order.paid', 'order.placed'],
  origins: ['live'],
  startsAt: 'now',
  batch: 200,
  run: async (ctx, events) => {
    const homes = [...new Set(events.flatMap(({ memberId }) => memberId ?? []))]
    const orders = events.map(({ payload }) => payload.orderId)
    const met = await bookedWith(ctx, homes, orders)
    // Of the few who booked with somebody now, all their bookings count.
    const pairs = new Set(met.flatMap(({ a, b }) => [`${a} ${b}`, `${b} ${a}`]))
    const all = await bookedWith(ctx, [...new Set(met.map(({ a }) => a))])
    await propose(
      ctx,
      all.filter(({ a, b }) => pairs.has(`${a} ${b}`)),
    )
  },
})
