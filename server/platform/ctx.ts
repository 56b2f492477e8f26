/**
 * What business code is handed. It can't reach a database, a clock or a user any other way, so every verb can be
 * read, tested and repeated by itself.
 */
import type { Asking } from '#platform/audit'
import type { Tx } from '#platform/db'
import type { Vault } from '#platform/vault'

/** What a role may do, e.g. `members.read`. Each module names its own; `access` gives them to roles. */
export type Permission = string

/**
 * Which part of the organisation somebody sees: all of it; what came by some channels and whom they serve themselves; or,
 * for a member, their own homes.
 */
export type Scope =
  | 'group'
  | { readonly channelIds: readonly number[]; readonly servedBy: string | null }
  | { readonly memberIds: readonly string[] }

export interface Grant {
  readonly permissions: ReadonlySet<Permission> | 'all'
  readonly scope: Scope
}

export interface Actor {
  readonly kind: 'staff' | 'member' | 'key' | 'system'
  /** Id of the staff, member or API key; null for the program itself. */
  readonly id: string | null
  /** Of all grants together. */
  readonly permissions: ReadonlySet<Permission> | 'all'
  /** In an act: where the permission that its route needs holds. Before that: of all grants together. */
  readonly scope: Scope
  /** What they hold, part by part; without it permissions and scope are one grant. */
  readonly grants?: readonly Grant[]
  /** Looks as somebody else would: may read, and nothing else. */
  readonly readOnly?: boolean
  /** By what they have to prove again that it is they, before a dangerous act; without it they lately did, or have nothing. */
  readonly mustProveBy?: readonly ('password' | 'code')[]
  /** The group wants a second factor of them first. */
  readonly mustEnrol?: boolean
  /** The request by which it acts, for the audit log; absent where the program acts by itself. */
  readonly asking?: Asking
}

export interface Ctx {
  /** One open transaction: state and events commit together or not at all. */
  readonly tx: Tx
  readonly actor: Actor
  /** One reading of the clock. */
  readonly now: Date
  /** Seals, opens and blindly indexes personal values. */
  readonly vault: Vault
  /** What must happen in this process once, and only if, the transaction commits (waking reactions). */
  afterCommit(what: () => void): void
}

export const systemActor: Actor = { kind: 'system', id: null, permissions: 'all', scope: 'group' }

export function may(actor: Actor, permission: Permission): boolean {
  return actor.permissions === 'all' || actor.permissions.has(permission)
}

/** Where a permission holds; null where it doesn't. */
export function scopeOf(actor: Actor, permission: Permission): Scope | null {
  const grants = actor.grants ?? [actor]
  const held = grants.filter(({ permissions }) => permissions === 'all' || permissions.has(permission))
  return held.length > 0 ? joinScopes(held.map(({ scope }) => scope)) : null
}

/** The same act as far as another permission reaches than that of its route; null where the actor hasn't it. */
export function seeingBy(ctx: Ctx, permission: Permission): Ctx | null {
  const scope = scopeOf(ctx.actor, permission)
  return scope === null ? null : { ...ctx, actor: { ...ctx.actor, scope } }
}

/** What is seen by any of several scopes. */
export function joinScopes(scopes: readonly Scope[]): Scope {
  if (scopes.includes('group')) return 'group'
  const parts = scopes.filter((scope) => scope !== 'group')
  const memberIds = parts.flatMap((scope) => ('memberIds' in scope ? scope.memberIds : []))
  if (memberIds.length > 0) return { memberIds }
  const places = parts.filter((scope) => 'channelIds' in scope)
  return {
    channelIds: [...new Set(places.flatMap(({ channelIds }) => channelIds))].sort((a, b) => a - b),
    servedBy: places.find(({ servedBy }) => servedBy !== null)?.servedBy ?? null,
  }
}

/** Whether what belongs to this channel is within a scope. A member's own scope has no channels. */
export function seesChannel(scope: Scope, channelId: number): boolean {
  return scope === 'group' || ('channelIds' in scope && scope.channelIds.includes(channelId))
}
