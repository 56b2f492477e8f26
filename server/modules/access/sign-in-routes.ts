import type { Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'

import { type Call, proofWanted, serve, serveLong } from '#platform/http'
import * as contract from './contract.ts'
import { notOfStaff, secondFactorStays } from './errors.ts'
import { passwordOf } from './passwords.ts'
import { begin, identityOf, providerCookie, providerSeconds, signInByProvider } from './provider.ts'
import {
  beginSecondFactor,
  confirmSecondFactor,
  endSecondFactor,
  recoveryCodesLeft,
  renewRecoveryCodes,
  secondFactorNeeded,
  secondFactorSince,
} from './second-factor.ts'
import {
  endSession,
  endSessions,
  renewSession,
  type SessionRow,
  sessionCookie,
  sessionSeconds,
  sessionsOf,
  signOut,
  wayOf,
} from './sessions.ts'
import {
  type Comer,
  type ComingIn,
  counted,
  proveAgain,
  replacePassword,
  signInByCode,
  signInByLink,
  signInByPassword,
} from './signing-in.ts'
import { inReach, rename, staffOf } from './staff.ts'
import { forgiveTry, limitsOf } from './tries.ts'

const comerOf = ({ address, agent, peer }: Call): Comer => ({
  address,
  agent,
  from: { address, connection: peer.address ?? 'socket' },
})

/** Somebody is in, or half way. */
function arrived(call: Call, { name, session, ticket }: ComingIn) {
  if (session) holds(call, session)
  return { name, ticket }
}

const holds = (call: Call, session: string) => call.setCookie(sessionCookie, session, { maxAgeSeconds: sessionSeconds })

const early = { beforeEnrolment: true }
const guarded = { asksProof: true }

export const signInRoutes = [
  serveLong(contract.waysIn, 'anyone', async ({ provider }) => ({ provider: provider?.name ?? null })),
  serve(
    contract.signIn,
    'anyone',
    async (ctx, { token }, call) => arrived(call, await signInByLink(ctx, token, comerOf(call))),
    { as: 'session' },
  ),
  serveLong(
    contract.signInByPassword,
    'anyone',
    async (house, actor, input, call) =>
      arrived(call, await signInByPassword(house, actor, { ...input, ...comerOf(call) })),
    { as: 'session' },
  ),
  serveLong(
    contract.signInByCode,
    'anyone',
    async (house, actor, input, call) =>
      arrived(call, await signInByCode(house, actor, { ...input, ...comerOf(call) })),
    { as: 'session' },
  ),
  serveLong(
    contract.goToProvider,
    'anyone',
    async (house, actor, _input, call) => {
      await counted(house, actor, limitsOf('provider', comerOf(call).from, null))
      const { url, cookie } = await begin(house)
      call.setCookie(providerCookie, cookie, { maxAgeSeconds: providerSeconds })
      return { url }
    },
    { as: 'never' },
  ),
  serveLong(
    contract.signInByProvider,
    'anyone',
    async (house, actor, { answer }, call) => {
      const limits = limitsOf('provider', comerOf(call).from, null)
      await counted(house, actor, limits)
      const cookie = call.cookies[providerCookie]
      const coming = await signInByProvider(house, actor, { answer, cookie, from: comerOf(call) })
      await inTx(house.db, actor, (ctx) => forgiveTry(ctx, limits))
      call.setCookie(providerCookie, null)
      return arrived(call, coming)
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
  serveLong(
    contract.readAccount,
    'signed-in',
    (house, actor, _input, call) =>
      inTx(house.db, actor, async (ctx) => {
        const staffId = staffIdOf(ctx)
        const { login, name } = await staffOf(ctx, staffId)
        const session = call.cookies[sessionCookie]
        return {
          login,
          name,
          passwordSetAt: (await passwordOf(ctx, staffId))?.setAt.toISOString() ?? null,
          mayReplacePassword: session ? ((await wayOf(ctx, session))?.byFreshLink ?? false) : false,
          secondFactorSince: (await secondFactorSince(ctx, staffId))?.toISOString() ?? null,
          recoveryCodesLeft: await recoveryCodesLeft(ctx, staffId),
          secondFactorNeeded: await secondFactorNeeded(ctx, staffId),
          provider: (await identityOf(ctx, staffId)) ? (house.provider?.name ?? 'SSO') : null,
        }
      }),
    early,
  ),
  serve(
    contract.renameOneself,
    'signed-in',
    async (ctx, { name }) => {
      await rename(ctx, staffIdOf(ctx), name)
      return {}
    },
    early,
  ),
  serveLong(
    contract.setOwnPassword,
    'signed-in',
    async (house, actor, { old, password }, call) => {
      const staffId = staffIdOf({ actor })
      // Who has only a second factor proves by it; who has a password says the old one.
      if (actor.mustProveBy && !actor.mustProveBy.includes('password')) throw proofWanted(actor.mustProveBy)
      const session = sessionOf(call)
      const { from } = comerOf(call)
      holds(call, await replacePassword(house, actor, { staffId, session, old, password, from }))
      return {}
    },
    early,
  ),
  serveLong(
    contract.proveAgain,
    'signed-in',
    async (house, actor, { by, answer }, call) => {
      const proof = { staffId: staffIdOf({ actor }), session: sessionOf(call), by, answer, from: comerOf(call).from }
      holds(call, await proveAgain(house, actor, proof))
      return {}
    },
    early,
  ),
  serve(contract.beginSecondFactor, 'signed-in', (ctx) => beginSecondFactor(ctx, staffIdOf(ctx)), {
    ...early,
    ...guarded,
  }),
  serveLong(
    contract.confirmSecondFactor,
    'signed-in',
    async (house, actor, { code }, call) => {
      const staffId = staffIdOf({ actor })
      const limits = limitsOf('prove', comerOf(call).from, staffId)
      await counted(house, actor, limits)
      return inTx(house.db, actor, async (ctx) => {
        const codes = await confirmSecondFactor(ctx, staffId, code)
        await forgiveTry(ctx, limits)
        await endSessions(ctx, staffId, { keep: sessionOf(call) })
        holds(call, await renewSession(ctx, sessionOf(call), { enrolled: true }))
        return { recoveryCodes: codes }
      })
    },
    { ...early, ...guarded },
  ),
  serve(
    contract.endOwnSecondFactor,
    'signed-in',
    async (ctx) => {
      const staffId = staffIdOf(ctx)
      if (await secondFactorNeeded(ctx, staffId)) throw secondFactorStays()
      await endSecondFactor(ctx, staffId)
      return {}
    },
    guarded,
  ),
  serve(
    contract.renewRecoveryCodes,
    'signed-in',
    async (ctx) => ({ recoveryCodes: await renewRecoveryCodes(ctx, staffIdOf(ctx)) }),
    guarded,
  ),
  serve(
    contract.listOwnSessions,
    'signed-in',
    async (ctx, _input, call) => ({ sessions: await shownSessions(ctx, staffIdOf(ctx), call) }),
    early,
  ),
  serve(
    contract.endOwnSession,
    'signed-in',
    async (ctx, { sessionId }) => {
      await endSession(ctx, { staffId: staffIdOf(ctx), sessionId })
      return {}
    },
    early,
  ),
  serve(
    contract.endOtherSessions,
    'signed-in',
    async (ctx, _input, call) => ({ ended: await endSessions(ctx, staffIdOf(ctx), { keep: sessionOf(call) }) }),
    early,
  ),
  serve(contract.readSignInOf, 'access.staff', async (ctx, { staffId }, call) => {
    await inReach(ctx, staffId, { whole: true })
    return {
      passwordSetAt: (await passwordOf(ctx, staffId))?.setAt.toISOString() ?? null,
      secondFactorSince: (await secondFactorSince(ctx, staffId))?.toISOString() ?? null,
      sessions: await shownSessions(ctx, staffId, call),
    }
  }),
  serve(
    contract.endSessionsOf,
    'access.staff',
    async (ctx, { staffId }) => {
      await inReach(ctx, staffId, { whole: true })
      return { ended: await endSessions(ctx, staffId) }
    },
    guarded,
  ),
  serve(
    contract.endSecondFactorOf,
    'access.staff',
    async (ctx, { staffId }) => {
      await inReach(ctx, staffId, { whole: true })
      await endSecondFactor(ctx, staffId)
      return {}
    },
    guarded,
  ),
]

export function staffIdOf({ actor }: Pick<Ctx, 'actor'>): string {
  if (actor.kind !== 'staff' || actor.id === null) throw notOfStaff()
  return actor.id
}

function sessionOf(call: Call): string {
  const session = call.cookies[sessionCookie]
  if (!session) throw notOfStaff()
  return session
}

async function shownSessions(ctx: Ctx, staffId: string, call: Call) {
  const session = call.cookies[sessionCookie]
  const own = session ? ((await wayOf(ctx, session))?.id ?? null) : null
  return (await sessionsOf(ctx, staffId)).map((row: SessionRow) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    expiresAt: row.expiresAt.toISOString(),
    own: row.id === own,
  }))
}

/** What somebody is asked to set up: what the group wants of them, or a password when they came by a link and have none. */
export async function askedFor(ctx: Ctx, session: string | undefined): Promise<'second_factor' | 'password' | null> {
  const { actor } = ctx
  if (actor.kind !== 'staff' || actor.id === null || actor.readOnly || !session) return null
  if (actor.mustEnrol) return 'second_factor'
  const byLink = (await wayOf(ctx, session))?.way === 'link'
  return byLink && (await passwordOf(ctx, actor.id)) === null ? 'password' : null
}
