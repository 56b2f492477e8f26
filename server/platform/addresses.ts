/** Where a request comes from, as far as that can be believed. */
import { isIP } from 'node:net'

/** Networks that never reach over the internet: where a proxy of one's own may stand. */
const nearby = /^(?:::ffff:)?(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd])/

/** Who is at the other end of the connection, and what the header `x-forwarded-for` claims. */
export interface Peer {
  readonly address: string | null
  readonly forwardedFor: string | null
}

/**
 * What a header claims counts only from a proxy nearby, and then its last entry, which the proxy wrote itself. Who stands
 * nearby may lie, so the connection is told too. A connection without an address is the program's own socket.
 */
export function addressesOf(peer: Peer): { claimed: string; connection: string } {
  const connection = peer.address ?? 'socket'
  const last = peer.forwardedFor?.split(',').at(-1)?.trim()
  return { claimed: last && nearby.test(connection) ? last : connection, connection }
}

/** The address that counts, for a log: never a text that is none. */
export function addressOf(peer: Peer): string {
  const { claimed, connection } = addressesOf(peer)
  return isIP(claimed) > 0 ? claimed : connection
}
