/** The parts of an XLSX, which is a ZIP: found by its directory, inflated as they are read, and counted as they grow. */

import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import type { Source } from '#platform/sealed-file'
import { brokenFile, expandsTooMuch, passwordProtected } from './errors.ts'
import { Inflation } from './inflation.ts'
import type { Limits } from './limits.ts'

export interface Zip {
  has(name: string): boolean
  inflatedBytes(name: string): number
  read(name: string): AsyncGenerator<Buffer>
  close(): void
}

class Reader extends yauzl.RandomAccessReader {
  private readonly source: Source
  constructor(source: Source) {
    super()
    this.source = source
  }
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.source.chunks(start, end), { objectMode: false })
  }
  override close(done: (error: Error | null) => void): void {
    this.source.close().then(() => done(null), done)
  }
}

export async function openZip(source: Source, limits: Limits): Promise<Zip> {
  const file = await yauzl
    .fromRandomAccessReaderPromise(new Reader(source), source.bytes, { autoClose: false, lazyEntries: true })
    .catch((error) => {
      throw error.code ? error : brokenFile(error.message)
    })
  try {
    const entries = await directory(file, limits)
    const inflation = new Inflation(limits)
    return {
      has: (name) => entries.has(key(name)),
      inflatedBytes: (name) => entries.get(key(name))?.uncompressedSize ?? 0,
      close: () => file.close(),
      read(name) {
        const entry = entries.get(key(name))
        if (!entry) throw brokenFile(`no part ${name}`)
        return inflation.watch(inflate(file, entry), entry.compressedSize)
      },
    }
  } catch (error) {
    file.close()
    throw error
  }
}

/** Names of parts are equal whatever their case. */
const key = (name: string) => name.replace(/^\//, '').toLowerCase()

async function directory(file: yauzl.ZipFile, limits: Limits): Promise<Map<string, yauzl.Entry>> {
  if (file.entryCount > limits.zipEntries) throw expandsTooMuch({ what: 'entries', limit: limits.zipEntries })
  const entries = new Map<string, yauzl.Entry>()
  try {
    for await (const entry of file.eachEntry()) entries.set(key(entry.fileName), entry)
  } catch (error) {
    throw brokenFile((error as Error).message)
  }
  return entries
}

async function* inflate(file: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  if (entry.isEncrypted()) throw passwordProtected()
  let checksum = 0
  try {
    for await (const chunk of (await file.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum)
      yield chunk
    }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    if (code !== undefined && !code.startsWith('Z_')) throw error
    // A directory that claims less than there is was made to deceive.
    if (message.startsWith('too many bytes in the stream')) {
      throw expandsTooMuch({ what: 'bytes', limit: entry.uncompressedSize })
    }
    throw brokenFile(message)
  }
  if (checksum !== entry.crc32) throw brokenFile(`checksum of ${entry.fileName}`)
}
