/**
 * The file of a backup: a line of JSON that anybody may read, then the content, compressed and sealed.
 *
 * The content is sealed in frames by a key derived from the master key and a salt of its own (HKDF-SHA-256, AES-256-GCM),
 * because it holds what stands clear in the database, names for one. A frame's nonce is its number and whether it is the
 * last, and the first line is bound to each: so a frame that was changed, moved, left out or cut off is found.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { pipeline, Readable, Transform } from 'node:stream'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import { damaged, newerFormat, notABackup, wrongKey } from '#platform/backup/errors'

const formatVersion = 1
const frameBytes = 256 * 1024
const tagBytes = 16
const longestHeader = 4_096

const headerShape = z.object({
  format: z.literal('roundtrip backup'),
  version: z.int(),
  createdAt: z.iso.datetime(),
  program: z.string(),
  salt: z.base64(),
  /** Derived from the master key beside the sealing key: says whether a key is the right one, and nothing else. */
  keyCheck: z.base64(),
})
export type Header = z.infer<typeof headerShape>

interface Keys {
  seal: Buffer
  check: string
}

function keysOf(master: KeyObject, salt: Buffer): Keys {
  const bytes = Buffer.from(hkdfSync('sha256', master, salt, 'roundtrip backup', 48))
  return { seal: bytes.subarray(0, 32), check: bytes.subarray(32).toString('base64') }
}

/** Compresses and seals a stream of pieces; the result is the whole file. */
export function seal(
  pieces: AsyncIterable<Buffer>,
  { master, program, now }: { master: KeyObject; program: string; now: Date },
): Readable {
  const salt = randomBytes(16)
  const keys = keysOf(master, salt)
  const header: Header = {
    format: 'roundtrip backup',
    version: formatVersion,
    createdAt: now.toISOString(),
    program,
    salt: salt.toString('base64'),
    keyCheck: keys.check,
  }
  const line = Buffer.from(`${JSON.stringify(header)}\n`)
  const sealing = new Sealing(keys.seal, line)
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } })
  // An error of any of them ends all, and is met by whoever reads the last.
  return pipeline(Readable.from(pieces, { objectMode: false }), compress, sealing, () => undefined)
}

class Sealing extends Transform {
  readonly #key: Buffer
  readonly #bound: Buffer
  #number = 0
  #waiting: Buffer[] = []
  #bytes = 0

  constructor(key: Buffer, line: Buffer) {
    super()
    this.#key = key
    this.#bound = hashOf(line)
    this.push(line)
  }

  override _transform(chunk: Buffer, _encoding: unknown, done: () => void): void {
    this.#waiting.push(chunk)
    this.#bytes += chunk.length
    // The last frame may hold anything, so at least a byte is always kept back for it.
    while (this.#bytes > frameBytes) this.#frame(frameBytes, false)
    done()
  }

  override _flush(done: () => void): void {
    this.#frame(this.#bytes, true)
    done()
  }

  #frame(bytes: number, last: boolean): void {
    const all = Buffer.concat(this.#waiting)
    const plain = all.subarray(0, bytes)
    this.#waiting = [all.subarray(bytes)]
    this.#bytes -= bytes
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonceOf(this.#number++, last))
    cipher.setAAD(this.#bound)
    const body = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    const head = Buffer.alloc(5)
    head.writeUInt8(last ? 1 : 0)
    head.writeUInt32BE(body.length, 1)
    this.push(Buffer.concat([head, body]))
  }
}

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(number), 0)
  nonce.writeUInt32BE(last ? 1 : 0, 8)
  return nonce
}

const hashOf = (line: Buffer) => createHash('sha256').update(line).digest()

/**
 * Opens a file and gives its header and, piece by piece, what was sealed.
 *
 * @throws Refusal backup.not_a_backup, .newer_format, .wrong_key; while it is read, backup.damaged
 */
export async function unseal(
  file: AsyncIterable<Buffer>,
  master: KeyObject,
): Promise<{ header: Header; content: Pieces }> {
  const source = new Pieces(file)
  const line = await source.line(longestHeader)
  if (line === null) throw notABackup()
  const header = headerOf(line)
  const keys = keysOf(master, Buffer.from(header.salt, 'base64'))
  if (keys.check !== header.keyCheck) throw wrongKey()
  const decompress = createZstdDecompress()
  pipeline(Readable.from(framesOf(source, keys.seal, line), { objectMode: false }), decompress, () => undefined)
  return { header, content: new Pieces(unlessDamaged(decompress)) }
}

function headerOf(line: Buffer): Header {
  let read: unknown
  try {
    read = JSON.parse(line.toString())
  } catch {
    throw notABackup()
  }
  // Of a later version only this much is known: what it is, and which.
  const named = headerShape.pick({ format: true, version: true }).safeParse(read)
  if (!named.success) throw notABackup()
  if (named.data.version > formatVersion) throw newerFormat(named.data.version)
  const parsed = headerShape.safeParse(read)
  if (!parsed.success) throw damaged('its first line')
  return parsed.data
}

async function* framesOf(source: Pieces, key: Buffer, line: Buffer): AsyncGenerator<Buffer> {
  const bound = hashOf(line)
  for (let number = 0; ; number++) {
    const head = await source.exactly(5)
    if (head === null) throw damaged('it ends too early')
    const last = head.readUInt8() === 1
    const length = head.readUInt32BE(1)
    if (length < tagBytes || length > frameBytes + tagBytes) throw damaged(`frame ${number}`)
    const body = await source.exactly(length)
    if (body === null) throw damaged('it ends too early')
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, last))
    decipher.setAAD(bound)
    decipher.setAuthTag(body.subarray(length - tagBytes))
    const plain = decipher.update(body.subarray(0, length - tagBytes))
    try {
      decipher.final()
    } catch {
      throw damaged(`frame ${number}`)
    }
    if (plain.length > 0) yield plain
    if (!last) continue
    if (await source.exactly(1)) throw damaged('something follows its end')
    return
  }
}

async function* unlessDamaged(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* stream
  } catch (error) {
    throw /^(ERR_ZSTD|ZSTD_|Z_)/.test((error as { code?: string }).code ?? '') ? damaged('its compression') : error
  }
}

/** Bytes as they are wanted, out of chunks as they come. */
export class Pieces {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)
  /** How many bytes have been handed out. */
  taken = 0

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** So many bytes; null when fewer are left. */
  async exactly(bytes: number): Promise<Buffer | null> {
    const parts = [this.#rest]
    let have = this.#rest.length
    while (have < bytes) {
      const { done, value } = await this.#chunks.next()
      if (done) return null
      parts.push(value)
      have += value.length
    }
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    this.#rest = all.subarray(bytes)
    this.taken += bytes
    return all.subarray(0, bytes)
  }

  /** Up to the end of a line, with it; null when there is none within so many bytes. */
  async line(longest: number): Promise<Buffer | null> {
    while (!this.#rest.includes(10) && this.#rest.length < longest) {
      const { done, value } = await this.#chunks.next()
      if (done) return null
      this.#rest = Buffer.concat([this.#rest, value])
    }
    const end = this.#rest.indexOf(10)
    return end < 0 || end >= longest ? null : await this.exactly(end + 1)
  }

  /** Stops the reading, so that what is behind it closes. */
  async end(): Promise<void> {
    await this.#chunks.return?.()
  }
}
