import type { English } from '../forms.ts'
import type { frame as zh } from '../zh/frame.ts'

export const frame: English<typeof zh> = {
  'frame.noPage': 'There is no such page',
  'frame.noPageHint': 'The address may be mistyped, or the page has moved.',
  'frame.toMembers': 'To the members',
  'frame.members': 'Members',
  'frame.imports': 'Imports',
  'frame.settings': 'Settings',
  'frame.areas': 'Areas',
  'frame.find': 'Find or jump',
  'frame.skip': 'Skip to the page',
  'frame.me': ': language, light or dark, sign out',
  'frame.language': 'Language',
  'frame.dark': 'Change to dark',
  'frame.light': 'Change to light',
  'frame.signOut': 'Sign out',
  'frame.stillIn': 'Signing out did not work; you are still signed in. Try again.',

  'jump.words': 'Name, pinyin, phone, last four, or a page',
  'jump.found': 'Found',
  'jump.page': 'Page',
  'jump.looking': 'Looking…',
  'jump.none': 'Nothing found',

  'signIn.title': 'Sign in to Roundtrip',
  'signIn.entering': 'Signing in',
  'signIn.moment': 'One moment…',
  'signIn.how':
    "Sign in by the administrator's one-time link. The program prints one when it first starts; for another, run this on the machine where it lives:",
  'signIn.once': 'A link works once, within 24 hours.',

  'failure.title': 'This could not be opened',
  'failure.general': 'Something unexpected happened: {{message}}',
  'failure.again': 'Try again',
  'failure.number': 'Number of the answer',

  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  comma: ', ',
  masked: 'hidden',
  reasonNeeded: 'Say why; it is kept with what you do',

  'role.administrator': 'Administrator',
  'role.marketer': 'Head-office marketer',
  'role.company-manager': 'Company manager',
  'role.store-manager': 'Store manager',
  'role.store-staff': 'Store staff',
  'role.guide': 'Guide',
  'role.service-agent': 'Service agent',
  'role.operations': 'Operations',
  'role.quality': 'Quality',
  'role.finance': 'Finance',
  'role.auditor': 'Auditor',
}
