/**
 * The key that blind indexes are kept under, and changing it without knowing what was hashed.
 *
 * A value is hashed by a key that stays (HMAC-SHA-256, 128 bits). What is kept is that hash enciphered as one block by
 * the key in force (AES-256): whoever has the key can take it off and put another one on, so an index moves to a new
 * key without a single document being opened, also where the value itself is gone. Without the key in force nobody can
 * tell what is kept from chance, not even with the key that hashes. The first key of an installation is none: what is
 * kept is the hash, as it was before keys were numbered.
 */
import { type Cipheriv, createCipheriv, createDecipheriv, type Decipheriv, type KeyObject } from 'node:crypto'
import { hexToUuid } from '#platform/ids'

export interface IndexKey {
  number: number
  /** Null: the first, under which a hash is kept as it is. */
  key: KeyObject | null
}

export interface IndexKeys {
  now: IndexKey
  /** While indexes are moving: what is not yet under the key of now is under this one. */
  former: IndexKey | null
}

export const firstIndexKeys = (): IndexKeys => ({ now: { number: 1, key: null }, former: null })

// A block at a time needs no state between blocks, so one cipher does for all of them: making one takes ten times as long.
const ciphers = new WeakMap<KeyObject, { on: Cipheriv; off: Decipheriv }>()

function cipherOf(key: KeyObject): { on: Cipheriv; off: Decipheriv } {
  let known = ciphers.get(key)
  if (!known) {
    known = {
      on: createCipheriv('aes-256-ecb', key, null).setAutoPadding(false),
      off: createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false),
    }
    ciphers.set(key, known)
  }
  return known
}

/** A hash of 16 bytes as it is kept under a key. */
export function putOn({ key }: IndexKey, hash: Buffer): string {
  return hexToUuid((key ? cipherOf(key).on.update(hash) : hash).toString('hex'))
}

export function takeOff({ key }: IndexKey, kept: string): Buffer {
  const block = Buffer.from(kept.replaceAll('-', ''), 'hex')
  return key ? cipherOf(key).off.update(block) : block
}
