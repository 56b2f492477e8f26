/**
 * The code on the turned card: `RT`, the card's number and ten digits that change each minute, a keyed hash of account
 * and minute. A photograph of it is worth nothing two minutes later, and nobody can make one without the key.
 */
import { timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { accountOf } from './accounts.ts'
import { cardUnknown } from './errors.ts'

export const periodSeconds = 60

const windowOf = (at: Date) => Math.floor(at.getTime() / 1000 / periodSeconds)

function digitsOf(ctx: Ctx, home: string, window: number): string {
  const hash = ctx.vault.blind('card code', `${home}\u0000${window}`).replaceAll('-', '')
  return String(BigInt(`0x${hash}`) % 10_000_000_000n).padStart(10, '0')
}

export async function cardCode(ctx: Ctx): Promise<{ code: string; number: string; secondsLeft: number }> {
  const { home, number } = await accountOf(ctx)
  const window = windowOf(ctx.now)
  return {
    code: `RT${number}${digitsOf(ctx, home, window)}`,
    number,
    secondsLeft: (window + 1) * periodSeconds - ctx.now.getTime() / 1000,
  }
}

/** The member whose card shows this code now, or did a moment ago; for whoever scans it at a store. */
export async function verifyCardCode(ctx: Ctx, code: string): Promise<{ memberId: string }> {
  const [, number, digits] = /^RT(\d{12})(\d{10})$/.exec(code.trim()) ?? []
  if (number === undefined || digits === undefined) throw cardUnknown()
  const { rows } = await sql<{ home: string }>`
    select member_id as home from centre.accounts where number = ${number}::bigint`.execute(ctx.tx)
  const home = rows[0]?.home
  const now = windowOf(ctx.now)
  const fits = (window: number) => timingSafeEqual(Buffer.from(digitsOf(ctx, home!, window)), Buffer.from(digits))
  if (home === undefined || !(fits(now) || fits(now - 1))) throw cardUnknown()
  return { memberId: home }
}
