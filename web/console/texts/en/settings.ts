import type { English } from '../forms.ts'
import type { settings as zh } from '../zh/settings.ts'

export const settings: English<typeof zh> = {
  'keys.title': 'API keys',
  'keys.why': 'For scripts and other systems. Whoever holds a key may do what its role may do.',
  'keys.none': 'No keys yet.',
  'keys.add': 'New key',
  'keys.make': 'Make the key',
  'keys.name': 'What for',
  'keys.nameExample': 'For example: nightly sync of the website',
  'keys.nameNeeded': 'Give it a name that you will recognise later',
  'keys.role': 'Role',
  'keys.shownOnce': 'The key is shown this once. Copy it now and keep it safe.',
  'keys.secret': 'Key',
  'keys.kept': 'I have kept it',
  'keys.used': 'used {{at}}',
  'keys.unused': 'not used yet',
  'keys.since': 'Made {{at}}',
  'keys.end': 'End',
  'keys.endTitle': 'End “{{name}}”?',
  'keys.endEffect': "Scripts that use it stop working at once. This can't be taken back.",

  'links.title': 'Sign-in link',
  'links.why':
    'For another administrator, or for you on another computer. Whoever has the link can sign in once as administrator.',
  'links.make': 'Make a link',
  'links.until': 'Works until {{at}}',
}
