import type { ReactNode } from 'react'
import { Icon, type IconName } from '#ui/icons.tsx'
import css from './Empty.module.css'

/** Nothing here yet: what to do first, with the button that does it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={css.empty}>
      <span className={css.sign}>
        <Icon name={icon} size={22} />
      </span>
      <b>{title}</b>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}
