/** Consents that were collected elsewhere come in by a file, and never stand over what the person withdrew later. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test as base, expect } from '#app/testing'
import { homesOf } from '#modules/members'
import { consentsOf, mayReach, sayConsents } from '#modules/privacy'
import { systemActor as actor } from '#platform/ctx'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { apply, claimApplying } from './applying.ts'
import type { ImportView } from './contract.ts'
import { begin, importOf, viewOf } from './imports.ts'
import { claimStaging, receive, setMapping, stage } from './staging.ts'
import { claimUndo, undo } from './undoing.ts'

interface Desk {
  imported(content: string): Promise<ImportView>
  undone(id: string): Promise<void>
  homeOf(name: string): Promise<string>
  says(home: string, given: boolean): Promise<void>
  may(home: string, channel?: string): Promise<boolean>
}

const test = base.extend<{ desk: Desk }>({
  desk: async ({ db }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-consents-'))
    db.clock = { now: () => new Date('2026-11-22T08:00:00Z') }
    const house = {
      db,
      folder,
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
    } as unknown as House
    const { signal } = new AbortController()
    await use({
      imported: async (content) => {
        const id = newId()
        await db.act((ctx) =>
          begin(ctx, {
            id,
            fileName: '同意.csv',
            channel: 'store-a',
            create: 'store',
            as: 'members',
            origin: 'import',
          }),
        )
        await receive(house, actor, id, Readable.from([Buffer.from(content)]))
        await setMapping(house, actor, id, {
          编号: 'externalId',
          姓名: 'name',
          手机: 'phone',
          短信: 'consent.marketing@sms',
          邮件: 'consent.marketing@email',
          日期: 'consentedAt',
        })
        await claimStaging(house, actor, id)
        await stage(house, actor, id, signal)
        await claimApplying(house, actor, id)
        await apply(house, actor, id, signal)
        return db.act(async (ctx) => viewOf(ctx, await importOf(ctx, id)))
      },
      undone: async (id) => {
        await claimUndo(house, actor, id)
        await undo(house, actor, id, signal)
      },
      homeOf: async (name) => {
        const { rows } = await db.pool.query('select member_id from members.profiles where name = $1', [name])
        return rows[0].member_id
      },
      says: (home, given) =>
        db.act(async (ctx) =>
          sayConsents(ctx, { home, homes: await homesOf(ctx, home), evidence: 'centre' }, [
            { topic: 'sms.marketing', given, ...(given ? { textVersion: 1 } : {}) },
          ]),
        ),
      may: (home, channel = 'sms') =>
        db.act(async (ctx) => mayReach(ctx, await homesOf(ctx, home), { channel, purpose: 'marketing' })),
    })
    await rm(folder, { recursive: true, force: true })
  },
})

const head = '编号,姓名,手机,短信,邮件,日期\n'

test('each by channel and purpose, with its day and the row as evidence; what says neither is reported', async ({
  db,
  desk,
}) => {
  const view = await desk.imported(
    `${head}1,林晚晴,13900000001,同意,否,2025-03-01\n2,周敏,13900000002,Y,,\n3,王芳,13900000003,也许,да,2099-01-01\n`,
  )
  expect(view).toMatchObject({ state: 'done', counts: { created: 3 } })
  const [lin, zhou, wang] = [await desk.homeOf('林晚晴'), await desk.homeOf('周敏'), await desk.homeOf('王芳')]
  expect([await desk.may(lin), await desk.may(lin, 'email')]).toEqual([true, false])
  expect([await desk.may(zhou), await desk.may(zhou, 'email')]).toEqual([true, false])
  // Neither yes nor no; and said on a day that has not been yet, so without one.
  expect([await desk.may(wang), await desk.may(wang, 'email')]).toEqual([false, true])
  const { problems } = view.report!
  expect(problems.map(({ field, code, count }) => [field, code, count])).toEqual(
    expect.arrayContaining([
      ['consent.marketing@sms', 'consent.unreadable', 1],
      ['consentedAt', 'date.unreadable', 1],
    ]),
  )
  const said = (await db.act((ctx) => consentsOf(ctx, [lin]))).find(({ topic }) => topic === 'sms.marketing')!
  expect(said.standing.by).toMatchObject({
    evidence: 'import',
    textVersion: null,
    importId: view.id,
    importRow: expect.any(Number),
    at: new Date('2025-02-28T16:00:00Z'),
  })
  const { rows } = await db.pool.query(
    "select type, origin, count(*)::int as n from platform.events where type like 'consent.%' group by 1, 2 order by 1",
  )
  expect(rows).toEqual([
    { type: 'consent.given', origin: 'import', n: 3 },
    { type: 'consent.withdrawn', origin: 'import', n: 1 },
  ])
  // Neither the words nor the consents stand among the values of the record.
  const { rows: same } = await db.pool.query('select count(*)::int as n from privacy.consents')
  expect(same[0].n).toBe(4)
})

test('a yes from before, or without a day, stands over no withdrawal; a later one does', async ({ desk }) => {
  await desk.imported(`${head}1,林晚晴,13900000001,,,\n2,周敏,13900000002,,,\n3,王芳,13900000003,,,\n`)
  const homes = [await desk.homeOf('林晚晴'), await desk.homeOf('周敏'), await desk.homeOf('王芳')]
  for (const home of homes) await desk.says(home, false)
  await desk.imported(`${head}1,林晚晴,13900000001,是,,2026-11-01\n2,周敏,13900000002,是,,\n3,王芳,13900000003,,,\n`)
  expect(await Promise.all(homes.map((home) => desk.may(home)))).toEqual([false, false, false])
  // Said again by themselves, it holds.
  await desk.says(homes[0]!, true)
  expect(await desk.may(homes[0]!)).toBe(true)
})

test('a dated yes answers what was withdrawn before that day', async ({ db, desk }) => {
  await desk.imported(`${head}1,林晚晴,13900000001,否,,2026-01-05\n`)
  const home = await desk.homeOf('林晚晴')
  expect(await desk.may(home)).toBe(false)
  await desk.imported(`${head}1,林晚晴,13900000001,是,,2026-02-01\n`)
  expect(await desk.may(home)).toBe(true)
  // The same file once more says nothing new, and does not undo what the person chose meanwhile.
  const before = (await db.pool.query('select count(*)::int as n from privacy.consents')).rows[0].n
  await desk.says(home, false)
  await desk.imported(`${head}1,林晚晴,13900000001,是,,2026-02-01\n`)
  expect(await desk.may(home)).toBe(false)
  expect((await db.pool.query('select count(*)::int as n from privacy.consents')).rows[0].n).toBe(before + 1)
})

test('goes when the import is undone, and stays on file as taken back', async ({ db, desk }) => {
  await desk.imported(`${head}1,林晚晴,13900000001,,,\n`)
  const home = await desk.homeOf('林晚晴')
  const { id } = await desk.imported(`${head}1,林晚晴,13900000001,是,是,2025-03-01\n`)
  expect([await desk.may(home), await desk.may(home, 'email')]).toEqual([true, true])
  await desk.undone(id)
  expect([await desk.may(home), await desk.may(home, 'email')]).toEqual([false, false])
  const { rows } = await db.pool.query(
    'select count(*)::int as n from privacy.consents where taken_back_at is not null',
  )
  expect(rows[0].n).toBe(2)
})
