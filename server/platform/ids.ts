/** Ids that sort by time (UUID version 7), so that new rows land at the end of an index. */
import { randomFillSync } from 'node:crypto'

/** Before all ids: where reading page by page begins. */
export const lowestId = '00000000-0000-0000-0000-000000000000'

const pool = Buffer.allocUnsafe(16 * 512)
let used = pool.length
let lastMilliseconds = 0
let sequence = 0

/**
 * A new UUIDv7. Ids of one process rise strictly: the 12 bits after the time count within a millisecond, and the
 * time is run ahead by one when they are used up (RFC 9562, 6.2 method 1).
 */
export function newId(at: number = Date.now()): string {
  if (used >= pool.length) {
    randomFillSync(pool)
    used = 0
  }
  if (at > lastMilliseconds) {
    lastMilliseconds = at
    sequence = pool.readUInt16BE(used) & 0x3ff
  } else if (++sequence > 0xfff) {
    lastMilliseconds++
    sequence = 0
  }
  const id = pool.subarray(used, used + 16)
  used += 16
  id.writeUIntBE(lastMilliseconds, 0, 6)
  id.writeUInt16BE(0x7000 | sequence, 6)
  id[8] = (id[8]! & 0x3f) | 0x80
  return hexToUuid(id.toString('hex'))
}

export function hexToUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
