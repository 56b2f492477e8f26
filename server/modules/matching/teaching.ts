/**
 * What answers of staff teach: how much more or less each level is worth than the data alone says. Staff are asked about
 * pairs that look unsure, so their answers say nothing about how often anything is met; given what a pair looks like they
 * say how likely it is one person. That is a logistic regression on what the model leaves unexplained, kept near nothing
 * until many answers say the same: one answer moves a pair like it by about a bit, ten of one kind decide about it.
 */
import { fieldCount, levelCounts } from './comparing.ts'

export interface Answer {
  levels: Uint8Array
  /** Evidence by the model alone. */
  bits: number
  joined: boolean
}

/** How far a level's worth is thought to be off before anybody has said anything, in bits. */
const doubt = 0.5
const mostBits = 4
const mostRounds = 30
const settled = 0.005

export function teach(answers: readonly Answer[]): number[][] {
  const taught = levelCounts.map((count) => new Array<number>(count).fill(0))
  const scores = Float64Array.from(answers, ({ bits }) => bits)
  const withLevel = levelCounts.map((count) => Array.from({ length: count }, (): number[] => []))
  // Level 0 says nothing, and nothing can be learned of it.
  for (const [at, { levels }] of answers.entries())
    for (let index = 0; index < fieldCount; index++) if (levels[index]! > 0) withLevel[index]![levels[index]!]!.push(at)
  for (let round = 0; round < mostRounds; round++) {
    let farthest = 0
    for (let index = 0; index < fieldCount; index++)
      for (const [level, told] of withLevel[index]!.entries()) {
        if (told.length === 0) continue
        const now = taught[index]![level]!
        let slope = -now / doubt ** 2
        let bend = 1 / doubt ** 2
        for (const at of told) {
          const chance = 1 / (1 + 2 ** -scores[at]!)
          slope += Math.LN2 * ((answers[at]!.joined ? 1 : 0) - chance)
          bend += Math.LN2 ** 2 * chance * (1 - chance)
        }
        // Where an answer is far from what was expected the slope is steep and the bend flat: a step at a time.
        const step = Math.max(-1, Math.min(1, slope / bend))
        const next = Math.max(-mostBits, Math.min(mostBits, now + step))
        for (const at of told) scores[at]! += next - now
        taught[index]![level] = next
        farthest = Math.max(farthest, Math.abs(next - now))
      }
    if (farthest < settled) break
  }
  return taught
}
