/**
 * Processes of PostgreSQL that outlived the program which started them. They are known by where they work: all of
 * them have the cluster's folder as their working directory, and PostgreSQL's own file postmaster.pid may name a
 * number that another process carries by now.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Ends them: politely first, because a shutdown with a checkpoint makes the next start fast. Returns how many there were. */
export async function endSurvivors(cluster: string): Promise<number> {
  const found = await workingIn(cluster)
  if (found.length === 0) return 0
  const postmaster = Number.parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => ''), 10)
  if (found.includes(postmaster)) {
    signal([postmaster], 'SIGINT')
    if (await areGone(cluster, 60)) return found.length
  }
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    signal(await workingIn(cluster), name)
    if (await areGone(cluster, 5)) return found.length
  }
  throw new Error(
    `PostgreSQL of an earlier start still runs in ${cluster} and can't be ended: processes ${found.join(', ')}`,
  )
}

async function areGone(cluster: string, seconds: number): Promise<boolean> {
  for (let waited = 0; waited < seconds; waited += 0.05) {
    if ((await workingIn(cluster)).length === 0) return true
    await sleep(50)
  }
  return false
}

function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, name)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ESRCH') throw error
    }
}

/** On systems without /proc only the postmaster's own file is left to ask. */
async function workingIn(cluster: string): Promise<number[]> {
  if (process.platform !== 'linux') return fromItsFile(cluster)
  const folder = await realpath(cluster).catch(() => cluster)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  const programs = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')))
  return pids.filter((_, i) => places[i] === folder && /^(postgres|initdb)\n$/.test(programs[i]!))
}

async function fromItsFile(cluster: string): Promise<number[]> {
  const pid = Number.parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => ''), 10)
  if (!pid) return []
  const program = await run('ps', ['-p', String(pid), '-o', 'comm=']).catch(() => ({ stdout: '' }))
  return program.stdout.includes('postgres') ? [pid] : []
}
