/**
 * How long each kind of data is kept. Each module says what of its own grows old and how it goes (`keepFor`); the group
 * may choose other days; a job runs the rules each night and notes what went.
 */
import { sql } from 'kysely'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import type { Job } from '#platform/jobs'
import { choose, readChoice } from './choices.ts'
import { ruleUnknown } from './errors.ts'

export interface RetentionRule {
  readonly kind: string
  /** Unless the group chose otherwise. */
  readonly usualDays: number
  /** Takes out what is older than that moment and says how much went. Null: nothing goes by itself, it is proposed. */
  readonly run: ((house: House, before: Date) => Promise<number>) | null
}

const rules = new Map<string, RetentionRule>()

/** Filled in by each `module.ts`. */
export function keepFor(rule: RetentionRule): void {
  rules.set(rule.kind, rule)
}

export interface RuleInForce {
  kind: string
  days: number
  usualDays: number
  last: { at: Date; removed: number } | null
}

export async function rulesInForce(ctx: Pick<Ctx, 'tx'>): Promise<RuleInForce[]> {
  const chosen = await readChoice(ctx, 'retention')
  const { rows } = await sql<{ kind: string; at: Date; removed: number }>`
    select distinct on (kind) kind, ran_at as at, removed from privacy.runs order by kind, ran_at desc`.execute(ctx.tx)
  const last = new Map(rows.map(({ kind, ...run }) => [kind, run]))
  return [...rules.values()].map(({ kind, usualDays }) => ({
    kind,
    usualDays,
    days: chosen[kind] ?? usualDays,
    last: last.get(kind) ?? null,
  }))
}

export async function daysOf(ctx: Pick<Ctx, 'tx'>, kind: string): Promise<number> {
  const rule = rules.get(kind)
  if (!rule) throw ruleUnknown(kind)
  return (await readChoice(ctx, 'retention'))[kind] ?? rule.usualDays
}

export async function setRule(ctx: Ctx, { kind, days }: { kind: string; days: number }): Promise<RuleInForce> {
  if (!rules.has(kind)) throw ruleUnknown(kind)
  await choose(ctx, 'retention', { [kind]: days })
  return (await rulesInForce(ctx)).find((rule) => rule.kind === kind)!
}

/** Runs every rule once. A rule that fails is told in the log and keeps no other from running. */
export async function runRules(house: House): Promise<void> {
  for (const { kind, run } of rules.values()) {
    if (house.stopping.aborted || run === null) continue
    const now = house.db.clock.now()
    const days = await inTx(house.db, systemActor, (ctx) => daysOf(ctx, kind))
    try {
      const removed = await run(house, new Date(now.getTime() - days * 86_400_000))
      await inTx(house.db, systemActor, (ctx) =>
        sql`insert into privacy.runs (kind, ran_at, days, removed) values (${kind}, ${now}, ${days}, ${removed}) on conflict do nothing`.execute(
          ctx.tx,
        ),
      )
    } catch (error) {
      house.log.error({ err: error, kind }, 'a retention rule could not run')
    }
  }
  await inTx(house.db, systemActor, (ctx) =>
    sql`delete from privacy.runs where ran_at < ${new Date(ctx.now.getTime() - 400 * 86_400_000)}`.execute(ctx.tx),
  )
}

export const retaining: Job = { name: 'privacy.retention', cron: '50 18 * * *', run: (house) => runRules(house) }

/**
 * Persons to whom nothing has happened since a moment, those silent for longest first. Read from the warehouse, which
 * may be away: null then. They are proposed; nobody is erased for being silent.
 */
export async function silentSince(
  house: Pick<House, 'warehouse'>,
  before: Date,
  limit: number,
): Promise<{ person: string; lastAt: string }[] | null> {
  if (!(await house.warehouse.ping())) return null
  return house.warehouse.query<{ person: string; lastAt: string }>(
    `select toString(members_person_id) as person, formatDateTime(max(last), '%Y-%m-%dT%H:%i:%S.000Z', 'UTC') as lastAt from (
       select f.members_person_id as members_person_id, greatest(f.members_created_at, ifNull(f.orders_last_at, f.members_created_at), ifNull(e.last, f.members_created_at)) as last
       from facts f left join (select member_id, max(event_at) as last from events where type not like 'points.expired' group by member_id) e
         on e.member_id = f.member_id where f.members_live)
     group by members_person_id having max(last) < fromUnixTimestamp64Milli({before:Int64}) order by max(last), person limit {limit:UInt32}`,
    { before: before.getTime(), limit },
  )
}
