/**
 * The one way to say no. A refusal is something the business expects to happen (no such member, too few points);
 * anything else that is thrown is a bug and is answered 500. The code is translated by the web apps, `params` fill
 * the translation, the message is for the command line and the logs.
 */

export type RefusalKind = 'invalid' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict'

export const statusOf: Record<RefusalKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
}

export class Refusal extends Error {
  readonly kind: RefusalKind
  readonly code: string
  readonly params: Record<string, unknown>

  constructor(kind: RefusalKind, code: string, params: Record<string, unknown> = {}, message?: string) {
    super(message ?? `${code}${Object.keys(params).length ? ` ${JSON.stringify(params)}` : ''}`)
    this.name = 'Refusal'
    this.kind = kind
    this.code = code
    this.params = params
  }
}

/** For states that can't be; what it throws is a bug report, never shown to a user as their mistake. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`This can't be: ${what}`)
}

/** SQLSTATE of an error that PostgreSQL reported, or of a broken connection to it; null for anything else. */
export function sqlStateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  const code = (error as { code: unknown }).code
  return typeof code === 'string' ? code : null
}

/** Errors after which the same act, told again, may well succeed: a deadlock or a serialization failure. */
export function isRetryable(error: unknown): boolean {
  const code = sqlStateOf(error)
  return code === '40001' || code === '40P01'
}

const outageCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '25006', // read-only: the one that writes has moved to another server
  '25P03', // idle in a transaction for too long
  '25P04', // a transaction for too long
  '55P03', // a lock that was not to be had in time
])

/** What the driver says of a connection that is gone; it gives these errors no code. */
const brokenConnection =
  /^Connection terminated|^timeout exceeded when trying to connect|^Client (has encountered a connection error|was closed) and is not queryable/

/**
 * Errors that say nothing about the data: the database is gone, full, locked or too busy. Work that met one is
 * repeated as it is. Classes 08 connection, 40 rollback, 53 resources, 57 operator, 58 system.
 */
export function isOutage(error: unknown): boolean {
  const code = sqlStateOf(error)
  // No socket where the server's was; of a file it says nothing about the database.
  if (code === 'ENOENT') return (error as NodeJS.ErrnoException).syscall === 'connect'
  if (code !== null) return outageCodes.has(code) || /^(08|40|53|57|58)[0-9A-Z]{3}$/.test(code)
  return error instanceof Error && brokenConnection.test(error.message)
}
