import { sql } from 'kysely'
import type { Module } from '#platform/modules'
import { blindIndexes } from './blind-indexes.ts'
import { homeKeys } from './home-keys.ts'
import { handingOver, staffLeft } from './relations.ts'
import { moveReveals } from './reveals.ts'
import { routes } from './routes.ts'
import './events.ts'

export const module: Module = {
  name: 'members',
  routes,
  reactions: [staffLeft],
  jobs: [handingOver],
  start: moveReveals,
  homeKeys,
  blindIndexes,
  facts: {
    columns: {
      person_id: { type: 'UUID', combine: 'person' },
      channel_id: { type: 'Int32', combine: 'union' },
      birth_date: { type: 'Nullable(Date32)', combine: 'own' },
      gender: { type: 'LowCardinality(String)', combine: 'union' },
      city: { type: 'LowCardinality(String)', combine: 'union' },
      live: { type: 'Bool', combine: 'max' },
      /** Where they say that they come from: a word of the dictionary. */
      source: { type: 'LowCardinality(String)', combine: 'union' },
      /** Fields that say something, a bit for each (findings.ts); custom ones by key; and what can't be right, as `field:code`. */
      filled_bits: { type: 'Int32', combine: 'union' },
      filled_custom: { type: 'Array(String)', combine: 'union' },
      wrong: { type: 'Array(String)', combine: 'union' },
      /** Stores that it belongs to beside the channel by which it came, and the staff who serve it. */
      stores: { type: 'Array(Int32)', combine: 'union' },
      served_by: { type: 'Array(UUID)', combine: 'union' },
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
        source: string
        filled: number | null
        filled_custom: string | null
        wrong: string | null
        stores: number[]
        served_by: string[]
        created_at: Date
      }>`
        select h.member_id, h.person_id, r.channel_id, p.birth_date, coalesce(p.gender, '') as gender, coalesce(p.city, '') as city,
          coalesce(p.source, '') as source, p.filled, p.filled_custom, p.wrong,
          coalesce(rel.stores, '{}') as stores, coalesce(rel.served_by, '{}') as served_by, r.withdrawn_at is null as live, least(h.created_at, r.seen_at) as created_at
        from members.homes h join members.records r on r.member_id = h.member_id left join members.profiles p on p.member_id = h.member_id
        left join lateral (
          select array_agg(distinct channel_id) as stores, array_agg(distinct staff_id) filter (where staff_id is not null) as served_by
          from members.relations where member_id = h.member_id and until is null) rel on true
        where h.member_id = any(${homes}::uuid[])`.execute(ctx.tx)
      return new Map(
        rows.map(({ member_id, filled, filled_custom, wrong, ...facts }) => [
          member_id,
          {
            ...facts,
            filled_bits: filled ?? 0,
            filled_custom: filled_custom?.split(',') ?? [],
            wrong: wrong?.split(',') ?? [],
          },
        ]),
      )
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
