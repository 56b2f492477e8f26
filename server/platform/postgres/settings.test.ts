import { expect, test } from 'vitest'
import { settingsFile, settingsFor } from '#platform/postgres/settings'

const GB = 1024 ** 3

test('a laptop with 16 GB keeps the shared memory small and counts on the cache of the system', () => {
  expect(settingsFor({ memoryBytes: 16 * GB, freeDiskBytes: 500 * GB, cores: 8 })).toMatchObject({
    shared_buffers: '64MB',
    effective_cache_size: '9830MB',
    work_mem: '16MB',
    max_wal_size: '4096MB',
    io_workers: '3',
  })
})

test('a small server of 512 MB and a nearly full disk gets less of everything, never nothing', () => {
  expect(settingsFor({ memoryBytes: GB / 2, freeDiskBytes: 0, cores: 1 })).toMatchObject({
    shared_buffers: '32MB',
    work_mem: '4MB',
    maintenance_work_mem: '32MB',
    max_wal_size: '256MB',
    min_wal_size: '80MB',
    io_workers: '1',
    max_parallel_maintenance_workers: '0',
  })
})

test('the write-ahead log takes a tenth of the free disk at most', () => {
  expect(settingsFor({ memoryBytes: 8 * GB, freeDiskBytes: 20 * GB, cores: 2 }).max_wal_size).toBe('2048MB')
})

test('what is committed is on the disk', () => {
  const settings = settingsFor({ memoryBytes: 8 * GB, freeDiskBytes: 20 * GB, cores: 2 })
  expect(settings).toMatchObject({ fsync: 'on', synchronous_commit: 'on' })
  expect(settings).not.toHaveProperty('full_page_writes')
})

test("the owner's own settings come last, so that they win", () => {
  const lines = settingsFile({ cluster_name: "it's ours" }, { hasOwn: true }).trimEnd().split('\n')
  expect(lines.slice(-2)).toEqual(["cluster_name = 'it''s ours'", "include 'postgresql.local.conf'"])
  expect(settingsFile({}, { hasOwn: false })).not.toContain('include ')
})
