import { whenErased } from '#modules/members'
import { serve } from '#platform/http'
import type { Module } from '#platform/modules'
import * as contract from './contract.ts'
import './events.ts'
import { booking } from './finding.ts'
import { confirm, forgetTies, howManyProposed, proposals, putOff, refuse } from './ties.ts'

whenErased({ name: 'families', erase: async (ctx, { homes }) => ({ ties: await forgetTies(ctx, homes) }) })

export const module: Module = {
  name: 'families',
  reactions: [booking],
  routes: [
    serve(contract.listFamilyProposals, 'members.write', async (ctx, page) => ({
      proposals: await proposals(ctx, page),
      ...(await howManyProposed(ctx)),
    })),
    serve(contract.putFamily, 'members.write', async (ctx, input) => {
      await confirm(ctx, input)
      return {}
    }),
    serve(contract.deleteFamily, 'members.write', async (ctx, input) => {
      await refuse(ctx, input)
      return {}
    }),
    serve(contract.putOffFamily, 'members.write', async (ctx, input) => {
      await putOff(ctx, input)
      return {}
    }),
  ],
}
