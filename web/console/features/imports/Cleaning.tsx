import type { ImportView } from '#modules/imports/contract'
import { useText } from '../../texts/texts.ts'
import css from './Cleaning.module.css'
import { Progress } from './Progress.tsx'

/** While the whole file is cleaned and compared. */
export function Cleaning({ one }: { one: ImportView }) {
  const say = useText()
  return (
    <div className={css.cleaning}>
      <h2>{say('cleaning.title')}</h2>
      <Progress one={one} />
      <p>{say('cleaning.why')}</p>
    </div>
  )
}
