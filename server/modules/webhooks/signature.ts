/**
 * Signatures as the Standard Webhooks write them: HMAC-SHA-256 over id, timestamp and body, so that what is told can
 * neither be changed nor told again later as something new. While a secret is being changed both sign.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const prefix = 'whsec_'

export const newSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`

function signatureOf(secret: string, { id, timestamp, body }: Signed): string {
  const key = Buffer.from(secret.slice(prefix.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

interface Signed {
  id: string
  /** Seconds since 1970. */
  timestamp: number
  body: string
}

/** The headers of one message, signed by each of the secrets. */
export function signedHeaders(secrets: readonly string[], message: Signed): Record<string, string> {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': secrets.map((secret) => signatureOf(secret, message)).join(' '),
  }
}

/** Whether one of the signatures in a header is by one of the secrets. */
export function isSigned(secrets: readonly string[], message: Signed, header: string): boolean {
  const said = header.split(' ').map((one) => Buffer.from(one))
  return secrets
    .map((secret) => Buffer.from(signatureOf(secret, message)))
    .some((right) => said.some((one) => one.length === right.length && timingSafeEqual(one, right)))
}
