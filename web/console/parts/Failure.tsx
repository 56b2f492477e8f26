/** What could not be shown: what happened, what to do, and the number that finds it in the logs. */
import { Problem } from '#ui/call.ts'
import { useCopy } from '#ui/copy.ts'
import { Icon } from '#ui/icons.tsx'
import { useText } from '../texts/texts.ts'
import css from './Failure.module.css'
import { problemText } from './problems.ts'

export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const say = useText()
  return (
    <div role="alert" className={css.failure}>
      <span className={css.sign}>
        <Icon name="alert" size={20} />
      </span>
      <div>
        <b>{say('failure.title')}</b>
        <p>{problemText(say, error)}</p>
        <button type="button" className={css.again} onClick={onRetry}>
          <Icon name="refresh" size={15} />
          {say('failure.again')}
        </button>
        <AnswerNumber error={error} />
      </div>
    </div>
  )
}

export function AnswerNumber({ error }: { error: unknown }) {
  const say = useText()
  const requestId = error instanceof Problem ? error.requestId : null
  const { copied, copy } = useCopy(requestId ?? '')
  if (requestId === null) return null
  return (
    <small className={css.number}>
      {say('failure.number')} <code>{requestId}</code>
      <button type="button" className={css.copy} onClick={copy}>
        {copied ? say('copied') : say('copy')}
      </button>
    </small>
  )
}
