/**
 * Import of members: a CSV of invented people with a phone in many writings, cleaned, identified and joined, at growing
 * sizes. The floor is COPY of the same lines into a bare table, in the same database and run.
 *
 * `npm run bench -- import [--rows 10000,100000,1000000]`
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { systemActor as actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { newId } from '#platform/ids'
import { seed } from '../server/app/seed.ts'
import { apply, claimApplying } from '../server/modules/imports/applying.ts'
import { begin, importOf, viewOf } from '../server/modules/imports/imports.ts'
import { claimStaging, receive, stage } from '../server/modules/imports/staging.ts'
import { bench, type Ground, memory, note, onGround } from './ground.ts'

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rows: { type: 'string', default: '10000,100000,1000000' } } })
  for (const rows of values.rows.split(',').map(Number)) {
    await onGround(async (ground) => {
      const { files } = await seed(join(ground.folder, 'files'), rows)
      const floor = await copyFloor(ground, files[0]!, rows)
      // A first, small import warms what a running program has warm.
      const { files: small } = await seed(join(ground.folder, 'small'), 500)
      await importOnce(ground, small[0]!, 'warm')
      const idle = await memory()
      let peak = idle
      // Adding up the pages of all processes takes 50 ms, so not too often.
      const watch = setInterval(async () => {
        const now = await memory()
        peak = { pss: Math.max(peak.pss, now.pss), rss: Math.max(peak.rss, now.rss) }
      }, 3_000)
      const first = await importOnce(ground, files[0]!, 'store-a')
      const firstEffects = await secondsOf(() => ground.house.reactions.caughtUp())
      const second = await importOnce(ground, files[1]!, 'store-b')
      const secondEffects = await secondsOf(() => ground.house.reactions.caughtUp())
      clearInterval(watch)
      bench(`import-new-${rows}`, rows / first.seconds, 'rows/s', floor)
      bench(`import-joining-${rows}`, rows / second.seconds, 'rows/s', floor)
      const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
      note(
        `${rows} rows: cleaned in ${first.staging.toFixed(1)} s, applied in ${first.applying.toFixed(1)} s; the second, half of it known, ${second.staging.toFixed(1)} s and ${second.applying.toFixed(1)} s; ${JSON.stringify(second.counts)}`,
      )
      note(
        `memory of all processes: idle ${megabytes(idle.pss)} MB, peak ${megabytes(peak.pss)} MB (${megabytes(peak.pss - idle.pss)} above); counting shared pages for each process: ${megabytes(idle.rss)} and ${megabytes(peak.rss)} MB`,
      )
      note(
        `reactions caught up ${firstEffects.toFixed(1)} s after the first import, ${secondEffects.toFixed(1)} s after the second`,
      )
    })
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

export async function importOnce({ house }: Ground, file: string, channel: string) {
  const signal = new AbortController().signal
  const id = newId()
  await inTx(house.db, actor, (ctx) =>
    begin(ctx, { id, fileName: 'bench.csv', channel, create: 'store', as: 'members', origin: 'import' }),
  )
  await receive(house, actor, id, createReadStream(file))
  await claimStaging(house, actor, id)
  const started = performance.now()
  await stage(house, actor, id, signal)
  const staged = performance.now()
  await claimApplying(house, actor, id)
  await apply(house, actor, id, signal)
  const applied = performance.now()
  const { counts } = await inTx(house.db, actor, async (ctx) => viewOf(ctx, await importOf(ctx, id)))
  return {
    staging: (staged - started) / 1000,
    applying: (applied - staged) / 1000,
    seconds: (applied - started) / 1000,
    counts,
  }
}

/** Rows a second of COPY of the same lines into a table without an index. */
async function copyFloor({ house }: Ground, file: string, rows: number): Promise<number> {
  const client = new pg.Client({ connectionString: house.db.url })
  await client.connect()
  await client.query('create table public.bench_copy (a text, b text, c text, d text, e text, f text, g text)')
  const started = performance.now()
  await pipeline(
    createReadStream(file),
    client.query(copyFrom('copy public.bench_copy from stdin with (format csv, header)')),
  )
  const seconds = (performance.now() - started) / 1000
  await client.query('drop table public.bench_copy')
  await client.end()
  return rows / seconds
}
