/** What stands around every page: the four tabs, and on a wide page the group's name and the member's letter. */
import { type CSSProperties, type ReactNode, useEffect } from 'react'
import { Mark } from '#ui/icons.tsx'
import type { Answer } from '../parts/ask.ts'
import { Icon, type IconName } from '../parts/Icon.tsx'
import { Way } from '../parts/Way.tsx'
import { type TextKey, useText } from '../texts/texts.ts'
import css from './Frame.module.css'

const tabs: { to: string; icon: IconName; name: TextKey }[] = [
  { to: '/', icon: 'home', name: 'tab.home' },
  { to: '/points', icon: 'points', name: 'tab.points' },
  { to: '/orders', icon: 'orders', name: 'tab.orders' },
  { to: '/profile', icon: 'profile', name: 'tab.profile' },
]

export function Frame({ me, path, children }: { me: Answer<'readMe'> | undefined; path: string; children: ReactNode }) {
  const say = useText()
  const here = tabs.find(({ to }) => to === path)
  const group = me?.group.name
  useEffect(() => {
    document.title = [here && here.to !== '/' ? say(here.name) : null, group].filter(Boolean).join(' · ')
  })
  return (
    <div className={css.frame}>
      <span
        className={css.dawn}
        style={me && ({ '--dawn': `var(--tier-${me.tier.landscape}-soft)` } as CSSProperties)}
      />
      <header className={css.bar}>
        <Way to="/" className={css.logo}>
          <Mark size={32} />
          <span className="cut">{group}</span>
        </Way>
        <nav className={css.tabs} aria-label={say('frame.navigation')}>
          {tabs.map(({ to, icon, name }) => (
            <Way key={to} to={to} aria-current={to === path ? 'page' : undefined}>
              <span className={css.icon}>
                <Icon name={icon} size={24} />
              </span>
              {say(name)}
            </Way>
          ))}
        </nav>
        {me && (
          <Way to="/profile" className={css.me} aria-label={say('tab.profile')}>
            {me.name ? [...me.name][0] : <Icon name="profile" />}
          </Way>
        )}
      </header>
      <main className={css.page} data-wide={path === '/' || undefined}>
        {children}
      </main>
    </div>
  )
}
