import type { ReactNode } from 'react'
import css from './Note.module.css'

/** A word about what was just done: `bad` is read out at once. */
export function Note({ tone = 'bad', children }: { tone?: 'bad' | 'good' | 'plain'; children: ReactNode }) {
  return (
    <p className={css.note} data-tone={tone} role={tone === 'bad' ? 'alert' : tone === 'good' ? 'status' : undefined}>
      {children}
    </p>
  )
}
