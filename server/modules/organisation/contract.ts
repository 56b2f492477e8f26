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

export const differences = ['new', 'changed', 'same'] as const
/** What is wrong with a row: in the tree, or in the file that it stands in. */
export const rowMistakes = [
  'told_twice',
  'other_kind',
  'company_unknown',
  'missing',
  'too_long',
  'code_form',
  'two_names',
] as const
export const rowFields = ['company', 'companyCode', 'store', 'storeCode', 'city', 'code'] as const

export const rowMistake = z.object({
  /** From 1: of what was told, or as the spreadsheet counts. */
  row: z.int(),
  field: z.enum(rowFields),
  code: z.enum(rowMistakes),
  value: z.string(),
  message: z.string(),
})

export const compareTree = route('POST /organisation/tree-comparisons', {
  summary: 'What telling these rows would do, and what is wrong with them; nothing is written',
  input: z.object({ rows: z.array(treeRow).min(1).max(5_000) }),
  output: z.object({
    /** In the order of the rows. */
    differences: z.array(
      z.object({
        kind: z.enum(['company', 'store']),
        code: z.string(),
        outcome: z.enum(differences),
        changed: z.array(z.enum(['name', 'city', 'company'])),
        before: z.object({ name: z.string(), city: z.string().nullable(), company: z.string().nullable() }).nullable(),
      }),
    ),
    mistakes: z.array(rowMistake),
  }),
})

export const suggestCode = route('GET /organisation/code-suggestion', {
  summary: 'A free code for a new company or store, made from its name',
  input: z.object({ kind: z.enum(['company', 'store']), name: z.string().trim().min(1).max(120) }),
  output: z.object({ code: channelCode }),
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
