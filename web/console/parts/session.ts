/** Who is signed in, and how their group writes numbers, dates and money. */
import { useQuery } from '@tanstack/react-query'
import { permissions, whoAmI } from '#modules/access/contract'
import type { Output } from '#ui/call.ts'
import { type Formats, formatsOf } from '#ui/formats.ts'
import { reading } from '#ui/queries.ts'
import { useLanguage } from '../texts/texts.ts'

export type Session = Output<typeof whoAmI>

/** Every page below the frame is opened only with a session, so it is there. */
export function useSession(): Session {
  const { data } = useQuery({ ...reading(whoAmI, {}), staleTime: 60_000 })
  if (!data) throw new Error('This page was opened without a session')
  return data
}

export type Permission = keyof typeof permissions

/** Whether they hold it where it counts: what is about the group as a whole has to hold over the whole group. */
export function holds(session: Pick<Session, 'permissions' | 'wholeGroup'>, permission: Permission): boolean {
  const held = permissions[permission] === 'group' ? session.wholeGroup : session.permissions
  return held === 'all' || held.includes(permission)
}

/** Whether this person may see what the permission is about: areas, pages, tabs. */
export function useMaySee(permission: Permission): boolean {
  return holds(useSession(), permission)
}

/** Whether this person may do it now. Whoever looks at the console as somebody else may see, and change nothing. */
export function useMay(permission: Permission): boolean {
  const session = useSession()
  return holds(session, permission) && (permission.endsWith('.read') || !session.onlyLooking)
}

export function useFormats(): Formats {
  return formatsOf(useLanguage(), useSession().group.timeZone)
}
