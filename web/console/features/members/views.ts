/** Own views of the member list: what the address bar says of filters and columns, and what the program keeps of it. */
import { useQuery } from '@tanstack/react-query'
import { listViews, type MemberColumn, memberColumns, memberFilters } from '#modules/desk/contract'
import type { Output } from '#ui/call.ts'
import { reading } from '#ui/queries.ts'

export type View = Output<typeof listViews>['views'][number]
type Definition = View['definition']

/** Of the member list, as texts; what isn't chosen is left out. */
export interface ListAddress {
  search?: string
  channel?: string
  show?: string
  /** Names with commas between them. The name of the member comes first: it always stands there. */
  columns?: string
  /** Id of the own view that was opened. */
  view?: string
}

/** Whatever the list shows to whom chose nothing. */
export const usualColumns: readonly MemberColumn[] = [
  'phone',
  'city',
  'records',
  'orders',
  'spent',
  'points',
  'lastOrder',
  'since',
]

export function columnsOf({ columns }: Pick<ListAddress, 'columns'>): readonly MemberColumn[] {
  if (columns === undefined) return usualColumns
  const asked = columns.split(',')
  return memberColumns
    .filter((column) => asked.includes(column))
    .sort((one, other) => asked.indexOf(one) - asked.indexOf(other))
}

export const columnsText = (columns: readonly MemberColumn[]): string | undefined =>
  columns.join() === usualColumns.join() ? undefined : ['name', ...columns].join()

export function definitionOf(address: ListAddress): Definition {
  const show = memberFilters.find((filter) => filter === address.show)
  return {
    ...(address.search ? { search: address.search } : {}),
    ...(address.channel ? { channel: address.channel } : {}),
    ...(show ? { show } : {}),
    ...(columnsText(columnsOf(address)) ? { columns: [...columnsOf(address)] } : {}),
  }
}

export function addressOf({ id, definition: { search, channel, show, columns } }: View): ListAddress {
  const text = columns && columnsText(columns)
  return {
    ...(search ? { search } : {}),
    ...(channel ? { channel } : {}),
    ...(show ? { show } : {}),
    ...(text ? { columns: text } : {}),
    view: id,
  }
}

export function sameDefinition(one: Definition, other: Definition): boolean {
  const text = ({ search, channel, show, columns }: Definition) => JSON.stringify([search, channel, show, columns])
  return text(one) === text(other)
}

export function useViews(): readonly View[] {
  return useQuery({ ...reading(listViews, {}), staleTime: 60_000 }).data?.views ?? none
}

const none: readonly View[] = []
