import css from './Switch.module.css'

/** On or off, at once. The words beside it name it and say what it means. */
export function Switch({
  isOn,
  labelledBy,
  describedBy,
  disabled,
  onTurn,
}: {
  isOn: boolean
  labelledBy: string
  describedBy?: string
  disabled: boolean
  onTurn: () => void
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      className={css.switch}
      disabled={disabled}
      onClick={onTurn}
    >
      <i />
    </button>
  )
}
