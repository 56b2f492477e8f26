/** What an XLSX says about itself before its sheets: which there are, where, which texts are shared, which are dates. */

import { posix } from 'node:path'
import { brokenFile, cellTooLong, unknownFormat } from './errors.ts'
import { builtinFormat, customFormat, type Format } from './formats.ts'
import type { Limits } from './limits.ts'
import { SharedStrings } from './strings.ts'
import { readXml, type XmlHandlers } from './xml.ts'
import type { Zip } from './zip.ts'

export interface Workbook {
  /** Those that a person sees when opening the file, in their order. */
  sheets: { name: string; part: string }[]
  from1904: boolean
  /** By the style number of a cell. */
  formats: Format[]
  strings: SharedStrings
}

export async function readWorkbook(zip: Zip, limits: Limits): Promise<Workbook> {
  const part = await workbookPart(zip, limits)
  const relations = await readRelations(zip, part, limits)
  const { sheets, from1904 } = await readSheets(zip, part, limits)
  const byType = (type: string) => [...relations.values()].find((relation) => relation.type === type)?.target
  return {
    sheets: sheets.flatMap(({ name, relation }) => {
      const found = relations.get(relation)
      return found?.type === 'worksheet' && zip.has(found.target) ? [{ name, part: found.target }] : []
    }),
    from1904,
    formats: await readFormats(zip, byType('styles'), limits),
    strings: await readStrings(zip, byType('sharedStrings'), limits),
  }
}

async function workbookPart(zip: Zip, limits: Limits): Promise<string> {
  const root = zip.has('_rels/.rels') ? await readRelations(zip, '', limits) : null
  const part = [...(root?.values() ?? [])].find(({ type }) => type === 'officeDocument')?.target ?? 'xl/workbook.xml'
  if (part.endsWith('.bin')) throw unknownFormat('xlsb')
  if (zip.has('mimetype')) throw unknownFormat('ods')
  if (!zip.has(part) || !/(^|\/)xl\//.test(part)) throw unknownFormat('zip')
  return part
}

interface Relation {
  type: string
  target: string
}

async function readRelations(zip: Zip, part: string, limits: Limits): Promise<Map<string, Relation>> {
  const folder = posix.dirname(part)
  const relations = new Map<string, Relation>()
  await readPart(zip, posix.join(folder, '_rels', `${posix.basename(part)}.rels`), limits, {
    open(name, { Id, Type = '', Target = '', TargetMode }) {
      // What lies outside of the file is never fetched.
      if (name !== 'Relationship' || Id === undefined || TargetMode === 'External') return
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target)
      relations.set(Id, { type: Type.slice(Type.lastIndexOf('/') + 1), target })
    },
  })
  return relations
}

async function readSheets(zip: Zip, part: string, limits: Limits) {
  const sheets: { name: string; relation: string }[] = []
  let from1904 = false
  await readPart(zip, part, limits, {
    open(name, attributes) {
      if (name === 'workbookPr') from1904 = /^(1|true|on)$/.test(attributes.date1904 ?? '')
      if (name !== 'sheet' || (attributes.state ?? 'visible') !== 'visible') return
      const relation = Object.entries(attributes).find(([key]) => key === 'id' || key.endsWith(':id'))?.[1]
      if (relation !== undefined) sheets.push({ name: attributes.name ?? '', relation })
    },
  })
  return { sheets, from1904 }
}

async function readFormats(zip: Zip, part: string | undefined, limits: Limits): Promise<Format[]> {
  if (part === undefined || !zip.has(part)) return []
  const custom = new Map<number, Format>()
  const formats: Format[] = []
  let inCellFormats = false
  await readPart(zip, part, limits, {
    open(name, attributes) {
      if (name === 'numFmt') custom.set(Number(attributes.numFmtId), customFormat(attributes.formatCode ?? ''))
      else if (name === 'cellXfs') inCellFormats = true
      else if (name === 'xf' && inCellFormats) {
        const id = Number(attributes.numFmtId ?? 0)
        formats.push(custom.get(id) ?? builtinFormat(id))
      }
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false
    },
  })
  return formats
}

async function readStrings(zip: Zip, part: string | undefined, limits: Limits): Promise<SharedStrings> {
  const strings = new SharedStrings(limits.sharedStrings)
  if (part === undefined || !zip.has(part)) return strings
  let text = ''
  let inText = false
  let inReading = false
  try {
    await readXml(zip.read(part), {
      part,
      limits,
      atMostBytes: limits.inflatedBytes,
      handlers: {
        open(name) {
          if (name === 'si') text = ''
          else if (name === 't') inText = !inReading
          else if (name === 'rPh') inReading = true
        },
        text(piece) {
          if (!inText) return
          text += piece
          if (text.length > limits.cellChars) throw cellTooLong(null, limits.cellChars)
        },
        close(name) {
          if (name === 't') inText = false
          else if (name === 'rPh') inReading = false
          else if (name === 'si') strings.add(unescaped(text))
        },
      },
    })
    return strings
  } catch (error) {
    strings.close()
    throw error
  }
}

/** Characters that XML can't hold are written as `_x000D_`; a zero is one that the database can't hold either. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text
  return text
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16) || 0xfffd))
    .toWellFormed()
}

function readPart(zip: Zip, part: string, limits: Limits, handlers: XmlHandlers): Promise<void> {
  if (!zip.has(part)) throw brokenFile(`no part ${part}`)
  return readXml(zip.read(part), { part, limits, atMostBytes: limits.partBytes, handlers })
}
