import { useFormats, useSession } from '../../parts/session.ts'
import { type Say, useText } from '../../texts/texts.ts'
import css from './Ledger.module.css'

export interface LedgerLine {
  code: string
  params: Record<string, unknown>
}

/** How an amount of points was worked out, line by line; what lost stays there in grey, with a dash. */
export function Ledger({ lines, sum }: { lines: readonly LedgerLine[]; sum: number }) {
  const say = useText()
  const formats = useFormats()
  const lineText = useLineText()
  return (
    <div className={css.ledger}>
      {lines.map((line, at) => {
        const { points } = line.params
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines don't move
          <div key={at} data-off={typeof points !== 'number' || undefined}>
            <span>{lineText(line)}</span>
            <span>{typeof points === 'number' ? formats.number(points) : '—'}</span>
          </div>
        )
      })}
      <div className={css.sum}>
        <span>{say('points.sum')}</span>
        <b>{formats.number(sum)}</b>
      </div>
    </div>
  )
}

/** A line in words: amounts as money, names that the program gave itself in the reader's language. */
export function useLineText(): (line: LedgerLine) => string {
  const say = useText()
  const formats = useFormats()
  const { currency } = useSession().group
  return ({ code, params }) => {
    const money = (minor: unknown) =>
      typeof minor === 'number'
        ? formats.money(minor, typeof params.currency === 'string' ? params.currency : currency)
        : ''
    const values = {
      ...params,
      rule: named(say, params.rule),
      lostTo: named(say, params.lostTo),
      amount: money(params.amountMinor),
      from: money(params.fromMinor),
      to: money(params.toMinor),
    }
    const finer =
      code === 'rule' && typeof params.amountMinor === 'number'
        ? 'rule_of'
        : code === 'called_back'
          ? `called_back_${params.why}`
          : code
    return say.code('line', finer, values) ?? say.code('line', code, values) ?? code
  }
}

const named = (say: Say, name: unknown) => (typeof name === 'string' ? (say.code('ownName', name) ?? name) : '')
