import type { English } from '../forms.ts'
import type { channels as zh } from '../zh/channels.ts'

export const channels: English<typeof zh> = {
  'frame.channels': 'Channels',
  'channels.others': 'Other channels',
  'channels.members': 'Members',
  'channels.orders': 'Orders',
  'channels.last': 'Last heard of',
  'channels.nothing': 'Nothing yet',
  'channels.quietSince': 'quiet since {{at}}',
  'channels.noneTitle': 'No channels yet',
  'channels.none':
    'When you import a first file, say which store, website or platform it comes from: that opens the channel.',
  'channels.rename': 'Rename',
  'channels.renameOf': 'Rename {{name}}',
  'channels.name': 'Name',
  'channels.nameNeeded': 'Enter a name',
  'channels.codeStays': 'The code {{code}} stays.',
  'channels.save': 'Save',
}
