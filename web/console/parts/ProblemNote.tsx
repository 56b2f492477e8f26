import { useText } from '../texts/texts.ts'
import { AnswerNumber } from './Failure.tsx'
import css from './ProblemNote.module.css'
import { problemText } from './problems.ts'

/** What was refused, beside the button that asked. */
export function ProblemNote({ error }: { error: unknown }) {
  const say = useText()
  if (!error) return null
  return (
    <div role="alert" className={css.note}>
      {problemText(say, error)}
      <AnswerNumber error={error} />
    </div>
  )
}
