import { serve } from '#platform/http'
import type { Module } from '#platform/modules'
import { codesInUse, takeCode } from './codes.ts'
import * as contract from './contract.ts'
import { compareTree, putTree, tree } from './tree.ts'

export const module: Module = {
  name: 'organisation',
  setup: ['organisation.companies', 'organisation.stores', 'organisation.store_moves', 'organisation.company_channels'],
  routes: [
    serve(contract.readTree, 'organisation.read', async (ctx) => {
      const { companies, storesWithoutCompany } = await tree(ctx)
      return { companies, storesWithoutCompany }
    }),
    serve(contract.compareTree, 'organisation.write', (ctx, { rows }) => compareTree(ctx, rows), { as: 'never' }),
    serve(contract.suggestCode, 'organisation.write', async (ctx, { kind, name }) => ({
      code: takeCode(await codesInUse(ctx), kind, name),
    })),
    serve(contract.putTree, 'organisation.write', async (ctx, { rows }) => {
      const told = await putTree(ctx, rows)
      const count = (wanted: string) => told.filter(({ outcome }) => outcome === wanted).length
      return { created: count('created'), updated: count('updated'), unchanged: count('unchanged'), rows: told }
    }),
  ],
}
