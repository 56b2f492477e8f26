/** `warehouse`: an embedded one of its own for each test that asks for it, on the real engine. About half a second. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '#platform/log'
import { test as base } from '#platform/testing'
import { openWarehouse, type Warehouse } from '#platform/warehouse'

export const silent = openLog('silent')

export interface TestWarehouse extends Warehouse {
  readonly folder: string
}

export async function openTestWarehouse(): Promise<TestWarehouse> {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-warehouse-'))
  const warehouse = await openWarehouse({ folder, log: silent })
  return {
    ...warehouse,
    folder,
    async close() {
      await warehouse.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Ends the engine of this folder as a crash would. */
export async function killEngine(folder: string): Promise<void> {
  // The engine writes its process into the file by which it locks its folder.
  const status = await readFile(join(folder, 'engine', 'status'), 'utf8')
  process.kill(Number(/^PID: (\d+)$/m.exec(status)![1]), 'SIGKILL')
}

export const test = base.extend<{ warehouse: TestWarehouse }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  warehouse: async ({}, use) => {
    const warehouse = await openTestWarehouse()
    try {
      await use(warehouse)
    } finally {
      await warehouse.close()
    }
  },
})
