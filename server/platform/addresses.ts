/** Where requests come from. */
import { isIP } from 'node:net'

const near =
  /^(?:::ffff:)?(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|^::1$|^f[cd][0-9a-f]{2}:|^fe[89ab][0-9a-f]:/i

/** In a network that never reaches over the internet: where a proxy of one's own may stand. */
export const isNearby = (address: string | undefined) => address !== undefined && near.test(address)

/** The address that counts: never a text that is none. A connection without an address is the program's own socket. */
export const addressOf = (claimed: string | undefined, connection: string | undefined) =>
  claimed !== undefined && isIP(claimed) > 0 ? claimed : (connection ?? 'socket')

/**
 * Whose word about the address of a request is taken: of the proxies that are set, however many in a row; where none is
 * set, of whoever is connected from nearby, and of nobody before them, since what stands further left in a header may be
 * anybody's.
 */
export const trusting = (proxies: readonly string[] | null | undefined) =>
  proxies ? [...proxies] : (address: string, hop: number) => hop === 0 && isNearby(address)
