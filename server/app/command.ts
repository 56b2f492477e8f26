/** What a command is, and how it speaks: results on stdout, everything else on stderr. */
import type { Config } from '#platform/config'

export interface Command {
  name: string
  usage: string
  about: string
  details?: string
  options?: Record<string, { type: 'string' | 'boolean' }>
  arguments?: [number, number]
  run(config: Config, given: Given): Promise<number>
}

export interface Given {
  words: string[]
  options: Record<string, string | boolean | undefined>
  json: boolean
}

export const print = (text: string) => process.stdout.write(`${text}\n`)

/** One JSON document, or the lines for a person. */
export function printResult<T>(given: Given, result: T, lines: (result: T) => string[]): void {
  if (given.json) print(JSON.stringify(result))
  else for (const line of lines(result)) print(line)
}

/** Progress on one line of a terminal; nothing where nobody watches. */
export function progressLine(): { show(text: string): void; done(): void } {
  if (!process.stderr.isTTY) return { show: () => {}, done: () => {} }
  return { show: (line) => process.stderr.write(`\r\u001b[K${line}`), done: () => process.stderr.write('\r\u001b[K') }
}

/** The command itself is wrong: exit code 2. */
export class UsageError extends Error {}

export const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined
