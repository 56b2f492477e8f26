import { account } from './account.ts'
import { audit } from './audit.ts'
import { channels } from './channels.ts'
import { cleaning } from './cleaning.ts'
import { deciding } from './deciding.ts'
import { demo } from './demo.ts'
import { exports } from './exports.ts'
import { frame } from './frame.ts'
import { imports } from './imports.ts'
import { members } from './members.ts'
import { organisation } from './organisation.ts'
import { points } from './points.ts'
import { privacy } from './privacy.ts'
import { quality } from './quality.ts'
import { refusals } from './refusals.ts'
import { settings } from './settings.ts'
import { staff } from './staff.ts'
import { start } from './start.ts'
import { today } from './today.ts'
import { webhooks } from './webhooks.ts'
import { words } from './words.ts'

export const en = {
  ...frame,
  ...account,
  ...audit,
  ...channels,
  ...deciding,
  ...demo,
  ...members,
  ...imports,
  ...points,
  ...privacy,
  ...quality,
  ...settings,
  ...staff,
  ...organisation,
  ...start,
  ...today,
  ...webhooks,
  ...words,
  ...cleaning,
  ...refusals,
  ...exports,
}
