/** The program is killed with `kill -9` in the middle of its work; the same command goes on, and nothing is lost or doubled. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { listMembers } from '#modules/desk/contract'
import { type ImportView, listImports } from '#modules/imports/contract'
import { listMatchingRuns } from '#modules/matching/contract'
import { readConfig } from '#platform/config'
import { running } from './commands.ts'
import { readRotation, reindexVault } from './contract.ts'
import { seed } from './seed.ts'

// Enough for threads of their own.
const people = 24_000

async function given() {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-crash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { files } = await seed(join(folder, 'files'), people)
  return { folder, files, program: programIn(join(folder, 'data')) }
}

test('killed while it applies and while it undoes, an import ends as if it had not been', {
  timeout: 240_000,
}, async () => {
  const { folder, program, files } = await given()
  const importing = ['import', files[0]!, '--channel', 'a', '--create', 'store', '--as', 'members']

  await program.killedWhen(importing, ({ state, progress }) => state === 'applying' && (progress?.done ?? 0) > 0)
  const otherMap = join(folder, 'map.json')
  await writeFile(otherMap, '{"客户编号": "externalId", "姓名": "name"}')
  expect(await program.run([...importing, '--map', otherMap], 1)).toMatchObject({
    error: { code: 'imports.begun_otherwise' },
  })
  const first = await program.run(importing)
  expect(first).toMatchObject({ rows: people, created: people, updated: 0, unchanged: 0, rejected: 0, members: people })
  const second = await program.run(['import', files[1]!, '--channel', 'b', '--create', 'store', '--as', 'members'])
  expect(second).toMatchObject({ created: people, joined: people / 2, members: people })
  expect(await program.run(['verify'])).toMatchObject({ ok: true })

  const undoing = ['import', 'undo', String(second.importId)]
  await program.killedWhen(undoing, ({ state, progress }) => state === 'undoing' && (progress?.done ?? 0) > 0)
  await program.run(undoing)
  const again = await program.run(importing)
  expect(again).toMatchObject({ created: 0, unchanged: people, members: people, joined: 0 })
  expect(await program.run(['verify'])).toMatchObject({ ok: true })
})

test('its database killed while it applies: the program stays up and the import ends by itself', {
  timeout: 240_000,
}, async () => {
  const { folder, program, files } = await given()
  const server = program.begin(['start'])
  const ended = once(server, 'close')
  await program.untilRipe(server, () => true, 'up')
  const importing = program.run(['import', files[0]!, '--channel', 'a', '--create', 'store', '--as', 'members'])
  await program.untilRipe(server, ({ state, progress }) => state === 'applying' && (progress?.done ?? 0) > 0)
  const [postmaster] = (await readFile(join(folder, 'data/postgres/postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(postmaster), 'SIGKILL')
  expect(await importing).toMatchObject({ created: people, unchanged: 0, members: people, joined: 0 })
  expect(await program.run(['verify'])).toMatchObject({ ok: true })
  expect(server.exitCode).toBeNull()
  server.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('killed while it joins by evidence, the same command joins the rest and nobody twice', {
  timeout: 240_000,
}, async () => {
  const { folder, files, program } = await given()
  for (const [index, file] of files.entries()) {
    const lines = (await readFile(file, 'utf8')).split('\n')
    const plain = join(folder, `plain-${index}.csv`)
    await writeFile(plain, lines.map((line) => line.split(',').toSpliced(2, 1).join(',')).join('\n'))
    await program.run(['import', plain, '--channel', `c${index}`, '--create', 'store', '--as', 'members'])
  }
  const child = program.begin(['match'])
  const ended = once(child, 'close')
  const config = readConfig({ ROUNDTRIP_DATA: join(folder, 'data'), ROUNDTRIP_DEMO: 'off' })
  for (;;) {
    const told = await (await running(config))?.call(listMatchingRuns, {})
    const progress = told?.runs[0]?.progress
    if (progress?.step === 'joining' && progress.done > 0 && progress.done < progress.of) break
    expect(child.exitCode).toBeNull()
    await sleep(5)
  }
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
  const rest = await program.run(['match'])
  expect(rest.joins).toBeGreaterThan(0)
  expect(rest.joins).toBeLessThan(people / 2)
  expect(rest.membersAfter).toBe(people * 2 - people / 2)
  expect(await program.run(['match'])).toMatchObject({ joins: 0, membersAfter: people * 1.5 })
  expect(await program.run(['verify'])).toMatchObject({ ok: true })
})

test('killed while blind indexes move to another key, the next start moves the rest, and everybody is found', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-crash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { files } = await seed(join(folder, 'files'), 3_000)
  const program = programIn(join(folder, 'data'))
  const config = readConfig({ ROUNDTRIP_DATA: join(folder, 'data'), ROUNDTRIP_DEMO: 'off' })
  const server = program.begin(['start'])
  await program.untilRipe(server, () => true, 'up')
  const importing = ['import', files[0]!, '--channel', 'a', '--create', 'store', '--as', 'members']
  expect(await program.run(importing)).toMatchObject({ created: 3_000 })
  const phones = (await readFile(files[0]!, 'utf8')).match(/\b1[3-9]\d{9}\b/g)!.filter((_, index) => index % 150 === 0)
  expect(phones.length).toBeGreaterThan(10)
  const how = async () => (await (await running(config))?.call(readRotation, {}))?.reindexing
  const allFound = async () => {
    for (const phone of phones)
      expect(
        (await (await running(config))!.call(listMembers, { search: phone })).members.length,
        phone,
      ).toBeGreaterThan(0)
  }
  // Somebody who holds one of its tables keeps it from coming to its end before it is killed.
  const place = join(folder, 'data/postgres')
  const [, , , port, socket] = (await readFile(join(place, 'postmaster.pid'), 'utf8')).split('\n')
  const holder = new pg.Client({
    user: 'roundtrip',
    database: 'roundtrip',
    host: resolve(place, socket!),
    port: Number(port),
  })
  holder.on('error', () => {})
  await holder.connect()
  await (await running(config))!.call(reindexVault, {})
  await holder.query('begin; lock table members.past_versions in access exclusive mode')
  await allFound()
  for (let at = await how(); at!.moved === 0; at = await how()) await sleep(50)
  expect((await how())!.finishedAt).toBeNull()
  const ended = once(server, 'close')
  server.kill('SIGKILL')
  await ended
  await holder.end()
  const again = program.begin(['start'])
  await program.untilRipe(again, () => true, 'up')
  await allFound()
  for (let at = await how(); !at?.finishedAt; at = await how()) await sleep(100)
  await allFound()
  expect(await program.run(importing)).toMatchObject({ created: 0, unchanged: 3_000 })
  const stopped = once(again, 'close')
  again.kill('SIGTERM')
  expect(await stopped).toEqual([0, null])
})

function programIn(data: string) {
  const env = { ...process.env, ROUNDTRIP_DATA: data, ROUNDTRIP_DEMO: 'off', LOG_LEVEL: 'fatal', PORT: '0' }
  const begin = (words: readonly string[]) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'cli.ts'), ...words, '--json'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }
  return {
    begin,
    untilRipe,
    async run(words: readonly string[], wanted = 0): Promise<Record<string, unknown>> {
      const child = begin(words)
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk
      })
      const [code] = await once(child, 'close')
      expect([words[0], code, text]).toEqual([words[0], wanted, expect.any(String)])
      return JSON.parse(text)
    },
    /** Watches its imports from outside, and kills it at the moment that is asked for. */
    async killedWhen(words: readonly string[], ripe: (view: ImportView) => boolean): Promise<void> {
      const child = begin(words)
      const ended = once(child, 'close')
      await untilRipe(child, ripe)
      child.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
    },
  }

  /** Until an import of the running program is as asked for, or the program is `up`. */
  async function untilRipe(child: ChildProcess, ripe: (view: ImportView) => boolean, up?: 'up'): Promise<void> {
    const config = readConfig({ ROUNDTRIP_DATA: data, ROUNDTRIP_DEMO: 'off' })
    while (child.exitCode === null) {
      const views = await (await running(config))?.call(listImports, {})
      if (views && (up || views.imports.some(ripe))) return
      await sleep(20)
    }
    throw new Error(`It had ended (${child.exitCode}) before it could be killed`)
  }
}
