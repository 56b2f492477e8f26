import { sql } from 'kysely'
import type { Module } from '#platform/modules'
import { routes } from './routes.ts'
import './events.ts'

export const module: Module = {
  name: 'members',
  routes,
  facts: {
    columns: {
      person_id: 'UUID',
      channel_id: 'Int32',
      birth_date: 'Nullable(Date32)',
      gender: "LowCardinality(String) default ''",
      city: "String default ''",
      live: 'Bool',
      created_at: "DateTime64(3, 'UTC')",
    },
    read: async (ctx, homes) => {
      const { rows } = await sql<{
        member_id: string
        person_id: string
        channel_id: number
        birth_date: string | null
        gender: string
        city: string
        live: boolean
        created_at: Date
      }>`
        select h.member_id, h.person_id, r.channel_id, p.birth_date, coalesce(p.gender, '') as gender, coalesce(p.city, '') as city,
          r.withdrawn_at is null as live, h.created_at
        from members.homes h join members.records r on r.member_id = h.member_id left join members.profiles p on p.member_id = h.member_id
        where h.member_id = any(${homes}::uuid[])`.execute(ctx.tx)
      return new Map(rows.map(({ member_id, ...facts }) => [member_id, facts]))
    },
  },
}
