/**
 * The one place where an actor's scope meets people. Somebody is seen through the records that came by the scope's
 * channels, through a relation to one of its stores, or because the actor serves them; then their card and points are
 * seen whole, and of records, orders and history only what is within the scope.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Ctx, Scope } from '#platform/ctx'
import { assert } from '#platform/errors'
import { arrayOf } from '#platform/rows'

type Seeing = Pick<Ctx, 'tx' | 'actor'>

/** Whether a home, named by a column, is within a scope by itself. A member's own scope is checked by `homesOf`. */
export function homeInScope(scope: Scope, home: RawBuilder<unknown>): RawBuilder<boolean> {
  if (scope === 'group' || 'memberIds' in scope) return sql<boolean>`true`
  const { channelIds, servedBy } = scope
  return sql<boolean>`(
    exists (select from members.records seen where seen.member_id = ${home} and seen.withdrawn_at is null
      and seen.channel_id = any(${arrayOf('int', channelIds)}))
    or exists (select from members.relations related where related.member_id = ${home} and related.until is null
      and (related.channel_id = any(${arrayOf('int', channelIds)}) or related.staff_id = ${servedBy}::uuid)))`
}

/** Those of these homes that the actor sees. */
export async function seenHomes(ctx: Seeing, homes: readonly string[]): Promise<string[]> {
  const { scope } = ctx.actor
  if (scope === 'group' || 'memberIds' in scope) return [...homes]
  const { rows } = await sql<{ home: string }>`
    select home from unnest(${arrayOf('uuid', homes)}) as home where ${homeInScope(scope, sql`home`)} order by home`.execute(
    ctx.tx,
  )
  return rows.map(({ home }) => home)
}

/** Those of these homes that the actor serves: what came by any channel is shown of them. */
export async function servedHomes(ctx: Seeing, homes: readonly string[]): Promise<string[]> {
  const { scope } = ctx.actor
  if (scope === 'group' || 'memberIds' in scope || scope.servedBy === null) return []
  const { rows } = await sql<{ home: string }>`
    select member_id as home from members.relations
    where staff_id = ${scope.servedBy}::uuid and until is null and member_id = any(${arrayOf('uuid', homes)})`.execute(
    ctx.tx,
  )
  return rows.map(({ home }) => home)
}

/**
 * The warehouse's facts of the homes within a scope, to stand where a query reads `facts`. It knows of a relation shortly
 * after it was made; whoever names a person or gives something away asks PostgreSQL again.
 */
export function factsInScope(scope: Scope): string {
  if (scope === 'group') return 'facts'
  if ('memberIds' in scope) return '(select * from facts where false)'
  const stores = `[${scope.channelIds.map(Math.trunc).join(', ')}]::Array(Int32)`
  const served = scope.servedBy === null ? '' : ` or has(members_served_by, toUUID('${assertUuid(scope.servedBy)}'))`
  return `(select * from facts where has(${stores}, members_channel_id) or hasAny(members_stores, ${stores})${served})`
}

/** The same for `events`: those of homes within the scope, and of what they bought only that by its channels. */
export function eventsInScope(scope: Scope, codeOf: (channelId: number) => string | undefined): string {
  if (scope === 'group') return 'events'
  const homes = `assumeNotNull(member_id) in (select member_id from ${factsInScope(scope)})`
  if ('memberIds' in scope) return `(select * from events where false)`
  const codes = scope.channelIds.flatMap((id) => codeOf(id) ?? [])
  const served =
    scope.servedBy === null
      ? ''
      : ` or assumeNotNull(member_id) in (select member_id from ${factsInScope({ channelIds: [], servedBy: scope.servedBy })})`
  // A code is letters, digits, dots, hyphens and underlines, so it needs no escaping.
  const own = `JSONExtractString(payload, 'channel') in ('', ${codes.map((code) => `'${code}'`).join(', ') || "''"})`
  return `(select * from events where member_id is not null and ${homes} and (${own}${served}))`
}

function assertUuid(id: string): string {
  assert(/^[0-9a-f-]{36}$/i.test(id), 'an id that is none')
  return id
}
