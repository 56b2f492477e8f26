export { type Channel, type ChannelKind, channelOf, channels, openChannel } from './channels.ts'
