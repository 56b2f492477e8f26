/** What stands around every page: areas in the order of the work, search, and who is signed in. */
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { App, ConfigProvider, Dropdown, type MenuProps } from 'antd'
import type { Locale } from 'antd/es/locale'
import { useEffect, useMemo, useState } from 'react'
import { signOut } from '#modules/access/contract'
import { useAppearance } from '#ui/appearance.ts'
import { call } from '#ui/call.ts'
import { Icon, type IconName, Mark } from '#ui/icons.tsx'
import { keepLanguage, type Language, languageNames, languages } from '#ui/languages.ts'
import { nonce } from '#ui/nonce.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { NotPermitted } from '../parts/NotPermitted.tsx'
import { PageHead } from '../parts/PageHead.tsx'
import { holds, type Permission, useSession } from '../parts/session.ts'
import { phone, useMedia } from '../parts/useMedia.ts'
import { speak, useLanguage, useText } from '../texts/texts.ts'
import { DemoBanner } from './DemoBanner.tsx'
import css from './Frame.module.css'
import { Jump } from './Jump.tsx'
import { LookingBar } from './LookingBar.tsx'
import { PasswordBanner } from './PasswordBanner.tsx'
import { ProveAgain } from './ProveAgain.tsx'
import { StartBanner } from './StartBanner.tsx'
import { themeOf } from './theme.ts'
import { useOpenView, Views } from './Views.tsx'

export interface Area {
  to: '/today' | '/members' | '/points' | '/channels' | '/imports' | '/exports' | '/audit' | '/settings'
  icon: IconName
  name:
    | 'frame.today'
    | 'frame.members'
    | 'frame.points'
    | 'frame.channels'
    | 'frame.imports'
    | 'frame.exports'
    | 'frame.audit'
    | 'frame.settings'
  /** One of them is enough. */
  needs: Permission | readonly Permission[]
}

export const areas: readonly Area[] = [
  { to: '/today', icon: 'clock', name: 'frame.today', needs: 'members.read' },
  { to: '/members', icon: 'members', name: 'frame.members', needs: 'members.read' },
  { to: '/points', icon: 'points', name: 'frame.points', needs: 'points.read' },
  { to: '/channels', icon: 'home', name: 'frame.channels', needs: 'channels.read' },
  { to: '/imports', icon: 'upload', name: 'frame.imports', needs: 'imports.read' },
  { to: '/exports', icon: 'download', name: 'frame.exports', needs: ['members.export', 'exports.approve'] },
  { to: '/audit', icon: 'shield', name: 'frame.audit', needs: 'audit.read' },
  {
    to: '/settings',
    icon: 'settings',
    name: 'frame.settings',
    needs: [
      'settings.read',
      'access.staff',
      'access.keys',
      'operations.read',
      'privacy.read',
      'webhooks.read',
      'dictionary.write',
    ],
  },
]

/** Areas, or areas and the rest of them, that a phone has room for beside search and person. */
const most = 4

const componentTexts: Record<Language, () => Promise<{ default: Locale }>> = {
  'zh-CN': () => import('antd/es/locale/zh_CN'),
  en: () => import('antd/es/locale/en_US'),
  ru: () => import('antd/es/locale/ru_RU'),
}

export function Frame() {
  const language = useLanguage()
  const [appearance] = useAppearance()
  const [locale, setLocale] = useState<Locale>()
  useEffect(() => {
    void componentTexts[language]().then(({ default: texts }) => setLocale(texts))
  }, [language])
  const theme = useMemo(() => themeOf(appearance), [appearance])
  // Given its texts later, the provider would build everything below it a second time, and forget what was typed.
  if (!locale) return null
  return (
    <ConfigProvider theme={theme} locale={locale} csp={{ nonce }} button={{ autoInsertSpace: false }}>
      <App className={css.frame ?? ''}>
        <Sides />
        <ProveAgain />
      </App>
    </ConfigProvider>
  )
}

function Sides() {
  const say = useText()
  const session = useSession()
  const { group } = session
  // The group wants a second factor of them before anything else.
  const enrolling = session.asks === 'second_factor'
  const [jumping, setJumping] = useState(false)
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (enrolling || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      setJumping(true)
    }
    addEventListener('keydown', open)
    return () => removeEventListener('keydown', open)
  }, [enrolling])
  const mayOpen = ({ needs }: Area) => [needs].flat().some((permission) => holds(session, permission))
  const allowed = enrolling ? [] : areas.filter(mayOpen)
  const mayRead = holds(session, 'members.read') && !enrolling
  const inView = useOpenView() !== undefined
  const isPhone = useMedia(phone)
  const [front, rest] =
    isPhone && allowed.length > most ? [allowed.slice(0, most - 1), allowed.slice(most - 1)] : [allowed, []]
  const here = useRouterState({ select: ({ location }) => location.pathname })
  const area = areas.find(({ to }) => here.startsWith(to))
  return (
    <>
      <a href="#page" className={css.skip}>
        {say('frame.skip')}
      </a>
      <nav className={css.nav} aria-label={say('frame.areas')}>
        <div className={css.group}>
          <Mark />
          <span className="cut">{group.name}</span>
        </div>
        {!enrolling && (
          <button type="button" className={css.find} onClick={() => setJumping(true)} aria-keyshortcuts="Control+K">
            <Icon name="search" size={15} />
            <span className="cut">{say('frame.find')}</span>
            <kbd>Ctrl K</kbd>
          </button>
        )}
        {front.map(({ to, icon, name }) => (
          <Link
            key={to}
            to={to}
            className={css.area}
            title={say(name)}
            data-here={(here.startsWith(to) && !inView) || undefined}
          >
            <Icon name={icon} size={17} />
            <span>{say(name)}</span>
          </Link>
        ))}
        {rest.length > 0 && <More areas={rest} here={area} />}
        {mayRead && <Views />}
        <Me />
      </nav>
      <main id="page" className={css.page} tabIndex={-1}>
        <LookingBar />
        {!enrolling && (
          <>
            <DemoBanner />
            <PasswordBanner />
            <StartBanner />
          </>
        )}
        {area && !mayOpen(area) ? (
          <>
            <PageHead title={say(area.name)} />
            <NotPermitted />
          </>
        ) : (
          <Outlet />
        )}
      </main>
      {jumping && <Jump areas={allowed} onClose={() => setJumping(false)} />}
    </>
  )
}

/** Areas that have no room below a phone's page. */
function More({ areas: rest, here }: { areas: readonly Area[]; here: Area | undefined }) {
  const say = useText()
  const navigate = useNavigate()
  const open = rest.find((area) => area === here)
  const menu: MenuProps = {
    items: rest.map(({ to, icon, name }) => ({ key: to, label: say(name), icon: <Icon name={icon} size={17} /> })),
    selectedKeys: open ? [open.to] : [],
    onClick: ({ key }) => void navigate({ to: key as Area['to'] }),
  }
  return (
    <Dropdown menu={menu} trigger={['click']} placement="top">
      <button type="button" className={css.area} data-here={open !== undefined || undefined}>
        <Icon name={open?.icon ?? 'more'} size={17} />
        <span>{say(open?.name ?? 'frame.more')}</span>
      </button>
    </Dropdown>
  )
}

function Me() {
  const say = useText()
  const language = useLanguage()
  const { name: givenName, roles } = useSession()
  const name = say.code('ownName', givenName) ?? givenName
  const roleName = roles[0] ? (roles[0].roleName ?? say.code('role', roles[0].role) ?? roles[0].role) : name
  const [appearance, setAppearance] = useAppearance()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const other = appearance === 'dark' ? 'light' : 'dark'

  const leave = async () => {
    try {
      await call(signOut, {})
    } catch {
      void message.error(say('frame.stillIn'))
      return
    }
    await navigate({ to: '/sign-in' })
    queries.clear()
  }
  const menu: MenuProps = {
    items: [
      {
        type: 'group',
        label: say('frame.language'),
        children: languages.map((each) => ({
          key: each,
          label: <span lang={each}>{languageNames[each]}</span>,
          icon: each === language ? <Icon name="check" size={14} /> : <span className={css.noSign} />,
        })),
      },
      { type: 'divider' },
      {
        key: 'appearance',
        label: say(other === 'dark' ? 'frame.dark' : 'frame.light'),
        icon: <Icon name={other === 'dark' ? 'moon' : 'sun'} size={14} />,
      },
      { type: 'divider' },
      { key: 'account', label: say('account.title'), icon: <Icon name="user" size={14} /> },
      { key: 'leave', label: say('frame.signOut'), icon: <Icon name="next" size={14} /> },
    ],
    onClick: ({ key }) => {
      if (key === 'leave') void leave()
      else if (key === 'account') void navigate({ to: '/account' })
      else if (key === 'appearance') setAppearance(other)
      else {
        keepLanguage(key as Language)
        void speak(key as Language)
      }
    },
  }
  return (
    <div className={css.me}>
      <Dropdown menu={menu} trigger={['click']} placement="topLeft">
        <button type="button" className={css.person}>
          <Avatar name={name} of={name} staff size={26} />
          <span className={css.who}>
            <span className="cut">{name}</span>
            {roleName !== name && <small className="cut">{roleName}</small>}
            <span className="spoken">{say('frame.me')}</span>
          </span>
        </button>
      </Dropdown>
      <button
        type="button"
        className={css.appearance}
        onClick={() => setAppearance(other)}
        aria-label={say(other === 'dark' ? 'frame.dark' : 'frame.light')}
        title={say(other === 'dark' ? 'frame.dark' : 'frame.light')}
      >
        <Icon name={other === 'dark' ? 'moon' : 'sun'} />
      </button>
    </div>
  )
}
