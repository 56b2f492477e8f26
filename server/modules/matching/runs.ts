/** Matching runs as rows: one goes on at a time, in the background; pages follow it by reading its row. */
import { sql } from 'kysely'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import { actorName } from '#platform/events'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import type { MatchingRun, matchingSteps } from './contract.ts'
import { runGoing, runNotFound, runStopped } from './errors.ts'
import { lookUpAnew, match } from './matching.ts'

interface RunRow {
  id: string
  state: MatchingRun['state']
  dryRun: boolean
  progress: MatchingRun['progress']
  result: MatchingRun['result']
  error: MatchingRun['error']
  createdAt: Date
  finishedAt: Date | null
}

const columns = sql`id, state, dry_run as "dryRun", progress, result, error, created_at as "createdAt", finished_at as "finishedAt"`

export function viewOf({ createdAt, finishedAt, ...row }: RunRow): MatchingRun {
  return { ...row, createdAt: createdAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null }
}

export async function runOf(ctx: Pick<Ctx, 'tx'>, id: string): Promise<RunRow> {
  const { rows } = await sql<RunRow>`select ${columns} from matching.runs where id = ${id}`.execute(ctx.tx)
  if (!rows[0]) throw runNotFound(id)
  return rows[0]
}

export async function newestRuns(ctx: Pick<Ctx, 'tx'>, limit = 50): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`
    select ${columns} from matching.runs order by created_at desc, id desc limit ${limit}`.execute(ctx.tx)
  return rows
}

const running = new Map<string, { stop: AbortController; ended: Promise<void> }>()

/** Begins a run, which goes on after the answer; told twice under one id it is the same run. */
export async function begin(
  house: House,
  actor: Actor,
  { id, dryRun, all }: { id: string; dryRun: boolean; all: boolean },
): Promise<RunRow> {
  const fresh = await inTx(house.db, actor, async (ctx) => {
    await sql`lock table matching.runs in share row exclusive mode`.execute(ctx.tx)
    const { rows: going } = await sql<{ id: string }>`select id from matching.runs where state = 'running'`.execute(
      ctx.tx,
    )
    if (going[0] && going[0].id !== id) throw runGoing(going[0].id)
    const { rows } = await sql`insert into matching.runs (id, state, dry_run, actor, created_at)
      values (${id}, 'running', ${dryRun}, ${actorName(actor)}, ${ctx.now}) on conflict do nothing returning id`.execute(
      ctx.tx,
    )
    return rows.length > 0
  })
  if (fresh) work(house, actor, { id, dryRun, all })
  return inTx(house.db, actor, (ctx) => runOf(ctx, id))
}

function work(house: House, actor: Actor, { id, dryRun, all }: { id: string; dryRun: boolean; all: boolean }): void {
  const stop = new AbortController()
  const onStopping = () => stop.abort()
  house.stopping.addEventListener('abort', onStopping, { once: true })
  const onStep = (step: (typeof matchingSteps)[number], done: number, of: number) =>
    inTx(house.db, actor, (ctx) =>
      sql`update matching.runs set progress = ${JSON.stringify({ step, done, of })}::jsonb where id = ${id}`.execute(
        ctx.tx,
      ),
    )
  const ended = match(house, actor, { id, dryRun, all, signal: stop.signal, onStep })
    .then(
      (result) => close(house, actor, id, { state: 'done', result, error: null }),
      (error: unknown) => {
        if (!stop.signal.aborted) house.log.error({ err: error, runId: id }, 'matching stopped')
        const { code, message } = stop.signal.aborted ? runStopped() : refusalOf(error)
        return close(house, actor, id, { state: 'failed', result: null, error: { code, message } })
      },
    )
    .catch((error: unknown) => house.log.error({ err: error, runId: id }, 'a matching run could not be closed'))
    .finally(() => {
      running.delete(id)
      house.stopping.removeEventListener('abort', onStopping)
    })
  running.set(id, { stop, ended })
}

/** Builds the look-up of the newest run anew. A run that is going on does so itself. */
export async function rebuildLookUp({ db, stopping }: Pick<House, 'db' | 'stopping'>): Promise<void> {
  const id = newId()
  const fresh = await inTx(db, systemActor, async (ctx) => {
    await sql`lock table matching.runs in share row exclusive mode`.execute(ctx.tx)
    const { rows } = await sql`insert into matching.runs (id, state, dry_run, actor, created_at)
      select ${id}, 'running', true, ${actorName(systemActor)}, ${ctx.now}
      where not exists (select from matching.runs where state = 'running') returning id`.execute(ctx.tx)
    return rows.length > 0
  })
  if (!fresh) return
  try {
    await lookUpAnew(db, id, stopping)
  } finally {
    // It was no run that anybody asked for.
    await inTx(db, systemActor, (ctx) => sql`delete from matching.runs where id = ${id}`.execute(ctx.tx))
  }
}

function refusalOf(error: unknown): { code: string; message: string } {
  if (error instanceof Refusal) return error
  return {
    code: 'program.bug',
    message: 'The run stopped in the middle; what was joined stays joined. Start another one to go on.',
  }
}

async function close(
  house: House,
  actor: Actor,
  id: string,
  { state, result, error }: { state: string; result: MatchingRun['result']; error: MatchingRun['error'] },
): Promise<void> {
  await inTx(house.db, actor, (ctx) =>
    sql`update matching.runs set state = ${state}, progress = null, finished_at = ${ctx.now},
      result = ${result && JSON.stringify(result)}::jsonb, error = ${error && JSON.stringify(error)}::jsonb where id = ${id}`.execute(
      ctx.tx,
    ),
  )
}

export async function stopAll(): Promise<void> {
  await Promise.all(
    [...running.values()].map(({ stop, ended }) => {
      stop.abort()
      return ended
    }),
  )
}

/** After a start: a run that the last program left in the middle has ended with it. */
export async function tidyAfterCrash(house: House): Promise<void> {
  const { code, message } = runStopped()
  await sql`update matching.runs set state = 'failed', progress = null, finished_at = now(), error = ${JSON.stringify({ code, message })}::jsonb
    where state = 'running'`.execute(house.db.kysely)
}
