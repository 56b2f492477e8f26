/**
 * Finding people: by name, pinyin or initials from their beginning; by phone, document, e-mail or external id exactly;
 * by the last four of a phone or document. Nothing is opened to search.
 */
import { type RawBuilder, sql } from 'kysely'
import { channels } from '#modules/channels'
import { type CountryCode, cleanEmail, cleanPhone, cleanText } from '#modules/cleaning'
import type { Ctx, Scope } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { lastFourOf } from './identities.ts'
import { homeInScope } from './scope.ts'
import { externalKey } from './values.ts'

export interface FoundRow {
  id: string
  name: string | null
  gender: string | null
  birthDate: string | null
  city: string | null
  channelIds: number[]
  records: number
  since: Date
  homes: string[]
}

const scanLimit = 400

/** Homes that a search text may mean, at most a few hundred; null when there is no text. */
async function homesFound(ctx: Ctx, text: string, country: string): Promise<string[]> {
  const wanted = text.trim()
  const blinds: string[] = []
  const phone = cleanPhone(wanted, { region: country as CountryCode })
  if (phone.value !== null) blinds.push(ctx.vault.blind('phone', phone.value.number))
  const email = cleanEmail(wanted)
  if (email.value !== null) blinds.push(ctx.vault.blind('email', email.value.toLowerCase()))
  const compact = wanted.replace(/\s+/g, '').toUpperCase()
  for (const type of ['id_card', 'passport', 'hk_macao_permit', 'taiwan_permit', 'foreign_permit', 'other'])
    blinds.push(ctx.vault.blind(`document@${type}`, compact))
  const lastFour = /^[0-9A-Za-z]{4}$/.test(compact) ? lastFourOf(ctx.vault, compact) : null
  // With digits in it, it is a number of somebody's, and never the beginning of a name.
  const latin = /\d/.test(wanted) ? '' : wanted.toLowerCase().replace(/[^a-z]/g, '')
  const keys = (await channels(ctx)).map((channel) =>
    externalKey(ctx.vault, channel, cleanText(wanted).value ?? wanted),
  )
  const prefix = (value: string) => `${value.replace(/[\\%_]/g, (special) => `\\${special}`)}%`
  // Each branch within the scope, so that what others may see fills no limit.
  const seen = homeInScope(ctx.actor.scope, sql`member_id`)
  const { rows } = await sql<{ member_id: string }>`
    (select member_id from members.identities where blind = any(${ctx.vault.forms(blinds)}::uuid[]) and ${seen} limit ${scanLimit})
    union select member_id from members.record_keys where record_key = any(${ctx.vault.forms(keys)}::uuid[]) and ${seen}
    union ${lastFour ? sql`(select member_id from members.identities where last_four = any(${ctx.vault.forms([lastFour])}::uuid[]) and ${seen} limit ${scanLimit}) union` : sql``}
    (select member_id from members.profiles where name like ${prefix(wanted)} and ${seen} limit ${scanLimit})
    ${
      latin.length >= 2
        ? sql`union (select member_id from members.profiles where pinyin like ${prefix(latin)} and ${seen} limit ${scanLimit})
      union (select member_id from members.profiles where initials like ${prefix(latin)} and ${seen} limit ${scanLimit})`
        : sql``
    }`.execute(ctx.tx)
  return rows.map((row) => row.member_id)
}

/** The persons that a search text may mean, at most a few thousand, in no order. */
export async function personsSearched(
  ctx: Ctx,
  { search, country }: { search: string; country: string },
): Promise<string[]> {
  const homes = await homesFound(ctx, search, country)
  const { rows } = await sql<{ id: string }>`
    select distinct person_id as id from members.homes where member_id = any(${arrayOf('uuid', homes)})`.execute(ctx.tx)
  return rows.map(({ id }) => id)
}

/**
 * A page of persons, newest first: of one channel as that channel came to know them, else as the group did. `after` is
 * the `next` of the page before. With a search text the hits are few.
 */
export async function findPersons(
  ctx: Ctx,
  {
    search,
    channelId,
    among,
    after,
    limit,
    country,
  }: {
    search?: string | undefined
    channelId?: number | undefined
    /** Only these persons. */
    among?: readonly string[] | undefined
    after?: string | undefined
    limit: number
    country: string
  },
): Promise<{ persons: FoundRow[]; next: string | null }> {
  const hits = search?.trim() ? await homesFound(ctx, search, country) : null
  const page = { after, limit: limit + 1 }
  const everybody = !hits && !among
  const part = partOf(ctx.actor.scope)
  const { rows: found } =
    everybody && channelId !== undefined
      ? await newestOfChannel(ctx, { channelId, ...page })
      : everybody && part
        ? { rows: await newestInScope(ctx, { ...part, ...page }) }
        : await sql<{ id: string; mark: string }>`
    select h.member_id as id, h.member_id as mark from members.homes h join members.records r on r.member_id = h.member_id
    where h.member_id = h.person_id and r.withdrawn_at is null
      ${part ? sql`and exists (select from members.homes own where own.person_id = h.person_id and ${homeInScope(ctx.actor.scope, sql`own.member_id`)})` : sql``}
      ${after ? sql`and h.member_id < ${after}::uuid` : sql``}
      ${hits ? sql`and h.member_id in (select person_id from members.homes where member_id = any(${hits}::uuid[]))` : sql``}
      ${
        channelId === undefined
          ? sql``
          : sql`and exists (select from members.homes ch join members.records cr on cr.member_id = ch.member_id
        where ch.person_id = h.person_id and cr.channel_id = ${channelId} and cr.withdrawn_at is null)`
      }
      ${among ? sql`and h.member_id = any(${arrayOf('uuid', among)})` : sql``}
    order by h.member_id desc limit ${limit + 1}`.execute(ctx.tx)
  const shown = found.slice(0, limit)
  const rows = new Map(
    (
      await rowsOf(
        ctx,
        shown.map(({ id }) => id),
      )
    ).map((row) => [row.id, row]),
  )
  return {
    persons: shown.map(({ id }) => rows.get(id)!),
    next: found.length > limit ? shown.at(-1)!.mark : null,
  }
}

/**
 * Along the channel's own records, and of a person whom it knows twice only the newer one: what a page costs does not
 * grow with the members, nor with how long ago the channel last brought one.
 */
function newestOfChannel(
  ctx: Ctx,
  { channelId, after, limit }: { channelId: number; after: string | undefined; limit: number },
) {
  return sql<{ id: string; mark: string }>`
    select h.person_id as id, r.member_id as mark from members.records r join members.homes h on h.member_id = r.member_id
    where r.channel_id = ${channelId} and r.withdrawn_at is null ${after ? sql`and r.member_id < ${after}::uuid` : sql``}
      and not exists (select from members.homes o join members.records n on n.member_id = o.member_id
        where o.person_id = h.person_id and o.member_id > r.member_id and n.channel_id = ${channelId} and n.withdrawn_at is null)
    order by r.member_id desc limit ${limit}`.execute(ctx.tx)
}

/** A scope of less than all, as staff have it. */
type Part = Extract<Scope, { channelIds: unknown }>

const partOf = (scope: Scope): Part | null => (scope !== 'group' && 'channelIds' in scope ? scope : null)

/**
 * Along what a scope knows by itself: its channels' records, its stores' relations, whom the actor serves; newest first,
 * and a person by the newest home alone. From each source no more is read than could be shown, so that a page of a dozen
 * members or of half the group costs the same.
 */
async function newestInScope(
  ctx: Ctx,
  { channelIds, servedBy, after, limit }: Part & { after: string | undefined; limit: number },
): Promise<{ id: string; mark: string }[]> {
  const found: { id: string; mark: string }[] = []
  // A few more, for those whom the scope knows twice.
  const atOnce = Math.ceil(limit * 1.2)
  for (let from = after; ; ) {
    const older = from ? sql`and member_id < ${from}::uuid` : sql``
    const newest = sql`${older} order by member_id desc limit ${atOnce}`
    const { rows } = await sql<{ id: string; mark: string; isNewest: boolean }>`
      with known as (
        select member_id from unnest(${arrayOf('int', channelIds)}) as channel cross join lateral (
          select member_id from members.records where channel_id = channel and withdrawn_at is null ${newest}) as of_channel
        union
        select member_id from unnest(${arrayOf('int', channelIds)}) as channel cross join lateral (
          select member_id from members.relations where channel_id = channel and until is null ${newest}) as related
        union
        select * from (
          select member_id from members.relations where staff_id = ${servedBy}::uuid and until is null ${newest}) as served
      ), own as (select member_id from known order by member_id desc limit ${atOnce})
      select h.person_id as id, own.member_id as mark, r.withdrawn_at is null and not exists (
        select from members.homes o where o.person_id = h.person_id and o.member_id > own.member_id
          and ${homeInScope(ctx.actor.scope, sql`o.member_id`)}) as "isNewest"
      from own join members.homes h on h.member_id = own.member_id join members.records r on r.member_id = own.member_id
      order by own.member_id desc`.execute(ctx.tx)
    found.push(...rows.flatMap(({ isNewest, ...one }) => (isNewest ? [one] : [])))
    if (found.length >= limit || rows.length < atOnce) return found.slice(0, limit)
    from = rows.at(-1)!.mark
  }
}

/** Of each person what the actor sees; `homes` are all, for what is shown whole. */
async function rowsOf(ctx: Ctx, persons: readonly string[]): Promise<FoundRow[]> {
  const { rows } = await sql<FoundRow>`
    select h.person_id as id, array_agg(h.member_id order by h.member_id) as homes, count(r.member_id) as records, min(least(r.created_at, r.seen_at)) as since,
      array_agg(distinct r.channel_id) filter (where r.member_id is not null) as "channelIds",
      (array_agg(p.name order by length(p.name) desc, r.seen_at desc, h.member_id) filter (where p.name is not null))[1] as name,
      (array_agg(p.gender order by r.seen_at desc) filter (where p.gender is not null))[1] as gender,
      (array_agg(p.birth_date order by r.seen_at desc) filter (where p.birth_date is not null))[1]::text as "birthDate",
      (array_agg(p.city order by r.seen_at desc) filter (where p.city is not null))[1] as city
    from members.homes h left join members.records r on r.member_id = h.member_id and r.withdrawn_at is null
      and ${homeInScope(ctx.actor.scope, sql`h.member_id`)}
    left join members.profiles p on p.member_id = r.member_id
    where h.person_id = any(${persons}::uuid[]) group by h.person_id order by h.person_id desc`.execute(ctx.tx)
  return rows
}

/** The masked phone of each person, where there is one. */
export async function maskedPhones(
  ctx: Ctx,
  persons: readonly { id: string; homes: readonly string[] }[],
  mask: (phone: string) => string,
): Promise<Map<string, string>> {
  const { rows } = await sql<{ member_id: string; sealed: Buffer; wrapped_key: Buffer }>`
    select r.member_id, r.sealed, h.wrapped_key from members.records r join members.homes h on h.member_id = r.member_id
    where r.member_id = any(${persons.flatMap((person) => person.homes)}::uuid[]) and r.withdrawn_at is null
      and ${homeInScope(ctx.actor.scope, sql`r.member_id`)}
      and exists (select from members.identities i where i.member_id = r.member_id and i.kind = 'phone') order by r.seen_at desc`.execute(
    ctx.tx,
  )
  const personOf = new Map(persons.flatMap((person) => person.homes.map((home) => [home, person.id] as const)))
  const phones = new Map<string, string>()
  for (const row of rows) {
    const person = personOf.get(row.member_id)!
    if (phones.has(person)) continue
    const { phone } = ctx.vault.open<{ phone?: string }>(
      ctx.vault.unwrap(row.wrapped_key),
      `record:${row.member_id}`,
      row.sealed,
    )
    if (phone) phones.set(person, mask(phone))
  }
  return phones
}

/** Up to so many records the persons are counted, in a few hundredths of a second. */
const countedUpTo = 100_000

/**
 * How many persons there are. Where counting would stall a page: the live records by the planner's statistics, times the
 * share of records that are a person's first in a sample.
 */
export async function howManyPersons(ctx: Ctx): Promise<{ persons: number; counted: boolean }> {
  if (ctx.actor.scope !== 'group') return howManyInScope(ctx)
  const { rows } = await sql<{ records: number }>`
    select greatest(0, reltuples)::bigint as records from pg_class where oid = 'members.profiles'::regclass`.execute(
    ctx.tx,
  )
  const { records } = rows[0]!
  if (records <= countedUpTo) {
    const { rows: all } = await sql<{ persons: number }>`
      select count(*) as persons from members.homes h join members.records r on r.member_id = h.member_id
      where h.member_id = h.person_id and r.withdrawn_at is null`.execute(ctx.tx)
    return { persons: all[0]!.persons, counted: true }
  }
  const share = sql.lit((100 * Math.min(1, 20_000 / records)).toFixed(4))
  const { rows: sample } = await sql<{ first: number; all: number }>`
    select count(*) filter (where person_id = member_id) as first, count(*) as all from members.homes tablesample system (${share}) repeatable (1)`.execute(
    ctx.tx,
  )
  const { first, all } = sample[0]!
  return { persons: Math.round(all > 0 ? (records * first) / all : records), counted: false }
}

/** Up to so many homes the persons of a scope are counted, in a few milliseconds. */
const countedInScope = 3_000
/** Homes of a scope that are looked at to tell how many are the first of a person there; and records read to find them. */
const [sampled, readToSample] = [300, 10_000]

/**
 * Persons of whom the actor sees something; of many, what the planner's statistics say of the scope's channels, times
 * the share of homes in a sample that are their person's first within the scope.
 */
async function howManyInScope(ctx: Ctx): Promise<{ persons: number; counted: boolean }> {
  const part = partOf(ctx.actor.scope)
  if (!part) return { persons: 0, counted: true }
  const inChannels = sql`channel_id = any(${arrayOf('int', part.channelIds)})`
  const ofChannels = sql`select member_id from members.records where ${inChannels} and withdrawn_at is null`
  const related = sql`select member_id from members.relations
    where until is null and (${inChannels} or staff_id = ${part.servedBy}::uuid)`
  const upTo = sql`limit ${countedInScope + 1}`
  const { rows } = await sql<{ records: number; relations: number; all: number }>`
    select (select count(*) from (${ofChannels} ${upTo}) as one) as records,
      (select count(*) from (${related} ${upTo}) as one) as relations,
      (select greatest(reltuples, 1)::bigint from pg_class where oid = 'members.records'::regclass) as all`.execute(
    ctx.tx,
  )
  const { records, relations, all: everybody } = rows[0]!
  if (records + relations <= countedInScope) {
    // One by one (offset 0): the planner would rather read every home of the group.
    const { rows: each } = await sql<{ persons: number }>`
      select count(distinct h.person_id) as persons from (${ofChannels} union all ${related}) as own cross join lateral (
        select person_id from members.homes where member_id = own.member_id offset 0) as h`.execute(ctx.tx)
    return { persons: each[0]!.persons, counted: true }
  }
  const about = async (counted: number, query: RawBuilder<unknown>) =>
    counted <= countedInScope ? counted : Math.max(counted, await plannedRows(ctx, query))
  const homes = (await about(records, ofChannels)) + (await about(relations, related))
  const percent = sql.lit(Math.min(100, (100 * sampled) / homes, (100 * readToSample) / everybody).toFixed(4))
  const { rows: sample } = await sql<{ first: number; all: number }>`
    select count(*) filter (where not exists (
        select from members.homes o where o.person_id = h.person_id and o.member_id < h.member_id
          and ${homeInScope(ctx.actor.scope, sql`o.member_id`)})) as first, count(*) as all
    from (select member_id from members.records tablesample system (${percent}) repeatable (1)
      where ${inChannels} and withdrawn_at is null limit ${sampled}) as own join members.homes h on h.member_id = own.member_id`.execute(
    ctx.tx,
  )
  const { first, all } = sample[0]!
  return { persons: Math.round(all > 0 ? (homes * first) / all : homes), counted: false }
}

/** How many rows the planner expects, by its statistics. */
async function plannedRows(ctx: Ctx, query: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>`
    explain (format json) ${query}`.execute(ctx.tx)
  return rows[0]!['QUERY PLAN'][0].Plan['Plan Rows']
}

/** A page of live records with their present person, in order of the record's id; for the command `records`. */
export async function recordPage(
  ctx: Ctx,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ id: string; channelId: number; externalId: string | null; memberId: string }[]> {
  const { rows } = await sql<{ id: string; channelId: number; memberId: string; sealed: Buffer; wrapped_key: Buffer }>`
    select r.member_id as id, r.channel_id as "channelId", h.person_id as "memberId", r.sealed, h.wrapped_key
    from members.records r join members.homes h on h.member_id = r.member_id
    where r.withdrawn_at is null and ${homeInScope(ctx.actor.scope, sql`r.member_id`)}
      ${after ? sql`and r.member_id > ${after}::uuid` : sql``} order by r.member_id limit ${limit}`.execute(ctx.tx)
  return rows.map(({ sealed, wrapped_key, ...row }) => ({
    ...row,
    externalId:
      ctx.vault.open<{ externalId?: string }>(ctx.vault.unwrap(wrapped_key), `record:${row.id}`, sealed).externalId ??
      null,
  }))
}
