/**
 * How often something may be tried. Counts stand in the database, so a restart forgets nothing; whoever is over the
 * limit is counted too, so the act has to commit: it gives back the refusal instead of throwing it.
 */
import { sql } from 'kysely'
import { moveOn } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'
import type { Refusal } from '#platform/errors'
import type { Call } from '#platform/http'
import { attempts } from './blind-indexes.ts'
import { tooOften } from './errors.ts'

export interface Limit {
  act: string
  subject: string
  most: number
  seconds: number
}

/**
 * Counts one try for each of the limits, up to the first that is reached, whose refusal it gives. The order matters: who
 * is stopped for their own address must not use up the tries of a phone that isn't theirs.
 */
export async function countTry(ctx: Ctx, limits: readonly Limit[]): Promise<Refusal | null> {
  for (const { act, subject, most, seconds } of limits) {
    const length = seconds * 1000
    const since = Math.floor(ctx.now.getTime() / length) * length
    const blind = ctx.vault.blind('attempts', subject)
    await moveOn(ctx, attempts, [blind])
    const { rows } = await sql<{ count: number }>`
      insert into centre.attempts (act, subject, since, count, subject_by)
      values (${act}, ${blind}, ${new Date(since)}, 1, ${ctx.vault.indexBy})
      on conflict (act, subject, since) do update set count = attempts.count + 1 returning count`.execute(ctx.tx)
    if (rows[0]!.count > most) return tooOften(Math.ceil((since + length - ctx.now.getTime()) / 1000))
  }
  return null
}

export async function forgetOldTries(ctx: Ctx): Promise<void> {
  await sql`delete from centre.attempts where since < ${new Date(ctx.now.getTime() - 2 * 86_400_000)}`.execute(ctx.tx)
}

const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/

export const isLoopback = (address: string | null) => address !== null && loopback.test(address)

/**
 * Whom to count a try against: the address that the proxies say whose word counts; the connection is always counted too,
 * with a wider limit, since who stands nearby may lie.
 */
export const addressesOf = ({ address, peer }: Pick<Call, 'address' | 'peer'>) => ({
  claimed: address,
  connection: peer.address ?? 'socket',
})

/**
 * Whether the request comes from this machine itself. A proxy on it makes strangers look so: its headers give it away,
 * and so does a public address over TLS, which the program itself doesn't speak. A page of another site that has its
 * name point here is given away by that name.
 */
export function isFromHere(call: Pick<Call, 'peer'>, publicUrl: string): boolean {
  const { address, forwarded, host } = call.peer
  if (!isLoopback(address) || forwarded || publicUrl.startsWith('https:')) return false
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host)
}
