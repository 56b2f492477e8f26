/** Files that are broken, mistaken for spreadsheets, or made to do harm: each is refused with what to do about it. */

import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGzip, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Refusal } from '#platform/errors'
import { openTable } from './index.ts'
import type { Limits } from './limits.ts'
import { type Part, readInLittleMemory, readTable, rowsXml, withFile, xlsxOf, zipOf } from './testing.ts'

const refusal = async (content: Buffer | string, limits: Partial<Limits> = {}) => {
  const error = await readTable(content, { limits }).then(
    () => new Error('it was read'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Refusal)) throw error
  expect(error.kind).toBe('invalid')
  return { code: error.code, ...error.params }
}

const ole = (names: string[]) =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(70_000),
    ...names.map((name) => Buffer.concat([Buffer.from(name, 'utf16le'), Buffer.alloc(64)])),
  ])

const simple = rowsXml([
  ['name', 'phone'],
  ['Anna', 7],
])
const withPart = (name: string, content: string | Buffer, more: Partial<Part> = {}) =>
  xlsxOf([{ rows: simple }], { more: [{ name, content, ...more }] })
const worksheet = (inside: string) => `<worksheet><sheetData>${inside}</sheetData></worksheet>`
const sheetPart = 'xl/worksheets/sheet1.xml'

describe('not a table', () => {
  test.each([
    ['nothing', '', 'file.empty'],
    ['a mark only', '\uFEFF', 'file.empty'],
    ['blank lines', '\n\n  \n', 'file.empty'],
    ['a header only', 'name,phone\n', 'file.no_rows'],
    ['a title and a header only', '会员,,\n姓名,电话,城市\n', 'file.no_rows'],
    ['an old .xls', ole(['Root Entry', 'Workbook']), 'file.xls'],
    ['an encrypted workbook', ole(['Root Entry', 'EncryptionInfo', 'EncryptedPackage']), 'file.password'],
    ['an empty sheet', xlsxOf([{ rows: '' }]), 'file.empty'],
    ['a sheet with a header only', xlsxOf([{ rows: rowsXml([['name', 'phone']]) }]), 'file.no_rows'],
    ['only hidden sheets', xlsxOf([{ rows: simple, state: 'veryHidden' }]), 'file.empty'],
    ['another OLE file', ole(['Root Entry', 'WordDocument']), 'file.old_office'],
    ['an OLE file of nothing', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'file.old_office'],
    ['a quote that never closes', 'a,b\n1,2\n"3,4\n5,6\n', 'file.quote_open'],
  ])('%s', async (_, content, code) => {
    expect((await refusal(content)).code).toBe(code)
  })

  test.each([
    ['an image', Buffer.from('89504e470d0a1a0a0000000d49484452000001000000010008060000005c72a866', 'hex'), 'binary'],
    [
      'random bytes',
      Buffer.from(Array.from({ length: 4_000 }, (_, at) => ((at * 7919 + (at >> 3) * 131) % 255) | 1)),
      'binary',
    ],
    ['HTML called .xls', '<html><table><tr><td>a</td></tr></table></html>', 'html'],
    ['XML', '<?xml version="1.0"?><Workbook></Workbook>', 'xml'],
    ['JSON', '[{"name": "Anna"},\n{"name": "Paul"}]', 'json'],
    ['PDF', '%PDF-1.7\n1 0 obj\n', 'pdf'],
    ['a ZIP of something else', zipOf([{ name: 'a.csv', content: 'a,b' }]), 'zip'],
    ['OpenDocument', zipOf([{ name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet' }]), 'ods'],
  ])('%s', async (_, content, found) => {
    expect(await refusal(content)).toEqual({ code: 'file.unknown_format', found })
  })

  test('a path that leads nowhere, a folder, a device', async () => {
    await expect(openTable('/nowhere/members.csv')).rejects.toMatchObject({
      code: 'file.not_found',
      params: { name: 'members.csv', reason: 'ENOENT' },
    })
    for (const path of [tmpdir(), '/dev/zero']) {
      await expect(openTable(path)).rejects.toMatchObject({ code: 'file.not_found', params: { reason: 'not a file' } })
    }
  })
})

describe('too much', () => {
  test('a line, a cell, a row, a table', async () => {
    const rows = 'a,b\n1,2\n'
    expect(await refusal(`${rows}x,${'y'.repeat(1_100_000)}\n1,2\n`)).toMatchObject({
      code: 'file.line_too_long',
      row: 3,
    })
    expect(await refusal(`${rows}x,${'y'.repeat(32_768)}\n1,2\n`)).toMatchObject({ code: 'file.cell_too_long', row: 3 })
    expect(await refusal(`${rows}${'1,'.repeat(20_000)}\n`)).toMatchObject({ code: 'file.row_too_wide', row: 3 })
    expect(await refusal(`${Array.from({ length: 513 }, (_, at) => `c${at}`).join(',')}\n1,2\n`)).toMatchObject({
      code: 'file.too_many_columns',
      columns: 513,
      limit: 512,
    })
    expect(await refusal(`${rows}"x\n${'y,z\n'.repeat(400_000)}`)).toMatchObject({ code: 'file.quote_open', row: 3 })
    await readTable(`${rows}x,${'y'.repeat(32_767)}\n`)
  })

  test('the row of a line too long is counted behind quoted line ends and across chunks', async () => {
    const before = 'x,"1\n2"\n'.repeat(100_000)
    expect(await refusal(`a,b\n${before}${'y'.repeat(2_000_000)}`)).toMatchObject({
      code: 'file.line_too_long',
      row: 100_002,
    })
  })

  test('a line of 100 MB is refused when a hundredth of it is read', async () => {
    const file = Buffer.concat([Buffer.from('a,b\n1,2\n'.repeat(300_000)), Buffer.alloc(100_000_000, 'y,')])
    await withFile(file, async (path) => {
      expect(await readInLittleMemory(path)).toEqual({ refused: 'file.line_too_long' })
      const table = await openTable(path)
      const read = async () => {
        for await (const _ of table.rows());
      }
      await expect(read()).rejects.toMatchObject({ code: 'file.line_too_long', params: { row: 600_001 } })
      expect(table.bytesRead()).toBeLessThan(5_000_000)
    })
  })

  test('a compressed file that grows without end is stopped in flat memory', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'roundtrip-files-'))
    try {
      const path = join(folder, 'bomb.csv.gz')
      const gzip = createGzip()
      const file = gzip.pipe(createWriteStream(path))
      const block = Buffer.from('name,phone\n'.repeat(100_000))
      for (let at = 0; at < 60; at++) if (!gzip.write(block)) await once(gzip, 'drain')
      gzip.end()
      await once(file, 'close')

      expect(await readInLittleMemory(path)).toEqual({ refused: 'file.bomb' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('a sheet that grows beyond measure, whatever its directory claims', async () => {
    const rows = worksheet('<row><c t="b"><v>1</v></c></row>'.repeat(1_000_000))
    expect(await refusal(withPart(sheetPart, rows))).toMatchObject({ code: 'file.bomb', what: 'ratio' })
    expect(await refusal(withPart(sheetPart, rows, { claimedBytes: 100 }))).toMatchObject({ code: 'file.bomb' })
    expect(await refusal(gzipSync(Buffer.alloc(40_000_000, 'a,b\n')), { inflatedBytes: 1_000_000 })).toMatchObject({
      code: 'file.bomb',
      what: 'bytes',
    })
  })

  test('more parts, shared texts or styles than any workbook has', async () => {
    const parts = Array.from({ length: 60 }, (_, at) => ({ name: `xl/media/${at}.png`, content: 'x' }))
    expect(await refusal(xlsxOf([{ rows: simple }], { more: parts }), { zipEntries: 50 })).toMatchObject({
      code: 'file.bomb',
      what: 'entries',
    })
    const strings = Array.from({ length: 60 }, (_, at) => `t${at}`)
    expect(await refusal(xlsxOf([{ rows: simple }], { strings }), { sharedStrings: 50 })).toMatchObject({
      code: 'file.bomb',
      what: 'strings',
    })
    expect(
      await refusal(withPart('xl/styles.xml', `<styleSheet><cellXfs>${'<xf/>'.repeat(9_000)}</cellXfs></styleSheet>`), {
        partBytes: 30_000,
      }),
    ).toMatchObject({ code: 'file.bomb', what: 'part' })
  })

  test('cells of a sheet that are too long, too far right or nested too deep', async () => {
    const long = (chars: number) => `<row r="4"><c r="A4" t="str"><v>${'y'.repeat(chars)}</v></c></row>`
    expect(await refusal(withPart(sheetPart, worksheet(simple + long(32_768))))).toMatchObject({
      code: 'file.cell_too_long',
      row: 4,
    })
    expect(await refusal(withPart(sheetPart, worksheet(simple + long(3_000_000))))).toMatchObject({
      code: 'file.cell_too_long',
    })
    expect(
      await refusal(withPart(sheetPart, worksheet(`${simple}<row r="4"><c r="XFE4"><v>1</v></c></row>`))),
    ).toMatchObject({ code: 'file.row_too_wide', row: 4 })
    const wide = `<row r="4">${`<c t="str"><v>${'y'.repeat(32_000)}</v></c>`.repeat(40)}</row>`
    expect(await refusal(withPart(sheetPart, worksheet(simple + wide)))).toMatchObject({
      code: 'file.line_too_long',
      row: 4,
    })
    expect(await refusal(withPart(sheetPart, worksheet('<a>'.repeat(100))))).toMatchObject({
      code: 'file.xml_too_deep',
    })
  })

  test('many rows with one cell in the last column cost no more than they say', async () => {
    const rows = Array.from({ length: 4_000 }, (_, at) => `<row r="${at + 2}"><c r="XFD${at + 2}"><v>1</v></c></row>`)
    await withFile(xlsxOf([{ rows: rowsXml([['a', 'b']]) + rows.join('') }]), async (path) => {
      expect(await readInLittleMemory(path)).toEqual({ rows: 4_000 })
      const table = await openTable(path)
      expect(table.columns).toEqual(['a', 'b'])
      await table.close()
    })
  })
})

describe('deceiving or damaged', () => {
  test('a document type is refused, in whichever part it stands', async () => {
    const dtd = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]>'
    for (const [name, content] of [
      [sheetPart, `${dtd}<worksheet><sheetData><row r="1"><c t="str"><v>&a;</v></c></row></sheetData></worksheet>`],
      ['xl/sharedStrings.xml', `${dtd}<sst><si><t>&b;</t></si></sst>`],
      ['xl/workbook.xml', `${dtd}<workbook/>`],
      ['xl/styles.xml', `${dtd}<styleSheet/>`],
    ] as const) {
      expect(await refusal(withPart(name, content))).toEqual({ code: 'file.entities', part: name })
    }
  })

  test('an entity that nobody declared', async () => {
    expect((await refusal(withPart(sheetPart, worksheet('<row r="1"><c t="str"><v>&evil;</v></c></row>')))).code).toBe(
      'file.broken',
    )
  })

  test('cut off, bits turned, parts missing, texts that are not there', async () => {
    const rows = rowsXml(Array.from({ length: 500 }, (_, at) => [`name ${at}`, at * 7919]))
    const good = xlsxOf([{ rows }])
    expect((await refusal(good.subarray(0, good.length - 100))).code).toBe('file.broken')
    expect((await refusal(good.subarray(0, 300))).code).toBe('file.broken')
    expect((await refusal(withPart(sheetPart, worksheet(simple), { claimedChecksum: 1 }))).code).toBe('file.broken')
    expect((await refusal(withPart(sheetPart, `<worksheet><sheetData>${simple}`))).code).toBe('file.broken')
    expect((await refusal(withPart(sheetPart, worksheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')))).code).toBe(
      'file.broken',
    )
    const gzip = gzipSync('name,phone\n'.repeat(10_000))
    expect((await refusal(gzip.subarray(0, gzip.length - 20))).code).toBe('file.broken')
  })

  test('a refused file leaves nothing open and nothing behind', async () => {
    const handles = () => readdirSync('/proc/self/fd').length
    const texts = () => readdirSync(tmpdir()).filter((name) => name.startsWith('roundtrip-texts-')).length
    const before = { handles: handles(), texts: texts() }
    for (let at = 0; at < 20; at++) {
      await refusal(withPart(sheetPart, worksheet(`${simple}<row r="4"><c r="XFE4"><v>1</v></c></row>`)))
      await refusal(withPart('xl/sharedStrings.xml', '<!DOCTYPE x><sst/>'))
      await refusal('a,b\n1,2\n"3,4\n')
      await refusal(`<html>${'<br>\n'.repeat(500_000)}`)
      await refusal(Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(100)]))
    }
    await expect.poll(() => ({ handles: handles(), texts: texts() })).toEqual(before)
  })
})
