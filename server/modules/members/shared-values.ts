/**
 * Phones, addresses and numbers that many people use: an agency's, a family's, a hotel's. They are found while records are
 * put (`resolve`) and stop joining; here they are shown with their reasons, and the group may say otherwise.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { type Channel, channels } from '#modules/channels'
import { looksLikeChineseName, surnameAtHead } from '#modules/cleaning'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { actorName } from '#platform/events'
import { arrayOf } from '#platform/rows'
import type { sharedValue } from './contract.ts'
import { valueNotFound, valueOfTooMany } from './errors.ts'
import { regroup } from './grouping.ts'
import { carriedBy } from './identities.ts'
import { masked } from './masking.ts'
import { sharedFromNames, sharedFromRecords } from './resolve.ts'
import { homeInScope } from './scope.ts'
import { openRecordsOf } from './sealed-records.ts'

type SharedValue = z.input<typeof sharedValue>
type Word = 'shared' | 'personal'

/** Records looked at of each value, and the most that one may have for the group to change what it does. */
const mostCarriers = 1_000
const examplesShown = 4

interface ValueRow {
  id: string
  kind: string
  marked: boolean
  names: number | null
  records: number | null
  since: Date
  word: Word | null
  reason: string | null
  by: string | null
  at: Date | null
}

/** Values that are marked, or that the group said something of, and of which the actor sees a record; the largest first. */
export async function sharedValues(
  ctx: Ctx,
  { kind = null, limit, offset }: { kind?: string | null | undefined; limit: number; offset: number },
): Promise<{ values: SharedValue[]; more: boolean }> {
  const { rows } = await sql<ValueRow>`
    select coalesce(s.blind, w.blind) as id, coalesce(s.kind, w.kind) as kind, s.blind is not null as marked, s.names, s.records,
      coalesce(s.since, w.said_at) as since, w.word, w.reason, w.actor as by, w.said_at as at
    from members.shared_values s full join members.value_words w on w.blind = s.blind
    where ${kind === null ? sql`true` : sql`split_part(coalesce(s.kind, w.kind), '@', 1) = ${kind}`}
      and exists (select from members.identities i where i.blind = coalesce(s.blind, w.blind) and ${homeInScope(ctx.actor.scope, sql`i.member_id`)})
    order by coalesce(s.records, 0) desc, 1 limit ${limit + 1} offset ${offset}`.execute(ctx.tx)
  const shown = rows.slice(0, limit)
  const carriers = await carriersOf(
    ctx,
    shown.map(({ id }) => id),
  )
  const byId = new Map((await channels(ctx)).map((channel) => [channel.id, channel]))
  const values = await valuesOf(ctx, carriers, byId)
  return {
    values: shown.map((row) => ({ ...told(row, carriers.get(row.id) ?? [], byId), value: values.get(row.id) ?? null })),
    more: rows.length > limit,
  }
}

interface Carrier {
  home: string
  person: string
  name: string | null
  nameKey: string | null
  channel: number
}

async function carriersOf(ctx: Ctx, blinds: readonly string[]): Promise<Map<string, Carrier[]>> {
  const { rows } = await sql<Carrier & { blind: string }>`
    select b as blind, c.* from unnest(${arrayOf('uuid', blinds)}) as b cross join lateral (
      select i.member_id as home, h.person_id as person, p.name, p.name_key as "nameKey", r.channel_id as channel
      from members.identities i join members.homes h on h.member_id = i.member_id join members.records r on r.member_id = i.member_id
      left join members.profiles p on p.member_id = i.member_id
      where i.blind = b and ${homeInScope(ctx.actor.scope, sql`i.member_id`)} order by i.member_id limit ${mostCarriers + 1}) c`.execute(
    ctx.tx,
  )
  return Map.groupBy(rows, ({ blind }) => blind) as Map<string, Carrier[]>
}

/** How each value is shown, masked, from one of the records that carry it. */
async function valuesOf(
  ctx: Ctx,
  carriers: ReadonlyMap<string, readonly Carrier[]>,
  byId: ReadonlyMap<number, Channel>,
): Promise<Map<string, string>> {
  const firsts = new Map([...carriers].map(([blind, [first]]) => [blind, first!]))
  const opened = new Map(
    (
      await openRecordsOf(
        ctx,
        [...firsts.values()].map(({ home }) => home),
      )
    ).map(({ home, values }) => [home, values]),
  )
  const shown = new Map<string, string>()
  for (const [blind, { home, channel }] of firsts) {
    const carried = carriedBy(opened.get(home) ?? {}, byId.get(channel)!)
    const same = carried.find(({ kind, value }) => ctx.vault.blind(kind, value) === blind)
    if (same) shown.set(blind, masked(same.field, same.value))
  }
  return shown
}

function told(
  { id, kind, marked, names: usedBy, records: carriedByAll, since, word, reason, by, at }: ValueRow,
  carriers: readonly Carrier[],
  byId: ReadonlyMap<number, Channel>,
): Omit<SharedValue, 'value'> {
  const looked = carriers.slice(0, mostCarriers)
  const names = new Map(looked.flatMap(({ nameKey, name }) => (nameKey && name ? [[nameKey, name]] : [])))
  const families = new Set([...names.values()].map(familyOf))
  const ofChannel = Map.groupBy(looked, ({ channel }) => channel)
  return {
    id,
    kind,
    joins: !marked,
    reason: (usedBy ?? 0) >= sharedFromNames ? 'names' : (carriedByAll ?? 0) >= sharedFromRecords ? 'records' : 'word',
    likely: names.size < 2 ? 'nobody' : families.size <= 2 ? 'household' : 'booker',
    names: names.size,
    records: looked.length,
    members: new Set(looked.map(({ person }) => person)).size,
    more: carriers.length > mostCarriers,
    examples: [...names.values()].slice(0, examplesShown),
    channels: [...ofChannel]
      .map(([channel, { length }]) => ({
        code: byId.get(channel)!.code,
        name: byId.get(channel)!.name,
        records: length,
      }))
      .sort((x, y) => y.records - x.records || (x.code < y.code ? -1 : 1)),
    since: since.toISOString(),
    word: word && { word, reason: reason!, by: by!, at: at!.toISOString() },
  }
}

const familyOf = (name: string) =>
  looksLikeChineseName(name) ? surnameAtHead(name) || name.slice(0, 1) : (name.split(' ').at(-1) ?? name)

interface Effect {
  records: number
  membersBefore: number
  membersAfter: number
}

/** The group's word about a value; the newest holds. Those who carry it are joined, or taken apart, by it at once. */
export async function sayOfValue(
  ctx: Ctx,
  { valueId, word, reason }: { valueId: string; word: Word; reason: string },
): Promise<Effect> {
  return change(ctx, valueId, async (kind, { names, records }) => {
    await sql`insert into members.value_words (blind, kind, word, reason, actor, said_at)
      values (${valueId}, ${kind}, ${word}, ${reason}, ${actorName(ctx.actor)}, ${ctx.now})
      on conflict (blind) do update set word = excluded.word, reason = excluded.reason, actor = excluded.actor, said_at = excluded.said_at`.execute(
      ctx.tx,
    )
    if (word === 'personal') await sql`delete from members.shared_values where blind = ${valueId}`.execute(ctx.tx)
    else
      await sql`insert into members.shared_values (blind, kind, names, records, since)
        values (${valueId}, ${kind}, ${names}, ${records}, ${ctx.now}) on conflict do nothing`.execute(ctx.tx)
  })
}

export async function unsayOfValue(ctx: Ctx, valueId: string): Promise<Effect> {
  return change(ctx, valueId, async () => {
    const { rows } = await sql`delete from members.value_words where blind = ${valueId} returning 1`.execute(ctx.tx)
    if (rows.length === 0) throw valueNotFound()
    // Whether it is shared is found anew.
    await sql`delete from members.shared_values where blind = ${valueId}`.execute(ctx.tx)
  })
}

async function change(
  ctx: Ctx,
  blind: string,
  write: (kind: string, counts: { names: number; records: number }) => Promise<void>,
): Promise<Effect> {
  await takeTurns(ctx, 'identity', [blind])
  const { rows: carriers } = await sql<{ home: string; kind: string; nameKey: string | null }>`
    select i.member_id as home, i.kind, p.name_key as "nameKey" from members.identities i
    left join members.profiles p on p.member_id = i.member_id where i.blind = ${blind} and i.joins
    order by i.member_id limit ${mostCarriers + 1}`.execute(ctx.tx)
  if (carriers.length === 0) throw valueNotFound()
  if (carriers.length > mostCarriers) throw valueOfTooMany(mostCarriers)
  const homes = carriers.map(({ home }) => home)
  const members = async () => {
    const { rows } = await sql<{ members: number }>`
      select count(distinct person_id) as members from members.homes where member_id = any(${arrayOf('uuid', homes)})`.execute(
      ctx.tx,
    )
    return rows[0]!.members
  }
  const membersBefore = await members()
  const names = new Set(carriers.flatMap(({ nameKey }) => nameKey ?? []))
  await write(carriers[0]!.kind, { names: names.size, records: carriers.length })
  await regroup(ctx, homes, { born: new Set(), origin: 'live', reason: 'decision' })
  return { records: carriers.length, membersBefore, membersAfter: await members() }
}
