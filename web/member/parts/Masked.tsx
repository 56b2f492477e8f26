import css from './Masked.module.css'

/** A masked value as the program gives it, its dots drawn. */
export function Masked({ value }: { value: string }) {
  const [before, after] = value.split('••••')
  if (after === undefined) return value
  return (
    <>
      {before}
      <span className={css.dots} aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </span>
      {after}
    </>
  )
}
