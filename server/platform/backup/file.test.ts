import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { seal, unseal } from '#platform/backup/file'

const master = createSecretKey(randomBytes(32))

async function* pieces(...all: Buffer[]): AsyncGenerator<Buffer> {
  yield* all
}

async function sealed(content: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of seal(pieces(content), { master, program: 'test', now: new Date() })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function opened(file: Buffer, bytes: number): Promise<Buffer | null> {
  const { content } = await unseal(pieces(file), master)
  const found = await content.exactly(bytes)
  // What follows is read too: an end that isn't there is found at the end.
  return (await content.exactly(1)) === null ? found : null
}

/** The first line, then each frame with its head. */
function framesOf(file: Buffer): Buffer[] {
  const parts = [file.subarray(0, file.indexOf(10) + 1)]
  for (let at = parts[0]!.length; at < file.length; ) {
    const length = 5 + file.readUInt32BE(at + 1)
    parts.push(file.subarray(at, at + length))
    at += length
  }
  return parts
}

test('what is sealed opens again, of any length', async () => {
  for (const length of [0, 1, 1_000, 256 * 1024, 1_000_000]) {
    const content = randomBytes(length)
    // Compared by itself: an assertion over a million bytes takes seconds.
    expect((await opened(await sealed(content), length))?.equals(content)).toBe(true)
  }
})

test('frames can be neither left out, nor told in another order, nor twice, nor be made the last', async () => {
  const content = randomBytes(1_000_000)
  const [line, first, second, third, ...rest] = framesOf(await sealed(content))
  expect(rest.length).toBeGreaterThan(0)
  const last = Buffer.from(second!)
  last[0] = 1
  for (const parts of [
    [line, first, third, ...rest],
    [line, second, first, third, ...rest],
    [line, first, second, second, third, ...rest],
    [line, first, second],
    [line, first, last],
    [line],
  ]) {
    await expect(opened(Buffer.concat(parts as Buffer[]), content.length)).rejects.toMatchObject({
      code: 'backup.damaged',
    })
  }
})

test('frames of another backup with the same key are not taken', async () => {
  const content = randomBytes(1_000)
  const [one, other] = [framesOf(await sealed(content)), framesOf(await sealed(content))]
  await expect(opened(Buffer.concat([one[0]!, other[1]!]), 1_000)).rejects.toMatchObject({ code: 'backup.damaged' })
})
