/**
 * Who works in the invented group: a few at the head office, a manager for each company, a manager and two more for each
 * store, and which of a store's customers they serve. Nobody has a way in until somebody makes them a link.
 */
import { createHash } from 'node:crypto'
import type { Employed } from '#modules/access'
import { hexToUuid } from '#platform/ids'
import { families } from '../seed.ts'
import { companyCodes, stores } from './group.ts'
import { courseOf, givenName, type Plan, pick, type Sighting } from './people.ts'

const headOffice = ['marketer', 'service-agent', 'finance'] as const
const staffOfStore = 3

export function staffOf(plan: Plan): Employed[] {
  const wanted: Omit<Employed, 'id' | 'name'>[] = [
    ...headOffice.map((role) => ({ login: `${role}@yuanxiu.example`, role, place: { kind: 'group' } as const })),
    ...companyCodes.map((code) => ({
      login: `${code}@yuanxiu.example`,
      role: 'company-manager',
      place: { kind: 'company', code } as const,
    })),
    ...stores.flatMap(({ code }) =>
      Array.from({ length: staffOfStore }, (_, index) => ({
        login: loginOf(code, index),
        role: index === 0 ? 'store-manager' : 'store-staff',
        place: { kind: 'store', code } as const,
      })),
    ),
  ]
  return wanted.map((one, number) => {
    const next = courseOf(plan, 'staff', number)
    const family = pick(families, next)
    return { ...one, id: idOf(plan, one.login), name: family + givenName(next() < 0.45 ? '男' : '女', next) }
  })
}

const loginOf = (store: string, index: number) => `${store}.${index + 1}@yuanxiu.example`

/** Always the same for the same seed, so that whoever goes on after a stop knows them without looking. */
function idOf({ seed }: Plan, login: string): string {
  const hex = createHash('sha256').update(`${seed} ${login}`).digest('hex')
  return hexToUuid(`${hex.slice(0, 12)}8${hex.slice(13, 16)}a${hex.slice(17, 32)}`)
}

/** Who serves somebody that a store knew first; most have nobody of their own. Some call the store their home too. */
export function servedIn(plan: Plan, { person, nth, channel }: Sighting): { staffId: string; home: boolean } | null {
  if (nth > 0 || !stores.some(({ code }) => code === channel)) return null
  const next = courseOf(plan, 'served', person)
  if (next() > 0.2) return null
  const index = Math.floor(next() * staffOfStore)
  return { staffId: idOf(plan, loginOf(channel, index)), home: next() < 0.5 }
}
