/** Coming in, and one's own account. */
import { z } from 'zod'
import { route } from '#platform/contract'

const secret = z.string().min(20).max(200)
/** Typed by hand, so its length is checked by what it is for. */
const typedPassword = z.string().min(1).max(1024)
const typedCode = z.string().trim().min(1).max(40)

/** In by now; or `ticket`: the second factor is asked for, within five minutes. */
const comingIn = z.object({ name: z.string().nullable(), ticket: z.string().nullable() })

export const waysIn = route('GET /sign-in', {
  summary: 'The ways to sign in here',
  input: z.object({}),
  output: z.object({
    /** The name of the group's own identity provider. */
    provider: z.string().nullable(),
  }),
})

export const signIn = route('POST /sessions', {
  summary: 'Sign in by a one-time link',
  input: z.object({ token: secret }),
  output: comingIn,
})

export const signInByPassword = route('POST /sessions/by-password', {
  summary: 'Sign in by login and password',
  input: z.object({ login: z.string().trim().min(1).max(200), password: typedPassword }),
  output: comingIn,
})

export const signInByCode = route('POST /sessions/by-code', {
  summary: 'The second half of signing in: a code of the second factor, or a recovery code',
  input: z.object({ ticket: secret, code: typedCode }),
  output: comingIn,
})

export const goToProvider = route('POST /sign-in/provider', {
  summary: "Begin to sign in by the group's own identity provider; says where to go",
  input: z.object({}),
  output: z.object({ url: z.url() }),
})

export const signInByProvider = route('POST /sessions/by-provider', {
  summary: 'Sign in by what the identity provider sent back',
  /** The query of the address to which it sent the browser. */
  input: z.object({ answer: z.string().min(1).max(8000) }),
  output: comingIn,
})

export const signOut = route('DELETE /session', {
  summary: 'End this session',
  input: z.object({}),
  output: z.object({}),
})

export const readAccount = route('GET /session/account', {
  summary: 'The own account: how one signs in',
  input: z.object({}),
  output: z.object({
    login: z.string(),
    name: z.string(),
    passwordSetAt: z.iso.datetime().nullable(),
    /** Came by a link lately: a password can be set without the old one. */
    mayReplacePassword: z.boolean(),
    secondFactorSince: z.iso.datetime().nullable(),
    recoveryCodesLeft: z.int(),
    /** The group wants a second factor of this person. */
    secondFactorNeeded: z.boolean(),
    /** Linked with the group's identity provider. */
    provider: z.string().nullable(),
  }),
})

export const renameOneself = route('PUT /session/account', {
  summary: 'Change the own name',
  input: z.object({ name: z.string().trim().min(1, 'should have a name').max(80) }),
  output: z.object({}),
})

export const setOwnPassword = route('PUT /session/password', {
  summary: 'Set the own password; every other session of one ends',
  input: z.object({ old: typedPassword.optional(), password: typedPassword }),
  output: z.object({}),
})

export const proveAgain = route('POST /session/proofs', {
  summary: 'Prove again that it is you, before a dangerous act',
  input: z.object({ by: z.enum(['password', 'code']), answer: typedPassword }),
  output: z.object({}),
})

export const beginSecondFactor = route('POST /session/second-factor', {
  summary: 'Begin to set up a second factor: the secret for an authenticator',
  input: z.object({}),
  output: z.object({ secret: z.string(), uri: z.string() }),
})

export const confirmSecondFactor = route('PUT /session/second-factor', {
  summary: 'Confirm the second factor by its first code; the recovery codes are shown this once',
  input: z.object({ code: typedCode }),
  output: z.object({ recoveryCodes: z.array(z.string()) }),
})

export const endOwnSecondFactor = route('DELETE /session/second-factor', {
  summary: 'Do without a second factor',
  input: z.object({}),
  output: z.object({}),
})

export const renewRecoveryCodes = route('POST /session/recovery-codes', {
  summary: 'New recovery codes, shown this once; the old ones open nothing any more',
  input: z.object({}),
  output: z.object({ recoveryCodes: z.array(z.string()) }),
})

const session = z.object({
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime(),
  address: z.string().nullable(),
  agent: z.string().nullable(),
  /** The one that asks. */
  own: z.boolean(),
})

export const listOwnSessions = route('GET /sessions', {
  summary: 'Where one is signed in oneself',
  input: z.object({}),
  output: z.object({ sessions: z.array(session) }),
})

export const endOwnSession = route('DELETE /sessions/:sessionId', {
  summary: 'End one of the own sessions',
  input: z.object({ sessionId: z.uuid() }),
  output: z.object({}),
})

export const endOtherSessions = route('DELETE /sessions', {
  summary: 'End every own session but this one',
  input: z.object({}),
  output: z.object({ ended: z.int() }),
})

export const readSignInOf = route('GET /staff/:staffId/sign-in', {
  summary: 'How a member of staff signs in, and where they are signed in',
  input: z.object({ staffId: z.uuid() }),
  output: z.object({
    passwordSetAt: z.iso.datetime().nullable(),
    secondFactorSince: z.iso.datetime().nullable(),
    sessions: z.array(session),
  }),
})

export const endSessionsOf = route('DELETE /staff/:staffId/sessions', {
  summary: 'Sign a member of staff out everywhere',
  input: z.object({ staffId: z.uuid() }),
  output: z.object({ ended: z.int() }),
})

export const endSecondFactorOf = route('DELETE /staff/:staffId/second-factor', {
  summary: 'Take the second factor of somebody away who has lost it',
  input: z.object({ staffId: z.uuid() }),
  output: z.object({}),
})
