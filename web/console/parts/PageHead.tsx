/** The line above every page: where it belongs, what it is, how it stands, and what can be done. */
import { Link, type LinkProps } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { Icon } from '#ui/icons.tsx'
import css from './PageHead.module.css'

export function PageHead({
  trail = [],
  title,
  state,
  actions,
}: {
  trail?: { label: string; to: NonNullable<LinkProps['to']>; search?: Record<string, string> }[]
  title: string
  state?: ReactNode
  actions?: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Roundtrip`
  }, [title])
  return (
    <header className={css.head}>
      {trail.map(({ label, to, search }) => (
        <span key={label} className={css.crumb}>
          <Link to={to} search={search ?? {}}>
            {label}
          </Link>
          <Icon name="right" size={13} />
        </span>
      ))}
      <h1 className="cut" title={title}>
        {title}
      </h1>
      {state && <span className={css.state}>{state}</span>}
      <span className={css.actions}>{actions}</span>
    </header>
  )
}
