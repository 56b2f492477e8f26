/** Tiers as every page draws them: two peaks in the tier's colour, a landscape, a name in the reader's language. */
import type { Landscape, TierNames } from '#modules/points/contract'
import type { Language } from './languages.ts'
import bluestone from './scenes/tier-bluestone.svg?url'
import danxia from './scenes/tier-danxia.svg?url'
import ginkgo from './scenes/tier-ginkgo.svg?url'
import lakeside from './scenes/tier-lakeside.svg?url'
import starsea from './scenes/tier-starsea.svg?url'

export const scenes: Record<Landscape, string> = { bluestone, lakeside, ginkgo, danxia, starsea }

/** Where it has no name in this language, the one in the language that the group speaks first. */
export function tierName(names: TierNames, language: Language, languages: readonly Language[]): string {
  return names[language] ?? languages.map((one) => names[one]).find(Boolean) ?? Object.values(names).find(Boolean) ?? ''
}

/** In `currentColor` where it lies on a picture. */
export function Peaks({ landscape, size = 12 }: { landscape?: Landscape; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      <path
        d="M.4 10.8 4.6 3.6l1.8 2.9L7.9 4l3.7 6.8z"
        fill={landscape ? `var(--tier-${landscape})` : 'currentColor'}
      />
    </svg>
  )
}
