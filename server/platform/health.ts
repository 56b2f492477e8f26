/**
 * How the machine is: room on the disk of the data folder, and memory that is still to be had. Read from the kernel's own
 * accounts at each asking, which costs well under a millisecond; nothing is kept.
 */
import { readFile, statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'

export interface Machine {
  /** Of the data folder's disk, for who is not root; null when the folder is gone. */
  disk: { freeBytes: number; totalBytes: number } | null
  /** Of the container if it has a limit of its own, else of the machine. Available: free, or to be had at once. */
  memory: { availableBytes: number; totalBytes: number }
}

export type Warning = 'disk.gone' | 'disk.nearly_full' | 'memory.low'

const MB = 1024 ** 2
const GB = 1024 ** 3

/** What an owner should see to before it stops the program; none on a machine that is well. */
export async function readMachine(folder: string): Promise<Machine & { warnings: Warning[] }> {
  const machine = { disk: await diskOf(folder), memory: await memory() }
  return { ...machine, warnings: warningsOf(machine) }
}

/**
 * The disk: less than 1 GB or 5 % is free; of a large disk not more than 20 GB are asked for. A database that runs out of
 * disk ends, and an import stops before that (200 MB, see folder.ts), so this comes well before.
 * The memory: less than 256 MB, or a tenth of a machine below 2.5 GB. An import takes up to 330 MB.
 */
export function warningsOf({ disk, memory }: Machine): Warning[] {
  const warnings: Warning[] = []
  if (disk === null) warnings.push('disk.gone')
  else if (disk.freeBytes < Math.max(GB, Math.min(disk.totalBytes / 20, 20 * GB))) warnings.push('disk.nearly_full')
  if (memory.availableBytes < Math.min(256 * MB, memory.totalBytes / 10)) warnings.push('memory.low')
  return warnings
}

async function diskOf(folder: string): Promise<Machine['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return null // it was there when the program started
  }
}

async function memory(): Promise<Machine['memory']> {
  const machine = { availableBytes: await availableOfMachine(), totalBytes: totalmem() }
  const limit = process.constrainedMemory()
  if (!limit || limit >= machine.totalBytes) return machine
  const used = await usedByContainer()
  const left = used === null ? limit : Math.max(0, limit - used)
  return { availableBytes: Math.min(machine.availableBytes, left), totalBytes: limit }
}

/** Free memory alone says little: files that may be forgotten fill most of it. Linux counts what could be had. */
async function availableOfMachine(): Promise<number> {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec((await textOf('/proc/meminfo')) ?? '')?.[1]
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024
}

/** Without files that were read long ago, which the kernel gives up first. Of both kinds of control groups. */
async function usedByContainer(): Promise<number | null> {
  for (const { usage, stat, inactive } of [
    { usage: 'memory.current', stat: 'memory.stat', inactive: /^inactive_file (\d+)$/m },
    { usage: 'memory/memory.usage_in_bytes', stat: 'memory/memory.stat', inactive: /^total_inactive_file (\d+)$/m },
  ]) {
    const used = await textOf(`/sys/fs/cgroup/${usage}`)
    if (used === null) continue
    return Number(used) - Number(inactive.exec((await textOf(`/sys/fs/cgroup/${stat}`)) ?? '')?.[1] ?? 0)
  }
  return null
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return null // another system, or not for us to read
  }
}
