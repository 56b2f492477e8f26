/** What the group chooses once, who comes in, and how the program is. */
import { getRouteApi } from '@tanstack/react-router'
import { PageHead } from '../../parts/PageHead.tsx'
import { SideTabs } from '../../parts/SideTabs.tsx'
import { useMaySee } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { Access } from './Access.tsx'
import { Dictionary } from './Dictionary.tsx'
import { Group } from './Group.tsx'
import { Jobs } from './Jobs.tsx'
import { Matching } from './Matching.tsx'
import { Organisation } from './Organisation.tsx'
import { Privacy } from './Privacy.tsx'
import { Program } from './Program.tsx'
import { Roles } from './Roles.tsx'
import { Staff } from './Staff.tsx'
import { Tiers } from './Tiers.tsx'
import { Webhooks } from './Webhooks.tsx'

const route = getRouteApi('/frame/settings')

export function Settings() {
  const say = useText()
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const maySee = {
    group: useMaySee('settings.read'),
    organisation: useMaySee('organisation.read'),
    staff: useMaySee('access.staff'),
    roles: useMaySee('access.staff'),
    tiers: useMaySee('points.read'),
    access: useMaySee('access.keys'),
    webhooks: useMaySee('webhooks.read'),
    matching: [useMaySee('settings.read'), useMaySee('operations.read')].some(Boolean),
    dictionary: useMaySee('dictionary.write'),
    privacy: useMaySee('privacy.read'),
    jobs: useMaySee('operations.read'),
    program: useMaySee('operations.read'),
  }
  const tabs = [
    { key: 'group', label: say('settings.group'), children: <Group /> },
    { key: 'organisation', label: say('settings.organisation'), children: <Organisation /> },
    { key: 'staff', label: say('settings.staff'), children: <Staff /> },
    { key: 'roles', label: say('settings.roles'), children: <Roles /> },
    { key: 'tiers', label: say('settings.tiers'), children: <Tiers /> },
    { key: 'matching', label: say('settings.matching'), children: <Matching /> },
    { key: 'dictionary', label: say('settings.dictionary'), children: <Dictionary /> },
    { key: 'privacy', label: say('settings.privacy'), children: <Privacy /> },
    { key: 'access', label: say('settings.access'), children: <Access /> },
    { key: 'webhooks', label: say('settings.webhooks'), children: <Webhooks /> },
    { key: 'jobs', label: say('settings.jobs'), children: <Jobs /> },
    { key: 'program', label: say('settings.program'), children: <Program /> },
  ].filter(({ key }) => maySee[key as keyof typeof maySee])
  const first = tabs[0]?.key
  return (
    <>
      <PageHead title={say('frame.settings')} />
      <SideTabs
        label={say('frame.settings')}
        tabs={tabs}
        chosen={tab}
        onChoose={(key) => void navigate({ search: key === first ? {} : { tab: key }, replace: true })}
      />
    </>
  )
}
