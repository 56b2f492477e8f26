export {
  type Channel,
  type ChannelKind,
  channelOf,
  channels,
  forgetChannels,
  openChannel,
  openChannels,
  renameChannels,
} from './channels.ts'
