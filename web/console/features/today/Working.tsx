/** Long work that goes on: how far it is; it may be left, and is found again here. */
import { Link } from '@tanstack/react-router'
import type { ImportView } from '#modules/imports/contract'
import { ProgressBar } from '../../parts/Bar.tsx'
import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Working.module.css'

export function Working({ imports }: { imports: readonly ImportView[] }) {
  const say = useText()
  const formats = useFormats()
  const going = imports.filter(({ progress, state }) => progress && state !== 'paused')
  if (going.length === 0) return null
  return (
    <section className={css.working}>
      <h2>
        {say('today.working')} <small>{formats.number(going.length)}</small>
      </h2>
      <ul>
        {going.map(({ id, fileName, state, progress }) => (
          <li key={id}>
            <Link to="/imports/$importId" params={{ importId: id }} className={css.name}>
              <span className="cut">{fileName}</span>
              <span>{formats.percent(progress!.of > 0 ? progress!.done / progress!.of : 0)}</span>
            </Link>
            <ProgressBar done={progress!.done} of={progress!.of} label={fileName} />
            <small>{say(`importState.${state}`)}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}
