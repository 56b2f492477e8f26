/** The environment, read and checked once at the start. Secrets stand only here. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { Refusal } from '#platform/errors'

const port = z.coerce
  .number('should be a number')
  .int('should be a whole number')
  .min(0, 'should be between 0 and 65535')
  .max(65_535, 'should be between 0 and 65535')
const url = (protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `should be an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    )
const onOff = z.enum(['on', 'off'], 'should be on or off')

const environment = z.object({
  PORT: port.default(3000),
  HOST: z.string().default('0.0.0.0'),
  ROUNDTRIP_DATA: z.string().min(1, 'should name a folder').default('./data'),
  ROUNDTRIP_URL: url(['http:', 'https:']).optional(),
  ROUNDTRIP_DEMO: onOff.default('on'),
  ROUNDTRIP_SANDBOX: onOff.optional(),
  ROUNDTRIP_MASTER_KEY: z.string().optional(),
  ROUNDTRIP_MASTER_KEY_NEXT: z.string().optional(),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  CLICKHOUSE_URL: url(['http:', 'https:']).optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], 'should be fatal, error, warn, info, debug or silent')
    .default('info'),
})

export interface Config {
  port: number
  host: string
  dataFolder: string
  /** Public address, without a slash at its end. */
  publicUrl: string
  demo: boolean
  /** Stand-ins for the outside world answer; their outbox can be read. Off on a server of one's own, unless wanted. */
  sandbox: boolean
  masterKey: string | undefined
  /** What the master key is to be changed for, where it comes from the environment. */
  masterKeyNext: string | undefined
  databaseUrl: string | undefined
  clickhouseUrl: string | undefined
  logLevel: z.infer<typeof environment>['LOG_LEVEL']
}

export function readConfig(from: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(from).filter(([, value]) => value?.trim()))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
    throw new Refusal(
      'invalid',
      'config.invalid',
      { mistakes },
      `The configuration has ${mistakes.length === 1 ? 'a mistake' : 'mistakes'}:\n  ${mistakes.join('\n  ')}`,
    )
  }
  const e = parsed.data
  return {
    port: e.PORT,
    host: e.HOST,
    dataFolder: resolve(e.ROUNDTRIP_DATA),
    publicUrl: (e.ROUNDTRIP_URL ?? `http://localhost:${e.PORT}`).replace(/\/+$/, ''),
    demo: e.ROUNDTRIP_DEMO === 'on',
    sandbox: e.ROUNDTRIP_SANDBOX ? e.ROUNDTRIP_SANDBOX === 'on' : e.DATABASE_URL === undefined,
    masterKey: e.ROUNDTRIP_MASTER_KEY,
    masterKeyNext: e.ROUNDTRIP_MASTER_KEY_NEXT,
    databaseUrl: e.DATABASE_URL,
    clickhouseUrl: e.CLICKHOUSE_URL,
    logLevel: e.LOG_LEVEL,
  }
}
