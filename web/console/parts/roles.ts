/** Roles and the places where they hold, in the reader's words. */
import { useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import { builtInRoleCodes, type heldRole, listRoles, type place } from '#modules/access/contract'
import { readTree } from '#modules/organisation/contract'
import { reading } from '#ui/queries.ts'
import { type Say, useText } from '../texts/texts.ts'
import { holds, type Permission, type Session, useMaySee, useSession } from './session.ts'

export type HeldRole = z.output<typeof heldRole>
export type Place = z.output<typeof place>

export const roleText = (say: Say, { code, name }: { code: string; name: string | null }) =>
  name ?? say.code('role', code) ?? code

export const heldRoleText = (say: Say, { role, roleName }: HeldRole) => roleText(say, { code: role, name: roleName })

export function placeText(say: Say, { kind, name, code }: HeldRole['place']): string {
  if (kind === 'group') return say('place.group')
  if (kind === 'own') return say('place.own')
  return name ?? code ?? say('place.gone')
}

/** A place as one text, for a field in which one is chosen. */
export const keyOfPlace = (place: Place) => ('code' in place ? `${place.kind}:${place.code}` : place.kind)

export function placeOfKey(key: string): Place {
  const [kind, code = ''] = key.split(/:(.*)/s)
  return kind === 'company' || kind === 'store' ? { kind, code } : { kind: kind === 'own' ? 'own' : 'group' }
}

/** Whether somebody who holds `mine` may hand a role on: nobody gives what they don't hold. */
export function within(mine: Session['permissions'], role: 'all' | readonly string[]): boolean {
  if (mine === 'all') return true
  return role !== 'all' && role.every((permission) => mine.includes(permission))
}

/** Roles that this person may give, those of the group's own among them. */
export function useGivableRoles(): { value: string; label: string }[] {
  const say = useText()
  const { permissions } = useSession()
  const { data } = useQuery({ ...reading(listRoles, {}), enabled: useMaySee('access.staff') })
  const roles = data
    ? data.roles.filter((role) => within(permissions, role.permissions))
    : builtInRoleCodes.map((code) => ({ code, name: null }))
  return roles.map((role) => ({ value: role.code, label: roleText(say, role) }))
}

/** Companies with their stores where this person may give what needs a permission; and the group, where all of it is theirs. */
export function usePlaces(permission: Permission) {
  const say = useText()
  const session = useSession()
  const { data } = useQuery({ ...reading(readTree, {}), enabled: useMaySee('organisation.read') })
  const wholeGroup = holds({ ...session, permissions: session.wholeGroup }, permission)
  const whole = new Set(session.roles.flatMap(({ place }) => (place.kind === 'company' ? place.code : [])))
  const stores = (data?.companies ?? []).map(({ code, name, stores: own }) => ({
    label: name,
    options: [
      ...(wholeGroup || whole.has(code)
        ? [{ value: keyOfPlace({ kind: 'company', code }), label: say('place.company', { name }) }]
        : []),
      ...own.map((store) => ({ value: keyOfPlace({ kind: 'store', code: store.code }), label: store.name })),
    ],
  }))
  const others = (data?.storesWithoutCompany ?? []).map(({ code, name }) => ({
    value: keyOfPlace({ kind: 'store', code }),
    label: name,
  }))
  return [
    ...(wholeGroup ? [{ value: 'group', label: say('place.group') }] : []),
    // A key serves nobody.
    ...(permission === 'access.keys' ? [] : [{ value: 'own', label: say('place.own') }]),
    ...stores,
    ...(others.length > 0 ? [{ label: say('place.withoutCompany'), options: others }] : []),
  ]
}
