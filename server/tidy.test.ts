/**
 * Reads the source and checks what STYLE.md promises a newcomer: who may import whom, whose tables are whose, and that
 * nothing lies about. Each rule is proven on a small tree of its own with one thing out of place.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseSync } from 'vite'
import { test as base, expect } from 'vitest'

const root = join(import.meta.dirname, '..')
const longestFile = 500
// In two parts, or this file would be found.
const unfinished = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\\b`)

base('the source keeps its own rules', async () => {
  expect(await untidy(root)).toEqual([])
  expect((await tableOwners(root)).get('points.entries')).toBe('points')
})

const test = base.extend<{ tree: (files: Record<string, string>) => Promise<string> }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  tree: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-tidy-'))
    await use(async (files) => {
      for (const [path, text] of Object.entries({ ...tidyTree, ...files })) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
      return folder
    })
    await rm(folder, { recursive: true })
  },
})

/** Everything that is allowed, once. */
const tidyTree = {
  'db/migrations/0001_all.sql': `create table platform.events (id int); create table guests.guests (id int);
    create unlogged table stays.stays (id int); create or replace view stays.open as select 1;`,
  'server/app/modules.ts': `import { module as guests } from '../modules/guests/module.ts'
    import { module as stays } from '../modules/stays/module.ts'
    export const modules = [guests, stays]`,
  'server/platform/events.ts': 'export const emit = () => sql`insert into platform.events select 1`',
  'server/platform/contract.ts': `import type { z } from 'zod'; export type Route = z.ZodType`,
  'server/modules/cleaning/index.ts': 'export const clean = 1',
  'server/modules/guests/index.ts': `export { guestOf } from './guests.ts'`,
  'server/modules/guests/module.ts': 'export const module = {}',
  'server/modules/guests/contract.ts': `import { z } from 'zod'; import type { Route } from '#platform/contract'; export type R = Route | z.ZodType`,
  'server/modules/guests/guests.ts': `import { clean } from '#modules/cleaning'; import { emit } from '#platform/events'
    // The table guests.guests is ours; stays.stays may be spoken of.
    export const guestOf = () => sql\`select * from guests.guests where \${clean} and \${emit}\``,
  'server/modules/stays/module.ts': `import { stay } from './stays.ts'; export const module = { stay }`,
  'server/modules/stays/stays.ts': `import { guestOf } from '#modules/guests'
    declare module '#platform/events' { interface Events { 'stays.stays': { guests: number } } }
    export const stay = async () => { try { await guestOf() } catch (error) { throw new Error('stays.stays', { cause: error }) } }
    export const all = sql\`select * from stays.stays, stays.open\``,
  'server/modules/stays/contract.ts': `export type { R } from '#modules/guests/contract'`,
  'server/modules/guests/guests.test.ts': `import { test } from '#app/testing'; import { stay } from '#modules/stays'
    test('a stay', () => stay().catch(() => {
      // The guest has none.
    }).then(() => sql\`select 1 from stays.stays\`))`,
  'web/console/main.ts': `import { bookStay } from '#modules/guests/contract'; import type { Route } from '#platform/contract'; export const page: Route = bookStay`,
}

test('a tidy tree is found tidy', async ({ tree }) => {
  expect(await untidy(await tree({}))).toEqual([])
})

const guests = 'server/modules/guests/guests.ts'
test.for<[string, Record<string, string>, string]>([
  [
    'a module that calls a later one',
    { [guests]: `\nimport { stay } from '#modules/stays'` },
    `${guests}:2 imports #modules/stays: stays comes after guests in server/app/modules.ts`,
  ],
  [
    'a later one by its types only',
    { [guests]: `export type S = import('#modules/stays').Stay` },
    `${guests}:1 imports #modules/stays: stays comes after guests in server/app/modules.ts`,
  ],
  [
    'cleaning, which comes before all, calling anybody',
    { 'server/modules/cleaning/index.ts': `export * from '#modules/guests'` },
    'server/modules/cleaning/index.ts:1 imports #modules/guests: guests comes after cleaning in server/app/modules.ts',
  ],
  [
    'a file within another module',
    { 'server/modules/stays/stays.ts': `import { guestOf } from '../guests/guests.ts'` },
    'server/modules/stays/stays.ts:1 imports ../guests/guests.ts: of guests only its index is for others',
  ],
  [
    'the contract of another module',
    { 'server/modules/stays/stays.ts': `import { bookStay } from '#modules/guests/contract'` },
    'server/modules/stays/stays.ts:1 imports #modules/guests/contract: of guests only its index is for others',
  ],
  [
    'a module that reaches for the app',
    { [guests]: `await import('#app/house')` },
    `${guests}:1 imports #app/house: only app may import app`,
  ],
  [
    'a test that reaches for more of the app than its builders',
    { 'server/modules/guests/guests.test.ts': `import { openHouse } from '#app/house'` },
    'server/modules/guests/guests.test.ts:1 imports #app/house: only app may import app',
  ],
  [
    'a module that nobody has listed',
    { 'server/modules/coupons/index.ts': 'export const coupon = 1' },
    'server/modules/coupons is not in server/app/modules.ts',
  ],
  [
    'a platform that knows a module',
    { 'server/platform/events.ts': `export { guestOf } from '#modules/guests'` },
    'server/platform/events.ts:1 imports #modules/guests: platform knows no module',
  ],
  [
    'a platform that knows the app',
    { 'server/platform/events.ts': `new Worker(new URL('../app/modules.ts', import.meta.url))` },
    'server/platform/events.ts:1 imports ../app/modules.ts: only app may import app',
  ],
  [
    'a module.ts imported by another than app',
    { 'server/modules/stays/stays.ts': `import { module } from '../guests/module.ts'` },
    'server/modules/stays/stays.ts:1 imports ../guests/module.ts: only app imports module.ts',
  ],
  [
    "another's table in SQL",
    { 'server/modules/stays/stays.ts': '\n\nexport const q = sql`select 1 from\n guests.guests`' },
    "server/modules/stays/stays.ts:4 names guests.guests, which only guests' code names",
  ],
  [
    "another's view, in a plain string",
    { [guests]: `pool.query('select 1 from stays.open')` },
    `${guests}:1 names stays.open, which only stays' code names`,
  ],
  [
    "another's table by sql.table",
    { [guests]: `sql.table('stays.stays')` },
    `${guests}:1 names stays.stays, which only stays' code names`,
  ],
  [
    "platform's table in a module",
    { [guests]: 'sql`delete from platform.events`' },
    `${guests}:1 names platform.events, which only platform's code names`,
  ],
  [
    'the tables of the jobs',
    { [guests]: 'sql`select graphile_worker.add_job(1)`' },
    `${guests}:1 names graphile_worker.add_job, which only platform's code names`,
  ],
  [
    "a module's table in the app",
    { 'server/app/modules.ts': `${tidyTree['server/app/modules.ts']}; sql\`truncate stays.stays\`` },
    "server/app/modules.ts:3 names stays.stays, which only stays' code names",
  ],
  [
    'a page that imports the server',
    { 'web/console/main.ts': `import { guestOf } from '#modules/guests'` },
    'web/console/main.ts:1 imports #modules/guests: web imports only contract.ts of the server',
  ],
  [
    'a page that imports the platform',
    { 'web/ui/call.tsx': `import type { Ctx } from '../../server/platform/ctx.ts'` },
    'web/ui/call.tsx:1 imports ../../server/platform/ctx.ts: web imports only contract.ts of the server',
  ],
  [
    'a contract that brings code of the server to the browser',
    { 'server/modules/guests/contract.ts': `import { guestOf } from './guests.ts'` },
    'server/modules/guests/contract.ts:1 imports ./guests.ts: a contract imports only zod and contracts',
  ],
  [
    'the contract of a later module in a contract',
    { 'server/modules/guests/contract.ts': `import { bookStay } from '#modules/stays/contract'` },
    'server/modules/guests/contract.ts:1 imports #modules/stays/contract: stays comes after guests in server/app/modules.ts',
  ],
  [
    'work that was put off',
    { [guests]: `// ${['TO', 'DO'].join('')}: later` },
    `${guests}:1 puts work off: ${['TO', 'DO'].join('')}: later`,
  ],
  ['a word to the console', { [guests]: `console.log('here')` }, `${guests}:1 writes to the console`],
  ['an error that is swallowed', { [guests]: 'try { stay() } catch (error) {}' }, `${guests}:1 swallows an error`],
  ['a rejection that is swallowed', { [guests]: 'stay().catch(() => {})' }, `${guests}:1 swallows an error`],
  [
    'a file that nobody reads to its end',
    { [guests]: '\n'.repeat(500) },
    `${guests} has 501 lines, more than ${longestFile}`,
  ],
])('%s is named', async ([, files, violation], { tree }) => {
  expect(await untidy(await tree(files))).toEqual([violation])
})

/** What is out of place, a line each. */
async function untidy(root: string): Promise<string[]> {
  const order = ['cleaning', ...(await modulesInOrder(root))]
  const owners = await tableOwners(root)
  const files = [...(await sourceFiles(root, 'server')), ...(await sourceFiles(root, 'web'))].sort()
  const found: string[] = []
  for (const name of await foldersOf(join(root, 'server/modules'))) {
    if (!order.includes(name)) found.push(`server/modules/${name} is not in server/app/modules.ts`)
  }
  for (const path of files) {
    const source = read(path, await readFile(join(root, path), 'utf8'))
    const say = (at: number, what: string) => found.push(`${path}:${source.lineOf(at)} ${what}`)
    for (const { specifier, at } of source.imports) {
      const reason = wrongImport(path, specifier, order)
      if (reason) say(at, `imports ${specifier}: ${reason}`)
    }
    if (!path.startsWith('server/')) continue
    const home = homeOf(path)
    for (const { name, at } of isTest(path) ? [] : source.names) {
      const [schema] = name.split('.')
      const owner = schema === 'graphile_worker' ? 'platform' : owners.get(name)
      if (owner && owner !== home)
        say(at, `names ${name}, which only ${owner}' code names`.replace(/(?<!s)' code/, "'s code"))
    }
    for (const { at, what } of source.litter) say(at, what)
    if (!isTest(path) && source.lines > longestFile)
      found.push(`${path} has ${source.lines} lines, more than ${longestFile}`)
  }
  return found
}

/** Why a file may not import this; null when it may. */
function wrongImport(path: string, specifier: string, order: readonly string[]): string | null {
  const target = targetOf(path, specifier)
  if (path.startsWith('web/')) {
    const allowed = !target.startsWith('server/') || target.endsWith('/contract.ts')
    return allowed ? null : 'web imports only contract.ts of the server'
  }
  const [from, to] = [homeOf(path), homeOf(target)]
  const late = order.indexOf(to) > order.indexOf(from) ? `${to} comes after ${from} in server/app/modules.ts` : null
  if (path.endsWith('/contract.ts')) {
    if (target !== 'zod' && !target.endsWith('/contract.ts')) return 'a contract imports only zod and contracts'
    return to === 'platform' ? null : late
  }
  if (from === 'app' || from === to || !target.startsWith('server/') || to === 'platform') return null
  if (to === 'app') return isTest(path) && target === 'server/app/testing.ts' ? null : 'only app may import app'
  if (target.endsWith('/module.ts')) return 'only app imports module.ts'
  if (from === 'platform') return 'platform knows no module'
  if (late && !isTest(path)) return late
  return target.endsWith('/index.ts') ? null : `of ${to} only its index is for others`
}

/**
 * Files that only tests run. A test tells a story: it may ask a later module, and look into another's tables, whether
 * it has come true.
 */
const isTest = (path: string) => /[./]test(ing)?\.ts$/.test(path)

/** `app`, `platform` or the name of the module. */
function homeOf(path: string): string {
  const [, part, module] = path.split('/')
  return part === 'modules' ? module! : part!
}

function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier)
  const [, kind, rest] = /^#(platform|modules|app|ui)\/(.+)$/.exec(specifier) ?? []
  if (kind === 'platform' || kind === 'app') return `server/${kind}/${rest}.ts`
  if (kind === 'modules') return `server/modules/${rest!.endsWith('/contract') ? rest : `${rest}/index`}.ts`
  return specifier
}

interface Source {
  imports: { specifier: string; at: number }[]
  /** What SQL in the file names as `schema.table`. */
  names: { name: string; at: number }[]
  litter: { at: number; what: string }[]
  lines: number
  lineOf(at: number): number
}

type Node = { type: string; start: number } & Record<string, unknown>

function read(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} can't be read: ${errors[0]!.message}`)
  const imports: Source['imports'] = []
  const names: Source['names'] = []
  const litter: Source['litter'] = []
  for (const comment of comments) {
    const put = unfinished.exec(comment.value)
    if (put) litter.push({ at: comment.start, what: `puts work off: ${comment.value.slice(put.index).trim()}` })
  }
  const literal = (value: unknown) => {
    const node = value as { value?: unknown; start: number } | null | undefined
    if (typeof node?.value === 'string') imports.push({ specifier: node.value, at: node.start })
  }
  // A sentence that says why may stand for the code that isn't there.
  const swallows = (node: Node) => {
    const body = node.body as Node & { end: number; body?: unknown }
    const says = comments.some(({ start, end }) => start > body.start && end < body.end)
    return body.type === 'BlockStatement' && Array.isArray(body.body) && body.body.length === 0 && !says
  }
  const visit = (node: Node, parents: readonly Node[]) => {
    const parent = parents.at(-1)
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSImportType':
        literal(node.source)
        break
      case 'NewExpression':
        if ((node.callee as Node).name === 'URL' && /^\.{1,2}\//.test(`${(node.arguments as Node[])[0]?.value}`)) {
          literal((node.arguments as Node[])[0])
        }
        break
      case 'TemplateElement': {
        const { raw } = node.value as { raw: string }
        names.push(...namedIn(raw, /()\b([a-z_]+\.[a-z_]+)\b/g, node.start))
        break
      }
      case 'Literal':
        if (typeof node.value !== 'string') break
        if (/^sql\.(table|ref|id)$/.test(calleeOf(parent))) names.push({ name: node.value, at: node.start })
        names.push(...namedIn(node.value, sqlBefore, node.start))
        break
      case 'MemberExpression':
        if ((node.object as Node).name === 'console') litter.push({ at: node.start, what: 'writes to the console' })
        break
      case 'CatchClause':
        if (swallows(node)) litter.push({ at: node.start, what: 'swallows an error' })
        break
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        if (/\.catch$/.test(calleeOf(parent)) && swallows(node))
          litter.push({ at: node.start, what: 'swallows an error' })
        break
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child?.type === 'string') visit(child as Node, [...parents, node])
      }
    }
  }
  visit(program as unknown as Node, [])
  return {
    imports,
    names,
    litter,
    lines: text.split('\n').length,
    lineOf: (at) => text.slice(0, at).split('\n').length,
  }
}

/** In a plain string a table is what follows such a word; `stays.booked` may be an event's name as well. */
const sqlBefore = /\b(from|join|into|update|table|only|truncate|using|references|copy)\s+([a-z_]+\.[a-z_]+)\b/gi

function namedIn(text: string, shape: RegExp, start: number): Source['names'] {
  return [...text.matchAll(shape)].map((match) => ({ name: match[2]!, at: start + match.index + match[0].length }))
}

/** `sql.table` of `sql.table(…)`; empty for anything else. */
function calleeOf(node: Node | undefined): string {
  if (node?.type !== 'CallExpression') return ''
  const { object, property } = node.callee as { object?: Node; property?: Node }
  return `${object?.name ?? ''}.${property?.name ?? ''}`
}

async function modulesInOrder(root: string): Promise<string[]> {
  const text = await readFile(join(root, 'server/app/modules.ts'), 'utf8')
  const folders = new Map(
    [...text.matchAll(/module as (\w+) \} from '\.\.\/modules\/([\w-]+)\/module\.ts'/g)].map((m) => [m[1], m[2]!]),
  )
  const list = /modules\b[^=]*= \[([^\]]+)\]/.exec(text)?.[1] ?? ''
  return list.split(',').flatMap((name) => folders.get(name.trim()) ?? [])
}

/** Each table, view and function of the migrations belongs to the module that its schema is named after. */
async function tableOwners(root: string): Promise<Map<string, string>> {
  const folder = join(root, 'db/migrations')
  const owners = new Map<string, string>()
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8')
    const made =
      /create (?:or replace )?(?:unlogged )?(?:materialized )?(?:table|view|function|sequence) (?:if not exists )?(\w+)\.(\w+)/gi
    for (const [, schema, table] of text.matchAll(made)) owners.set(`${schema}.${table}`, schema!)
  }
  return owners
}

async function foldersOf(folder: string): Promise<string[]> {
  return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

async function sourceFiles(root: string, part: string): Promise<string[]> {
  if (!existsSync(join(root, part))) return []
  const entries = await readdir(join(root, part), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}
