import { Refusal } from '#platform/errors'

export const exportNotFound = (exportId: string) =>
  new Refusal('not_found', 'exports.not_found', { exportId }, `You have no export ${exportId}.`)

export const tooManyRows = (limit: number) =>
  new Refusal(
    'conflict',
    'exports.too_many_rows',
    { limit },
    `These are more than the ${limit} rows that you may take out at once. Narrow the filter.`,
  )

export const tooManyExports = (limit: number) =>
  new Refusal(
    'conflict',
    'exports.too_many',
    { limit },
    `${limit} of your exports are being made or lie ready. Give one up first.`,
  )

export const clearNotPermitted = () =>
  new Refusal(
    'forbidden',
    'exports.clear_not_permitted',
    { field: 'clear', permission: 'members.reveal' },
    'clear: values in full need the permission members.reveal. Ask for them masked.',
  )

export const wrongState = (exportId: string, state: string) =>
  new Refusal('conflict', 'exports.wrong_state', { exportId, state }, `That can't be done: the export is ${state}.`)

export const ownExport = () =>
  new Refusal('forbidden', 'exports.own', {}, 'Somebody else has to decide about an export of yours.')

export const noDownloadsLeft = (downloads: number) =>
  new Refusal(
    'conflict',
    'exports.no_downloads_left',
    { downloads },
    `The file was taken ${downloads} times, which is as often as it may be. Ask for it again.`,
  )

export const fileGone = () =>
  new Refusal('conflict', 'exports.file_gone', {}, 'The file is not there any more. Ask for it again.')

/** Whoever asked may no longer have what is in it. */
export const rightsLost = () =>
  new Refusal(
    'forbidden',
    'exports.rights_lost',
    {},
    'You may no longer see all that is in this file. It was deleted; ask for what you may see.',
  )

export const noRoom = () =>
  new Refusal('conflict', 'exports.no_room', {}, 'There is too little room on the disk. Free some and ask again.')
