/**
 * The files of the embedded PostgreSQL: made once, whole or not at all, and given to the account that runs it.
 */
import { execFile } from 'node:child_process'
import { chown, mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Refusal } from '#platform/errors'
import type { Account } from '#platform/postgres/account'
import type { Binaries } from '#platform/postgres/binaries'
import { ownSettings, settingsFile, settingsFor, throwAway } from '#platform/postgres/settings'
import { endSurvivors } from '#platform/postgres/survivors'

const run = promisify(execFile)
const major = '18'

/**
 * What PostgreSQL is told its folder is. Started by root it runs as a user who may not enter the folders above, so it
 * is put into the folder and told to stay: this path leads there without touching any of them.
 */
export function placeOf(cluster: string, account: Account | null): string {
  return account && process.platform === 'linux' ? '/proc/self/cwd' : cluster
}

/** The environment of PostgreSQL's programs: nothing of ours (secrets, PG… variables) and English messages. */
export const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH ?? '/usr/bin:/bin' }

/**
 * Makes the cluster when there is none. It is drawn up beside its place and moved there when it is complete, so a
 * program killed on the way leaves only a draft, which the next start throws away.
 */
export async function haveCluster(
  cluster: string,
  with_: { account: Account | null; binaries: Binaries; test: boolean },
): Promise<void> {
  await throwDraftsAway(cluster)
  await ownedBy(with_.account, cluster)
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(orNullIfMissing)
  if (version === null) await make(cluster, with_)
  else if (version.trim() !== major)
    throw new Refusal(
      'conflict',
      'postgres.other_version',
      { version: version.trim(), expected: major },
      `The database in ${cluster} was written by PostgreSQL ${version.trim()}, and this Roundtrip brings PostgreSQL ${major}. Start it with the Roundtrip that wrote it.`,
    )
}

async function make(
  cluster: string,
  { account, binaries, test }: { account: Account | null; binaries: Binaries; test: boolean },
): Promise<void> {
  // The only copy of something may lie there: what isn't a cluster is never overwritten.
  if ((await readdir(cluster).catch(orNullIfMissing))?.length)
    throw new Refusal(
      'conflict',
      'postgres.foreign_folder',
      { folder: cluster },
      `${cluster} has files in it that are no PostgreSQL database. Move them away, then start again.`,
    )
  const draft = `${cluster}.draft-${process.pid}`
  await mkdir(draft, { recursive: true, mode: 0o700 })
  if (account) await chown(draft, account.uid, account.gid)
  const orders = [
    ['-D', placeOf(draft, account)],
    ['--username=roundtrip', '--auth-local=trust', '--auth-host=reject', '--no-instructions'],
    // Sorted and folded by PostgreSQL itself, so that indexes stay right whatever the machine's library does.
    ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    test ? ['--no-sync'] : [],
  ].flat()
  try {
    await run(binaries.initdb, orders, { ...account, cwd: draft, env: environment })
    await rename(draft, cluster)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

async function throwDraftsAway(cluster: string): Promise<void> {
  await mkdir(dirname(cluster), { recursive: true, mode: 0o700 })
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(`${basename(cluster)}.draft-`)) continue
    const draft = join(dirname(cluster), name)
    await endSurvivors(draft)
    await rm(draft, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A cluster that came from elsewhere, by a copy or a backup, may belong to nobody here. */
async function ownedBy(account: Account | null, cluster: string): Promise<void> {
  const uid = await stat(cluster).then(({ uid }) => uid, orNullIfMissing)
  if (uid === null) return
  if (account && uid !== account.uid) await run('chown', ['-R', '-h', `${account.uid}:${account.gid}`, cluster])
  if (account || uid === process.getuid?.()) return
  throw new Refusal(
    'conflict',
    'postgres.other_owner',
    { folder: cluster },
    `The database in ${cluster} belongs to another user of this machine. Start Roundtrip as that user, or as root, or set ROUNDTRIP_DATA to another folder.`,
  )
}

/** Written beside and moved into place: root must not follow a link that lies in a folder of somebody else. */
export async function writeSettings(
  cluster: string,
  { account, test, memoryBytes }: { account: Account | null; test: boolean; memoryBytes: number | undefined },
): Promise<void> {
  const disk = await statfs(cluster)
  const settings = settingsFor({
    memoryBytes: memoryBytes ?? memoryOfMachine(),
    freeDiskBytes: disk.bavail * disk.bsize,
    cores: availableParallelism(),
  })
  const draft = join(cluster, 'postgresql.conf.draft')
  await rm(draft, { force: true })
  const hasOwn = (await readdir(cluster)).includes(ownSettings)
  await writeFile(draft, settingsFile({ ...settings, ...(test ? throwAway : {}) }, { hasOwn }), {
    flag: 'wx',
    mode: 0o600,
  })
  if (account) await chown(draft, account.uid, account.gid)
  await rename(draft, join(cluster, 'postgresql.conf'))
}

function orNullIfMissing(error: unknown): null {
  if ((error as { code?: string }).code === 'ENOENT') return null
  throw error
}

/** A container may have been given less than the machine has. */
function memoryOfMachine(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
