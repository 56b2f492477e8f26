/**
 * Who is in which tier. A member is in the first unless staff have invited them to another, for good or until a day.
 * A grant is written once and ended once; the tier at any moment follows from the grants of a person's homes, so time
 * alone ends one: from `until` on it no longer holds, whether or not the sweep has noted it. Of two homes of one person
 * the higher tier holds; taken apart, each has its own.
 */
import { sql } from 'kysely'
import { homesOf, homesOfAll, personsOf } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { assert } from '#platform/errors'
import { actorName, emitMany, type LoggedEvent, type NewEvent } from '#platform/events'
import { once } from '#platform/idempotency'
import { arrayOf, insertOf } from '#platform/rows'
import { readSettings } from '#platform/settings'
import { invitationUnknown, tierNeedsNoInvitation, tierUnknown, untilPast } from './errors.ts'
import { expiryOf } from './expiry.ts'
import { everyTier, type Tier, tiers } from './tiers.ts'

export type EndedAs = 'taken' | 'replaced' | 'lapsed'

export interface Grant {
  memberId: string
  id: string
  tier: string
  reason: string
  givenBy: string
  givenAt: Date
  /** The first moment at which it no longer holds. */
  until: Date | null
  endedAt: Date | null
  endedAs: EndedAs | null
  endedBy: string | null
  endReason: string | null
}

const columns = sql`member_id as "memberId", id, tier, reason, given_by as "givenBy", given_at as "givenAt", until,
  ended_at as "endedAt", ended_as as "endedAs", ended_by as "endedBy", end_reason as "endReason"`

const holdsAt = (grant: Pick<Grant, 'endedAt' | 'until'>, now: Date) =>
  grant.endedAt === null && (grant.until === null || grant.until > now)

/** Of grants that hold, the one of the highest tier; of two alike, the one that lasts longer. */
function highest(grants: readonly Grant[], list: readonly Tier[]): Grant | null {
  const rankOf = new Map(list.map(({ code, rank }) => [code, rank]))
  const last = (grant: Grant) => grant.until?.getTime() ?? Number.MAX_SAFE_INTEGER
  return grants.reduce<Grant | null>((best, grant) => {
    if (!best) return grant
    const above = (rankOf.get(grant.tier) ?? 0) - (rankOf.get(best.tier) ?? 0)
    return above > 0 || (above === 0 && last(grant) > last(best)) ? grant : best
  }, null)
}

export interface TierNow {
  tier: Tier
  /** The invitation by which it is so; null: everybody is in the first. */
  grant: Grant | null
}

export async function tierOf(ctx: Ctx, memberId: string): Promise<TierNow> {
  const grants = await openGrants(ctx, await homesOf(ctx, memberId))
  return tierBy(grants, await tiers(ctx), ctx.now)
}

function tierBy(grants: readonly Grant[], list: readonly Tier[], now: Date): TierNow {
  const grant = highest(
    grants.filter((one) => holdsAt(one, now)),
    list,
  )
  return { tier: list.find(({ code }) => code === grant?.tier) ?? list[0]!, grant }
}

/** Every invitation of a person, newest first; one that time has ended says so, noted or not. */
export async function invitationsOf(ctx: Ctx, memberId: string): Promise<(Grant & { look: Tier })[]> {
  const { rows } = await sql<Grant>`select ${columns} from points.tier_grants
    where member_id = any(${await homesOf(ctx, memberId)}::uuid[]) order by given_at desc, id desc limit 200`.execute(
    ctx.tx,
  )
  const known = await everyTier(ctx)
  return rows.map((grant) => ({
    ...grant,
    ...(grant.endedAt === null && !holdsAt(grant, ctx.now) && { endedAt: grant.until, endedAs: 'lapsed' as const }),
    look: known.get(grant.tier)!,
  }))
}

async function openGrants(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Grant[]> {
  const { rows } = await sql<Grant>`select ${columns} from points.tier_grants
    where member_id = any(${arrayOf('uuid', homes)}) and ended_at is null order by member_id`.execute(ctx.tx)
  return rows
}

/** The tier of each home's person, for the warehouse: codes by home. */
export async function tiersOfHomes(ctx: Ctx, homes: readonly string[]): Promise<Map<string, string>> {
  const list = await tiers(ctx)
  const first = list[0]!.code
  if (!(await anybodyInvited(ctx))) return new Map(homes.map((home) => [home, first]))
  const family = await homesOfAll(ctx, homes)
  const grants = Map.groupBy(await openGrants(ctx, [...new Set([...family.values()].flat())]), (one) => one.memberId)
  return new Map(
    homes.map((home) => {
      const own = (family.get(home) ?? []).flatMap((one) => grants.get(one) ?? [])
      return [home, own.length === 0 ? first : tierBy(own, list, ctx.now).tier.code]
    }),
  )
}

/** Homes that give a person its id, whose tier changes by these events: another home of the person has the grant. */
export async function tiersAlongside(ctx: Ctx, events: readonly LoggedEvent[]): Promise<readonly string[]> {
  const touched = events.flatMap(({ type, memberId, payload }) => {
    if (!/^(points\.tier_changed|record\.(joined|taken_out)|members\.)/.test(type)) return []
    const { person, from } = payload as { person?: unknown; from?: unknown }
    return type === 'points.tier_changed' ? [memberId] : [memberId, person, from]
  })
  const ids = [...new Set(touched.filter((id): id is string => typeof id === 'string'))]
  if (ids.length === 0 || !(await anybodyInvited(ctx))) return []
  return [...new Set((await personsOf(ctx, ids)).values())]
}

/** Asked before each batch of the feed: most groups have invited few, and many nobody. */
async function anybodyInvited(ctx: Pick<Ctx, 'tx'>): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`select exists (select from points.tier_grants) as any`.execute(ctx.tx)
  return rows[0]!.any
}

export interface Invitation {
  memberId: string
  /** The caller names it. */
  id: string
  tier: string
  reason: string
  until: Date | null
}

/** Gives one member a tier, told twice only once. `until` is the last day in the group's time zone. */
export async function invite(
  ctx: Ctx,
  { until: day, ...given }: Omit<Invitation, 'until'> & { until?: string | undefined },
): Promise<void> {
  const { timeZone } = await readSettings(ctx)
  const until = day === undefined ? null : expiryOf({ mode: 'on', day }, ctx.now, timeZone)
  await once(ctx, { operation: 'points.invite', key: given.id, input: { ...given, until: day ?? null } }, async () => {
    await homesOf(ctx, given.memberId)
    if (day !== undefined && until! <= ctx.now) throw untilPast(day)
    await inviteMany(ctx, [{ ...given, until }])
  })
}

/** Gives tiers to many, each member once. What was given to the person before is replaced. Members must be known. */
export async function inviteMany(ctx: Ctx, invitations: readonly Invitation[]): Promise<void> {
  if (invitations.length === 0) return
  const list = await tiersToGive(
    ctx,
    invitations.map(({ tier }) => tier),
  )
  const members = invitations.map(({ memberId }) => memberId)
  assert(new Set(members).size === members.length, 'a member who is invited twice at once')
  const family = await homesOfAll(ctx, members)
  const homes = [...new Set([...family.values()].flat())].sort()
  await takeTurns(ctx, 'tier', homes)
  const open = Map.groupBy(await openGrants(ctx, homes), ({ memberId }) => memberId)
  const former = new Map(
    invitations.map(({ id, memberId }) => [id, family.get(memberId)!.flatMap((home) => open.get(home) ?? [])]),
  )
  const changes: NewEvent<'points.tier_changed'>[] = []
  const replaced = new Map([...former.values()].flat().map((grant) => [grant.id, grant]))
  await end(ctx, [...replaced.values()], (grant) => (holdsAt(grant, ctx.now) ? 'replaced' : 'lapsed'), null)
  for (const { id, memberId, tier } of invitations) {
    const before = former.get(id)!
    for (const grant of before.filter((one) => !holdsAt(one, ctx.now)))
      changes.push(changed(grant, { from: grant.tier, to: list[0]!.code, by: 'lapsed' }))
    const from = tierBy(before, list, ctx.now).tier.code
    changes.push(changed({ id, memberId }, { from, to: tier, by: 'invited' }))
  }
  await insertOf<Invitation>(
    'points.tier_grants',
    {
      member_id: ['uuid', (one) => one.memberId],
      id: ['uuid', (one) => one.id],
      tier: ['text', (one) => one.tier],
      reason: ['text', (one) => one.reason],
      given_by: ['text', () => actorName(ctx.actor)],
      given_at: ['timestamptz', () => ctx.now],
      until: ['timestamptz', (one) => one.until],
    },
    invitations,
  ).execute(ctx.tx)
  await emitMany(ctx, changes)
}

/** Holds them until the act ends: a tier that is given can't be taken out of the list meanwhile. */
async function tiersToGive(ctx: Ctx, codes: readonly string[]): Promise<Tier[]> {
  const wanted = [...new Set(codes)].sort()
  await sql`select from points.tiers where code = any(${wanted}::text[]) order by code for share`.execute(ctx.tx)
  const list = await tiers(ctx)
  for (const code of wanted) {
    if (!list.some((tier) => tier.code === code)) throw tierUnknown(code)
    if (code === list[0]!.code) throw tierNeedsNoInvitation(code)
  }
  return list
}

/** Ends an invitation of a person; ended already, nothing changes. */
export async function endInvitation(
  ctx: Ctx,
  { memberId, id, reason }: { memberId: string; id: string; reason: string },
): Promise<void> {
  const homes = await homesOf(ctx, memberId)
  await takeTurns(ctx, 'tier', homes)
  const { rows } = await sql<Grant>`select ${columns} from points.tier_grants
    where member_id = any(${homes}::uuid[]) and id = ${id}`.execute(ctx.tx)
  const grant = rows[0]
  if (!grant) throw invitationUnknown(id)
  if (!holdsAt(grant, ctx.now)) return
  await end(ctx, [grant], () => 'taken', reason)
  await emitMany(ctx, [changed(grant, { from: grant.tier, to: (await tierOf(ctx, memberId)).tier.code, by: 'taken' })])
}

/**
 * Notes which invitations time has ended and tells of it. Nothing depends on it: from `until` on they don't hold. Says
 * how many were due.
 */
export async function sweepTiers(ctx: Ctx, limit = 1_000): Promise<number> {
  const { rows: due } = await sql<{ member_id: string }>`select member_id from points.tier_grants
    where ended_at is null and until <= ${ctx.now} order by until limit ${limit}`.execute(ctx.tx)
  const homes = due.map(({ member_id }) => member_id)
  // Whoever was giving one of them another tier has noted it by now.
  await takeTurns(ctx, 'tier', homes)
  const rows = (await openGrants(ctx, homes)).filter((grant) => !holdsAt(grant, ctx.now))
  if (rows.length === 0) return due.length
  await end(ctx, rows, () => 'lapsed', null)
  const now = await tiersOfHomes(
    ctx,
    rows.map(({ memberId }) => memberId),
  )
  await emitMany(
    ctx,
    rows.map((grant) => changed(grant, { from: grant.tier, to: now.get(grant.memberId)!, by: 'lapsed' })),
  )
  return due.length
}

async function end(
  ctx: Ctx,
  grants: readonly Grant[],
  as: (grant: Grant) => EndedAs,
  reason: string | null,
): Promise<void> {
  if (grants.length === 0) return
  const sorted = [...grants].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const column = <V>(read: (grant: Grant) => V) => sorted.map(read)
  await sql`update points.tier_grants g set ended_as = e.ended_as, ended_by = ${actorName(ctx.actor)}, end_reason = ${reason},
      ended_at = case when e.ended_as = 'lapsed' then g.until else ${ctx.now} end
    from unnest(${column(({ memberId }) => memberId)}::uuid[], ${column(({ id }) => id)}::uuid[], ${column(as)}::text[]) as e(member_id, id, ended_as)
    where g.member_id = e.member_id and g.id = e.id and g.ended_at is null`.execute(ctx.tx)
}

const changed = (
  { id, memberId }: Pick<Grant, 'id' | 'memberId'>,
  change: { from: string; to: string; by: 'invited' | EndedAs },
): NewEvent<'points.tier_changed'> => ({
  type: 'points.tier_changed',
  memberId,
  payload: { ...change, grant: id },
})
