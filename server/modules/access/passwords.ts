/**
 * Passwords of staff. Kept as Argon2id only, above what OWASP asks (19 MiB, two passes); the runtime computes it off the
 * main thread, two at a time, so that a flood of tries neither stops the program nor takes its memory.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import type { Reading } from '#platform/db'
import { emit } from '#platform/events'
import { passwordRefused } from './errors.ts'
import { longestPassword, normalPassword, passwordProblem, shortestPassword } from './password-rules.ts'
import { staffOf } from './staff.ts'

const memoryKib = 19_456
const passes = 2
const lanes = 1
const hashBytes = 32
const atOnce = 2

interface Cost {
  memory: number
  passes: number
  parallelism: number
}

/** Looks like `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, as other programs write it too. */
export async function hashOf(password: string): Promise<string> {
  const salt = randomBytes(16)
  const cost = { memory: memoryKib, passes, parallelism: lanes }
  const hash = await derive(password, salt, cost)
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${text(salt)}$${text(hash)}`
}

/** Whether it is the password. Against no hash it takes as long, and is not. */
export async function fits(password: string, hash: string | null): Promise<boolean> {
  const read = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? nobodys)
  if (!read) throw new Error('A password is kept in a form that is not ours')
  const [, memory, times, parallelism, salt, expected] = read
  const cost = { memory: Number(memory), passes: Number(times), parallelism: Number(parallelism) }
  const found = await derive(password, Buffer.from(salt!, 'base64'), cost)
  const same = timingSafeEqual(found, Buffer.from(expected!, 'base64'))
  return same && hash !== null
}

/** Stands for whoever has none; of nothing anybody could type. */
const nobodys = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`

const waiting: (() => void)[] = []
let running = 0

async function derive(password: string, nonce: Buffer, cost: Cost): Promise<Buffer> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
  else running++
  try {
    return await new Promise((resolve, reject) =>
      argon2(
        'argon2id',
        { message: normalPassword(password), nonce, tagLength: hashBytes, ...cost },
        (error: Error | null, hash: Buffer) => (error ? reject(error) : resolve(hash)),
      ),
    )
  } finally {
    // Whoever waited longest takes the place as it is.
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

/** Refuses a password that would be guessed. Before hashing, which takes long. */
export async function refuseWeak(ctx: Reading, staffId: string, password: string): Promise<void> {
  const problem = passwordProblem(password, await staffOf(ctx, staffId))
  if (problem) throw passwordRefused(problem, { shortest: shortestPassword, longest: longestPassword })
}

export async function setPassword(ctx: Ctx, staffId: string, hash: string): Promise<void> {
  await sql`insert into access.passwords (staff_id, hash, set_at) values (${staffId}, ${hash}, ${ctx.now})
    on conflict (staff_id) do update set hash = excluded.hash, set_at = excluded.set_at`.execute(ctx.tx)
  await emit(ctx, { type: 'access.password_set', memberId: null, payload: { staffId } })
}

export async function passwordOf(ctx: Reading, staffId: string): Promise<{ hash: string; setAt: Date } | null> {
  const { rows } = await sql<{ hash: string; setAt: Date }>`
    select hash, set_at as "setAt" from access.passwords where staff_id = ${staffId}`.execute(ctx.tx)
  return rows[0] ?? null
}
