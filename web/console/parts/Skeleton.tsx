import css from './Skeleton.module.css'

/** A grey shape of the true height of what is coming. Shown only after a moment, so that quick answers don't flicker. */
export function Skeleton({
  width = '100%',
  height = 12,
  round = false,
}: {
  width?: number | string
  height?: number
  round?: boolean
}) {
  return <span className={css.skeleton} style={{ width, height, borderRadius: round ? '50%' : 4 }} aria-hidden="true" />
}
