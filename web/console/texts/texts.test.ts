/** What the type check can't see: texts that say another thing, are of no use, or are missing for a code of the program. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { builtInRoleCodes, permissions } from '../../../server/modules/access/contract.ts'
import { channelKinds } from '../../../server/modules/channels/contract.ts'
import { importStates } from '../../../server/modules/imports/contract.ts'
import { orderStatus } from '../../../server/modules/orders/contract.ts'
import { entryView, landscapes } from '../../../server/modules/points/contract.ts'
import { kinds as webhookKinds } from '../../../server/modules/webhooks/contract.ts'
import { en } from './en/index.ts'
import { ru } from './ru/index.ts'
import { zh } from './zh/index.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file))
}

/** Everything that the pattern's group finds in a file. */
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]!)

const values = (text: string) => [...new Set(found(text, /\{\{(\w+)/g))].sort()
const bare = (key: string) => key.replace(/_(one|few|many|other)$/, '')

describe('the languages say the same', () => {
  test.each([
    ['en', en],
    ['ru', ru],
  ] as const)('%s fills in the same values as zh', (_, texts) => {
    for (const [key, text] of Object.entries(texts)) {
      const chinese = (zh as Record<string, string>)[key in zh ? key : bare(key)]
      expect(chinese, key).toBeDefined()
      expect(values(text), key).toEqual(values(chinese!))
    }
  })

  // Names that are written alike everywhere.
  const names =
    /\{\{.*?\}\}|Roundtrip|API|CSV|XLSX|UTF-8|\.xlsx?|Excel|OTA|ERP|WeChat( Pay)?|UnionID|OpenID|UnionPay|Alipay|PayPal|Apple Pay|SBP|СБП|ROUNDTRIP_[A-Z_]+|master\.key|base64|#N\/A|1E\+10/g

  test('zh is Chinese', () => {
    for (const [key, text] of Object.entries(zh)) expect(text.replace(names, ''), key).not.toMatch(/[a-z]|[а-я]/i)
  })
  test('en is English', () => {
    for (const [key, text] of Object.entries(en))
      expect(text, key).not.toMatch(/\p{Script=Han}|[а-я]|[，。“”]?[，。：；]/iu)
  })
  test('ru is Russian', () => {
    for (const [key, text] of Object.entries(ru))
      expect(text.replace(names, ''), key).not.toMatch(/\p{Script=Han}|[a-z]|[，。：；]/iu)
  })
})

test('every text is used', () => {
  const code = sources('web/console')
    .filter((path) => !/texts\/(zh|en|ru)\//.test(path))
    .map(read)
    .join('\n')
  const groups = found(/codeGroups = \[(.*?)\]/s.exec(read('web/console/texts/texts.ts'))![1]!, /'(\w+)'/g)
  const templates = found(code, /`(\w+)\.\$\{/g)
  const named = new Set(found(code, /'([\w.]+)'/g))
  const unused = Object.keys(zh).filter((key) => {
    const group = key.split('.')[0]!
    return !named.has(key) && !groups.includes(group) && !templates.includes(group)
  })
  expect(unused).toEqual([])
})

describe('every code of the program has its text', () => {
  const translated = (group: string, codes: readonly string[]) => {
    expect(codes.length, group).toBeGreaterThan(0)
    expect(codes.filter((code) => !(`${group}.${code}` in zh))).toEqual([])
  }

  test('refusals that a page can meet', () => {
    const codes = sources('server').flatMap((path) =>
      found(read(path), /(?:Refusal|refuse)\(\s*(?:'\w+',\s*)?'(\w+\.\w+)'/g),
    )
    // Told on the command line, to members, or before there is a page to tell them on.
    const elsewhere =
      /^(backup|centre|config|folder|disk|postgres|migrations|events|warehouse|cli|command|node|test)\.|^program\.running$|^vault\.(?:no_master_key|wrong_master_key|key_service_missing)$/
    translated(
      'refusal',
      [...new Set(codes)].filter((code) => !elsewhere.test(code)),
    )
  })
  test('what cleaning changes and can not read', () => {
    const [changes, problems] = read('server/modules/cleaning/codes.ts').split('export type ProblemCode')
    translated('change', found(changes!, /\| '([\w.]+)'/g))
    translated('problem', found(problems!, /\| '([\w.]+)'/g))
  })
  test('why rows are rejected, and what a file has about itself', () => {
    translated('rejection', found(read('server/modules/imports/staging-rows.ts'), /'(row\.\w+)'/g))
    translated('warning', found(read('server/modules/imports/files/warnings.ts'), /\| '([\w.]+)'/g))
  })
  test('why a column was guessed', () => {
    const guesses = /type GuessReason =(.*?)\n\n/s.exec(read('server/modules/imports/mapping.ts'))![1]!
    translated('reason', [...found(guesses, /'(\w+)'/g), 'given', 'remembered'])
  })
  test('fields that a column can become', () => {
    translated('field', found(read('server/modules/imports/fields.ts'), /^ {2}'(\w+)',$/gm))
  })
  test('how far the work on an import has come', () => {
    const codes = sources('server/modules/imports').flatMap((path) => found(read(path), /step: '(\w+)'/g))
    translated('step', [...new Set(codes)])
    translated('importState', importStates)
  })
  test('events of the timeline', () => {
    const codes = sources('server/modules')
      // What happens to rights and staff is of no member.
      .filter((path) => path.endsWith('events.ts') && !path.includes('/access/'))
      .flatMap((path) => found(read(path), /^ {4}'([\w.]+)':/gm))
    translated('event', codes)
  })
  test('entries of points and the lines that explain them', () => {
    translated('entry', entryView.shape.kind.options)
    const explanation = read('server/modules/points/explanation.ts')
    translated('line', [
      ...found(explanation, /code: '(\w+)'/g),
      ...found(/nothing: ([^\n]*)/.exec(read('server/modules/points/rules.ts'))![1]!, /'(\w+)'/g).map(
        (why) => `nothing_${why}`,
      ),
    ])
  })
  test('what is done by the clock and in the background', () => {
    const named = sources('server').flatMap((path) => [
      ...found(read(path), /name: '([\w.]+)',\s*(?:\/\/[^\n]*\s*)*cron:/g),
      ...found(read(path), /(?:: Job = \{\s*name:|const jobName =) '([\w.]+)'/g),
    ])
    expect(named).toEqual(expect.arrayContaining(['warehouse.rebuild', 'privacy.retention', 'points.expiry']))
    translated('job', named)
  })
  test('what answers to events', () => {
    const named = sources('server/modules').flatMap((path) => found(read(path), /= reaction\(\{\s*name: '([\w.]+)'/g))
    expect(named).toContain('points.rules')
    translated('reaction', named)
  })
  test('landscapes of tiers', () => {
    translated('landscape', landscapes)
  })
  test('ways to pay, states of orders, kinds of channels, roles', () => {
    translated(
      'payment',
      found(/paymentMethods = \[(.*?)\]/s.exec(read('server/modules/cleaning/orders.ts'))![1]!, /'(\w+)'/g),
    )
    translated(
      'documentType',
      found(/documentTypes = \[(.*?)\]/s.exec(read('server/modules/cleaning/documents.ts'))![1]!, /'(\w+)'/g),
    )
    translated('orderStatus', orderStatus.options)
    translated('channelKind', channelKinds)
    translated('role', builtInRoleCodes)
    translated('permission', Object.keys(permissions))
    translated('hookKind', webhookKinds)
    translated('permissionArea', [...new Set(Object.keys(permissions).map((name) => name.split('.')[0]!))])
  })
  test('why two members may be one, or not', () => {
    const kinds = found(
      /type IdentityKind =(.*?)\n\n/s.exec(read('server/modules/members/resolve.ts'))![1]!,
      /['`](\w+)/g,
    )
    translated('evidence', [...kinds, 'decision'])
    translated(
      'review',
      found(/reason: ('names.*?)[;}]/.exec(read('server/modules/members/resolve.ts'))![1]!, /'(\w+)'/g),
    )
    const decisions = read('server/modules/members/decisions.ts')
    translated('refusal', found(decisions, /refusals\.push\(\{ code: '([\w.]+)'/g))
    translated('joinWarning', found(decisions, /warnings\.push\(\{ code: '([\w.]+)'/g))
  })
})
