import { z } from 'zod'
import { route } from '#platform/contract'

export * from './sign-in/contract.ts'

/** The roles that the program brings. */
export const builtInRoleCodes = [
  'administrator',
  'marketer',
  'company-manager',
  'store-manager',
  'store-staff',
  'guide',
  'service-agent',
  'operations',
  'quality',
  'finance',
  'auditor',
] as const

/**
 * Everything that can be permitted. `scoped`: holds within the scope of its grant. `group`: about the program or the group as a whole, so that a grant
 * over less gives nothing.
 */
export const permissions = {
  'members.read': 'scoped',
  'members.write': 'scoped',
  'members.join': 'scoped',
  'members.reveal': 'scoped',
  'members.export': 'scoped',
  'orders.read': 'scoped',
  'orders.write': 'scoped',
  'points.read': 'scoped',
  'points.adjust': 'scoped',
  'points.tiers': 'scoped',
  'imports.read': 'scoped',
  'imports.write': 'scoped',
  'imports.undo': 'scoped',
  'channels.read': 'scoped',
  'organisation.read': 'scoped',
  'privacy.consent': 'scoped',
  'dictionary.write': 'scoped',
  'access.staff': 'scoped',
  'points.rules': 'group',
  'channels.open': 'group',
  'organisation.write': 'group',
  'settings.read': 'group',
  'settings.change': 'group',
  'access.roles': 'group',
  'access.keys': 'group',
  'access.links': 'group',
  'access.see_as': 'group',
  'privacy.read': 'group',
  'privacy.change': 'group',
  'privacy.export': 'group',
  'privacy.erase': 'group',
  'webhooks.read': 'group',
  'webhooks.change': 'group',
  'audit.read': 'group',
  'exports.approve': 'group',
  'totals.group': 'scoped',
  'vault.rotate': 'group',
  'operations.read': 'group',
  'operations.run': 'group',
  'demonstration.clear': 'group',
  'sandbox.read': 'group',
} as const satisfies Record<string, 'scoped' | 'group'>

const code = z.string().min(1).max(64)
const roleCode = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'should be small letters, digits and hyphens')

/** Where a role holds. `own`: only the members whom they serve themselves. */
export const place = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('group') }),
  z.object({ kind: z.literal('company'), code }),
  z.object({ kind: z.literal('store'), code }),
  z.object({ kind: z.literal('own') }),
])

/** Where a held role holds, with the name of the place; null where the place is gone. */
const heldPlace = z.object({
  kind: z.enum(['group', 'company', 'store', 'own']),
  code: z.string().nullable(),
  name: z.string().nullable(),
})
export const heldRole = z.object({ id: z.uuid(), role: z.string(), roleName: z.string().nullable(), place: heldPlace })

export const whoAmI = route('GET /session', {
  summary: 'Who is signed in, what they may do and where, and the group they work for',
  input: z.object({}),
  output: z.object({
    /** Null for an API key and the command line. */
    staffId: z.uuid().nullable(),
    name: z.string(),
    roles: z.array(heldRole),
    permissions: z.union([z.literal('all'), z.array(z.string())]),
    /** Permissions that hold over the whole group. */
    wholeGroup: z.union([z.literal('all'), z.array(z.string())]),
    /** The console is looked at as this person by somebody else, who may change nothing. */
    onlyLooking: z.boolean(),
    /** What they are asked to set up: a second factor before anything else, or, when they like, a password. */
    asks: z.enum(['second_factor', 'password']).nullable(),
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

export const seeAs = route('PUT /session/seen-as', {
  summary: 'Look at the console as a member of staff, reading only',
  input: z.object({ staffId: z.uuid() }),
  output: z.object({}),
})

export const seeAsOneself = route('DELETE /session/seen-as', {
  summary: 'Look at the console as oneself again',
  input: z.object({}),
  output: z.object({}),
})

const staffView = z.object({
  id: z.uuid(),
  login: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  leftAt: z.iso.datetime().nullable(),
  /** Those within the reach of whoever asks. */
  roles: z.array(heldRole),
})

export const listStaff = route('GET /staff', {
  summary: 'Staff within reach, with what they hold',
  input: z.object({}),
  output: z.object({ staff: z.array(staffView) }),
})

export const listColleagues = route('GET /colleagues', {
  summary: 'Who works in the part of the group that one sees, for putting somebody in charge',
  input: z.object({}),
  output: z.object({
    colleagues: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        /** Where they hold a role; without the whole group and `own`. */
        places: z.array(z.object({ kind: z.enum(['company', 'store']), code: z.string() })),
      }),
    ),
  }),
})

const login = z
  .string()
  .trim()
  .min(2, 'should have at least two characters')
  .max(120)
  .regex(/^\S+$/, 'should have no spaces')

export const putStaff = route('PUT /staff/:staffId', {
  summary: 'Add a member of staff with a first role, or rename one',
  input: z.object({
    staffId: z.uuid(),
    login,
    name: z.string().trim().min(1, 'should have a name').max(80),
    /** The first role of somebody new. */
    role: roleCode.optional(),
    place: place.optional(),
  }),
  output: staffView,
})

export const giveRole = route('PUT /staff/:staffId/roles/:grantId', {
  summary: 'Give a role in one part of the organisation',
  input: z.object({ staffId: z.uuid(), grantId: z.uuid(), role: roleCode, place }),
  output: z.object({}),
})

export const endRole = route('DELETE /staff/:staffId/roles/:grantId', {
  summary: 'Take a role away',
  input: z.object({ staffId: z.uuid(), grantId: z.uuid() }),
  output: z.object({}),
})

export const inviteStaff = route('POST /staff/:staffId/links', {
  summary: 'Make a link that signs a member of staff in, once, within a day',
  input: z.object({ staffId: z.uuid() }),
  output: z.object({ url: z.string(), expiresAt: z.iso.datetime() }),
})

export const staffLeaves = route('POST /staff/:staffId/departures', {
  summary: 'End all rights of somebody who leaves, and hand the members whom they serve to a colleague',
  input: z.object({ staffId: z.uuid(), successorId: z.uuid().nullable().default(null) }),
  output: z.object({}),
})

export const listRoles = route('GET /roles', {
  summary: 'Roles with what they permit, and everything that can be permitted',
  input: z.object({}),
  output: z.object({
    roles: z.array(
      z.object({
        code: z.string(),
        name: z.string().nullable(),
        builtIn: z.boolean(),
        permissions: z.union([z.literal('all'), z.array(z.string())]),
        changedAt: z.iso.datetime().nullable(),
        holders: z.int(),
      }),
    ),
    permissions: z.array(z.object({ name: z.string(), wants: z.enum(['scoped', 'group']) })),
  }),
})

export const putRole = route('PUT /roles/:code', {
  summary: 'Say what a role permits: a new one, or a built-in one in another way',
  input: z.object({
    code: roleCode,
    /** Empty: a built-in role keeps the name that each language has for it. */
    name: z.string().trim().max(60),
    permissions: z.array(z.string().max(60)).max(200),
  }),
  output: z.object({}),
})

export const dropRole = route('DELETE /roles/:code', {
  summary: 'Drop an own role that nobody holds, or make a built-in one as it came',
  input: z.object({ code: roleCode }),
  output: z.object({}),
})

const apiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  roles: z.array(heldRole),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime().nullable(),
})

export const listKeys = route('GET /api-keys', {
  summary: 'API keys, without their secrets',
  input: z.object({}),
  output: z.object({ keys: z.array(apiKey) }),
})

export const addKey = route('POST /api-keys', {
  summary: 'Make an API key with one role in one place; its secret is shown this once',
  input: z.object({
    name: z.string().min(1).max(80).default('API key'),
    role: roleCode,
    place: place.default({ kind: 'group' }),
    expiresAt: z.iso.datetime().nullable().default(null),
  }),
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
