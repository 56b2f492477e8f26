/**
 * What lies on the disk: a real program takes in files, members sign in, are searched for, shown, exported, matched and
 * erased, and keys are changed. Then every byte of its data folder and of what it printed is looked through for the
 * phones, documents and addresses of e-mail that it was told. Names, birth dates and cities stand clear in one table on
 * purpose; that they are found there shows that the looking works.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { zipOf } from '../modules/imports/files/testing.ts'

const secrets = {
  phone: '13877665544',
  otherPhone: '13866554433',
  thirdPhone: '13855443322',
  fourthPhone: '13844332211',
  document: '11010519491231002X',
  passport: 'E98765432',
  email: 'wanqing.secret@example.com',
  otherEmail: 'liumin.hidden@example.org',
}
const clear = { name: '林晚晴', city: '攀枝花' }

test('nothing that identifies a person stands readable on the disk or in the log', { timeout: 590_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-at-rest-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const program = await programIn(folder)

  const s = secrets
  const members = join(folder, 'members.csv')
  await writeFile(
    members,
    `客户编号,姓名,手机,邮箱,证件类型,证件号码,城市,备注\n` +
      `A1,${clear.name},${s.phone},${s.email},身份证,${s.document},${clear.city},回电 ${s.phone}\n` +
      `A2,刘敏,${s.otherPhone},${s.otherEmail},护照,${s.passport},成都,\n` +
      `,,${s.thirdPhone}x?,,,,,\n`,
  )
  const orders = join(folder, 'orders.csv')
  await writeFile(orders, `订单号,手机,金额,日期\nD-1,${s.phone},1999.00,2026-01-02\n,${s.thirdPhone},55,2026-01-03\n`)
  const told = [members, orders, join(folder, 'waiting.xlsx')]
  const sheet = `<row r="1"><c t="inlineStr"><is><t>姓名</t></is></c><c t="inlineStr"><is><t>手机</t></is></c></row>
    <row r="2"><c t="inlineStr"><is><t>张芳</t></is></c><c t="inlineStr"><is><t>${s.fourthPhone}</t></is></c></row>`
  await writeFile(told[2]!, workbookOf(sheet))

  await program.run(['import', members, '--channel', 'a', '--create', 'store', '--as', 'members'])
  await program.run(['import', orders, '--channel', 'a', '--as', 'orders'])
  const { key } = await program.run(['key', 'add', '--role', 'administrator', '--name', 'test'])
  const api = apiOf(program.url, { authorization: `Bearer ${key}` })

  // A file that is uploaded and waits, and one that was read in and waits.
  for (const [index, file] of [told[2]!, members].entries()) {
    const id = `01a20000-0000-7000-8000-00000000000${index}`
    await api('POST', '/imports', {
      id,
      fileName: `x${index}.bin`,
      channel: 'b',
      create: 'store',
      as: 'members',
      origin: 'import',
    })
    await api('PUT', `/imports/${id}/file`, createReadStream(file))
    if (index === 1) await api('POST', `/imports/${id}/stagings`, {})
  }

  // Found, shown, told again, with mistakes.
  const { members: found } = await api('GET', `/members?search=${s.phone}`)
  const memberId: string = found[0].id
  await api('GET', `/members?search=${s.document}`)
  await api('GET', `/members?search=${encodeURIComponent(s.email)}`)
  const revealed = await api('POST', `/members/${memberId}/reveals`, {
    memberId,
    recordId: memberId,
    field: 'phone',
    reason: 'Asked to be rung up',
  })
  expect(revealed.value).toContain(s.phone)
  const told2 = await api('POST', '/records', {
    channel: 'a',
    record: { externalId: 'A9', name: '吴昊', phone: s.thirdPhone },
  })
  await api('POST', '/records', { channel: 'a', record: { phone: [s.phone] } }, 400)
  await api('GET', `/members/${s.phone}`, undefined, 400)
  await api('GET', `/no-such-page/${s.phone}?email=${s.email}`, undefined, 404)
  const held = await api('GET', `/members/${memberId}/holdings`)
  expect(JSON.stringify(held)).toContain(s.email)
  await api('PUT', '/views/01a20000-0000-7000-8000-0000000000aa', {
    name: 'x',
    page: 'members',
    definition: { search: s.phone },
  })

  // A member signs in by a code that came by SMS, looks at what is held, and goes.
  const centre = apiOf(program.url, {})
  await centre('POST', '/centre/codes', { phone: s.otherPhone })
  const code = await eventually(async () => {
    const { messages } = await api('GET', `/sandbox/sms?phone=${s.otherPhone}`)
    return /\d{6}/.exec(messages[0]?.text ?? '')?.[0]
  })
  const agreed = { version: 1, language: 'zh-CN', choices: [] }
  const signedIn = await centre('POST', '/centre/sessions', { phone: s.otherPhone, code, agreed })
  expect(signedIn.outcome).toMatch(/signed_in|second_fact/)
  await centre('POST', '/centre/codes', { phone: 'not a phone 13877665544' }, null)
  await centre('POST', '/centre/sessions', { phone: s.phone, code: '000000' }, null)

  await program.run(['match'])
  await api('PUT', '/privacy/rights', { waitingDays: 0 })
  await api('POST', `/members/${told2.memberId}/erasures`, {
    id: '01a20000-0000-7000-8000-0000000000bb',
    reason: 'Asked for it',
  })
  await program.run(['vault', 'rotate'])
  await eventually(async () => (await program.run(['vault'])).rotation?.finishedAt)
  await program.run(['vault', 'reindex'])
  const other = await api('GET', `/members?search=${s.phone}`)
  expect(other.members[0].id).toBe(memberId)
  await program.run(['backup', join(program.data, 'one.backup')])
  await api('POST', '/warehouse-rebuilds', {})
  await api('POST', '/catch-ups', {})

  for (const moment of ['while it runs', 'after it has stopped']) {
    if (moment === 'while it runs') await program.checkpoint()
    else await program.stop()
    const needles = needlesOf(Object.values(secrets))
    const traces: string[] = []
    let seen = 0
    let clearSeen = false
    for (const file of await filesIn(program.data)) {
      for (const [where, what] of await tracesIn(file, [...needles, [clear.name, Buffer.from(clear.name)]])) {
        if (what === clear.name) clearSeen = true
        else traces.push(`${relative(program.data, where)}: ${what}`)
      }
      seen++
    }
    expect(seen).toBeGreaterThan(500)
    expect(clearSeen, 'the name in its table is found').toBe(true)
    expect(traces, moment).toEqual([])
  }
  const log = Buffer.from(program.printed())
  expect(log.length).toBeGreaterThan(1_000)
  for (const [what, needle] of needlesOf(Object.values(secrets))) expect(log.includes(needle), what).toBe(false)
})

/** A secret as it might stand: as text of 8 and 16 bits, in hexadecimal, in base64 at each of its three places. */
function needlesOf(values: readonly string[]): [string, Buffer][] {
  return values.flatMap((value): [string, Buffer][] => {
    const bytes = Buffer.from(value)
    const base64 = [0, 1, 2].map((shift) => {
      const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
      // The signs at the edges hold bits of what stands beside it.
      return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
    })
    return [
      [value, bytes],
      [`${value} in UTF-16`, Buffer.from(value, 'utf16le')],
      [`${value} in UTF-16BE`, Buffer.from(value, 'utf16le').swap16()],
      [`${value} in hexadecimal`, Buffer.from(bytes.toString('hex'))],
      ...base64.map((text): [string, Buffer] => [`${value} in base64`, Buffer.from(text)]),
    ]
  })
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

async function tracesIn(file: string, needles: readonly [string, Buffer][]): Promise<[string, string][]> {
  const found = new Map<string, [string, string]>()
  let tail: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 }) as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([tail, chunk])
      for (const [what, needle] of needles) if (bytes.includes(needle)) found.set(what, [file, what])
      tail = bytes.subarray(-100)
    }
  } catch (error) {
    // The engines take files away while they work.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return [...found.values()]
}

test('the looking finds a secret in each of its forms', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roundtrip-at-rest-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const needles = needlesOf([secrets.phone])
  const forms = [
    Buffer.from(`x${secrets.phone}y`),
    Buffer.from(secrets.phone, 'utf16le'),
    Buffer.from(secrets.phone, 'utf16le').swap16(),
    Buffer.from(Buffer.from(`ab${secrets.phone}`).toString('hex')),
    ...['', 'a', 'ab', 'abc'].map((before) =>
      Buffer.from(Buffer.from(`${before}${secrets.phone} and more`).toString('base64')),
    ),
  ]
  for (const [index, bytes] of forms.entries()) {
    const file = join(folder, String(index))
    await writeFile(file, Buffer.concat([Buffer.alloc(4 * 1024 * 1024 - 5), bytes]))
    expect(await tracesIn(file, needles), String(index)).not.toEqual([])
  }
  const compressed = join(folder, 'compressed')
  await writeFile(compressed, gzipSync(forms[0]!))
  expect(await tracesIn(compressed, needles)).toEqual([])
})

function workbookOf(rows: string): Buffer {
  const spreadsheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  return zipOf([
    {
      name: '_rels/.rels',
      content: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    },
    {
      name: 'xl/workbook.xml',
      content: `<workbook ${spreadsheet} xmlns:r="${relations}"><sheets><sheet name="S" sheetId="1" r:id="s"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="s" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    },
    {
      name: 'xl/worksheets/sheet1.xml',
      content: `<worksheet ${spreadsheet}><sheetData>${rows}</sheetData></worksheet>`,
    },
  ])
}

async function eventually<T>(look: () => Promise<T | null | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = await look()
    if (found) return found
    await sleep(200)
  }
  throw new Error('It did not come about')
}

/** `wanted`: the status, 200 unless said otherwise; null: whatever it is. */
function apiOf(url: string, headers: Record<string, string>) {
  return async (method: string, path: string, body?: object, wanted: number | null = 200) => {
    const isStream = body !== undefined && 'pipe' in body
    const reply = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': isStream ? 'application/octet-stream' : 'application/json' }),
      },
      ...(body === undefined
        ? {}
        : isStream
          ? { body: body as never, duplex: 'half' }
          : { body: JSON.stringify(body) }),
    } as RequestInit)
    const text = await reply.text()
    if (wanted !== null) expect([method, path, reply.status, text]).toEqual([method, path, wanted, text])
    return JSON.parse(text || '{}')
  }
}

async function programIn(folder: string) {
  const data = join(folder, 'data')
  const port = await freePort()
  const env = {
    ...process.env,
    ROUNDTRIP_DATA: data,
    ROUNDTRIP_DEMO: 'off',
    ROUNDTRIP_SANDBOX: 'on',
    LOG_LEVEL: 'debug',
    HOST: '127.0.0.1',
    PORT: String(port),
  }
  let printed = ''
  const begin = (words: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'cli.ts'), ...words], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }
  const server = begin(['start'])
  const ended = once(server, 'close')
  for (const stream of [server.stdout!, server.stderr!])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk
    })
  await eventually(async () => {
    expect(server.exitCode, printed).toBeNull()
    return printed.includes('Roundtrip is ready')
  })
  return {
    data,
    url: `http://127.0.0.1:${port}`,
    printed: () => printed,
    // biome-ignore lint/suspicious/noExplicitAny: each command prints its own
    async run(words: readonly string[]): Promise<any> {
      const child = begin([...words, '--json'])
      let text = ''
      child.stdout!.on('data', (chunk: Buffer) => {
        text += chunk
      })
      child.stderr!.on('data', (chunk: Buffer) => {
        printed += chunk
      })
      const [code] = await once(child, 'close')
      expect([words[0], code, text]).toEqual([words[0], 0, expect.any(String)])
      return JSON.parse(text)
    },
    /** What the database still has in memory only goes to its files. */
    async checkpoint(): Promise<void> {
      const lines = (await readFile(join(data, 'postgres/postmaster.pid'), 'utf8')).split('\n')
      const client = new pg.Client({
        user: 'roundtrip',
        database: 'roundtrip',
        host: resolve(data, 'postgres', lines[4]!),
        port: Number(lines[3]),
      })
      await client.connect()
      await client.query('checkpoint')
      await client.end()
    },
    async stop(): Promise<void> {
      server.kill('SIGTERM')
      await ended
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
