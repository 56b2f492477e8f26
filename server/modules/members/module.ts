import { sql } from 'kysely'
import type { Module } from '#platform/modules'
import { homeKeys } from './home-keys.ts'
import { moveReveals } from './reveals.ts'
import { routes } from './routes.ts'
import './events.ts'

export const module: Module = {
  name: 'members',
  routes,
  start: moveReveals,
  homeKeys,
  facts: {
    columns: {
      person_id: { type: 'UUID', combine: 'person' },
      channel_id: { type: 'Int32', combine: 'union' },
      birth_date: { type: 'Nullable(Date32)', combine: 'own' },
      gender: { type: 'LowCardinality(String)', combine: 'union' },
      city: { type: 'LowCardinality(String)', combine: 'union' },
      live: { type: 'Bool', combine: 'max' },
      /** Since when: when it was made here, or earlier where its channel said so. */
      created_at: { type: "DateTime64(3, 'UTC')", combine: 'min' },
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
          r.withdrawn_at is null as live, least(h.created_at, r.seen_at) as created_at
        from members.homes h join members.records r on r.member_id = h.member_id left join members.profiles p on p.member_id = h.member_id
        where h.member_id = any(${homes}::uuid[])`.execute(ctx.tx)
      return new Map(rows.map(({ member_id, ...facts }) => [member_id, facts]))
    },
    everyHome: async (ctx, { after, limit }) => {
      const { rows } = await sql<{ member_id: string }>`
        select member_id from members.homes ${after ? sql`where member_id > ${after}::uuid` : sql``} order by member_id limit ${limit}`.execute(
        ctx.tx,
      )
      return rows.map((row) => row.member_id)
    },
  },
}
