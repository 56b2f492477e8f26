/**
 * Takes back what an import said about people: its versions of records go, older and later ones by other ways stay, and
 * people are put together or apart as the identities that are left say.
 */
import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import type { Channel } from '#modules/channels'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { emitMany } from '#platform/events'
import { lowestId } from '#platform/ids'
import { moveIdentitiesOf, movePastVersions } from './blind-indexes.ts'
import { regroup } from './grouping.ts'
import { carriedBy, identitiesOf } from './identities.ts'
import { place, replaceDerived, type Standing } from './records.ts'
import { freshHomes, homesWithSharedIdentities } from './region.ts'
import { overlay, profileOf, type RecordValues } from './values.ts'
import './events.ts'

/** What is left of a record that others refer to: its external id, else its strongest identity. */
function bareVersion(ctx: Ctx, record: Standing, key: KeyObject, channel: Channel, importId: string | null) {
  const values = ctx.vault.open<RecordValues>(key, place(record.member_id), record.sealed)
  const field = values.externalId
    ? 'externalId'
    : (Object.keys(values).find((one) => ['unionid', 'phone', 'email'].includes(one)) ?? 'name')
  const bare: RecordValues = values[field] === undefined ? {} : { [field]: values[field] }
  return {
    content_hash: ctx.vault.blind('content', `${channel.id}\u0000bare\u0000${record.member_id}`),
    sealed: ctx.vault.seal(key, place(record.member_id), bare),
    import_id: importId,
    seen_at: record.seen_at,
  }
}

/**
 * Counts what withdrawing an import would do: records that go, those that stay because of `staying` (somebody else told
 * the same, or orders hang on them), and those that go back to what they were.
 */
export async function withdrawalOf(
  ctx: Ctx,
  importId: string,
  staying: (homes: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<{ withdrawn: number; kept: number; restored: number }> {
  const { rows } = await sql<{ withdrawn: number; restored: number }>`
    select count(*) filter (where not older) as withdrawn, count(*) filter (where older) as restored from (
      select exists (select from members.past_versions p where p.member_id = r.member_id and p.import_id is distinct from ${importId}) as older
      from members.records r where import_id = ${importId} and withdrawn_at is null) touched`.execute(ctx.tx)
  const { withdrawn, restored } = rows[0]!
  let kept = 0
  for (let after = lowestId; ; ) {
    const { rows: page } = await sql<{ member_id: string }>`
      select member_id from members.records r where import_id = ${importId} and withdrawn_at is null and member_id > ${after}::uuid
        and not exists (select from members.past_versions p where p.member_id = r.member_id and p.import_id is distinct from ${importId})
      order by member_id limit 5000`.execute(ctx.tx)
    if (page.length === 0) break
    const stay = await staying(page.map((row) => row.member_id))
    kept += stay.size
    after = page.at(-1)!.member_id
  }
  return { withdrawn: withdrawn - kept, kept, restored }
}

/**
 * Takes back what an import said, for up to `limit` records: a record that it made is withdrawn, one that it changed
 * goes back to what its other versions say. What came later by other ways stays: a record that another import told of
 * in the same words (`alsoTold`) is that one's now; a record that is `needed` (somebody else's orders hang on it, by an
 * import or not) keeps the one value that it is known by. Says how many were done; 0: none left.
 */
export async function withdrawVersions(
  ctx: Ctx,
  {
    importId,
    channels,
    limit,
    alsoTold,
    needed,
  }: {
    importId: string
    channels: ReadonlyMap<number, Channel>
    limit: number
    alsoTold: (homes: readonly string[]) => Promise<ReadonlyMap<string, string>>
    needed: (homes: readonly string[]) => Promise<ReadonlyMap<string, string | null>>
  },
): Promise<number> {
  const { rows: touched } = await sql<{ member_id: string; record_key: string; by: number }>`
    select member_id, record_key, record_key_by as by from members.records where member_id in (
      select member_id from members.records where import_id = ${importId} and withdrawn_at is null
      union select member_id from members.past_versions where import_id = ${importId})
    order by member_id limit ${limit}`.execute(ctx.tx)
  if (touched.length === 0) return 0
  const ids = touched.map((row) => row.member_id)
  // Before they are read: whoever changes one of them now is waited for.
  await takeTurns(
    ctx,
    'record',
    touched.map((row) => ctx.vault.current(row.record_key, row.by)),
  )
  await moveIdentitiesOf(ctx, ids)
  const { rows: keptRecords } = await sql<Standing & { channel_id: number; by: number }>`
    select r.record_key, r.member_id, r.channel_id, r.content_hash, r.content_hash_by as by, r.sealed, r.sealed_own, r.version, h.wrapped_key, r.import_id, r.seen_at, r.withdrawn_at
    from members.records r join members.homes h on h.member_id = r.member_id
    where r.member_id = any(${ids}::uuid[]) order by r.member_id`.execute(ctx.tx)
  const now = <R extends { content_hash: string; by: number }>(row: R): R => ({
    ...row,
    content_hash: ctx.vault.current(row.content_hash, row.by),
  })
  const records = keptRecords.map(now)
  const { rows: keptVersions } = await sql<{
    member_id: string
    version: number
    content_hash: string
    by: number
    sealed_own: Buffer
    import_id: string | null
    seen_at: Date
  }>`
    select *, content_hash_by as by from members.past_versions where member_id = any(${ids}::uuid[]) order by member_id, version`.execute(
    ctx.tx,
  )
  await movePastVersions(ctx, keptVersions)
  const versions = keptVersions.map(now)
  const { rows: lost } = await sql<{
    blind: string
  }>`select distinct blind from members.identities where member_id = any(${ids}::uuid[])`.execute(ctx.tx)

  const stillTold = await alsoTold(ids)
  const stillNeeded = await needed(ids)
  const gone: typeof records = []
  const bare = new Set<string>()
  const restored: {
    record: (typeof records)[number]
    values: RecordValues
    own: { content_hash: string; sealed: Buffer; import_id: string | null; seen_at: Date }
    key: KeyObject
  }[] = []
  for (const record of records) {
    const key = ctx.vault.unwrap(record.wrapped_key)
    const current = record.withdrawn_at
      ? []
      : [
          {
            content_hash: record.content_hash,
            sealed: record.sealed_own ?? record.sealed,
            import_id: record.import_id,
            seen_at: record.seen_at,
          },
        ]
    const all = [
      ...versions
        .filter((version) => version.member_id === record.member_id)
        .map((version) => ({ ...version, sealed: version.sealed_own })),
      ...current,
    ]
    const left = all.filter((version) => version.import_id !== importId)
    const teller = stillTold.get(record.member_id)
    if (left.length === 0 && teller) left.push(...all.map((version) => ({ ...version, import_id: teller })))
    if (left.length === 0 && stillNeeded.has(record.member_id)) {
      const channel = channels.get(record.channel_id)!
      left.push(bareVersion(ctx, record, key, channel, stillNeeded.get(record.member_id)!))
      bare.add(record.member_id)
    }
    const newest = left.at(-1)
    if (!newest) {
      gone.push(record)
      continue
    }
    const values = left.reduce<RecordValues>(
      (before, version) => overlay(before, ctx.vault.open<RecordValues>(key, place(record.member_id), version.sealed)),
      {},
    )
    restored.push({ record, values, own: newest, key })
  }
  const given = restored.map(({ record, values }) => ({
    memberId: record.member_id,
    identities: identitiesOf(ctx.vault, carriedBy(values, channels.get(record.channel_id)!)),
    profile: profileOf(values),
  }))
  // Whoever brings a value that is lost or given back here is waited for, or waits.
  await takeTurns(ctx, 'identity', [
    ...lost.map((row) => row.blind),
    ...given.flatMap(({ identities }) => identities.map(({ blind }) => blind)),
  ])
  const goneIds = gone.map((record) => record.member_id)
  await sql`update members.records set withdrawn_at = ${ctx.now} where member_id = any(${goneIds}::uuid[])`.execute(
    ctx.tx,
  )
  await sql`delete from members.identities where member_id = any(${goneIds}::uuid[])`.execute(ctx.tx)
  await sql`delete from members.profiles where member_id = any(${goneIds}::uuid[])`.execute(ctx.tx)
  await sql`update members.records r set content_hash = u.c, content_hash_by = ${ctx.vault.indexBy}, sealed = u.s, sealed_own = u.o, import_id = u.i, seen_at = u.a
    from unnest(${restored.map(({ record }) => record.member_id)}::uuid[], ${restored.map(({ own }) => own.content_hash)}::uuid[],
      ${restored.map(({ record, values, key }) => ctx.vault.seal(key, place(record.member_id), values))}::bytea[], ${restored.map(({ own }) => own.sealed)}::bytea[],
      ${restored.map(({ own }) => own.import_id)}::uuid[], ${restored.map(({ own }) => own.seen_at)}::timestamptz[]) as u(m, c, s, o, i, a)
    where r.member_id = u.m`.execute(ctx.tx)
  await sql`delete from members.past_versions p using members.records r where p.member_id = any(${ids}::uuid[]) and r.member_id = p.member_id
    and (p.import_id = ${importId} or (p.content_hash = r.content_hash and p.import_id is not distinct from r.import_id))`.execute(
    ctx.tx,
  )
  // What nobody brought but this import is nobody's word any more.
  await sql`update members.records set import_id = null where member_id = any(${goneIds}::uuid[])`.execute(ctx.tx)
  await replaceDerived(ctx, given)
  const seeds = await homesWithSharedIdentities(ctx, {
    changed: ids,
    lostBlinds: lost.map((row) => row.blind),
    fresh: freshHomes(),
  })
  await regroup(ctx, seeds, { born: new Set(), origin: 'import', reason: 'undo' })
  const of = (record: (typeof records)[number]) => ({
    memberId: record.member_id,
    recordId: record.member_id,
    origin: 'import' as const,
  })
  const part = (record: (typeof records)[number]) => ({ channel: channels.get(record.channel_id)!.code, importId })
  // Only who is nobody's word any more takes back what the record has earned by coming.
  const stays = restored.map(({ record }) => record).filter((record) => !bare.has(record.member_id))
  await emitMany(ctx, [
    ...records
      .filter((record) => !stays.includes(record))
      .map((record) => ({ ...of(record), type: 'record.withdrawn' as const, payload: part(record) })),
    ...stays.map((record) => ({
      ...of(record),
      type: 'record.updated' as const,
      payload: { ...part(record), version: record.version },
    })),
  ])
  return ids.length
}
