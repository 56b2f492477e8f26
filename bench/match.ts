/**
 * Weighing all records against each other, as a pool grows tenfold and a hundredfold, beside the floor: the same threads
 * read and open the same records and compare nothing. Then one record on entry into the largest pool.
 *
 * The people are those of `roundtrip seed`; half of them stand in a second list too. With `--no-phones` the lists have
 * no phones, so that only evidence finds them.
 *
 * `npm run bench -- match [--records 10000,100000,1000000] [--entries 300] [--no-phones]`
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { openChannel } from '#modules/channels'
import { weigh } from '#modules/matching'
import { cleanRecord, prepareRecord, putRecords, spreadOfRecords } from '#modules/members'
import { systemActor as actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { lowestId, newId } from '#platform/ids'
import { families, given, seed } from '../server/app/seed.ts'
import { match } from '../server/modules/matching/matching.ts'
import { openThreads } from '../server/modules/matching/threads.ts'
import { bench, type Ground, memory, note, onGround, percentile } from './ground.ts'
import { importOnce } from './import.ts'

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      records: { type: 'string', default: '10000,100000,1000000' },
      entries: { type: 'string', default: '300' },
      'no-phones': { type: 'boolean', default: false },
    },
  })
  for (const records of values.records.split(',').map(Number)) {
    await onGround(async (ground) => {
      const { files } = await seed(join(ground.folder, 'files'), records / 2)
      for (const [index, file] of files.entries()) {
        const told = values['no-phones'] ? await withoutPhones(file) : file
        await importOnce(ground, told, `store-${index + 1}`)
      }
      await ground.house.reactions.caughtUp()
      const floor = await floorOf(ground)
      const idle = await memory()
      let peak = idle.pss
      const watch = setInterval(async () => {
        peak = Math.max(peak, (await memory()).pss)
      }, 2_000)
      const run = () => match(ground.house, actor, { id: newId(), dryRun: false, signal, onStep: async () => {} })
      const before = process.cpuUsage()
      const first = await run()
      const { user, system } = process.cpuUsage(before)
      clearInterval(watch)
      await ground.house.reactions.caughtUp()
      bench(`match-${records}`, first.seconds.total, 's', floor)
      const { histogram: _, ...said } = first
      note(`${records} records: ${JSON.stringify(said)}`)
      note(
        `the threads of the program used ${((user + system) / 1e6).toFixed(1)} s of processor time; a machine that is busy with other things takes longer`,
      )
      note(`memory of all processes: idle ${megabytes(idle.pss)} MB, peak ${megabytes(peak)} MB`)
      const second = await run()
      note(`again: ${second.joins} joins in ${second.seconds.total} s`)
      await entries(ground, Number(values.entries))
    })
  }
}

const { signal } = new AbortController()
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)

const nothing = { since: null, changed: new Set<string>(), compareNothing: true }

/** Reads and opens all records by two threads. */
async function floorOf({ house }: Ground): Promise<number> {
  const { records, middle, last } = await inTx(house.db, actor, (ctx) => spreadOfRecords(ctx))
  const threads = openThreads(house.db, [records, records], { k0: 1, k1: 2 }, signal)
  const started = performance.now()
  await Promise.all([
    threads.ask(0, 'read', { ...nothing, after: lowestId, last: middle! }),
    threads.ask(1, 'read', { ...nothing, after: middle!, last: last! }),
  ])
  const seconds = (performance.now() - started) / 1000
  await threads.close()
  return seconds
}

/** One record after another, each weighed in an act of its own. */
async function entries({ house }: Ground, count: number): Promise<void> {
  const channel = await inTx(house.db, actor, (ctx) => openChannel(ctx, { code: 'desk', kind: 'store' }))
  const times: number[] = []
  const before = process.cpuUsage()
  for (let number = 0; number < count; number++) {
    const name =
      families[number % families.length]! + given[(number * 7) % given.length]! + given[(number * 13) % given.length]!
    const raw = {
      externalId: `E${number}`,
      name,
      birthDate: `${1950 + (number % 50)}-0${1 + (number % 9)}-1${number % 10}`,
      city: '上海',
      gender: number % 2 ? '男' : '女',
      ...(number % 3 === 0 ? { phone: `1390000${String(number).padStart(4, '0')}` } : {}),
    }
    const { values } = cleanRecord(raw, { country: 'CN', today: '2026-11-21', timeZone: 'Asia/Shanghai' })
    const [put] = await inTx(house.db, actor, (ctx) =>
      putRecords(ctx, [prepareRecord(ctx.vault, channel, values)], { channel, origin: 'import' }),
    )
    const started = performance.now()
    await inTx(house.db, actor, (ctx) => weigh(ctx, [put!.memberId]))
    // The first opens what the run has learned.
    if (number > 0) times.push(performance.now() - started)
  }
  note(
    `one record on entry: p50 ${percentile(times, 0.5).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
  )
  const { user, system } = process.cpuUsage(before)
  note(
    `of it ${((user + system) / 1000 / count).toFixed(1)} ms of the program's own processor time, with putting it in`,
  )
}

/** The third column is the phone; no value of these lists has a comma in it. */
async function withoutPhones(file: string): Promise<string> {
  const target = `${file}.plain.csv`
  await pipeline(
    createInterface({ input: createReadStream(file) }),
    async function* (lines: AsyncIterable<string>) {
      for await (const line of lines) yield `${line.split(',').toSpliced(2, 1).join(',')}\n`
    },
    createWriteStream(target),
  )
  return target
}
