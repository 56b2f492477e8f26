import { sql } from 'kysely'
import { describe } from 'vitest'
import { expect, type Given, test } from '#app/testing'
import { channels, openChannel } from '#modules/channels'
import { decideReview, part, personOf, personsOf, reviewQueue } from '#modules/members'
import { systemActor } from '#platform/ctx'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import type { TestDatabase } from '#platform/testing'
import { explain } from './explaining.ts'
import { match } from './matching.ts'
import { changeSettings, settingsOf } from './models.ts'
import { writtenPeople } from './people.testing.ts'

const run = (db: TestDatabase, { dryRun = false, all = false, signal = new AbortController().signal } = {}) =>
  match({ db } as unknown as House, systemActor, { id: newId(), dryRun, all, signal, onStep: async () => {} })

const personIn = async (db: TestDatabase, home: string) => (await db.act((ctx) => personsOf(ctx, [home]))).get(home)!

/** The same person as a store and a website have written her, without a phone or a document. */
const kayla = {
  familyName: 'Harrington',
  givenName: 'Kayla',
  birthDate: '1985-06-12',
  addressLine: '6 Maltby Circuit',
  suburb: 'Coolaroo',
  postcode: '3465',
}
const again = { ...kayla, familyName: 'Harringotn', addressLine: '6 Maltby Circut' }

async function others(given: Given, count = 60) {
  const people = writtenPeople({ people: count, copies: 0, mostCopies: 0, mostInValue: 0, mostInRecord: 0, seed: 3 })
  for (const { raw } of people) await given.record({ ...raw, externalId: `o${raw.externalId}` }, { origin: 'import' })
}

async function twice(given: Given, one: Record<string, string> = kayla, other: Record<string, string> = again) {
  const first = await given.record({ externalId: 'K1', ...one }, { origin: 'import' })
  const second = await given.record(
    { externalId: 'K2', ...other },
    { origin: 'import', of: await given.channel('web') },
  )
  return { first: first.id, second: second.id }
}

describe('a run over all records', () => {
  test('joins who is one person, once; the member page says by what', async ({ db, given }) => {
    await others(given)
    const { first, second } = await twice(given)
    const told = await run(db)
    expect(told).toMatchObject({ records: 62, joins: 1, membersBefore: 62, membersAfter: 61 })
    expect(await personIn(db, second)).toBe(first)
    expect(await run(db)).toMatchObject({ joins: 0, membersBefore: 61, membersAfter: 61, together: 1 })

    const all = new Map((await db.act(channels)).map((channel) => [channel.id, channel]))
    const { records } = await db.act((ctx) => personOf(ctx, first, all))
    const [because] = records[1]!.joinedBy
    expect(because).toMatchObject({ kind: 'match', by: null })
    expect(because!.score).toBeGreaterThan(10)
    expect(because!.parts!.find(({ field }) => field === 'birth')).toMatchObject({ level: 'exact' })
    expect(because!.parts!.find(({ field }) => field === 'family')).toMatchObject({ level: 'close' })
  })

  test('counts and writes nothing when it is a dry one', async ({ db, given }) => {
    const { first, second } = await twice(given)
    expect(await run(db, { dryRun: true })).toMatchObject({ joins: 1, membersBefore: 2, membersAfter: 1 })
    expect(await personIn(db, second)).not.toBe(first)
    const { rows } = await sql`select 1 from matching.pages union all select 1 from members.decisions`.execute(
      db.kysely,
    )
    expect(rows).toEqual([])
  })

  test('never joins again what staff took apart, nor two identity cards', async ({ db, given }) => {
    await others(given)
    const { first, second } = await twice(given)
    await run(db)
    await db.act((ctx) => part(ctx, { memberId: first, recordId: second, reason: '是母女' }))
    expect(await run(db)).toMatchObject({ joins: 0, reviews: 0 })
    expect(await personIn(db, second)).toBe(second)

    const cards = ['11010519491231002X', '440524188001010014']
    const card = (index: number) => ({ documentType: '身份证', documentNumber: cards[index]! })
    const one = await given.record({ externalId: 'C1', name: '欧阳无双', birthDate: '1990-01-02', ...card(0) })
    const other = await given.record({ externalId: 'C2', name: '欧阳无双', birthDate: '1990-01-02', ...card(1) })
    await run(db)
    expect(await personIn(db, other.id)).not.toBe(await personIn(db, one.id))
  })

  test('stopped in the middle, the next one does the rest', async ({ db, given }) => {
    await others(given)
    await twice(given)
    const stop = new AbortController()
    const stopped = match({ db } as unknown as House, systemActor, {
      id: newId(),
      dryRun: false,
      signal: stop.signal,
      onStep: async (step) => {
        if (step === 'scoring') stop.abort()
      },
    })
    await expect(stopped).rejects.toThrow()
    expect(await run(db)).toMatchObject({ joins: 1 })
  })

  test('goes by the lines that the group has set', async ({ db, given }) => {
    await others(given)
    await twice(given)
    await db.act((ctx) => changeSettings(ctx, { joinFrom: 60 }))
    expect(await run(db)).toMatchObject({ joins: 0, reviews: 1, bands: { joinFrom: 60 } })
    await expect(db.act((ctx) => changeSettings(ctx, { reviewFrom: 61 - 0.5, joinFrom: 20 }))).rejects.toMatchObject({
      code: 'matching.bands_crossed',
    })
    await db.act((ctx) => changeSettings(ctx, { joinFrom: null }))
    expect(await db.act(settingsOf)).toEqual({ joinFrom: null, reviewFrom: null, precision: 0.999 })
    expect(await run(db)).toMatchObject({ joins: 1, reviews: 0 })
  })

  test('what it keeps says nothing about anybody', async ({ db, given }) => {
    await others(given)
    await twice(given)
    await given.record({
      externalId: 'K9',
      familyName: 'Harrington',
      givenName: 'Kayla',
      postcode: '3465',
      suburb: 'Coolaroo',
    })
    await run(db)
    await db.reactionsCaughtUp()
    let kept = ''
    for (const table of [
      'matching.runs',
      'matching.model',
      'matching.pages',
      'matching.keys',
      'members.decisions',
      'members.reviews',
    ])
      kept += JSON.stringify((await sql`select * from ${sql.table(table)}`.execute(db.kysely)).rows).toLowerCase()
    expect(kept.length).toBeGreaterThan(1_000)
    for (const value of ['harring', 'kayla', 'maltby', 'coolaroo', '3465', '1985-06', '19850612'])
      expect(kept.includes(value), value).toBe(false)
  })
})

describe('one record on entry', () => {
  test('is joined with whom a run has seen, and with whom came after it', async ({ db, given }) => {
    await db.reactionsCaughtUp()
    await others(given)
    const first = await given.record({ externalId: 'K1', ...kayla }, { origin: 'import' })
    await run(db)
    const second = await given.record({ externalId: 'K2', ...again })
    await db.reactionsCaughtUp()
    expect(await personIn(db, second.id)).toBe(first.id)
    const third = await given.record({ externalId: 'K3', ...kayla, postcode: '3466' })
    await db.reactionsCaughtUp()
    expect(await personIn(db, third.id)).toBe(first.id)
    expect(await run(db)).toMatchObject({ joins: 0 })
  })

  test('works before any run, and asks where too little is said', async ({ db, given }) => {
    await db.reactionsCaughtUp()
    const one = await given.record({ externalId: '1', name: '欧阳晓明', birthDate: '1985-03-12', city: '成都' })
    const two = await given.record({ externalId: '2', name: '歐陽曉明', birthDate: '1985-03-12', city: '成都市' })
    const three = await given.record({ externalId: '3', name: '欧阳晓明', city: '成都' })
    await db.reactionsCaughtUp()
    expect(await personIn(db, two.id)).toBe(one.id)
    expect(await personIn(db, three.id)).toBe(three.id)
    const queue = await db.act((ctx) => reviewQueue(ctx, { kind: 'match', limit: 10, offset: 0 }))
    expect(queue.map(({ sides }) => sides.map(({ memberId }) => memberId).sort())).toEqual([[one.id, three.id].sort()])
  })
})

describe('why two are one, or not', () => {
  test('is told field by field', async ({ db, given }) => {
    await others(given)
    const { first, second } = await twice(given)
    const stranger = await given.record({
      externalId: 'S',
      familyName: 'Berry',
      givenName: 'Kayla',
      birthDate: '1999-02-19',
    })
    const told = await db.act((ctx) => explain(ctx, { a: first, b: second }))
    expect(told).toMatchObject({ together: false, verdict: 'join', because: null, records: { a: first, b: second } })
    expect(told.parts.find(({ field }) => field === 'street')).toMatchObject({ level: 'close' })
    expect(await db.act((ctx) => explain(ctx, { a: first, b: stranger.id }))).toMatchObject({ verdict: 'apart' })
    await run(db)
    expect(await db.act((ctx) => explain(ctx, { a: first, b: second }))).toMatchObject({
      together: true,
      verdict: 'join',
    })
    await db.act((ctx) => part(ctx, { memberId: first, recordId: second, reason: '是母女' }))
    expect(await db.act((ctx) => explain(ctx, { a: first, b: second }))).toMatchObject({
      verdict: 'apart',
      because: 'staff',
    })
  })
})

describe('the queue', () => {
  const asked = { ...kayla, birthDate: '', addressLine: '' }

  test('shows both sides masked with the score and its parts; an answer is remembered', async ({ db, given }) => {
    await others(given)
    const { first, second } = await twice(given, { ...kayla, phone: '13800138001' }, asked)
    await db.act((ctx) => changeSettings(ctx, { joinFrom: 50 }))
    await run(db)
    const [review] = await db.act((ctx) => reviewQueue(ctx, { kind: null, limit: 10, offset: 0 }))
    expect(review).toMatchObject({
      kind: 'match',
      reason: 'evidence',
      alike: expect.arrayContaining(['postcode', 'suburb']),
    })
    expect(review!.score).toBeGreaterThan(5)
    expect(review!.parts.map(({ field }) => field)).toContain('place')
    expect(JSON.stringify(review!.sides)).not.toContain('13800138001')

    const later = await db.act((ctx) =>
      decideReview(ctx, { a: review!.a, b: review!.b, decision: 'later', reason: '问本人' }),
    )
    expect(later).toMatchObject({ memberId: first, otherId: second })
    expect(await db.act((ctx) => reviewQueue(ctx, { kind: null, limit: 10, offset: 0 }))).toEqual([])
    await db.act((ctx) => decideReview(ctx, { a: first, b: second, decision: 'apart', reason: '同名' }))
    await expect(
      db.act((ctx) => decideReview(ctx, { a: first, b: second, decision: 'join', reason: '又想' })),
    ).rejects.toMatchObject({ code: 'members.review_not_found' })
    expect(await run(db)).toMatchObject({ joins: 0, reviews: 0 })
  })

  test('holds for each only pairs of which they see both', async ({ db, given }) => {
    await others(given)
    const { first, second } = await twice(given, kayla, asked)
    await db.act((ctx) => changeSettings(ctx, { joinFrom: 50 }))
    await run(db)
    const channel = await given.channel()
    const web = await db.act((ctx) => openChannel(ctx, { code: 'web', kind: 'store' }))
    const of = (...channelIds: number[]) => ({
      ...systemActor,
      kind: 'staff' as const,
      scope: { channelIds, servedBy: null },
    })
    const queue = (ids: number[]) => db.act((ctx) => reviewQueue(ctx, { kind: null, limit: 10, offset: 0 }), of(...ids))
    expect(await queue([channel.id])).toEqual([])
    expect(await queue([web.id])).toEqual([])
    expect((await queue([channel.id, web.id])).length).toBe(1)
    await expect(
      db.act((ctx) => decideReview(ctx, { a: first, b: second, decision: 'join', reason: '同一人' }), of(web.id)),
    ).rejects.toMatchObject({ code: 'members.review_not_found' })
    await db.act(
      (ctx) => decideReview(ctx, { a: second, b: first, decision: 'join', reason: '同一人' }),
      of(channel.id, web.id),
    )
    expect(await personIn(db, second)).toBe(first)
  })
})

describe('the next run', () => {
  /** As if all that is there had come, and been compared, long ago. */
  async function longAgo(db: TestDatabase) {
    await sql`update members.records set created_at = created_at - interval '1 day'`.execute(db.kysely)
  }

  test('compares what came or changed with all, and nothing else', async ({ db, given }) => {
    await db.reactionsCaughtUp()
    await others(given)
    const { first } = await twice(given)
    await run(db)
    await longAgo(db)
    expect(await run(db, { dryRun: true })).toMatchObject({ records: 62, fresh: 0, pairs: 0, together: 0 })
    expect(await run(db)).toMatchObject({ records: 62, fresh: 0, pairs: 0, joins: 0 })
    const web = await given.channel('web')
    const third = await given.record({ externalId: 'K3', ...again, givenName: 'Kaila' }, { of: web, origin: 'import' })
    const elsewhere = {
      ...kayla,
      familyName: 'Sondergeld',
      givenName: 'Deakin',
      birthDate: '1960-02-10',
      suburb: 'Elwood',
    }
    const fourth = await given.record(
      { externalId: 'K4', ...elsewhere, postcode: '3184' },
      { of: web, origin: 'import' },
    )
    // Counted first, with all in memory; then one by one, by the look-up.
    expect(await run(db, { dryRun: true })).toMatchObject({ records: 64, fresh: 2, joins: 1 })
    expect(await run(db)).toMatchObject({ records: 64, fresh: 2, joins: 1 })
    expect(await personIn(db, third.id)).toBe(first)
    await longAgo(db)
    // An import says something else of a record that was compared: it is compared again.
    await given.record({ externalId: 'K4', ...kayla }, { of: web, origin: 'import' })
    await db.reactionsCaughtUp()
    expect(await run(db)).toMatchObject({ fresh: 1, joins: 1 })
    expect(await personIn(db, fourth.id)).toBe(first)
    expect(await run(db)).toMatchObject({ fresh: 0 })
    // Asked for, or by other lines, it is all with all again.
    expect(await run(db, { all: true })).toMatchObject({ fresh: 64 })
    await longAgo(db)
    await db.act((ctx) => changeSettings(ctx, { joinFrom: 30 }))
    expect(await run(db)).toMatchObject({ fresh: 64 })
  })

  test('leaves the questions about who did not change as they are', async ({ db, given }) => {
    await others(given)
    await twice(given)
    await db.act((ctx) => changeSettings(ctx, { joinFrom: 60 }))
    expect(await run(db)).toMatchObject({ reviews: 1 })
    await longAgo(db)
    await given.record({ externalId: 'N', familyName: 'Zoller', givenName: 'Bo' }, { origin: 'import' })
    expect(await run(db)).toMatchObject({ fresh: 1, reviews: 0 })
    expect(await db.act((ctx) => reviewQueue(ctx, { kind: 'match', limit: 10, offset: 0 }))).toHaveLength(1)
  })
})

describe('evidence of other times and other people', () => {
  const partOf = async (db: TestDatabase, a: string, b: string, field: string) =>
    (await db.act((ctx) => explain(ctx, { a, b }))).parts.find((one) => one.field === field)

  test('a phone that somebody had before still speaks for them, less than one that both have', async ({
    db,
    given,
  }) => {
    await others(given)
    const web = await given.channel('web', 'website')
    const { id: before } = await given.record({ externalId: 'K1', ...kayla, phone: '13911112222' })
    const { id: after } = await given.record({ externalId: 'K2', ...kayla, phone: '13911112222' }, { of: web })
    const both = (await partOf(db, before, after, 'phone'))!
    await given.record({ externalId: 'K1', ...kayla, phone: '13933334444' })
    const former = (await partOf(db, before, after, 'phone'))!
    expect(both).toMatchObject({ level: 'exact' })
    expect(former).toMatchObject({ level: 'former' })
    expect(former.bits).toBeGreaterThan(3)
    expect(former.bits).toBeLessThan(both.bits)
    // Back at the first number it is the present one again.
    await given.record({ externalId: 'K1', ...kayla, phone: '13911112222' })
    expect(await partOf(db, before, after, 'phone')).toMatchObject({ level: 'exact' })
  })

  test('two who travel with the same third may be one; who travel with each other are not asked by it', async ({
    db,
    given,
  }) => {
    await others(given)
    const { first, second } = await twice(given)
    const friend = await given.member({ name: '沈知远' })
    const trip = { paidFen: 100_00, origin: 'import' as const, product: '大理沙溪 6 日' }
    await given.order({ ...trip, member: { id: first }, at: new Date('2026-03-03T08:00:00Z') })
    await given.order({ ...trip, member: friend, at: new Date('2026-03-03T08:05:00Z') })
    expect(await partOf(db, first, second, 'companion')).toBeUndefined()
    await given.order({ ...trip, member: { id: second }, at: new Date('2026-05-05T08:00:00Z') })
    await given.order({ ...trip, member: friend, at: new Date('2026-05-05T08:05:00Z') })
    const shared = (await partOf(db, first, second, 'companion'))!
    expect(shared).toMatchObject({ level: 'shared' })
    expect(shared.bits).toBeGreaterThan(3)
    expect(await partOf(db, first, friend.id, 'companion')).toBeUndefined()
    // A run reads the same of all.
    expect(await run(db)).toMatchObject({ joins: 1 })
    const { parts } = (
      await sql<{ parts: string }>`select parts from members.decisions where kind = 'match'`.execute(db.kysely)
    ).rows[0]!
    expect(parts).toContain('companion.shared')
  })
})
