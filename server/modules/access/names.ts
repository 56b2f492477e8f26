/** Names of who acted, by `staff:<id>` and `key:<id>`, as events and the audit log tell them. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'

const shape = /^(\w+):[0-9a-f-]{36}$/

/** Of those who have left too; of members and of the program nothing. */
export async function actorNames(ctx: Pick<Ctx, 'tx'>, actors: readonly string[]): Promise<Map<string, string>> {
  const ids = (kind: string) =>
    actors.flatMap((actor) => (shape.exec(actor)?.[1] === kind ? [actor.slice(kind.length + 1)] : []))
  const { rows } = await sql<{ actor: string; name: string }>`
    select 'staff:' || id as actor, name from access.staff where id = any(${ids('staff')}::uuid[])
    union all
    select 'key:' || id, name from access.api_keys where id = any(${ids('key')}::uuid[])`.execute(ctx.tx)
  return new Map(rows.map(({ actor, name }) => [actor, name]))
}
