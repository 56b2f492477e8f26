/**
 * The long work of imports in this process: started by a request that returns at once, followed by reading the
 * import's row, stopped between two steps by a cancellation or by the end of the program.
 */
import { sql } from 'kysely'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { isOutage, Refusal, sqlStateOf } from '#platform/errors'
import type { House } from '#platform/house'
import { readingStopped, undoStopped } from './errors.ts'
import { tidyUploads } from './staging.ts'

interface Work {
  stop: AbortController
  ended: Promise<void>
}

const running = new Map<string, Work>()
const outageTries = 60
const outagePauseMilliseconds = 1_000

/** Begins work on an import. An outage of the database is waited out; anything else that goes wrong pauses it. */
export function begin(house: House, actor: Actor, id: string, work: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController()
  // What was begun before may still be tidying up behind itself: an undo asked for at once waits for that.
  const before = running.get(id)?.ended
  const onStopping = () => stop.abort()
  house.stopping.addEventListener('abort', onStopping, { once: true })
  const ended = (async () => {
    await before
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(stop.signal)
      } catch (error) {
        if (isOutage(error) && sqlStateOf(error) !== '53100' && attempt < outageTries && !stop.signal.aborted) {
          house.log.warn({ err: error, importId: id, attempt }, 'import waits for the database')
          await new Promise((resolve) => setTimeout(resolve, outagePauseMilliseconds))
          continue
        }
        if (!(error instanceof Refusal)) house.log.error({ err: error, importId: id }, 'import stopped')
        return await pause(house, actor, id, error)
      }
    }
  })().finally(() => {
    // Other work may have been begun meanwhile; then it is that which is running.
    if (running.get(id)?.stop === stop) running.delete(id)
    house.stopping.removeEventListener('abort', onStopping)
  })
  running.set(id, { stop, ended })
}

/** Asks the work to stop and waits until it has; false when there is none. */
export async function stop(id: string): Promise<boolean> {
  const work = running.get(id)
  if (!work) return false
  work.stop.abort()
  await work.ended
  return true
}

export async function stopAll(): Promise<void> {
  await Promise.all([...running.keys()].map(stop))
}

/** What stopped in the middle of applying stays where it is, says why, and goes on by the same command. */
async function pause(house: House, actor: Actor, id: string, error: unknown): Promise<void> {
  const refusal = error instanceof Refusal ? error : null
  const full = sqlStateOf(error) === '53100'
  const said = {
    code: refusal?.code ?? (full ? 'program.disk_full' : isOutage(error) ? 'program.database_away' : 'program.bug'),
    params: refusal?.params ?? {},
    message: refusal?.message ?? 'The work stopped in the middle; what is done stays done. Go on by the same command.',
  }
  await inTx(house.db, actor, (ctx) =>
    sql`update imports.imports set state = case state when 'applying' then 'paused' when 'staging' then 'failed' else state end,
      error = ${JSON.stringify(said)}::jsonb where id = ${id} and state in ('applying', 'staging', 'undoing')`.execute(
      ctx.tx,
    ),
  ).catch((again: unknown) => house.log.error({ err: again, importId: id }, 'import could not be marked as paused'))
}

/** After a start: work that the last run of the program left in the middle is nobody's now. */
export async function tidyAfterCrash(house: House): Promise<void> {
  await tidyUploads(house)
  await sql`update imports.imports set state = case state when 'applying' then 'paused' else 'mapping' end, progress = null
    where state in ('applying', 'staging')`.execute(house.db.kysely)
  await sql`update imports.imports set state = 'failed', error = ${JSON.stringify(said(readingStopped()))}::jsonb, finished_at = now()
    where state = 'uploading'`.execute(house.db.kysely)
  await sql`update imports.imports set error = ${JSON.stringify(said(undoStopped()))}::jsonb where state = 'undoing'`.execute(
    house.db.kysely,
  )
}

const said = ({ code, params, message }: Refusal) => ({ code, params, message })
