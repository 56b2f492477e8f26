/**
 * `roundtrip backup` and `roundtrip restore`. A backup is asked of the program, like everything else. A restore is not:
 * it needs the database to itself, before a program has begun on it.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { forgetEnd } from '#platform/audit/sealing'
import { noRoom } from '#platform/backup/errors'
import { checkBackup, type Emptiness, emptinessOf, restore } from '#platform/backup/restore'
import type { Config } from '#platform/config'
import { Refusal } from '#platform/errors'
import { lockFolder } from '#platform/folder'
import { keyWrappingOf } from '#platform/key-wrapping'
import { openLog } from '#platform/log'
import { startPostgres } from '#platform/postgres'
import { readMasterKey } from '#platform/vault'
import { type Command, printResult, progressLine } from './command.ts'
import { connect, running } from './commands.ts'
import { readBackup } from './contract.ts'

export const backupCommands: readonly Command[] = [
  {
    name: 'backup',
    usage: 'backup FILE [--json]',
    about: 'Write everything in the database into one sealed file; the program goes on meanwhile',
    details: `The master key is not in the file, and opens it: keep a copy of the key in another place.
Not in it either: the warehouse (built again from the database) and uploaded files that have not been read in yet.`,
    arguments: [1, 1],
    run: async (config, given) => {
      const progress = progressLine()
      const made = await makeBackup(config, given.words[0]!, progress.show).finally(progress.done)
      printResult(given, made, linesOfBackup)
      return 0
    },
  },
  {
    name: 'restore',
    usage: 'restore FILE [--check] [--yes] [--json]',
    about: 'Bring a backup into an empty database, embedded or a server (DATABASE_URL), of any version from 15 on',
    details: `  --check   only read the file through and say what it is
  --yes     a program without customers stands there: its settings, rules and keys may go
The program must be stopped. The key that the backup was made with must be in ROUNDTRIP_MASTER_KEY or DATA/master.key.
Until all of the file has been read and found whole nothing is touched, and what fails after that is taken back.`,
    options: { check: { type: 'boolean' }, yes: { type: 'boolean' } },
    arguments: [1, 1],
    run: async (config, given) => {
      const progress = progressLine()
      const restored = await restoreBackup(config, {
        file: given.words[0]!,
        checkOnly: given.options.check === true,
        mayReplaceSetup: given.options.yes === true,
        onProgress: progress.show,
      }).finally(progress.done)
      printResult(given, restored, linesOfRestore)
      return 0
    },
  },
]

export interface BackupMade {
  file: string
  bytes: number
  seconds: number
  /** Where the key is that opens it, as far as this command can see; null when only the running program knows. */
  masterKey: string | null
}

/**
 * Writes the file beside its place and moves it there when it is whole and on the disk.
 *
 * @throws Refusal backup.file_exists, backup.not_writable, disk.full; program.gone when the program stops meanwhile
 */
export async function makeBackup(
  config: Config,
  name: string,
  onProgress: (text: string) => void,
): Promise<BackupMade> {
  const file = resolve(name)
  const begun = Date.now()
  if (await exists(file))
    throw new Refusal('conflict', 'backup.file_exists', { file }, `There is a file ${file} already. Name another.`)
  const draft = `${file}.part`
  // First, so that a folder that can't be written to is said before the engines start.
  const target = await open(draft, 'w', 0o600).catch((error: unknown) => {
    throw writingRefusal(file, error)
  })
  let bytes = 0
  try {
    const program = await connect(config)
    try {
      const content: AsyncIterable<Buffer> = await program.stream(readBackup, {})
      for await (const chunk of content) {
        await target.appendFile(chunk)
        bytes += chunk.length
        onProgress(`${megabytes(bytes)} MB`)
      }
    } finally {
      await program.close()
    }
    await target.sync()
    await target.close()
    await rename(draft, file)
  } catch (error) {
    await target.close()
    await rm(draft, { force: true })
    throw writingRefusal(file, error)
  }
  return { file, bytes, seconds: (Date.now() - begun) / 1000, masterKey: await placeOfKey(config) }
}

function linesOfBackup({ file, bytes, seconds, masterKey }: BackupMade): string[] {
  return [
    `Backup made: ${file} (${megabytes(bytes)} MB, ${seconds.toFixed(1)} s). Read it through with: bin/roundtrip restore --check ${file}`,
    `It opens only with the master key, which is not in it. The key is ${
      masterKey === null
        ? 'in the environment of the running program (ROUNDTRIP_MASTER_KEY)'
        : masterKey === 'ROUNDTRIP_MASTER_KEY'
          ? 'in ROUNDTRIP_MASTER_KEY'
          : `the file ${masterKey}`
    }: keep a copy of it in another place than your backups.`,
  ]
}

async function placeOfKey(config: Config): Promise<string | null> {
  if (config.masterKey !== undefined) return 'ROUNDTRIP_MASTER_KEY'
  return (await exists(keyFile(config))) ? keyFile(config) : null
}

const keyFile = (config: Config) => join(config.dataFolder, 'master.key')

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

function writingRefusal(file: string, error: unknown): unknown {
  const code = (error as { code?: string }).code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Refusal(
      'conflict',
      'disk.full',
      { file },
      `The disk of ${dirname(file)} is full. No backup was made; what was begun is removed.`,
    )
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new Refusal(
      'conflict',
      'backup.cut_off',
      {},
      'The program stopped, or its database went away, before the backup was whole. What was begun is removed; make it again. The log of the program says more.',
    )
  if (['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR'].includes(code ?? '') && 'path' in (error as object))
    return new Refusal(
      'conflict',
      'backup.not_writable',
      { file, reason: (error as Error).message },
      `The backup can't be written to ${file} (${(error as Error).message}).`,
    )
  return error
}

export interface Restored {
  file: string
  createdAt: string
  program: string
  tables: number
  rows: number
  /** Only read and found whole; nothing was restored. */
  checked: boolean
  seconds: number
}

/**
 * Reads the file whole before it touches anything, then fills the database.
 *
 * @throws Refusal of platform/backup/errors; program.running, backup.no_file, backup.no_master_key, backup.confirm
 */
export async function restoreBackup(
  config: Config,
  {
    file: name,
    checkOnly,
    mayReplaceSetup,
    onProgress,
  }: {
    file: string
    checkOnly: boolean
    /** What a program without members holds (settings, rules, keys) may be thrown away. */
    mayReplaceSetup: boolean
    onProgress: (text: string) => void
  },
): Promise<Restored> {
  const file = resolve(name)
  const begun = Date.now()
  const master = await masterKeyFor(config)
  onProgress('Reading the backup …')
  const contents = await readFrom(file, (chunks) => checkBackup(chunks, master)).catch((error: unknown) => {
    throw error instanceof Refusal && error.code === 'backup.wrong_master_key' ? wrongKeyAt(config) : error
  })
  const done = (checked: boolean): Restored => ({
    file,
    createdAt: contents.header.createdAt,
    program: contents.header.program,
    tables: contents.tables,
    rows: contents.rows,
    checked,
    seconds: (Date.now() - begun) / 1000,
  })
  if (checkOnly) return done(true)
  await withDatabase(config, contents.bytes, async (url) => {
    const there: Emptiness = await emptinessOf(url)
    if (there !== 'nothing' && !mayReplaceSetup)
      throw new Refusal(
        'conflict',
        'backup.confirm',
        {},
        'A program has begun on this database and has no customers yet. Its settings, rules and keys will be those of the backup: say so with --yes. Nothing was changed.',
      )
    await readFrom(file, (chunks) =>
      restore({ url, file: chunks, master, onTable: (table) => onProgress(`Restoring ${table} …`) }),
    )
    // The audit log that was sealed here is not the one that stands here now.
    await forgetEnd(config.dataFolder)
  })
  return done(false)
}

function linesOfRestore({ checked, createdAt, program, rows, tables, seconds }: Restored): string[] {
  const of = `the backup of ${createdAt} by Roundtrip ${program}: ${rows.toLocaleString('en')} rows of ${tables} tables`
  return checked
    ? [`Whole and readable with this master key: ${of}. Nothing was changed.`]
    : [
        `Restored ${of}, in ${seconds.toFixed(1)} s. Start the program: it builds the warehouse first.`,
        'Files that were uploaded and not yet read in are not in a backup: upload them again.',
        'Who was erased since is erased again at that start, from the file `erasures` of the data folder: bring it along where this is another machine.',
      ]
}

async function masterKeyFor(config: Config): Promise<KeyObject> {
  const file = keyFile(config)
  try {
    return createSecretKey(
      await readMasterKey({
        fromEnvironment: config.masterKey,
        file,
        mayCreate: false,
        wrapping: keyWrappingOf(config.keyService),
      }),
    )
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'vault.no_master_key') throw error
    throw new Refusal(
      'conflict',
      'backup.no_master_key',
      { file },
      `A backup opens only with the master key that its program had, and there is none here. Put a copy of that key at ${file} (only its owner may read it), or set ROUNDTRIP_MASTER_KEY, then restore again. Nothing was changed.`,
    )
  }
}

function wrongKeyAt(config: Config): Refusal {
  const from = config.masterKey === undefined ? keyFile(config) : 'ROUNDTRIP_MASTER_KEY'
  return new Refusal(
    'conflict',
    'backup.wrong_master_key',
    { from },
    config.masterKey === undefined
      ? `The master key in ${from} is not the one that this backup was made with. Move that file away, put a copy of the right key in its place, then restore again. Nothing was changed.`
      : `The master key in ${from} is not the one that this backup was made with. Set it to the right one, then restore again. Nothing was changed.`,
  )
}

async function readFrom<T>(file: string, work: (chunks: AsyncIterable<Buffer>) => Promise<T>): Promise<T> {
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal('not_found', 'backup.no_file', { file }, `${file} can't be read (${error.message}).`)
  })
  if (!info.isFile()) throw new Refusal('invalid', 'backup.no_file', { file }, `${file} is no file.`)
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 })
  try {
    return await work(stream)
  } finally {
    stream.destroy()
  }
}

/**
 * What the database takes for rows of so many bytes as text: tables with their indexes (126 MB for 99 MB, measured with
 * members of two spreadsheets and their orders) and the log of what it writes, up to its limit. Rather too much: a
 * database ends when its disk is full.
 */
const roomFor = (bytes: number) => bytes * 2 + Math.min(bytes * 2, 4 * 1024 ** 3)

async function withDatabase(config: Config, bytes: number, work: (url: string) => Promise<void>): Promise<void> {
  if (await running(config))
    throw new Refusal(
      'conflict',
      'program.running',
      { folder: config.dataFolder },
      `Roundtrip is running on ${config.dataFolder}. Stop it first, then restore. Nothing was changed.`,
    )
  const lock = await lockFolder(config.dataFolder)
  try {
    if (config.databaseUrl !== undefined) return await work(config.databaseUrl)
    const { bavail, bsize } = await statfs(config.dataFolder)
    const [needed, free] = [roomFor(bytes), bavail * bsize]
    if (needed > free) throw noRoom({ needed, free })
    const log = openLog(config.logLevel)
    const postgres = await startPostgres({
      folder: join(config.dataFolder, 'postgres'),
      // What it refuses comes back as an error, with more in it.
      log: (line) => log.debug({ part: 'postgres' }, line),
    })
    try {
      await work(postgres.url)
    } finally {
      await postgres.stop()
    }
  } finally {
    await lock.release()
  }
}

const megabytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(1)
