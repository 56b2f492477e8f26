/**
 * Who is one person: a pure function of records, policies and decisions. The order in which records arrived plays no
 * part: everything is taken in an order that comes from the records themselves (their keys, which are keyed hashes),
 * never from ids or times that we gave.
 *
 * Strong kinds come first. An edge that would put two people into one who can't be one (another document of the same
 * kind, another unionid, a decision to keep apart) is left out; as strong edges were taken before, what is left out is
 * always the weakest.
 */
import { comparableNames, type NameKey } from '#modules/cleaning'

export type IdentityKind =
  | 'unionid'
  | `openid@${string}`
  | `document@${string}`
  | `external@${string}`
  | 'phone'
  | 'email'

export interface RegionHome {
  id: string
  /** The record's key: its place in the order of work, the same on whichever day it came. */
  label: string
  nameKey: NameKey
  birthDate?: string | null
  /** Only identities that may join. */
  identities: readonly { kind: IdentityKind; blind: string }[]
}

export interface Decision {
  a: string
  b: string
  /** `match`: weighed evidence, which stands below every identity. */
  kind: 'join' | 'apart' | 'match'
  /** Of a match: its evidence in bits. */
  score?: number | null
  /** Somebody looked at the two and said so; what the program keeps apart by itself is asked about. */
  settled?: boolean
}

export interface Resolution {
  /** Homes of each person, each sorted, in order of the first. */
  persons: string[][]
  /** Pairs that share an identity but weren't joined by it, for a person to look at. */
  reviews: { a: string; b: string; kind: string; reason: 'names_contradict' | 'limit' | 'recycled' }[]
  /** Values that too many different people use to say who someone is. */
  shared: { blind: string; kind: IdentityKind; names: number; records: number }[]
}

interface Policy {
  /** Lower is stronger and taken first. */
  priority: number
  /** Different values that one person may have; more of them means more people. */
  most: number
  /** Names that contradict keep records apart, and many different names make the value a shared one. */
  namesCount: boolean
}

/** Different names on one phone or address from which on it is somebody's who books for others. */
export const sharedFromNames = 5
/** Records with one value from which on it says nothing about a single person, whatever its kind and the names. */
export const sharedFromRecords = 200

export function policyOf(kind: string): Policy {
  if (kind === 'unionid') return { priority: 1, most: 1, namesCount: false }
  if (kind.startsWith('openid@')) return { priority: 2, most: 1, namesCount: false }
  if (kind === 'document@id_card') return { priority: 3, most: 1, namesCount: false }
  // A number without check digits is soon typed wrong: what looks like several may be one.
  if (kind === 'document@other') return { priority: 3, most: 8, namesCount: false }
  // Passports and permits are renewed: a person may have had a few.
  if (kind.startsWith('document@')) return { priority: 3, most: 3, namesCount: false }
  if (kind.startsWith('external@')) return { priority: 4, most: Number.POSITIVE_INFINITY, namesCount: false }
  if (kind === 'phone') return { priority: 5, most: 8, namesCount: true }
  return { priority: 6, most: 8, namesCount: true }
}

/** `personal`: values that join whatever number of names uses them, because the group says so. */
export function resolve(
  homes: readonly RegionHome[],
  decisions: readonly Decision[],
  personal: ReadonlySet<string> = new Set(),
): Resolution {
  const byId = new Map(homes.map((home) => [home.id, home]))
  const groups = new Groups(homes, decisions)
  const reviews: Resolution['reviews'] = []
  const shared: Resolution['shared'] = []
  const order = (x: RegionHome, y: RegionHome) => (x.label < y.label ? -1 : x.label > y.label ? 1 : 0)

  const joins = decisions
    .filter(({ kind, a, b }) => kind === 'join' && byId.has(a) && byId.has(b))
    .map(({ a, b }) => [byId.get(a)!, byId.get(b)!].sort(order) as [RegionHome, RegionHome])
    .sort(([a1, b1], [a2, b2]) => order(a1, a2) || order(b1, b2))
  for (const [a, b] of joins) groups.join(a, b, 'decided')

  const values = new Map<string, { kind: IdentityKind; blind: string; homes: RegionHome[] }>()
  for (const home of homes) {
    for (const { kind, blind } of home.identities) {
      const value = values.get(blind)
      if (value) value.homes.push(home)
      else values.set(blind, { kind, blind, homes: [home] })
    }
  }
  const inOrder = [...values.values()]
    .filter((value) => value.homes.length > 1)
    .sort(
      (x, y) =>
        policyOf(x.kind).priority - policyOf(y.kind).priority ||
        (x.kind < y.kind ? -1 : x.kind > y.kind ? 1 : x.blind < y.blind ? -1 : 1),
    )

  for (const { kind, blind, homes: carriers } of inOrder) {
    carriers.sort(order)
    const classes = policyOf(kind).namesCount ? nameClasses(carriers) : { joined: [carriers], names: 1, unsure: [] }
    const names = policyOf(kind).namesCount && classes.names >= sharedFromNames
    if ((names || carriers.length >= sharedFromRecords) && !personal.has(blind)) {
      shared.push({ blind, kind, names: classes.names, records: carriers.length })
      continue
    }
    for (const members of classes.joined) {
      // Who may not be joined with the first may still belong together.
      const apart = [members[0]!]
      for (const next of members.slice(1)) {
        const like = apart.filter((other) => kind !== 'document@other' || !nothingAgrees(other, next))
        if (like.some((other) => groups.join(other, next, kind))) continue
        const parted = groups.apartness(apart[0]!, next)
        const reason = parted ? 'recycled' : like.length === 0 ? 'names_contradict' : 'limit'
        reviews.push(pair(apart[0]!.id, next.id, kind, reason))
        apart.push(next)
      }
    }
    const heads = [...classes.joined.map((members) => members[0]!), ...classes.unsure]
    for (const other of heads.slice(1)) {
      if (!groups.same(heads[0]!, other)) reviews.push(pair(heads[0]!.id, other.id, kind, 'names_contradict'))
    }
  }

  // Weighed evidence last, the strongest first: it may not join what an identity or staff keep apart.
  const matches = decisions
    .filter(({ kind, a, b }) => kind === 'match' && byId.has(a) && byId.has(b))
    .map(({ a, b, score }) => {
      const [first, second] = [byId.get(a)!, byId.get(b)!].sort(order) as [RegionHome, RegionHome]
      return { first, second, score: score ?? 0 }
    })
    .sort((x, y) => y.score - x.score || order(x.first, y.first) || order(x.second, y.second))
  for (const { first, second } of matches) {
    if (!groups.join(first, second, 'match') && !groups.apartness(first, second))
      reviews.push(pair(first.id, second.id, 'match', 'limit'))
  }
  const persons = groups.all().map((ids) => ids.sort())
  persons.sort((x, y) => (x[0]! < y[0]! ? -1 : 1))
  // What somebody has looked at and settled is not asked again, whichever of their records would raise it.
  const open = reviews.filter(({ a, b }) => {
    const [one, other] = [byId.get(a)!, byId.get(b)!]
    return !groups.same(one, other) && groups.apartness(one, other) !== 'settled'
  })
  return { persons, reviews: open, shared }
}

function pair(
  a: string,
  b: string,
  kind: string,
  reason: Resolution['reviews'][number]['reason'],
): Resolution['reviews'][number] {
  return a < b ? { a, b, kind, reason } : { a: b, b: a, kind, reason }
}

/**
 * Parts the carriers of one phone by name. Records with the same name are one class. A weaker name (family name only,
 * initials, none) goes with the class that it fits, if that is the only one; otherwise nobody can say whose it is.
 */
function nameClasses(carriers: readonly RegionHome[]): { joined: RegionHome[][]; names: number; unsure: RegionHome[] } {
  const byKey = new Map<string, RegionHome[]>()
  for (const home of carriers) {
    const key = home.nameKey ?? ''
    const same = byKey.get(key)
    if (same) same.push(home)
    else byKey.set(key, [home])
  }
  if (byKey.size === 1) return { joined: [[...carriers]], names: byKey.has('') ? 0 : 1, unsure: [] }
  // The fullest names found the classes; weaker ones look for theirs.
  const keys = [...byKey.keys()].sort((x, y) => strength(y) - strength(x) || (x < y ? -1 : 1))
  const classes: { key: string; homes: RegionHome[] }[] = []
  const weaker: string[] = []
  for (const key of keys) {
    const fitting = classes.filter((found) => comparableNames(found.key, key) !== 'contradict')
    if (fitting.length === 0) classes.push({ key, homes: [...byKey.get(key)!] })
    else weaker.push(key)
  }
  const unsure: RegionHome[] = []
  for (const key of weaker) {
    const fitting = classes.filter((found) => comparableNames(found.key, key) !== 'contradict')
    if (fitting.length === 1) fitting[0]!.homes.push(...byKey.get(key)!)
    else unsure.push(...byKey.get(key)!)
  }
  const order = (x: RegionHome, y: RegionHome) => (x.label < y.label ? -1 : 1)
  for (const found of classes) found.homes.sort(order)
  return { joined: classes.map((found) => found.homes), names: classes.length, unsure }
}

/**
 * Whether neither name nor birth date is anything like the other's. A number of no known kind may be another's by one
 * wrong digit; where all else speaks against it, it doesn't join.
 */
function nothingAgrees(one: RegionHome, other: RegionHome): boolean {
  if (!one.nameKey || !other.nameKey || !one.birthDate || !other.birthDate) return false
  const words = other.nameKey.split(' ')
  if (one.nameKey.split(' ').some((word) => words.some((second) => commonShare(word, second) >= 0.5))) return false
  const [first, second] = [one.birthDate, other.birthDate]
  const same = [...first].filter((digit, index) => digit === second[index]).length
  // Eight digits and two hyphens; day and month exchanged is a way of writing.
  const exchanged = first.slice(0, 4) === second.slice(0, 4) && first.slice(5, 7) === second.slice(8)
  return same < 8 && !exchanged
}

/** Share of the letters that two words have in common, in any order. */
function commonShare(one: string, other: string): number {
  const left = [...other]
  let common = 0
  for (const letter of one) {
    const at = left.indexOf(letter)
    if (at < 0) continue
    left.splice(at, 1)
    common++
  }
  return (2 * common) / (one.length + other.length)
}

/** How much a name key says: more letters, more words. */
function strength(key: string): number {
  return key.split(' ').length * 1000 + key.length
}

/** Union–find that knows what may not come together. */
class Groups {
  private readonly parent = new Map<string, string>()
  private readonly members = new Map<string, string[]>()
  private readonly limited = new Map<string, Map<string, Set<string>>>()
  private readonly apart = new Map<string, Set<string>>()
  private readonly settled = new Map<string, Set<string>>()

  constructor(homes: readonly RegionHome[], decisions: readonly Decision[]) {
    for (const home of homes) {
      this.parent.set(home.id, home.id)
      this.members.set(home.id, [home.id])
      const values = new Map<string, Set<string>>()
      for (const { kind, blind } of home.identities) {
        if (policyOf(kind).most === Number.POSITIVE_INFINITY) continue
        const set = values.get(kind)
        if (set) set.add(blind)
        else values.set(kind, new Set([blind]))
      }
      this.limited.set(home.id, values)
    }
    const note = (apart: Map<string, Set<string>>, one: string, other: string) => {
      const set = apart.get(one)
      if (set) set.add(other)
      else apart.set(one, new Set([other]))
    }
    for (const { kind, a, b, settled } of decisions) {
      if (kind !== 'apart') continue
      for (const apart of settled ? [this.apart, this.settled] : [this.apart]) {
        note(apart, a, b)
        note(apart, b, a)
      }
    }
  }

  find(id: string): string {
    let root = id
    while (this.parent.get(root) !== root) root = this.parent.get(root)!
    for (let at = id; at !== root; ) {
      const next = this.parent.get(at)!
      this.parent.set(at, root)
      at = next
    }
    return root
  }

  same(a: RegionHome, b: RegionHome): boolean {
    return this.find(a.id) === this.find(b.id)
  }

  /** Puts two groups together unless that is forbidden; says whether they are together now. */
  join(a: RegionHome, b: RegionHome, kind: string): boolean {
    const x = this.find(a.id)
    const y = this.find(b.id)
    if (x === y) return true
    if (this.keptApart(x, y, this.apart)) return false
    // What staff decided stands above limits: they have seen both documents.
    if (kind !== 'decided' && this.breaksLimit(x, y)) return false
    const [into, from] = this.members.get(x)!.length >= this.members.get(y)!.length ? [x, y] : [y, x]
    this.parent.set(from, into)
    this.members.get(into)!.push(...this.members.get(from)!)
    this.members.delete(from)
    const values = this.limited.get(into)!
    for (const [limitedKind, blinds] of this.limited.get(from)!) {
      const set = values.get(limitedKind)
      if (set) for (const blind of blinds) set.add(blind)
      else values.set(limitedKind, new Set(blinds))
    }
    return true
  }

  /** Whether something of these two is kept apart: settled by somebody, or by the program until somebody looks. */
  apartness(a: RegionHome, b: RegionHome): 'settled' | 'unsettled' | null {
    const [x, y] = [this.find(a.id), this.find(b.id)]
    if (!this.keptApart(x, y, this.apart)) return null
    return this.keptApart(x, y, this.settled) ? 'settled' : 'unsettled'
  }

  private keptApart(x: string, y: string, apart: ReadonlyMap<string, ReadonlySet<string>>): boolean {
    if (apart.size === 0) return false
    const [few, root] = this.members.get(x)!.length <= this.members.get(y)!.length ? [x, y] : [y, x]
    return this.members.get(few)!.some((id) => {
      const others = apart.get(id)
      return others !== undefined && [...others].some((other) => this.parent.has(other) && this.find(other) === root)
    })
  }

  private breaksLimit(x: string, y: string): boolean {
    const ofY = this.limited.get(y)!
    for (const [kind, blinds] of this.limited.get(x)!) {
      const others = ofY.get(kind)
      if (others && new Set([...blinds, ...others]).size > policyOf(kind).most) return true
    }
    return false
  }

  all(): string[][] {
    return [...this.members.values()].map((ids) => [...ids])
  }
}
