/** What lies sealed for a while goes by itself: uploads, what a message said, whatever a crash has left. */
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { test as base, expect } from '#app/testing'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { module as centre } from '../modules/centre/module.ts'
import { sendSms } from '../modules/centre/sms.ts'
import { apply, claimApplying } from '../modules/imports/applying.ts'
import { begin } from '../modules/imports/imports.ts'
import { claimStaging, receive, stage } from '../modules/imports/staging.ts'
import { tidyAfterCrash } from '../modules/imports/work.ts'
import { runRules } from '../modules/privacy/retention.ts'

const day = 86_400_000
const never = new AbortController().signal
const content = '姓名,手机\n林晚晴,13800138000\n刘敏,13900139000\n'

const test = base.extend<{ house: House & { later(milliseconds: number): void } }>({
  house: async ({ db }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-expiry-'))
    let ahead = 0
    db.clock = { now: () => new Date(Date.now() + ahead) }
    await use({
      db,
      folder,
      sandbox: true,
      log: openLog('silent'),
      stopping: never,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => false },
      later: (milliseconds: number) => {
        ahead += milliseconds
      },
    } as unknown as House & { later(milliseconds: number): void })
    await rm(folder, { recursive: true })
  },
})

const uploads = (house: House) => readdir(join(house.folder, 'uploads'))

async function uploaded(house: House): Promise<string> {
  const id = newId()
  await inTx(house.db, systemActor, (ctx) =>
    begin(ctx, { id, fileName: 'list.csv', channel: 'store-a', create: 'store', as: 'members', origin: 'import' }),
  )
  await receive(house, systemActor, id, Readable.from([Buffer.from(content)]))
  return id
}

test('an upload lies sealed, and goes when it is applied or a week has passed', async ({ house }) => {
  const id = await uploaded(house)
  expect(await uploads(house)).toEqual([id])
  const stored = await readFile(join(house.folder, 'uploads', id))
  expect(stored.includes('13800138000')).toBe(false)
  await claimStaging(house, systemActor, id)
  await stage(house, systemActor, id, never)
  await claimApplying(house, systemActor, id)
  await apply(house, systemActor, id, never)
  expect(await uploads(house)).toEqual([])

  const other = await uploaded(house)
  house.later(6 * day)
  await runRules(house)
  expect(await uploads(house)).toEqual([other])
  house.later(2 * day)
  await runRules(house)
  expect(await uploads(house)).toEqual([])
  const { rows } = await sql<{ state: string }>`select state from imports.imports where id = ${other}`.execute(
    house.db.kysely,
  )
  expect(rows).toEqual([{ state: 'cancelled' }])
})

test('what a crash has left goes with the week, and what an older program left plain is sealed at the start', async ({
  house,
}) => {
  const kept = await uploaded(house)
  const folder = join(house.folder, 'uploads')
  const [orphan, half] = [newId(), `${newId()}.part`]
  for (const name of [orphan, half, kept]) await writeFile(join(folder, name), content)
  await tidyAfterCrash(house)
  expect((await uploads(house)).sort()).toEqual([kept, orphan].sort())
  for (const name of [kept, orphan])
    expect((await readFile(join(folder, name))).includes('13800138000'), name).toBe(false)
  // And it is read as it was.
  await claimStaging(house, systemActor, kept)
  await stage(house, systemActor, kept, never)
  const { rows } = await sql<{
    counts: { rows: number }
  }>`select counts from imports.imports where id = ${kept}`.execute(house.db.kysely)
  expect(rows[0]!.counts.rows).toBe(2)
  const old = new Date(Date.now() - 8 * day)
  await utimes(join(folder, orphan), old, old)
  await utimes(join(folder, kept), old, old)
  await runRules(house)
  expect(await uploads(house)).toEqual([kept])
})

test('a file that somebody changed on the disk is not read', async ({ house }) => {
  const id = await uploaded(house)
  const file = join(house.folder, 'uploads', id)
  const bytes = await readFile(file)
  bytes[bytes.length - 20]! ^= 1
  await writeFile(file, bytes)
  await claimStaging(house, systemActor, id)
  await expect(stage(house, systemActor, id, never)).rejects.toThrow()
  const { rows } = await sql`select from members.records`.execute(house.db.kysely)
  expect(rows).toEqual([])
})

test('what a message said is forgotten a day after it was good, also where nobody ended it', async ({ house }) => {
  await mkdir(join(house.folder, 'uploads'))
  await inTx(house.db, systemActor, (ctx) =>
    sendSms(ctx, {
      phone: '+8613800138000',
      text: 'Code 123456',
      code: '123456',
      language: 'en',
      provider: 'sandbox',
      goodForSeconds: 300,
    }),
  )
  const forget = centre.jobs!.find(({ name }) => name === 'centre.forgetting')!
  const standing = async () => {
    const { rows } = await sql<{ state: string; isKept: boolean }>`
      select state, sealed is not null as "isKept" from centre.deliveries`.execute(house.db.kysely)
    return rows
  }
  await forget.run(house, {})
  expect(await standing()).toEqual([{ state: 'waiting', isKept: true }])
  house.later(day + 600_000)
  await forget.run(house, {})
  expect(await standing()).toEqual([{ state: 'too_late', isKept: false }])
})
