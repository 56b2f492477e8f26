/**
 * The files of exports: the one place that writes and reads them. They lie in `DATA/exports` for their owner only, under
 * the number of the export, until they expire.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { House } from '#platform/house'

const folderOf = ({ folder }: Pick<House, 'folder'>) => join(folder, 'exports')
const pathOf = (house: Pick<House, 'folder'>, id: string) => join(folderOf(house), id)
const unfinished = '.part'

/** Writes a whole file or none; says how many bytes. */
export async function writeFile(house: House, id: string, content: Readable): Promise<number> {
  await mkdir(folderOf(house), { recursive: true, mode: 0o700 })
  const part = `${pathOf(house, id)}${unfinished}`
  try {
    await pipeline(content, createWriteStream(part, { mode: 0o600 }), { signal: house.stopping })
    await rename(part, pathOf(house, id))
  } finally {
    await rm(part, { force: true })
  }
  return (await stat(pathOf(house, id))).size
}

/** Null where it is gone. */
export async function openFile(house: House, id: string): Promise<Readable | null> {
  try {
    await access(pathOf(house, id))
  } catch {
    return null
  }
  return createReadStream(pathOf(house, id))
}

export const dropFile = (house: House, id: string): Promise<void> => rm(pathOf(house, id), { force: true })

/** Numbers of the exports of which a file lies here, whole or not. */
export async function filesThere(house: House): Promise<string[]> {
  try {
    return (await readdir(folderOf(house))).map((name) => name.replace(unfinished, ''))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
