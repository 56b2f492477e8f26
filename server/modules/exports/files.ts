/**
 * The files of exports: the one place that writes and reads them. They lie sealed in `DATA/exports`, under the number of
 * the export, until they expire.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { House } from '#platform/house'
import { contentBytes, openSealed, type SealedFile, type Source, sealed } from '#platform/sealed-file'

const folderOf = ({ folder }: Pick<House, 'folder'>) => join(folder, 'exports')
const pathOf = (house: Pick<House, 'folder'>, id: string) => join(folderOf(house), id)
const sealedFileOf = (house: House, id: string): SealedFile => ({
  path: pathOf(house, id),
  key: house.db.vault!.keys.staging,
  place: `export:${id}`,
})
const unfinished = '.part'

/** Writes a whole file or none; says how many bytes its content is. */
export async function writeFile(
  house: House,
  id: string,
  content: AsyncIterable<Buffer> | AsyncIterable<string>,
): Promise<number> {
  await mkdir(folderOf(house), { recursive: true, mode: 0o700 })
  const part = `${pathOf(house, id)}${unfinished}`
  try {
    await pipeline(sealed(inBytes(content), sealedFileOf(house, id)), createWriteStream(part, { mode: 0o600 }), {
      signal: house.stopping,
    })
    await rename(part, pathOf(house, id))
  } finally {
    await rm(part, { force: true })
  }
  return contentBytes((await stat(pathOf(house, id))).size)
}

/** Lines of text are gathered: each by itself would be sealed at the cost of a whole chunk's bookkeeping. */
async function* inBytes(content: AsyncIterable<Buffer> | AsyncIterable<string>): AsyncGenerator<Buffer> {
  let text = ''
  for await (const part of content) {
    if (typeof part !== 'string') {
      yield part
      continue
    }
    text += part
    if (text.length < textAtOnce) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

const textAtOnce = 64 * 1024

/** Null where it is gone. */
export async function openFile(house: House, id: string): Promise<Readable | null> {
  try {
    return Readable.from(opened(await openSealed(sealedFileOf(house, id))), { objectMode: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function* opened(file: Source): AsyncGenerator<Buffer> {
  try {
    yield* file.chunks()
  } finally {
    await file.close()
  }
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
