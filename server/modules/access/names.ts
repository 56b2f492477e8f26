/** Names of who acted, by `staff:<id>` and `key:<id>`, as events and the audit log tell them. */
import { sql } from 'kysely'
import { channels } from '#modules/channels'
import { companies } from '#modules/organisation'
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

/** In which capacity a colleague acted: a role then held, with its name where it is the group's own, and where. */
export interface Capacity {
  role: string
  roleName: string | null
  /** Name of the company or store; null: the whole group, or whom they served themselves. */
  place: string | null
}

/**
 * By the place in the list; null for whoever is no colleague, or held nothing then. Of several roles the one in the
 * smallest part of the group: that is where they met the member.
 */
export async function capacitiesOf(
  ctx: Pick<Ctx, 'tx'>,
  acts: readonly { actor: string; at: Date }[],
): Promise<(Capacity | null)[]> {
  const staff = acts.map(({ actor }) => (shape.exec(actor)?.[1] === 'staff' ? actor.slice('staff:'.length) : null))
  const { rows } = await sql<{
    n: number
    role: string
    roleName: string | null
    companyId: number | null
    channelId: number | null
  }>`
    select distinct on (a.n) a.n::int as n, g.role, nullif(r.name, '') as "roleName", g.company_id as "companyId", g.channel_id as "channelId"
    from unnest(${staff}::uuid[], ${acts.map(({ at }) => at)}::timestamptz[]) with ordinality as a(staff_id, at, n)
    join access.grants g on g.holder_id = a.staff_id and g.given_at <= a.at and coalesce(g.ended_at > a.at, true)
    left join access.roles r on r.code = g.role
    order by a.n, g.channel_id is null, g.company_id is null, g.given_at, g.id`.execute(ctx.tx)
  if (rows.length === 0) return acts.map(() => null)
  const companyNames = new Map((await companies(ctx)).map(({ id, name }) => [id, name]))
  const storeNames = new Map((await channels(ctx)).map(({ id, name }) => [id, name]))
  const found = new Map(
    rows.map(({ n, role, roleName, companyId, channelId }) => [
      n,
      {
        role,
        roleName,
        place:
          (channelId !== null ? storeNames.get(channelId) : companyId !== null ? companyNames.get(companyId) : null) ??
          null,
      },
    ]),
  )
  return acts.map((_, index) => found.get(index + 1) ?? null)
}
