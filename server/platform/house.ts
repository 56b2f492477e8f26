/** What the running program hands to work that is more than one act: imports, jobs, rebuilds, health. */
import type { Provider, SmsProvider } from '#platform/config'
import type { Database } from '#platform/db'
import type { Log } from '#platform/log'
import type { Reactions } from '#platform/reactions'
import type { Keys } from '#platform/vault-rotation'
import type { Warehouse } from '#platform/warehouse'

export interface House {
  readonly db: Database
  readonly warehouse: Warehouse
  readonly reactions: Reactions
  /** The data folder; a module keeps its files in a folder of its own name below it. */
  readonly folder: string
  readonly publicUrl: string
  /** Where the master key comes from, for changing it. */
  readonly keys: Keys
  /** Stand-ins answer for the outside world: messages go to an outbox that can be read. */
  readonly sandbox: boolean
  /** The group's own identity provider (OpenID Connect), by which staff may sign in; null without one. */
  readonly provider: Provider | null
  /** Whose word about the address of a request counts: addresses and networks (CIDR); null: whoever is nearby. */
  readonly proxies: readonly string[] | null
  /** Who carries messages to phones, when a provider is set. */
  readonly sms: SmsProvider | null
  /** Networks that are not public and that addresses of others, such as webhooks, may lead to all the same. */
  readonly privateNetworks: readonly string[]
  readonly log: Log
  /** Aborted when the program stops: long work ends at its next safe place. */
  readonly stopping: AbortSignal
}
