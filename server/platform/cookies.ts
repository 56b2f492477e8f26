import type { FastifyRequest } from 'fastify'
import type { House } from '#platform/house'

/**
 * The name that a cookie of ours has in the browser: over https one that no other host or path can have set, so a page of
 * a neighbouring name can't slip in its own.
 */
export const prefixOf = ({ publicUrl }: Pick<House, 'publicUrl'>) => (publicUrl.startsWith('https:') ? '__Host-' : '')

/** The cookies of a request by our own names for them. */
export function cookiesOf(
  request: FastifyRequest,
  house: Pick<House, 'publicUrl'>,
): Readonly<Record<string, string | undefined>> {
  const prefix = prefixOf(house)
  return Object.fromEntries(
    Object.entries(request.cookies ?? {})
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  )
}
