import { cleaning } from './cleaning.ts'
import { frame } from './frame.ts'
import { imports } from './imports.ts'
import { members } from './members.ts'
import { refusals } from './refusals.ts'
import { settings } from './settings.ts'
import { words } from './words.ts'

export const ru = { ...frame, ...members, ...imports, ...settings, ...words, ...cleaning, ...refusals }
