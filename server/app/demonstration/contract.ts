import { z } from 'zod'
import { route } from '#platform/contract'

export const readDemonstration = route('GET /demonstration', {
  summary: 'Whether the program is filled with an invented group to try it on, and how far',
  input: z.object({}),
  output: z.object({
    state: z.enum(['none', 'filling', 'ready']),
    /** Share of it that is there, 0 to 100. */
    percent: z.int(),
    members: z.int(),
    records: z.int(),
    orders: z.int(),
    stores: z.int(),
    /** What takes it away, on the machine where the program lives. */
    command: z.string(),
  }),
})

export const clearDemonstration = route('POST /demonstration/clearings', {
  summary: 'Take the invented group away, with all that was written about its members',
  input: z.object({
    /** Also members and orders that were added by hand or registered themselves. What imports brought never goes. */
    everything: z.boolean().default(false),
  }),
  output: z.object({ members: z.int(), records: z.int(), orders: z.int(), channels: z.int() }),
})
