import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { systemActor } from '#platform/ctx'
import { inTx, takeTurns } from '#platform/db'
import { isOutage, Refusal, sqlStateOf } from '#platform/errors'
import { type TestDatabase, test } from '#platform/testing'

/** Two purses of 100 each; what is moved between them must stay 200. */
async function purses(db: TestDatabase): Promise<void> {
  await sql`create table purses (name text primary key, points int not null)`.execute(db.kysely)
  await sql`insert into purses values ('left', 100), ('right', 100)`.execute(db.kysely)
}

const purse = async (db: TestDatabase, name: string) =>
  (await sql<{ points: number }>`select points from purses where name = ${name}`.execute(db.kysely)).rows[0]!.points

/** Nobody goes on before all have come. */
function meeting(of: number): () => Promise<void> {
  let come = 0
  let all: () => void
  const everybody = new Promise<void>((resolve) => {
    all = resolve
  })
  return () => {
    if (++come === of) all()
    return everybody
  }
}

describe('an act is repeated when PostgreSQL asks for it', () => {
  test('two acts that cross and deadlock both take place, one of them on its second try', async ({ db }) => {
    await purses(db)
    const bothHoldOne = meeting(2)
    let tries = 0
    let afterwards = 0
    const move = (from: string, to: string) =>
      db.act(async (ctx) => {
        tries++
        ctx.afterCommit(() => afterwards++)
        await sql`update purses set points = points - 10 where name = ${from}`.execute(ctx.tx)
        await bothHoldOne()
        await sql`update purses set points = points + 10 where name = ${to}`.execute(ctx.tx)
      })

    await Promise.all([move('left', 'right'), move('right', 'left')])

    expect(tries).toBe(3)
    expect(afterwards).toBe(2)
    expect(await purse(db, 'left')).toBe(100)
    expect(await purse(db, 'right')).toBe(100)
  })

  test('an act that could not be put in a row with another is told again and sees what the other did', async ({
    db,
  }) => {
    await purses(db)
    const bothHaveRead = meeting(2)
    let tries = 0
    // Each gives away what is left over 150 in sum: only the first to commit finds something to give.
    const give = (from: string) =>
      db.act(async (ctx) => {
        tries++
        await sql`set transaction isolation level serializable`.execute(ctx.tx)
        const { rows } = await sql<{ sum: number }>`select sum(points) as sum from purses`.execute(ctx.tx)
        await bothHaveRead()
        const spare = Math.max(0, rows[0]!.sum - 150)
        await sql`update purses set points = points - ${spare} where name = ${from}`.execute(ctx.tx)
      })

    await Promise.all([give('left'), give('right')])

    expect(tries).toBe(3)
    expect((await purse(db, 'left')) + (await purse(db, 'right'))).toBe(150)
  })

  test('after five tries it gives up and says why', async ({ db }) => {
    let tries = 0
    const act = db.act(async (ctx) => {
      tries++
      await sql`do $$ begin raise 'lost again' using errcode = '40001'; end $$`.execute(ctx.tx)
    })
    await expect(act).rejects.toThrow('lost again')
    expect(tries).toBe(5)
  })

  test.for([
    ['a refusal', async () => Promise.reject(new Refusal('conflict', 'points.insufficient')), 'points.insufficient'],
    ['a bug', async () => Promise.reject(new TypeError('x is not a function')), 'x is not a function'],
  ] as const)('%s is not repeated', async ([, fail, message], { db }) => {
    let tries = 0
    const act = db.act(() => {
      tries++
      return fail()
    })
    await expect(act).rejects.toThrow(message)
    expect(tries).toBe(1)
  })

  test('a broken constraint is not repeated, and nothing of the act stays', async ({ db }) => {
    await purses(db)
    let tries = 0
    const act = db.act(async (ctx) => {
      tries++
      await sql`update purses set points = 0`.execute(ctx.tx)
      await sql`insert into purses values ('left', 1)`.execute(ctx.tx)
    })
    await expect(act).rejects.toThrow(/duplicate key/)
    expect(tries).toBe(1)
    expect(await purse(db, 'left')).toBe(100)
  })
})

describe('what an act leaves for afterwards', () => {
  test('happens once, and only when the act has committed', async ({ db }) => {
    await purses(db)
    const seen: number[] = []
    const pending: Promise<unknown>[] = []
    await db.act(async (ctx) => {
      await sql`update purses set points = 7 where name = 'left'`.execute(ctx.tx)
      ctx.afterCommit(() => pending.push(purse(db, 'left').then((points) => seen.push(points))))
      expect(await purse(db, 'left')).toBe(100)
    })
    await Promise.all(pending)
    expect(seen).toEqual([7])

    const refused = db.act(async (ctx) => {
      ctx.afterCommit(() => seen.push(-1))
      throw new Refusal('conflict', 'points.insufficient')
    })
    await expect(refused).rejects.toThrow(Refusal)
    expect(seen).toEqual([7])
  })

  test('can fail without the act being done twice', async ({ db }) => {
    await purses(db)
    const act = db.act(async (ctx) => {
      await sql`update purses set points = points - 10 where name = 'left'`.execute(ctx.tx)
      ctx.afterCommit(() => {
        throw Object.assign(new Error('afterwards'), { code: '40001' })
      })
    })
    await expect(act).rejects.toThrow('afterwards')
    expect(await purse(db, 'left')).toBe(90)
  })
})

test('an act whose connection is cut is an outage by its own reason; the program and the next act go on', async ({
  db,
}) => {
  await purses(db)
  const cut = await db
    .act(async (ctx) => {
      await sql`update purses set points = 0`.execute(ctx.tx)
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(ctx.tx)
    })
    .catch((error: unknown) => error)
  expect(sqlStateOf(cut)).toBe('57P01')
  expect(isOutage(cut)).toBe(true)

  // Cut between two of its statements, while nobody listens.
  const between = await db
    .act(async (ctx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(ctx.tx)
      await sql`select pg_terminate_backend(${rows[0]!.pid}, 5000)`.execute(db.kysely)
      await new Promise((resolve) => setTimeout(resolve, 50))
      await sql`update purses set points = 0`.execute(ctx.tx)
    })
    .catch((error: unknown) => error)
  expect(isOutage(between)).toBe(true)

  expect(await purse(db, 'left')).toBe(100)
})

describe('taking turns', () => {
  test('the second waits until the first has ended, and then sees what it wrote', async ({ db }) => {
    await purses(db)
    const firstHasTurn = meeting(2)
    const firstMayEnd = meeting(2)
    const order: string[] = []
    const first = db.act(async (ctx) => {
      await takeTurns(ctx, 'identity', ['phone:+8613800138000', 'mail:a@example.com'])
      await firstHasTurn()
      await firstMayEnd()
      await sql`update purses set points = 1 where name = 'left'`.execute(ctx.tx)
      order.push('first')
    })
    await firstHasTurn()
    const second = db.act(async (ctx) => {
      await takeTurns(ctx, 'identity', ['mail:a@example.com'])
      order.push(`second sees ${await purse(db, 'left')}`)
    })
    await expect
      .poll(
        async () =>
          (await sql`select from pg_locks where locktype = 'advisory' and not granted`.execute(db.kysely)).rows,
      )
      .toHaveLength(1)
    // Another space and another name don't wait.
    await db.act((ctx) => takeTurns(ctx, 'join', ['mail:a@example.com']))
    await db.act((ctx) => takeTurns(ctx, 'identity', ['mail:b@example.com']))
    order.push('others')
    await firstMayEnd()
    await Promise.all([first, second])
    expect(order).toEqual(['others', 'first', 'second sees 1'])
  })

  test('acts that want some of the same names, each in its own order, do not deadlock', async ({ db }) => {
    const names = Array.from({ length: 900 }, (_, number) => `phone:${number}`)
    let tries = 0
    await Promise.all(
      [names.slice(0, 600), names.slice(300).reverse(), names.slice(150, 750), names.toReversed()].map((wanted) =>
        db.act(async (ctx) => {
          tries++
          await takeTurns(ctx, 'identity', wanted)
          await sql`select pg_sleep(0.02)`.execute(ctx.tx)
        }),
      ),
    )
    expect(tries).toBe(4)
  })

  test('5,000 names in one call hold 1,024 locks at most, so nine such acts at once fit the lock table', async ({
    db,
  }) => {
    const names = (importer: number) => Array.from({ length: 5_000 }, (_, number) => `${importer}:${number}`)
    await inTx(db, systemActor, async (ctx) => {
      await takeTurns(ctx, 'identity', names(0))
      const { rows } = await sql<{ locks: number }>`
        select count(*) as locks from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`.execute(ctx.tx)
      expect(rows[0]!.locks).toBeGreaterThan(900)
      expect(rows[0]!.locks).toBeLessThanOrEqual(1_024)
    })
    await Promise.all(
      (['identity', 'join', 'record'] as const).flatMap((space) =>
        [1, 2, 3].map((importer) =>
          db.act(async (ctx) => {
            await takeTurns(ctx, space, names(importer))
          }),
        ),
      ),
    )
  })
})
