/** What staff see of the program's own work, and do about it: by the routes, with a worker that really runs. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { test as base, expect } from '#app/testing'
import type { Route } from '#platform/contract'
import { type Actor, systemActor } from '#platform/ctx'
import type { House } from '#platform/house'
import { addJob, type Job, startJobs } from '#platform/jobs'
import { openLog } from '#platform/log'
import { noted, schedules } from '#platform/schedules'
import * as contract from './contract.ts'
import { jobs as known } from './jobs.ts'
import { operations } from './operations.ts'

interface Desk {
  house: House
  ask<R extends Route>(route: R, input?: z.input<R['input']>): Promise<z.output<R['output']>>
  /** Starts the jobs given; they stop with the test. */
  begin(jobs: readonly Job[]): Promise<void>
}

const test = base.extend<{ desk: Desk }>({
  desk: async ({ db }, use) => {
    const house = { db, log: openLog('silent'), stopping: new AbortController().signal } as unknown as House
    const closing: (() => Promise<void>)[] = []
    const actor: Actor = systemActor
    await use({
      house,
      ask: (route, input) =>
        operations
          .find((one) => one.route.path === route.path && one.route.method === route.method)!
          .handle(house, actor, input ?? {}, {} as never) as Promise<never>,
      begin: async (jobs) => {
        const runner = await startJobs(house, jobs)
        closing.push(() => runner.stop())
      },
    })
    for (const close of closing) await close()
  },
})

test('a job that fails is shown with its error, is mended, tried again and gone', async ({ db, desk }) => {
  let mended = false
  const sent: unknown[] = []
  const post: Job = {
    name: 'post.send',
    run: async (_, payload) => {
      if (!mended) throw new Error('the post office is shut: 13800138000')
      sent.push(payload)
    },
  }
  await db.act((ctx) => addJob(ctx, post.name, { to: 'Wu' }, { tries: 1 }))
  expect(await desk.ask(contract.listJobs)).toMatchObject({
    counts: { waiting: 1, running: 0, retrying: 0, failed: 0 },
    jobs: [{ name: 'post.send', state: 'waiting', attempts: 0, mostAttempts: 1, lastError: null }],
  })
  await desk.begin([post])
  await expect.poll(async () => (await desk.ask(contract.listJobs)).counts.failed).toBe(1)
  const { jobs } = await desk.ask(contract.listJobs, { state: 'failed' })
  expect(jobs).toMatchObject([{ state: 'failed', attempts: 1, lastError: 'the post office is shut: <number>' }])
  expect((await desk.ask(contract.listJobs, { state: 'waiting' })).jobs).toEqual([])

  mended = true
  await desk.ask(contract.runJob, { id: jobs[0]!.id })
  await expect.poll(() => sent, { timeout: 5_000 }).toEqual([{ to: 'Wu' }])
  await expect.poll(async () => (await desk.ask(contract.listJobs)).jobs).toEqual([])
  await expect(desk.ask(contract.runJob, { id: jobs[0]!.id })).rejects.toMatchObject({ code: 'jobs.not_waiting' })
})

test('a job that is tried again waits for its next try; run at once it does not wait', async ({ db, desk }) => {
  let tries = 0
  const post: Job = {
    name: 'post.send',
    run: async () => {
      tries++
      if (tries === 1) throw new Error('the post office is shut')
    },
  }
  await db.act((ctx) => addJob(ctx, post.name, {}))
  await desk.begin([post])
  await expect.poll(async () => (await desk.ask(contract.listJobs)).counts.retrying).toBe(1)
  const job = (await desk.ask(contract.listJobs)).jobs[0]!
  expect(Date.parse(job.runAt)).toBeGreaterThan(Date.now())
  await desk.ask(contract.runJob, { id: job.id })
  await expect.poll(() => tries, { timeout: 5_000 }).toBe(2)
})

test('a job that is given up leaves the list, and one at work is left alone', async ({ db, desk }) => {
  let leave = () => {}
  const gate = new Promise<void>((resolve) => {
    leave = resolve
  })
  await db.act((ctx) => addJob(ctx, 'post.later', {}, { runAt: new Date(Date.now() + 3_600_000) }))
  const later = (await desk.ask(contract.listJobs)).jobs[0]!
  await desk.ask(contract.giveUpJob, { id: later.id })
  expect((await desk.ask(contract.listJobs)).jobs).toEqual([])
  await expect(desk.ask(contract.giveUpJob, { id: later.id })).rejects.toMatchObject({ code: 'jobs.not_waiting' })

  await db.act((ctx) => addJob(ctx, 'post.send', {}))
  await desk.begin([{ name: 'post.send', run: () => gate }])
  await expect.poll(async () => (await desk.ask(contract.listJobs)).counts.running).toBe(1)
  const running = (await desk.ask(contract.listJobs)).jobs[0]!
  expect(running.startedAt).not.toBeNull()
  for (const route of [contract.giveUpJob, contract.runJob])
    await expect(desk.ask(route, { id: running.id })).rejects.toMatchObject({ code: 'jobs.not_waiting' })
  leave()
  await expect.poll(async () => (await desk.ask(contract.listJobs)).jobs).toEqual([])
})

test('fifty are listed, all are counted', async ({ db, desk }) => {
  await db.act((ctx) =>
    sql`select graphile_worker.add_job('post.send', '{}'::json, run_at => now() + interval '1 day') from generate_series(1, 70)`.execute(
      ctx.tx,
    ),
  )
  const { counts, jobs } = await desk.ask(contract.listJobs)
  expect([counts.waiting, jobs.length]).toEqual([70, 50])
  expect(jobs.map(({ id }) => Number(id))).toEqual(jobs.map(({ id }) => Number(id)).sort((a, b) => b - a))
})

test('the schedule says when each comes next and how it went last', async ({ db, desk }) => {
  const nightly: Job = { name: 'books.nightly', cron: '40 19 * * *', run: async () => {} }
  const often: Job = { name: 'books.often', cron: '1,16,31,46 * * * *', run: async () => {} }
  const list = () => db.act((ctx) => schedules({ ...ctx, now: new Date('2026-05-17T19:40:00Z') }, [nightly, often]))
  expect(await list()).toEqual([
    { name: 'books.often', nextAt: new Date('2026-05-17T19:46:00Z'), last: null },
    { name: 'books.nightly', nextAt: new Date('2026-05-18T19:40:00Z'), last: null },
  ])
  const failed = noted(desk.house, 'books.nightly', async () => {
    throw new Error('the books of 13800138000 are broken')
  })
  await expect(failed).rejects.toThrow('broken')
  expect((await list())[1]!.last).toMatchObject({
    endedAt: expect.any(Date),
    error: 'the books of <number> are broken',
  })
  await noted(desk.house, 'books.nightly', async () => {
    expect((await list())[1]!.last).toMatchObject({ endedAt: null, error: null })
  })
  expect((await list())[1]!.last).toMatchObject({ endedAt: expect.any(Date), error: null })
})

test('a scheduled job is run by hand and noted; what is not of the schedule is refused', async ({ desk }) => {
  const expiry = known.find(({ name }) => name === 'points.expiry')!
  const before = (await desk.ask(contract.listSchedules)).schedules
  expect(before.map(({ name }) => name).sort()).toEqual(known.flatMap(({ name, cron }) => (cron ? [name] : [])).sort())
  await desk.begin([expiry])
  for (const _ of [1, 2]) await desk.ask(contract.runSchedule, { name: 'points.expiry' })
  await expect
    .poll(async () => {
      const { schedules } = await desk.ask(contract.listSchedules)
      return schedules.find(({ name }) => name === 'points.expiry')?.last
    })
    .toMatchObject({ endedAt: expect.any(String), error: null })
  for (const name of ['centre.sms', 'nothing'])
    await expect(desk.ask(contract.runSchedule, { name })).rejects.toMatchObject({ code: 'jobs.unknown' })
})
