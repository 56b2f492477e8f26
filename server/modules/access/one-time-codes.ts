/** One-time codes by time (RFC 6238 over RFC 4226): six digits, thirty seconds, SHA-1, as every authenticator reads them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const stepSeconds = 30
const digits = 6
/** A code before and after is right too: clocks differ. */
const tolerance = 1
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export const newSecretBytes = () => randomBytes(20)

export function codeAt(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', secret).update(counter).digest()
  const at = hash[hash.length - 1]! & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

export const stepOf = (at: Date) => Math.floor(at.getTime() / 1000 / stepSeconds)

/** The step whose code this is, of those about now; null for none. */
export function stepOfCode(secret: Uint8Array, code: string, now: Date): number | null {
  const given = Buffer.from(code.padEnd(digits).slice(0, digits))
  const middle = stepOf(now)
  let found: number | null = null
  for (let step = middle - tolerance; step <= middle + tolerance; step++)
    if (given.length === digits && timingSafeEqual(given, Buffer.from(codeAt(secret, step)))) found = step
  return code.length === digits ? found : null
}

export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** What an authenticator reads from the QR code. */
export function otpauth({ secret, group, login }: { secret: Uint8Array; group: string; login: string }): string {
  const label = `${encodeURIComponent(group)}:${encodeURIComponent(login)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(group)}&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`
}
