import { sql } from 'kysely'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Job } from '#platform/jobs'
import type { Module } from '#platform/modules'
import { earning } from './earning.ts'
import './events.ts'
import { sweep } from './ledger.ts'
import { routes } from './routes.ts'
import { verify } from './verify.ts'

/** Accounts settled in one transaction, which stays well under a second. */
const chunk = 1_000

const expiry: Job = {
  name: 'points.expiry',
  // Days end at midnight of the group's time zone, wherever that is, and all of them are off by quarters of an hour.
  cron: '1,16,31,46 * * * *',
  run: async ({ db, stopping }) => {
    while (!stopping.aborted && (await inTx(db, systemActor, (ctx) => sweep(ctx, chunk))) === chunk);
  },
}

const nightly: Job = {
  name: 'points.verify',
  cron: '40 19 * * *',
  run: async ({ db, log }) => {
    const broken = await inTx(db, systemActor, (ctx) => verify(ctx))
    for (const { invariant, ids, detail } of broken)
      log.error({ invariant, ids, detail }, 'the books of points are broken')
  },
}

export const module: Module = {
  name: 'points',
  routes,
  reactions: [earning],
  jobs: [expiry, nightly],
  facts: {
    columns: {
      available: 'Int64',
      pending: 'Int64',
      earned: 'Int64',
      spent: 'Int64',
      next_expiry_at: "Nullable(DateTime64(3, 'UTC'))",
    },
    read: async (ctx, homes) => {
      const { rows } = await sql<{
        member_id: string
        available: number
        pending: number
        earned: number
        spent: number
        next_expiry_at: Date | null
      }>`
        select a.member_id, (coalesce(l.available, 0) - a.deficit)::bigint as available, coalesce(l.pending, 0)::bigint as pending,
          a.earned, a.spent, l.next_expiry_at
        from points.accounts a left join lateral (
          select sum(remaining) filter (where available_at <= ${ctx.now}) as available,
            sum(remaining) filter (where available_at > ${ctx.now}) as pending, min(expires_at) as next_expiry_at
          from points.lots
          where member_id = a.member_id and remaining > 0 and (expires_at is null or expires_at > ${ctx.now})) l on true
        where a.member_id = any(${homes}::uuid[])`.execute(ctx.tx)
      return new Map(rows.map(({ member_id, ...facts }) => [member_id, facts]))
    },
  },
}
