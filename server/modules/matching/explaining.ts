/** Why two members are one person, may be, or are not: the evidence, and what else decides. */

import type { z } from 'zod'
import { decisionsBetween, homesOf, openRecordsOf, seenHomes } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { arenaOf, mostLetters, writeFeatures } from './arena.ts'
import { chanceOf } from './clusters.ts'
import { accompany, companionsOf } from './companions.ts'
import type { explainMatch } from './contract.ts'
import { featuresOf } from './features.ts'
import { contradict } from './lane.ts'
import { newestModel } from './models.ts'
import { type Part, partsOf, saysEnough, scorer } from './scoring.ts'

type Explanation = z.input<typeof explainMatch.output>

/** Either id is of a member or of one record; of two members the two records that agree most are told. */
export async function explain(ctx: Ctx, { a, b }: { a: string; b: string }): Promise<Explanation> {
  const [homesA, homesB] = [await homesOf(ctx, a), await homesOf(ctx, b)]
  const together = homesA[0] === homesB[0]
  // Of one person it is the two records themselves that are asked about.
  const [ofA, ofB] = [await seenHomes(ctx, together ? [a] : homesA), await seenHomes(ctx, together ? [b] : homesB)]
  const [recordsA, recordsB] = [await openRecordsOf(ctx, ofA), await openRecordsOf(ctx, ofB)]
  const { model, bands, frequencies } = await newestModel(ctx)
  const all = [...recordsA, ...recordsB]
  const arena = arenaOf(Math.max(1, all.length))
  for (const [index, { values }] of all.entries()) writeFeatures(arena, index, featuresOf(values), index * mostLetters)
  const own = recordsA.map(({ home }) => home)
  accompany(arena, all, await companionsOf(ctx, { homes: own, others: recordsB.map(({ home }) => home) }))
  const score = scorer(arena, model, frequencies)
  let best: { a: string; b: string; bits: number; enough: boolean; parts: Part[] } | null = null
  let clash = false
  for (const [one, recordA] of recordsA.entries()) {
    for (const [other, recordB] of recordsB.entries()) {
      if (recordA.home === recordB.home) continue
      const place = recordsA.length + other
      clash ||= contradict(arena, one, place)
      const { bits, levels, rarer } = score(one, place)
      if (best && best.bits >= bits) continue
      best = {
        a: recordA.home,
        b: recordB.home,
        bits,
        enough: saysEnough(levels),
        parts: partsOf(model, levels, rarer),
      }
    }
  }
  const staff = !together && (await decisionsBetween(ctx, homesA, homesB)).includes('apart')
  const because = staff ? ('staff' as const) : clash ? ('contradiction' as const) : null
  const tooLittle = best !== null && best.bits >= bands.join && !best.enough
  return {
    together,
    verdict:
      best === null || because || best.bits < bands.review
        ? 'apart'
        : best.bits >= bands.join && best.enough
          ? 'join'
          : 'review',
    because: because ?? (tooLittle ? 'too_little' : null),
    records: best && { a: best.a, b: best.b },
    score: best && Math.round(best.bits * 10) / 10,
    chance: best && chanceOf(best.bits),
    bands: { joinFrom: bands.join, reviewFrom: bands.review },
    parts: best?.parts ?? [],
  }
}
