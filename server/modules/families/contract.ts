import { z } from 'zod'
import { route } from '#platform/contract'

export const tieKinds = ['spouse', 'parent', 'child', 'sibling', 'relative', 'companion'] as const
const kind = z.enum(tieKinds)

/** Why two look as if they belonged together. `bookings`: on how many days they booked together. */
const evidence = z.object({ address: z.boolean(), phone: z.boolean(), surname: z.boolean(), bookings: z.int() })

const face = {
  memberId: z.uuid(),
  name: z.string().nullable(),
  gender: z.string().nullable(),
  birthDate: z.iso.date().nullable(),
  city: z.string().nullable(),
}

/** One who belongs to a member. `kind`: what they are to the member; of a proposal, what it looks like. */
export const tieView = z.object({
  ...face,
  state: z.enum(['confirmed', 'proposed']),
  kind,
  /** Nothing of it where staff knew it themselves. */
  evidence,
  since: z.iso.datetime(),
})

export const proposalView = z.object({
  a: z.object(face),
  b: z.object(face),
  /** What b looks like to a. */
  kind,
  evidence,
  foundAt: z.iso.datetime(),
})

export const listFamilyProposals = route('GET /family-proposals', {
  summary: 'Members who look like a household or like companions and wait for somebody to decide, the surest first',
  input: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    offset: z.coerce.number().int().min(0).max(10_000).default(0),
  }),
  output: z.object({ proposals: z.array(proposalView), count: z.int(), more: z.boolean() }),
})

const pair = { memberId: z.uuid(), otherId: z.uuid() }

export const putFamily = route('PUT /members/:memberId/family/:otherId', {
  summary: 'Say what another member is to this one: confirms a proposal, or is known without one; joins nobody',
  input: z.object({ ...pair, kind }),
  output: z.object({}),
})

export const deleteFamily = route('DELETE /members/:memberId/family/:otherId', {
  summary: 'Say that two members have nothing to do with each other, or no longer; it is not proposed again',
  input: z.object(pair),
  output: z.object({}),
})

export const putOffFamily = route('PUT /members/:memberId/family/:otherId/put-off', {
  summary: 'Ask about a proposal again in a week',
  input: z.object(pair),
  output: z.object({}),
})
