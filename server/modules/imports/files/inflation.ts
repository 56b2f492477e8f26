/** Counts what a compressed file really grows to, whatever its directory claims, and stops a bomb while it is small. */

import { expandsTooMuch } from './errors.ts'
import type { Limits } from './limits.ts'

export class Inflation {
  readonly #limits: Limits
  #total = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Passes the bytes of one compressed part through. `compressedBytes` is what the part takes in the file. */
  async *watch(part: AsyncIterable<Buffer>, compressedBytes: number): AsyncGenerator<Buffer> {
    const { inflatedBytes, inflationRatio, ratioFromBytes } = this.#limits
    let bytes = 0
    for await (const chunk of part) {
      bytes += chunk.length
      this.#total += chunk.length
      if (this.#total > inflatedBytes) throw expandsTooMuch({ what: 'bytes', limit: inflatedBytes })
      if (bytes > ratioFromBytes && bytes > compressedBytes * inflationRatio) {
        throw expandsTooMuch({ what: 'ratio', limit: inflationRatio })
      }
      yield chunk
    }
  }
}
