export {
  type Channel,
  type ChannelKind,
  channelOf,
  channels,
  channelsInScope,
  forgetChannels,
  openChannel,
  openChannels,
  renameChannels,
} from './channels.ts'
