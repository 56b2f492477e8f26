import { Fragment } from 'react'
import { useText } from '../texts/texts.ts'
import css from './Masked.module.css'

/** A value whose hidden part shows its shape: four drawn dots, whatever its length was. */
export function Masked({ value }: { value: string }) {
  const say = useText()
  const parts = value.split(/[*•●·]+/)
  return (
    <span className={css.masked}>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts don't move
        <Fragment key={at}>
          {at > 0 && (
            <i className={css.dots}>
              <span className="spoken">{say('masked')}</span>
            </i>
          )}
          {part.trim()}
        </Fragment>
      ))}
    </span>
  )
}
