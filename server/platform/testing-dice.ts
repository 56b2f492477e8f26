/**
 * Property tests throw the same dice each time, so that a change is judged by itself and not by its luck. With
 * `TEST_SEED` they throw others: a number, or `random`.
 */
import fc from 'fast-check'

const seed = process.env.TEST_SEED
if (seed !== 'random') fc.configureGlobal({ seed: seed === undefined ? 20_261_121 : Number(seed) })
