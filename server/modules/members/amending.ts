/**
 * Changes what records say without their channel having said it: a spelling becomes the word that it means, or staff
 * put right what is wrong. What stood before stays as a past version. The record remains the word of the import that
 * brought it, so that the undo of the import takes it back whole; and a file that says once more what it said before
 * changes nothing back.
 */
import { sql } from 'kysely'
import { channels } from '#modules/channels'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import type { Origin } from '#platform/events'
import { arrayOf } from '#platform/rows'
import { recordOfNobody } from './errors.ts'
import { findingsOf } from './findings.ts'
import { place, putRecords } from './records.ts'
import { homeInScope } from './scope.ts'
import {
  isAboutNobody,
  overlay,
  type PreparedRecord,
  prepareRecord,
  type RecordValues,
  withoutEmpty,
} from './values.ts'

export interface Amendment {
  home: string
  /** Field → what it says from now on; an empty text: nothing. */
  said: RecordValues
  /** Since when, if not since now: of what is put back. */
  seenAt?: Date
}

export interface StandingRecord {
  home: string
  channelId: number
  version: number
  /** In force. */
  values: RecordValues
}

/**
 * Writes them as new versions, those that stand and are within the scope; says which version each is now. `spelling`:
 * the same was meant before, so it is as old as it was when records of a person are weighed. `word`: said now.
 */
export async function amendRecords(
  ctx: Ctx,
  amendments: readonly Amendment[],
  { as, origin }: { as: 'spelling' | 'word'; origin: Origin },
): Promise<{ home: string; version: number }[]> {
  if (amendments.length === 0) return []
  const saidOf = new Map(amendments.map((one) => [one.home, one]))
  const homes = arrayOf('uuid', [...saidOf.keys()].sort())
  const { rows: keys } = await sql<{ key: string }>`
    select record_key as key from members.records where member_id = any(${homes})`.execute(ctx.tx)
  // Before they are read: whoever changes one of them now is waited for.
  await takeTurns(
    ctx,
    'record',
    keys.map(({ key }) => key),
  )
  const { rows } = await sql<{
    home: string
    key: string
    channelId: number
    hash: string
    own: Buffer
    sealed: Buffer
    version: number
    importId: string | null
    seenAt: Date
    wrapped: Buffer
  }>`
    select r.member_id as home, r.record_key as key, r.channel_id as "channelId", r.content_hash as hash,
      coalesce(r.sealed_own, r.sealed) as own, r.sealed, r.version, r.import_id as "importId", r.seen_at as "seenAt", h.wrapped_key as wrapped
    from members.records r join members.homes h on h.member_id = r.member_id
    where r.member_id = any(${homes}) and r.withdrawn_at is null and h.wrapped_key is not null
      and ${homeInScope(ctx.actor.scope, sql`r.member_id`)} order by r.member_id`.execute(ctx.tx)
  const channelOfId = new Map((await channels(ctx)).map((channel) => [channel.id, channel]))
  for (const same of Map.groupBy(rows, ({ channelId, importId }) => `${channelId} ${importId}`).values()) {
    const { channelId, importId } = same[0]!
    const channel = channelOfId.get(channelId)!
    const prepared = same.map(({ home, key, hash, own, sealed, seenAt, wrapped }): PreparedRecord => {
      const opened = (bytes: Buffer) => ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped), place(home), bytes)
      const { said, seenAt: since } = saidOf.get(home)!
      const values = { ...opened(own), ...said }
      const emptiesIdentity = Object.keys(said).some((field) => said[field] === '' && !field.startsWith('raw.'))
      if (emptiesIdentity && isAboutNobody(overlay(opened(sealed), values))) throw recordOfNobody()
      const record = prepareRecord(ctx.vault, channel, withoutEmpty(values))
      return {
        ...record,
        values,
        key,
        contentHash: as === 'spelling' ? record.contentHash : hash,
        seenAt: since ?? (as === 'spelling' ? seenAt : ctx.now),
        amends: true,
      }
    })
    await putRecords(ctx, prepared, { channel, origin, importId })
  }
  return rows.map(({ home, version }) => ({ home, version: version + 1 }))
}

/** Live records above a home, opened in memory, in the order of their homes. */
export async function recordsAfter(
  ctx: Pick<Ctx, 'tx' | 'vault'>,
  { after, limit, channelIds }: { after: string | null; limit: number; channelIds?: readonly number[] | undefined },
): Promise<{ records: StandingRecord[]; last: string | null }> {
  const { rows } = await sql<
    Omit<StandingRecord, 'values'> & { sealed: Buffer; wrapped: Buffer | null; live: boolean }
  >`
    select r.member_id as home, r.channel_id as "channelId", r.version, r.sealed, h.wrapped_key as wrapped, r.withdrawn_at is null as live
    from members.records r join members.homes h on h.member_id = r.member_id
    where ${after === null ? sql`true` : sql`r.member_id > ${after}::uuid`}
      ${channelIds ? sql`and r.channel_id = any(${arrayOf('int', channelIds)}) and r.withdrawn_at is null` : sql``}
    order by r.member_id limit ${limit}`.execute(ctx.tx)
  return {
    records: rows.flatMap(({ sealed, wrapped, live, ...row }) =>
      live && wrapped
        ? [{ ...row, values: ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped), place(row.home), sealed) }]
        : [],
    ),
    last: rows.at(-1)?.home ?? null,
  }
}

/** Live records of these homes that the actor sees, opened in memory. */
export async function standingOf(
  ctx: Pick<Ctx, 'tx' | 'vault' | 'actor'>,
  homes: readonly string[],
): Promise<(StandingRecord & { seenAt: Date; person: string })[]> {
  const { rows } = await sql<
    Omit<StandingRecord, 'values'> & { seenAt: Date; person: string; sealed: Buffer; wrapped: Buffer }
  >`
    select r.member_id as home, r.channel_id as "channelId", r.version, r.seen_at as "seenAt", h.person_id as person, r.sealed, h.wrapped_key as wrapped
    from members.records r join members.homes h on h.member_id = r.member_id
    where r.member_id = any(${arrayOf('uuid', homes)}) and r.withdrawn_at is null and h.wrapped_key is not null
      and ${homeInScope(ctx.actor.scope, sql`r.member_id`)} order by r.member_id`.execute(ctx.tx)
  return rows.map(({ sealed, wrapped, ...row }) => ({
    ...row,
    values: ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped), place(row.home), sealed),
  }))
}

/** What records said up to a version, and since when: what was in force then. Versions that are no more are left out. */
export async function saidBefore(
  ctx: Pick<Ctx, 'tx' | 'vault'>,
  wanted: readonly { home: string; version: number }[],
): Promise<Map<string, { values: RecordValues; seenAt: Date }>> {
  const { rows } = await sql<{ home: string; sealed: Buffer; wrapped: Buffer; seenAt: Date }>`
    select v.member_id as home, v.sealed_own as sealed, h.wrapped_key as wrapped, v.seen_at as "seenAt"
    from unnest(${arrayOf(
      'uuid',
      wanted.map(({ home }) => home),
    )}, ${arrayOf(
      'int',
      wanted.map(({ version }) => version),
    )}) as u(m, n)
    join members.past_versions v on v.member_id = u.m and v.version <= u.n
    join members.homes h on h.member_id = v.member_id where h.wrapped_key is not null order by v.member_id, v.version`.execute(
    ctx.tx,
  )
  const said = new Map<string, { values: RecordValues; seenAt: Date }>()
  for (const { home, sealed, wrapped, seenAt } of rows) {
    const own = ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped), place(home), sealed)
    said.set(home, { values: overlay(said.get(home)?.values ?? {}, own), seenAt })
  }
  return said
}

/** Writes what can be said of records that were written before it was kept. Says of how many. */
export async function fillFindings(ctx: Pick<Ctx, 'tx'>, records: readonly StandingRecord[]): Promise<number> {
  if (records.length === 0) return 0
  const { rows } = await sql<{ home: string }>`
    select member_id as home from members.profiles where filled is null and member_id = any(${arrayOf(
      'uuid',
      records.map(({ home }) => home),
    )})`.execute(ctx.tx)
  const missing = new Set(rows.map(({ home }) => home))
  const found = records.flatMap(({ home, values }) =>
    missing.has(home)
      ? [{ home, source: typeof values.source === 'string' ? values.source : null, ...findingsOf(values) }]
      : [],
  )
  await sql`update members.profiles p set filled = u.f, filled_custom = u.c, wrong = u.w, source = u.s
    from unnest(${arrayOf(
      'uuid',
      found.map(({ home }) => home),
    )}, ${arrayOf(
      'int',
      found.map(({ filled }) => filled),
    )}, ${arrayOf(
      'text',
      found.map(({ filledCustom }) => filledCustom),
    )}, ${arrayOf(
      'text',
      found.map(({ wrong }) => wrong),
    )}, ${arrayOf(
      'text',
      found.map(({ source }) => source),
    )}) as u(m, f, c, w, s) where p.member_id = u.m`.execute(ctx.tx)
  return found.length
}

/** Whether there are records of which it isn't known yet what they say. */
export async function lacksFindings(ctx: Pick<Ctx, 'tx'>): Promise<boolean> {
  const { rows } = await sql`select from members.profiles where filled is null limit 1`.execute(ctx.tx)
  return rows.length > 0
}
