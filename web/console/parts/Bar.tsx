import css from './Bar.module.css'

export interface Share {
  of: number
  tone: 'accent' | 'grey' | 'amber' | 'red'
}

/** Parts of a whole in one line; a part that exists is never thinner than can be seen. */
export function Bar({ shares, whole, thick = false }: { shares: readonly Share[]; whole: number; thick?: boolean }) {
  return (
    <span className={thick ? `${css.bar} ${css.thick}` : css.bar} aria-hidden="true">
      {shares.map(
        ({ of, tone }) =>
          of > 0 && (
            <i key={tone} className={css[tone]} style={{ width: `${Math.max(2, (of / Math.max(whole, 1)) * 100)}%` }} />
          ),
      )}
    </span>
  )
}

/** How far work has come. Without a known end it says only that it goes on. */
export function ProgressBar({ done, of, label }: { done: number; of: number; label: string }) {
  const share = of > 0 ? Math.min(1, done / of) : 0
  return (
    <span
      className={`${css.bar} ${css.progress}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
    >
      <i className={css.accent} style={{ width: `${share * 100}%` }} />
    </span>
  )
}
