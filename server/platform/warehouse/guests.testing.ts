/** A small module for the tests of the warehouse: guests who come, stay, turn out to be one person or several, and leave. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import type { Database } from '#platform/db'
import { emitMany } from '#platform/events'
import type { FactColumn, Facts } from '#platform/warehouse'
import type { ModuleFacts } from '#platform/warehouse-feed'

declare module '#platform/events' {
  interface Events {
    'guest.came': Record<string, never>
    'guest.stayed': { fen: number }
    'guest.left': Record<string, never>
    /** Of each home that changed person; `from` is the person that it was. */
    'guest.moved': { from: string; person: string }
  }
}

export async function haveGuests(db: Database): Promise<void> {
  await sql`create table public.guests (
    member_id uuid primary key, person_id uuid not null, stays int not null default 0, fen bigint not null default 0,
    city text not null, first_at timestamptz not null, wishes text[] not null default '{}')`.execute(db.kysely)
  await sql`create index guests_of_person on public.guests (person_id)`.execute(db.kysely)
}

export type Guests = typeof guests

async function comes(ctx: Ctx, home: string, city: string): Promise<void> {
  await manyCome(ctx, [home], city)
}

async function manyCome(ctx: Ctx, homes: readonly string[], city: string): Promise<void> {
  await sql`insert into public.guests (member_id, person_id, city, first_at)
    select home, home, ${city}, ${ctx.now} from unnest(${homes}::uuid[]) as home`.execute(ctx.tx)
  await emitMany(
    ctx,
    homes.map((home) => ({ type: 'guest.came' as const, memberId: home, payload: {} })),
  )
}

async function stays(ctx: Ctx, home: string, fen: number, wish: string): Promise<void> {
  await sql`update public.guests set stays = stays + 1, fen = fen + ${fen}, wishes = array(select distinct unnest(wishes || ${wish}::text) order by 1)
    where member_id = ${home}`.execute(ctx.tx)
  await emitMany(ctx, [{ type: 'guest.stayed', memberId: home, payload: { fen } }])
}

/** The person of one and the person of another are one, named by the lower of their ids. */
async function joins(ctx: Ctx, one: string, other: string): Promise<void> {
  const persons = await personsOf(ctx, [one, other])
  const [person, from] = [...new Set(persons)].sort()
  if (person && from) await move(ctx, from, person, sql`person_id = ${from}`)
}

/** This home is somebody else after all; whoever is left is named by the lowest of their homes. */
async function parts(ctx: Ctx, home: string): Promise<void> {
  const [person] = await personsOf(ctx, [home])
  if (!person) return
  const { rows } = await sql<{ left: string | null }>`
    select min(member_id::text) as left from public.guests where person_id = ${person} and member_id != ${home}`.execute(
    ctx.tx,
  )
  const left = rows[0]!.left
  if (person !== home) await move(ctx, person, home, sql`member_id = ${home}`)
  else if (left) await move(ctx, person, left, sql`person_id = ${person} and member_id != ${home}`)
}

async function leaves(ctx: Ctx, home: string): Promise<void> {
  await parts(ctx, home)
  await sql`delete from public.guests where member_id = ${home}`.execute(ctx.tx)
  await emitMany(ctx, [{ type: 'guest.left', memberId: home, payload: {} }])
}

async function personsOf(ctx: Ctx, homes: string[]): Promise<string[]> {
  // One at a time in the order of their ids, so that the acts of a test don't deadlock.
  const { rows } = await sql<{ person_id: string }>`
    select person_id from public.guests where member_id = any(${homes}::uuid[]) order by member_id for update`.execute(
    ctx.tx,
  )
  return rows.map((row) => row.person_id)
}

async function move(ctx: Ctx, from: string, person: string, which: ReturnType<typeof sql>): Promise<void> {
  const { rows } = await sql<{ member_id: string }>`
    update public.guests set person_id = ${person} where ${which} returning member_id`.execute(ctx.tx)
  await emitMany(
    ctx,
    rows.map(({ member_id }) => ({ type: 'guest.moved' as const, memberId: member_id, payload: { from, person } })),
  )
}

const columns = {
  person_id: { type: 'UUID', combine: 'person' },
  stays: { type: 'Int32', combine: 'sum' },
  fen: { type: 'Int64', combine: 'sum' },
  city: { type: 'LowCardinality(String)', combine: 'own' },
  first_at: { type: "DateTime64(3, 'UTC')", combine: 'min' },
  wishes: { type: 'Array(String)', combine: 'union' },
  // Two stays or more at all homes together: a fact of the person, kept at the home that names it.
  regular: { type: 'Bool', combine: 'own' },
} satisfies Record<string, FactColumn>

const everyFact: Facts = {
  columns,
  async read(ctx, homes) {
    const { rows } = await sql<{ member_id: string; first_at: Date | number }>`
      select member_id, person_id, stays, fen, city, first_at, wishes,
        member_id = person_id and (select sum(p.stays) >= 2 from public.guests p where p.person_id = g.person_id) as regular
      from public.guests g where member_id = any(${homes}::uuid[])`.execute(ctx.tx)
    // A time without end comes as a number, and is not one that the warehouse can read.
    return new Map(
      rows.map(({ member_id, ...row }) => [
        member_id,
        { ...row, first_at: row.first_at instanceof Date ? row.first_at : 'infinity' },
      ]),
    )
  },
  async alongside(ctx, events) {
    const named = events.flatMap(({ type, payload }) =>
      type === 'guest.moved' ? [(payload as { from: string }).from] : [],
    )
    const homes = events.flatMap(({ memberId }) => memberId ?? [])
    const { rows } = await sql<{ person_id: string }>`
      select distinct person_id from public.guests where member_id = any(${homes}::uuid[])`.execute(ctx.tx)
    return [...named, ...rows.map((row) => row.person_id)]
  },
  async everyHome(ctx, { after, limit }) {
    const { rows } = await sql<{ member_id: string }>`
      select member_id from public.guests where ${after === null ? sql`true` : sql`member_id > ${after}`}
      order by member_id limit ${limit}`.execute(ctx.tx)
    return rows.map((row) => row.member_id)
  },
}

const { regular: _, ...columnsBefore } = columns
const factsBefore: Facts = {
  ...everyFact,
  columns: columnsBefore,
  read: async (ctx, homes) =>
    new Map([...(await everyFact.read(ctx, homes))].map(([home, { regular: _, ...row }]) => [home, row])),
}

const factsOf = (facts: Facts): readonly ModuleFacts[] => [{ module: 'guests', facts }]

export const guests = {
  comes,
  manyCome,
  stays,
  joins,
  parts,
  leaves,
  facts: factsOf(everyFact),
  /** As an earlier version of the program had them. */
  withoutRegulars: factsOf(factsBefore),
}
