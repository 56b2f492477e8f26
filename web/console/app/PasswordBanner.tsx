/** On the first page, to whoever came by a link: with a password they come back without another one. */
import { Link, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { useSession } from '../parts/session.ts'
import { useText } from '../texts/texts.ts'
import css from './PasswordBanner.module.css'

const later = 'roundtrip.passwordLater'

export function PasswordBanner() {
  const say = useText()
  const { asks } = useSession()
  const here = useRouterState({ select: ({ location }) => location.pathname })
  const [put, setPut] = useState(() => sessionStorage.getItem(later) !== null)
  if (asks !== 'password' || put || here !== '/today') return null
  return (
    <aside className={css.banner} aria-label={say('account.password')}>
      <span>{say('account.passwordAsked')}</span>
      <Link to="/account">{say('account.setPassword')}</Link>
      <button
        type="button"
        onClick={() => {
          sessionStorage.setItem(later, '1')
          setPut(true)
        }}
      >
        {say('account.later')}
      </button>
    </aside>
  )
}
