/**
 * One person as the pages show them: who, by which records, and why those are one. Reads the homes' records, opens
 * them in memory, and lets nothing sealed out unmasked.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Channel } from '#modules/channels'
import { record } from '#platform/audit'
import type { Ctx } from '#platform/ctx'
import { emit } from '#platform/events'
import type { personView } from './contract.ts'
import { recordNotOfMember } from './errors.ts'
import { homesOf } from './homes.ts'
import { carriedBy } from './identities.ts'
import { isMasked, masked } from './masking.ts'
import type { IdentityKind } from './resolve.ts'
import { policyOf } from './resolve.ts'
import { lookAt } from './reveals.ts'
import { partsOf } from './review-queue.ts'
import { homeInScope, seenHomes } from './scope.ts'
import { type Candidate, survivor } from './survivorship.ts'
import type { RecordValues } from './values.ts'

export type PersonView = z.input<typeof personView>

interface OpenedRecord {
  id: string
  channel: Channel
  values: RecordValues
  importId: string | null
  version: number
  seenAt: Date
  createdAt: Date
}

async function openRecords(ctx: Ctx, homes: readonly string[]): Promise<OpenedRecord[]> {
  const { rows } = await sql<OpenedRecord & { sealed: Buffer; wrapped_key: Buffer; channel: Channel }>`
    select r.member_id as id, r.sealed, h.wrapped_key, r.import_id as "importId", r.version, r.seen_at as "seenAt", least(r.created_at, r.seen_at) as "createdAt", r.channel_id as channel
    from members.records r join members.homes h on h.member_id = r.member_id
    where r.member_id = any(${homes}::uuid[]) and r.withdrawn_at is null order by least(r.created_at, r.seen_at), r.member_id`.execute(
    ctx.tx,
  )
  return rows.map(({ sealed, wrapped_key, ...row }) => ({
    ...row,
    values: ctx.vault.open<RecordValues>(ctx.vault.unwrap(wrapped_key), `record:${row.id}`, sealed),
  }))
}

/** The person behind any one of their homes. `channels`: all channels, by id. */
export async function personOf(
  ctx: Ctx,
  memberId: string,
  channels: ReadonlyMap<number, Channel>,
): Promise<PersonView & { homes: string[] }> {
  const all = await homesOf(ctx, memberId)
  const homes = await seenHomes(ctx, all)
  const records = (await openRecords(ctx, homes)).map((record) => ({
    ...record,
    channel: channels.get(record.channel as unknown as number)!,
  }))
  const { rows: kept } = await sql<{
    member_id: string
    kind: IdentityKind
    blind: string
    by: number
    joins: boolean
    shared: boolean
  }>`
    select i.member_id, i.kind, i.blind, i.blind_by as by, i.joins, exists (select from members.shared_values s where s.blind = i.blind) as shared
    from members.identities i where i.member_id = any(${homes}::uuid[])`.execute(ctx.tx)
  const identities = kept.map((identity) => ({ ...identity, blind: ctx.vault.current(identity.blind, identity.by) }))
  const { rows: decisions } = await sql<Edge>`
    select member_a as a, member_b as b, kind, actor, reason, score, parts from members.decisions d
    where kind <> 'apart' and member_a = any(${homes}::uuid[]) and member_b = any(${homes}::uuid[])
      and not exists (select from members.decisions later where later.member_a = d.member_a and later.member_b = d.member_b and later.decided_at > d.decided_at)`.execute(
    ctx.tx,
  )
  const { rows: reviews } = await sql<{ memberId: string; name: string | null; kind: string; reason: string }>`
    select distinct on (h.person_id, v.kind) h.person_id as "memberId", p.name, v.kind, v.reason
    from members.reviews v
    join members.homes h on h.member_id = case when v.member_a = any(${homes}::uuid[]) then v.member_b else v.member_a end
    left join members.profiles p on p.member_id = h.member_id
    where v.closed_at is null and (v.member_a = any(${homes}::uuid[]) or v.member_b = any(${homes}::uuid[])) and not h.person_id = any(${all}::uuid[])
      and ${homeInScope(ctx.actor.scope, sql`h.member_id`)}
    order by h.person_id, v.kind, v.member_a limit 20`.execute(ctx.tx)

  const inForce = (field: string): Candidate | null =>
    survivor(
      field,
      records.flatMap((record) => {
        const value = record.values[field]
        return typeof value === 'string'
          ? [
              {
                value,
                recordId: record.id,
                verified: field === 'phone' && record.values.phoneVerified === 'yes',
                seenAt: record.seenAt,
              },
            ]
          : []
      }),
    )
  const fields = new Set(records.flatMap((record) => Object.keys(record.values)))
  const winners = new Map([...fields].map((field) => [field, inForce(field)]))
  const name = winners.get('name')?.value ?? null
  const names = [
    ...new Set(
      records.map((record) => record.values.name).filter((value): value is string => typeof value === 'string'),
    ),
  ]

  return {
    homes: all,
    id: all[0]!,
    elsewhere: await liveRecords(
      ctx,
      all.filter((home) => !homes.includes(home)),
    ),
    name,
    otherNames: names.filter((other) => other !== name),
    gender: winners.get('gender')?.value ?? null,
    birthDate: winners.get('birthDate')?.value ?? null,
    city: winners.get('city')?.value ?? null,
    contacts: contactsOf(records, identities, ctx),
    records: records.map((record, index) => ({
      id: record.id,
      channel: { code: record.channel.code, kind: record.channel.kind, name: record.channel.name },
      fields: Object.entries(record.values).flatMap(([field, value]) =>
        field === 'phoneVerified'
          ? []
          : [
              {
                field,
                value: Array.isArray(value) ? value.map((one) => masked(field, one)).join(', ') : masked(field, value),
                masked: isMasked(field),
                inForce: winners.get(field)?.value === value,
              },
            ],
      ),
      joinedBy: index === 0 ? [] : evidence(record, records.slice(0, index), records, identities, decisions),
      importId: record.importId,
      version: record.version,
      seenAt: record.seenAt.toISOString(),
      createdAt: record.createdAt.toISOString(),
    })),
    reviews,
    since: (records[0]?.createdAt ?? ctx.now).toISOString(),
  }
}

async function liveRecords(ctx: Ctx, homes: readonly string[]): Promise<number> {
  if (homes.length === 0) return 0
  const { rows } = await sql<{ records: number }>`
    select count(*) as records from members.records where member_id = any(${homes}::uuid[]) and withdrawn_at is null`.execute(
    ctx.tx,
  )
  return rows[0]!.records
}

/** Two records that somebody, or weighed evidence, put together. */
interface Edge {
  a: string
  b: string
  kind: 'join' | 'match'
  actor: string
  reason: string
  score: number | null
  parts: string | null
}

/** Why a record is here: identities that it shares with earlier ones; else with any; else what staff decided. */
function evidence(
  record: OpenedRecord,
  earlier: readonly OpenedRecord[],
  all: readonly OpenedRecord[],
  identities: readonly { member_id: string; kind: IdentityKind; blind: string; joins: boolean; shared: boolean }[],
  decisions: readonly Edge[],
): PersonView['records'][number]['joinedBy'] {
  const joining = identities.filter((identity) => identity.joins && !identity.shared)
  const own = joining.filter((identity) => identity.member_id === record.id)
  const sharedWith = (others: readonly OpenedRecord[]) => {
    const ids = new Set(others.map((other) => other.id))
    return own.filter((identity) => joining.some((other) => other.blind === identity.blind && ids.has(other.member_id)))
  }
  const found = sharedWith(earlier)
  const used = found.length > 0 ? found : sharedWith(all.filter((other) => other.id !== record.id))
  const kinds = [...new Set(used.map((identity) => identity.kind))].sort(
    (a, b) => policyOf(a).priority - policyOf(b).priority,
  )
  const decided = decisions.filter(({ a, b }) => a === record.id || b === record.id)
  return [
    ...kinds.map((kind) => ({ kind: kind as string, value: shownValue(record, kind), by: null, reason: null })),
    ...decided
      .filter(({ kind }) => kind === 'join')
      .map(({ actor, reason }) => ({ kind: 'decision', value: null, by: actor, reason })),
    // Several records of one person match each other; the strongest says enough.
    ...decided
      .filter(({ kind }) => kind === 'match')
      .sort((x, y) => (y.score ?? 0) - (x.score ?? 0))
      .slice(0, 1)
      .map(({ score, parts }) => ({
        kind: 'match',
        value: null,
        by: null,
        reason: null,
        score,
        parts: partsOf(parts),
      })),
  ]
}

function shownValue(record: OpenedRecord, kind: IdentityKind): string | null {
  const carried = carriedBy(record.values, record.channel).find((one) => one.kind === kind)
  return carried ? masked(carried.field, carried.value) : null
}

function contactsOf(
  records: readonly OpenedRecord[],
  identities: readonly { member_id: string; blind: string; joins: boolean; shared: boolean }[],
  ctx: Ctx,
): PersonView['contacts'] {
  const contacts = new Map<string, PersonView['contacts'][number]>()
  for (const record of records) {
    for (const { kind, value, field } of carriedBy(record.values, record.channel)) {
      const blind = ctx.vault.blind(kind, value)
      const of = identities.filter((identity) => identity.blind === blind)
      if (contacts.has(blind)) continue
      contacts.set(blind, {
        kind,
        field,
        value: masked(field, value),
        recordId: record.id,
        joins: of.some(({ joins }) => joins),
        shared: of.some(({ shared }) => shared),
      })
    }
  }
  return [...contacts.values()]
}

/** Shows one value in full. That it was is an event of the member; who looked and why stands in the audit log. */
export async function reveal(
  ctx: Ctx,
  { memberId, recordId, field, reason }: { memberId: string; recordId: string; field: string; reason: string },
): Promise<string | null> {
  const homes = await seenHomes(ctx, await homesOf(ctx, memberId))
  if (!homes.includes(recordId)) throw recordNotOfMember(recordId, memberId)
  const [opened] = await openRecords(ctx, [recordId])
  const value = opened?.values[field]
  await record(ctx, lookAt({ memberId, recordId, field, reason }))
  await emit(ctx, { type: 'value.shown', memberId: recordId, recordId, payload: { field } })
  return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
}
