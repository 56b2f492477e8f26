import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { expect, test } from '#app/testing'
import type { Database } from '#platform/db'
import { lowestId, newId } from '#platform/ids'
import { BlockReader, BlockWriter, hashesByKey, type StagingId } from './blocks.ts'
import type { StagedMember } from './staging-rows.ts'

const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
const keyAt = (n: number) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`
const payload = (name: string) =>
  ({ record: { values: { name } }, byContent: false, opening: null }) as unknown as StagedMember

/** Key of each row, in the order of the file; in blocks of few rows each. */
async function written(db: Database, keys: readonly string[], { bytes = 1, rowsInCopy = 7 } = {}): Promise<StagingId> {
  const id = { importId: newId(), staging: 1 }
  const writer = new BlockWriter(db.vault!, id, bytes)
  const client = new pg.Client({ connectionString: db.url })
  await client.connect()
  const flush = () =>
    pipeline(
      Readable.from([...writer.lines()]),
      client.query(
        copyFrom(
          'copy imports.blocks (import_id, staging, bucket, row_keys, row_numbers, content_hashes, sealed) from stdin',
        ),
      ),
    )
  for (const [index, key] of keys.entries()) {
    writer.add({ rowNumber: index + 2, key, contentHash: keyAt(index), payload: payload(`王\t"${index}"\\`) })
    if (writer.waiting === rowsInCopy) await flush()
  }
  if (writer.waiting > 0) await flush()
  await client.end()
  return id
}

async function read(db: Database, id: StagingId, size: number, range = { after: lowestId, last }) {
  const reader = new BlockReader(db.vault!, id, range)
  const chunks = []
  for (;;) {
    const chunk = await reader.next(db.kysely, size)
    if (chunk.length === 0) return chunks
    chunks.push(chunk)
  }
}

// Keys all over the range, each 3rd of them of two rows that lie far apart in the file.
const spread = Array.from({ length: 60 }, (_, n) => keyAt((n * 0x9e3779b1) % 2 ** 32))
const keys = [...spread, ...spread.filter((_, n) => n % 3 === 0)]

test.for([1, 3, 10, 1_000])(
  'rows come back once, in the order of keys and file, %i at a time',
  async (size, { db }) => {
    for (const bytes of [1, 3_000_000, 10 ** 10]) {
      const id = await written(db, keys, { bytes })
      const chunks = await read(db, id, size)
      const rows = chunks.flat()
      expect(rows.map(({ key, number }) => [key, number])).toEqual(
        keys
          .map((key, index) => [key, index + 2] as const)
          .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1])),
      )
      for (const { number, hash, payload: said } of rows) {
        expect(hash).toBe(keyAt(number - 2))
        expect(said).toEqual(payload(`王\t"${number - 2}"\\`))
      }
      // A key's rows are never parted.
      const firstAndLast = chunks.flatMap((chunk) => [...new Set(chunk.map(({ key }) => key))])
      expect(new Set(firstAndLast).size).toBe(firstAndLast.length)
      if (size === 10) expect(chunks.slice(0, -1).every((chunk) => chunk.length >= 10 && chunk.length <= 11)).toBe(true)
    }
  },
)

test('a range goes on behind the key that it is told, to its last', async ({ db }) => {
  const id = await written(db, keys, { bytes: 3_000_000 })
  const sorted = [...spread].sort()
  const [after, until] = [sorted[20]!, sorted[40]!]
  const rows = (await read(db, id, 4, { after, last: until })).flat()
  expect([...new Set(rows.map(({ key }) => key))]).toEqual(sorted.slice(21, 41))
  expect(await read(db, id, 4, { after: last, last })).toEqual([])
  expect(await read(db, { ...id, staging: 2 }, 4)).toEqual([])
})

test('hashes of a key come in the order of the file, each key once', async ({ db }) => {
  const id = await written(db, keys, { bytes: 3_000_000 })
  for (const rows of [1, 80, 100_000_000]) {
    const found = new Map<string, string[]>()
    for await (const page of hashesByKey(db.kysely, id, rows)) {
      for (const [key, hashes] of page) {
        expect(found.has(key)).toBe(false)
        found.set(key, hashes)
      }
    }
    expect(found.size).toBe(60)
    expect(found.get(spread[3]!)).toEqual([keyAt(3), keyAt(61)])
  }
})
