/**
 * The list of erasures beside the database. A backup that is brought back is older than some erasures and would bring
 * those persons back with it; what was promised to them is kept here, in the data folder, and done again at the next
 * start. Sealed by the master key; it holds numbers of homes and keyed hashes, no values.
 *
 * It is written and on the disk before the erasure commits: a crash in between erases at the next start, as was asked.
 */
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { erasedAmong, eraseHomes } from '#modules/members'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'

export interface ErasureNoted {
  request: string
  homes: readonly string[]
  refused: readonly string[]
  at: string
}

export const ledgerOf = (house: Pick<House, 'folder'>) => join(house.folder, 'erasures')
const place = 'erasure ledger'

export async function noteErasure({ db, ...house }: Pick<House, 'db' | 'folder'>, noted: ErasureNoted): Promise<void> {
  const vault = db.vault!
  const line = `${vault.seal(vault.keys.master, place, noted).toString('base64')}\n`
  const file = await open(ledgerOf(house), 'a', 0o600)
  try {
    await file.write(line)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Erases anew whoever a restore has brought back. Says how many erasures it did again. */
export async function repeatErasures(house: Pick<House, 'db' | 'folder' | 'log'>): Promise<number> {
  const { db, log } = house
  let lines: string[]
  try {
    lines = (await readFile(ledgerOf(house), 'utf8')).split('\n').filter((line) => line !== '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return 0
  }
  const vault = db.vault!
  let repeated = 0
  for (const [index, line] of lines.entries()) {
    let noted: ErasureNoted
    try {
      noted = vault.open<ErasureNoted>(vault.keys.master, place, Buffer.from(line, 'base64'))
    } catch (error) {
      // A line that was cut off by a crash was never acted upon; the other lines are whole.
      log.error({ err: error, line: index + 1 }, 'a line of the list of erasures can’t be read')
      continue
    }
    const known = await inTx(db, systemActor, (ctx) => erasedAmong(ctx, noted.homes))
    if (noted.homes.every((home) => known.has(home))) continue
    await inTx(db, systemActor, (ctx) => eraseHomes(ctx, noted.homes, noted.refused))
    repeated++
  }
  if (repeated > 0) log.warn({ erasures: repeated }, 'erasures were done again, after a restore')
  return repeated
}
