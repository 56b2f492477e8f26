/** A work list, not a poster: what waits for a person, in the order of urgency, and the numbers of the week beside it. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { listReactions } from '#app/contract'
import { listChannels } from '#modules/channels/contract'
import { readToday } from '#modules/desk/contract'
import { type ImportView, listImports } from '#modules/imports/contract'
import { listRecipients } from '#modules/privacy/contract'
import { listWebhooks } from '#modules/webhooks/contract'
import type { Output } from '#ui/call.ts'
import { Icon, type IconName } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { useFirstSteps } from '../../parts/firstSteps.ts'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { isLate } from '../../parts/reactions.ts'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { Compared } from './Compared.tsx'
import { FirstSteps } from './FirstSteps.tsx'
import css from './Today.module.css'
import { Week } from './Week.tsx'
import { Working } from './Working.tsx'

export type TodayData = Output<typeof readToday>

const refreshed = 60_000

const waitsForPerson = ({ state }: ImportView) =>
  state === 'mapping' || state === 'staged' || state === 'paused' || state === 'failed'

export function Today() {
  const say = useText()
  const formats = useFormats()
  const mayImport = useMay('imports.write')
  const mayOperate = useMaySee('operations.read')
  const maySeeImports = useMaySee('imports.read')
  const mayDecide = useMaySee('members.join')
  const mayWrite = useMay('members.write')
  const today = useQuery({ ...reading(readToday, {}), refetchInterval: refreshed })
  const imports = useQuery({ ...reading(listImports, { limit: 50 }), refetchInterval: 5_000, enabled: maySeeImports })
  const reactions = useQuery({ ...reading(listReactions, {}), refetchInterval: refreshed, enabled: mayOperate })
  const channels = useQuery({ ...reading(listChannels, {}), staleTime: 60_000, enabled: useMaySee('channels.read') })
  const hooks = useQuery({
    ...reading(listWebhooks, {}),
    refetchInterval: refreshed,
    enabled: useMaySee('webhooks.read'),
  })
  const register = useQuery({
    ...reading(listRecipients, {}),
    refetchInterval: refreshed,
    enabled: useMaySee('privacy.read'),
  })
  const { wanted: guide } = useFirstSteps()
  const channelNames = new Map(channels.data?.channels.map(({ code, name }) => [code, name]))
  const title = say('frame.today')
  if (today.isError && !today.data) {
    return (
      <>
        <PageHead title={title} />
        <Failure error={today.error} onRetry={() => void today.refetch()} />
      </>
    )
  }
  const { date } = formats.day(today.data?.now ?? new Date().toISOString())
  const groups = today.data
    ? [
        ...machineGroup(say, formats, today.data),
        ...parkedGroup(say, formats, reactions.data),
        ...hookGroup(say, formats, hooks.data),
        ...recipientGroup(say, formats, register.data),
        ...(mayDecide ? reviewGroup(say, formats, today.data) : []),
        ...(mayWrite ? familyGroup(say, formats, today.data) : []),
        ...(mayImport ? importGroup(say, formats, imports.data?.imports ?? []) : []),
        ...refundGroup(say, formats, today.data, channelNames),
        ...expiryGroup(say, formats, today.data),
      ]
    : []
  const nobody = today.data?.members.persons === 0
  return (
    <>
      <PageHead title={title} state={date} />
      <div className={css.today}>
        <div className={css.list}>
          {guide && <FirstSteps guide={guide} />}
          {today.isPending ? (
            <Waiting />
          ) : groups.length > 0 ? (
            groups.map((group) => <Group key={group.title} {...group} />)
          ) : guide ? null : nobody ? (
            <Empty
              icon="upload"
              title={mayImport ? say('today.emptyTitle') : say('members.noneYetTitle')}
              action={
                mayImport && (
                  <LinkButton to="/imports/new" primary icon={<Icon name="upload" size={15} />}>
                    {say('imports.new')}
                  </LinkButton>
                )
              }
            >
              {mayImport ? say('today.empty') : say('members.noneYet')}
            </Empty>
          ) : (
            <Empty icon="check" title={say('today.doneTitle')}>
              {say('today.done')}
            </Empty>
          )}
        </div>
        <aside className={css.side} aria-label={say('today.week')}>
          <Week today={today.data} />
          <Compared />
          <Working imports={imports.data?.imports ?? []} />
        </aside>
      </div>
    </>
  )
}

type Say = ReturnType<typeof useText>
type Formats = ReturnType<typeof useFormats>

interface RowData {
  key: string
  mark: ReactNode
  who: string
  what: ReactNode
  signal: ReactNode
  due: ReactNode
  action: ReactNode
}

interface GroupData {
  icon: IconName
  title: string
  count: string
  hint: string
  rows: RowData[]
  /** To where all of them are worked through. */
  all?: ReactNode
}

function Group({ icon, title, count, hint, rows, all }: GroupData) {
  return (
    <section className={css.group}>
      <h2>
        <Icon name={icon} size={16} />
        <span>{title}</span>
        <small>{count}</small>
        <small className="cut">{hint}</small>
        {all}
      </h2>
      <ul>
        {rows.map(({ key, mark, who, what, signal, due, action }) => (
          <li key={key} className={css.row}>
            <span className={css.mark}>{mark}</span>
            <b className="cut">{who}</b>
            <span className={`cut ${css.what}`}>{what}</span>
            <span className={css.signal}>{signal}</span>
            <span className={css.due}>{due}</span>
            <span className={css.act}>{action}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function machineGroup(say: Say, formats: Formats, { warnings }: TodayData): GroupData[] {
  if (warnings.length === 0) return []
  return [
    {
      icon: 'alert',
      title: say('today.machine'),
      count: formats.number(warnings.length),
      hint: say('today.machineHint'),
      rows: warnings.map(({ code }) => ({
        key: code,
        mark: <Sign icon="alert" />,
        who: say.code('machine', code) ?? code,
        what: say.code('machineWhat', code) ?? '',
        signal: <Chip tone="red">{say('today.soon')}</Chip>,
        due: '',
        action: null,
      })),
    },
  ]
}

function parkedGroup(say: Say, formats: Formats, data: Output<typeof listReactions> | undefined): GroupData[] {
  const unwell = (data?.reactions ?? []).filter((one) => one.parked > 0 || isLate(one))
  if (unwell.length === 0) return []
  return [
    {
      icon: 'alert',
      title: say('today.parked'),
      count: formats.number(unwell.length),
      hint: say('today.parkedHint'),
      rows: unwell.map(({ reaction, parked, lagMilliseconds, lastError }) => ({
        key: reaction,
        mark: <Sign icon="alert" />,
        who: say.code('reaction', reaction) ?? reaction,
        what: lastError ?? '',
        signal: parked > 0 ? <Chip tone="red">{say('today.parkedCount', { count: parked })}</Chip> : null,
        due: isLate({ lagMilliseconds }) ? say('today.behind', { time: formats.duration(lagMilliseconds / 1000) }) : '',
        action: (
          <LinkButton to="/settings" search={{ tab: 'program' }} size="small">
            {say('today.look')}
          </LinkButton>
        ),
      })),
    },
  ]
}

/** Those that stand still by themselves; whoever paused one by hand knows. */
function hookGroup(say: Say, formats: Formats, data: Output<typeof listWebhooks> | undefined): GroupData[] {
  const still = (data?.endpoints ?? []).filter(
    ({ state, pauseReason }) => state === 'paused' && pauseReason !== 'by_hand',
  )
  if (still.length === 0) return []
  return [
    {
      icon: 'alert',
      title: say('today.hooks'),
      count: formats.number(still.length),
      hint: say('today.hooksHint'),
      rows: still.map(({ id, name, pauseReason, pausedAt, waiting }) => ({
        key: id,
        mark: <Sign icon="alert" />,
        who: name,
        what: pauseReason && say(`hookPause.${pauseReason}`),
        signal: <Chip tone="red">{say('hooks.waiting', { n: formats.number(waiting) })}</Chip>,
        due: pausedAt ? formats.ago(pausedAt) : '',
        action: (
          <LinkButton to="/settings" search={{ tab: 'webhooks' }} size="small">
            {say('today.look')}
          </LinkButton>
        ),
      })),
    },
  ]
}

function recipientGroup(say: Say, formats: Formats, data: Output<typeof listRecipients> | undefined): GroupData[] {
  const ending = (data?.recipients ?? []).filter(({ state }) => state === 'soon' || state === 'over')
  const misses = data?.missing.includes('sms') ?? false
  if (ending.length === 0 && !misses) return []
  const action = (
    <LinkButton to="/settings" search={{ tab: 'privacy' }} size="small">
      {say('today.look')}
    </LinkButton>
  )
  return [
    {
      icon: 'shield',
      title: say('today.recipients'),
      count: formats.number(ending.length + (misses ? 1 : 0)),
      hint: say('today.recipientsHint'),
      rows: [
        ...(misses
          ? [
              {
                key: 'sms',
                mark: <Sign icon="shield" />,
                who: say('today.noSmsRecipient'),
                what: say('today.noSmsWhat'),
                signal: null,
                due: '',
                action,
              },
            ]
          : []),
        ...ending.map(({ id, name, agreement, agreementUntil, state }) => ({
          key: id,
          mark: <Sign icon="shield" />,
          who: name,
          what: agreement,
          signal: <Chip tone={state === 'over' ? 'red' : 'amber'}>{say(`agreementState.${state}`)}</Chip>,
          due: agreementUntil ? formats.calendarDate(agreementUntil) : '',
          action,
        })),
      ],
    },
  ]
}

function reviewGroup(say: Say, formats: Formats, { reviews }: TodayData): GroupData[] {
  if (reviews.count === 0) return []
  const nameOf = (name: string | null | undefined) => name ?? say('members.unnamed')
  return [
    {
      icon: 'merge',
      title: say('today.reviews'),
      count: reviews.more ? say('today.more', { n: formats.number(reviews.count) }) : formats.number(reviews.count),
      hint: say('today.reviewsHint'),
      all: (
        <Link to="/members/reviews" className={css.all}>
          {say('today.decideAll')}
        </Link>
      ),
      rows: reviews.newest.map(({ members: [one, two], kind, reason, foundAt }) => ({
        key: `${one!.id} ${two!.id} ${kind}`,
        mark: <Avatar name={nameOf(one?.name)} of={one!.id} size={24} />,
        who: nameOf(one?.name),
        what: say('today.reviewWith', {
          name: nameOf(two?.name),
          evidence: say.code('evidence', kind.split('@')[0] ?? kind) ?? kind,
        }),
        signal: <Chip tone="amber">{say.code('review', reason) ?? reason}</Chip>,
        due: formats.ago(foundAt),
        action: (
          <LinkButton to="/members/reviews" search={{ member: one!.id }} size="small">
            {say('today.decide')}
          </LinkButton>
        ),
      })),
    },
  ]
}

function familyGroup(say: Say, formats: Formats, { families }: TodayData): GroupData[] {
  if (families.count === 0) return []
  const count = families.more
    ? say('today.more', { n: formats.number(families.count) })
    : formats.number(families.count)
  return [
    {
      icon: 'members',
      title: say('families.title'),
      count,
      hint: say('today.familiesHint'),
      rows: [
        {
          key: 'families',
          mark: <Sign icon="members" />,
          who: say('today.families'),
          what: say('today.familiesWhat'),
          signal: null,
          due: '',
          action: (
            <LinkButton to="/members/families" size="small">
              {say('today.decide')}
            </LinkButton>
          ),
        },
      ],
    },
  ]
}

function importGroup(say: Say, formats: Formats, imports: readonly ImportView[]): GroupData[] {
  const waiting = imports.filter(waitsForPerson)
  if (waiting.length === 0) return []
  return [
    {
      icon: 'upload',
      title: say('today.imports'),
      count: formats.number(waiting.length),
      hint: say('today.importsHint'),
      rows: waiting.slice(0, 5).map(({ id, fileName, channel, state, counts, createdAt }) => ({
        key: id,
        mark: <Sign icon="upload" />,
        who: fileName,
        what: counts ? `${channel.name} · ${say('imports.rows', { count: counts.rows })}` : channel.name,
        signal: <Chip tone={state === 'failed' ? 'red' : 'amber'}>{say(`importState.${state}`)}</Chip>,
        due: formats.ago(createdAt),
        action: (
          <LinkButton to="/imports/$importId" params={{ importId: id }} size="small">
            {say('today.goOn')}
          </LinkButton>
        ),
      })),
    },
  ]
}

function refundGroup(
  say: Say,
  formats: Formats,
  { counted }: TodayData,
  channelNames: ReadonlyMap<string, string>,
): GroupData[] {
  const refunds = counted?.refunds
  if (!refunds || refunds.count === 0) return []
  return [
    {
      icon: 'undo',
      title: say('today.refunds'),
      count: formats.number(refunds.count),
      hint: say('today.refundsHint'),
      rows: refunds.newest.map(({ memberId, name, channel, amountMinor, currency, at }) => ({
        key: `${memberId} ${at} ${amountMinor}`,
        mark: <Avatar name={name ?? say('members.unnamed')} of={memberId} size={24} />,
        who: name ?? say('members.unnamed'),
        what: channelNames.get(channel) ?? channel,
        signal: <span className={css.money}>−{formats.money(amountMinor, currency)}</span>,
        due: formats.ago(at),
        action: (
          <LinkButton to="/members/$memberId" params={{ memberId }} search={{ tab: 'orders' }} size="small">
            {say('today.look')}
          </LinkButton>
        ),
      })),
    },
  ]
}

function expiryGroup(say: Say, formats: Formats, { counted }: TodayData): GroupData[] {
  const expiring = counted?.expiring
  if (!expiring?.firstAt || expiring.members === 0) return []
  return [
    {
      icon: 'points',
      title: say('today.expiring'),
      count: say('members.count', { count: expiring.members }),
      hint: say('today.expiringHint', { n: expiring.days }),
      rows: [
        {
          key: 'expiring',
          mark: <Sign icon="points" />,
          who: say('today.expiringPoints', { n: formats.number(expiring.points) }),
          what: say('today.expiringFirst', { at: formats.lastDay(expiring.firstAt) }),
          signal: null,
          due: '',
          action: (
            <LinkButton to="/members" search={{ show: 'lapsing' }} size="small">
              {say('today.look')}
            </LinkButton>
          ),
        },
      ],
    },
  ]
}

function Sign({ icon }: { icon: IconName }) {
  return (
    <span className={css.sign}>
      <Icon name={icon} size={14} />
    </span>
  )
}

function Waiting() {
  return (
    <div aria-busy="true">
      {[1, 2, 3, 4, 5, 6].map((row) => (
        <div key={row} className={css.row}>
          <Skeleton width={24} height={24} round />
          <Skeleton width={90} />
          <Skeleton width="70%" />
        </div>
      ))}
    </div>
  )
}
