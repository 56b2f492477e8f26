import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { go, hrefOf } from '../app/way.ts'

/** A link within the member centre; a new tab still works. */
export function Way({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    go(to)
  }
  return <a href={hrefOf(to)} onClick={follow} {...rest} />
}
