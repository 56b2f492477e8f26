/** Deciding about pairs: both answers for every question, taken back, remembered, and learned from; values shared by many. */
import { sql } from 'kysely'
import { describe } from 'vitest'
import { expect, type Given, test } from '#app/testing'
import { openChannel } from '#modules/channels'
import {
  countReviews,
  decideReview,
  join,
  noteMatchReviews,
  part,
  personsOf,
  reviewQueue,
  sayOfValue,
  sharedValues,
  undoReviewDecision,
  unsayOfValue,
} from '#modules/members'
import { systemActor } from '#platform/ctx'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import type { TestDatabase } from '#platform/testing'
import { match } from '../modules/matching/matching.ts'
import { listSharedValues } from '../modules/members/contract.ts'

const person = async (db: TestDatabase, home: string) => (await db.act((ctx) => personsOf(ctx, [home]))).get(home)!
const queue = (db: TestDatabase) => db.act((ctx) => reviewQueue(ctx, { limit: 50, offset: 0 }))
const count = (db: TestDatabase) => db.act((ctx) => countReviews(ctx, {}))
const homes = async (db: TestDatabase) =>
  (
    await sql<{ home: string; person: string }>`
    select member_id as home, person_id as person from members.homes order by member_id`.execute(db.kysely)
  ).rows

/** One phone under two names. */
async function contradiction(given: Given) {
  const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
  const one = await given.record({ externalId: 'A1', name: '林晚晴', phone: '13912340077' }, { of: a })
  const two = await given.record({ externalId: 'B1', name: '王建国', phone: '13912340077' }, { of: b })
  return { a, b, one: one.id, two: two.id }
}

describe('a question that an identity raised', () => {
  test('is answered either way; kept apart, another record of the two does not raise it again', async ({
    db,
    given,
  }) => {
    const { a, one, two } = await contradiction(given)
    expect(await count(db)).toEqual({ count: 1, more: false, reasons: [{ reason: 'names_contradict', count: 1 }] })
    await db.act((ctx) => decideReview(ctx, { a: one, b: two, decision: 'apart', reason: '夫妻' }))
    expect(await count(db)).toMatchObject({ count: 0, reasons: [] })
    for (const number of ['A2', 'A3', 'A4'])
      await given.record({ externalId: number, name: '林晚晴', phone: '13912340077' }, { of: a })
    expect(await person(db, two)).toBe(two)
    expect(await queue(db)).toEqual([])
    const { rows } = await db.pool.query('select 1 from members.reviews where closed_at is null')
    expect(rows).toEqual([])
  })

  test('joins under two names when somebody says so', async ({ db, given }) => {
    const { one, two } = await contradiction(given)
    await db.act((ctx) => decideReview(ctx, { a: two, b: one, decision: 'join', reason: '改过名' }))
    expect(await person(db, two)).toBe(one)
    expect(await queue(db)).toEqual([])
  })

  test('of two identity cards can be dismissed, not joined', async ({ db, given }) => {
    const web = await given.channel('web')
    const card = { documentType: '身份证', phone: '13912340078', name: '诸葛隐娘' }
    const one = await given.record({ ...card, externalId: '1', documentNumber: '11010519491231002X' })
    const two = await given.record({ ...card, externalId: '2', documentNumber: '440524188001010014' }, { of: web })
    expect(await queue(db)).toMatchObject([{ kind: 'phone', reason: 'limit' }])
    const answer = (decision: 'join' | 'apart') =>
      db.act((ctx) => decideReview(ctx, { a: one.id, b: two.id, decision, reason: '两个人' }))
    await expect(answer('join')).rejects.toMatchObject({ code: 'members.identity_clash' })
    await answer('apart')
    expect(await queue(db)).toEqual([])
  })

  test('of a number that the program keeps apart is asked as one that changed hands', async ({ db, given }) => {
    const { keepApart } = await import('#modules/members')
    const web = await given.channel('web')
    const old = await given.record({ externalId: 'A1', name: '林晚晴', phone: '13912340077' })
    const fresh = await given.record({ externalId: 'W1' }, { of: web })
    await db.act((ctx) => keepApart(ctx, { home: fresh.id, others: [old.id], reason: 'No second fact' }))
    await given.record({ externalId: 'W1', phone: '13912340077' }, { of: web })
    expect(await queue(db)).toMatchObject([{ kind: 'phone', reason: 'recycled' }])
    await db.act((ctx) => decideReview(ctx, { a: old.id, b: fresh.id, decision: 'apart', reason: '换号了' }))
    expect(await queue(db)).toEqual([])
  })
})

describe('an answer', () => {
  test.for(['join', 'apart', 'later'] as const)(
    '%s is taken back as if it had not been given',
    async (decision, { db, given }) => {
      const { one, two } = await contradiction(given)
      const before = await homes(db)
      const id = newId()
      const told = await db.act((ctx) => decideReview(ctx, { a: one, b: two, decision, reason: '看过', id }))
      expect(told.id).toBe(id)
      expect(await queue(db)).toEqual([])
      // Told again it is the same answer.
      expect(await db.act((ctx) => decideReview(ctx, { a: one, b: two, decision, reason: '看过', id }))).toEqual(told)
      await db.act((ctx) => undoReviewDecision(ctx, { a: two, b: one, decisionId: id }))
      expect(await homes(db)).toEqual(before)
      expect(await queue(db)).toMatchObject([{ reason: 'names_contradict' }])
      const { rows } = await db.pool.query('select 1 from members.decisions')
      expect(rows).toEqual([])
      await expect(db.act((ctx) => undoReviewDecision(ctx, { a: one, b: two, decisionId: id }))).rejects.toMatchObject({
        code: 'members.decision_not_found',
      })
    },
  )

  test('is not taken back over the head of a later one', async ({ db, given }) => {
    const { one, two } = await contradiction(given)
    const id = newId()
    await db.act((ctx) => decideReview(ctx, { a: one, b: two, decision: 'join', reason: '同一人', id }))
    await db.act((ctx) => part(ctx, { memberId: one, recordId: two, reason: '不是' }))
    await expect(db.act((ctx) => undoReviewDecision(ctx, { a: one, b: two, decisionId: id }))).rejects.toMatchObject({
      code: 'members.decided_since',
    })
    expect(await person(db, two)).toBe(two)
  })

  test('is taken back only by who sees both', async ({ db, given }) => {
    const { a, b, one, two } = await contradiction(given)
    const of = (...channelIds: number[]) => ({
      ...systemActor,
      kind: 'staff' as const,
      scope: { channelIds, servedBy: null },
    })
    const id = newId()
    await db.act((ctx) => decideReview(ctx, { a: one, b: two, decision: 'apart', reason: '看过', id }))
    const undo = (actor: ReturnType<typeof of>) =>
      db.act((ctx) => undoReviewDecision(ctx, { a: one, b: two, decisionId: id }), actor)
    await expect(undo(of(a.id))).rejects.toMatchObject({ code: 'members.decision_not_found' })
    await undo(of(a.id, b.id))
    expect((await count(db)).count).toBe(1)
  })
})

test('an edge is cut with what hangs on either end', async ({ db, given }) => {
  const made: string[] = []
  // One — two by phone, two — three by e-mail, three — four by another phone.
  const chain = [
    { phone: '13912340001' },
    { phone: '13912340001', email: 'lin@example.com' },
    { email: 'lin@example.com', phone: '13912340002' },
    { phone: '13912340002' },
  ]
  for (const [at, raw] of chain.entries())
    made.push(
      (await given.record({ externalId: `C${at}`, name: '林晚晴', ...raw }, { of: await given.channel(`store-${at}`) }))
        .id,
    )
  const [one, two, three, four] = made as [string, string, string, string]
  const groups = async () =>
    Object.values(Object.groupBy(await homes(db), ({ person }) => person)).map((of) =>
      of!.map(({ home }) => made.indexOf(home)),
    )
  expect(await groups()).toEqual([[0, 1, 2, 3]])
  await db.act((ctx) => part(ctx, { memberId: one, recordId: three, along: [four], reason: '两个人' }))
  expect(await groups()).toEqual([
    [0, 1],
    [2, 3],
  ])
  await db.act((ctx) => join(ctx, { memberId: two, otherId: four, reason: '还是一个' }))
  expect(await groups()).toEqual([[0, 1, 2, 3]])
  await expect(
    db.act((ctx) => part(ctx, { memberId: one, recordId: three, along: [one, two, four], reason: '都走' })),
  ).rejects.toMatchObject({ code: 'members.nobody_stays' })
})

describe('what staff answer teaches the next run', () => {
  const run = (db: TestDatabase) =>
    match({ db } as unknown as House, systemActor, {
      id: newId(),
      dryRun: false,
      signal: new AbortController().signal,
      onStep: async () => {},
    })
  const words = [
    '碧云',
    '长风',
    '晓楠',
    '思远',
    '若兰',
    '景行',
    '子衿',
    '望舒',
    '听雨',
    '疏影',
    '怀瑾',
    '知秋',
    '南乔',
    '北辰',
  ]

  test.for([
    ['join', 1],
    ['apart', -1],
  ] as const)('%s answers move pairs that look like these that way', async ([decision, direction], { db, given }) => {
    const [a, b] = [await given.channel('store-a'), await given.channel('web')]
    // The same name and city and nothing else: who can say.
    for (const [at, word] of words.entries())
      for (const of of [a, b])
        await given.record({ externalId: `P${at}`, name: `欧阳${word}`, city: '成都' }, { of, origin: 'import' })
    await run(db)
    const before = await queue(db)
    expect(before.length).toBe(words.length)
    const left = before.at(-1)!
    for (const { a: one, b: two } of before.slice(0, -1))
      await db.act((ctx) => decideReview(ctx, { a: one, b: two, decision, reason: '看过' }))
    const told = await run(db)
    expect(told.answers).toBe(words.length - 1)
    const { rows } = await sql<{ score: number | null }>`
      select score from members.reviews where member_a = ${left.a} and member_b = ${left.b}`.execute(db.kysely)
    const joined = (await person(db, left.a)) === (await person(db, left.b))
    // Gone from the queue it was joined, or is not worth asking any more.
    const score = rows[0]?.score ?? (joined ? 99 : -99)
    expect(Math.sign(score - left.score!)).toBe(direction)
    expect(Math.abs(score - left.score!)).toBeGreaterThan(0.3)
  })
})

describe('a value that many use', () => {
  const names = ['林晚晴', '王建国', '赵小三', '诸葛隐娘', '欧阳无双']

  /** An agent's phone on the bookings of five people, the first of whom booked twice. */
  async function agent(given: Given) {
    const [a, b] = [await given.channel('store-a'), await given.channel('store-b')]
    const made: string[] = []
    for (const [at, name] of names.entries())
      made.push((await given.record({ externalId: `A${at}`, name, phone: '13912340077' }, { of: a })).id)
    made.push((await given.record({ externalId: 'B0', name: names[0]!, phone: '13912340077' }, { of: b })).id)
    return { a, b, made }
  }
  const list = (db: TestDatabase, actor = systemActor) =>
    db.act((ctx) => sharedValues(ctx, { limit: 10, offset: 0 }), actor)

  test('is shown with its reasons, masked, and asks no questions any more', async ({ db, given }) => {
    const { made } = await agent(given)
    const { values } = await list(db)
    expect(values).toMatchObject([
      {
        kind: 'phone',
        value: '139 •••• 0077',
        joins: false,
        reason: 'names',
        likely: 'booker',
        names: 5,
        records: 6,
        members: 6,
        word: null,
        channels: [
          { code: 'store-a', records: 5 },
          { code: 'store-b', records: 1 },
        ],
      },
    ])
    // Its id is a keyed hash, and mostly no UUID of any version.
    const [hash] = values.map((value) => ({ ...value, id: '60f94535-c450-fa52-0802-a2110d5f9379' }))
    expect(listSharedValues.output.parse({ values: [hash], more: false }).values).toHaveLength(1)
    expect(values[0]!.examples).toEqual(expect.arrayContaining(['林晚晴']))
    expect(await queue(db)).toEqual([])
    expect(await person(db, made[5]!)).toBe(made[5])
  })

  test('joins records of one name again when the group says so, until it takes that back', async ({ db, given }) => {
    const { made } = await agent(given)
    const [value] = (await list(db)).values
    const say = (word: 'shared' | 'personal') =>
      db.act((ctx) => sayOfValue(ctx, { valueId: value!.id, word, reason: '一家人' }))
    expect(await say('personal')).toEqual({ records: 6, membersBefore: 6, membersAfter: 5 })
    expect(await person(db, made[5]!)).toBe(made[0])
    expect((await list(db)).values).toMatchObject([{ joins: true, word: { word: 'personal', reason: '一家人' } }])
    expect(await say('shared')).toEqual({ records: 6, membersBefore: 5, membersAfter: 6 })
    expect(await db.act((ctx) => unsayOfValue(ctx, value!.id))).toEqual({
      records: 6,
      membersBefore: 6,
      membersAfter: 6,
    })
    expect((await list(db)).values).toMatchObject([{ joins: false, reason: 'names', word: null }])
    await expect(db.act((ctx) => unsayOfValue(ctx, value!.id))).rejects.toMatchObject({
      code: 'members.value_not_found',
    })
  })

  test('stays shared by the word of the group when fewer names use it', async ({ db, given }) => {
    const { a, made } = await agent(given)
    const [value] = (await list(db)).values
    await db.act((ctx) => sayOfValue(ctx, { valueId: value!.id, word: 'shared', reason: '旅行社的电话' }))
    for (const at of [1, 2, 3])
      await given.record({ externalId: `A${at}`, name: names[at]!, phone: `1391234100${at}` }, { of: a })
    expect(await person(db, made[5]!)).toBe(made[5])
    await db.act((ctx) => unsayOfValue(ctx, value!.id))
    expect(await person(db, made[5]!)).toBe(made[0])
  })

  test('is seen by each store with what came by it, and by others not at all', async ({ db, given }) => {
    await agent(given)
    const ids = Object.fromEntries(
      await Promise.all(
        ['store-a', 'store-b', 'store-c'].map(async (code) => [
          code,
          (await db.act((ctx) => openChannel(ctx, { code, kind: 'store' }))).id,
        ]),
      ),
    )
    const of = (code: string) => ({
      ...systemActor,
      kind: 'staff' as const,
      scope: { channelIds: [ids[code] as number], servedBy: null },
    })
    expect((await list(db, of('store-c'))).values).toEqual([])
    expect((await list(db, of('store-b'))).values).toMatchObject([
      { names: 1, records: 1, examples: ['林晚晴'], channels: [{ code: 'store-b', records: 1 }] },
    ])
  })
})

test('a question by evidence between two who are asked about by phone too is one question', async ({ db, given }) => {
  const { one, two } = await contradiction(given)
  await db.act((ctx) => noteMatchReviews(ctx, [{ a: one, b: two, score: 4, parts: 'given.exact 4' }]))
  expect((await queue(db)).map(({ reason }) => reason)).toEqual(['evidence'])
  expect(await count(db)).toMatchObject({ count: 1 })
})
