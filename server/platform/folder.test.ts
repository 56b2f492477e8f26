import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderRefusal, lockFolder } from '#platform/folder'

const root = join(import.meta.dirname, '../..')
let place: string
let folder: string

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'roundtrip-folder-'))
  folder = join(place, 'deep', 'data')
})
afterEach(() => rm(place, { recursive: true, force: true }))

/** Another program that takes the same folder, says so, and stays. */
async function anotherProgram(): Promise<ChildProcess> {
  const script = `import { lockFolder } from './server/platform/folder.ts'; await lockFolder(process.argv[1]); console.log('mine'); setInterval(() => {}, 1e6)`
  const program = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(program.stdout!, 'data')
  return program
}

test('a missing data folder is made for its owner only', async () => {
  const lock = await lockFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await lock.release()
})

test('a data folder that others may read is closed to them', async () => {
  await (await lockFolder(folder)).release()
  await chmod(folder, 0o755)
  await (await lockFolder(folder)).release()
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

test('the second program is told who uses the folder, and has it once the first has let go', async () => {
  const lock = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'folder.in_use',
    params: { folder, pid: process.pid },
  })
  await lock.release()
  await lock.release()
  await (await lockFolder(folder)).release()
})

test('a program killed without warning leaves no lock behind', async () => {
  const other = await anotherProgram()
  await expect(lockFolder(folder)).rejects.toMatchObject({ message: expect.stringContaining(`(process ${other.pid})`) })
  other.kill('SIGKILL')
  await once(other, 'exit')
  await (await lockFolder(folder)).release()
})

test('of eight programs that start at once exactly one has the folder', async () => {
  const script = `import { lockFolder } from './server/platform/folder.ts'; try { await lockFolder(process.argv[1]); console.log('mine'); setTimeout(() => {}, 3000) } catch (e) { console.log(e.code) }`
  const said = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const program = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return String((await once(program.stdout, 'data'))[0]).trim()
    }),
  )
  expect(said.sort()).toEqual([...Array(7).fill('folder.in_use'), 'mine'])
})

test('a file in the place of the folder is named', async () => {
  await writeFile(join(place, 'deep'), '')
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'folder.not_writable', params: { folder } })
})

test.skipIf(process.getuid?.() === 0)('a folder that this user may not write to is named', async () => {
  await chmod(place, 0o500)
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'folder.not_writable', params: { folder } })
  await chmod(place, 0o700)
})

test('a full disk is called a full disk', () => {
  for (const reason of ['ENOSPC: no space left on device, write', 'could not write: No space left on device'])
    expect(folderRefusal('/d', new Error(reason))).toMatchObject({ code: 'disk.full', params: { folder: '/d' } })
  const bug = new Error('something else')
  expect(folderRefusal('/d', bug)).toBe(bug)
})
