/** Who serves a member, changed by one act, counted before somebody leaves; and many who begin to work here at once. */
import { sql } from 'kysely'
import { describe } from 'vitest'
import { expect, test } from '#app/testing'
import { employ } from '#modules/access'
import { addRelations } from '#modules/members'
import type { Database } from '#platform/db'
import { newId } from '#platform/ids'
import { relate, servedBy, unrelate } from '../modules/members/relations.ts'

async function standing(db: Database) {
  const { rows } = await sql<{ kind: string; staff: string | null }>`
    select kind, s.name as staff from members.relations r left join access.staff s on s.id = r.staff_id
    where until is null order by kind, staff`.execute(db.kysely)
  return rows.map(({ kind, staff }) => `${kind} ${staff}`)
}

describe('who serves a member', () => {
  test('is one more, or somebody instead, or nobody of two that are named', async ({ db, given }) => {
    await given.channel('store-a')
    const { id: memberId } = await given.member()
    const wang = await given.staff('store-staff', { kind: 'store', code: 'store-a' }, '王芳')
    const li = await given.staff('store-staff', { kind: 'store', code: 'store-a' }, '李晓')
    const serve = (staffId: string, instead: boolean) =>
      db.act((ctx) =>
        relate(ctx, { memberId, store: 'store-a', kind: 'served', staffId, instead, reason: 'the guest asked' }),
      )
    await serve(wang.id, false)
    await serve(li.id, false)
    expect(await standing(db)).toEqual(['served 李晓', 'served 王芳'])
    await db.act((ctx) => unrelate(ctx, { memberId, store: 'store-a', kind: 'served', staffId: li.id }))
    expect(await standing(db)).toEqual(['served 王芳'])
    await serve(li.id, true)
    expect(await standing(db)).toEqual(['served 李晓'])
    // What ended is told, or the warehouse would go on counting it.
    const { rows } = await sql<{ staff: string }>`
      select payload->>'staffId' as staff from platform.events where type = 'member.unrelated' order by id`.execute(
      db.kysely,
    )
    expect(rows.map(({ staff }) => staff)).toEqual([li.id, wang.id])
    // Told again it is the same.
    await serve(li.id, true)
    expect(await standing(db)).toEqual(['served 李晓'])
  })

  test('is counted by persons, and store by store', async ({ db, given }) => {
    const a = await given.channel('store-a')
    const b = await given.channel('store-b')
    const { id: staffId } = await given.staff('store-staff', { kind: 'store', code: 'store-a' })
    // One person in two records, and another.
    const shared = { phone: '13808066721', name: '林晚晴' }
    const inA = await given.record({ ...shared, externalId: 'A-1' }, { of: a })
    const inB = await given.record({ ...shared, externalId: 'B-1' }, { of: b })
    const other = await given.record({ name: '赵大海', phone: '13900000002', externalId: 'A-2' }, { of: a })
    expect(inB.person).toBe(inA.person)
    const of = (home: string, { id, code }: { id: number; code: string }) => ({
      home,
      kind: 'served' as const,
      channelId: id,
      store: code,
      staffId,
      since: new Date(),
    })
    const all = [of(inA.id, a), of(inB.id, a), of(inB.id, b), of(other.id, a)]
    await db.act((ctx) => addRelations(ctx, all, { reason: 'test' }))
    await db.act((ctx) => addRelations(ctx, all, { reason: 'told twice' }))
    const { members, byChannel } = await db.act((ctx) => servedBy(ctx, staffId))
    expect(members).toBe(2)
    expect(byChannel).toEqual(
      new Map([
        [a.id, 2],
        [b.id, 1],
      ]),
    )
  })
})

test('many begin to work here at once, and once only; an unknown store or a taken login is refused', async ({
  db,
  given,
}) => {
  await given.channel('store-a')
  const one = { id: newId(), login: 'wang@example.com', name: '王芳', role: 'store-manager' }
  const at = (code: string) => ({ ...one, place: { kind: 'store' as const, code } })
  await db.act((ctx) => employ(ctx, [at('store-a')]))
  await db.act((ctx) => employ(ctx, [at('store-a')]))
  const { rows } = await sql`select from access.staff join access.grants g on g.holder_id = staff.id`.execute(db.kysely)
  expect(rows).toHaveLength(1)
  await expect(db.act((ctx) => employ(ctx, [at('nowhere')]))).rejects.toMatchObject({ code: 'access.place_unknown' })
  await expect(db.act((ctx) => employ(ctx, [{ ...at('store-a'), id: newId() }]))).rejects.toMatchObject({
    code: 'access.login_taken',
  })
  await expect(
    db.act((ctx) => employ(ctx, [{ ...at('store-a'), id: newId(), login: 'b@example.com', role: 'nobody' }])),
  ).rejects.toMatchObject({ code: 'access.role_unknown' })
})
