import { Refusal } from '#platform/errors'

export const importNotFound = (importId: string) =>
  new Refusal('not_found', 'imports.not_found', { importId }, `There is no import ${importId}.`)

export const wrongState = (importId: string, state: string, wanted: readonly string[]) =>
  new Refusal(
    'conflict',
    'imports.wrong_state',
    { importId, state, wanted },
    `Import ${importId} is ${state}; for this it should be ${wanted.join(' or ')}.`,
  )

export const nothingMapped = () =>
  new Refusal(
    'invalid',
    'mapping.nothing_mapped',
    {},
    'No column is mapped to a field. Say with --map (or on the page) which column is what.',
  )

export const diskFull = () =>
  new Refusal(
    'conflict',
    'program.disk_full',
    {},
    'The disk is full. Nothing was written; free some space and try again.',
  )

export const noRoom = () =>
  new Refusal(
    'conflict',
    'program.disk_full',
    {},
    'The disk is nearly full, so the import has stopped here. What is done stays done; free some space and give the same command again.',
  )

export const fileGone = () =>
  new Refusal(
    'conflict',
    'imports.file_gone',
    {},
    'The file of this import is not here any more: a backup does not hold it. Import the file again.',
  )

export const readingStopped = () => new Refusal('conflict', 'imports.stopped', {}, 'The reading was stopped.')

export const undoStopped = () =>
  new Refusal(
    'conflict',
    'imports.stopped',
    {},
    'The undo was stopped in the middle; what is taken back stays so. Undo it again to go on.',
  )

export const noTreeColumns = () =>
  new Refusal(
    'invalid',
    'organisation.no_columns',
    {},
    'No column says a company or a store. Head the columns, for example: company, store, store code, city.',
  )

export const tooManyTreeRows = (limit: number) =>
  new Refusal(
    'invalid',
    'organisation.too_many_rows',
    { limit },
    `The file has more than ${limit} companies and stores. Tell them in several files.`,
  )
