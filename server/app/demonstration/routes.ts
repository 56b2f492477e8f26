import { type Served, serve, serveLong } from '#platform/http'
import { clearDemonstration } from './clear.ts'
import * as contract from './contract.ts'
import { channelCodes, stores } from './group.ts'
import { percentOf, readState } from './state.ts'

export const routes: readonly Served[] = [
  serve(contract.readDemonstration, 'signed-in', async (ctx) => {
    const found = await readState(ctx)
    const command = 'bin/roundtrip demo clear'
    if (!found || found.state === 'cleared')
      return { state: 'none' as const, percent: 0, members: 0, records: 0, orders: 0, stores: 0, command }
    const { state, members, records, orders } = found
    return { state, percent: percentOf(found), members, records, orders, stores: stores.length, command }
  }),
  serveLong(
    contract.clearDemonstration,
    'demonstration.clear',
    async (house, actor, { everything }) => {
      const { members, records, orders } = await clearDemonstration(house, actor, { everything })
      return { members, records, orders, channels: channelCodes.length }
    },
    { asksProof: true },
  ),
]
