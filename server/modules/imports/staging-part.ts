/** Cleans and seals the rows that it is given and copies them into `imports.rows`, over a connection of its own. */
import { once } from 'node:events'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type VaultKeys, vaultOf } from '#platform/vault'
import type { SourceRow } from './files/index.ts'
import { RowStager, type StagingOptions, type StagingReport } from './staging-rows.ts'

export interface Staging {
  importId: string
  staging: number
  databaseUrl: string
  keys: VaultKeys
  options: StagingOptions
}

export interface Part {
  take(rows: readonly SourceRow[]): Promise<void>
  finish(): Promise<StagingReport>
  close(): Promise<void>
}

/** Rows in one COPY: a transaction of well under a second. */
const rowsInCopy = 5_000

export async function openPart({ importId, staging, databaseUrl, keys, options }: Staging): Promise<Part> {
  const vault = vaultOf(keys)
  const stager = new RowStager(vault, options)
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'roundtrip staging' })
  client.on('error', () => {})
  await client.connect()
  let lines: string[] = []
  let rejected: { rowNumber: number; sealed: Buffer }[] = []

  const copyOut = async () => {
    if (lines.length > 0) {
      const stream = client.query(
        copyFrom('copy imports.rows (import_id, staging, row_key, row_number, content_hash, sealed) from stdin'),
      )
      const finished = once(stream, 'finish')
      stream.end(lines.join(''))
      lines = []
      await finished
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
        const result = stager.stage(row)
        if ('rejected' in result) {
          rejected.push({
            rowNumber: row.number,
            sealed: vault.seal(keys.staging, `rejected:${importId}`, { reason: result.rejected, cells: row.cells }),
          })
        } else {
          const { rowNumber, key, contentHash, payload } = result.staged
          const sealed = vault.seal(keys.staging, `row:${importId}`, payload)
          lines.push(`${importId}\t${staging}\t${key}\t${rowNumber}\t${contentHash}\t\\\\x${sealed.toString('hex')}\n`)
        }
      }
      if (lines.length + rejected.length >= rowsInCopy) await copyOut()
    },
    async finish() {
      await copyOut()
      return stager.report()
    },
    close: () => client.end(),
  }
}
