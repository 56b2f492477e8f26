import { Refusal } from '#platform/errors'

export const channelUnknown = (code: string) =>
  new Refusal(
    'not_found',
    'channels.unknown',
    { code },
    `There is no channel ${code}. Open it with --create store|website|ota|erp|account|partner, or correct the code.`,
  )

export const channelKindNeeded = (code: string, kind: string, asked: string) =>
  new Refusal(
    'conflict',
    'channels.other_kind',
    { code, kind, asked },
    `The channel ${code} is a ${kind}, not a ${asked}.`,
  )
