import { z } from 'zod'
import { channelCode } from '#modules/channels/contract'
import { route } from '#platform/contract'

const name = z.string().trim().min(1, 'should have a name').max(120)
const city = z.string().trim().min(1, 'should name a city').max(60)

/** A row of the tree as it is told: a company, or a store with the code of its company. */
export const treeRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('company'), code: channelCode, name }),
  z.object({ kind: z.literal('store'), code: channelCode, name, city, company: channelCode }),
])

const store = z.object({ code: z.string(), name: z.string(), city: z.string() })

export const readTree = route('GET /organisation', {
  summary: 'Companies of the group with their stores, and stores that belong to no company yet',
  input: z.object({}),
  output: z.object({
    companies: z.array(z.object({ code: z.string(), name: z.string(), stores: z.array(store) })),
    storesWithoutCompany: z.array(z.object({ code: z.string(), name: z.string() })),
  }),
})

export const outcomes = ['created', 'updated', 'unchanged'] as const

export const putTree = route('PUT /organisation/tree', {
  summary:
    'Tell companies and stores by their codes: what is new is created, what differs is renamed or moved, the rest stays; nothing is removed',
  input: z.object({ rows: z.array(treeRow).min(1).max(5_000) }),
  output: z.object({
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    /** In the order of the rows. */
    rows: z.array(z.object({ kind: z.enum(['company', 'store']), code: z.string(), outcome: z.enum(outcomes) })),
  }),
})
