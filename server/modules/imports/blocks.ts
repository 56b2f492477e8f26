/**
 * Staged rows on their way through the database. They lie in blocks of a bucket each (rows whose keys begin alike),
 * sealed as one, and come back in the order of their keys: all rows of one record or order together.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '#platform/db'
import { lowestId } from '#platform/ids'
import type { Vault } from '#platform/vault'
import type { StagedMember, StagedOrder, StagedRow } from './staging-rows.ts'

type Kysely = Database['kysely']

/** Buckets are numbered by the first twelve bits of a key. */
const prefixes = 4096
const bytesPerBucket = 150_000
const prefixOf = (key: string) => Number.parseInt(key.slice(0, 3), 16)

export interface Staged<T> {
  key: string
  number: number
  hash: string
  payload: T
}

/** Which staging of which import. */
export interface StagingId {
  importId: string
  staging: number
}

const place = ({ importId, staging }: StagingId, bucket: number) => `rows:${importId}:${staging}:${bucket}`

/** A payload waits as one text: as objects, thousands of rows keep the garbage collector busy. */
interface WaitingRow extends Omit<StagedRow, 'payload'> {
  json: string
}

/** Gathers rows into blocks, so that a bucket of a file of `bytes` has some thousand rows. */
export class BlockWriter {
  private readonly vault: Vault
  private readonly id: StagingId
  private readonly width: number
  private readonly buckets = new Map<number, WaitingRow[]>()
  private gathered = 0

  constructor(vault: Vault, id: StagingId, bytes: number) {
    this.vault = vault
    this.id = id
    this.width = prefixes / Math.min(prefixes, 2 ** Math.ceil(Math.log2(Math.max(1, bytes / bytesPerBucket))))
  }

  /** Rows that no block has yet. */
  get waiting(): number {
    return this.gathered
  }

  add({ payload, ...row }: StagedRow): void {
    const prefix = prefixOf(row.key)
    const bucket = prefix - (prefix % this.width)
    const rows = this.buckets.get(bucket)
    const waiting = { ...row, json: JSON.stringify(payload) }
    if (rows) rows.push(waiting)
    else this.buckets.set(bucket, [waiting])
    this.gathered++
  }

  /** The blocks of what was gathered, as lines of `COPY imports.blocks`. */
  *lines(): Generator<string> {
    for (const [bucket, rows] of this.buckets) {
      const json = `[${rows.map((row) => row.json).join(',')}]`
      const sealed = this.vault.sealJson(this.vault.keys.staging, place(this.id, bucket), json)
      const list = (values: readonly (string | number)[]) => `{${values.join(',')}}`
      yield `${[
        this.id.importId,
        this.id.staging,
        bucket,
        list(rows.map(({ key }) => key)),
        list(rows.map(({ rowNumber }) => rowNumber)),
        list(rows.map(({ contentHash }) => contentHash)),
        `\\\\x${sealed.toString('hex')}`,
      ].join('\t')}\n`
    }
    this.buckets.clear()
    this.gathered = 0
  }
}

/** Behind this key, up to and with the last. */
export interface KeyRange {
  after: string
  last: string
}

interface Block {
  bucket: number
  keys: string
  numbers: string
  hashes: string
}

const heads = sql`bucket, array_to_string(row_keys, ' ') as keys, array_to_string(row_numbers, ' ') as numbers,
  array_to_string(content_hashes, ' ') as hashes`

const ofStaging = ({ importId, staging }: StagingId) => sql`import_id = ${importId} and staging = ${staging}`

async function bucketsIn(db: Kysely, id: StagingId, { after, last }: KeyRange): Promise<number[]> {
  const { rows } = await sql<{ bucket: number }>`select distinct bucket from imports.blocks where ${ofStaging(id)}
    and bucket >= coalesce((select max(bucket) from imports.blocks where ${ofStaging(id)} and bucket <= ${prefixOf(after)}), 0)
    and bucket <= ${prefixOf(last)} order by bucket`.execute(db)
  return rows.map(({ bucket }) => bucket)
}

async function readBlocks<B extends Block>(
  db: Kysely,
  id: StagingId,
  buckets: readonly [first: number, last: number],
  columns: RawBuilder<unknown> = heads,
): Promise<{ block: B; rows: Omit<Staged<never>, 'payload'>[] }[]> {
  const { rows: blocks } = await sql<B>`select ${columns} from imports.blocks
    where ${ofStaging(id)} and bucket between ${buckets[0]} and ${buckets[1]}`.execute(db)
  return blocks.map((block) => {
    const numbers = block.numbers.split(' ')
    const hashes = block.hashes.split(' ')
    const rows = block.keys
      .split(' ')
      .map((key, index) => ({ key, number: Number(numbers[index]), hash: hashes[index]! }))
    return { block, rows }
  })
}

const inOrder = (a: Omit<Staged<never>, 'payload'>, b: Omit<Staged<never>, 'payload'>) =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : a.number - b.number

/** Reads the rows of a range in the order of their keys, some at a time, and opens them. */
export class BlockReader {
  private readonly vault: Vault
  private readonly id: StagingId
  private readonly range: KeyRange
  private buckets: number[] | null = null
  private ahead: Staged<StagedMember | StagedOrder>[] = []

  constructor(vault: Vault, id: StagingId, range: KeyRange) {
    this.vault = vault
    this.id = id
    this.range = range
  }

  /**
   * The next rows, about `size`: those of one key always together, however many. None at the end.
   * Rows that were given out are not given again.
   */
  async next(db: Kysely, size: number): Promise<Staged<StagedMember | StagedOrder>[]> {
    this.buckets ??= await bucketsIn(db, this.id, this.range)
    while (this.ahead.length < size && this.buckets.length > 0) {
      const read = await this.read(db, this.buckets[0]!)
      this.buckets.shift()
      this.ahead = this.ahead.length === 0 ? read : this.ahead.concat(read)
    }
    let end = Math.min(size, this.ahead.length)
    while (end > 0 && this.ahead[end]?.key === this.ahead[end - 1]!.key) end++
    const taken = this.ahead.slice(0, end)
    this.ahead = this.ahead.slice(end)
    return taken
  }

  private async read(db: Kysely, bucket: number): Promise<Staged<StagedMember | StagedOrder>[]> {
    const blocks = await readBlocks<Block & { sealed: Buffer }>(db, this.id, [bucket, bucket], sql`${heads}, sealed`)
    const { after, last } = this.range
    return blocks
      .flatMap(({ block, rows }) => {
        const payloads = this.vault.open<(StagedMember | StagedOrder)[]>(
          this.vault.keys.staging,
          place(this.id, bucket),
          block.sealed,
        )
        return rows.map((row, index) => ({ ...row, payload: payloads[index]! }))
      })
      .filter(({ key }) => key > after && key <= last)
      .sort(inOrder)
  }
}

const rowsInPage = 20_000

/** All keys with the hashes of their rows, in the order of the file, without opening one; some buckets at a time. */
export async function* hashesByKey(db: Kysely, id: StagingId, rows: number): AsyncGenerator<Map<string, string[]>> {
  const buckets = await bucketsIn(db, id, { after: lowestId, last: 'ffffffff-ffff-ffff-ffff-ffffffffffff' })
  const step = Math.max(1, Math.floor((buckets.length * rowsInPage) / Math.max(rows, 1)))
  for (let index = 0; index < buckets.length; index += step) {
    const blocks = await readBlocks(db, id, [buckets[index]!, buckets[Math.min(index + step, buckets.length) - 1]!])
    const hashes = new Map<string, string[]>()
    for (const { key, hash } of blocks.flatMap((block) => block.rows).sort(inOrder)) {
      const known = hashes.get(key)
      if (known) known.push(hash)
      else hashes.set(key, [hash])
    }
    yield hashes
  }
}
