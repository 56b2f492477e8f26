/**
 * How often it may be tried to come in. Counts stand in the database, so a restart forgets nothing and parallel tries
 * wait for each other. A try is counted before it is looked at; a right one takes its count back. After some free tries
 * each further one has to wait twice as long, up to a limit: nobody is locked out for good by somebody else, and nobody
 * guesses more than a few dozen times a day.
 *
 * What is over the limit commits too: the refusal is given back instead of thrown.
 */
import { sql } from 'kysely'
import { moveOn } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'
import type { Refusal } from '#platform/errors'
import { tries } from './blind-indexes.ts'
import { tooManyTries } from './errors.ts'

export interface Limit {
  act: 'password' | 'code' | 'prove' | 'provider'
  /** Whom the tries are counted against; kept blind. */
  subject: string
  free: number
  firstSeconds: number
  mostSeconds: number
}

const forgottenAfterSeconds = 86_400

/** Where a try comes from. The connection itself is counted too, widely: whoever stands as near as a proxy may lie. */
export interface TriedFrom {
  address: string
  connection: string
}

export const limitsOf = (act: Limit['act'], from: TriedFrom, who: string | null): Limit[] => [
  { act, subject: `connection ${from.connection}`, free: 1000, firstSeconds: 1, mostSeconds: 60 },
  { act, subject: `address ${from.address}`, free: 50, firstSeconds: 5, mostSeconds: 900 },
  ...(who === null ? [] : [{ act, subject: `who ${who}`, free: 5, firstSeconds: 30, mostSeconds: 900 }]),
]

/** Counts one try for each limit, up to the first that has to wait, whose refusal it gives. */
export async function countTry(ctx: Ctx, limits: readonly Limit[]): Promise<Refusal | null> {
  for (const { act, subject, free, firstSeconds, mostSeconds } of limits) {
    const blind = ctx.vault.blind('tries', subject)
    await moveOn(ctx, tries, [blind])
    const forgotten = new Date(ctx.now.getTime() - forgottenAfterSeconds * 1000)
    const next = sql`case when tries.last_at < ${forgotten} then 1 else tries.count + 1 end`
    const seconds = sql`case when ${next} < ${free}::int then 0
      else least(${mostSeconds}::float8, ${firstSeconds}::float8 * power(2, least(${next} - ${free}::int, 20))) end`
    const { rows } = await sql`
      insert into access.tries as tries (act, subject, count, last_at, until, subject_by) values (${act}, ${blind}, 1, ${ctx.now}, ${ctx.now}, ${ctx.vault.indexBy})
      on conflict (act, subject) do update set count = ${next}, last_at = ${ctx.now},
        until = ${ctx.now}::timestamptz + make_interval(secs => ${seconds})
      where tries.until <= ${ctx.now} returning tries.count`.execute(ctx.tx)
    if (rows.length > 0) continue
    const { rows: found } = await sql<{ until: Date }>`
      select until from access.tries where act = ${act} and subject = ${blind}`.execute(ctx.tx)
    return tooManyTries(Math.max(1, Math.ceil(((found[0]?.until ?? ctx.now).getTime() - ctx.now.getTime()) / 1000)))
  }
  return null
}

/** It was right: the person's tries are forgotten, and this one is no longer counted against where it came from. */
export async function forgiveTry(ctx: Ctx, limits: readonly Limit[]): Promise<void> {
  for (const { act, subject } of limits) {
    const blind = ctx.vault.blind('tries', subject)
    await moveOn(ctx, tries, [blind])
    if (subject.startsWith('who '))
      await sql`delete from access.tries where act = ${act} and subject = ${blind}`.execute(ctx.tx)
    else
      await sql`update access.tries set count = count - 1, until = ${ctx.now} where act = ${act} and subject = ${blind} and count > 0`.execute(
        ctx.tx,
      )
  }
}

export async function forgetOldTries(ctx: Ctx): Promise<void> {
  await sql`delete from access.tries where last_at < ${new Date(ctx.now.getTime() - 2 * forgottenAfterSeconds * 1000)}`.execute(
    ctx.tx,
  )
}
