import { Refusal } from '#platform/errors'

export const noDemonstration = () =>
  new Refusal('not_found', 'demonstration.none', {}, 'There is no demonstration group here, so nothing to clear.')

export const demonstrationFilling = (percent: number) =>
  new Refusal(
    'conflict',
    'demonstration.filling',
    { percent },
    `The demonstration group is just being filled (${percent} %). Try again in a minute.`,
  )

export const broughtByImports = (imports: number) =>
  new Refusal(
    'conflict',
    'demonstration.imports',
    { imports },
    `Imports of your own are here beside the demonstration: ${imports}. Clearing would take their rows too, so nothing was removed. Undo or cancel them first (bin/roundtrip imports, bin/roundtrip import undo ID), or begin with an empty data folder and ROUNDTRIP_DEMO=off.`,
  )

export const addedSince = ({ records, orders }: { records: number; orders: number }) =>
  new Refusal(
    'conflict',
    'demonstration.added',
    { records, orders },
    `Beside the demonstration there are ${records} records of members and ${orders} orders that it did not make. Nothing was removed. If they are trials too, add --everything and they go with it; they can't be brought back.`,
  )
