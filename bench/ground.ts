/** What every benchmark stands on: a real embedded PostgreSQL with fsync on, in a folder that is thrown away. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '#platform/config'
import { openLog } from '#platform/log'
import { type OpenHouse, openHouse } from '../server/app/house.ts'

export interface Ground {
  house: OpenHouse
  folder: string
}

/**
 * Opens the whole program (without HTTP) on an empty folder, and closes and removes it afterwards. A folder that is
 * named stays, with what was laid in it, and is opened again by the next run.
 */
export async function onGround<T>(work: (ground: Ground) => Promise<T>, named?: string): Promise<T> {
  const folder = named ?? (await mkdtemp(join(tmpdir(), 'roundtrip-bench-')))
  await mkdir(folder, { recursive: true })
  const config = readConfig({ ROUNDTRIP_DATA: join(folder, 'data'), LOG_LEVEL: 'error' })
  const house = await openHouse(config, openLog('error'))
  try {
    return await work({ house, folder })
  } finally {
    await house.close()
    if (named === undefined) await rm(folder, { recursive: true, force: true })
  }
}

export function bench(name: string, figure: number, unit: string, floor: number): void {
  const round = (value: number) => (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100)
  process.stdout.write(
    `BENCH ${name} ${round(figure)} ${unit} floor=${round(floor)} ratio=${Math.round((figure / floor) * 1000) / 1000}\n`,
  )
}

export function note(text: string): void {
  process.stdout.write(`# ${text}\n`)
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/**
 * Resident memory of this process and all below it, in bytes: `pss` counts a page that n processes share as 1/n for
 * each, so that the sum is what the machine really holds; `rss` counts it n times.
 */
export async function memory(): Promise<{ pss: number; rss: number }> {
  const children = new Map<number, number[]>()
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry)
    if (!pid) continue
    const parent = Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const family: number[] = []
  for (const wave = [process.pid]; wave.length > 0; ) {
    const pid = wave.pop()!
    family.push(pid)
    wave.push(...(children.get(pid) ?? []))
  }
  let pss = 0
  let rss = 0
  for (const pid of family) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
    pss += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024
    rss += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024
  }
  return { pss, rss }
}
