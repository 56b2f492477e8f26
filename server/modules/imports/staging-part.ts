/** Cleans and seals the rows that it is given and copies them into `imports.blocks`, over a connection of its own. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { everyRefusal, listOfRefused } from '#modules/members'
import { type VaultKeys, vaultOf } from '#platform/vault'
import { BlockWriter, type StagingId } from './blocks.ts'
import { refusedRow } from './erasing.ts'
import type { SourceRow } from './files/index.ts'
import { RowStager, type StagingOptions, type StagingReport } from './staging-rows.ts'

export interface Staging extends StagingId {
  databaseUrl: string
  keys: VaultKeys
  options: StagingOptions
  /** Of the whole file. */
  bytes: number
}

export interface Part {
  take(rows: readonly SourceRow[]): Promise<void>
  finish(): Promise<StagingReport>
  close(): Promise<void>
}

/** Rows in one COPY: a transaction of well under a second. The more, the more find their bucket's block. */
const rowsInCopy = 3_000
const charactersInCopy = 8_000_000

export async function openPart({ importId, staging, databaseUrl, keys, options, bytes }: Staging): Promise<Part> {
  const vault = vaultOf(keys)
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'roundtrip staging' })
  client.on('error', () => {})
  await client.connect()
  // The state `staged`, which commits last, makes all of it last.
  await client.query('set synchronous_commit = off')
  const { rows: refused } = await client.query<{ blind: string; by: number }>(everyRefusal)
  const stager = new RowStager(vault, options, listOfRefused(vault, refused))
  const blocks = new BlockWriter(vault, { importId, staging }, bytes)
  let characters = 0
  let rejected: { rowNumber: number; sealed: Buffer }[] = []

  const copyOut = async () => {
    if (blocks.waiting > 0) {
      characters = 0
      await pipeline(
        Readable.from(blocks.lines()),
        client.query(
          copyFrom(
            'copy imports.blocks (import_id, staging, bucket, row_keys, row_numbers, content_hashes, sealed) from stdin',
          ),
        ),
      )
    }
    if (rejected.length > 0) {
      await client.query(
        'insert into imports.rejected (import_id, staging, row_number, sealed) select $1, $2, n, s from unnest($3::int[], $4::bytea[]) as u(n, s)',
        [importId, staging, rejected.map(({ rowNumber }) => rowNumber), rejected.map(({ sealed }) => sealed)],
      )
      rejected = []
    }
  }

  return {
    async take(rows) {
      for (const row of rows) {
        for (const cell of row.cells) characters += cell?.length ?? 0
        const result = stager.stage(row)
        if ('rejected' in result) {
          rejected.push({
            rowNumber: row.number,
            sealed: vault.seal(keys.staging, `rejected:${importId}`, {
              reason: result.rejected,
              cells: result.rejected === refusedRow ? [] : row.cells,
            }),
          })
        } else blocks.add(result.staged)
      }
      if (blocks.waiting + rejected.length >= rowsInCopy || characters >= charactersInCopy) await copyOut()
    },
    async finish() {
      await copyOut()
      return stager.report()
    },
    close: () => client.end(),
  }
}
