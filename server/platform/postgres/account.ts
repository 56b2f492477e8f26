/**
 * Who runs PostgreSQL. It refuses to run as root, so a program that was started by root lends it a user: the one who
 * owns the cluster already, else a system account of its own, made when it is missing. `nobody` is the last choice,
 * for machines whose list of users can't be written, because other services run as `nobody` too and could then read
 * the members' files.
 */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Refusal } from '#platform/errors'

const run = promisify(execFile)
const name = 'roundtrip'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** The account for the cluster in this folder; null when the program's own user will do. */
export async function accountFor(cluster: string, log: (line: string) => void): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null
  const owner = await stat(cluster).then(
    ({ uid }) => uid,
    () => 0,
  )
  const account =
    (owner !== 0 && (await lookUp(String(owner)))) ||
    (await lookUp(name)) ||
    (await add(log)) ||
    (await lookUp('nobody'))
  if (account) return account
  throw new Refusal(
    'conflict',
    'postgres.no_account',
    {},
    'PostgreSQL refuses to run as root, and no user could be made for it. Start Roundtrip as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
  )
}

async function add(log: (line: string) => void): Promise<Account | null> {
  try {
    await run('useradd', [
      '--system',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      name,
    ])
    log(`PostgreSQL refuses to run as root: made the system user ${name} for it`)
  } catch (error) {
    // Somebody else who starts at this moment may have made it; whether it is there is asked next.
    log(`the system user ${name} could not be made: ${error instanceof Error ? error.message.trim() : error}`)
  }
  return lookUp(name)
}

/** Users come from files, directories and services of many kinds: `id` knows them all. */
async function lookUp(user: string): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return null
  }
}
