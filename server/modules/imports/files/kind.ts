/** What a file is, by its first bytes; its name may say anything. */

import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { openPlain, openSealed, type SealedFile, type Source } from '#platform/sealed-file'
import { emptyFile, fileNotFound, oldExcel, oldOffice, passwordProtected } from './errors.ts'

export type Kind = 'text' | 'gzip' | 'zip'

/** Opens a file as it lies: sealed, or plain by its path. */
export async function openFile(file: string | SealedFile): Promise<Source> {
  const path = typeof file === 'string' ? file : file.path
  try {
    // A named pipe would let open wait for ever.
    if (!(await stat(path)).isFile()) throw fileNotFound(basename(path), 'not a file')
    return await (typeof file === 'string' ? openPlain(file) : openSealed(file))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== undefined && unreadable.has(code)) throw fileNotFound(basename(path), code)
    throw error
  }
}

const unreadable = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG'])

/** Refuses what is recognised and can't be read: `.xls` and an encrypted workbook are both OLE containers. */
export async function recogniseFile(source: Source): Promise<Kind> {
  if (source.bytes === 0) throw emptyFile()
  let head = ''
  for await (const chunk of source.chunks(0, 8)) head += chunk.toString('hex')
  if (head.startsWith('504b0304') || head.startsWith('504b0506')) return 'zip'
  if (head.startsWith('1f8b')) return 'gzip'
  if (head.startsWith('d0cf11e0a1b11ae1')) throw await oleRefusal(source)
  return 'text'
}

const inUtf16 = (name: string) => Buffer.from(name, 'utf16le')

/** The container's directory may stand anywhere in the file, and its names are in UTF-16. */
async function oleRefusal(source: Source) {
  const encrypted = inUtf16('EncryptedPackage')
  const workbooks = [inUtf16('Workbook\0'), inUtf16('Book\0')]
  let workbook = false
  let tail: Buffer = Buffer.alloc(0)
  for await (const chunk of source.chunks()) {
    const bytes = Buffer.concat([tail, chunk])
    if (bytes.includes(encrypted)) return passwordProtected()
    workbook ||= workbooks.some((name) => bytes.includes(name))
    tail = bytes.subarray(-64)
  }
  return workbook ? oldExcel() : oldOffice()
}

/** Text that isn't a table: many systems export an HTML page and call it .xls. Null when nothing speaks against it. */
export function recogniseText(head: string): 'html' | 'xml' | 'json' | 'pdf' | 'rtf' | null {
  const start = head.slice(0, 1000).trimStart().toLowerCase()
  if (/^<(?:!doctype html|html|head|body|table|meta|style|div)\b/.test(start)) return 'html'
  if (/^<(?:\?xml|workbook|!--)/.test(start)) return start.includes('<html') ? 'html' : 'xml'
  if (/^[[{]\s*(?:[{"\]}])/.test(start)) return 'json'
  if (start.startsWith('%pdf-')) return 'pdf'
  if (start.startsWith('{\\rtf')) return 'rtf'
  return null
}
