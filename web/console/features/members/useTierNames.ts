import { useQuery } from '@tanstack/react-query'
import { listTiers } from '#modules/points/contract'
import { reading } from '#ui/queries.ts'
import { tierName } from '#ui/tiers.tsx'
import { useMaySee, useSession } from '../../parts/session.ts'
import { useLanguage } from '../../texts/texts.ts'

/** What a tier is called, by its code; one that is not in the list any more by the code itself. */
export function useTierNames(): (code: string) => string {
  const language = useLanguage()
  const { languages } = useSession().group
  const { data } = useQuery({ ...reading(listTiers, {}), staleTime: 60_000, enabled: useMaySee('points.read') })
  return (code) => {
    const tier = data?.tiers.find((one) => one.code === code)
    return tier ? tierName(tier.names, language, languages) : code
  }
}
