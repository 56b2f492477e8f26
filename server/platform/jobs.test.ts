import { sql } from 'kysely'
import { expect } from 'vitest'
import type { House } from '#platform/house'
import { addJob, type Job, startJobs } from '#platform/jobs'
import { openLog } from '#platform/log'
import { test as base, type TestDatabase } from '#platform/testing'

interface Post {
  /** Starts the jobs; they stop with the test. */
  begin(): Promise<void>
  sent: unknown[]
  lines: string[]
}

const test = base.extend<{ post: Post }>({
  post: async ({ db }, use) => {
    const [sent, lines]: [unknown[], string[]] = [[], []]
    const house = { db, log: openLog('info', { write: (line) => lines.push(line) }) } as unknown as House
    const send: Job = {
      name: 'post.send',
      run: async (given, payload) => {
        if ((payload as { to: string }).to === 'nobody') throw new Error('no such guest: 13800138000')
        expect(given).toBe(house)
        sent.push(payload)
      },
    }
    const closing: (() => Promise<void>)[] = []
    await use({
      sent,
      lines,
      begin: async () => {
        const runner = await startJobs(house, [send, { name: 'post.sweep', cron: '15 3 * * *', run: async () => {} }])
        closing.push(() => runner.stop())
      },
    })
    for (const close of closing) await close()
  },
})

const waiting = async (db: TestDatabase) =>
  (
    await sql<{ key: string | null; run_at: Date; attempts: number; last_error: string | null }>`
    select key, run_at, attempts, last_error from graphile_worker.jobs order by id`.execute(db.kysely)
  ).rows

test('a job is added with its act, or not at all, and runs once', async ({ db, post }) => {
  await db.act((ctx) => addJob(ctx, 'post.send', { to: 'Wu' }))
  const failed = db.act(async (ctx) => {
    await addJob(ctx, 'post.send', { to: 'Li' })
    throw new Error('thought better of it')
  })
  await expect(failed).rejects.toThrow('thought better of it')
  await post.begin()
  await expect.poll(() => waiting(db)).toEqual([])
  expect(post.sent).toEqual([{ to: 'Wu' }])
})

test('a job of the same name and key takes the place of one that has not begun, with its new time', async ({ db }) => {
  const at = (hour: number) => new Date(Date.UTC(2040, 0, 1, hour))
  await db.act((ctx) => addJob(ctx, 'post.send', { to: 'Wu' }, { key: 'greeting', runAt: at(8) }))
  await db.act((ctx) => addJob(ctx, 'post.send', { to: 'Wu' }, { key: 'greeting', runAt: at(9) }))
  await db.act((ctx) => addJob(ctx, 'post.other', {}, { key: 'greeting', runAt: at(10) }))
  expect(await waiting(db)).toMatchObject([
    { key: 'post.send:greeting', run_at: at(9) },
    { key: 'post.other:greeting', run_at: at(10) },
  ])
})

test('a job that fails is kept for another try, and what it says of a guest stays out of the log', async ({
  db,
  post,
}) => {
  await db.act((ctx) => addJob(ctx, 'post.send', { to: 'nobody' }))
  await post.begin()
  await expect
    .poll(() => waiting(db))
    .toMatchObject([{ attempts: 1, last_error: expect.stringContaining('no such guest') }])
  await expect.poll(() => post.lines.join()).toContain('post.send')
  expect(post.lines.join()).not.toContain('13800138000')
})
