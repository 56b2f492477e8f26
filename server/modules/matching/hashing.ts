/**
 * Hashes of 32 bits. `hashOf` is plain and stays in memory; `KeyHash` is keyed (HalfSipHash-2-4), so that what is kept of
 * a blocking key in a table says nothing without the key.
 */

/** FNV-1a over UTF-16 units with a last mix; never 0, which means "nothing". */
export function hashOf(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mixed(hash) | 0 || 1
}

function mixed(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Three hashes as one, plain like them; never 0. */
export function mixedHash(a: number, b: number, c: number): number {
  return mixed(Math.imul(mixed(Math.imul(mixed(a) ^ b, 0x9e3779b1)) ^ c, 0x9e3779b1)) >>> 0 || 1
}

export interface HashKey {
  readonly k0: number
  readonly k1: number
}

/** HalfSipHash-2-4 of three words of 32 bits; never 0. */
export function keyedHash({ k0, k1 }: HashKey, a: number, b: number, c: number): number {
  let v0 = k0
  let v1 = k1
  let v2 = k0 ^ 0x6c796765
  let v3 = k1 ^ 0x74656462
  for (let word = 0; word < 4; word++) {
    // The last word is the length of the message, as the function has it.
    const message = word === 0 ? a : word === 1 ? b : word === 2 ? c : 12 << 24
    v3 ^= message
    for (let round = 0; round < 2; round++) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    v0 ^= message
  }
  v2 ^= 0xff
  for (let round = 0; round < 4; round++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  return (v1 ^ v3) >>> 0 || 1
}
