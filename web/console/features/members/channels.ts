import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { listChannels } from '#modules/channels/contract'
import { reading } from '#ui/queries.ts'
import { useMaySee } from '../../parts/session.ts'

/** The name of a channel by its code; the code itself until the names are known. */
export function useChannelNames(): (code: string) => string {
  const { data } = useQuery({ ...reading(listChannels, {}), staleTime: 60_000, enabled: useMaySee('channels.read') })
  return useMemo(() => {
    const names = new Map(data?.channels.map(({ code, name }) => [code, name]))
    return (code) => names.get(code) ?? code
  }, [data])
}
