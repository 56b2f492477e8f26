/** What each field gave to the evidence: for it at the right of a line, against it at the left, and how likely all of it is. */
import type { z } from 'zod'
import type { evidencePart } from '#modules/members/contract'
import { useFormats } from '../../parts/session.ts'
import { type Say, useText } from '../../texts/texts.ts'
import css from './Evidence.module.css'

export type Part = z.output<typeof evidencePart>

/** A doubling of the odds is one bit. Beyond this a share would say 100 or 0, which nothing is. */
export function chanceText(say: Say, percent: (share: number) => string, bits: number): string {
  const chance = 1 / (1 + 2 ** -bits)
  if (chance > 0.995) return say('evidenceParts.nearlySure')
  if (chance < 0.005) return say('evidenceParts.hardly')
  return percent(chance)
}

const usual = 12

export function EvidenceParts({ parts, score }: { parts: readonly Part[]; score: number | null }) {
  const say = useText()
  const formats = useFormats()
  const widest = Math.max(usual, ...parts.map(({ bits }) => Math.abs(bits)))
  const shown = parts.filter(({ field }) => field !== 'start').sort((x, y) => y.bits - x.bits)
  const start = parts.find(({ field }) => field === 'start')
  return (
    <div className={css.evidence}>
      <ul>
        {[...shown, ...(start ? [start] : [])].map(({ field, level, bits }) => (
          <li key={field}>
            <span className={css.name}>
              {say.code('factor', field) ?? field}
              <small>{levelText(say, field, level)}</small>
            </span>
            <span className={css.track} aria-hidden="true">
              <i
                className={bits < 0 ? css.against : css.for}
                style={{ width: `${(Math.abs(bits) / widest) * 50}%`, [bits < 0 ? 'right' : 'left']: '50%' }}
              />
            </span>
            <span className={css.bits}>{formats.signed(Math.round(bits * 10) / 10)}</span>
          </li>
        ))}
      </ul>
      {score !== null && (
        <p>
          <span>{say('evidenceParts.sum')}</span>
          <b>{formats.signed(Math.round(score * 10) / 10)}</b>
        </p>
      )}
    </div>
  )
}

/** A place is three things at once: suburb (or city), postcode, region; what isn't said in both is left out. */
function levelText(say: Say, field: string, level: string): string {
  const one = (of: string) => say.code('level', of) ?? of
  if (field !== 'place') return one(level)
  const names = ['suburb', 'postcode', 'region'] as const
  return level
    .split('/')
    .flatMap((each, at) =>
      each === '-' ? [] : [say('evidenceParts.place', { name: say(`locality.${names[at]!}`), level: one(each) })],
    )
    .join(say('comma'))
}
