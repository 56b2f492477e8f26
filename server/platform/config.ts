/** The environment, read and checked once at the start. Secrets stand only here. */
import { isIP } from 'node:net'
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

function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split('/')
  const family = isIP(address!)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
const template = z.string().regex(/^SMS_\d+$/, 'should be the code of an approved template, such as SMS_154950909')

const environment = z.object({
  PORT: port.default(3000),
  HOST: z.string().default('0.0.0.0'),
  ROUNDTRIP_DATA: z.string().min(1, 'should name a folder').default('./data'),
  ROUNDTRIP_URL: url(['http:', 'https:']).optional(),
  ROUNDTRIP_DEMO: onOff.default('on'),
  ROUNDTRIP_SANDBOX: onOff.optional(),
  ROUNDTRIP_SMS: z.enum(['aliyun'], 'should be aliyun, or not set').optional(),
  ROUNDTRIP_SMS_URL: url(['https:', 'http:']).default('https://dysmsapi.aliyuncs.com'),
  ROUNDTRIP_SMS_KEY_ID: z
    .string()
    .regex(/^[A-Za-z0-9]{8,64}$/, 'should be the id of an access key')
    .optional(),
  ROUNDTRIP_SMS_KEY_SECRET: z.string().regex(/^\S+$/, 'should be the secret of an access key').optional(),
  ROUNDTRIP_SMS_SIGN: z.string().max(40, 'should be an approved signature').optional(),
  ROUNDTRIP_SMS_TEMPLATE: template.optional(),
  ROUNDTRIP_SMS_TEMPLATE_EN: template.optional(),
  ROUNDTRIP_SMS_TEMPLATE_RU: template.optional(),
  ROUNDTRIP_MASTER_KEY: z.string().optional(),
  ROUNDTRIP_MASTER_KEY_NEXT: z.string().optional(),
  ROUNDTRIP_KMS_URL: url(['https:', 'http:']).optional(),
  ROUNDTRIP_KMS_TOKEN: z.string().regex(/^\S+$/, 'should be a token').optional(),
  ROUNDTRIP_KMS_KEY: z
    .string()
    .regex(/^[\w.-]{1,128}$/, 'should be the name of a key')
    .default('roundtrip'),
  ROUNDTRIP_KMS_MOUNT: z
    .string()
    .regex(/^[\w.-]+(?:\/[\w.-]+)*$/, 'should be where the transit engine is mounted')
    .default('transit'),
  ROUNDTRIP_KMS_NAMESPACE: z.string().optional(),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  CLICKHOUSE_URL: url(['http:', 'https:']).optional(),
  ROUNDTRIP_PROXIES: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((one) => one && one !== 'none'))
    .refine((list) => list.every(isNetwork), 'should be addresses or networks such as 10.0.0.0/8, or none')
    .optional(),
  ROUNDTRIP_WEBHOOK_NETWORKS: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine((list) => list.every(isNetwork), 'should be addresses or networks such as 10.0.0.0/8')
    .optional(),
  ROUNDTRIP_OIDC_ISSUER: url(['https:', 'http:']).optional(),
  ROUNDTRIP_OIDC_CLIENT_ID: z.string().optional(),
  ROUNDTRIP_OIDC_CLIENT_SECRET: z.string().optional(),
  ROUNDTRIP_OIDC_NAME: z.string().max(60, 'should have at most 60 characters').default('SSO'),
  ROUNDTRIP_OIDC_ROLE: z.string().optional(),
  ROUNDTRIP_OIDC_PLACE: z
    .string()
    .regex(/^(?:group|own|company:.+|store:.+)$/, 'should be group, own, company:CODE or store:CODE')
    .optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], 'should be fatal, error, warn, info, debug or silent')
    .default('info'),
})

/** An OpenID Connect provider that knows the group's staff. */
export interface Provider {
  issuer: string
  clientId: string
  clientSecret: string | undefined
  /** As the button says it. */
  name: string
  /** What somebody unknown is given at their first sign-in; null: nobody unknown comes in. */
  newcomers: { role: string; place: string } | null
}

/** Alibaba Cloud SMS: whose account, as whom it speaks, and in which approved words. */
export interface SmsProvider {
  kind: 'aliyun'
  url: string
  accessKeyId: string
  accessKeySecret: string
  signName: string
  templates: Record<'zh-CN' | 'en' | 'ru', string>
}

/** A key service that wraps the master key: HashiCorp Vault's transit engine, or what speaks like it. */
export interface KeyServiceConfig {
  url: string
  mount: string
  key: string
  token: string
  namespace: string | undefined
}

export interface Config {
  port: number
  host: string
  dataFolder: string
  /** Public address, without a slash at its end. */
  publicUrl: string
  demo: boolean
  /** Stand-ins for the outside world answer; their outbox can be read. Off on a server of one's own and beside a provider, unless wanted. */
  sandbox: boolean
  provider: Provider | null
  /** Null: not said. */
  proxies: readonly string[] | null
  sms: SmsProvider | null
  /** Networks that are not public and that webhooks may lead to all the same. */
  privateNetworks: readonly string[]
  masterKey: string | undefined
  /** What the master key is to be changed for, where it comes from the environment. */
  masterKeyNext: string | undefined
  /** Null: the master key stands as it is. */
  keyService: KeyServiceConfig | null
  databaseUrl: string | undefined
  clickhouseUrl: string | undefined
  logLevel: z.infer<typeof environment>['LOG_LEVEL']
}

export function readConfig(from: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(from).filter(([, value]) => value?.trim()))
  const parsed = environment.safeParse(given)
  const mistakes = parsed.success
    ? missingForSms(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
  if (!parsed.success || mistakes.length > 0) {
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
    sandbox: e.ROUNDTRIP_SANDBOX ? e.ROUNDTRIP_SANDBOX === 'on' : e.DATABASE_URL === undefined && !e.ROUNDTRIP_SMS,
    provider: providerOf(e),
    proxies: e.ROUNDTRIP_PROXIES ?? null,
    sms: smsOf(e),
    privateNetworks: e.ROUNDTRIP_WEBHOOK_NETWORKS ?? [],
    masterKey: e.ROUNDTRIP_MASTER_KEY,
    masterKeyNext: e.ROUNDTRIP_MASTER_KEY_NEXT,
    keyService: keyServiceOf(e),
    databaseUrl: e.DATABASE_URL,
    clickhouseUrl: e.CLICKHOUSE_URL,
    logLevel: e.LOG_LEVEL,
  }
}

const mistake = (text: string) =>
  new Refusal('invalid', 'config.invalid', { mistakes: [text] }, `The configuration has a mistake:\n  ${text}`)
const isHere = ({ hostname }: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname)

function keyServiceOf(e: z.infer<typeof environment>): KeyServiceConfig | null {
  if (e.ROUNDTRIP_KMS_URL === undefined) return null
  if (!e.ROUNDTRIP_KMS_TOKEN) throw mistake('ROUNDTRIP_KMS_TOKEN is missing beside ROUNDTRIP_KMS_URL')
  const address = new URL(e.ROUNDTRIP_KMS_URL)
  if (address.protocol !== 'https:' && !isHere(address)) throw mistake('ROUNDTRIP_KMS_URL should begin with https://')
  return {
    url: e.ROUNDTRIP_KMS_URL.replace(/\/+$/, ''),
    mount: e.ROUNDTRIP_KMS_MOUNT,
    key: e.ROUNDTRIP_KMS_KEY,
    token: e.ROUNDTRIP_KMS_TOKEN,
    namespace: e.ROUNDTRIP_KMS_NAMESPACE,
  }
}

function providerOf(e: z.infer<typeof environment>): Provider | null {
  if (e.ROUNDTRIP_OIDC_ISSUER === undefined) return null
  if (!e.ROUNDTRIP_OIDC_CLIENT_ID) throw mistake('ROUNDTRIP_OIDC_CLIENT_ID is missing beside ROUNDTRIP_OIDC_ISSUER')
  if ((e.ROUNDTRIP_OIDC_ROLE === undefined) !== (e.ROUNDTRIP_OIDC_PLACE === undefined))
    throw mistake('ROUNDTRIP_OIDC_ROLE and ROUNDTRIP_OIDC_PLACE belong together')
  const issuer = new URL(e.ROUNDTRIP_OIDC_ISSUER)
  if (issuer.protocol !== 'https:' && !isHere(issuer)) throw mistake('ROUNDTRIP_OIDC_ISSUER should begin with https://')
  return {
    issuer: e.ROUNDTRIP_OIDC_ISSUER,
    clientId: e.ROUNDTRIP_OIDC_CLIENT_ID,
    clientSecret: e.ROUNDTRIP_OIDC_CLIENT_SECRET,
    name: e.ROUNDTRIP_OIDC_NAME,
    newcomers:
      e.ROUNDTRIP_OIDC_ROLE && e.ROUNDTRIP_OIDC_PLACE
        ? { role: e.ROUNDTRIP_OIDC_ROLE, place: e.ROUNDTRIP_OIDC_PLACE }
        : null,
  }
}

const neededForSms = [
  'ROUNDTRIP_SMS_KEY_ID',
  'ROUNDTRIP_SMS_KEY_SECRET',
  'ROUNDTRIP_SMS_SIGN',
  'ROUNDTRIP_SMS_TEMPLATE',
] as const
type Environment = z.output<typeof environment>

const missingForSms = (e: Environment): string[] =>
  e.ROUNDTRIP_SMS
    ? neededForSms.filter((name) => !e[name]).map((name) => `${name} is needed with ROUNDTRIP_SMS=${e.ROUNDTRIP_SMS}`)
    : []

/** Only what `missingForSms` has found whole. A language without a template of its own is spoken to in the first. */
function smsOf(e: Environment): SmsProvider | null {
  if (!e.ROUNDTRIP_SMS) return null
  const first = e.ROUNDTRIP_SMS_TEMPLATE!
  return {
    kind: e.ROUNDTRIP_SMS,
    url: e.ROUNDTRIP_SMS_URL,
    accessKeyId: e.ROUNDTRIP_SMS_KEY_ID!,
    accessKeySecret: e.ROUNDTRIP_SMS_KEY_SECRET!,
    signName: e.ROUNDTRIP_SMS_SIGN!,
    templates: {
      'zh-CN': first,
      en: e.ROUNDTRIP_SMS_TEMPLATE_EN ?? first,
      ru: e.ROUNDTRIP_SMS_TEMPLATE_RU ?? first,
    },
  }
}
