import { Nothing } from '../parts/State.tsx'
import { Way } from '../parts/Way.tsx'
import yangshuo from '../scenes/yangshuo.svg?url'
import { useText } from '../texts/texts.ts'
import css from './Page.module.css'

export function NoPage() {
  const say = useText()
  return (
    <>
      <h1 className={css.title}>{say('frame.noPage')}</h1>
      <Nothing scene={yangshuo} title="404">
        {location.pathname}
      </Nothing>
      <Way to="/" className={css.onward}>
        {say('frame.toHome')}
      </Way>
    </>
  )
}
