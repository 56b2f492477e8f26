/**
 * Which homes are one person now. Rows of a person are found by `member_id = any(homes)`; nothing is ever moved.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { memberNotFound } from './errors.ts'
import { seenHomes } from './scope.ts'

/**
 * All homes of the person behind any one of them, sorted; old ids live for ever. The gate to everything about a member:
 * an unknown id is refused, and so is a person of whom the actor sees nothing.
 */
export async function homesOf(ctx: Pick<Ctx, 'tx' | 'actor'>, memberId: string): Promise<string[]> {
  const { rows } = await sql<{ member_id: string }>`
    select member_id from members.homes
    where person_id = (select person_id from members.homes where member_id = ${memberId}) order by member_id`.execute(
    ctx.tx,
  )
  const homes = rows.map((row) => row.member_id)
  if (homes.length === 0 || !(await seesAny(ctx, homes))) throw memberNotFound(memberId)
  return homes
}

async function seesAny(ctx: Pick<Ctx, 'tx' | 'actor'>, homes: readonly string[]): Promise<boolean> {
  const { kind, scope } = ctx.actor
  if (scope === 'group') return true
  // Nobody has no homes either, but signs in by what the centre has made sure of before it asks.
  if ('memberIds' in scope) return kind !== 'member' || scope.memberIds.some((own) => homes.includes(own))
  return (await seenHomes(ctx, homes)).length > 0
}

/** The present person of each home; homes that don't exist are left out. */
export async function personsOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ member_id: string; person_id: string }>`
    select member_id, person_id from members.homes where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return new Map(rows.map((row) => [row.member_id, row.person_id]))
}

/** Whether two homes, named by columns, are different persons now. */
export const differentPersons = (one: RawBuilder<unknown>, other: RawBuilder<unknown>) => sql<boolean>`
  (select person_id from members.homes where member_id = ${one}) <> (select person_id from members.homes where member_id = ${other})`

/** The homes of these persons, in no order. */
export async function homesOfPersons(
  ctx: Pick<Ctx, 'tx'>,
  persons: readonly string[],
): Promise<{ home: string; person: string }[]> {
  if (persons.length === 0) return []
  const { rows } = await sql<{ home: string; person: string }>`
    select member_id as home, person_id as person from members.homes where person_id = any(${arrayOf('uuid', persons)})`.execute(
    ctx.tx,
  )
  return rows
}

/**
 * For each home of a live record: its present person, how many live records that has, and, where they are several, whether
 * this import brought the home's record.
 */
export async function companyOf(
  ctx: Pick<Ctx, 'tx'>,
  homes: readonly string[],
  importId: string,
): Promise<Map<string, { person: string; records: number; own: boolean }>> {
  const persons = await personsOf(ctx, homes)
  // Most are alone, so only the rest is looked at closer.
  const { rows: together } = await sql<{ home: string; person: string }>`
    select home, person from (
      select member_id as home, person_id as person, count(*) over (partition by person_id) as homes from members.homes
      where person_id = any(${arrayOf('uuid', [...new Set(persons.values())])})
    ) as all_homes where homes > 1`.execute(ctx.tx)
  const { rows: records } = await sql<{ member_id: string; own: boolean }>`
    select member_id, import_id is not distinct from ${importId}::uuid as own
    from members.records where withdrawn_at is null and member_id = any(${arrayOf(
      'uuid',
      together.map(({ home }) => home),
    )})`.execute(ctx.tx)
  const live = new Map(records.map((record) => [record.member_id, record]))
  const recordsOf = new Map<string, number>()
  for (const { home, person } of together) {
    if (live.has(home)) recordsOf.set(person, (recordsOf.get(person) ?? 0) + 1)
  }
  return new Map(
    [...persons].map(([home, person]) => [
      home,
      { person, records: recordsOf.get(person) ?? 1, own: live.get(home)?.own ?? false },
    ]),
  )
}

/** All homes, sorted, of the person behind each of several; ids that don't exist are left out. */
export async function homesOfAll(ctx: Pick<Ctx, 'tx'>, memberIds: readonly string[]): Promise<Map<string, string[]>> {
  if (memberIds.length === 0) return new Map()
  const { rows } = await sql<{ asked: string; home: string }>`
    select a.member_id as asked, h.member_id as home from members.homes a join members.homes h on h.person_id = a.person_id
    where a.member_id = any(${memberIds}::uuid[]) order by h.member_id`.execute(ctx.tx)
  const homes = new Map<string, string[]>()
  for (const { asked, home } of rows) {
    const known = homes.get(asked)
    if (known) known.push(home)
    else homes.set(asked, [home])
  }
  return homes
}
