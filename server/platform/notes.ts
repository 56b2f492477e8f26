/** What the program keeps about itself under a name: small, and read by whoever wrote it. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Ctx } from '#platform/ctx'

export async function readNote<T>(ctx: Pick<Ctx, 'tx'>, name: string, shape: z.ZodType<T>): Promise<T | null> {
  const { rows } = await sql<{ value: unknown }>`select value from platform.settings where name = ${name}`.execute(
    ctx.tx,
  )
  return rows[0] ? shape.parse(rows[0].value) : null
}

export async function keepNote(ctx: Ctx, name: string, value: unknown): Promise<void> {
  await sql`insert into platform.settings (name, value, changed_at) values (${name}, ${JSON.stringify(value)}::jsonb, ${ctx.now})
    on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at`.execute(ctx.tx)
}
