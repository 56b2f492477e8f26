import css from './Avatar.module.css'

/** Members are round, staff are square; the tint is steady for an id. */
export function Avatar({
  name,
  of,
  staff = false,
  size = 24,
}: {
  name: string | null
  of: string
  staff?: boolean
  size?: number
}) {
  const letter = name ? [...name.trim()][0]?.toLocaleUpperCase() : null
  const tint = [...of].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 6, 0) + 1
  return (
    <span
      className={[css.avatar, staff ? css.staff : '', letter ? '' : css.nobody].join(' ')}
      style={{
        width: size,
        height: size,
        fontSize: Math.round(size * 0.42),
        ['--tint' as string]: `var(--chart-${tint})`,
      }}
      data-letter={letter ?? ''}
      aria-hidden="true"
    />
  )
}
