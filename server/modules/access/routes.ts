import { record } from '#platform/audit'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { serve, serveLong } from '#platform/http'
import { readSettings } from '#platform/settings'
import {
  addKey,
  addSignInLink,
  describe,
  endKey,
  keys,
  sessionCookie,
  sessionSeconds,
  signIn,
  signOut,
} from './access.ts'
import * as contract from './contract.ts'

export const signInUrl = (house: Pick<House, 'publicUrl'>, token: string) =>
  `${house.publicUrl}/console/sign-in#token=${token}`

export const routes = [
  serve(
    contract.signIn,
    'anyone',
    async (ctx, { token }, call) => {
      const { session, id, name } = await signIn(ctx, token)
      await record(ctx, { by: { kind: 'staff', id }, fields: [] })
      call.setCookie(sessionCookie, session, { maxAgeSeconds: sessionSeconds })
      return { name }
    },
    { as: 'session' },
  ),
  serve(
    contract.signOut,
    'anyone',
    async (ctx, _input, call) => {
      const session = call.cookies[sessionCookie]
      if (session) await signOut(ctx, session)
      call.setCookie(sessionCookie, null)
      return {}
    },
    { as: 'session' },
  ),
  serve(contract.whoAmI, 'signed-in', async (ctx) => {
    const { name, role } = await describe(ctx)
    const { permissions } = ctx.actor
    const { name: group, currency, timeZone, country } = await readSettings(ctx)
    return {
      name,
      role,
      permissions: permissions === 'all' ? ('all' as const) : [...permissions],
      group: { name: group, currency, timeZone, country },
    }
  }),
  serve(contract.listKeys, 'access.keys', async (ctx) => ({
    keys: (await keys(ctx)).map((key) => ({
      ...key,
      createdAt: key.createdAt.toISOString(),
      lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    })),
  })),
  serve(
    contract.addKey,
    'access.keys',
    async (ctx, input) => {
      const made = await addKey(ctx, input)
      await record(ctx, { ids: { keyId: made.id } })
      return made
    },
    { codes: ['role'] },
  ),
  serve(contract.endKey, 'access.keys', async (ctx, { keyId }) => {
    await endKey(ctx, keyId)
    return {}
  }),
  serveLong(contract.addSignInLink, 'access.links', (house, actor) =>
    inTx(house.db, actor, async (ctx) => {
      const { token, expiresAt } = await addSignInLink(ctx)
      await record(ctx)
      return { url: signInUrl(house, token), expiresAt: expiresAt.toISOString() }
    }),
  ),
]
