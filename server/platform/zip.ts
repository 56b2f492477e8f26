/** A ZIP archive written while its parts come: each deflated on the way, its sizes told behind it. No ZIP64: under 4 GB. */
import { crc32, createDeflateRaw } from 'node:zlib'
import { assert } from '#platform/errors'

export interface ZipPart {
  name: string
  content: Iterable<string> | AsyncIterable<string>
}

const largest = 0xff_ff_ff_ff
/** Deflated, sizes in a data descriptor, names in UTF-8. */
const [deflated, flags, version] = [8, 0x0808, 20]
/** The first day that the format can tell: archives of the same content are the same. */
const dosDay = 0x21

export async function* zip(parts: Iterable<ZipPart> | AsyncIterable<ZipPart>): AsyncGenerator<Buffer> {
  const entries: Buffer[] = []
  let at = 0
  for await (const { name, content } of parts) {
    const start = at
    const path = Buffer.from(name)
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(version, 4)
    head.writeUInt16LE(flags, 6)
    head.writeUInt16LE(deflated, 8)
    head.writeUInt16LE(dosDay, 12)
    head.writeUInt16LE(path.length, 26)
    yield Buffer.concat([head, path])
    at += head.length + path.length
    const sizes = { crc: 0, packed: 0, whole: 0 }
    for await (const chunk of deflate(content, sizes)) {
      at += chunk.length
      yield chunk
    }
    assert(at < largest && sizes.whole < largest, 'an archive of four gigabytes')
    const tail = Buffer.alloc(16)
    tail.writeUInt32LE(0x08074b50, 0)
    tail.writeUInt32LE(sizes.crc, 4)
    tail.writeUInt32LE(sizes.packed, 8)
    tail.writeUInt32LE(sizes.whole, 12)
    yield tail
    at += tail.length
    entries.push(entryOf(path, start, sizes))
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  yield Buffer.concat([directory, end])
}

interface Sizes {
  crc: number
  packed: number
  whole: number
}

async function* deflate(content: ZipPart['content'], sizes: Sizes): AsyncGenerator<Buffer> {
  const deflater = createDeflateRaw()
  const fed = (async () => {
    try {
      for await (const text of content) {
        const bytes = Buffer.from(text)
        sizes.crc = crc32(bytes, sizes.crc)
        sizes.whole += bytes.length
        if (!deflater.write(bytes)) await new Promise((resolve) => deflater.once('drain', resolve))
      }
      deflater.end()
    } catch (error) {
      deflater.destroy(error as Error)
    }
  })()
  for await (const chunk of deflater) {
    sizes.packed += (chunk as Buffer).length
    yield chunk as Buffer
  }
  await fed
}

function entryOf(path: Buffer, start: number, { crc, packed, whole }: Sizes): Buffer {
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(version, 4)
  entry.writeUInt16LE(version, 6)
  entry.writeUInt16LE(flags, 8)
  entry.writeUInt16LE(deflated, 10)
  entry.writeUInt16LE(dosDay, 14)
  entry.writeUInt32LE(crc, 16)
  entry.writeUInt32LE(packed, 20)
  entry.writeUInt32LE(whole, 24)
  entry.writeUInt16LE(path.length, 28)
  entry.writeUInt32LE(start, 42)
  return Buffer.concat([entry, path])
}
