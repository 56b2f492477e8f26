import { Refusal } from '#platform/errors'

export const notMember = () =>
  new Refusal('unauthenticated', 'centre.sign_in', {}, 'Sign in to the member centre first.')

export const phoneUnreadable = () =>
  new Refusal('invalid', 'centre.phone_unreadable', {}, 'This is not a phone number that messages can be sent to.')

export const cannotSend = () =>
  new Refusal(
    'conflict',
    'centre.no_sms',
    {},
    'No codes can be sent: this program has no SMS provider (ROUNDTRIP_SMS), or the provider is not on file as a recipient of data (settings, privacy), and its sandbox is off.',
  )

export const tooOften = (seconds: number) =>
  new Refusal('conflict', 'centre.too_often', { seconds }, `Too many tries. Try again in ${seconds} seconds.`)

export const codeWrong = () =>
  new Refusal('invalid', 'centre.code_wrong', {}, 'This code is wrong or too old. Look again, or ask for a new one.')

export const valueUnreadable = (field: string) =>
  new Refusal('invalid', 'centre.value_unreadable', { field }, `The ${field} can't be read.`)

export const languageNotOffered = (language: string, offered: readonly string[]) =>
  new Refusal(
    'invalid',
    'centre.language_not_offered',
    { language, offered },
    `The group does not speak ${language} to its members; choose one of ${offered.join(', ')}.`,
  )

export const cardUnknown = () =>
  new Refusal('not_found', 'centre.card_unknown', {}, 'This card code is unknown or too old. Ask for the present one.')

export const outboxClosed = () =>
  new Refusal(
    'forbidden',
    'centre.outbox_closed',
    {},
    'The outbox answers a signed-in administrator, or this machine itself.',
  )

export const outboxOff = () =>
  new Refusal('not_found', 'centre.outbox_off', {}, 'The sandbox is off; ROUNDTRIP_SANDBOX=on turns it on.')

export const nothingToCancel = () =>
  new Refusal('conflict', 'centre.nothing_to_cancel', {}, 'There is no erasure that could be cancelled.')
