/** Webhooks: who is told of which events, how that goes, and what to do when it doesn't. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { endWebhook, listWebhooks, pauseWebhook, resumeWebhook, testWebhook } from '#modules/webhooks/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { heldRoleText, placeText } from '../../parts/roles.ts'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { EditWebhook } from './EditWebhook.tsx'
import { NewSecret } from './NewSecret.tsx'
import { Waiting } from './Privacy.tsx'
import css from './Settings.module.css'
import { changes, WebhookLog } from './WebhookLog.tsx'

export type Endpoint = Output<typeof listWebhooks>['endpoints'][number]

const refreshed = 5_000
const tones = { active: 'green', failing: 'amber', paused: 'red' } as const

export function Webhooks() {
  const say = useText()
  const mayChange = useMay('webhooks.change')
  const [editing, setEditing] = useState<Endpoint | 'new' | null>(null)
  const [openId, setOpenId] = useState<string | null>(null)
  const list = useQuery({ ...reading(listWebhooks, {}), refetchInterval: refreshed })
  const endpoints = list.data?.endpoints ?? []
  const noRecipient = list.data?.recipients.length === 0
  return (
    <div className={css.page}>
      <section className={css.wide}>
        <div className={css.title}>
          <h2>{say('hooks.title')}</h2>
          {mayChange && list.data && !noRecipient && (
            <Button type="primary" icon={<Icon name="plus" size={15} />} onClick={() => setEditing('new')}>
              {say('hooks.add')}
            </Button>
          )}
        </div>
        <p className={css.why}>{say('hooks.why')}</p>
        {noRecipient && mayChange && (
          <p className={css.why}>
            {say('hooks.noRecipients')}{' '}
            <LinkButton to="/settings" search={{ tab: 'privacy' }} size="small">
              {say('hooks.toRecipients')}
            </LinkButton>
          </p>
        )}
        {list.isError && !list.data ? (
          <Failure error={list.error} onRetry={() => void list.refetch()} />
        ) : list.isPending ? (
          <Waiting />
        ) : endpoints.length === 0 ? (
          <p className={css.none}>{say('hooks.none')}</p>
        ) : (
          <ul>
            {endpoints.map((one) => (
              <EndpointRow
                key={one.id}
                endpoint={one}
                isOpen={one.id === openId}
                onOpen={() => setOpenId(one.id === openId ? null : one.id)}
                onEdit={() => setEditing(one)}
              />
            ))}
          </ul>
        )}
      </section>
      {editing && list.data && (
        <EditWebhook endpoint={editing === 'new' ? null : editing} known={list.data} onClose={() => setEditing(null)} />
      )}
    </div>
  )
}

function EndpointRow({
  endpoint,
  isOpen,
  onOpen,
  onEdit,
}: {
  endpoint: Endpoint
  isOpen: boolean
  onOpen: () => void
  onEdit: () => void
}) {
  const say = useText()
  const formats = useFormats()
  const { name, url, recipient, state, pauseReason, failingSince, nextTryAt, lastSentAt, waiting, formerUntil } =
    endpoint
  return (
    <li className={css.hook}>
      <div className={css.row}>
        <div>
          <span>
            <b>{name}</b> <Chip tone={tones[state]}>{say(`hookState.${state}`)}</Chip>
          </span>
          <small className="cut" title={url}>
            {url}
          </small>
          <small>
            <Dotted>
              {recipient.name}
              {endpoint.roles
                .map((held) => `${heldRoleText(say, held)} ${placeText(say, held.place)}`)
                .join(say('comma'))}
              {lastSentAt ? say('hooks.last', { at: formats.ago(lastSentAt) }) : say('hooks.never')}
              {waiting > 0 && say('hooks.waiting', { n: formats.number(waiting) })}
            </Dotted>
          </small>
          {(pauseReason || failingSince || formerUntil) && (
            <small>
              <Dotted>
                {pauseReason && say(`hookPause.${pauseReason}`)}
                {failingSince && say('hooks.since', { at: formats.dateTime(failingSince) })}
                {nextTryAt && state === 'failing' && say('hooks.nextTry', { at: formats.dateTime(nextTryAt) })}
                {formerUntil && say('hooks.formerUntil', { at: formats.dateTime(formerUntil) })}
              </Dotted>
            </small>
          )}
        </div>
        <Button size="small" aria-expanded={isOpen} aria-label={say('hooks.openOne', { name })} onClick={onOpen}>
          {say('hooks.open')}
        </Button>
      </div>
      {isOpen && (
        <div className={css.opened}>
          <Acts endpoint={endpoint} onEdit={onEdit} />
          <p className={css.kinds}>
            {endpoint.kinds.map((kind) => (
              <Chip key={kind}>{say.code('hookKind', kind) ?? kind}</Chip>
            ))}
          </p>
          <WebhookLog endpointId={endpoint.id} />
        </div>
      )}
    </li>
  )
}

function Acts({ endpoint, onEdit }: { endpoint: Endpoint; onEdit: () => void }) {
  const say = useText()
  const formats = useFormats()
  const mayChange = useMay('webhooks.change')
  const [renewing, setRenewing] = useState(false)
  const testing = useAct(testWebhook, { changes })
  const pausing = useAct(pauseWebhook, { changes })
  const resuming = useAct(resumeWebhook, { changes })
  const ending = useAct(endWebhook, { changes: [keyOf(listWebhooks)] })
  if (!mayChange) return null
  const { id: endpointId, name, state, waiting } = endpoint
  return (
    <>
      <div className={`${css.acts} ${css.wrap}`}>
        <Button size="small" loading={testing.isPending} onClick={() => testing.mutate({ endpointId, id: newId() })}>
          {say('hooks.test')}
        </Button>
        {state === 'active' ? (
          <Button size="small" loading={pausing.isPending} onClick={() => pausing.mutate({ endpointId })}>
            {say('hooks.pause')}
          </Button>
        ) : (
          <Button size="small" loading={resuming.isPending} onClick={() => resuming.mutate({ endpointId })}>
            {say('hooks.resume')}
          </Button>
        )}
        <Button size="small" onClick={onEdit}>
          {say('hooks.change')}
        </Button>
        <Button size="small" onClick={() => setRenewing(true)}>
          {say('hooks.newSecret')}
        </Button>
        <Popconfirm
          title={say('hooks.endTitle', { name })}
          description={say('hooks.endEffect', { n: formats.number(waiting) })}
          okText={say('hooks.end')}
          okButtonProps={{ danger: true }}
          onConfirm={() => ending.mutate({ endpointId })}
        >
          <Button size="small" loading={ending.isPending}>
            {say('hooks.end')}
          </Button>
        </Popconfirm>
      </div>
      <ProblemNote error={testing.error ?? pausing.error ?? resuming.error ?? ending.error} />
      {renewing && <NewSecret endpointId={endpointId} onClose={() => setRenewing(false)} />}
    </>
  )
}
