/**
 * What stands in a backup, in this order: a manifest; for each table its name, its rows as PostgreSQL's COPY writes them
 * in text (the one form that every version and every server reads), and their number and hash; an end that counts.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { damaged } from '#platform/backup/errors'
import type { Pieces } from '#platform/backup/file'

const name = z.string().regex(/^[a-z_][a-z0-9_]*$/)

/** The jobs travel beside the tables: those are of another program's making, so their tasks are told, not their rows. */
export const jobs = 'graphile_worker.jobs'

const manifestShape = z.object({
  postgres: z.int(),
  migrations: z.array(z.object({ name: z.string(), hash: z.string() })),
  tables: z.array(z.object({ schema: name, table: name, columns: z.array(name) })),
  partitions: z.array(z.object({ schema: name, table: name, name, bound: z.string() })),
  sequences: z.array(z.object({ schema: name, name, last: z.string().regex(/^-?\d+$/), called: z.boolean() })),
  /** How this server shares out names to lanes of reactions. */
  sharing: z.array(z.int()),
})
export type Manifest = z.infer<typeof manifestShape>

const endOfTableShape = z.object({ rows: z.int(), sha256: z.string() })
const endShape = z.object({ tables: z.int(), rows: z.int() })
export type Counted = z.infer<typeof endShape> & { bytes: number }

const kinds = { manifest: 1, table: 2, rows: 3, endOfTable: 4, end: 5 } as const

function piece(kind: number, content: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(kind)
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}
const json = (kind: number, value: unknown) => piece(kind, Buffer.from(JSON.stringify(value)))

export interface TableToWrite {
  name: string
  rows: AsyncIterable<Buffer>
  /** Known when all rows have been read. */
  count(): number
}

export async function* writeContent(manifest: Manifest, tables: AsyncIterable<TableToWrite>): AsyncGenerator<Buffer> {
  yield json(kinds.manifest, manifest)
  const all = { tables: 0, rows: 0 }
  for await (const { name, rows, count } of tables) {
    yield json(kinds.table, { name })
    const hash = createHash('sha256')
    for await (const chunk of rows) {
      hash.update(chunk)
      yield piece(kinds.rows, chunk)
    }
    yield json(kinds.endOfTable, { rows: count(), sha256: hash.digest('hex') })
    all.tables++
    all.rows += count()
  }
  yield json(kinds.end, all)
}

export interface TableToRead {
  name: string
  rows: AsyncGenerator<Buffer>
}

/** Takes each table's rows where they should go, and gives back how many went there. */
export type Take = (table: TableToRead) => Promise<number>

/**
 * Reads all of a backup. Each table is taken whole before its count and hash are compared.
 *
 * @throws Refusal backup.damaged
 */
export async function readContent(
  content: Pieces,
  { begin, take }: { begin(manifest: Manifest): Promise<void>; take: Take },
): Promise<Counted> {
  const next = async (): Promise<{ kind: number; body: Buffer }> => {
    const head = await content.exactly(5)
    const body = head && (await content.exactly(head.readUInt32BE(1)))
    if (!head || !body) throw damaged('it ends too early')
    return { kind: head.readUInt8(), body }
  }
  const read = async <T extends z.ZodType>(shape: T, body: Buffer): Promise<z.output<T>> => {
    const parsed = shape.safeParse(JSON.parse(body.toString()))
    if (!parsed.success) throw damaged(`its own description: ${parsed.error.issues[0]!.message}`)
    return parsed.data
  }
  const first = await next()
  if (first.kind !== kinds.manifest) throw damaged('it has no manifest')
  await begin(await read(manifestShape, first.body))
  const all = { tables: 0, rows: 0 }
  for (;;) {
    const { kind, body } = await next()
    if (kind === kinds.end) {
      const said = await read(endShape, body)
      // Its end is read too, or a file could go on behind it.
      if (said.tables !== all.tables || said.rows !== all.rows || (await content.exactly(1)))
        throw damaged('its tables are not all there')
      return { ...all, bytes: content.taken }
    }
    if (kind !== kinds.table) throw damaged('a table has no beginning')
    const { name } = await read(z.object({ name: z.string() }), body)
    const hash = createHash('sha256')
    let ending: Buffer | undefined
    const rows = (async function* () {
      for (;;) {
        const { kind, body } = await next()
        if (kind === kinds.endOfTable) {
          ending = body
          return
        }
        if (kind !== kinds.rows) throw damaged(`${name} has no end`)
        hash.update(body)
        yield body
      }
    })()
    const taken = await take({ name, rows })
    if (!ending) throw damaged(`${name} was not read to its end`)
    const said = await read(endOfTableShape, ending)
    if (said.sha256 !== hash.digest('hex') || said.rows !== taken) throw damaged(`the rows of ${name}`)
    all.tables++
    all.rows += taken
  }
}
