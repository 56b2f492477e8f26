/** The frame of every line icon: a grid of 20 px, round strokes of 1.5 px. It says nothing: a button names itself. */
import type { ReactElement } from 'react'

export function LineIcon({
  drawing,
  size,
  className,
}: {
  drawing: ReactElement
  size: number
  className?: string | undefined
}) {
  return (
    <svg
      className={className ? `icon ${className}` : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {drawing}
    </svg>
  )
}
