import { Children, Fragment, type ReactNode } from 'react'
import css from './Dotted.module.css'

/** Parts in a row with a drawn dot between them, because fonts disagree about its width. Empty parts leave no dot. */
export function Dotted({ children }: { children: ReactNode }) {
  const parts = Children.toArray(children)
  return parts.map((part, at) => (
    // The order of the parts is their meaning.
    // biome-ignore lint/suspicious/noArrayIndexKey: parts don't move
    <Fragment key={at}>
      {at > 0 && (
        <i className={css.dot}>
          <span className="spoken">, </span>
        </i>
      )}
      {part}
    </Fragment>
  ))
}
