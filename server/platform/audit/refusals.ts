/**
 * What somebody tried and may not. It is recorded too, and can't be used to flood the log: of one caller so many in ten
 * minutes, of all together some more. What is left out is counted, and told by the caller's next entry.
 */
import { type Asking, record } from '#platform/audit'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Refusal } from '#platform/errors'
import { actorName } from '#platform/events'
import type { House } from '#platform/house'

const windowMilliseconds = 600_000
const mostOfOne = 20
const mostOfAll = 600
/** More callers than anybody has; from there on only the count of all holds. */
const mostCallers = 10_000

interface Count {
  entries: number
  leftOut: number
}

export interface RefusalLimit {
  /** How many of the caller were left out before this one; null when this one is left out too. */
  admit(caller: string, now: number): number | null
}

export function refusalLimit(): RefusalLimit {
  const callers = new Map<string, Count>()
  let since = 0
  let all = 0
  return {
    admit(caller, now) {
      if (now - since >= windowMilliseconds) {
        since = now
        all = 0
        // Who had something left out is remembered until it has been told.
        for (const [name, count] of callers) {
          if (count.leftOut === 0) callers.delete(name)
          else count.entries = 0
        }
      }
      const count = callers.get(caller) ?? { entries: 0, leftOut: 0 }
      if (callers.size < mostCallers) callers.set(caller, count)
      if (count.entries >= mostOfOne || all >= mostOfAll) {
        count.leftOut++
        return null
      }
      count.entries++
      all++
      const { leftOut } = count
      count.leftOut = 0
      return leftOut
    },
  }
}

/** In an act of its own: the one that was refused leaves nothing behind. */
export async function recordRefusal(
  { db, log }: Pick<House, 'db' | 'log'>,
  limit: RefusalLimit,
  actor: Actor,
  asking: Asking,
  refusal: Refusal,
): Promise<void> {
  const caller = actor.kind === 'system' ? asking.address : actorName(actor)
  const leftOut = limit.admit(caller, db.clock.now().getTime())
  if (leftOut === null) return
  try {
    await inTx(db, { ...actor, asking }, (ctx) =>
      record(ctx, { refusal: refusal.code, ...(leftOut > 0 ? { details: { leftOut } } : {}) }),
    )
  } catch (error) {
    // Whoever asked is refused all the same.
    log.error({ err: error, requestId: asking.requestId }, 'a refused attempt was not recorded')
  }
}
