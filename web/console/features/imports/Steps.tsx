import { Icon } from '#ui/icons.tsx'
import { useText } from '../../texts/texts.ts'
import css from './Steps.module.css'
import { type Step, steps } from './states.ts'

/** Where an import stands on its way. */
export function Steps({ now, finished = false }: { now: Step; finished?: boolean }) {
  const say = useText()
  const at = steps.indexOf(now)
  return (
    <ol className={css.steps} aria-label={say('steps.name')}>
      {steps.map((step, index) => {
        const done = index < at || (finished && index === at)
        return (
          <li
            key={step}
            data-done={done || undefined}
            data-now={index === at || undefined}
            aria-current={index === at ? 'step' : undefined}
          >
            <i>{done ? <Icon name="check" size={12} /> : index + 1}</i>
            <span>{say(`steps.${step}`)}</span>
          </li>
        )
      })}
    </ol>
  )
}
