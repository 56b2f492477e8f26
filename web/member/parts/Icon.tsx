/** Line icons of the member centre, on the grid of 20 px that those of the console have. */
import type { ReactElement } from 'react'
import { LineIcon } from '#ui/LineIcon.tsx'

const drawings = {
  home: <path d="M3 9.2 10 3.4l7 5.8M4.8 8v8.2h3.6v-4.6h3.2v4.6h3.6V8" />,
  points: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="m5.6 12.8 3-4.2 2 2.2 1.4-1.8 2.6 3.8" />
    </>
  ),
  orders: (
    <>
      <path d="M4.4 3.4h11.2v13.4l-2.8-1.6-2.8 1.6-2.8-1.6-2.8 1.6z" />
      <path d="M7.4 7.4h5.2M7.4 10.6h5.2" />
    </>
  ),
  profile: (
    <>
      <circle cx="10" cy="6.8" r="3.2" />
      <path d="M3.8 17c.6-3.5 3-5.3 6.2-5.3s5.6 1.8 6.2 5.3" />
    </>
  ),
  code: (
    <>
      <path d="M3.4 3.4h4.8v4.8H3.4zM11.8 3.4h4.8v4.8h-4.8zM3.4 11.8h4.8v4.8H3.4z" />
      <path d="M11.8 11.8h1.6v1.6h-1.6zM16.6 11.8v2.4M11.8 16.6h2.4M16.6 16.6h.01" />
    </>
  ),
  close: <path d="m5 5 10 10M15 5 5 15" />,
  right: <path d="m7.8 5.6 4.4 4.4-4.4 4.4" />,
  down: <path d="m5.6 7.8 4.4 4.4 4.4-4.4" />,
  out: <path d="M8 3.6H4.2v12.8H8M12.4 6.4 16 10l-3.6 3.6M16 10H7.6" />,
  back: <path d="M12.2 5.6 7.8 10l4.4 4.4" />,
  hand: <path d="M10 16.6S3.6 13 3.6 8.4A3.3 3.3 0 0 1 10 7.2a3.3 3.3 0 0 1 6.4 1.2c0 4.6-6.4 8.2-6.4 8.2z" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="M10 6v4.2l2.8 1.7" />
    </>
  ),
  lock: (
    <>
      <path d="M4.6 9h10.8v7.6H4.6z" />
      <path d="M7 9V6.6a3 3 0 0 1 6 0V9M10 12v1.8" />
    </>
  ),
  undo: (
    <>
      <path d="M4 8.2h8a4.2 4.2 0 0 1 0 8.4H8" />
      <path d="M7.2 4.8 3.8 8.2l3.4 3.4" />
    </>
  ),
} satisfies Record<string, ReactElement>
export type IconName = keyof typeof drawings

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return <LineIcon drawing={drawings[name]} size={size} />
}
