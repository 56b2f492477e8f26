/** A key service wraps the master key. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { readConfig } from '#platform/config'
import { keyWrappingOf } from '#platform/key-wrapping'
import { readMasterKey } from '#platform/vault'
import { TransitService } from './key-service.testing.ts'

const test = base.extend<{ service: TransitService; file: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  service: async ({}, use) => {
    const service = await new TransitService().listen()
    await use(service)
    await service.close()
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  file: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-kms-'))
    await use(join(folder, 'master.key'))
    await rm(folder, { recursive: true })
  },
})

const wrappingBy = (url: string, { key = 'roundtrip', token = 's.good' } = {}) =>
  keyWrappingOf(readConfig({ ROUNDTRIP_KMS_URL: url, ROUNDTRIP_KMS_KEY: key, ROUNDTRIP_KMS_TOKEN: token }).keyService)

const read = (file: string, wrapping: ReturnType<typeof wrappingBy>, mayCreate = false, fromEnvironment?: string) =>
  readMasterKey({ fromEnvironment, file, mayCreate, wrapping })

test('the first start leaves only what the service can open, and the next ones get the same key', async ({
  service,
  file,
}) => {
  const wrapping = wrappingBy(service.url)
  const key = await read(file, wrapping, true)
  expect(key).toHaveLength(32)
  const text = await readFile(file, 'utf8')
  expect(text).toMatch(/^vault:v1:[A-Za-z0-9+/=]+\n$/)
  expect(text).not.toContain(key.toString('base64').slice(0, 16))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await read(file, wrapping)).toEqual(key)
  expect(service.asked).toEqual([
    'POST /v1/transit/encrypt/roundtrip',
    'POST /v1/transit/decrypt/roundtrip',
    'POST /v1/transit/rewrap/roundtrip',
  ])
  // Also from the environment.
  expect(await read('/nowhere', wrapping, false, text.trim())).toEqual(key)
})

test('a key that stood there as it was is wrapped from then on', async ({ service, file }) => {
  const key = randomBytes(32)
  await writeFile(file, `${key.toString('base64')}\n`, { mode: 0o600 })
  expect(await read(file, wrappingBy(service.url))).toEqual(key)
  const text = await readFile(file, 'utf8')
  expect(text).toMatch(/^vault:v1:/)
  await expect(read(file, keyWrappingOf(null))).rejects.toMatchObject({ code: 'vault.key_service_missing' })
  expect(await readFile(file, 'utf8')).toBe(text)
})

test('when the service has a new key, the next start has it wrap by that', async ({ service, file }) => {
  const wrapping = wrappingBy(service.url)
  const key = await read(file, wrapping, true)
  service.rotate()
  expect(await read(file, wrapping)).toEqual(key)
  expect(await readFile(file, 'utf8')).toMatch(/^vault:v2:/)
  const hash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  expect(await read(file, wrapping)).toEqual(key)
  expect(
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  ).toBe(hash)
})

test('says clearly when the service is away, sealed, refuses or has not the key, and changes nothing', async ({
  service,
  file,
}) => {
  await read(file, wrappingBy(service.url), true)
  const text = await readFile(file, 'utf8')
  await expect(read(file, wrappingBy(service.url, { token: 's.bad' }))).rejects.toMatchObject({
    code: 'vault.key_service_refuses',
    message: expect.stringMatching(/403: permission denied.*ROUNDTRIP_KMS_TOKEN/),
  })
  await expect(read(file, wrappingBy(service.url, { key: 'other' }))).rejects.toMatchObject({
    code: 'vault.key_service_refuses',
    message: expect.stringMatching(/key other \(400: encryption key not found\)/),
  })
  service.sealed = true
  await expect(read(file, wrappingBy(service.url))).rejects.toMatchObject({
    code: 'vault.key_service_away',
    message: expect.stringContaining('503'),
  })
  // A service that comes up while it is asked is waited for.
  const waiting = read(file, wrappingBy(service.url))
  setTimeout(() => {
    service.sealed = false
  }, 300)
  expect(await waiting).toHaveLength(32)
  const gone = await new TransitService().listen()
  const { url } = gone
  await gone.close()
  await expect(read(file, wrappingBy(url))).rejects.toMatchObject({
    code: 'vault.key_service_away',
    message: expect.stringMatching(/can't be reached: ECONNREFUSED/),
  })
  const other = await new TransitService().listen()
  await expect(read(file, wrappingBy(other.url))).rejects.toMatchObject({ code: 'vault.key_service_refuses' })
  await other.close()
  expect(await readFile(file, 'utf8')).toBe(text)
})

test('is configured whole or not at all, and by TLS unless it is this machine', () => {
  expect(readConfig({}).keyService).toBeNull()
  expect(() => readConfig({ ROUNDTRIP_KMS_URL: 'https://kms.example' })).toThrow('ROUNDTRIP_KMS_TOKEN is missing')
  expect(() => readConfig({ ROUNDTRIP_KMS_URL: 'http://kms.example', ROUNDTRIP_KMS_TOKEN: 't' })).toThrow('https://')
  expect(readConfig({ ROUNDTRIP_KMS_URL: 'https://kms.example/', ROUNDTRIP_KMS_TOKEN: 't' }).keyService).toEqual({
    url: 'https://kms.example',
    mount: 'transit',
    key: 'roundtrip',
    token: 't',
    namespace: undefined,
  })
})
