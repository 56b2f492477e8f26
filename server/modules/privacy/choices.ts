/** What the group chooses about privacy: small, read often, kept by name. */
import { sql } from 'kysely'
import { z } from 'zod'
import type { Ctx } from '#platform/ctx'
import { actorName } from '#platform/events'

const shapes = {
  rights: z.object({
    /** Days in which an erasure that was asked for can be taken back. */
    waitingDays: z.int().min(0).max(30).default(0),
    /** Whose deadlines are shown; both: the earlier. */
    law: z.enum(['pipl', 'gdpr', 'both']).default('both'),
  }),
  /** Days by kind, where the group chose others than those that ship. */
  retention: z.record(z.string(), z.int().min(1).max(36_500)),
  /** What the record of processing says besides what the program knows. */
  notes: z.object({
    controller: z.string().max(2000).default(''),
    contact: z.string().max(2000).default(''),
    recipients: z.string().max(4000).default(''),
    transfers: z.string().max(4000).default(''),
    measures: z.string().max(4000).default(''),
  }),
}
type Shapes = typeof shapes
export type Choice = keyof Shapes
export type Rights = z.output<Shapes['rights']>
export type Notes = z.output<Shapes['notes']>

export async function readChoice<C extends Choice>(ctx: Pick<Ctx, 'tx'>, name: C): Promise<z.output<Shapes[C]>> {
  const { rows } = await sql<{ value: unknown }>`select value from privacy.choices where name = ${name}`.execute(ctx.tx)
  return shapes[name].parse(rows[0]?.value ?? {}) as z.output<Shapes[C]>
}

/** What is left out stays. */
export async function choose<C extends Choice>(
  ctx: Ctx,
  name: C,
  change: Partial<z.output<Shapes[C]>>,
): Promise<z.output<Shapes[C]>> {
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const next = shapes[name].parse({ ...(await readChoice(ctx, name)), ...said })
  await sql`insert into privacy.choices (name, value, changed_at, actor)
    values (${name}, ${JSON.stringify(next)}::jsonb, ${ctx.now}, ${actorName(ctx.actor)})
    on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at, actor = excluded.actor`.execute(
    ctx.tx,
  )
  return next as z.output<Shapes[C]>
}
