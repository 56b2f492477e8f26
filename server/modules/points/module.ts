import { sql } from 'kysely'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Job } from '#platform/jobs'
import type { Module } from '#platform/modules'
import { earning } from './earning.ts'
import './events.ts'
import { sweepTiers, tiersAlongside, tiersOfHomes } from './invitations.ts'
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
    while (!stopping.aborted && (await inTx(db, systemActor, (ctx) => sweepTiers(ctx, chunk))) === chunk);
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
  setup: ['points.rules', 'points.rule_groups', 'points.tiers'],
  routes,
  reactions: [earning],
  jobs: [expiry, nightly],
  // As the entries say, not as time has it: the warehouse hears of a change by its event. The sweep is never far behind.
  facts: {
    columns: {
      available: { type: 'Int64', combine: 'sum' },
      pending: { type: 'Int64', combine: 'sum' },
      deficit: { type: 'Int64', combine: 'sum' },
      earned: { type: 'Int64', combine: 'sum' },
      spent: { type: 'Int64', combine: 'sum' },
      next_expiry_at: { type: "Nullable(DateTime64(3, 'UTC'))", combine: 'min' },
      /** What lapses then, at this home. */
      next_expiry_points: { type: 'Int64', combine: 'sum' },
      /** Code of the person's tier. */
      tier: { type: 'LowCardinality(String)', combine: 'own' },
    },
    read: async (ctx, homes) => {
      const { rows } = await sql<{ member_id: string }>`
        select a.member_id, a.available, a.pending, a.deficit, a.earned, a.spent, l.next_expiry_at, coalesce(l.next_expiry_points, 0) as next_expiry_points
        from points.accounts a left join lateral (
          select expires_at as next_expiry_at, sum(remaining)::bigint as next_expiry_points from points.lots
          where member_id = a.member_id and remaining > 0 and expires_at is not null group by expires_at order by expires_at limit 1) l on true
        where a.member_id = any(${homes}::uuid[])`.execute(ctx.tx)
      const accounts = new Map(rows.map(({ member_id, ...facts }) => [member_id, facts]))
      return new Map(
        [...(await tiersOfHomes(ctx, homes))].map(([home, tier]) => [home, { ...accounts.get(home), tier }]),
      )
    },
    alongside: tiersAlongside,
  },
}
