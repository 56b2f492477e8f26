/**
 * What business code is handed. It can't reach a database, a clock or a user any other way, so every verb can be
 * read, tested and repeated by itself.
 */
import type { Asking } from '#platform/audit'
import type { Tx } from '#platform/db'
import type { Vault } from '#platform/vault'

/** What a role may do, e.g. `members.read`. Each module names its own; `access` gives them to roles. */
export type Permission = string

export interface Actor {
  readonly kind: 'staff' | 'member' | 'key' | 'system'
  /** Id of the staff, member or API key; null for the program itself. */
  readonly id: string | null
  readonly permissions: ReadonlySet<Permission> | 'all'
  /** Which part of the organisation it sees. Stores and companies join in as the organisation tree arrives. */
  readonly scope: 'group' | { readonly memberIds: readonly string[] }
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
