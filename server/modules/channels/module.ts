import { serve } from '#platform/http'
import type { Module } from '#platform/modules'
import { channelOf, channelsInScope, openChannel, renameChannels } from './channels.ts'
import { addChannel, listChannels, renameChannel } from './contract.ts'

export const module: Module = {
  name: 'channels',
  setup: ['channels.channels'],
  routes: [
    serve(listChannels, 'channels.read', async (ctx) => ({ channels: await channelsInScope(ctx) })),
    serve(addChannel, 'channels.open', (ctx, input) => openChannel(ctx, input), { codes: ['code', 'kind'] }),
    serve(renameChannel, 'channels.open', async (ctx, { code, name }) => {
      await channelOf(ctx, code)
      await renameChannels(ctx, [{ code, name }])
      return channelOf(ctx, code)
    }),
  ],
}
