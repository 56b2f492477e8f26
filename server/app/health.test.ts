import { tmpdir } from 'node:os'
import { test as base, expect } from '#app/testing'
import type { House } from '#platform/house'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { buildServer } from './server.ts'

const test = base.extend<{
  health: (folder: string) => Promise<{ statusCode: number; body: Record<string, unknown> }>
}>({
  health: async ({ db }, use) => {
    await use(async (folder) => {
      const house = {
        db,
        folder,
        publicUrl: 'http://localhost:3000',
        log: openLog('silent'),
        stopping: new AbortController().signal,
        reactions: openReactions(db, []),
        warehouse: { ping: async () => true },
      } as unknown as House
      const server = await buildServer(house, { via: 'port' })
      const { statusCode, json } = await server.inject('/healthz')
      await server.close()
      return { statusCode, body: json() }
    })
  },
})

test('health tells of disk and memory, and goes on being well with a warning', async ({ health }) => {
  const { statusCode, body } = await health(tmpdir())
  expect(statusCode).toBe(200)
  expect(body).toMatchObject({
    status: 'ok',
    disk: { freeBytes: expect.any(Number), totalBytes: expect.any(Number) },
    memory: { availableBytes: expect.any(Number), totalBytes: expect.any(Number) },
  })
  const gone = await health('/nonexistent')
  expect([gone.statusCode, gone.body.status, gone.body.disk]).toEqual([200, 'ok', null])
  expect(gone.body.warnings).toContainEqual({ code: 'disk.gone' })
})
