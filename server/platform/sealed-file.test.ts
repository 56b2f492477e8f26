import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test as base, expect } from 'vitest'
import { contentBytes, isSealed, openSealed, sealed } from '#platform/sealed-file'

const key = createSecretKey(randomBytes(32))

interface Lying {
  path: string
  write(content: Buffer, chunk?: number, place?: string): Promise<Buffer>
  readAll(place?: string): Promise<Buffer>
}

const test = base.extend<{ lying: Lying }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  lying: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-sealed-'))
    const path = join(folder, 'file')
    await use({
      path,
      write: async (content, chunk = 50_000, place = 'upload:1') => {
        async function* parts() {
          for (let at = 0; at < content.length; at += chunk) yield content.subarray(at, at + chunk)
        }
        await writeFile(path, sealed(parts(), { key, place }))
        return readFile(path)
      },
      readAll: async (place = 'upload:1') => {
        const source = await openSealed({ path, key, place })
        try {
          return await buffer(source.chunks())
        } finally {
          await source.close()
        }
      },
    })
    await rm(folder, { recursive: true })
  },
})

const chunk = 64 * 1024

test.for([0, 1, 1000, chunk - 1, chunk, chunk + 1, 3 * chunk, 20 * chunk + 7])(
  '%i bytes come back as they were, whatever the parts they came in',
  async (length, { lying }) => {
    const content = randomBytes(length)
    for (const part of [1 + Math.floor(length / 3), 65_536, 1_000_000]) {
      const stored = await lying.write(content, part)
      expect(contentBytes(stored.length)).toBe(length)
      expect((await lying.readAll()).equals(content)).toBe(true)
    }
    expect(await isSealed(lying.path)).toBe(true)
  },
)

test('any stretch can be read by itself', async ({ lying }) => {
  const content = randomBytes(5 * chunk + 100)
  await lying.write(content)
  const source = await openSealed({ path: lying.path, key, place: 'upload:1' })
  expect(source.bytes).toBe(content.length)
  for (const [from, to] of [
    [0, 8],
    [chunk - 4, chunk + 4],
    [chunk, 2 * chunk],
    [content.length - 22, content.length],
    [content.length - 44, content.length - 22],
    [3, 4 * chunk + 3],
    [10, 10],
  ] as const)
    expect((await buffer(source.chunks(from, to))).equals(content.subarray(from, to)), `${from} to ${to}`).toBe(true)
  await source.close()
})

test('nothing of it is seen from outside, and the same content looks different each time', async ({ lying }) => {
  const content = Buffer.from('姓名,手机\n林晚晴,13800138000\n'.repeat(9_000))
  const first = await lying.write(content)
  expect(first.includes('13800138000')).toBe(false)
  expect(first.includes('林晚晴')).toBe(false)
  const second = await lying.write(content)
  expect(second.length).toBe(first.length)
  expect(second.subarray(8, 200).equals(first.subarray(8, 200))).toBe(false)
})

test('changed, cut off, lengthened, put together anew or moved to another place it does not open', async ({
  lying,
}) => {
  const content = randomBytes(3 * chunk + 10)
  const stored = await lying.write(content)
  const head = 68
  const step = chunk + 16
  const piece = (number: number) => stored.subarray(head + number * step, head + (number + 1) * step)
  const damaged: [string, Buffer][] = [
    ['one bit of a chunk', Buffer.from(stored)],
    ['the last chunk is gone', stored.subarray(0, head + 3 * step)],
    ['the last byte is gone', stored.subarray(0, -1)],
    ['one byte more', Buffer.concat([stored, Buffer.from([0])])],
    ['two chunks change places', Buffer.concat([stored.subarray(0, head), piece(1), piece(0), piece(2), piece(3)])],
    ['a chunk twice', Buffer.concat([stored.subarray(0, head), piece(0), piece(0), piece(2), piece(3)])],
    ['only the head', stored.subarray(0, head)],
    ['not even the head', stored.subarray(0, 20)],
    ['nothing', Buffer.alloc(0)],
  ]
  damaged[0]![1][head + step + 5]! ^= 1
  for (const [what, bytes] of damaged) {
    await writeFile(lying.path, bytes)
    await expect(lying.readAll(), what).rejects.toThrow('changed or cut off')
  }
  await writeFile(lying.path, stored)
  await expect(lying.readAll('upload:2')).rejects.toThrow('changed or cut off')
  expect((await lying.readAll()).equals(content)).toBe(true)
})
