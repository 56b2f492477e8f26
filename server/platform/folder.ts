/**
 * The data folder belongs to one running program. Whoever opens it takes a lock that the kernel gives back when the
 * process ends, however it ends, so that no killed program leaves a folder locked and no two ever write into one.
 */
import { access, chmod, chown, constants, mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Refusal } from '#platform/errors'

export interface FolderLock {
  release(): Promise<void>
}

// A lock lasts as long as its connection, and a connection that nobody refers to is closed by the garbage collector.
const held = new Set<DatabaseSync>()

/**
 * Makes the folder if it isn't there, for its owner only, and takes it for this process.
 *
 * @throws Refusal folder.in_use {folder, pid}, folder.not_writable {folder, reason}, disk.full {folder}
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const holderFile = join(folder, 'roundtrip.pid')
  try {
    await keepToOwner(folder)
    const lock = await takeLock(join(folder, 'roundtrip.lock'))
    if (lock === 'taken') throw await inUse(folder, holderFile)
    held.add(lock)
    await writeFile(holderFile, `${process.pid}\n`)
    await giveToOwnerOf(folder, holderFile)
    return {
      async release() {
        if (!held.delete(lock)) return
        await rm(holderFile, { force: true })
        lock.close()
      },
    }
  } catch (error) {
    throw folderRefusal(folder, error)
  }
}

/** The refusal that a failed reading or writing below the data folder deserves; any other error as it is. */
export function folderRefusal(folder: string, error: unknown): unknown {
  const reason = error instanceof Error ? error.message : String(error)
  if (error instanceof Refusal) return error
  if (/ENOSPC|EDQUOT|No space left on device|Disk quota exceeded|database or disk is full/.test(reason))
    return new Refusal(
      'conflict',
      'disk.full',
      { folder },
      `The disk of ${folder} is full. Make room on it, or set ROUNDTRIP_DATA to a folder on another disk.`,
    )
  if (/EACCES|EPERM|EROFS|ENOTDIR|EEXIST|Permission denied|Read-only file system/.test(reason))
    return new Refusal(
      'conflict',
      'folder.not_writable',
      { folder, reason },
      `Roundtrip can't write to its data folder ${folder} (${reason}). Give it to the user who starts Roundtrip, or set ROUNDTRIP_DATA to another folder.`,
    )
  return error
}

async function keepToOwner(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { mode, uid } = await stat(folder)
  const mayChange = process.getuid?.() === uid || process.getuid?.() === 0
  if (mayChange && (mode & 0o077) !== 0) await chmod(folder, 0o700)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

/**
 * Node offers no file lock of the kernel, but the SQLite in it takes one (by fcntl, which also holds between two
 * containers on one volume). The file is never written, so it stays empty. Its holder's number is kept in another
 * file, because closing any descriptor of a locked file would let the lock go.
 */
async function takeLock(file: string): Promise<DatabaseSync | 'taken'> {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('pragma journal_mode = off; begin exclusive')
    await giveToOwnerOf(join(file, '..'), file)
    return lock
  } catch (error) {
    lock.close()
    if (error instanceof Error && error.message === 'database is locked') return 'taken'
    throw error
  }
}

/** What root writes once in somebody's folder must not shut them out afterwards. */
async function giveToOwnerOf(folder: string, file: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(folder)
  if (uid !== 0) await chown(file, uid, gid)
}

async function inUse(folder: string, holderFile: string): Promise<Refusal> {
  const pid = Number.parseInt(await readFile(holderFile, 'utf8').catch(() => ''), 10) || null
  return new Refusal(
    'conflict',
    'folder.in_use',
    { folder, pid },
    `Another Roundtrip is using this data folder${pid ? ` (process ${pid})` : ''}: ${folder}. Stop it first, or set ROUNDTRIP_DATA to another folder.`,
  )
}

/** Bytes that bulk work leaves free: the database needs room to end what it does, and to start again after that. */
const keptFree = 200 * 1024 ** 2

/** Whether bulk work may go on writing. A database that runs out of disk ends, and starts only when there is some again. */
export async function hasRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize >= keptFree
}
