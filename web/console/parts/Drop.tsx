/** Where a file is dropped, or chosen by the keyboard. */
import { type DragEvent, useState } from 'react'
import { Icon } from '#ui/icons.tsx'
import { useText } from '../texts/texts.ts'
import css from './Drop.module.css'

export function Drop({
  onFile,
  disabled = false,
  kinds,
}: {
  onFile: (file: File) => void
  disabled?: boolean
  /** What may be dropped, in words; spreadsheets of any size when left out. */
  kinds?: string
}) {
  const say = useText()
  const [over, setOver] = useState(false)
  const take = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer.files[0]
    if (file && !disabled) onFile(file)
  }
  return (
    <label
      className={css.drop}
      data-over={over || undefined}
      data-disabled={disabled || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={take}
    >
      <input
        type="file"
        className="spoken"
        accept=".csv,.tsv,.txt,.xlsx,.xls"
        disabled={disabled}
        onChange={({ target }) => {
          const file = target.files?.[0]
          if (file) onFile(file)
          target.value = ''
        }}
      />
      <span className={css.sign}>
        <Icon name="upload" size={22} />
      </span>
      <b>{say('drop.title')}</b>
      <span>{kinds ?? say('drop.kinds')}</span>
    </label>
  )
}
