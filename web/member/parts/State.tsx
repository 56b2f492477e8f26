/** What stands in a page's place: while it opens, when there is nothing yet, when it could not be opened. */
import { Problem } from '#ui/call.ts'
import { useProblem, useText } from '../texts/texts.ts'
import { Button } from './Button.tsx'
import css from './State.module.css'

/** Of the true heights, in pixels; seen only by who waits longer than a blink. */
export function Bones({ heights }: { heights: readonly number[] }) {
  const say = useText()
  return (
    <div className={css.bones} role="status" aria-label={say('loading')}>
      {heights.map((height, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they don't move
        <span key={at} style={{ height }} />
      ))}
    </div>
  )
}

export function Nothing({ scene, title, children }: { scene: string; title: string; children: string }) {
  return (
    <section className={css.state}>
      <img src={scene} alt="" />
      <div className={css.words}>
        <h2>{title}</h2>
        <p>{children}</p>
      </div>
    </section>
  )
}

export function Failed({ error, again }: { error: unknown; again: () => void }) {
  const say = useText()
  const problem = useProblem()
  return (
    <section className={css.state} role="alert">
      <div className={css.words}>
        <h2>{say('failure.title')}</h2>
        <p>{problem(error)}</p>
        {error instanceof Problem && error.requestId && (
          <small>{say('failure.number', { number: error.requestId })}</small>
        )}
        <Button look="soft" onClick={again}>
          {say('failure.again')}
        </Button>
      </div>
    </section>
  )
}
