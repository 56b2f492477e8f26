/** Where people and orders come from: companies with their stores, then every other channel; and whether it still lives. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import { listChannels } from '#modules/channels/contract'
import { channelActivity } from '#modules/desk/contract'
import { readTree } from '#modules/organisation/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Channels.module.css'
import { RenameChannel } from './RenameChannel.tsx'

type Channel = Output<typeof listChannels>['channels'][number]
type Came = Output<typeof channelActivity>['channels'][number]['came']

/** A channel from which nothing has come for so long has probably stopped. */
const quietDays = 30

export function Channels() {
  const say = useText()
  const formats = useFormats()
  const mayRename = useMay('channels.open')
  const mayImport = useMay('imports.write')
  const channels = useQuery(reading(listChannels, {}))
  const tree = useQuery({ ...reading(readTree, {}), enabled: useMaySee('organisation.read') })
  const activity = useQuery({ ...reading(channelActivity, {}), refetchInterval: 60_000 })
  const [renaming, setRenaming] = useState<Channel | null>(null)
  const cameBy = new Map(activity.data?.channels.map(({ code, came }) => [code, came]))
  const byCode = new Map(channels.data?.channels.map((channel) => [channel.code, channel]))
  const companies = (tree.data?.companies ?? []).map(({ code, name, stores }) => ({
    key: code,
    name,
    channels: stores.flatMap((store) => byCode.get(store.code) ?? []),
  }))
  const ofCompanies = new Set(companies.flatMap((company) => company.channels.map(({ code }) => code)))
  const others = (channels.data?.channels ?? []).filter(({ code }) => !ofCompanies.has(code))
  const groups = [
    ...(others.length > 0 ? [{ key: '', name: say('channels.others'), channels: others }] : []),
    ...companies.filter((company) => company.channels.length > 0),
  ]
  return (
    <>
      <PageHead title={say('frame.channels')} state={channels.data && formats.number(channels.data.channels.length)} />
      <div className={css.page}>
        {channels.isError && !channels.data ? (
          <Failure error={channels.error} onRetry={() => void channels.refetch()} />
        ) : channels.isPending ? (
          [1, 2, 3, 4, 5, 6].map((row) => (
            <div key={row} className={css.row}>
              <Skeleton width="40%" />
            </div>
          ))
        ) : groups.length === 0 ? (
          <Empty
            icon="upload"
            title={say('channels.noneTitle')}
            action={
              mayImport && (
                <LinkButton to="/imports/new" primary icon={<Icon name="upload" size={15} />}>
                  {say('imports.new')}
                </LinkButton>
              )
            }
          >
            {say('channels.none')}
          </Empty>
        ) : (
          groups.map(({ key, name, channels: own }) => (
            <section key={key} aria-label={name}>
              <div className={css.head}>
                <h2 className="cut">
                  {name} <small>{formats.number(own.length)}</small>
                </h2>
                <span>{say('channels.members')}</span>
                <span>{say('channels.orders')}</span>
                <span className={css.last}>{say('channels.last')}</span>
                <span />
              </div>
              <ul>
                {own.map((channel) => (
                  <Row
                    key={channel.code}
                    channel={channel}
                    came={cameBy.get(channel.code)}
                    now={activity.data?.now}
                    onRename={mayRename ? () => setRenaming(channel) : null}
                  />
                ))}
              </ul>
            </section>
          ))
        )}
      </div>
      {renaming && <RenameChannel channel={renaming} onClose={() => setRenaming(null)} />}
    </>
  )
}

function Row({
  channel,
  came,
  now,
  onRename,
}: {
  channel: Channel
  /** Null: the warehouse is away. Undefined: not read yet. */
  came: Came | undefined
  now: string | undefined
  onRename: (() => void) | null
}) {
  const say = useText()
  const formats = useFormats()
  const quiet = came?.lastAt && now ? (Date.parse(now) - Date.parse(came.lastAt)) / 86_400_000 > quietDays : false
  return (
    <li className={css.row}>
      <span className={css.name}>
        <Link to="/members" search={{ channel: channel.code }} className="cut">
          {channel.name}
        </Link>
        <small className="cut">
          {say.code('channelKind', channel.kind) ?? channel.kind} <code>{channel.code}</code>
        </small>
      </span>
      <span className={css.number}>{came ? formats.number(came.members) : came === null ? '–' : ''}</span>
      <span className={css.number}>{came ? formats.number(came.orders) : came === null ? '–' : ''}</span>
      <span className={css.last}>
        {came === undefined ? (
          <Skeleton width={70} />
        ) : came === null ? (
          '–'
        ) : came.lastAt === null ? (
          <Chip>{say('channels.nothing')}</Chip>
        ) : quiet ? (
          <Chip tone="amber">{say('channels.quietSince', { at: formats.ago(came.lastAt) })}</Chip>
        ) : (
          formats.ago(came.lastAt)
        )}
      </span>
      <span className={css.act}>
        {onRename && (
          <Button
            size="small"
            type="text"
            icon={<Icon name="edit" size={14} />}
            aria-label={say('channels.renameOf', { name: channel.name })}
            title={say('channels.rename')}
            onClick={onRename}
          />
        )}
      </span>
    </li>
  )
}
