/** Line icons on a 20 px grid, with round strokes of 1.5 px. They say nothing by themselves: a button names itself. */
import type { ReactElement } from 'react'
import { LineIcon } from './LineIcon.tsx'

const drawings = {
  members: (
    <>
      <circle cx="8" cy="7" r="2.9" />
      <path d="M2.6 16.4c.5-3.1 2.6-4.8 5.4-4.8s4.9 1.7 5.4 4.8M13 4.4a2.8 2.8 0 0 1 .2 5.2M15 12c1.4.8 2.2 2.2 2.5 4.2" />
    </>
  ),
  upload: <path d="M10 12.6V3.8M6.4 7.2 10 3.6l3.6 3.6M3.8 16.4h12.4" />,
  settings: (
    <>
      <path d="M3.2 6.2h5.6M13 6.2h3.8M3.2 13.8h2.6M10 13.8h6.8" />
      <circle cx="10.9" cy="6.2" r="2" />
      <circle cx="7.9" cy="13.8" r="2" />
    </>
  ),
  search: (
    <>
      <circle cx="9" cy="9" r="5.3" />
      <path d="m13 13 3.8 3.8" />
    </>
  ),
  plus: <path d="M10 4.2v11.6M4.2 10h11.6" />,
  down: <path d="m5.6 7.8 4.4 4.4 4.4-4.4" />,
  right: <path d="m7.8 5.6 4.4 4.4-4.4 4.4" />,
  up: <path d="m5.6 12.2 4.4-4.4 4.4 4.4" />,
  close: <path d="m5 5 10 10M15 5 5 15" />,
  eye: (
    <>
      <path d="M2.4 10S5 4.9 10 4.9 17.6 10 17.6 10 15 15.1 10 15.1 2.4 10 2.4 10z" />
      <circle cx="10" cy="10" r="2.3" />
    </>
  ),
  clock: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="M10 6v4.2l2.8 1.7" />
    </>
  ),
  user: (
    <>
      <circle cx="10" cy="6.8" r="3.2" />
      <path d="M3.8 17c.6-3.5 3-5.3 6.2-5.3s5.6 1.8 6.2 5.3" />
    </>
  ),
  merge: (
    <path d="M4.5 3.6v3.2c0 3.2 5.5 3.2 5.5 6.4v3.2M15.5 3.6v3.2c0 3.2-5.5 3.2-5.5 6.4M7.6 14.2l2.4 2.4 2.4-2.4" />
  ),
  split: (
    <path d="M10 16.4v-3.2c0-3.2-5.5-3.2-5.5-6.4V3.8M10 13.2c0-3.2 5.5-3.2 5.5-6.4V3.8M2.4 6l2.1-2.3L6.6 6M13.4 6l2.1-2.3L17.6 6" />
  ),
  undo: (
    <>
      <path d="M4 8.2h8a4.2 4.2 0 0 1 0 8.4H8" />
      <path d="M7.2 4.8 3.8 8.2l3.4 3.4" />
    </>
  ),
  download: <path d="M10 3.4v9M6.4 9 10 12.6 13.6 9M3.8 16.4h12.4" />,
  check: <path d="m4.4 10.6 3.7 3.7 7.6-8.4" />,
  alert: (
    <>
      <path d="M10 3.6 17.2 16H2.8z" />
      <path d="M10 8.2v3.6" />
      <path d="M10 13.8h.01" strokeWidth="1.9" />
    </>
  ),
  info: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="M10 9.4v4" />
      <path d="M10 6.7h.01" strokeWidth="1.9" />
    </>
  ),
  link: (
    <path d="M8.4 11.6a3 3 0 0 0 4.3 0l2.6-2.6A3 3 0 0 0 11 4.7l-.9.9M11.6 8.4a3 3 0 0 0-4.3 0L4.7 11A3 3 0 0 0 9 15.3l.9-.9" />
  ),
  globe: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="M3 10h14M10 3c2 2 3 4.3 3 7s-1 5-3 7c-2-2-3-4.3-3-7s1-5 3-7z" />
    </>
  ),
  moon: <path d="M16.4 11.8A6.8 6.8 0 0 1 8.2 3.6a6.8 6.8 0 1 0 8.2 8.2z" />,
  sun: (
    <>
      <circle cx="10" cy="10" r="3.3" />
      <path d="M10 2.6v1.6M10 15.8v1.6M2.6 10h1.6M15.8 10h1.6M4.8 4.8l1.1 1.1M14.1 14.1l1.1 1.1M15.2 4.8l-1.1 1.1M5.9 14.1l-1.1 1.1" />
    </>
  ),
  edit: <path d="M12.6 4.2 15.8 7.4M3.6 16.4l.8-3.6 8.5-8.5a1.5 1.5 0 0 1 2.1 0l.7.7a1.5 1.5 0 0 1 0 2.1l-8.5 8.5z" />,
  card: (
    <>
      <rect x="2.8" y="4.6" width="14.4" height="10.8" rx="2" />
      <path d="M2.8 8.4h14.4M5.6 12.2h3" />
    </>
  ),
  refresh: (
    <path d="M16.2 8.4A6.5 6.5 0 0 0 4.6 6.4M3.8 11.6a6.5 6.5 0 0 0 11.6 2M4.2 3.4v3.2h3.2M15.8 16.6v-3.2h-3.2" />
  ),
  copy: (
    <>
      <rect x="7" y="7" width="9.6" height="9.6" rx="1.8" />
      <path d="M13 7V5.2a1.8 1.8 0 0 0-1.8-1.8h-6a1.8 1.8 0 0 0-1.8 1.8v6A1.8 1.8 0 0 0 5.2 13H7" />
    </>
  ),
  file: (
    <>
      <path d="M5 3.2h6.2L15.4 7.4v8.2a1.2 1.2 0 0 1-1.2 1.2H5.8a1.2 1.2 0 0 1-1.2-1.2V4.4A1.2 1.2 0 0 1 5.8 3.2z" />
      <path d="M11 3.4v4.2h4.2" />
    </>
  ),
  table: (
    <>
      <rect x="3" y="4" width="14" height="12" rx="1.8" />
      <path d="M3 8h14M3 12h14M8 8v8" />
    </>
  ),
  wechat: (
    <>
      <path d="M12.6 7.6C12.3 5.3 10.2 3.6 7.6 3.6c-2.8 0-5 1.9-5 4.3 0 1.4.7 2.6 1.8 3.4l-.4 1.7 1.9-1c.5.1 1 .2 1.5.2" />
      <path d="M17.4 11.8c0-2.1-2-3.7-4.5-3.7s-4.5 1.6-4.5 3.7 2 3.7 4.5 3.7c.5 0 1-.1 1.4-.2l1.7.9-.4-1.5c1.1-.7 1.8-1.7 1.8-2.9z" />
    </>
  ),
  next: <path d="M3.8 10h12M11.2 5.4 15.8 10l-4.6 4.6" />,
  points: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="m10 6 1.2 2.8L14 10l-2.8 1.2L10 14l-1.2-2.8L6 10l2.8-1.2z" />
    </>
  ),
  home: (
    <>
      <path d="M3.4 9.2 10 3.6l6.6 5.6v6.3a1.2 1.2 0 0 1-1.2 1.2H4.6a1.2 1.2 0 0 1-1.2-1.2z" />
      <path d="M7.8 16.6v-4.2h4.4v4.2" />
    </>
  ),
  plane: (
    <path d="M17 4.1c-.9-1-2.3-.7-3.2.2l-2.3 2.3L4.7 4.9 3.5 6.1l5.6 3-2.6 2.6-2.2-.4-1 1 2.9 1.5 1.5 2.9 1-1-.4-2.2 2.6-2.6 3 5.6 1.2-1.2-1.7-6.8 2.3-2.3c.9-.9 1.7-1.7 1.3-3z" />
  ),
  columns: (
    <>
      <rect x="3" y="4" width="14" height="12" rx="1.8" />
      <path d="M7.7 4v12M12.3 4v12" />
    </>
  ),
  view: <path d="M5.6 3.4h8.8v13.2L10 13.2l-4.4 3.4z" />,
  more: <path d="M4.6 10h.01M10 10h.01M15.4 10h.01" strokeWidth="2.2" />,
  shield: (
    <>
      <path d="M10 2.9 16 5v4.6c0 3.6-2.4 6.2-6 7.5-3.6-1.3-6-3.9-6-7.5V5z" />
      <path d="m7.4 9.9 1.9 1.9 3.4-3.7" />
    </>
  ),
  pause: <path d="M7 4.6v10.8M13 4.6v10.8" />,
} satisfies Record<string, ReactElement>

export type IconName = keyof typeof drawings

export function Icon({
  name,
  size = 16,
  className,
}: {
  name: IconName
  size?: number
  className?: string | undefined
}) {
  return <LineIcon drawing={drawings[name]} size={size} className={className} />
}

/** The program's own mark: far peaks under a small sun. */
export function Mark({ size = 22 }: { size?: number }) {
  return <img src={new URL('./mark.svg', import.meta.url).href} width={size} height={size} alt="" />
}
