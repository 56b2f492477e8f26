import { z } from 'zod'
import { route } from '#platform/contract'

export const roles = ['administrator', 'operator', 'viewer'] as const
export const role = z.enum(roles)

export const signIn = route('POST /sessions', {
  summary: 'Sign in by a one-time link',
  input: z.object({ token: z.string().min(20).max(200) }),
  output: z.object({ name: z.string() }),
})

export const signOut = route('DELETE /session', {
  summary: 'End this session',
  input: z.object({}),
  output: z.object({}),
})

export const whoAmI = route('GET /session', {
  summary: 'Who is signed in, what they may do, and the group they work for',
  input: z.object({}),
  output: z.object({
    name: z.string(),
    role,
    permissions: z.union([z.literal('all'), z.array(z.string())]),
    group: z.object({
      name: z.string(),
      currency: z.string(),
      timeZone: z.string(),
      country: z.string(),
      /** Those that members are spoken to in; the first is the group's own. */
      languages: z.array(z.enum(['zh-CN', 'en', 'ru'])),
      pointValue: z.object({ points: z.int(), minor: z.int() }).nullable(),
    }),
  }),
})

const apiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  role,
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
})

export const listKeys = route('GET /api-keys', {
  summary: 'API keys, without their secrets',
  input: z.object({}),
  output: z.object({ keys: z.array(apiKey) }),
})

export const addKey = route('POST /api-keys', {
  summary: 'Make an API key; its secret is shown this once',
  input: z.object({ name: z.string().min(1).max(80).default('API key'), role }),
  output: z.object({ id: z.uuid(), key: z.string() }),
})

export const endKey = route('DELETE /api-keys/:keyId', {
  summary: 'End an API key',
  input: z.object({ keyId: z.uuid() }),
  output: z.object({}),
})

export const addSignInLink = route('POST /sign-in-links', {
  summary: 'Make a new one-time sign-in link of the administrator',
  input: z.object({}),
  output: z.object({ url: z.string(), expiresAt: z.iso.datetime() }),
})
