import { serve } from '#platform/http'
import type { Module } from '#platform/modules'
import * as contract from './contract.ts'
import { dictionary, mapSpellings, putField, removeField } from './dictionary.ts'

export const module: Module = {
  name: 'dictionary',
  setup: ['dictionary.fields'],
  routes: [
    serve(contract.readDictionary, 'members.read', async (ctx) => {
      const { fields, companies } = await dictionary(ctx)
      return { fields, companies: companies.map(({ code, name }) => ({ code, name })) }
    }),
    serve(contract.putField, 'dictionary.write', (ctx, input) => putField(ctx, input), {
      codes: ['field', 'company', 'version'],
    }),
    serve(
      contract.removeField,
      'dictionary.write',
      async (ctx, input) => {
        await removeField(ctx, input)
        return {}
      },
      { codes: ['field', 'company'] },
    ),
    serve(contract.mapSpellings, 'dictionary.write', (ctx, input) => mapSpellings(ctx, input), {
      codes: ['field', 'company', 'value'],
    }),
  ],
}
