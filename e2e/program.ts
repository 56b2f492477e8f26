/** The real program on an empty data folder, as a newcomer starts it, for as long as a test needs it. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Program {
  readonly url: string
  /** Its data folder, by which commands find it. */
  readonly folder: string
  /** What it printed so far. */
  printed(): string
  /** The sign-in link of its first start. */
  readonly link: string
  stop(): Promise<void>
}

const startsWithinSeconds = 90

export async function startProgram(): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-e2e-'))
  const port = await freePort()
  const program = spawn(join(import.meta.dirname, '../bin/roundtrip'), ['start'], {
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      ROUNDTRIP_DATA: folder,
      ROUNDTRIP_DEMO: 'off',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const ended = new Promise<void>((resolve) => program.once('exit', () => resolve()))
  const link = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`The program did not start:\n${printed}`)),
      startsWithinSeconds * 1000,
    )
    const hear = (chunk: Buffer) => {
      printed += chunk
      const found = /https?:\/\/\S+\/sign-in#token=\S+/.exec(printed)?.[0]
      if (!found) return
      clearTimeout(late)
      resolve(found)
    }
    program.stdout.on('data', hear)
    program.stderr.on('data', hear)
    program.once('exit', (code) => reject(new Error(`The program ended with ${code}:\n${printed}`)))
  })
  return {
    url: `http://localhost:${port}`,
    folder,
    printed: () => printed,
    link,
    async stop() {
      program.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
