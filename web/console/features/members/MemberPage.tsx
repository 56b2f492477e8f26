/** One member: who it is and from which records, what happened, and what to do next. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, Tabs } from 'antd'
import { type ReactNode, useState } from 'react'
import { memberPage } from '#modules/desk/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useMedia } from '../../parts/useMedia.ts'
import { useText } from '../../texts/texts.ts'
import { AdjustPoints } from './AdjustPoints.tsx'
import { Family } from './Family.tsx'
import { Identity } from './Identity.tsx'
import { JoinMember } from './JoinMember.tsx'
import { Looks } from './Looks.tsx'
import css from './MemberPage.module.css'
import { NextSteps } from './NextSteps.tsx'
import { Orders } from './Orders.tsx'
import { Points } from './Points.tsx'
import { Privacy } from './Privacy.tsx'
import { Records } from './Records.tsx'
import { Relations } from './Relations.tsx'
import { Timeline } from './Timeline.tsx'

const route = getRouteApi('/frame/members/$memberId')

export type MemberPageData = Output<typeof memberPage>

export function MemberPage() {
  const { memberId } = route.useParams()
  const member = useQuery(reading(memberPage, { memberId }))
  if (member.isError && !member.data) {
    return (
      <>
        <Head title="" />
        <Failure error={member.error} onRetry={() => void member.refetch()} />
      </>
    )
  }
  // Another member of the pool starts with dialogs closed and fields empty.
  return member.data ? <Member key={memberId} memberId={memberId} page={member.data} /> : <Waiting />
}

function Head({ title, actions }: { title: string; actions?: ReactNode }) {
  const say = useText()
  return <PageHead trail={[{ label: say('frame.members'), to: '/members' }]} title={title} actions={actions} />
}

function Member({ memberId, page }: { memberId: string; page: MemberPageData }) {
  const say = useText()
  const formats = useFormats()
  const { tab = 'timeline' } = route.useSearch()
  const navigate = route.useNavigate()
  const narrow = useMedia('(max-width: 1199px)')
  const mayJoin = useMay('members.join')
  const maySeePrivacy = useMaySee('privacy.consent')
  const mayAdjust = useMay('points.adjust')
  const [joining, setJoining] = useState<{ otherId: string | null } | null>(null)
  const [adjusting, setAdjusting] = useState(false)
  const { person, orders, points } = page

  const next = (
    <>
      <NextSteps page={page} onJoin={mayJoin ? (otherId) => setJoining({ otherId }) : null} />
      <Family memberId={memberId} page={page} />
      <Looks memberId={memberId} />
    </>
  )
  const tabs = [
    { key: 'timeline', label: say('member.timeline'), children: <Timeline memberId={memberId} page={page} /> },
    ...(orders
      ? [
          {
            key: 'orders',
            label: <Counted label={say('member.orders')} count={formats.number(orders.count)} />,
            children: <Orders memberId={memberId} orders={orders} />,
          },
        ]
      : []),
    ...(points ? [{ key: 'points', label: say('member.points'), children: <Points memberId={memberId} /> }] : []),
    ...(maySeePrivacy
      ? [{ key: 'privacy', label: say('member.privacy'), children: <Privacy memberId={memberId} /> }]
      : []),
    ...(narrow
      ? [
          {
            key: 'next',
            label: <Counted label={say('member.next')} count={formats.number(person.reviews.length)} />,
            children: <div className={css.tabbed}>{next}</div>,
          },
        ]
      : []),
  ]
  return (
    <>
      <Head
        title={person.name ?? say('members.unnamed')}
        actions={
          <>
            {mayJoin && (
              <Button icon={<Icon name="merge" size={15} />} onClick={() => setJoining({ otherId: null })}>
                {say('member.join')}
              </Button>
            )}
            {mayAdjust && points && (
              <Button icon={<Icon name="points" size={15} />} onClick={() => setAdjusting(true)}>
                {say('member.adjust')}
              </Button>
            )}
          </>
        }
      />
      <div className={css.member}>
        <aside className={css.side} aria-label={say('member.who')}>
          <Identity page={page} memberId={memberId} />
          <Relations memberId={memberId} relations={page.relations} />
          <Records memberId={memberId} person={person} />
        </aside>
        <Tabs
          className={css.middle ?? ''}
          activeKey={tabs.some(({ key }) => key === tab) ? tab : 'timeline'}
          onChange={(key) => void navigate({ search: key === 'timeline' ? {} : { tab: key }, replace: true })}
          items={tabs}
        />
        {!narrow && (
          <aside className={css.next} aria-label={say('member.next')}>
            {next}
          </aside>
        )}
      </div>
      {joining && <JoinMember member={person} otherId={joining.otherId} onClose={() => setJoining(null)} />}
      {adjusting && points && <AdjustPoints memberId={memberId} points={points} onClose={() => setAdjusting(false)} />}
    </>
  )
}

function Counted({ label, count }: { label: string; count: string }) {
  return (
    <>
      {label} <small className={css.count}>{count}</small>
    </>
  )
}

function Waiting() {
  return (
    <>
      <Head title=" " />
      <div className={css.member} aria-busy="true">
        <div className={css.side}>
          <div className={css.waiting}>
            <Skeleton width={44} height={44} round />
            <Skeleton width={140} height={24} />
          </div>
          <Skeleton height={98} />
          {[1, 2, 3, 4].map((row) => (
            <div key={row} className={css.waiting}>
              <Skeleton width={60} />
              <Skeleton width={120} />
            </div>
          ))}
        </div>
        <div className={css.middle}>
          {[1, 2, 3, 4, 5, 6].map((row) => (
            <div key={row} className={css.waiting}>
              <Skeleton width={36} />
              <Skeleton width={22} height={22} round />
              <Skeleton width="60%" />
            </div>
          ))}
        </div>
      </div>
    </>
  )
}
