/**
 * Files that hold personal values, sealed as they are written and opened as they are read: in chunks of 64 KiB, each by
 * itself, so that a file of any size takes the memory of a few of them and can be read from anywhere.
 *
 * A file has a random key of its own, sealed at its head and bound to the name of its place. A chunk's nonce is its
 * number and whether it is the last: chunks can't be changed, moved, repeated or cut off unnoticed.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { decrypt, encrypt } from '#platform/vault'

const magic = Buffer.from('RTSEAL1\n')
const headBytes = magic.length + 12 + 32 + 16
const chunkBytes = 64 * 1024
const tagBytes = 16
const sealedChunkBytes = chunkBytes + tagBytes
/** Chunks that are read in one go. */
const readAhead = 8

/** A file and what opens it. */
export interface SealedFile {
  path: string
  key: KeyObject
  /** Name of its place, e.g. `upload:<id>`. */
  place: string
}

/** Bytes that can be read from anywhere. */
export interface Source {
  readonly bytes: number
  chunks(from?: number, to?: number): AsyncGenerator<Buffer>
  close(): Promise<void>
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(number))
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** The bytes of a sealed file with this content. */
export async function* sealed(
  content: AsyncIterable<Buffer>,
  { key, place }: Omit<SealedFile, 'path'>,
): AsyncGenerator<Buffer> {
  const bytes = randomBytes(32)
  const own = createSecretKey(bytes)
  yield Buffer.concat([magic, encrypt(key, place, bytes)])
  let number = 0
  const seal = (plain: Buffer, isLast: boolean) => {
    const cipher = createCipheriv('aes-256-gcm', own, nonceOf(number++, isLast))
    const body = cipher.update(plain)
    cipher.final()
    return Buffer.concat([body, cipher.getAuthTag()])
  }
  let waiting: Buffer = Buffer.alloc(0)
  for await (const chunk of content) {
    waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
    let from = 0
    // What fills a chunk waits until it is known whether more comes: the last one says so.
    for (; waiting.length - from > chunkBytes; from += chunkBytes)
      yield seal(waiting.subarray(from, from + chunkBytes), false)
    // Copied: whoever gave the bytes may use their memory again.
    waiting = Buffer.from(waiting.subarray(from))
  }
  yield seal(waiting, true)
}

/** How long the content of a sealed file of so many bytes is. */
export function contentBytes(fileBytes: number): number {
  const body = fileBytes - headBytes
  const chunks = Math.max(1, Math.ceil(body / sealedChunkBytes))
  return Math.max(0, body - chunks * tagBytes)
}

export async function isSealed(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0)
  return bytesRead === magic.length && buffer.equals(magic)
}

const damaged = (path: string) =>
  Object.assign(new Error(`A sealed file was changed or cut off: ${path}`), { code: 'EBADMSG' })

export async function openSealed({ path, key, place }: SealedFile): Promise<Source> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const head = await read(file, 0, headBytes)
    if (head.length < headBytes || !head.subarray(0, magic.length).equals(magic)) throw damaged(path)
    const own = createSecretKey(keyIn(head, { path, key, place }))
    return chunked(file, { path, size, own })
  } catch (error) {
    await file.close()
    throw error
  }
}

function keyIn(head: Buffer, { path, key, place }: SealedFile): Buffer {
  try {
    return decrypt(key, place, head.subarray(magic.length))
  } catch {
    throw damaged(path)
  }
}

function chunked(file: FileHandle, { path, size, own }: { path: string; size: number; own: KeyObject }): Source {
  const count = Math.max(1, Math.ceil((size - headBytes) / sealedChunkBytes))
  const bytes = contentBytes(size)
  let closed = false
  // Directories of archives are read a few bytes at a time.
  let last: { number: number; plain: Buffer } | null = null
  const opened = (number: number, chunk: Buffer): Buffer => {
    if (chunk.length < tagBytes) throw damaged(path)
    const decipher = createDecipheriv('aes-256-gcm', own, nonceOf(number, number === count - 1))
    decipher.setAuthTag(chunk.subarray(chunk.length - tagBytes))
    const plain = decipher.update(chunk.subarray(0, chunk.length - tagBytes))
    try {
      decipher.final()
    } catch {
      throw damaged(path)
    }
    last = { number, plain }
    return plain
  }
  return {
    bytes,
    async *chunks(from = 0, to = bytes) {
      const end = Math.min(to, bytes)
      const [first, behind] = [Math.floor(from / chunkBytes), Math.max(Math.ceil(end / chunkBytes), 1)]
      for (let number = first; number < behind; ) {
        const together = last?.number === number ? 1 : Math.min(readAhead, behind - number)
        const block =
          last?.number === number
            ? null
            : await read(file, headBytes + number * sealedChunkBytes, together * sealedChunkBytes)
        for (let at = 0; at < together; at++, number++) {
          const plain: Buffer =
            block === null
              ? last!.plain
              : opened(number, block.subarray(at * sealedChunkBytes, (at + 1) * sealedChunkBytes))
          const start = number * chunkBytes
          const part = plain.subarray(Math.max(0, from - start), Math.max(0, end - start))
          if (part.length > 0) yield part
        }
      }
    },
    async close() {
      if (!closed) await file.close()
      closed = true
    },
  }
}

/** Up to so many bytes, fewer only at the end of the file. */
async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}

const plainBytes = 128 * 1024

/** A file that is read as it stands. */
export async function openPlain(path: string): Promise<Source> {
  const file = await open(path)
  const { size } = await file.stat()
  let closed = false
  return {
    bytes: size,
    async *chunks(from = 0, to = size) {
      for (let at = from; at < to; ) {
        const part = await read(file, at, Math.min(plainBytes, to - at))
        if (part.length === 0) return
        at += part.length
        yield part
      }
    },
    async close() {
      if (!closed) await file.close()
      closed = true
    },
  }
}
