/** A program for tests to kill: guests come without end, and the warehouse in the folder given is fed. */
import { randomUUID } from 'node:crypto'
import { systemActor } from '#platform/ctx'
import { inTx, openDatabase } from '#platform/db'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { openVault } from '#platform/vault'
import { openWarehouse } from '#platform/warehouse'
import { guests } from '#platform/warehouse/guests.testing'
import { warehouseReaction } from '#platform/warehouse-feed'

const [url, folder] = process.argv.slice(2)
const db = openDatabase({ url: url! })
db.vault = await openVault(db, Buffer.alloc(32, 7))
const warehouse = await openWarehouse({ folder: folder!, log: openLog('silent') })
const feed = warehouseReaction({ warehouse, facts: guests.facts })
openReactions(db, [{ ...feed, gather: { events: 200, milliseconds: 50 } }]).start()
process.send!('feeding')
for (;;) {
  const homes = Array.from({ length: 500 }, () => randomUUID())
  await inTx(db, systemActor, (ctx) => guests.manyCome(ctx, homes, '上海'))
}
