import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { sql } from 'kysely'
import { beforeEach, describe, expect } from 'vitest'
import { type Ctx, systemActor } from '#platform/ctx'
import { type Database, inTx, openDatabase } from '#platform/db'
import { isOutage } from '#platform/errors'
import { emit, emitMany, type LoggedEvent, type Origin, openGeneration } from '#platform/events'
import { newId } from '#platform/ids'
import { openReactions, parkedEvents, type Reaction, reaction } from '#platform/reactions'
import { type TestDatabase, test } from '#platform/testing'

declare module '#platform/events' {
  interface Events {
    'test.fare_paid': { fare: number }
    'test.fare_seen': { fare: number }
  }
}

type Paid = LoggedEvent<'test.fare_paid'>

/** Books each fare that it hears of as a row, so that a lost or doubled effect is a missing or doubled row. */
async function makeBooks(db: Database): Promise<void> {
  await sql`create table booked (line bigint generated always as identity, event_id uuid, member_id uuid, fare int)`.execute(
    db.kysely,
  )
}

async function book(ctx: Ctx, events: readonly Paid[]): Promise<void> {
  await sql`insert into booked (event_id, member_id, fare)
    select * from unnest(${events.map(({ id }) => id)}::uuid[], ${events.map(({ memberId }) => memberId)}::uuid[],
      ${events.map(({ payload }) => payload.fare)}::int[])`.execute(ctx.tx)
}

const booking = (more: Partial<Omit<Reaction, 'types' | 'run'>> = {}, run = book): Reaction =>
  reaction({ name: 'booking', origins: ['live'], ...more, types: ['test.fare_paid'], run })

const pay = (memberId: string | null, fare: number, origin: Origin = 'live') => ({
  type: 'test.fare_paid' as const,
  memberId,
  payload: { fare },
  origin,
})

async function booked(db: Database): Promise<number[]> {
  const { rows } = await sql<{ fare: number }>`select fare from booked order by line`.execute(db.kysely)
  return rows.map(({ fare }) => fare)
}

/** What must be equal once all is read: the log, and the books, each member's in order. */
async function logAndBooks(db: Database) {
  const { rows: log } = await sql<{ member: string; ids: string[] }>`
    select coalesce(member_id::text, 'nobody') as member, array_agg(id::text order by generation, xid, id) as ids
    from platform.events where type = 'test.fare_paid' group by 1 order by 1`.execute(db.kysely)
  const { rows: books } = await sql<{ member: string; ids: string[] }>`
    select coalesce(member_id::text, 'nobody') as member, array_agg(event_id::text order by line) as ids
    from booked group by 1 order by 1`.execute(db.kysely)
  return { log, books }
}

function gate(): { open(): void; passed: Promise<void> } {
  let open!: () => void
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  // After a test that fails nobody may stand before it for ever, with a connection in his hand.
  setTimeout(open, 30_000).unref()
  return { open, passed }
}

/** A program of its own on the same database. */
function anotherProgram(db: TestDatabase, maxConnections = 4): Database {
  return Object.assign(openDatabase({ url: db.url, maxConnections }), { vault: db.vault })
}

const members = Array.from({ length: 40 }, newId)
const anyMember = () => members[Math.floor(Math.random() * members.length)]!
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Acts that pay, pause and pay again, three of ten of which think better of it. */
async function writeFares(db: Database, acts: number): Promise<void> {
  for (let act = 0; act < acts; act++) {
    await inTx(db, systemActor, async (ctx) => {
      await emit(ctx, pay(anyMember(), act))
      await pause(Math.random() * 15)
      if (Math.random() < 0.3) throw new Error('thought better of it')
      await emitMany(ctx, [pay(anyMember(), act), pay(null, act), pay(anyMember(), act)])
    }).catch((error: Error) => {
      if (error.message !== 'thought better of it' && !isOutage(error)) throw error
    })
  }
}

beforeEach<{ db: TestDatabase }>(async ({ db }) => makeBooks(db))

describe('no event is lost or doubled', () => {
  test('with 12 writers that pause and roll back, read by two lanes', async ({ db }) => {
    const writers = anotherProgram(db, 12)
    const reactions = openReactions(db, [booking({ lanes: 2, batch: 50 })])
    reactions.start()
    await Promise.all(Array.from({ length: 12 }, () => writeFares(writers, 60)))
    await reactions.caughtUp()
    await reactions.stop()
    await writers.close()

    const { log, books } = await logAndBooks(db)
    expect(log.flatMap(({ ids }) => ids).length).toBeGreaterThan(1_200)
    expect(books).toEqual(log)
  })

  test('with two programs that share the lanes', async ({ db }) => {
    const programs = [anotherProgram(db), anotherProgram(db)]
    const worked = [0, 0]
    const running = programs.map((program, number) =>
      openReactions(program, [
        booking({ lanes: 2, batch: 5 }, async (ctx, events) => {
          await book(ctx, events)
          worked[number]! += events.length
        }),
      ]),
    )
    for (const reactions of running) reactions.start()
    await Promise.all(Array.from({ length: 6 }, () => writeFares(db, 40)))
    await Promise.all(running.map((reactions) => reactions.caughtUp()))
    await Promise.all(running.map((reactions) => reactions.stop()))
    await Promise.all(programs.map((program) => program.close()))

    const { log, books } = await logAndBooks(db)
    expect(books).toEqual(log)
    expect(Math.min(...worked)).toBeGreaterThan(0)
  })

  test('of which one has the lane: the other passes by', async ({ db }) => {
    const inHand = gate()
    const mayEnd = gate()
    const first = openReactions(db, [
      booking({}, async (ctx, events) => {
        await book(ctx, events)
        inHand.open()
        await mayEnd.passed
      }),
    ])
    const second = openReactions(db, [booking()])
    await db.act((ctx) => emit(ctx, pay(members[0]!, 1)))
    const stepping = first.step('booking')
    await inHand.passed
    expect(await second.step('booking')).toBe(0)
    mayEnd.open()
    expect(await stepping).toBe(1)
    expect(await second.step('booking')).toBe(0)
    expect(await booked(db)).toEqual([1])
  })

  test('when a writer takes its time: later events wait for it, and then all come in order', async ({ db }) => {
    const reactions = openReactions(db, [booking()])
    const hasPaid = gate()
    const mayCommit = gate()
    await db.act((ctx) => emit(ctx, pay(members[0]!, 1)))
    const slow = db.act(async (ctx) => {
      await emit(ctx, pay(members[0]!, 2))
      hasPaid.open()
      await mayCommit.passed
      await emit(ctx, pay(members[0]!, 3))
    })
    await hasPaid.passed
    for (const fare of [4, 5]) await db.act((ctx) => emit(ctx, pay(members[0]!, fare)))

    expect(await reactions.step('booking')).toBe(1)
    expect(await reactions.step('booking')).toBe(0)
    expect(await booked(db)).toEqual([1])
    mayCommit.open()
    await slow
    await reactions.caughtUp()
    expect(await booked(db)).toEqual([1, 2, 3, 4, 5])
  })

  test('when the log moves to another database system, whose transaction ids start anew', async ({ db }) => {
    const reactions = openReactions(db, [booking({ batch: 2 }), booking({ name: 'beginner', startsAt: 'now' })])
    await db.act((ctx) =>
      emitMany(
        ctx,
        [1, 2, 3, 4].map((fare) => pay(members[0]!, fare)),
      ),
    )
    await reactions.step('booking')
    await reactions.step('beginner')
    // As after a restore: what was written has ids far above those that this system now gives.
    for (const table of ['events', 'cursors']) {
      await sql`update ${sql.table(`platform.${table}`)} set xid = (xid::text::bigint + 5000000000)::text::xid8`.execute(
        db.kysely,
      )
    }
    await sql`update platform.generations set system_identifier = 'the system before'`.execute(db.kysely)
    expect(await openGeneration(db)).toBe(2)
    await db.act((ctx) => emit(ctx, pay(members[0]!, 5)))

    expect((await reactions.states())[0]!.lagMilliseconds).toBeGreaterThan(0)
    await reactions.caughtUp()
    await db.act((ctx) => emit(ctx, pay(members[0]!, 6)))
    await reactions.caughtUp()
    expect((await booked(db)).filter((fare) => fare < 5)).toEqual([1, 2, 3, 4])
    expect((await booked(db)).filter((fare) => fare >= 5)).toEqual([5, 5, 6, 6])
  })
})

describe('an effect happens once, whatever breaks', () => {
  const raise = (code: string) => sql`do ${sql.lit(`begin raise 'away' using errcode = '${code}'; end`)}`
  test.for([
    ['after its work', [sql`select pg_terminate_backend(pg_backend_pid())`]],
    ['by a time-out', [sql`set local statement_timeout = 20`, sql`select pg_sleep(60)`]],
    ['by a full disk', [raise('53100')]],
    ['by a server that only reads any more', [raise('25006')]],
  ] as const)('a batch that is cut off %s is repeated whole; nothing is parked', async ([, cut], { db }) => {
    const sizes: number[] = []
    const reactions = openReactions(db, [
      booking({}, async (ctx, events) => {
        sizes.push(events.length)
        await book(ctx, events)
        if (sizes.length === 1) for (const statement of cut) await statement.execute(ctx.tx)
      }),
    ])
    await db.act((ctx) =>
      emitMany(
        ctx,
        [1, 2, 3].map((fare) => pay(members[0]!, fare)),
      ),
    )
    const outage = await reactions.step('booking').catch((error: unknown) => error)
    expect(isOutage(outage)).toBe(true)
    expect(await booked(db)).toEqual([])
    await reactions.caughtUp()
    expect(await booked(db)).toEqual([1, 2, 3])
    expect(sizes).toEqual([3, 3])
    expect((await reactions.states())[0]!.parked).toBe(0)
  })

  test('while every connection is cut again and again, of writers and lanes', async ({ db }) => {
    const [writers, program] = [anotherProgram(db, 6), anotherProgram(db, 4)]
    const reactions = openReactions(program, [booking({ lanes: 2, batch: 20 })])
    reactions.start()
    let cut = 0
    const cutting = setInterval(async () => {
      const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and random() < 0.5`.execute(db.kysely)
      cut += rows.length
    }, 150)
    await Promise.all(Array.from({ length: 6 }, () => writeFares(writers, 60)))
    clearInterval(cutting)
    await expect.poll(() => reactions.caughtUp().then(() => true, isOutage)).toBe(true)
    await reactions.caughtUp()
    await reactions.stop()
    await Promise.all([writers.close(), program.close()])

    const { log, books } = await logAndBooks(db)
    expect(cut).toBeGreaterThan(5)
    expect(books).toEqual(log)
    expect((await reactions.states().catch(() => []))[0]?.parked ?? 0).toBe(0)
  })

  test('even the program, killed between the work and its commit', async ({ db }) => {
    await db.act((ctx) =>
      emitMany(
        ctx,
        [1, 2, 3].map((fare) => pay(members[0]!, fare)),
      ),
    )
    const program = `
      import { createSecretKey, randomBytes } from 'node:crypto'
      import { sql } from 'kysely'
      import { openDatabase } from '#platform/db'
      import { openReactions } from '#platform/reactions'
      import { vaultOf } from '#platform/vault'
      const key = () => createSecretKey(randomBytes(32))
      const db = openDatabase({ url: process.argv[1] })
      db.vault = vaultOf({ master: key(), former: [], blind: key(), staging: key(), audit: key() })
      openReactions(db, [{ name: 'booking', types: ['test.fare_paid'], origins: ['live'], run: async (ctx, events) => {
        for (const { id, payload } of events) await sql\`insert into booked (event_id, fare) values (\${id}, \${payload.fare})\`.execute(ctx.tx)
        process.stdout.write('worked ' + events.length, () => process.kill(process.pid, 'SIGKILL'))
        await new Promise(() => setInterval(() => {}, 1000))
      } }]).start()`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, db.url], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (text) => {
      said += text
    })
    const [, signal] = await once(child, 'exit')
    expect([said, signal]).toEqual(['worked 3', 'SIGKILL'])
    expect(await booked(db)).toEqual([])

    await openReactions(db, [booking()]).caughtUp()
    expect(await booked(db)).toEqual([1, 2, 3])
  })
})

describe('an event that can not be digested', () => {
  const unlucky = 13
  const refusing = (is: { bad: boolean }, more: { batch?: number } = {}) =>
    booking({ batch: 64, ...more }, async (ctx, events) => {
      await book(ctx, events)
      if (is.bad && events.some(({ payload }) => payload.fare === unlucky)) throw new Error(`no fare ${unlucky}`)
    })
  const parked = (db: TestDatabase) =>
    db.act(async (ctx) =>
      (await parkedEvents(ctx, 100)).map(({ memberId, error, tries }) => ({ memberId, error, tries })),
    )

  test('is found by halving and parked with its error; its member waits in order, others go on', async ({ db }) => {
    const is = { bad: true }
    const warnings: object[] = []
    const reactions = openReactions(db, [refusing(is)], { warn: (fields) => warnings.push(fields) })
    const [bad, other] = [newId(), newId()]
    // 100 events of two members in turn; the bad one in the middle, 43 later ones of its member behind.
    await db.act((ctx) =>
      emitMany(
        ctx,
        Array.from({ length: 100 }, (_, n) => pay(n % 2 ? bad : other, n)),
      ),
    )
    await reactions.caughtUp()

    const late = Array.from({ length: 43 }, (_, n) => 15 + 2 * n)
    expect((await booked(db)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => n).filter((n) => n !== unlucky && !late.includes(n)),
    )
    expect(await parked(db)).toEqual([
      { memberId: bad, error: 'no fare 13', tries: 1 },
      ...late.map(() => ({ memberId: bad, error: null, tries: 0 })),
    ])
    expect(warnings).toMatchObject([{ reaction: 'booking', error: 'no fare 13' }])
    expect(await reactions.states()).toMatchObject([{ parked: 44, lagMilliseconds: 0 }])

    // Told again while it is still bad, it stays, and the others stay behind it.
    expect(await reactions.runParked('booking')).toBe(44)
    expect((await parked(db))[0]).toEqual({ memberId: bad, error: 'no fare 13', tries: 2 })

    is.bad = false
    expect(await reactions.runParked('booking')).toBe(0)
    const { log, books } = await logAndBooks(db)
    expect(books).toEqual(log)
    await db.act((ctx) => emit(ctx, pay(bad, 100)))
    await reactions.caughtUp()
    expect((await booked(db)).at(-1)).toBe(100)
  })

  test('of no member holds up nobody, neither when it comes nor when it is run again', async ({ db }) => {
    const reactions = openReactions(db, [refusing({ bad: true })])
    await db.act((ctx) =>
      emitMany(
        ctx,
        [unlucky, 1, 2].map((fare) => pay(null, fare)),
      ),
    )
    await reactions.caughtUp()
    expect(await booked(db)).toEqual([1, 2])

    const mended = openReactions(db, [
      booking({}, async (ctx, events) => {
        if (events[0]!.payload.fare === 1) throw new Error('another')
        await book(ctx, events)
      }),
    ])
    await db.act((ctx) =>
      emitMany(
        ctx,
        [1, 3].map((fare) => pay(null, fare)),
      ),
    )
    await mended.caughtUp()
    expect(await parked(db)).toHaveLength(2)
    await reactions.runParked('booking')
    expect(await parked(db)).toMatchObject([{ error: 'no fare 13', tries: 2 }])
    expect(await booked(db)).toEqual([1, 2, 3, 1])
  })

  test('of one reaction is none of another', async ({ db }) => {
    const reactions = openReactions(db, [refusing({ bad: true }), booking({ name: 'second' })])
    await db.act((ctx) =>
      emitMany(
        ctx,
        [unlucky, 1].map((fare) => pay(members[0]!, fare)),
      ),
    )
    await reactions.caughtUp()
    expect(await booked(db)).toEqual([unlucky, 1])
    expect((await reactions.states()).map(({ parked }) => parked)).toEqual([2, 0])
  })

  test('leaves nothing behind when its member has news while it is worked off', async ({ db }) => {
    const is = { bad: true }
    const atWork = gate()
    const mayGoOn = gate()
    const [bad, other] = [newId(), newId()]
    const reactions = openReactions(db, [
      booking({}, async (ctx, events) => {
        await book(ctx, events)
        if (is.bad && events.some(({ payload }) => payload.fare === unlucky)) throw new Error(`no fare ${unlucky}`)
        // The batch that has seen that `bad` must wait, and has not yet put its event behind.
        if (events.some(({ memberId }) => memberId === other)) {
          atWork.open()
          await mayGoOn.passed
        }
      }),
    ])
    await db.act((ctx) => emit(ctx, pay(bad, unlucky)))
    await reactions.caughtUp()
    is.bad = false
    await db.act((ctx) => emitMany(ctx, [pay(other, 1), pay(bad, 14)]))
    const stepping = reactions.step('booking')
    await atWork.passed
    let left: number | undefined
    const working = reactions.runParked('booking').then((number) => {
      left = number
    })
    await expect
      .poll(
        async () =>
          left !== undefined || (await sql`select from pg_locks where not granted`.execute(db.kysely)).rows.length > 0,
      )
      .toBe(true)
    mayGoOn.open()
    await Promise.all([stepping, working])

    expect(left).toBe(0)
    expect(await parked(db)).toEqual([])
    expect((await booked(db)).toSorted()).toEqual([1, unlucky, 14])
    expect((await booked(db)).indexOf(unlucky)).toBeLessThan((await booked(db)).indexOf(14))
  })

  test('is parked once by two programs that both fail at it, and the next event is not taken for it', async ({
    db,
  }) => {
    const program = anotherProgram(db, 1)
    const second = openReactions(db, [refusing({ bad: true })])
    let otherParked: Promise<number> | undefined
    const first = openReactions(program, [refusing({ bad: true })], {
      // Where this program has found the bad event and is about to park it, the other one comes by.
      warn: () => {
        otherParked = program.pool.connect().then(async (connection) => {
          const moved = await second.step('booking')
          connection.release()
          return moved
        })
      },
    })
    await db.act((ctx) => emitMany(ctx, [pay(members[0]!, unlucky), pay(members[1]!, 1)]))
    expect(await first.step('booking')).toBe(0)
    expect(await otherParked).toBe(1)
    expect(await first.step('booking')).toBe(1)
    await program.close()
    expect(await parked(db)).toEqual([{ memberId: members[0], error: 'no fare 13', tries: 1 }])
    expect(await booked(db)).toEqual([1])
  })
})

describe('a reaction reads', () => {
  const tell = (db: TestDatabase, fares: number[], origin: Origin = 'live') =>
    db.act((ctx) =>
      emitMany(
        ctx,
        fares.map((fare) => pay(members[0]!, fare, origin)),
      ),
    )

  test('the types and origins that it asks for, and passes by the rest', async ({ db }) => {
    const reactions = openReactions(db, [booking(), booking({ name: 'historian', origins: ['import', 'replay'] })])
    await tell(db, [1])
    await tell(db, [2], 'import')
    await tell(db, [3], 'replay')
    await db.act((ctx) => emit(ctx, { ...pay(members[0]!, 4), type: 'test.fare_seen' }))
    expect(await reactions.step('booking')).toBe(4)
    expect(await booked(db)).toEqual([1])
    expect(await reactions.step('historian')).toBe(4)
    expect(await booked(db)).toEqual([1, 2, 3])
    expect(await reactions.step('booking')).toBe(0)
  })

  test('of imports only the types that it asks for, where it leaves imports out', async ({ db }) => {
    const reactions = openReactions(db, [
      booking({ importsOf: ['test.fare_paid'] }),
      booking({ name: 'other', importsOf: ['test.fare_seen'] }),
    ])
    await tell(db, [1])
    await tell(db, [2], 'import')
    await tell(db, [3], 'replay')
    await reactions.step('booking')
    expect(await booked(db)).toEqual([1, 2])
    await reactions.step('other')
    expect(await booked(db)).toEqual([1, 2, 1])
  })

  test('while all connections of the program are taken', async ({ db }) => {
    const program = anotherProgram(db, 2)
    const reactions = openReactions(program, [booking()])
    await tell(db, [1])
    const mayEnd = gate()
    const taken = [1, 2].map(() => inTx(program, systemActor, () => mayEnd.passed))
    reactions.start()
    await expect.poll(() => booked(db)).toEqual([1])
    mayEnd.open()
    await Promise.all(taken)
    await reactions.stop()
    await program.close()
  })

  test('from the beginning of history, or from now on', async ({ db }) => {
    await tell(db, [1, 2])
    const reactions = openReactions(db, [booking({ name: 'from now', startsAt: 'now' }), booking({ name: 'all' })])
    await reactions.step('from now')
    await tell(db, [3])
    await reactions.step('from now')
    expect(await booked(db)).toEqual([3])
    await reactions.step('all')
    expect(await booked(db)).toEqual([3, 1, 2, 3])
  })

  test('its own lanes only, each member in one, and their number stays', async ({ db }) => {
    const lanesOf = new Map<string, Set<number>>()
    let lane = 0
    const reactions = openReactions(db, [
      booking({ lanes: 3 }, async (ctx, events) => {
        for (const { memberId } of events) lanesOf.set(memberId!, (lanesOf.get(memberId!) ?? new Set()).add(lane))
        await book(ctx, events)
      }),
    ])
    for (let round = 0; round < 2; round++) {
      await db.act((ctx) =>
        emitMany(
          ctx,
          members.map((member) => pay(member, 1)),
        ),
      )
      for (lane of [0, 1, 2]) expect(await reactions.step('booking', lane)).toBe(40)
    }
    expect(await booked(db)).toHaveLength(80)
    expect([...lanesOf.values()].every((lanes) => lanes.size === 1)).toBe(true)
    expect(new Set([...lanesOf.values()].flatMap((lanes) => [...lanes])).size).toBe(3)

    await tell(db, [2])
    await expect(openReactions(db, [booking({ lanes: 2 })]).step('booking')).rejects.toThrow(
      "Reaction booking began with 3 lanes and can't go on with 2",
    )
  })

  test('what has gathered, once there is enough of it or the first has waited long enough', async ({ db }) => {
    const sizes: number[] = []
    const gathering = (milliseconds: number) =>
      openReactions(db, [
        booking({ gather: { events: 3, milliseconds } }, async (ctx, events) => {
          sizes.push(events.length)
          await book(ctx, events)
        }),
      ])
    const patient = gathering(3_600_000)
    patient.start()
    await tell(db, [1])
    await tell(db, [2])
    await pause(250)
    expect(sizes).toEqual([])
    await tell(db, [3])
    await patient.caughtUp()
    expect(sizes).toEqual([3])
    await tell(db, [4])
    await patient.stop()

    const hasty = gathering(1)
    hasty.start()
    await hasty.caughtUp()
    await hasty.stop()
    expect(sizes).toEqual([3, 1])
    expect(await booked(db)).toEqual([1, 2, 3, 4])
  })

  test('and finishes the batch in its hand when the program stops', async ({ db }) => {
    const inHand = gate()
    const reactions = openReactions(db, [
      booking({ batch: 1 }, async (ctx, events) => {
        inHand.open()
        await pause(50)
        await book(ctx, events)
      }),
    ])
    await tell(db, [1, 2])
    reactions.start()
    await inHand.passed
    await reactions.stop()
    expect(await booked(db)).toEqual([1])
  })

  test('and says how far behind it is, and why', async ({ db }) => {
    let trouble: Error | null = new Error('no counter', { cause: 'test' })
    const reactions = openReactions(db, [
      booking({}, async (ctx, events) => {
        if (trouble) throw Object.assign(trouble, { code: '57P03' })
        await book(ctx, events)
      }),
    ])
    await reactions.caughtUp()
    await tell(db, [1])
    reactions.start()
    await expect.poll(() => reactions.states()).toMatchObject([{ reaction: 'booking', lastError: 'no counter' }])
    expect((await reactions.states())[0]!.lagMilliseconds).toBeGreaterThan(0)
    trouble = null
    await reactions.caughtUp()
    await expect
      .poll(() => reactions.states())
      .toEqual([{ reaction: 'booking', lagMilliseconds: 0, parked: 0, lastError: null }])
    await reactions.stop()
  })
})

test('with much left to read, batches read no more of the log than themselves', async ({ db }) => {
  await db.act(async (ctx) => {
    for (let n = 0; n < 10; n++)
      await emitMany(
        ctx,
        Array.from({ length: 2_000 }, () => pay(null, 1)),
      )
  })
  await sql`analyze platform.events`.execute(db.kysely)
  let read = 0
  const reactions = openReactions(db, [
    booking({ batch: 500 }, async (ctx) => {
      const { rows } = await sql<{ read: number }>`
        select sum(coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0))::int as read from pg_stat_xact_user_tables
        where schemaname = 'platform' and relname like 'events%'`.execute(ctx.tx)
      read = rows[0]!.read
    }),
  ])
  await reactions.step('booking')
  await reactions.step('booking')
  // Of both, as long as one connection counts them.
  expect(read).toBeLessThanOrEqual(1_000)
})
