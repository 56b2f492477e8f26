/**
 * Records as they lie, sealed, for whoever weighs all of them: streamed in PostgreSQL's binary form, which costs a
 * fraction of rows by the driver. They are opened by the reader, in the reader's memory.
 */
import { sql } from 'kysely'
import type { Pool } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Ctx } from '#platform/ctx'
import { assert } from '#platform/errors'
import { arrayOf } from '#platform/rows'
import type { RecordValues } from './values.ts'

export interface SealedRecord {
  /** Sixteen bytes each; `label` is the record's key, by which an order that nobody gave is made. */
  home: Buffer
  person: Buffer
  label: Buffer
  wrappedKey: Buffer
  sealed: Buffer
  /** It came since the moment that was asked about. */
  fresh: boolean
}

const headBytes = 19
const columns = 6

/**
 * Live records with homes above `after`, up to `last`, in no order, as many at once as came together. Their bytes are of
 * a chunk that is soon gone.
 */
export async function* sealedRecords(
  pool: Pool,
  { after, last, since = null }: { after: string; last: string; since?: Date | null },
): AsyncGenerator<SealedRecord[]> {
  for (const id of [after, last]) assert(/^[0-9a-f-]{36}$/.test(id), 'an id that is none')
  const fresh = since === null ? 'true' : `r.created_at > '${since.toISOString()}'`
  const client = await pool.connect()
  let done = false
  try {
    const rows = client.query(
      copyTo(`copy (
        select h.member_id, h.person_id, r.record_key, h.wrapped_key, r.sealed, ${fresh}
        from members.records r join members.homes h on h.member_id = r.member_id
        where r.withdrawn_at is null and h.wrapped_key is not null and r.member_id > '${after}' and r.member_id <= '${last}'
          and h.member_id > '${after}' and h.member_id <= '${last}') to stdout (format binary)`),
    )
    let rest: Buffer = Buffer.alloc(0)
    let headed = false
    for await (const chunk of rows as AsyncIterable<Buffer>) {
      const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const records: SealedRecord[] = []
      let at = 0
      if (!headed && bytes.length >= headBytes) {
        at = headBytes
        headed = true
      }
      while (headed && at + 2 <= bytes.length) {
        if (bytes.readInt16BE(at) === -1) break
        const fields: Buffer[] = []
        let next = at + 2
        while (fields.length < columns && next + 4 <= bytes.length) {
          const length = bytes.readInt32BE(next)
          if (next + 4 + length > bytes.length) break
          fields.push(bytes.subarray(next + 4, next + 4 + length))
          next += 4 + length
        }
        if (fields.length < columns) break
        const [home, person, label, wrappedKey, sealed, isFresh] = fields as [
          Buffer,
          Buffer,
          Buffer,
          Buffer,
          Buffer,
          Buffer,
        ]
        records.push({ home, person, label, wrappedKey, sealed, fresh: isFresh[0] === 1 })
        at = next
      }
      if (records.length > 0) yield records
      rest = bytes.subarray(at)
    }
    done = true
  } finally {
    // In the middle of a stream the connection is of no use to anybody.
    client.release(!done)
  }
}

/** How many records there are, with the home in the middle and the last; how many people the live ones are. */
export async function spreadOfRecords(
  ctx: Pick<Ctx, 'tx'>,
): Promise<{ records: number; persons: number; middle: string | null; last: string | null }> {
  const { rows } = await sql<{ records: number; last: string | null }>`
    select count(*) as records, (select member_id from members.records order by member_id desc limit 1) as last from members.records`.execute(
    ctx.tx,
  )
  const { records, last } = rows[0]!
  const { rows: middle } = await sql<{ id: string }>`
    select member_id as id from members.records order by member_id offset ${Math.floor(records / 2)} limit 1`.execute(
    ctx.tx,
  )
  // The first home of a person gives it its id, and its record is live.
  const { rows: people } = await sql<{ persons: number }>`
    select count(*) as persons from members.homes h join members.records r on r.member_id = h.member_id
    where h.member_id = h.person_id and r.withdrawn_at is null`.execute(ctx.tx)
  return { records, persons: people[0]!.persons, middle: middle[0]?.id ?? null, last }
}

export interface OpenRecord {
  home: string
  person: string
  values: RecordValues
}

/** How many live records came since a moment, counted no further than `most`; and which, in no order. */
export async function recordsSince(ctx: Pick<Ctx, 'tx'>, since: Date, most: number): Promise<string[]> {
  const { rows } = await sql<{ home: string }>`
    select member_id as home from members.records where created_at > ${since} and withdrawn_at is null limit ${most}`.execute(
    ctx.tx,
  )
  return rows.map(({ home }) => home)
}

/** Live records of these homes, opened in memory. */
export async function openRecordsOf(ctx: Pick<Ctx, 'tx' | 'vault'>, homes: readonly string[]): Promise<OpenRecord[]> {
  if (homes.length === 0) return []
  const { rows } = await sql<{ home: string; person: string; sealed: Buffer; wrapped: Buffer }>`
    select r.member_id as home, h.person_id as person, r.sealed, h.wrapped_key as wrapped
    from members.records r join members.homes h on h.member_id = r.member_id
    where r.withdrawn_at is null and h.wrapped_key is not null and r.member_id = any(${arrayOf('uuid', homes)})`.execute(
    ctx.tx,
  )
  return rows.map(({ home, person, sealed, wrapped }) => ({
    home,
    person,
    values: ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped), `record:${home}`, sealed),
  }))
}

/** How many records there are, as the database last counted them, or exactly where it has not. */
export async function roughlyRecords(ctx: Pick<Ctx, 'tx'>): Promise<number> {
  const { rows } = await sql<{ records: number }>`
    select reltuples::bigint as records from pg_class where oid = 'members.records'::regclass`.execute(ctx.tx)
  if (rows[0]!.records > 10_000) return rows[0]!.records
  const { rows: counted } = await sql<{ records: number }>`select count(*) as records from members.records`.execute(
    ctx.tx,
  )
  return counted[0]!.records
}
