/** Who is signed in, and how their group writes numbers, dates and money. */
import { useQuery } from '@tanstack/react-query'
import { whoAmI } from '#modules/access/contract'
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

export function useMay(permission: string): boolean {
  const { permissions } = useSession()
  return permissions === 'all' || permissions.includes(permission)
}

export function useFormats(): Formats {
  return formatsOf(useLanguage(), useSession().group.timeZone)
}
