/**
 * Staff and what they hold: a role in one part of the organisation, several times over. Nobody gives what they don't hold
 * themselves, and nobody reaches beyond their own part.
 */
import { sql } from 'kysely'
import { channels } from '#modules/channels'
import { channelsOfCompanies, companies } from '#modules/organisation'
import { type Actor, type Ctx, joinScopes, type Permission, type Scope, scopeOf, systemActor } from '#platform/ctx'
import { type Reading, takeTurns } from '#platform/db'
import { actorName, emit, emitMany } from '#platform/events'
import { newId } from '#platform/ids'
import { arrayOf, type Columns, insertOf } from '#platform/rows'
import './events.ts'
import {
  beyondOwnRights,
  beyondOwnScope,
  lastAdministrator,
  loginTaken,
  noSuccessor,
  placeUnknown,
  roleUnknown,
  staffUnknown,
} from './errors.ts'
import { builtInRoles, permissionNames } from './permissions.ts'
import { roleHeldBy } from './roles.ts'

export type Place =
  | { kind: 'group' }
  | { kind: 'company'; code: string }
  | { kind: 'store'; code: string }
  /** Only the members whom they serve themselves. */
  | { kind: 'own' }

export interface HeldGrant {
  id: string
  role: string
  scope: Place['kind']
  companyId: number | null
  channelId: number | null
}

export interface StaffRow {
  id: string
  login: string
  name: string
  createdAt: Date
  leftAt: Date | null
}

const staffColumns = sql`id, login, name, created_at as "createdAt", left_at as "leftAt"`
const grantColumns = sql`id, role, scope, company_id as "companyId", channel_id as "channelId"`

/** Adds somebody who works here; told twice by the same id they are the same. They sign in once they are invited. */
export async function addStaff(
  ctx: Ctx,
  { id, login, name }: { id: string; login: string; name: string },
): Promise<void> {
  const { rows } = await sql<{
    id: string
  }>`select id from access.staff where lower(login) = lower(${login}) and left_at is null`.execute(ctx.tx)
  if (rows[0] && rows[0].id !== id) throw loginTaken(login)
  await sql`insert into access.staff (id, login, name, created_at) values (${id}, ${login}, ${name}, ${ctx.now})
    on conflict (id) do update set login = excluded.login, name = excluded.name`.execute(ctx.tx)
}

/** Who works here by this login. */
export async function staffByLogin(ctx: Reading, login: string): Promise<StaffRow | null> {
  const { rows } = await sql<StaffRow>`
    select ${staffColumns} from access.staff where lower(login) = lower(${login}) and left_at is null`.execute(ctx.tx)
  return rows[0] ?? null
}

export async function rename(ctx: Ctx, staffId: string, name: string): Promise<void> {
  await sql`update access.staff set name = ${name} where id = ${staffId}`.execute(ctx.tx)
}

/** Whether somebody holds a role over the whole group. */
export async function holdsWholeGroup(ctx: Reading, staffId: string): Promise<boolean> {
  return (await grantsOf(ctx, staffId)).some(({ where }) => where === 'group')
}

export interface Employed {
  id: string
  login: string
  name: string
  role: string
  place: Place
}

/** Adds many who work here, each with a first role; those who are there already stay as they are. */
export async function employ(ctx: Ctx, people: readonly Employed[]): Promise<void> {
  const staff: Columns<Employed> = {
    id: ['uuid', ({ id }) => id],
    login: ['text', ({ login }) => login],
    name: ['text', ({ name }) => name],
    created_at: ['timestamptz', () => ctx.now],
  }
  const { rows: taken } = await sql<{ id: string; login: string }>`select id, login from access.staff
    where left_at is null and lower(login) = any(${arrayOf(
      'text',
      people.map(({ login }) => login.toLowerCase()),
    )})`.execute(ctx.tx)
  const other = taken.find(({ id }) => !people.some((one) => one.id === id))
  if (other) throw loginTaken(other.login)
  await sql`${insertOf('access.staff', staff, people)} on conflict (id) do nothing`.execute(ctx.tx)
  await giveRoles(
    ctx,
    people.map(({ id, role, place }) => ({ id: newId(), holderId: id, role, place })),
  )
}

/** Takes staff out as if they had never been there: only for those who were invented. */
export async function removeStaff(ctx: Ctx, staffIds: readonly string[]): Promise<void> {
  const ids = arrayOf('uuid', staffIds)
  await forgetSecrets(ctx, staffIds)
  await sql`with links as (delete from access.sign_in_links where staff_id = any(${ids})),
      identities as (delete from access.identities where staff_id = any(${ids})),
      grants as (delete from access.grants where holder_id = any(${ids}))
    delete from access.staff where id = any(${ids})`.execute(ctx.tx)
}

/** Ends where they are signed in, or looked through, and forgets by what they came in. */
async function forgetSecrets(ctx: Ctx, staffIds: readonly string[]): Promise<void> {
  const ids = arrayOf('uuid', staffIds)
  await sql`with sessions as (delete from access.sessions where staff_id = any(${ids}) or seen_as = any(${ids})),
      passwords as (delete from access.passwords where staff_id = any(${ids})),
      factors as (delete from access.second_factors where staff_id = any(${ids})),
      codes as (delete from access.recovery_codes where staff_id = any(${ids}))
    delete from access.tickets where staff_id = any(${ids})`.execute(ctx.tx)
}

export async function staffOf(ctx: Reading, staffId: string): Promise<StaffRow> {
  const found = await findStaff(ctx, staffId)
  if (!found) throw staffUnknown(staffId)
  return found
}

export async function findStaff(ctx: Reading, staffId: string): Promise<StaffRow | null> {
  const { rows } = await sql<StaffRow>`select ${staffColumns} from access.staff where id = ${staffId}`.execute(ctx.tx)
  return rows[0] ?? null
}

/** Names by id, of those who have left too. */
export async function staffNames(ctx: Reading, staffIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from access.staff where id = any(${[...staffIds]}::uuid[])`.execute(ctx.tx)
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** The first administrator of the group; made where there is none yet. */
export async function administrator(ctx: Ctx): Promise<string> {
  await takeTurns(ctx, 'access', ['grants'])
  const { rows } = await sql<{ id: string }>`
    select s.id from access.staff s join access.grants g on g.holder_id = s.id
    where g.role = 'administrator' and g.scope = 'group' and g.ended_at is null and s.left_at is null
    order by s.created_at, s.id limit 1`.execute(ctx.tx)
  if (rows[0]) return rows[0].id
  const id = newId()
  await addStaff(ctx, { id, login: 'administrator', name: 'Administrator' })
  await giveRole(ctx, { id: newId(), holderId: id, role: 'administrator', place: { kind: 'group' } })
  return id
}

/**
 * Refuses staff beyond the actor's part of the group. `whole`: all that they hold has to lie within it, for acts by which
 * one could become them or end them.
 */
export async function inReach(ctx: Ctx, staffId: string, { whole = false } = {}): Promise<void> {
  await staffOf(ctx, staffId)
  if (ctx.actor.permissions === 'all' && ctx.actor.scope === 'group') return
  const held = await grantsOf(ctx, staffId)
  if (!held.some(({ where }) => holdsScope(ctx.actor.scope, where))) throw staffUnknown(staffId)
  if (!whole) return
  for (const { permissions, where } of held)
    refuseMoreThanOwn(ctx.actor, permissions === 'all' ? 'all' : [...permissions], where)
}

/** Everybody whom the actor may look after: who holds something within the actor's scope, or nothing yet. */
export async function listStaff(ctx: Ctx): Promise<(StaffRow & { grants: HeldGrant[] })[]> {
  const { rows: all } =
    await sql<StaffRow>`select ${staffColumns} from access.staff order by left_at nulls first, name, id`.execute(ctx.tx)
  const { rows: held } = await sql<HeldGrant & { holder: string }>`
    select ${grantColumns}, holder_id as holder from access.grants where ended_at is null and holder_id = any(${all.map(({ id }) => id)}::uuid[])
    order by given_at, id`.execute(ctx.tx)
  const places = await placesOf(ctx, held)
  const within = held.filter((grant) => holdsScope(ctx.actor.scope, places(grant, grant.holder)))
  return all.flatMap((staff) => {
    const grants = within.filter(({ holder }) => holder === staff.id)
    const visible = ctx.actor.scope === 'group' || grants.length > 0
    return visible ? [{ ...staff, grants: grants.map(({ holder: _holder, ...grant }) => grant) }] : []
  })
}

export interface GivenRole {
  id: string
  holderId: string
  role: string
  place: Place
}

/** Gives a role in one place. The same again changes nothing. */
export async function giveRole(ctx: Ctx, given: GivenRole): Promise<void> {
  await giveRoles(ctx, [given])
}

async function giveRoles(ctx: Ctx, given: readonly GivenRole[]): Promise<void> {
  const companyIds = new Map((await companies(ctx)).map(({ id, code }) => [code, id]))
  const channelIds = new Map((await channels(ctx)).map(({ id, code }) => [code, id]))
  const idOf = (place: Place, kind: 'company' | 'store', ids: ReadonlyMap<string, number>) => {
    if (place.kind !== kind) return null
    const id = ids.get(place.code)
    if (id === undefined) throw placeUnknown(kind, place.code)
    return id
  }
  const rows = given.map((one) => ({
    ...one,
    companyId: idOf(one.place, 'company', companyIds),
    channelId: idOf(one.place, 'store', channelIds),
  }))
  const held = new Map<string, readonly Permission[] | 'all'>()
  for (const role of new Set(given.map((one) => one.role))) {
    const permissions = await roleHeldBy(ctx, role)
    if (!permissions) throw roleUnknown(role)
    held.set(role, permissions)
  }
  const places = await placesOf(ctx, rows)
  for (const { holderId, role, place, companyId, channelId } of rows)
    refuseMoreThanOwn(ctx.actor, held.get(role)!, places({ scope: place.kind, companyId, channelId }, holderId))
  const grants: Columns<(typeof rows)[number]> = {
    id: ['uuid', ({ id }) => id],
    holder_id: ['uuid', ({ holderId }) => holderId],
    role: ['text', ({ role }) => role],
    scope: ['text', ({ place }) => place.kind],
    company_id: ['int', ({ companyId }) => companyId],
    channel_id: ['int', ({ channelId }) => channelId],
    given_at: ['timestamptz', () => ctx.now],
    given_by: ['text', () => actorName(ctx.actor)],
  }
  await sql`${insertOf('access.grants', grants, rows)} on conflict do nothing`.execute(ctx.tx)
  await emitMany(
    ctx,
    rows.map(({ holderId, role, place }) => ({
      type: 'access.role_given' as const,
      memberId: null,
      payload: { holderId, role, ...place },
    })),
  )
}

/** Takes a role away in one place, at once: the next request of whoever held it is without it. */
export async function endGrant(ctx: Ctx, { holderId, grantId }: { holderId: string; grantId: string }): Promise<void> {
  // Two administrators who end each other's role at once would leave nobody.
  await takeTurns(ctx, 'access', ['grants'])
  const grant = (await grantsOf(ctx, holderId)).find(({ id }) => id === grantId)
  if (!grant) return
  refuseMoreThanOwn(ctx.actor, grant.permissions === 'all' ? 'all' : [...grant.permissions], grant.where)
  await sql`update access.grants set ended_at = ${ctx.now}, ended_by = ${actorName(ctx.actor)} where id = ${grantId}`.execute(
    ctx.tx,
  )
  if (isAdministrator(grant)) await refuseNobodyLeft(ctx)
  await emit(ctx, {
    type: 'access.role_ended',
    memberId: null,
    payload: { holderId, role: grant.role, kind: grant.scope },
  })
}

/** Ends every right of somebody who leaves: roles, sessions, links. Whom they served goes to the successor by its event. */
export async function leave(
  ctx: Ctx,
  { staffId, successorId }: { staffId: string; successorId: string | null },
): Promise<void> {
  const { leftAt } = await staffOf(ctx, staffId)
  if (leftAt) return
  if (successorId === staffId || (successorId && (await staffOf(ctx, successorId)).leftAt)) throw noSuccessor()
  await takeTurns(ctx, 'access', ['grants'])
  const held = await grantsOf(ctx, staffId)
  await sql`update access.grants set ended_at = ${ctx.now}, ended_by = ${actorName(ctx.actor)} where holder_id = ${staffId} and ended_at is null`.execute(
    ctx.tx,
  )
  // Who the identity provider says they are stays, so that it brings nobody back.
  await forgetSecrets(ctx, [staffId])
  await sql`delete from access.sign_in_links where staff_id = ${staffId} and used_at is null`.execute(ctx.tx)
  await sql`update access.staff set left_at = ${ctx.now} where id = ${staffId}`.execute(ctx.tx)
  if (held.some(isAdministrator)) await refuseNobodyLeft(ctx)
  await emit(ctx, { type: 'staff.left', memberId: null, payload: { staffId, successorId } })
}

export interface HeldRight extends HeldGrant {
  permissions: ReadonlySet<Permission> | 'all'
  where: Scope
}

/** The rights of a holder as they are now, each with the scope in which it holds. */
export async function grantsOf(ctx: Reading, holderId: string): Promise<HeldRight[]> {
  const { rows } = await sql<HeldGrant & { own: Permission[] | null }>`
    select g.id, g.role, g.scope, g.company_id as "companyId", g.channel_id as "channelId", r.permissions as own
    from access.grants g left join access.roles r on r.code = g.role
    where g.holder_id = ${holderId} and g.ended_at is null order by g.given_at, g.id`.execute(ctx.tx)
  const places = await placesOf(ctx, rows)
  return rows.map(({ own, ...grant }) => {
    const held = own ?? builtInRoles[grant.role] ?? []
    return { ...grant, permissions: held === 'all' ? 'all' : new Set(held), where: places(grant, holderId) }
  })
}

/** What an actor may do whose rights these are. */
export function actorWith(
  who: Pick<Actor, 'kind' | 'id' | 'readOnly' | 'mustEnrol' | 'mustProveBy'>,
  grants: readonly HeldRight[],
): Actor {
  const all = grants.some(({ permissions }) => permissions === 'all')
  return {
    ...who,
    permissions: all ? 'all' : new Set(grants.flatMap(({ permissions }) => [...permissions])),
    scope: joinScopes(grants.map(({ where }) => where)),
    grants: grants.map(({ permissions, where }) => ({ permissions, scope: where })),
  }
}

/** Somebody as they may act now, for what is done for them in the background; null once they have left or their key has ended. */
export async function actorOf(ctx: Pick<Ctx, 'tx' | 'now'>, name: string): Promise<Actor | null> {
  const [kind, id] = name.split(':')
  // The program itself, and whoever is at its command line.
  if (kind === 'system' && id !== 'anyone') return { ...systemActor, id: id ?? null }
  if (!id || (kind !== 'staff' && kind !== 'key')) return null
  const { rows } =
    kind === 'staff'
      ? await sql`select from access.staff where id = ${id} and left_at is null`.execute(ctx.tx)
      : await sql`select from access.api_keys
          where id = ${id} and ended_at is null and (expires_at is null or expires_at > ${ctx.now})`.execute(ctx.tx)
  return rows.length === 0 ? null : actorWith({ kind, id }, await grantsOf(ctx, id))
}

/** Gives the scope of a grant: a company is whatever stores and channels it has now. */
async function placesOf(ctx: Reading, grants: readonly { companyId: number | null }[]) {
  const companyIds = grants.flatMap(({ companyId }) => (companyId === null ? [] : [companyId]))
  const under = await channelsOfCompanies(ctx, companyIds)
  return (grant: Pick<HeldGrant, 'scope' | 'companyId' | 'channelId'>, holderId: string): Scope => {
    if (grant.scope === 'group') return 'group'
    if (grant.scope === 'own') return { channelIds: [], servedBy: holderId }
    return {
      channelIds: grant.scope === 'company' ? (under.get(grant.companyId!) ?? []) : [grant.channelId!],
      servedBy: null,
    }
  }
}

/** Whether all of a scope lies within another. Whoever serves members of their own may be looked after by any. */
export function holdsScope(outer: Scope, inner: Scope): boolean {
  if (outer === 'group') return true
  if (inner === 'group' || !('channelIds' in outer) || !('channelIds' in inner)) return false
  return (
    inner.channelIds.every((id) => outer.channelIds.includes(id)) &&
    (inner.channelIds.length > 0 || inner.servedBy !== null)
  )
}

function refuseMoreThanOwn(actor: Actor, role: readonly Permission[] | 'all', scope: Scope): void {
  for (const permission of role === 'all' ? permissionNames : role) {
    const own = scopeOf(actor, permission)
    if (own === null) throw beyondOwnRights(permission)
    if (!holdsScope(own, scope)) throw beyondOwnScope(permission)
  }
  if (!holdsScope(actor.scope, scope)) throw beyondOwnScope('access.staff')
}

const isAdministrator = ({ role, scope }: HeldGrant) => role === 'administrator' && scope === 'group'

/** Somebody must be left who can give rights over the whole group. */
async function refuseNobodyLeft(ctx: Ctx): Promise<void> {
  const { rows } = await sql`
    select from access.grants g join access.staff s on s.id = g.holder_id
    where g.role = 'administrator' and g.scope = 'group' and g.ended_at is null and s.left_at is null limit 1`.execute(
    ctx.tx,
  )
  if (rows.length === 0) throw lastAdministrator()
}
