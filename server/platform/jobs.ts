/**
 * Timers, schedules and deliveries: graphile-worker's, kept in PostgreSQL. A job is added inside the transaction of
 * the act that wants it, and runs again after a crash.
 */
import { Logger, type Runner, run, runMigrations } from 'graphile-worker'
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import type { House } from '#platform/house'
import { withoutPersonalValues } from '#platform/log'
import { cronItemsOf, noted } from '#platform/schedules'

export interface Job {
  readonly name: string
  /** Five fields of cron in UTC; without it the job runs only when added. */
  readonly cron?: string
  run(house: House, payload: unknown): Promise<void>
}

/** Adds a job to the caller's transaction. With a key, a job of the same name and key that has not begun is replaced. */
export async function addJob(
  ctx: Pick<Ctx, 'tx'>,
  name: string,
  payload: unknown,
  options: { key?: string; runAt?: Date; tries?: number } = {},
): Promise<void> {
  await sql`select graphile_worker.add_job(${name}, ${JSON.stringify(payload)}::json, run_at => ${options.runAt ?? null},
    job_key => ${options.key ? `${name}:${options.key}` : null}, max_attempts => ${options.tries ?? 25})`.execute(
    ctx.tx,
  )
}

export async function prepareJobs(url: string): Promise<void> {
  await runMigrations({ connectionString: url })
}

export async function startJobs(house: House, jobs: readonly Job[]): Promise<Runner> {
  const say = (level: string, message: string) => {
    if (level === 'error' || level === 'warning') house.log.warn({ part: 'jobs' }, withoutPersonalValues(message))
  }
  return run({
    pgPool: house.db.pool,
    concurrency: 2,
    noHandleSignals: true,
    pollInterval: 1_000,
    logger: new Logger(() => (level, message) => say(level, message)),
    taskList: Object.fromEntries(
      jobs.map((job) => [
        job.name,
        async (payload: unknown) => {
          const work = () => job.run(house, payload)
          await (job.cron ? noted(house, job.name, work) : work())
        },
      ]),
    ),
    parsedCronItems: cronItemsOf(jobs),
  })
}
