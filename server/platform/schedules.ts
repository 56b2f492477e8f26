/** What the program does by the clock: when each job of the schedule comes next, and how its last run went. */
import { parseCronItems } from 'graphile-worker'
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import type { House } from '#platform/house'
import type { Job } from '#platform/jobs'
import { withoutPersonalValues } from '#platform/log'

export interface Schedule {
  name: string
  nextAt: Date | null
  /** The last time that it ran; null: not yet. */
  last: { beganAt: Date; endedAt: Date | null; error: string | null } | null
}

export const cronItemsOf = (jobs: readonly Job[]) =>
  parseCronItems(
    jobs
      .filter((job) => job.cron)
      .map((job) => ({ task: job.name, match: job.cron!, identifier: job.name, options: { backfillPeriod: 0 } })),
  )

const minuteMilliseconds = 60_000
/** A schedule that matches nothing in a year (29 February) says that it doesn't know. */
const mostMinutes = 366 * 24 * 60

/** The first minute after `now` that a schedule names, read in UTC as the worker reads it. */
function nextOf(match: ReturnType<typeof cronItemsOf>[number]['match'], now: Date): Date | null {
  const first = Math.floor(now.getTime() / minuteMilliseconds) + 1
  for (let minute = first; minute < first + mostMinutes; minute++) {
    const at = new Date(minute * minuteMilliseconds)
    const matches = match({
      min: at.getUTCMinutes(),
      hour: at.getUTCHours(),
      date: at.getUTCDate(),
      month: at.getUTCMonth() + 1,
      dow: at.getUTCDay(),
    })
    if (matches) return at
  }
  return null
}

/** By when they come next. */
export async function schedules(ctx: Ctx, jobs: readonly Job[]): Promise<Schedule[]> {
  const { rows } = await sql<{ name: string; beganAt: Date; endedAt: Date | null; error: string | null }>`
    select name, began_at as "beganAt", ended_at as "endedAt", error from platform.job_runs`.execute(ctx.tx)
  const runs = new Map(rows.map(({ name, ...run }) => [name, run]))
  const far = Number.MAX_SAFE_INTEGER
  return cronItemsOf(jobs)
    .map(({ task, match }) => ({ name: task, nextAt: nextOf(match, ctx.now), last: runs.get(task) ?? null }))
    .sort((a, b) => (a.nextAt?.getTime() ?? far) - (b.nextAt?.getTime() ?? far) || (a.name < b.name ? -1 : 1))
}

/**
 * Runs a job of the schedule and notes how it went, each note in an act of its own: a run that fails takes back what it
 * did, and not the note. A run that the program ended under stands there without an end.
 */
export async function noted({ db }: Pick<House, 'db'>, name: string, run: () => Promise<void>): Promise<void> {
  const beganAt = db.clock.now()
  await sql`insert into platform.job_runs (name, began_at) values (${name}, ${beganAt})
    on conflict (name) do update set began_at = excluded.began_at, ended_at = null, error = null`.execute(db.kysely)
  const end = (error: string | null) =>
    sql`update platform.job_runs set ended_at = ${db.clock.now()}, error = ${error} where name = ${name}`.execute(
      db.kysely,
    )
  try {
    await run()
  } catch (error) {
    await end(withoutPersonalValues(error instanceof Error ? error.message : String(error)))
    throw error
  }
  await end(null)
}
