import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Ledger.module.css'

interface Line {
  code: string
  params: Record<string, unknown>
}

/** How an amount of points was worked out, line by line; what lost stays there in grey, with a dash. */
export function Ledger({ lines, sum }: { lines: readonly Line[]; sum: string }) {
  const say = useText()
  const formats = useFormats()
  return (
    <div className={css.ledger}>
      {lines.map(({ code, params }, at) => {
        const points = typeof params.points === 'number' ? params.points : null
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines don't move
          <div key={at} data-off={points === null || undefined}>
            <span>{say.code('line', code, params) ?? code}</span>
            <span>{points === null ? '—' : formats.number(points)}</span>
          </div>
        )
      })}
      <div className={css.sum}>
        <span>{say('points.sum')}</span>
        <b>{sum}</b>
      </div>
    </div>
  )
}
