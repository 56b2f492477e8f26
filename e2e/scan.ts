/**
 * Lets two scanners loose on the real program, in a data folder of its own: sqlmap on every parameter of every route of
 * its own description, and wapiti on the pages and the API. Optional: it wants the Debian packages sqlmap and wapiti.
 * Run it by `npm run scan`, with words to take only routes that contain them; what was found is printed and kept.
 *
 * The program is started with the demonstration off, with one member and one order, so that there is something to find.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProgram } from './program.ts'

interface Described {
  parameters: { name: string; in: 'path' | 'query'; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  security?: unknown[]
}
interface Schema {
  type?: string
  format?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  minLength?: number
  minimum?: number
  default?: unknown
}

/** They would sign the scanner out, stop what it scans, or keep it busy with the whole database. */
const leftOut =
  /\/api\/(?:session|sessions|centre\/session|backup|demonstration\/clearings|warehouse\/rebuilds|caught-up)$/
const secondsForRoute = Number(process.env.SCAN_ROUTE_SECONDS ?? 300)
const secondsForPages = Number(process.env.SCAN_SECONDS ?? 600)

for (const tool of ['sqlmap', 'wapiti'])
  if (spawnSync(tool, ['--version']).error) {
    console.error(`${tool} is not here. On Debian and Ubuntu: sudo apt-get install sqlmap wapiti`)
    process.exit(2)
  }

const words = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'roundtrip-scan-'))
const program = await startProgram()
try {
  const { key, ids } = await seed()
  const found = [...(await injections(key, ids)), ...(await pages())]
  console.log(found.length === 0 ? '\nNothing was found.' : `\nFound:\n${found.join('\n')}`)
  console.log(`The scanners' own reports: ${folder}`)
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  await program.stop()
}

async function seed(): Promise<{ key: string; ids: Record<string, string> }> {
  let cookie = ''
  const api = async (path: string, body: object) => {
    const reply = await fetch(`${program.url}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
    cookie ||= reply.headers.get('set-cookie')?.split(';')[0] ?? ''
    if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`)
    return (await reply.json()) as Record<string, string>
  }
  await api('/sessions', { token: program.link.split('token=')[1] })
  await api('/channels', { code: 'store-a', kind: 'store', name: '春熙路店' })
  const record = { externalId: 'M-1', name: '林晚晴', phone: '13808066721', city: '成都' }
  const { memberId } = await api('/records', { channel: 'store-a', record })
  const { orderId } = await api('/orders', {
    channel: 'store-a',
    number: 'M-A-1',
    customerExternalId: 'M-1',
    orderedAt: new Date().toISOString(),
    lines: [{ product: '川西环线 5 日', amountMinor: 976_000 }],
  })
  const { key } = await api('/api-keys', { name: 'scanner', role: 'administrator' })
  return {
    key: key!,
    ids: {
      memberId: memberId!,
      recordId: memberId!,
      orderId: orderId ?? memberId!,
      channel: 'store-a',
      store: 'store-a',
      code: 'store-a',
    },
  }
}

/** Something that fits a schema, so that what sqlmap writes in its place is the only thing wrong with a request. */
function sample(name: string, schema: Schema, ids: Record<string, string>): unknown {
  if (name in ids) return ids[name]
  if (schema.const !== undefined) return schema.const
  if (schema.default !== undefined) return schema.default
  if (schema.enum) return schema.enum[0]
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0]
  if (choice) return sample(name, choice, ids)
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {})
        .filter(([key]) => schema.required?.includes(key))
        .map(([key, inner]) => [key, sample(key, inner, ids)]),
    )
  if (schema.type === 'array') return [sample(name, schema.items ?? {}, ids)]
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, 1)
  if (schema.type === 'boolean') return true
  if (schema.format === 'uuid') return ids.memberId
  if (schema.format === 'date-time') return '2026-11-22T00:00:00.000Z'
  if (schema.format === 'date') return '2026-11-22'
  return 'x'.repeat(Math.max(schema.minLength ?? 1, 4))
}

/** A request file for each route, as sqlmap reads them: a star stands where it is to try. */
async function injections(key: string, ids: Record<string, string>): Promise<string[]> {
  const { paths } = (await (await fetch(`${program.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Described>>
  }
  const requests = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), described })),
  )
  const found: string[] = []
  let tried = 0
  let unfinished = 0
  for (const { path, method, described } of requests) {
    const name = `${method} ${path}`
    const body = described.requestBody?.content['application/json']
    if (leftOut.test(path) || (words.length > 0 && !words.some((word) => name.includes(word)))) continue
    if (described.parameters.length === 0 && !body) continue
    const query = new URLSearchParams()
    let url = path
    for (const { name: parameter, in: place, schema } of described.parameters) {
      const value = String(sample(parameter, schema, ids))
      if (place === 'path') url = url.replace(`{${parameter}}`, `${encodeURIComponent(value)}*`)
      else query.set(parameter, value)
    }
    const asked = [...query].map(([parameter, value]) => `${parameter}=${encodeURIComponent(value)}*`).join('&')
    const content = body
      ? JSON.stringify(sample('', body.schema, ids)).replaceAll(/"((?:[^"\\]|\\.)*)"(?=[,}\]])/g, '"$1*"')
      : ''
    const file = join(folder, `${method}${path.replaceAll(/\W+/g, '-')}.txt`)
    const lines = [
      `${method} ${url}${asked ? `?${asked}` : ''} HTTP/1.1`,
      `Host: ${new URL(program.url).host}`,
      `Authorization: Bearer ${key}`,
      ...(content ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`] : []),
      '',
      content,
    ]
    await writeFile(file, lines.join('\r\n'))
    tried++
    const { said, ended } = await run(
      'sqlmap',
      [
        '-r',
        file,
        '--batch',
        // Or it takes what stands in no pipe for its targets, and tries nothing.
        '--ignore-stdin',
        '--dbms=PostgreSQL',
        '--level=2',
        '--risk=2',
        '--technique=BEUS',
        '--skip-heuristics',
        '--ignore-code=*',
        '--disable-coloring',
        '--flush-session',
        '--output-dir',
        join(folder, 'sqlmap'),
        '--threads=2',
        '--timeout=10',
        '--retries=0',
      ],
      secondsForRoute,
    )
    const hit = /(?:is vulnerable|appears to be .*injectable|identified the following injection)/i.exec(said)
    console.log(`${hit ? 'FOUND' : ended ? 'clean' : 'not finished in its time'} ${name}`)
    if (!ended) unfinished++
    if (hit) found.push(`sqlmap: ${name}: ${hit[0]}`)
  }
  console.log(`sqlmap tried ${tried} routes; ${unfinished} of them not to the end.`)
  return found
}

/** Pages and what they call, as a visitor who is not signed in: what the crawler finds by itself, and the descriptions. */
async function pages(): Promise<string[]> {
  const report = join(folder, 'wapiti.json')
  await mkdir(join(folder, 'wapiti'), { recursive: true })
  await run(
    'wapiti',
    [
      '-u',
      `${program.url}/`,
      '--scope',
      'domain',
      '-s',
      `${program.url}/console/sign-in`,
      '-s',
      `${program.url}/m/`,
      '-s',
      `${program.url}/openapi.json`,
      '-f',
      'json',
      '-o',
      report,
      '--store-session',
      join(folder, 'wapiti'),
      '--max-scan-time',
      String(secondsForPages),
      '--no-bugreport',
      '-v',
      '1',
    ],
    secondsForPages + 300,
  )
  const { vulnerabilities, anomalies } = JSON.parse(await readFile(report, 'utf8')) as Record<
    string,
    Record<string, { info: string; path: string; method: string }[]>
  >
  return [...Object.entries(vulnerabilities ?? {}), ...Object.entries(anomalies ?? {})].flatMap(([kind, list]) =>
    list.map(({ info, method, path }) => `wapiti: ${kind}: ${method} ${path}: ${info}`),
  )
}

function run(tool: string, options: string[], seconds: number): Promise<{ said: string; ended: boolean }> {
  return new Promise((resolve) => {
    let said = ''
    const child = spawn(tool, options, { stdio: ['ignore', 'pipe', 'pipe'] })
    let ended = true
    const late = setTimeout(() => {
      ended = false
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    child.once('close', () => {
      clearTimeout(late)
      resolve({ said, ended })
    })
  })
}
