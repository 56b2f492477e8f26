/**
 * What makes two people look like a household or like companions, and what they may be to each other. Decisions over
 * facts; no database, no clock.
 */
import { cleanName, comparableNames } from '#modules/cleaning'
import type { Face } from '#modules/members'
import type { tieKinds } from './contract.ts'

export type TieKind = (typeof tieKinds)[number]

/** What two share. `bookings`: on how many days they booked together. */
export interface Evidence {
  address: boolean
  phone: boolean
  surname: boolean
  bookings: number
}

export const noEvidence: Evidence = { address: false, phone: false, surname: false, bookings: 0 }

/** One booking at the same time may be chance, a family name alone is nothing. */
const points = { address: 3, phone: 3, surname: 1, oneBooking: 2, moreBookings: 4 }
export const proposedFrom = 3

export function strengthOf({ address, phone, surname, bookings }: Evidence): number {
  const rest =
    (address ? points.address : 0) +
    (phone ? points.phone : 0) +
    (bookings === 0 ? 0 : bookings === 1 ? points.oneBooking : points.moreBookings)
  return rest === 0 ? 0 : rest + (surname ? points.surname : 0)
}

export const bothOf = (one: Evidence, other: Evidence): Evidence => ({
  address: one.address || other.address,
  phone: one.phone || other.phone,
  surname: one.surname || other.surname,
  bookings: Math.max(one.bookings, other.bookings),
})

/** "address phone bookings:2": codes and counts, no values. */
export function written({ address, phone, surname, bookings }: Evidence): string {
  const words = [address && 'address', phone && 'phone', surname && 'surname', bookings > 0 && `bookings:${bookings}`]
  return words.filter(Boolean).join(' ')
}

export function readEvidence(text: string): Evidence {
  const words = text.split(' ')
  const bookings = words.find((word) => word.startsWith('bookings:'))
  return {
    address: words.includes('address'),
    phone: words.includes('phone'),
    surname: words.includes('surname'),
    bookings: bookings ? Number(bookings.slice('bookings:'.length)) : 0,
  }
}

/**
 * Two records without a name, with names that one person may have, or born on one day are another question: whether they
 * are one.
 */
export function areDifferentPeople(one: Face, other: Face): boolean {
  if (one.birthDate !== null && one.birthDate === other.birthDate) return false
  return comparableNames(one.nameKey, other.nameKey) === 'contradict'
}

export function shareSurname(one: Face, other: Face): boolean {
  const [first, second] = [surnameOf(one), surnameOf(other)]
  return first !== null && first === second
}

function surnameOf({ name }: Face): string | null {
  if (!name) return null
  return cleanName({ name }).value?.family?.toLowerCase() || null
}

const generation = { least: 17, most: 45 }
const peers = 16
const adult = 20
const year = 365.25 * 86_400_000

/** What the other looks like to this one; staff say what it is. */
export function likelyKind(one: Face, other: Face, evidence: Evidence, now: Date): TieKind {
  if (!evidence.address && !evidence.phone) return 'companion'
  if (!one.birthDate || !other.birthDate) return 'relative'
  const years = (Date.parse(other.birthDate) - Date.parse(one.birthDate)) / year
  const far = Math.abs(years)
  const grownFrom = now.getTime() - adult * year
  const bothGrown = Math.max(Date.parse(one.birthDate), Date.parse(other.birthDate)) < grownFrom
  // A grown one of another family name may as well have married into it.
  if (far >= generation.least && far <= generation.most && (evidence.surname || !bothGrown))
    return years > 0 ? 'child' : 'parent'
  const differ = one.gender !== null && other.gender !== null && one.gender !== other.gender
  if (far <= peers && bothGrown && differ && !evidence.surname) return 'spouse'
  return far <= peers && evidence.surname ? 'sibling' : 'relative'
}

/** The same seen from the other side. */
export const inverseOf = (kind: TieKind): TieKind => (kind === 'parent' ? 'child' : kind === 'child' ? 'parent' : kind)
