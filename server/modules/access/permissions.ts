/**
 * Everything that can be permitted, and the roles that the program brings. A role is a set of permissions; a grant gives
 * a role in one part of the organisation.
 */
import type { Permission } from '#platform/ctx'
import { type builtInRoleCodes, permissions } from './contract.ts'

export { permissions }

export type KnownPermission = keyof typeof permissions

export const permissionNames = Object.keys(permissions) as KnownPermission[]

export const wantsWholeGroup = (permission: Permission): boolean =>
  permissions[permission as KnownPermission] === 'group'

const looking = [
  'members.read',
  'orders.read',
  'points.read',
  'channels.read',
  'organisation.read',
] as const satisfies KnownPermission[]
const serving = [...looking, 'members.write', 'orders.write', 'privacy.consent'] as const satisfies KnownPermission[]

/** What the program brings. A row of `access.roles` with the same code stands in its place. */
const rolesOfProgram: Readonly<Record<(typeof builtInRoleCodes)[number], readonly KnownPermission[] | 'all'>> = {
  administrator: 'all',
  marketer: [
    ...serving,
    'members.join',
    'members.reveal',
    'points.adjust',
    'points.tiers',
    'points.rules',
    'imports.read',
    'imports.write',
    'imports.undo',
    'channels.open',
    'settings.read',
    'dictionary.write',
  ],
  'company-manager': [
    ...serving,
    'members.join',
    'members.reveal',
    'members.export',
    'totals.group',
    'points.adjust',
    'points.tiers',
    'imports.read',
    'imports.write',
    'imports.undo',
    'access.staff',
    'dictionary.write',
  ],
  'store-manager': [
    ...serving,
    'totals.group',
    'members.join',
    'members.reveal',
    'points.adjust',
    'imports.read',
    'imports.write',
    'access.staff',
  ],
  'store-staff': [...serving],
  guide: ['members.read', 'orders.read', 'channels.read', 'organisation.read'],
  'service-agent': [...looking, 'members.write', 'members.reveal', 'privacy.consent'],
  operations: [...serving, 'imports.read', 'imports.write'],
  quality: [...looking],
  finance: [...looking, 'members.export', 'settings.read'],
  auditor: [
    ...looking,
    'imports.read',
    'settings.read',
    'operations.read',
    'audit.read',
    'privacy.read',
    'webhooks.read',
  ],
}

export const builtInRoles: Readonly<Record<string, readonly KnownPermission[] | 'all'>> = rolesOfProgram
