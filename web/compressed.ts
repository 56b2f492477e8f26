/**
 * Beside each text file of an app its compressed forms, made once when it is built: on a slow line most of the time of a
 * first page is its script.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Smaller ones would win nothing. */
const smallestBytes = 1_024

/** A plugin of Vite. It writes where the build wrote, which need not be where its configuration says. */
export const compressed = () => ({
  name: 'compressed',
  writeBundle: async ({ dir }: { dir?: string | undefined }, files: Readonly<Record<string, unknown>>) => {
    await Promise.all(
      Object.keys(files)
        .filter((file) => /\.(js|css|svg)$/.test(file))
        .map(async (file) => {
          const path = join(dir!, file)
          const content = await readFile(path)
          if (content.length < smallestBytes) return
          const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
          await writeFile(`${path}.br`, await promisify(brotliCompress)(content, { params }))
          await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }))
        }),
    )
  },
})
