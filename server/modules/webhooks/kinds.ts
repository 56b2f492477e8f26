/** What can be told, which permission reading it takes, and what kind of data it is on the register of recipients. */
import type { Given } from '#modules/privacy'
import type { Permission } from '#platform/ctx'
import type { EventType } from '#platform/events'
import type { kinds } from './contract.ts'

export type Kind = (typeof kinds)[number]

interface Area {
  permission: Permission
  what: Given
}

const areas: Record<string, Area> = {
  member: { permission: 'members.read', what: 'member' },
  order: { permission: 'orders.read', what: 'orders' },
  points: { permission: 'points.read', what: 'points' },
  consent: { permission: 'privacy.consent', what: 'consents' },
}

/** By the first half of the name; records and joinings are about members. */
export const areaOf = (kind: string): Area => areas[kind.split('.')[0]!] ?? areas.member!

/** Told whatever was consented to: the recipient has to stop. */
export const toldInAnyCase: readonly string[] = ['member.erased', 'consent.withdrawn']

/** A test that somebody pressed for; of nobody. */
export const testKind = 'webhook.test'

/** Every kind is an event of the program: a name that is none does not pass the type check. */
export const isEvent = (kind: Kind): EventType => kind
