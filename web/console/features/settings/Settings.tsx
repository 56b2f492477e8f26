/** What the group chooses once, who comes in, and how the program is. */
import { getRouteApi } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { PageHead } from '../../parts/PageHead.tsx'
import { useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { Access } from './Access.tsx'
import { Group } from './Group.tsx'
import { Privacy } from './Privacy.tsx'
import { Program } from './Program.tsx'
import css from './Settings.module.css'

const route = getRouteApi('/frame/settings')

export function Settings() {
  const say = useText()
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const maySee = {
    group: useMay('settings.read'),
    access: useMay('access.keys'),
    program: useMay('operations.read'),
    privacy: useMay('privacy.read'),
  }
  const tabs = [
    { key: 'group', label: say('settings.group'), children: <Group /> },
    { key: 'privacy', label: say('settings.privacy'), children: <Privacy /> },
    { key: 'access', label: say('settings.access'), children: <Access /> },
    { key: 'program', label: say('settings.program'), children: <Program /> },
  ].filter(({ key }) => maySee[key as keyof typeof maySee])
  const first = tabs[0]?.key
  return (
    <>
      <PageHead title={say('frame.settings')} />
      <Tabs
        className={css.tabs ?? ''}
        activeKey={tabs.some(({ key }) => key === tab) ? tab! : (first ?? '')}
        onChange={(key) => void navigate({ search: key === first ? {} : { tab: key }, replace: true })}
        items={tabs}
      />
    </>
  )
}
