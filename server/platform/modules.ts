/** What a module offers the running system; `server/app/modules.ts` lists the modules in order. */

import type { BlindIndex } from '#platform/blind-indexes'
import type { House } from '#platform/house'
import type { Served } from '#platform/http'
import type { Job } from '#platform/jobs'
import type { Reaction } from '#platform/reactions'
import type { HomeKeys } from '#platform/vault-rotation'
import type { Facts } from '#platform/warehouse'

export interface Module {
  readonly name: string
  readonly routes?: readonly Served[]
  readonly reactions?: readonly Reaction[]
  readonly jobs?: readonly Job[]
  /** The columns it gives to a member's row in the warehouse. */
  readonly facts?: Facts
  /**
   * Its tables that hold what the group has set up (channels, rules, keys). They stay when everybody and all that
   * happened is taken out; its other tables are then emptied.
   */
  readonly setup?: readonly string[]
  /** Its keys that the master key wraps, for when that is changed. */
  readonly homeKeys?: HomeKeys
  /** Its keyed hashes of personal values, for when the index key is changed. */
  readonly blindIndexes?: readonly BlindIndex[]
  /** Once before requests are answered: what the last run left in the middle is put right. */
  start?(house: House): Promise<void>
  /** Once before the engines stop: work in hand ends at its next safe place. */
  stop?(): Promise<void>
}
