/**
 * The look-up of single records: which homes have a key. A run writes it in pages of a few hundred entries, so that a
 * million records take seconds to write and one record a few pages to read.
 */
import type { Entries } from './blocks.ts'

const entriesOnPage = 150
const entryBytes = 20
/** Pages that are written in one transaction. */
const pagesAtOnce = 2_000

/** As many pages, as a power of two, as keep them small. */
export function pageBits(entries: number, lanes: number): number {
  return Math.max(0, Math.min(22, Math.ceil(Math.log2(Math.max(1, entries / lanes / entriesOnPage)))))
}

export function pageOf(key: number, bits: number, lanes: number): number {
  const head = bits === 0 ? 0 : key >>> (32 - bits)
  return head * lanes + (key % lanes)
}

/** Rows for COPY in binary form, so many as one transaction takes. */
export function* pagesOf(
  { keys, records }: Entries,
  homes: Uint8Array,
  { runId, bits, lanes }: { runId: string; bits: number; lanes: number },
): Generator<Buffer[]> {
  const run = Buffer.from(runId.replaceAll('-', ''), 'hex')
  let rows: Buffer[] = [head]
  for (let from = 0; from < keys.length; ) {
    const page = pageOf(keys[from]!, bits, lanes)
    let to = from + 1
    while (to < keys.length && pageOf(keys[to]!, bits, lanes) === page) to++
    const bytes = (to - from) * entryBytes
    const row = Buffer.allocUnsafe(2 + 4 + 16 + 4 + 4 + 4 + bytes)
    let at = row.writeInt16BE(3, 0)
    at = row.writeInt32BE(16, at)
    at += run.copy(row, at)
    at = row.writeInt32BE(4, at)
    at = row.writeInt32BE(page, at)
    at = row.writeInt32BE(bytes, at)
    for (let entry = from; entry < to; entry++) {
      at = row.writeUInt32BE(keys[entry]!, at)
      const home = records[entry]! * 16
      row.set(homes.subarray(home, home + 16), at)
      at += 16
    }
    rows.push(row)
    from = to
    if (rows.length > pagesAtOnce) {
      yield [...rows, end]
      rows = [head]
    }
  }
  if (rows.length > 1) yield [...rows, end]
}

const head = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const end = Buffer.from([0xff, 0xff])

/** Who on a page has one of the keys. */
export function homesOn(page: Buffer, keys: ReadonlySet<number>): { key: number; home: Buffer }[] {
  const homes: { key: number; home: Buffer }[] = []
  for (let at = 0; at + entryBytes <= page.length; at += entryBytes)
    if (keys.has(page.readUInt32BE(at)))
      homes.push({ key: page.readUInt32BE(at), home: page.subarray(at + 4, at + entryBytes) })
  return homes
}
