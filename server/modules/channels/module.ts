import { serve } from '#platform/http'
import type { Module } from '#platform/modules'
import { channels, openChannel } from './channels.ts'
import { addChannel, listChannels } from './contract.ts'

export const module: Module = {
  name: 'channels',
  routes: [
    serve(listChannels, 'channels.read', async (ctx) => ({ channels: await channels(ctx) })),
    serve(addChannel, 'channels.open', (ctx, input) => openChannel(ctx, input)),
  ],
}
