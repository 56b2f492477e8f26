/**
 * The shared texts of an XLSX. A sheet names them by number, so all must be at hand while it is read, and there can be
 * millions: they lie in a file without a name, of which the blocks read last are kept. A sheet uses new texts in the
 * order in which they are written, so a block is mostly read once. What lies on the disk is enciphered by a key that is
 * never written: these are people's names and numbers.
 */

import { createCipheriv, randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expandsTooMuch } from './errors.ts'

const blockBytes = 64 * 1024
const blocksKept = 192
const textsKept = 8192
const keptTextAtMost = 100
const textsPerPage = 16_384

export class SharedStrings {
  readonly #atMost: number
  readonly #file = openUnnamed()
  readonly #key = randomBytes(32)
  /** Where each text ends, counted from the start of its page: four bytes a text. */
  readonly #pages: { start: number; ends: Uint32Array }[] = []
  #count = 0
  #bytes = 0
  #unwritten = Buffer.allocUnsafe(blockBytes)
  #unwrittenBytes = 0
  readonly #blocks = new Map<number, Buffer>()
  /** "男", "上海" and their like come again and again; decoding them each time would make them anew each time. */
  readonly #texts: { index: number; text: string }[] = []

  constructor(atMost: number) {
    this.#atMost = atMost
  }

  add(text: string): void {
    if (this.#count === this.#atMost) throw expandsTooMuch({ what: 'strings', limit: this.#atMost })
    if (this.#count % textsPerPage === 0) {
      this.#pages.push({ start: this.#bytes, ends: new Uint32Array(textsPerPage) })
    }
    this.#append(Buffer.from(text))
    const page = this.#pages.at(-1)!
    page.ends[this.#count % textsPerPage] = this.#bytes - page.start
    this.#count++
  }

  /** Undefined when the sheet names a text that isn't there. */
  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined
    const kept = this.#texts[index % textsKept]
    if (kept?.index === index) return kept.text
    const text = this.#read(index)
    if (text.length <= keptTextAtMost) this.#texts[index % textsKept] = { index, text }
    return text
  }

  close(): void {
    closeSync(this.#file)
  }

  #append(bytes: Buffer): void {
    this.#bytes += bytes.length
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(this.#unwritten, this.#unwrittenBytes, from)
      from += copied
      this.#unwrittenBytes += copied
      if (this.#unwrittenBytes === blockBytes) {
        const block = this.#enciphered(this.#unwritten, this.#bytes - bytes.length + from - blockBytes)
        for (let written = 0; written < blockBytes; ) written += writeSync(this.#file, block, written)
        this.#unwrittenBytes = 0
      }
    }
  }

  #read(index: number): string {
    const page = this.#pages[Math.floor(index / textsPerPage)]!
    const at = index % textsPerPage
    const end = page.start + page.ends[at]!
    let from = page.start + (at === 0 ? 0 : page.ends[at - 1]!)
    const first = Math.floor(from / blockBytes)
    if (end <= (first + 1) * blockBytes) {
      return this.#block(first).toString('utf8', from - first * blockBytes, end - first * blockBytes)
    }
    const parts: Buffer[] = []
    while (from < end) {
      const number = Math.floor(from / blockBytes)
      const to = Math.min(end, (number + 1) * blockBytes)
      // Copied, because reading the next block may take the place of this one.
      parts.push(Buffer.from(this.#block(number).subarray(from - number * blockBytes, to - number * blockBytes)))
      from = to
    }
    return Buffer.concat(parts).toString()
  }

  #block(number: number): Buffer {
    if (number === Math.floor(this.#bytes / blockBytes)) return this.#unwritten
    const kept = this.#blocks.get(number)
    if (kept) return kept
    let block: Buffer
    if (this.#blocks.size < blocksKept) block = Buffer.allocUnsafeSlow(blockBytes)
    else {
      const [oldest, buffer] = this.#blocks.entries().next().value!
      this.#blocks.delete(oldest)
      block = buffer
    }
    readSync(this.#file, block, 0, blockBytes, number * blockBytes)
    this.#enciphered(block, number * blockBytes).copy(block)
    this.#blocks.set(number, block)
    return block
  }

  /** And deciphered: in counter mode both are one. A block's place is its first counter. */
  #enciphered(block: Buffer, place: number): Buffer {
    const counter = Buffer.alloc(16)
    counter.writeBigUInt64BE(BigInt(place / 16), 8)
    return createCipheriv('aes-256-ctr', this.#key, counter).update(block)
  }
}

/** Nobody else can open it, and it is gone with the program, however that ends: these are people's names. */
function openUnnamed(): number {
  const folder = mkdtempSync(join(tmpdir(), 'roundtrip-texts-'))
  try {
    return openSync(join(folder, 'texts'), 'wx+', 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
