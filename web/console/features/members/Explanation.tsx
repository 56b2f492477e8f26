/** Why two members, or two records of one, are one person, may be, or aren't: the evidence, and what else decides. */
import { useQuery } from '@tanstack/react-query'
import { explainMatch } from '#modules/matching/contract'
import { reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { chanceText, EvidenceParts } from './Evidence.tsx'
import css from './Explanation.module.css'

const tones = { join: 'green', review: 'amber', apart: 'grey' } as const

export function Explanation({ a, b }: { a: string; b: string }) {
  const say = useText()
  const formats = useFormats()
  const told = useQuery({ ...reading(explainMatch, { a, b }), staleTime: 0 })
  if (told.isError) return <ProblemNote error={told.error} />
  if (told.isPending) return <Skeleton height={120} />
  const { together, verdict, because, score, bands, parts } = told.data
  return (
    <div className={css.explanation}>
      <p className={css.verdict}>
        <Chip tone={tones[verdict]}>{say(`verdict.${verdict}`)}</Chip>
        {score !== null && (
          <span>{say('explanation.chance', { chance: chanceText(say, formats.percent, score) })}</span>
        )}
        {together && <span>{say('explanation.together')}</span>}
      </p>
      {because && <p>{say(`because.${because}`)}</p>}
      {score === null ? (
        <p>{say('explanation.nothing')}</p>
      ) : (
        <>
          <EvidenceParts parts={parts} score={score} />
          <p className={css.lines}>
            {say('explanation.lines', { join: tenths(bands.joinFrom), review: tenths(bands.reviewFrom) })}
          </p>
        </>
      )}
    </div>
  )

  function tenths(bits: number): string {
    return formats.number(Math.round(bits * 10) / 10)
  }
}
