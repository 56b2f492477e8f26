import { type InputHTMLAttributes, useId } from 'react'
import css from './Field.module.css'

export function Field({
  label,
  before,
  isCode,
  ...input
}: { label: string; before?: string | null; isCode?: boolean } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      <div className={css.box}>
        {before && <span>{before}</span>}
        <input id={id} data-code={isCode || undefined} {...input} />
      </div>
    </div>
  )
}

export function Choice<V extends string>({
  label,
  name,
  options,
  value,
  onChoose,
}: {
  label: string
  name: string
  options: readonly { value: V; label: string; lang?: string }[]
  value: V | null
  onChoose: (value: V) => void
}) {
  return (
    <fieldset className={css.choice}>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} lang={option.lang}>
          <input type="radio" name={name} checked={option.value === value} onChange={() => onChoose(option.value)} />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  )
}
