/** What is missing or wrong at people whom the actor sees, by name: for lists of what to mend. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { qualityFields } from './findings.ts'
import { homeInScope } from './scope.ts'

export interface PersonFindings {
  id: string
  name: string | null
  homes: string[]
  /** `stores`: to which it belongs beside its channel; `staff`: who serve it; `wrong`: field:code. Newest first. */
  records: { id: string; channelId: number; stores: number[]; staff: string[]; filled: Set<string>; wrong: string[] }[]
  staff: string[]
}

/** Of these persons, in their order, those of whom the actor sees a record. */
export async function findingsOfPersons(ctx: Ctx, persons: readonly string[]): Promise<PersonFindings[]> {
  const { rows } = await sql<{
    person: string
    home: string
    channelId: number
    name: string | null
    filled: number | null
    custom: string | null
    wrong: string | null
    stores: number[]
    staff: string[]
  }>`
    select h.person_id as person, r.member_id as home, r.channel_id as "channelId", p.name, p.filled, p.filled_custom as custom, p.wrong,
      coalesce(rel.stores, '{}') as stores, coalesce(rel.staff, '{}') as staff
    from members.homes h join members.records r on r.member_id = h.member_id join members.profiles p on p.member_id = h.member_id
    left join lateral (
      select array_agg(distinct channel_id) as stores, array_agg(distinct staff_id) filter (where staff_id is not null) as staff
      from members.relations where member_id = r.member_id and until is null) rel on true
    where h.person_id = any(${arrayOf('uuid', persons)}) and r.withdrawn_at is null
      and ${homeInScope(ctx.actor.scope, sql`r.member_id`)} order by r.seen_at desc, r.member_id`.execute(ctx.tx)
  const byPerson = Map.groupBy(rows, ({ person }) => person)
  return persons.flatMap((id) => {
    const own = byPerson.get(id)
    if (!own) return []
    const records = own.map(({ home, channelId, stores, staff, filled, custom, wrong }) => ({
      id: home,
      channelId,
      stores,
      staff,
      filled: new Set<string>([
        ...qualityFields.filter((_, index) => ((filled ?? 0) & (1 << index)) !== 0),
        ...(custom?.split(',').map((key) => `custom.${key}`) ?? []),
      ]),
      wrong: wrong?.split(',') ?? [],
    }))
    return {
      id,
      // As lists of members show it: cut short by nobody.
      name: own.flatMap(({ name }) => name ?? []).sort((a, b) => b.length - a.length)[0] ?? null,
      homes: own.map(({ home }) => home),
      records,
      staff: [...new Set(own.flatMap(({ staff }) => staff))],
    }
  })
}

/** Who serves members at channels that the actor sees. */
export async function staffWhoServe(ctx: Pick<Ctx, 'tx' | 'actor'>): Promise<string[]> {
  const { scope } = ctx.actor
  if (scope !== 'group' && 'memberIds' in scope) return []
  const { rows } = await sql<{ id: string }>`
    select distinct staff_id as id from members.relations where staff_id is not null and until is null
      ${scope === 'group' ? sql`` : sql`and (channel_id = any(${arrayOf('int', scope.channelIds)}) or staff_id = ${scope.servedBy}::uuid)`}`.execute(
    ctx.tx,
  )
  return rows.map(({ id }) => id)
}

/** Members who may be the same as another and wait for somebody to decide; of pairs of which the actor sees both. */
export async function personsInReview(
  ctx: Pick<Ctx, 'tx' | 'actor'>,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ ids: string[]; count: number }> {
  const { rows } = await sql<{ id: string; count: number }>`
    with waiting as (
      select distinct unnest(array[h.person_id, g.person_id]) as id from members.reviews v
      join members.homes h on h.member_id = v.member_a join members.homes g on g.member_id = v.member_b
      where v.closed_at is null and h.person_id <> g.person_id
        and ${homeInScope(ctx.actor.scope, sql`v.member_a`)} and ${homeInScope(ctx.actor.scope, sql`v.member_b`)})
    select id, (select count(*) from waiting) as count from waiting
    ${after ? sql`where id < ${after}::uuid` : sql``} order by id desc limit ${limit}`.execute(ctx.tx)
  return { ids: rows.map(({ id }) => id), count: rows[0]?.count ?? 0 }
}
