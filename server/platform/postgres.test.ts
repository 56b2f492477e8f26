import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from '#platform/postgres'
import { endSurvivors } from '#platform/postgres/survivors'

const root = join(import.meta.dirname, '../..')
const asRoot = process.getuid?.() === 0
let place: string
let folder: string
const started: EmbeddedPostgres[] = []

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'roundtrip-postgres-'))
  folder = join(place, 'data', 'postgres')
})
afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.stop()
  await endSurvivors(folder)
  await rm(place, { recursive: true, force: true })
})

async function start(options: Partial<PostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({ folder, test: true, ...options })
  started.push(postgres)
  return postgres
}

async function ask<T = Record<string, unknown>>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function postmasterOf({ socketDir }: EmbeddedPostgres): Promise<number> {
  return Number.parseInt(await readFile(join(socketDir, 'postmaster.pid'), 'utf8'), 10)
}

/** All processes but zombies, which have ended and wait for somebody to ask after them. */
function processes(): { pid: number; command: string }[] {
  return execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+) ([^Z]\S*)\s+(.*)$/.exec(line))
    .filter((found) => found !== null)
    .map(([, pid, , command]) => ({ pid: Number(pid), command: command! }))
}

function isAlive(pid: number): boolean {
  return processes().some((process) => process.pid === pid)
}

function idOf(user: string): number {
  return Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }))
}

/** Whether users other than root can read this checkout, which the test of an ordinary user needs. */
function othersMayEnter(): boolean {
  try {
    execFileSync(process.execPath, ['-e', `require('fs').readFileSync(${JSON.stringify(import.meta.filename)})`], {
      uid: idOf('nobody'),
      cwd: '/',
    })
    return true
  } catch {
    return false
  }
}

/** A program that starts PostgreSQL, says where, and stays until it is killed. */
async function aProgram({
  durable = false,
  idle = false,
  uid,
}: {
  durable?: boolean
  idle?: boolean
  uid?: number
} = {}) {
  const script = `import { startPostgres } from './server/platform/postgres.ts'
    const { url } = await startPostgres({ folder: process.argv[1], test: ${!durable} })
    console.log(url)
    ${idle ? '' : 'setInterval(() => {}, 1e6)'}`
  const program = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid }),
  })
  const url = new Promise<string>((say) => program.stdout.once('data', (text) => say(String(text).trim())))
  return { program, url }
}

test('it starts, keeps what was committed, and starts again in less than five seconds', async () => {
  const first = await start({ test: false })
  await ask(first.url, `create table visits (n int); insert into visits values (7)`)
  const facts = await ask(
    first.url,
    `select current_setting('fsync') fsync, current_setting('synchronous_commit') committed, current_setting('TimeZone') zone,
      current_setting('server_version_num')::int / 10000 major, current_setting('server_encoding') encoding, lower('ÄШ') lower,
      current_database() as name, (select datlocale from pg_database where datname = current_database()) locale`,
  )
  expect(facts).toEqual([
    {
      fsync: 'on',
      committed: 'on',
      zone: 'UTC',
      major: 18,
      encoding: 'UTF8',
      lower: 'äш',
      name: 'roundtrip',
      locale: 'C.UTF-8',
    },
  ])
  await first.stop()
  await first.stop()

  const begun = performance.now()
  const second = await start({ test: false })
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect(await ask(second.url, 'select n from visits')).toEqual([{ n: 7 }])
  await second.stop()
})

test('nobody else on the machine can reach it', async () => {
  const postgres = await start()
  expect(await ask(postgres.url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, '.s.PGSQL.5432'))).mode & 0o777).toBe(0o700)
  await postgres.stop()
})

test('what it logs names nobody', async () => {
  const lines: string[] = []
  const postgres = await start({ log: (line) => lines.push(line) })
  await ask(postgres.url, `create table phones (phone text primary key); insert into phones values ('13800138000')`)
  await expect(ask(postgres.url, `insert into phones values ('13800138000')`)).rejects.toThrow('duplicate key')
  await postgres.stop()
  expect(lines.join('\n')).toContain('database system is ready')
  expect(lines.join('\n')).not.toContain('13800138000')
})

test('when the program is killed PostgreSQL ends by itself, and nothing that was committed is lost', async () => {
  const { program, url } = await aProgram({ durable: true })
  await ask(await url, `create table visits (n int); insert into visits select generate_series(1, 1000)`)
  const postmaster = Number.parseInt(await readFile(join(folder, 'postmaster.pid'), 'utf8'), 10)
  program.kill('SIGKILL')
  await expect.poll(() => isAlive(postmaster), { timeout: 10_000 }).toBe(false)

  const postgres = await start({ test: false })
  expect(await ask(postgres.url, 'select count(*)::int from visits')).toEqual([{ count: 1000 }])
  await postgres.stop()
})

test('killed at any moment of its first start, the next start recovers', async () => {
  for (const delayMs of [150, 400, 800]) {
    const { program } = await aProgram({ durable: true })
    await sleep(delayMs)
    program.kill('SIGKILL')
    const postgres = await start({ test: false })
    expect(await ask(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await postgres.stop()
    expect(await readdir(join(place, 'data'))).toEqual(['postgres'])
    await rm(folder, { recursive: true })
  }
})

test('a program that has nothing left to do ends, and PostgreSQL with it', async () => {
  const { program, url } = await aProgram({ idle: true })
  await url
  const postmaster = Number.parseInt(await readFile(join(folder, 'postmaster.pid'), 'utf8'), 10)
  expect(await once(program, 'exit')).toEqual([0, null])
  await expect.poll(() => isAlive(postmaster), { timeout: 10_000 }).toBe(false)
})

test('a PostgreSQL that outlived its program is ended and its data taken over', async () => {
  const { program, url } = await aProgram()
  await ask(await url, `create table visits (n int); insert into visits values (1)`)
  // Whoever cleans up after a program with `kill -9` may well kill the shell that watches over it too.
  const postmaster = Number.parseInt(await readFile(join(folder, 'postmaster.pid'), 'utf8'), 10)
  process.kill(
    processes().find(({ command }) => command.endsWith(`postgres-ends-with-roundtrip ${postmaster}`))!.pid,
    'SIGKILL',
  )
  program.kill('SIGKILL')
  await once(program, 'exit')
  expect(isAlive(postmaster)).toBe(true)

  const lines: string[] = []
  const postgres = await start({ log: (line) => lines.push(line) })
  expect(lines).toContain('WARNING: ended a PostgreSQL that had outlived its program')
  expect(await ask(postgres.url, 'select n from visits')).toEqual([{ n: 1 }])
  await postgres.stop()
})

test('killed alone, PostgreSQL comes back at the same address with what was committed', async () => {
  const postgres = await start({ test: false })
  await ask(postgres.url, `create table visits (n int); insert into visits values (1)`)
  const before = await postmasterOf(postgres)
  process.kill(before, 'SIGKILL')
  await expect
    .poll(() => ask(postgres.url, 'select n from visits').catch((error) => error.message), { timeout: 20_000 })
    .toEqual([{ n: 1 }])
  expect(await postmasterOf(postgres)).not.toBe(before)
  await postgres.stop()
  expect(await readdir(folder)).not.toContain('postmaster.pid')
})

test('stopped while it comes back, it stays stopped', async () => {
  for (const delayMs of [100, 530, 580, 650, 800]) {
    const postgres = await start()
    process.kill(await postmasterOf(postgres), 'SIGKILL')
    await sleep(delayMs)
    await postgres.stop()
    expect(await endSurvivors(folder)).toBe(0)
    await expect(ask(postgres.url, 'select 1')).rejects.toThrow()
  }
})

test('the number of a dead PostgreSQL that another process carries now is in nobody’s way', async () => {
  await (await start()).stop()
  await writeFile(join(folder, 'postmaster.pid'), `${process.pid}\n${folder}\n1\n5432\n`)
  await writeFile(join(folder, '.s.PGSQL.5432.lock'), `${process.pid}\n`)
  const postgres = await start()
  await postgres.stop()
})

test('files that are no database are left alone, and the message says so', async () => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'wedding.jpg'), 'the only copy')
  await expect(start({ test: false })).rejects.toMatchObject({ code: 'postgres.foreign_folder', params: { folder } })
  expect(await readFile(join(folder, 'wedding.jpg'), 'utf8')).toBe('the only copy')
})

test('a database of another PostgreSQL version is refused, not touched', async () => {
  await (await start()).stop()
  await writeFile(join(folder, 'PG_VERSION'), '17\n')
  await expect(start({ test: false })).rejects.toMatchObject({
    code: 'postgres.other_version',
    params: { version: '17', expected: '18' },
  })
})

test('a broken database says what PostgreSQL said', async () => {
  await (await start()).stop()
  await rm(join(folder, 'global', 'pg_control'))
  await expect(start({ test: false })).rejects.toThrow(/PostgreSQL did not start:.*pg_control/s)
})

test('settings of the owner win over ours', async () => {
  await (await start()).stop()
  await writeFile(join(folder, 'postgresql.local.conf'), `work_mem = '7MB'`)
  await chmod(join(folder, 'postgresql.local.conf'), 0o644)
  const postgres = await start()
  expect(await ask(postgres.url, 'show work_mem')).toEqual([{ work_mem: '7MB' }])
  await postgres.stop()
})

test('a data folder that lies deep works although names of sockets are short', async () => {
  folder = join(place, 'a-long-name-'.repeat(10), 'data', 'postgres')
  const postgres = await start()
  expect(postgres.socketDir.length).toBeLessThan(90)
  expect(await ask(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await postgres.stop()
  await expect(stat(postgres.socketDir)).rejects.toThrow('ENOENT')
})

test.runIf(asRoot)('root lends it a user, who needs no way through the folders above', async () => {
  await chmod(place, 0o700)
  const postgres = await start()
  const { uid } = await stat(join(folder, 'PG_VERSION'))
  expect(uid).not.toBe(0)
  expect(await readFile(`/proc/${await postmasterOf(postgres)}/status`, 'utf8')).toMatch(
    new RegExp(`^Uid:\\s${uid}\\s${uid}\\s${uid}`, 'm'),
  )
  await postgres.stop()
})

test.runIf(asRoot)(
  'a database of an ordinary user stays theirs when root starts it once, a copied one of nobody here is adopted',
  async () => {
    const nobody = idOf('nobody')
    await (await start()).stop()
    for (const [owner, expected] of [
      [nobody, nobody],
      [54_321, idOf('roundtrip')],
    ] as const) {
      execFileSync('chown', ['-R', String(owner), folder])
      await (await start()).stop()
      expect((await stat(join(folder, 'global'))).uid).toBe(expected)
    }
  },
)

test.runIf(asRoot && othersMayEnter())('an ordinary user needs no root', async () => {
  const nobody = idOf('nobody')
  await mkdir(join(place, 'data'))
  await chmod(place, 0o755)
  await chown(join(place, 'data'), nobody, nobody)
  const { program, url } = await aProgram({ uid: nobody })
  expect(await ask(await url, 'select 1 as one')).toEqual([{ one: 1 }])
  expect((await stat(join(folder, 'PG_VERSION'))).uid).toBe(nobody)
  program.kill('SIGKILL')
})
