import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { stoppedClock } from '#platform/clock'
import { type Actor, systemActor } from '#platform/ctx'
import { emit, emitMany, eventsOf, makeEventPartitions, onEmit, openGeneration } from '#platform/events'
import { newId } from '#platform/ids'
import { type TestDatabase, test } from '#platform/testing'

declare module '#platform/events' {
  interface Events {
    'test.stay_booked': { nights: number }
  }
}

const stay = (memberId: string, nights = 1) => ({ type: 'test.stay_booked' as const, memberId, payload: { nights } })

async function inLog(db: TestDatabase): Promise<{ nights: number; partition: string; generation: number }[]> {
  const { rows } = await sql<{ nights: number; partition: string; generation: number }>`
    select (payload->>'nights')::int as nights, tableoid::regclass::text as partition, generation
    from platform.events order by platform.events.generation, xid, id`.execute(db.kysely)
  return rows
}

describe('an event and what it tells of', () => {
  test('commit together', async ({ db }) => {
    await sql`create table stays (member_id uuid, nights int)`.execute(db.kysely)
    const member = newId()
    await db.act(async (ctx) => {
      await sql`insert into stays values (${member}, 3)`.execute(ctx.tx)
      await emit(ctx, stay(member, 3))
      expect(await inLog(db)).toEqual([])
    })
    expect(await inLog(db)).toMatchObject([{ nights: 3 }])
    expect((await sql`select from stays`.execute(db.kysely)).rows).toHaveLength(1)
  })

  test('or not at all, whichever of the two fails', async ({ db }) => {
    await sql`create table stays (member_id uuid primary key, nights int)`.execute(db.kysely)
    const member = newId()
    const woken: string[] = []
    const stopListening = onEmit(() => woken.push('woken'))
    await db.act((ctx) => sql`insert into stays values (${member}, 1)`.execute(ctx.tx))
    const stateFails = db.act(async (ctx) => {
      await emit(ctx, stay(member))
      await sql`insert into stays values (${member}, 2)`.execute(ctx.tx)
    })
    await expect(stateFails).rejects.toThrow(/duplicate key/)
    const eventFails = db.act(async (ctx) => {
      await sql`update stays set nights = 9`.execute(ctx.tx)
      await emit(ctx, { ...stay(member), cause: { id: newId(), depth: 20 } })
    })
    await expect(eventFails).rejects.toMatchObject({ code: 'events.loop' })
    stopListening()
    expect(await inLog(db)).toEqual([])
    expect((await sql`select nights from stays`.execute(db.kysely)).rows).toEqual([{ nights: 1 }])
    expect(woken).toEqual([])
  })

  test('wakes whoever listens, once it can be read', async ({ db }) => {
    const read: Promise<unknown[]>[] = []
    const stopListening = onEmit(() => read.push(inLog(db)))
    await db.act((ctx) => emit(ctx, stay(newId(), 3)))
    stopListening()
    expect(await Promise.all(read)).toMatchObject([[{ nights: 3 }]])
    await db.act((ctx) => emit(ctx, stay(newId())))
    expect(read).toHaveLength(1)
  })
})

describe('events that answer to events', () => {
  test('20 deep is told, deeper is a loop and refused', async ({ db }) => {
    const member = newId()
    await db.act((ctx) => emit(ctx, { ...stay(member), cause: { id: newId(), depth: 19 } }))
    const { rows } = await sql<{ depth: number }>`select depth from platform.events`.execute(db.kysely)
    expect(rows).toEqual([{ depth: 20 }])
    const deeper = db.act((ctx) =>
      emitMany(ctx, [stay(member), { ...stay(member), cause: { id: newId(), depth: 20 } }]),
    )
    await expect(deeper).rejects.toMatchObject({ kind: 'conflict', params: { type: 'test.stay_booked' } })
    expect(await inLog(db)).toHaveLength(1)
  })
})

describe("a member's events", () => {
  test('stand in the order in which they were told: 500 of one act, then those of the next', async ({ db }) => {
    const member = newId()
    const nights = Array.from({ length: 500 }, (_, number) => number)
    await db.act((ctx) =>
      emitMany(
        ctx,
        nights.map((number) => stay(member, number)),
      ),
    )
    await db.act((ctx) => emit(ctx, stay(member, 500)))
    await db.act(async (ctx) => {
      await emit(ctx, stay(member, 501))
      await emit(ctx, stay(member, 502))
    })
    expect((await inLog(db)).map((event) => event.nights)).toEqual([...nights, 500, 501, 502])
  })

  test('are read over all homes, newest first, before a moment, by type', async ({ db }) => {
    const [home, otherHome, stranger] = [newId(), newId(), newId()]
    await db.act((ctx) =>
      emitMany(ctx, [
        { ...stay(home, 1), at: new Date('2026-03-01') },
        { ...stay(otherHome, 2), at: new Date('2026-01-01') },
        { ...stay(home, 3), at: new Date('2026-02-01') },
        { ...stay(stranger, 4), at: new Date('2026-02-15') },
      ]),
    )
    const nights = (of: { before?: Date; types?: string[]; limit?: number }) =>
      db.act(async (ctx) =>
        (await eventsOf(ctx, { homes: [home, otherHome], limit: 10, ...of })).map(
          ({ payload }) => (payload as { nights: number }).nights,
        ),
      )
    expect(await nights({})).toEqual([1, 3, 2])
    expect(await nights({ before: new Date('2026-03-01') })).toEqual([3, 2])
    expect(await nights({ limit: 1 })).toEqual([1])
    expect(await nights({ types: ['test.card_lost'] })).toEqual([])
  })

  test('say who acted, when it happened and when it was written', async ({ db }) => {
    db.clock = stoppedClock(new Date())
    const clerk: Actor = { ...systemActor, kind: 'staff', id: newId() }
    const member = newId()
    await db.act((ctx) => emit(ctx, { ...stay(member), at: new Date('2019-06-01'), origin: 'import' }), clerk)
    const [event] = await db.act((ctx) => eventsOf(ctx, { homes: [member], limit: 1 }))
    expect(event).toMatchObject({
      actor: `staff:${clerk.id}`,
      origin: 'import',
      depth: 0,
      cause: null,
      eventAt: new Date('2019-06-01'),
      createdAt: db.clock.now(),
    })
  })
})

describe('the log is kept by the month', () => {
  test('with this month and the two after it made ahead, over the turn of the year', async ({ db }) => {
    const clock = stoppedClock('2030-11-15T08:00:00Z')
    db.clock = clock
    await makeEventPartitions(db)
    for (const at of [
      '2030-11-30T23:59:59.999Z',
      '2030-12-01T00:00:00Z',
      '2031-01-31T23:00:00Z',
      '2031-02-01T00:00:00Z',
    ]) {
      clock.set(at)
      await db.act((ctx) => emit(ctx, stay(newId())))
    }
    expect((await inLog(db)).map(({ partition }) => partition)).toEqual([
      'platform.events_2030_11',
      'platform.events_2030_12',
      'platform.events_2031_01',
      'platform.events_default',
    ])
  })

  test('what came before its month was made is moved there and keeps its place in the order', async ({ db }) => {
    const clock = stoppedClock('2031-05-31T23:00:00Z')
    db.clock = clock
    await db.act((ctx) => emit(ctx, stay(newId(), 1)))
    clock.set('2031-06-02T00:00:00Z')
    await db.act((ctx) => emit(ctx, stay(newId(), 2)))
    await db.act((ctx) => emit(ctx, stay(newId(), 3)))
    await makeEventPartitions(db)
    await makeEventPartitions(db)
    await db.act((ctx) => emit(ctx, stay(newId(), 4)))
    expect((await inLog(db)).map(({ nights, partition }) => [nights, partition])).toEqual([
      [1, 'platform.events_default'],
      [2, 'platform.events_2031_06'],
      [3, 'platform.events_2031_06'],
      [4, 'platform.events_2031_06'],
    ])
  })

  test('two programs that start at once, while events are written, make each month once', async ({ db }) => {
    db.clock = stoppedClock('2032-02-10T00:00:00Z')
    const writing = Array.from({ length: 40 }, () => db.act((ctx) => emit(ctx, stay(newId()))))
    await Promise.all([makeEventPartitions(db), makeEventPartitions(db), makeEventPartitions(db), ...writing])
    expect(await inLog(db)).toHaveLength(40)
    expect(new Set((await inLog(db)).map(({ partition }) => partition))).toEqual(new Set(['platform.events_2032_02']))
  })
})

describe('the database system that the log is written on', () => {
  test('stays the same over restarts of the program', async ({ db }) => {
    expect([await openGeneration(db), await openGeneration(db)]).toEqual([1, 1])
  })

  test('is another after a restore elsewhere, and again after the next; events are of the newest', async ({ db }) => {
    await db.act((ctx) => emit(ctx, stay(newId(), 1)))
    await sql`update platform.generations set system_identifier = 'the one before'`.execute(db.kysely)
    expect(await openGeneration(db)).toBe(2)
    await db.act((ctx) => emit(ctx, stay(newId(), 2)))
    await sql`update platform.generations set system_identifier = 'another' where generation = 2`.execute(db.kysely)
    expect([await openGeneration(db), await openGeneration(db)]).toEqual([3, 3])
    await db.act((ctx) => emit(ctx, stay(newId(), 3)))
    expect((await inLog(db)).map(({ nights, generation }) => [nights, generation])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  test('is found once by eight programs that start on it at the same moment', async ({ db }) => {
    await sql`update platform.generations set system_identifier = 'the one before'`.execute(db.kysely)
    const programs = await db.act(async (ctx) => {
      await sql`lock table platform.generations in share row exclusive mode`.execute(ctx.tx)
      const opened = Promise.all(Array.from({ length: 8 }, () => openGeneration(db)))
      await expect
        .poll(async () => (await sql`select from pg_locks where not granted`.execute(ctx.tx)).rows)
        .toHaveLength(8)
      return { opened }
    })
    expect(new Set(await programs.opened)).toEqual(new Set([2]))
  })
})
