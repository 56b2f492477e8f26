import type { ReactNode } from 'react'
import css from './Chip.module.css'

export function Chip({
  tone = 'grey',
  children,
}: {
  tone?: 'grey' | 'accent' | 'green' | 'amber' | 'red'
  children: ReactNode
}) {
  return <span className={`${css.chip} ${css[tone]}`}>{children}</span>
}
