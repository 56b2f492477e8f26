/** Spreadsheets for the tests, honest and hostile: a ZIP written by hand, so that each of its lies can be chosen. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { crc32, deflateRawSync } from 'node:zlib'
import { openTable } from './index.ts'
import type { SourceRow, Table } from './table.ts'

export interface Part {
  name: string
  content: Buffer | string
  /** What the directory claims, if not the truth. */
  claimedBytes?: number
  claimedChecksum?: number
}

export function zipOf(parts: Part[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, claimedBytes, claimedChecksum } of parts) {
    const raw = Buffer.from(content)
    const packed = deflateRawSync(raw)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(0x800, 2)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(claimedChecksum ?? crc32(raw), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(claimedBytes ?? raw.length, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, place, Buffer.from(name))
    files.push(file)
    offset += file.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, ...directory, end])
}

export interface SheetXml {
  /** The rows, as XML within `<sheetData>`. */
  rows: string
  merges?: string[]
  name?: string
  state?: 'hidden' | 'veryHidden'
}

const spreadsheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** `formats` are the number formats of the styles 1, 2 …: the number of a builtin one, or the code of a custom one. */
export function xlsxOf(
  sheets: SheetXml[],
  options: { strings?: string[]; formats?: (number | string)[]; from1904?: boolean; more?: Part[] } = {},
): Buffer {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`
  const relations = (inside: string) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inside}</Relationships>`
  const formats = options.formats ?? []
  const custom = formats.flatMap((format, at) =>
    typeof format === 'string' ? [`<numFmt numFmtId="${200 + at}" formatCode="${escaped(format)}"/>`] : [],
  )
  const styles = formats.map((format, at) => `<xf numFmtId="${typeof format === 'string' ? 200 + at : format}"/>`)
  const parts: Part[] = [
    { name: '_rels/.rels', content: relations(relation('r1', 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/workbook.xml',
      content: `<workbook ${spreadsheet} xmlns:r="${office}"><workbookPr${options.from1904 ? ' date1904="1"' : ''}/><sheets>${sheets
        .map(
          ({ name, state }, at) =>
            `<sheet name="${name ?? `Sheet${at + 1}`}" sheetId="${at + 1}"${state ? ` state="${state}"` : ''} r:id="s${at}"/>`,
        )
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relations(
        sheets.map((_, at) => relation(`s${at}`, 'worksheet', `worksheets/sheet${at + 1}.xml`)).join('') +
          relation('styles', 'styles', 'styles.xml') +
          relation('texts', 'sharedStrings', '/xl/sharedStrings.xml'),
      ),
    },
    {
      name: 'xl/styles.xml',
      content: `<styleSheet ${spreadsheet}><numFmts>${custom.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${styles.join('')}</cellXfs></styleSheet>`,
    },
    {
      name: 'xl/sharedStrings.xml',
      content: `<sst ${spreadsheet}>${(options.strings ?? []).map((text) => `<si><t xml:space="preserve">${text}</t></si>`).join('')}</sst>`,
    },
    ...sheets.map(({ rows, merges = [] }, at) => ({
      name: `xl/worksheets/sheet${at + 1}.xml`,
      content: `<?xml version="1.0" encoding="UTF-8"?>\n<worksheet ${spreadsheet}><sheetData>${rows}</sheetData>${
        merges.length ? `<mergeCells>${merges.map((range) => `<mergeCell ref="${range}"/>`).join('')}</mergeCells>` : ''
      }</worksheet>`,
    })),
  ]
  const replaced = new Set(options.more?.map(({ name }) => name))
  return zipOf([...parts.filter(({ name }) => !replaced.has(name)), ...(options.more ?? [])])
}

/** Rows of inline texts; a number stands as a number, null is left out. */
export function rowsXml(rows: (string | number | null)[][], first = 1): string {
  return rows
    .map((cells, at) => {
      const inside = cells.map((cell, column) => {
        const place = `${String.fromCharCode(65 + column)}${first + at}`
        if (cell === null) return ''
        if (typeof cell === 'number') return `<c r="${place}"><v>${cell}</v></c>`
        return `<c r="${place}" t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`
      })
      return `<row r="${first + at}">${inside.join('')}</row>`
    })
    .join('')
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

export async function withFile<T>(content: Buffer | string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'roundtrip-files-'))
  try {
    const path = join(folder, 'file')
    writeFileSync(path, content)
    return await use(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export interface ReadTable extends Omit<Table, 'rows' | 'warnings'> {
  rows: SourceRow[]
  cells: (string | null)[][]
  warnings: ReturnType<Table['warnings']>
}

export function readTable(content: Buffer | string, options?: Parameters<typeof openTable>[1]): Promise<ReadTable> {
  return withFile(content, async (path) => {
    const table = await openTable(path, options)
    const rows: SourceRow[] = []
    for await (const batch of table.rows()) rows.push(...batch)
    return { ...table, rows, cells: rows.map((row) => row.cells), warnings: table.warnings() }
  })
}

/**
 * Reads a file where there is little memory, as a worker of the running program does; more than that ends it. What it
 * gives is the number of rows, or the code of the refusal.
 */
export function readInLittleMemory(path: string): Promise<{ rows: number } | { refused: string }> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const read = async () => {
      const { openTable } = await import(workerData.module)
      let rows = 0
      for await (const batch of (await openTable(workerData.path)).rows()) rows += batch.length
      return { rows }
    }
    read().catch((error) => ({ refused: error.code ?? error.stack })).then((answer) => parentPort.postMessage(answer))`
  return new Promise((done, fail) => {
    new Worker(code, {
      eval: true,
      workerData: { path, module: new URL('./index.ts', import.meta.url).href },
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    })
      .on('message', done)
      .on('error', fail)
  })
}
