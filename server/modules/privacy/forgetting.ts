/**
 * What has to come after an erasure: points that were on their way when the account was closed, and rows of the warehouse
 * that stood in older copies. May run any number of times.
 */
import { erasedSince } from '#modules/members'
import { writeOff } from '#modules/points'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import type { Job } from '#platform/jobs'
import { forgetFacts } from '#platform/warehouse-feed'

const atOnce = 500
const days = 30

export async function forgetRests(house: Pick<House, 'db' | 'warehouse'>): Promise<void> {
  const { db, warehouse } = house
  const homes = await inTx(db, systemActor, (ctx) => erasedSince(ctx, new Date(ctx.now.getTime() - days * 86_400_000)))
  for (let at = 0; at < homes.length; at += atOnce) {
    const some = homes.slice(at, at + atOnce)
    await inTx(db, systemActor, (ctx) => writeOff(ctx, some))
    await forgetFacts(warehouse, some)
  }
}

export const forgetting: Job = { name: 'privacy.forgetting', cron: '35 * * * *', run: forgetRests }
