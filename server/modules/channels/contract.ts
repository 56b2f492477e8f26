import { z } from 'zod'
import { route } from '#platform/contract'

export const channelKinds = ['store', 'website', 'ota', 'erp', 'account', 'partner'] as const
export const channelKind = z.enum(channelKinds)
export const channelCode = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'should be 1 to 64 letters, digits, dots, dashes or underscores')

export const channel = z.object({
  id: z.int(),
  code: channelCode,
  kind: channelKind,
  name: z.string(),
  trustsPhones: z.boolean(),
})

export const listChannels = route('GET /channels', {
  summary: 'Channels, by code',
  input: z.object({}),
  output: z.object({ channels: z.array(channel) }),
})

export const addChannel = route('POST /channels', {
  summary: 'Open a channel',
  input: z.object({ code: channelCode, kind: channelKind, name: z.string().min(1).max(120).optional() }),
  output: channel,
})

export const renameChannel = route('PUT /channels/:code/name', {
  summary: 'Give a channel another name; its code stays',
  input: z.object({ code: channelCode, name: z.string().trim().min(1).max(120) }),
  output: channel,
})
