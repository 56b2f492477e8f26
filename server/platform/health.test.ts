import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMachine, warningsOf } from '#platform/health'

const MB = 1024 ** 2
const GB = 1024 ** 3
const well = {
  disk: { freeBytes: 50 * GB, totalBytes: 100 * GB },
  memory: { availableBytes: 2 * GB, totalBytes: 8 * GB },
}

test('a machine with room warns of nothing', () => {
  expect(warningsOf(well)).toEqual([])
})

test.for<[string, number, number, string[]]>([
  ['less than a gigabyte of a small disk', GB - 1, 10 * GB, ['disk.nearly_full']],
  ['a gigabyte of a small disk', GB, 10 * GB, []],
  ['less than a twentieth', 4 * GB, 100 * GB, ['disk.nearly_full']],
  ['little of a very large disk, which is much', 21 * GB, 4_000 * GB, []],
  ['nothing at all', 0, 100 * GB, ['disk.nearly_full']],
])('the disk: %s', ([, freeBytes, totalBytes, warnings]) => {
  expect(warningsOf({ ...well, disk: { freeBytes, totalBytes } })).toEqual(warnings)
})

test.for<[string, number, number, string[]]>([
  ['less than 256 MB', 255 * MB, 8 * GB, ['memory.low']],
  ['200 MB of a small machine, which are enough for it', 200 * MB, GB, []],
  ['less than a tenth of a small machine', 90 * MB, GB, ['memory.low']],
])('the memory: %s', ([, availableBytes, totalBytes, warnings]) => {
  expect(warningsOf({ ...well, memory: { availableBytes, totalBytes } })).toEqual(warnings)
})

test('a data folder that is gone is told, and not an error', async () => {
  const { disk, warnings } = await readMachine(join(tmpdir(), 'roundtrip-never-made'))
  expect(disk).toBeNull()
  expect(warnings).toContain('disk.gone')
})

test('this machine is read as it is', async () => {
  const { disk, memory } = await readMachine(tmpdir())
  for (const { total, left } of [
    { total: disk!.totalBytes, left: disk!.freeBytes },
    { total: memory.totalBytes, left: memory.availableBytes },
  ]) {
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(total)
  }
})
