/** Own views, below the areas: each opens its list as it was kept. Where the areas are icons, one icon opens them all. */
import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import { Dropdown } from 'antd'
import { Icon } from '#ui/icons.tsx'
import { addressOf, type ListAddress, useViews } from '../features/members/views.ts'
import { useText } from '../texts/texts.ts'
import css from './Views.module.css'

/** Id of the own view that stands open. */
export function useOpenView(): string | undefined {
  const views = useViews()
  const asked = useRouterState({
    select: ({ location }) => (location.pathname === '/members' ? (location.search as ListAddress).view : undefined),
  })
  return views.find(({ id }) => id === asked)?.id
}

export function Views() {
  const say = useText()
  const navigate = useNavigate()
  const views = useViews()
  const open = useOpenView()
  if (views.length === 0) return null
  return (
    <>
      <section className={css.views} aria-label={say('views.mine')}>
        <h2>{say('views.mine')}</h2>
        <ul>
          {views.map((view) => (
            <li key={view.id}>
              <Link
                to="/members"
                search={addressOf(view)}
                // Of several addresses on one page the router would call all the same current.
                activeProps={{ 'aria-current': undefined }}
                {...(view.id === open ? { 'aria-current': 'page' as const, 'data-here': true } : {})}
                className={css.view}
                title={view.name}
              >
                <i />
                <span className="cut">{view.name}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <Dropdown
        trigger={['click']}
        placement="topLeft"
        menu={{
          items: views.map(({ id, name }) => ({
            key: id,
            label: name,
            icon: id === open ? <Icon name="check" size={14} /> : <span className={css.noSign} />,
          })),
          onClick: ({ key }) => {
            const view = views.find(({ id }) => id === key)
            if (view) void navigate({ to: '/members', search: addressOf(view) })
          },
        }}
      >
        <button type="button" className={css.all} title={say('views.mine')} aria-label={say('views.mine')}>
          <Icon name="view" size={17} />
        </button>
      </Dropdown>
    </>
  )
}
