/**
 * Jobs as graphile-worker keeps them: what waits, what is at work, what failed and is tried again, and what was tried
 * as often as it may be. Read by its published view, changed by its published functions, which leave a job at work alone.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { Refusal } from '#platform/errors'
import { withoutPersonalValues } from '#platform/log'

export const jobStates = ['waiting', 'running', 'retrying', 'failed'] as const
export type JobState = (typeof jobStates)[number]

export interface ListedJob {
  id: string
  name: string
  state: JobState
  /** When it is due, or was. */
  runAt: Date
  attempts: number
  mostAttempts: number
  /** Without personal values. */
  lastError: string | null
  addedAt: Date
  startedAt: Date | null
}

/** `retrying` waits for its next try after one that failed; `failed` was tried as often as it may be. */
const stateOf = sql`case when locked_at is not null then 'running' when attempts >= max_attempts then 'failed'
  when attempts > 0 then 'retrying' else 'waiting' end`

/** The newest of a state, or of all, and how many there are of each. */
export async function listJobs(
  ctx: Ctx,
  { state, limit }: { state?: JobState | undefined; limit: number },
): Promise<{ counts: Record<JobState, number>; jobs: ListedJob[] }> {
  const { rows: counted } = await sql<{ state: JobState; count: number }>`
    select ${stateOf} as state, count(*)::int as count from graphile_worker.jobs group by 1`.execute(ctx.tx)
  const counts = Object.fromEntries(jobStates.map((one) => [one, 0])) as Record<JobState, number>
  for (const { state: one, count } of counted) counts[one] = count
  const { rows } = await sql<ListedJob>`
    select j.id::text as id, task_identifier as name, ${stateOf} as state, run_at as "runAt", attempts::int as attempts,
      max_attempts::int as "mostAttempts", last_error as "lastError", created_at as "addedAt", locked_at as "startedAt"
    from graphile_worker.jobs j ${state ? sql`where ${stateOf} = ${state}` : sql``} order by j.id desc limit ${limit}`.execute(
    ctx.tx,
  )
  return {
    counts,
    jobs: rows.map((job) => ({ ...job, lastError: job.lastError && withoutPersonalValues(job.lastError) })),
  }
}

/** At once, with all its tries before it. */
export async function runJob(ctx: Ctx, id: string): Promise<void> {
  const { rows } = await sql`select id from graphile_worker.reschedule_jobs(array[${id}::bigint], run_at => ${ctx.now},
    attempts => 0)`.execute(ctx.tx)
  if (rows.length === 0) throw jobNotThere(id)
}

/** Takes it out of the list for good. */
export async function giveUpJob(ctx: Ctx, id: string): Promise<{ name: string }> {
  const { rows } = await sql<{ name: string }>`select j.task_identifier as name
    from graphile_worker.jobs j where j.id = ${id}::bigint`.execute(ctx.tx)
  const { rows: gone } = await sql`select id from graphile_worker.complete_jobs(array[${id}::bigint])`.execute(ctx.tx)
  if (!rows[0] || gone.length === 0) throw jobNotThere(id)
  return rows[0]
}

const jobNotThere = (id: string) =>
  new Refusal(
    'conflict',
    'jobs.not_waiting',
    { id },
    `Job ${id} is at work at this moment, or has ended: look at the list again.`,
  )
