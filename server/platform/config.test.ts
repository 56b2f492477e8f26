import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#platform/config'
import { Refusal } from '#platform/errors'

const mistakesOf = (environment: Record<string, string>) => {
  try {
    readConfig(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    expect(error).toMatchObject({ kind: 'invalid', code: 'config.invalid' })
    return error as Refusal
  }
  throw new Error('The configuration was taken')
}

test('with nothing set it runs here, on port 3000, from the data folder, with its own engines', () => {
  expect(readConfig({})).toEqual({
    port: 3000,
    host: '0.0.0.0',
    dataFolder: resolve('data'),
    publicUrl: 'http://localhost:3000',
    demo: true,
    sandbox: true,
    sms: null,
    privateNetworks: [],
    provider: null,
    proxies: null,
    masterKey: undefined,
    keyService: null,
    databaseUrl: undefined,
    clickhouseUrl: undefined,
    logLevel: 'info',
  })
})

test('what is set is taken; an empty or blank value counts as not set', () => {
  const config = readConfig({
    PORT: '8080',
    HOST: '127.0.0.1',
    ROUNDTRIP_DATA: '/srv/club',
    ROUNDTRIP_URL: 'https://club.example/',
    ROUNDTRIP_DEMO: 'off',
    ROUNDTRIP_MASTER_KEY: 'k',
    DATABASE_URL: 'postgresql://club@db/club',
    CLICKHOUSE_URL: 'https://warehouse.example:8443',
    LOG_LEVEL: 'debug',
    SOMETHING_ELSE: 'of the machine',
  })
  expect(config).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    dataFolder: '/srv/club',
    publicUrl: 'https://club.example',
    demo: false,
    // A server of one's own is not for stand-ins.
    sandbox: false,
    masterKey: 'k',
    databaseUrl: 'postgresql://club@db/club',
    clickhouseUrl: 'https://warehouse.example:8443',
    logLevel: 'debug',
  })
  expect(readConfig({ PORT: '', DATABASE_URL: '  ', LOG_LEVEL: '' })).toEqual(readConfig({}))
  expect(readConfig({ PORT: '81' }).publicUrl).toBe('http://localhost:81')
})

test.for([
  [{ PORT: 'eighty' }, 'PORT should be a number'],
  [{ PORT: '80.5' }, 'PORT should be a whole number'],
  [{ PORT: '65536' }, 'PORT should be between 0 and 65535'],
  [{ PORT: '-1' }, 'PORT should be between 0 and 65535'],
  [{ ROUNDTRIP_URL: 'club.example' }, 'ROUNDTRIP_URL should be an address that begins with http:// or https://'],
  [{ ROUNDTRIP_URL: 'ftp://club.example' }, 'ROUNDTRIP_URL should be an address that begins with http:// or https://'],
  [{ ROUNDTRIP_DEMO: 'yes' }, 'ROUNDTRIP_DEMO should be on or off'],
  [
    { DATABASE_URL: 'mysql://db/club' },
    'DATABASE_URL should be an address that begins with postgres:// or postgresql://',
  ],
  [{ CLICKHOUSE_URL: 'warehouse:8123' }, 'CLICKHOUSE_URL should be an address that begins with http:// or https://'],
  [{ ROUNDTRIP_SMS: 'twilio' }, 'ROUNDTRIP_SMS should be aliyun, or not set'],
  [{ ROUNDTRIP_SMS_URL: 'dysmsapi' }, 'ROUNDTRIP_SMS_URL should be an address that begins with https:// or http://'],
  [
    { ROUNDTRIP_SMS_TEMPLATE_EN: '154950909' },
    'ROUNDTRIP_SMS_TEMPLATE_EN should be the code of an approved template, such as SMS_154950909',
  ],
  [{ ROUNDTRIP_SMS_KEY_ID: 'not a key' }, 'ROUNDTRIP_SMS_KEY_ID should be the id of an access key'],
  [
    { ROUNDTRIP_PROXIES: '10.0.0.0/40' },
    'ROUNDTRIP_PROXIES should be addresses or networks such as 10.0.0.0/8, or none',
  ],
  [{ ROUNDTRIP_OIDC_ISSUER: 'https://id.example' }, 'ROUNDTRIP_OIDC_CLIENT_ID is missing beside ROUNDTRIP_OIDC_ISSUER'],
  [
    { ROUNDTRIP_OIDC_ISSUER: 'http://id.example', ROUNDTRIP_OIDC_CLIENT_ID: 'roundtrip' },
    'ROUNDTRIP_OIDC_ISSUER should begin with https://',
  ],
  [{ ROUNDTRIP_OIDC_PLACE: 'shop' }, 'ROUNDTRIP_OIDC_PLACE should be group, own, company:CODE or store:CODE'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL should be fatal, error, warn, info, debug or silent'],
] as const)('%o is named: %s', ([environment, mistake]) => {
  const refusal = mistakesOf(environment)
  expect(refusal.params).toEqual({ mistakes: [mistake] })
  expect(refusal.message).toBe(`The configuration has a mistake:\n  ${mistake}`)
})

test('several mistakes are all told at once, and no secret with them', () => {
  const refusal = mistakesOf({ PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://club:s3cret@db/club' })
  expect(refusal.message).toMatch(/^The configuration has mistakes:\n/)
  expect((refusal.params.mistakes as string[]).map((mistake) => mistake.split(' ')[0]).sort()).toEqual([
    'DATABASE_URL',
    'LOG_LEVEL',
    'PORT',
  ])
  expect(refusal.message).not.toContain('s3cret')
})

test('the sandbox is on or off as it is told, whatever the database is', () => {
  const sandbox = (from: Record<string, string>) => readConfig(from).sandbox
  expect(sandbox({ ROUNDTRIP_SANDBOX: 'off' })).toBe(false)
  expect(sandbox({ DATABASE_URL: 'postgresql://db/club', ROUNDTRIP_SANDBOX: 'on' })).toBe(true)
})

const aliyun = {
  ROUNDTRIP_SMS: 'aliyun',
  ROUNDTRIP_SMS_KEY_ID: 'LTAI5tExample',
  ROUNDTRIP_SMS_KEY_SECRET: 'kept-to-itself',
  ROUNDTRIP_SMS_SIGN: '远岫旅业',
  ROUNDTRIP_SMS_TEMPLATE: 'SMS_154950909',
}

test('a provider of messages is whole or named as missing, and turns the sandbox off', () => {
  expect(readConfig({ ...aliyun, ROUNDTRIP_SMS_TEMPLATE_RU: 'SMS_7' })).toMatchObject({
    sandbox: false,
    sms: {
      kind: 'aliyun',
      url: 'https://dysmsapi.aliyuncs.com',
      accessKeyId: 'LTAI5tExample',
      accessKeySecret: 'kept-to-itself',
      signName: '远岫旅业',
      templates: { 'zh-CN': 'SMS_154950909', en: 'SMS_154950909', ru: 'SMS_7' },
    },
  })
  expect(readConfig({ ...aliyun, ROUNDTRIP_SANDBOX: 'on' }).sandbox).toBe(true)
  const refusal = mistakesOf({ ...aliyun, ROUNDTRIP_SMS_SIGN: '', ROUNDTRIP_SMS_KEY_ID: '' })
  expect(refusal.params.mistakes).toEqual([
    'ROUNDTRIP_SMS_KEY_ID is needed with ROUNDTRIP_SMS=aliyun',
    'ROUNDTRIP_SMS_SIGN is needed with ROUNDTRIP_SMS=aliyun',
  ])
  expect(refusal.message).not.toContain('kept-to-itself')
})

test('the identity provider is whole, with what newcomers are given where it is said', () => {
  const set = {
    ROUNDTRIP_OIDC_ISSUER: 'https://id.example',
    ROUNDTRIP_OIDC_CLIENT_ID: 'roundtrip',
    ROUNDTRIP_OIDC_CLIENT_SECRET: 'kept-to-itself',
  }
  expect(readConfig(set).provider).toEqual({
    issuer: 'https://id.example',
    clientId: 'roundtrip',
    clientSecret: 'kept-to-itself',
    name: 'SSO',
    newcomers: null,
  })
  const newcomers = { ROUNDTRIP_OIDC_ROLE: 'store-staff', ROUNDTRIP_OIDC_PLACE: 'store:S-01' }
  expect(readConfig({ ...set, ...newcomers }).provider?.newcomers).toEqual({ role: 'store-staff', place: 'store:S-01' })
  expect(mistakesOf({ ...set, ROUNDTRIP_OIDC_ROLE: 'auditor' }).message).toContain('belong together')
})

test('whose word about addresses counts is said by address and network, or is nobody', () => {
  const proxies = (text: string) => readConfig({ ROUNDTRIP_PROXIES: text }).proxies
  expect(proxies('10.1.2.3, fd00::/8')).toEqual(['10.1.2.3', 'fd00::/8'])
  expect(proxies('none')).toEqual([])
})

test('private networks for webhooks are networks', () => {
  expect(readConfig({ ROUNDTRIP_WEBHOOK_NETWORKS: '10.20.0.0/16, fd00::/8' }).privateNetworks).toEqual([
    '10.20.0.0/16',
    'fd00::/8',
  ])
  expect(() => readConfig({ ROUNDTRIP_WEBHOOK_NETWORKS: 'office' })).toThrow('ROUNDTRIP_WEBHOOK_NETWORKS')
})
