/**
 * Source records: put and looked up. A record is kept as it came, every version; what is in force is its
 * newest version over the older ones. All verbs work on batches; a single record is a batch of one.
 */
import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import type { Channel } from '#modules/channels'
import { moveOn } from '#platform/blind-indexes'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { emitMany, type Origin } from '#platform/events'
import { newId } from '#platform/ids'
import { type Columns, insertOf } from '#platform/rows'
import { moveIdentities, moveIdentitiesOf, recordKeys } from './blind-indexes.ts'
import { type Grouping, regroup } from './grouping.ts'
import { carriedBy, type Identity, identitiesOf } from './identities.ts'
import { freshHomes, homesWithSharedIdentities, sharedAmong } from './region.ts'
import { overlay, type PreparedRecord, type Profile, profileOf, type RecordValues } from './values.ts'
import './events.ts'

export interface PutOptions {
  channel: Channel
  origin: Origin
  importId?: string | null
  /** When the channel said this, if not now. */
  seenAt?: Date
  /** Leaves a record that exists as it is: an order only refers to its customer. */
  onlyNew?: boolean
}

export interface PutRecord {
  key: string
  memberId: string
  outcome: 'created' | 'updated' | 'unchanged'
}

export interface Standing {
  record_key: string
  member_id: string
  /** Under the index key of now, whichever it is kept under. */
  content_hash: string
  sealed: Buffer
  sealed_own: Buffer | null
  version: number
  wrapped_key: Buffer
  import_id: string | null
  seen_at: Date
  withdrawn_at: Date | null
}

const saidAt = (ctx: Ctx, record: PreparedRecord, options: PutOptions) => record.seenAt ?? options.seenAt ?? ctx.now

export const place = (memberId: string) => `record:${memberId}`

/**
 * Makes or brings up to date the records of one channel, then puts people together or apart as the identities now
 * say. Keys must differ within a batch. Answers in the order given.
 */
export async function putRecords(
  ctx: Ctx,
  prepared: readonly PreparedRecord[],
  options: PutOptions,
): Promise<PutRecord[]> {
  if (prepared.length === 0) return []
  // Sorted, so that two batches with records in common meet in one order and can't deadlock.
  const sorted = [...prepared].sort((a, b) => (a.key < b.key ? -1 : 1))
  await moveOn(
    ctx,
    recordKeys,
    sorted.map(({ key }) => key),
  )
  const claims: Columns<PreparedRecord> = {
    record_key: ['uuid', (record) => record.key],
    record_key_by: ['smallint', () => ctx.vault.indexBy],
    member_id: ['uuid', () => newId()],
  }
  const { rows: claimed } = await sql<{ record_key: string; member_id: string }>`
    ${insertOf('members.record_keys', claims, sorted)} on conflict do nothing returning record_key, member_id`.execute(
    ctx.tx,
  )
  const fresh = new Map(claimed.map((row) => [row.record_key, row.member_id]))
  const created = sorted.filter((record) => fresh.has(record.key))
  const known = sorted.filter((record) => !fresh.has(record.key))
  const results = new Map<string, PutRecord>(
    created.map((record) => [record.key, { key: record.key, memberId: fresh.get(record.key)!, outcome: 'created' }]),
  )

  const updates = await updatesOf(ctx, known, options, results)
  await moveIdentities(
    ctx,
    [...created, ...updates].flatMap(({ identities }) => identities.map(({ blind }) => blind)),
  )
  const wrappedKeys = await insertRecords(ctx, created, fresh, options)
  await writeUpdates(ctx, updates, options)
  // Only now: whoever has a turn after this act sees what it wrote, and this act sees what those before it wrote. So
  // the writing itself goes on side by side.
  await takeTurns(ctx, 'identity', [
    ...[...created, ...updates.map((update) => update.next)].flatMap((record) =>
      record.identities.map((identity) => identity.blind),
    ),
    ...updates.flatMap((update) => update.lostBlinds),
  ])
  if (!options.importId && !options.onlyNew) {
    // What is told by another way too is not the word of an import alone: its undo leaves it.
    await sql`update members.records set import_id = null where import_id is not null and member_id = any(${[...results.values()].filter(({ outcome }) => outcome === 'unchanged').map(({ memberId }) => memberId)}::uuid[])`.execute(
      ctx.tx,
    )
  }

  // Another name on a shared phone may be the one that made it shared, so those values are judged anew too.
  const parted = [
    ...updates.flatMap((update) => update.lostBlinds),
    ...(await sharedAmong(
      ctx,
      updates.flatMap((update) => update.identities.map(({ blind }) => blind)),
    )),
  ]
  const made = freshHomes(
    new Map(
      created.map(({ key, profile, identities }) => [
        fresh.get(key)!,
        { label: ctx.vault.bare(key), nameKey: profile.nameKey, birthDate: profile.birthDate, identities },
      ]),
    ),
  )
  const seeds = await homesWithSharedIdentities(ctx, {
    changed: updates.map((update) => update.standing.member_id),
    lostBlinds: parted,
    fresh: made,
  })
  const revived = updates.filter(({ standing }) => standing.withdrawn_at !== null)
  const born = [...fresh.values(), ...revived.map(({ standing }) => standing.member_id)]
  const grouping = await regroup(ctx, seeds, {
    born: new Set(born),
    origin: options.origin,
    reason: 'identity',
    fresh: made,
  })
  await insertHomes(ctx, wrappedKeys, grouping)

  const importPart = options.importId ? { importId: options.importId } : {}
  const channel = options.channel.code
  const toldOf = new Map([
    ...created.map((record) => [fresh.get(record.key)!, record] as const),
    ...revived.map(({ standing, next }) => [standing.member_id, next] as const),
  ])
  const arrived: Parameters<typeof emitMany>[1][number][] = born.map((memberId) => {
    const person = grouping.personOf.get(memberId) ?? memberId
    const joined = grouping.sizeOf.get(person) ?? 1
    const at = saidAt(ctx, toldOf.get(memberId)!, options)
    return joined > 1 && person !== memberId
      ? {
          type: 'record.joined',
          memberId,
          recordId: memberId,
          at,
          origin: options.origin,
          payload: { channel, person, by: grouping.evidenceOf(memberId), ...importPart },
        }
      : {
          type: 'member.registered',
          memberId,
          recordId: memberId,
          at,
          origin: options.origin,
          payload: { channel, ...importPart },
        }
  })
  await emitMany(ctx, [
    ...arrived,
    ...updates
      .filter((update) => !revived.includes(update))
      .map(({ standing, next }) => ({
        type: 'record.updated' as const,
        memberId: standing.member_id,
        recordId: standing.member_id,
        at: saidAt(ctx, next, options),
        origin: options.origin,
        payload: { channel, version: standing.version + 1, ...importPart },
      })),
  ])
  return prepared.map((record) => results.get(record.key)!)
}

interface Update {
  standing: Standing
  next: PreparedRecord
  inForce: RecordValues
  identities: Identity[]
  profile: Profile
  /** Values that join it to others no more. */
  lostBlinds: string[]
  key: KeyObject
}

/** Which of the known records say something new; the rest is unchanged. */
async function updatesOf(
  ctx: Ctx,
  known: readonly PreparedRecord[],
  options: PutOptions,
  results: Map<string, PutRecord>,
): Promise<Update[]> {
  if (known.length === 0) return []
  const keys = known.map((record) => record.key)
  await takeTurns(ctx, 'record', keys)
  const { rows: kept } = await sql<Standing & { by: number }>`
    select k.record_key, r.member_id, r.content_hash, r.content_hash_by as by, r.sealed, r.sealed_own, r.version, h.wrapped_key, r.import_id, r.seen_at, r.withdrawn_at
    from members.record_keys k
    join members.records r on r.member_id = k.member_id
    join members.homes h on h.member_id = k.member_id
    where k.record_key = any(${keys}::uuid[])`.execute(ctx.tx)
  const rows = kept.map(
    ({ by, ...row }): Standing => ({ ...row, content_hash: ctx.vault.current(row.content_hash, by) }),
  )
  const byKey = new Map(rows.map((row) => [row.record_key, row]))
  const said = known.filter((next) => {
    const standing = byKey.get(next.key)!
    return (
      standing.withdrawn_at !== null ||
      next.amends === true ||
      (!options.onlyNew && standing.content_hash !== next.contentHash)
    )
  })
  const saidKeys = new Set(said.map((next) => next.key))
  for (const record of known) {
    const memberId = byKey.get(record.key)!.member_id
    results.set(record.key, {
      key: record.key,
      memberId,
      outcome: saidKeys.has(record.key) ? (byKey.get(record.key)!.withdrawn_at ? 'created' : 'updated') : 'unchanged',
    })
  }
  if (said.length === 0) return []
  await moveIdentitiesOf(
    ctx,
    said.map((next) => byKey.get(next.key)!.member_id),
  )
  const { rows: carried } = await sql<{ member_id: string; blind: string }>`
    select member_id, blind from members.identities where joins and member_id = any(${said.map((next) => byKey.get(next.key)!.member_id)}::uuid[])`.execute(
    ctx.tx,
  )
  const blindsOf = new Map<string, string[]>()
  for (const row of carried) {
    const blinds = blindsOf.get(row.member_id)
    if (blinds) blinds.push(row.blind)
    else blindsOf.set(row.member_id, [row.blind])
  }
  return said.map((next) => {
    const standing = byKey.get(next.key)!
    const key = ctx.vault.unwrap(standing.wrapped_key)
    const older = standing.withdrawn_at
      ? {}
      : ctx.vault.open<RecordValues>(key, place(standing.member_id), standing.sealed)
    const inForce = overlay(older, next.values)
    const identities = identitiesOf(ctx.vault, carriedBy(inForce, options.channel))
    const blinds = new Set(identities.filter(({ joins }) => joins).map(({ blind }) => blind))
    return {
      standing,
      next: { ...next, identities },
      inForce,
      identities,
      profile: profileOf(inForce),
      lostBlinds: (blindsOf.get(standing.member_id) ?? []).filter((blind) => !blinds.has(blind)),
      key,
    }
  })
}

/** Writes them under the home of each and gives back the homes' wrapped keys. */
async function insertRecords(
  ctx: Ctx,
  records: readonly PreparedRecord[],
  homeOf: ReadonlyMap<string, string>,
  options: PutOptions,
): Promise<Map<string, Buffer>> {
  if (records.length === 0) return new Map()
  const made = records.map((record) => {
    const memberId = homeOf.get(record.key)!
    const { key, wrapped } = ctx.vault.newHomeKey()
    return { ...record, memberId, wrapped, sealed: ctx.vault.seal(key, place(memberId), record.values) }
  })
  const written: Columns<(typeof made)[number]> = {
    member_id: ['uuid', (record) => record.memberId],
    channel_id: ['int', () => options.channel.id],
    record_key: ['uuid', (record) => record.key],
    record_key_by: ['smallint', () => ctx.vault.indexBy],
    content_hash: ['uuid', (record) => record.contentHash],
    content_hash_by: ['smallint', () => ctx.vault.indexBy],
    sealed: ['bytea', (record) => record.sealed],
    import_id: ['uuid', () => options.importId ?? null],
    seen_at: ['timestamptz', (record) => saidAt(ctx, record, options)],
    created_at: ['timestamptz', () => ctx.now],
  }
  await insertOf('members.records', written, made).execute(ctx.tx)
  await insertDerived(ctx, made, { again: false })
  return new Map(made.map(({ memberId, wrapped }) => [memberId, wrapped]))
}

/** Last, when it is known whose they are. */
async function insertHomes(
  ctx: Ctx,
  wrappedKeys: ReadonlyMap<string, Buffer>,
  { personOf }: Pick<Grouping, 'personOf'>,
): Promise<void> {
  if (wrappedKeys.size === 0) return
  const columns: Columns<[string, Buffer]> = {
    member_id: ['uuid', ([memberId]) => memberId],
    person_id: ['uuid', ([memberId]) => personOf.get(memberId) ?? memberId],
    wrapped_key: ['bytea', ([, wrapped]) => wrapped],
    created_at: ['timestamptz', () => ctx.now],
  }
  await insertOf('members.homes', columns, [...wrappedKeys]).execute(ctx.tx)
}

type Derived = { memberId: string; identities: readonly Identity[]; profile: Profile }

const profileColumns: Columns<Derived> = {
  member_id: ['uuid', (record) => record.memberId],
  name: ['text', ({ profile }) => profile.name],
  name_key: ['text', ({ profile }) => profile.nameKey],
  pinyin: ['text', ({ profile }) => profile.pinyin],
  initials: ['text', ({ profile }) => profile.initials],
  birth_date: ['date', ({ profile }) => profile.birthDate],
  gender: ['text', ({ profile }) => profile.gender],
  city: ['text', ({ profile }) => profile.city],
  source: ['text', ({ profile }) => profile.source],
  filled: ['int', ({ profile }) => profile.filled],
  filled_custom: ['text', ({ profile }) => profile.filledCustom],
  wrong: ['text', ({ profile }) => profile.wrong],
}

const identityColumns = (by: number): Columns<Identity & { memberId: string }> => ({
  blind: ['uuid', (identity) => identity.blind],
  member_id: ['uuid', (identity) => identity.memberId],
  kind: ['text', (identity) => identity.kind],
  joins: ['boolean', (identity) => identity.joins],
  last_four: ['uuid', (identity) => identity.lastFour],
  blind_by: ['smallint', () => by],
  last_four_by: ['smallint', () => by],
})

/** Profile and identities, which follow from the values in force; of records that may have some already when `again`. */
async function insertDerived(ctx: Ctx, records: readonly Derived[], { again }: { again: boolean }): Promise<void> {
  if (records.length === 0) return
  await sql`${insertOf('members.profiles', profileColumns, records)}
    ${again ? sql`on conflict (member_id) do update set ${excluded(profileColumns)}` : sql``}`.execute(ctx.tx)
  const identities = records
    .flatMap((record) => record.identities.map((identity) => ({ ...identity, memberId: record.memberId })))
    .sort((a, b) => (a.blind < b.blind ? -1 : 1))
  if (identities.length === 0) return
  const columns = identityColumns(ctx.vault.indexBy)
  await sql`${insertOf('members.identities', columns, identities)}
    ${again ? sql`on conflict (blind, member_id) do update set ${excluded(columns)}` : sql``}`.execute(ctx.tx)
}

const excluded = (columns: object) =>
  sql.join(Object.keys(columns).map((name) => sql`${sql.id(name)} = ${sql.id('excluded', name)}`))

async function writeUpdates(ctx: Ctx, updates: readonly Update[], options: PutOptions): Promise<void> {
  if (updates.length === 0) return
  const standing = updates.map((update) => update.standing)
  const ids = standing.map((row) => row.member_id)
  // A withdrawn record begins anew: what it said then is in its past already.
  const past = standing.filter((row) => row.withdrawn_at === null)
  await sql`insert into members.past_versions (member_id, version, content_hash, sealed_own, import_id, seen_at, content_hash_by)
    select *, ${ctx.vault.indexBy} from unnest(${past.map((row) => row.member_id)}::uuid[], ${past.map((row) => row.version)}::int[], ${past.map((row) => row.content_hash)}::uuid[],
      ${past.map((row) => row.sealed_own ?? row.sealed)}::bytea[], ${past.map((row) => row.import_id)}::uuid[], ${past.map((row) => row.seen_at)}::timestamptz[])`.execute(
    ctx.tx,
  )
  await sql`update members.records r set content_hash = u.c, content_hash_by = ${ctx.vault.indexBy}, sealed = u.s, sealed_own = u.o, version = r.version + 1,
      import_id = ${options.importId ?? null}::uuid, seen_at = u.a, withdrawn_at = null
    from unnest(${ids}::uuid[], ${updates.map((update) => update.next.contentHash)}::uuid[],
      ${updates.map((update) => ctx.vault.seal(update.key, place(update.standing.member_id), update.inForce))}::bytea[],
      ${updates.map((update) => ctx.vault.seal(update.key, place(update.standing.member_id), update.next.values))}::bytea[],
      ${updates.map(({ next }) => saidAt(ctx, next, options))}::timestamptz[]) as u(m, c, s, o, a)
    where r.member_id = u.m`.execute(ctx.tx)
  await replaceDerived(
    ctx,
    updates.map((update) => ({
      memberId: update.standing.member_id,
      identities: update.identities,
      profile: update.profile,
    })),
  )
}

/** Writes anew what follows from the values in force. */
export async function replaceDerived(ctx: Ctx, records: readonly Derived[]): Promise<void> {
  const kept = records.flatMap(({ memberId, identities }) => identities.map(({ blind }) => ({ memberId, blind })))
  await sql`delete from members.identities i where member_id = any(${records.map((record) => record.memberId)}::uuid[]) and not exists (
    select from unnest(${kept.map((row) => row.memberId)}::uuid[], ${kept.map((row) => row.blind)}::uuid[]) as kept(m, b)
    where kept.m = i.member_id and kept.b = i.blind)`.execute(ctx.tx)
  await insertDerived(ctx, records, { again: true })
}

/** What these records say now, as their hash; those that don't exist or are withdrawn are left out. */
export async function standingRecords(
  ctx: Pick<Ctx, 'tx' | 'vault'>,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ record_key: string; content_hash: string; key_by: number; hash_by: number }>`
    select k.record_key, r.content_hash, k.record_key_by as key_by, r.content_hash_by as hash_by from members.record_keys k join members.records r on r.member_id = k.member_id
    where k.record_key = any(${ctx.vault.forms(keys)}::uuid[]) and r.withdrawn_at is null`.execute(ctx.tx)
  return new Map(
    rows.map((row) => [
      ctx.vault.current(row.record_key, row.key_by),
      ctx.vault.current(row.content_hash, row.hash_by),
    ]),
  )
}
