import type { ButtonHTMLAttributes } from 'react'
import css from './Button.module.css'

/** The main button is pine; `soft`, `line` and `plain` step back from it, `danger` can't be undone. Busy, it keeps its words and can't be pressed. */
export function Button({
  look = 'main',
  busy = false,
  disabled,
  type = 'button',
  ...rest
}: { look?: 'main' | 'soft' | 'line' | 'plain' | 'danger'; busy?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type={type}
      className={css.button}
      data-look={look}
      data-busy={busy || undefined}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      {...rest}
    />
  )
}
