/**
 * XML of a stranger, read as it comes. Document types are refused, so there are no entities to expand or fetch; depth
 * and the distance between two tags are bounded, so that the parser never has to remember much.
 */

import { TextDecoder } from 'node:util'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { brokenFile, cellTooLong, expandsTooMuch, hasEntities, xmlTooDeep } from './errors.ts'
import type { Limits } from './limits.ts'

export interface XmlHandlers {
  /** Names come without prefix: some programs write `<x:row>`. */
  open(name: string, attributes: Record<string, string>): void
  text?(text: string): void
  close?(name: string): void
}

export interface XmlReader {
  write(chunk: Buffer): void
  end(): void
}

export function xmlReader(part: string, limits: Limits, handlers: XmlHandlers): XmlReader {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  let decoder: TextDecoder | null = null
  let depth = 0
  let sinceTag = 0

  parser.on('error', (error) => {
    throw brokenFile(`${part}: ${error.message}`)
  })
  parser.on('doctype', () => {
    throw hasEntities(part)
  })
  parser.on('opentag', (tag: SaxesTagPlain) => {
    sinceTag = 0
    if (++depth > limits.xmlDepth) throw xmlTooDeep(limits.xmlDepth)
    handlers.open(local(tag.name), tag.attributes)
  })
  parser.on('closetag', (tag: SaxesTagPlain) => {
    sinceTag = 0
    depth--
    handlers.close?.(local(tag.name))
  })
  if (handlers.text) {
    parser.on('text', handlers.text)
    parser.on('cdata', handlers.text)
  }

  const decode = (chunk?: Buffer): string => {
    decoder ??= new TextDecoder(chunk?.[0] === 0xff ? 'utf-16le' : chunk?.[0] === 0xfe ? 'utf-16be' : 'utf-8', {
      fatal: true,
    })
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      throw brokenFile(`${part}: not in the encoding that it declares`)
    }
  }

  return {
    write(chunk) {
      const text = decode(chunk)
      sinceTag += text.length
      parser.write(text)
      if (sinceTag > limits.xmlTokenBytes) throw cellTooLong(null, limits.cellChars)
    },
    end() {
      parser.write(decode())
      parser.close()
    },
  }
}

const local = (name: string) => name.slice(name.indexOf(':') + 1)

/** Reads a whole part; for those of which little is kept. */
export async function readXml(
  bytes: AsyncIterable<Buffer>,
  options: { part: string; limits: Limits; atMostBytes: number; handlers: XmlHandlers },
): Promise<void> {
  const reader = xmlReader(options.part, options.limits, options.handlers)
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > options.atMostBytes) throw expandsTooMuch({ what: 'part', limit: options.atMostBytes })
    reader.write(chunk)
  }
  reader.end()
}
