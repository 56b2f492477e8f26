import { channels } from '#modules/channels'
import { companies } from '#modules/organisation'
import { record } from '#platform/audit'
import { type Actor, type Ctx, scopeOf } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { serve, serveLong } from '#platform/http'
import { readSettings } from '#platform/settings'
import * as contract from './contract.ts'
import { notOfStaff, roleAndPlace } from './errors.ts'
import { addKey, endKey, keyOf, keys } from './keys.ts'
import { permissionNames, permissions } from './permissions.ts'
import { dropRole, listRoles, putRole } from './roles.ts'
import { addSignInLink, seeAs, sessionCookie } from './sessions.ts'
import { askedFor, signInRoutes } from './sign-in-routes.ts'
import {
  addStaff,
  administrator,
  endGrant,
  findStaff,
  giveRole,
  grantsOf,
  type HeldGrant,
  inReach,
  leave,
  listStaff,
  type StaffRow,
  staffOf,
} from './staff.ts'

export const signInUrl = (house: Pick<House, 'publicUrl'>, token: string) =>
  `${house.publicUrl}/console/sign-in#token=${token}`

/** Done by somebody else's hand on an open session, these would be the worst. */
const guarded = { asksProof: true }

export const routes = [
  ...signInRoutes,
  serve(
    contract.whoAmI,
    'signed-in',
    async (ctx, _input, call) => {
      const { actor } = ctx
      const { name: group, currency, timeZone, country, languages, pointValue } = await readSettings(ctx)
      const held = actor.id && actor.kind !== 'system' ? await grantsOf(ctx, actor.id) : []
      return {
        staffId: actor.kind === 'staff' ? actor.id : null,
        name: await nameOf(ctx, actor),
        roles: await shownRoles(ctx, held),
        permissions: actor.permissions === 'all' ? ('all' as const) : [...actor.permissions],
        wholeGroup:
          actor.permissions === 'all' && actor.scope === 'group'
            ? ('all' as const)
            : permissionNames.filter((name) => scopeOf(actor, name) === 'group'),
        onlyLooking: actor.readOnly === true,
        asks: await askedFor(ctx, call.cookies[sessionCookie]),
        group: { name: group, currency, timeZone, country, languages, pointValue },
      }
    },
    { beforeEnrolment: true },
  ),
  serve(
    contract.seeAs,
    'access.see_as',
    async (ctx, { staffId }, call) => {
      const session = call.cookies[sessionCookie]
      if (!session || ctx.actor.kind !== 'staff') throw notOfStaff()
      await seeAs(ctx, session, staffId)
      return {}
    },
    guarded,
  ),
  serve(contract.seeAsOneself, 'anyone', async (ctx, _input, call) => {
    const session = call.cookies[sessionCookie]
    if (session) await seeAs(ctx, session, null)
    return {}
  }),
  serve(contract.listStaff, 'access.staff', async (ctx) => {
    const staff = await listStaff(ctx)
    const named = await placeNames(ctx)
    return { staff: staff.map((one) => shownStaff(one, named)) }
  }),
  serve(contract.listColleagues, 'members.write', async (ctx) => {
    const named = await placeNames(ctx)
    return {
      colleagues: (await listStaff(ctx))
        .filter(({ leftAt }) => leftAt === null)
        .map(({ id, name, grants }) => ({
          id,
          name,
          places: grants.flatMap((grant) => {
            const { kind, code } = named(grant).place
            return (kind === 'company' || kind === 'store') && code !== null ? [{ kind, code }] : []
          }),
        })),
    }
  }),
  serve(
    contract.putStaff,
    'access.staff',
    async (ctx, { staffId, login, name, role, place }) => {
      if ((role === undefined) !== (place === undefined)) throw roleAndPlace()
      const known = await findStaff(ctx, staffId)
      if (known) await inReach(ctx, staffId)
      else if (ctx.actor.scope !== 'group' && !place) throw roleAndPlace()
      await addStaff(ctx, { id: staffId, login, name })
      // The first role goes by the id of the person: told twice it is one.
      if (role && place) await giveRole(ctx, { id: staffId, holderId: staffId, role, place })
      const grants = await grantsOf(ctx, staffId)
      return shownStaff({ ...(await staffOf(ctx, staffId)), grants }, await placeNames(ctx))
    },
    guarded,
  ),
  serve(
    contract.giveRole,
    'access.staff',
    async (ctx, { staffId, grantId, role, place }) => {
      await inReach(ctx, staffId)
      await giveRole(ctx, { id: grantId, holderId: staffId, role, place })
      return {}
    },
    { ...guarded, codes: ['role'] },
  ),
  serve(
    contract.endRole,
    'access.staff',
    async (ctx, { staffId, grantId }) => {
      await inReach(ctx, staffId)
      await endGrant(ctx, { holderId: staffId, grantId })
      return {}
    },
    guarded,
  ),
  serveLong(
    contract.inviteStaff,
    'access.staff',
    (house, actor, { staffId }) =>
      inTx(house.db, actor, async (ctx) => {
        // Whoever holds the link is that person: it takes all that they may do.
        await inReach(ctx, staffId, { whole: true })
        const link = await addSignInLink(ctx, staffId)
        await record(ctx)
        return linkOf(house, link)
      }),
    guarded,
  ),
  serve(
    contract.staffLeaves,
    'access.staff',
    async (ctx, { staffId, successorId }) => {
      await inReach(ctx, staffId, { whole: true })
      if (successorId) await inReach(ctx, successorId)
      await leave(ctx, { staffId, successorId })
      return {}
    },
    guarded,
  ),
  serve(contract.listRoles, 'access.staff', async (ctx) => ({
    roles: (await listRoles(ctx)).map(({ changedAt, permissions: held, ...role }) => ({
      ...role,
      permissions: held === 'all' ? ('all' as const) : [...held],
      changedAt: changedAt?.toISOString() ?? null,
    })),
    permissions: permissionNames.map((name) => ({ name, wants: permissions[name] })),
  })),
  serve(
    contract.putRole,
    'access.roles',
    async (ctx, input) => {
      await putRole(ctx, input)
      return {}
    },
    guarded,
  ),
  serve(
    contract.dropRole,
    'access.roles',
    async (ctx, { code }) => {
      await dropRole(ctx, code)
      return {}
    },
    guarded,
  ),
  serve(contract.listKeys, 'access.keys', async (ctx) => {
    const named = await placeNames(ctx)
    return {
      keys: (await keys(ctx)).map(({ grants, createdAt, lastUsedAt, expiresAt, ...key }) => ({
        ...key,
        roles: grants.map((grant) => named(grant)),
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
        expiresAt: expiresAt?.toISOString() ?? null,
      })),
    }
  }),
  serve(
    contract.addKey,
    'access.keys',
    async (ctx, { expiresAt, ...input }) => {
      const made = await addKey(ctx, { ...input, expiresAt: expiresAt === null ? null : new Date(expiresAt) })
      await record(ctx, { ids: { keyId: made.id } })
      return made
    },
    { ...guarded, codes: ['role'] },
  ),
  serve(
    contract.endKey,
    'access.keys',
    async (ctx, { keyId }) => {
      await endKey(ctx, keyId)
      return {}
    },
    guarded,
  ),
  serveLong(
    contract.addSignInLink,
    'access.links',
    (house, actor) =>
      inTx(house.db, actor, async (ctx) => {
        const link = await addSignInLink(ctx, await administrator(ctx))
        await record(ctx)
        return linkOf(house, link)
      }),
    guarded,
  ),
]

const linkOf = (house: House, { token, expiresAt }: { token: string; expiresAt: Date }) => ({
  url: signInUrl(house, token),
  expiresAt: expiresAt.toISOString(),
})

async function nameOf(ctx: Ctx, { kind, id }: Actor): Promise<string> {
  if (kind === 'system' || id === null) return 'Command line'
  return kind === 'key' ? (await keyOf(ctx, id)).name : (await staffOf(ctx, id)).name
}

type Shown = (grant: HeldGrant) => {
  id: string
  role: string
  roleName: string | null
  place: { kind: HeldGrant['scope']; code: string | null; name: string | null }
}

/** Grants with the names of their places, and of roles of the group's own. */
async function placeNames(ctx: Ctx): Promise<Shown> {
  const companyOf = new Map((await companies(ctx)).map((company) => [company.id, company]))
  const channelOf = new Map((await channels(ctx)).map((channel) => [channel.id, channel]))
  const roleNames = new Map((await listRoles(ctx)).map(({ code, name }) => [code, name]))
  return ({ id, role, scope, companyId, channelId }) => {
    const place = companyId !== null ? companyOf.get(companyId) : channelId !== null ? channelOf.get(channelId) : null
    return {
      id,
      role,
      roleName: roleNames.get(role) ?? null,
      place: { kind: scope, code: place?.code ?? null, name: place?.name ?? null },
    }
  }
}

/** What somebody holds, with the names of the places. */
export async function shownRoles(ctx: Ctx, grants: readonly HeldGrant[]) {
  if (grants.length === 0) return []
  const named = await placeNames(ctx)
  return grants.map((grant) => named(grant))
}

const shownStaff = (
  { id, login, name, createdAt, leftAt, grants }: StaffRow & { grants: readonly HeldGrant[] },
  named: Shown,
) => ({
  id,
  login,
  name,
  createdAt: createdAt.toISOString(),
  leftAt: leftAt?.toISOString() ?? null,
  roles: grants.map((grant) => named(grant)),
})
