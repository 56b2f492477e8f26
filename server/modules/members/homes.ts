/**
 * Which homes are one person now. Rows of a person are found by `member_id = any(homes)`; nothing is ever moved.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { memberNotFound } from './errors.ts'

/** All homes of the person behind any one of them, sorted; old ids live for ever. Refuses an unknown id. */
export async function homesOf(ctx: Pick<Ctx, 'tx'>, memberId: string): Promise<string[]> {
  const { rows } = await sql<{ member_id: string }>`
    select member_id from members.homes
    where person_id = (select person_id from members.homes where member_id = ${memberId}) order by member_id`.execute(
    ctx.tx,
  )
  if (rows.length === 0) throw memberNotFound(memberId)
  return rows.map((row) => row.member_id)
}

/** The present person of each home; homes that don't exist are left out. */
export async function personsOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ member_id: string; person_id: string }>`
    select member_id, person_id from members.homes where member_id = any(${homes}::uuid[])`.execute(ctx.tx)
  return new Map(rows.map((row) => [row.member_id, row.person_id]))
}

/** For each home: its present person, how many live records that has, and whether this import brought the home's record. */
export async function companyOf(
  ctx: Pick<Ctx, 'tx'>,
  homes: readonly string[],
  importId: string,
): Promise<Map<string, { person: string; records: number; own: boolean }>> {
  const { rows } = await sql<{ member_id: string; person: string; records: number; own: boolean }>`
    select h.member_id, h.person_id as person, own.import_id is not distinct from ${importId}::uuid as own,
      (select count(*) from members.homes o join members.records r on r.member_id = o.member_id where o.person_id = h.person_id and r.withdrawn_at is null) as records
    from members.homes h join members.records own on own.member_id = h.member_id where h.member_id = any(${homes}::uuid[])`.execute(
    ctx.tx,
  )
  return new Map(rows.map(({ member_id, ...company }) => [member_id, company]))
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
