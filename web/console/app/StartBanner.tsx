/** Above the pages that a step opens: which step it is, and the way back to the guide. */
import { Link, useRouterState } from '@tanstack/react-router'
import { numberAtHand, useFirstSteps } from '../parts/firstSteps.ts'
import { useText } from '../texts/texts.ts'
import css from './StartBanner.module.css'

export function StartBanner() {
  const say = useText()
  const { wanted } = useFirstSteps()
  const here = useRouterState({ select: ({ location }) => location.pathname })
  if (!wanted || here === '/today' || here === '/start') return null
  const number = numberAtHand(wanted)
  return (
    <aside className={css.banner} aria-label={say('start.title')}>
      <span className={css.number}>{say('start.stepOf', { n: number, of: wanted.steps.length })}</span>
      <span className={css.step}>{say(`startStep.${wanted.steps[number - 1]!.step}`)}</span>
      <Link to="/start">{say('start.back')}</Link>
    </aside>
  )
}
