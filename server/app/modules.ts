/**
 * The table of contents, the order of start-up and of dependency at once: a module may call those before it. A
 * newcomer reads them in this order too. `cleaning` comes first and has nothing to run: it is pure functions.
 */

import type { Module } from '#platform/modules'
import { module as access } from '../modules/access/module.ts'
import { module as audit } from '../modules/audit/module.ts'
import { module as centre } from '../modules/centre/module.ts'
import { module as channels } from '../modules/channels/module.ts'
import { module as desk } from '../modules/desk/module.ts'
import { module as dictionary } from '../modules/dictionary/module.ts'
import { module as exports } from '../modules/exports/module.ts'
import { module as families } from '../modules/families/module.ts'
import { module as imports } from '../modules/imports/module.ts'
import { module as matching } from '../modules/matching/module.ts'
import { module as members } from '../modules/members/module.ts'
import { module as orders } from '../modules/orders/module.ts'
import { module as organisation } from '../modules/organisation/module.ts'
import { module as points } from '../modules/points/module.ts'
import { module as privacy } from '../modules/privacy/module.ts'
import { module as quality } from '../modules/quality/module.ts'
import { module as webhooks } from '../modules/webhooks/module.ts'

export const modules: readonly Module[] = [
  channels,
  organisation,
  access,
  dictionary,
  members,
  audit,
  orders,
  families,
  matching,
  points,
  privacy,
  centre,
  imports,
  webhooks,
  quality,
  desk,
  exports,
]

/** Keys that the master key wraps. */
export const homeKeys = modules.flatMap((module) => module.homeKeys ?? [])

/** Keyed hashes that lie under the index key. */
export const blindIndexes = modules.flatMap((module) => module.blindIndexes ?? [])

/** What modules give to a member's row in the warehouse. */
export const facts = modules.flatMap(({ name, facts: given }) => (given ? [{ module: name, facts: given }] : []))
