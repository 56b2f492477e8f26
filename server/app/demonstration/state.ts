/** What is known of the demonstration in this database: nothing, how far it is filled, or that it was cleared. */
import { z } from 'zod'
import type { Ctx } from '#platform/ctx'
import { keepNote, readNote } from '#platform/notes'

const name = 'demonstration'

const demonstration = z.object({
  state: z.enum(['filling', 'ready', 'cleared']),
  /** Stands as the import of all that it brings, so that it is told from what others bring. */
  id: z.uuid(),
  seed: z.int(),
  day: z.iso.date(),
  people: z.int(),
  /** Batches that are in; each moves this in its own transaction, so none is written twice. */
  batches: z.int(),
  of: z.int(),
  members: z.int(),
  records: z.int(),
  orders: z.int(),
})
export type Demonstration = z.output<typeof demonstration>

export const readState = (ctx: Pick<Ctx, 'tx'>): Promise<Demonstration | null> => readNote(ctx, name, demonstration)
export const keepState = (ctx: Ctx, state: Demonstration): Promise<void> => keepNote(ctx, name, state)
/** All of it only when reactions have read it too. */
export const percentOf = ({ state, batches, of }: Demonstration): number =>
  state === 'ready' ? 100 : Math.min(99, Math.floor((100 * batches) / of))
