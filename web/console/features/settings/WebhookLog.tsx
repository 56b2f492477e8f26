/** What an endpoint was told: each delivery with what came of it, its content, and sending again. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { deliveryStates, listDeliveries, listWebhooks, readDelivery, resend } from '#modules/webhooks/contract'
import { call, type Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Waiting } from './Privacy.tsx'
import css from './Settings.module.css'

type Delivery = Output<typeof listDeliveries>['deliveries'][number]

export const changes = [keyOf(listWebhooks), keyOf(listDeliveries)]
const refreshed = 3_000
const tones = { waiting: 'amber', sent: 'green', refused: 'red', dropped: 'grey' } as const

export function WebhookLog({ endpointId }: { endpointId: string }) {
  const say = useText()
  const mayChange = useMay('webhooks.change')
  const [state, setState] = useState<Delivery['state'] | null>(null)
  const [again, setAgain] = useState(false)
  const [shownId, setShownId] = useState<Delivery | null>(null)
  const asked = { endpointId, ...(state ? { state } : {}) }
  const list = useInfiniteQuery({
    queryKey: [...keyOf(listDeliveries), asked],
    queryFn: ({ pageParam, signal }) =>
      call(listDeliveries, { ...asked, ...(pageParam ? { before: pageParam } : {}) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: refreshed,
  })
  const deliveries = list.data?.pages.flatMap((page) => page.deliveries) ?? []
  return (
    <>
      <div className={css.title}>
        <h3 className={css.heading}>{say('hooks.log')}</h3>
        {mayChange && deliveries.length > 0 && (
          <Button size="small" icon={<Icon name="refresh" size={14} />} onClick={() => setAgain(true)}>
            {say('hooks.againRange')}
          </Button>
        )}
      </div>
      <fieldset className={css.states}>
        <legend className="spoken">{say('hooks.log')}</legend>
        <button type="button" aria-pressed={state === null} onClick={() => setState(null)}>
          {say('hooks.all')}
        </button>
        {deliveryStates.map((one) => (
          <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
            {say(`deliveryState.${one}`)}
          </button>
        ))}
      </fieldset>
      {list.isError && !list.data ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Waiting />
      ) : deliveries.length === 0 ? (
        <p className={css.none}>{say('hooks.logNone')}</p>
      ) : (
        <ul>
          {deliveries.map((one) => (
            <Row key={one.eventId} endpointId={endpointId} delivery={one} onShow={() => setShownId(one)} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button type="text" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {say('hooks.more')}
        </Button>
      )}
      {again && <SendAgain endpointId={endpointId} onClose={() => setAgain(false)} />}
      {shownId && <Content endpointId={endpointId} delivery={shownId} onClose={() => setShownId(null)} />}
    </>
  )
}

function Row({ endpointId, delivery, onShow }: { endpointId: string; delivery: Delivery; onShow: () => void }) {
  const say = useText()
  const formats = useFormats()
  const mayChange = useMay('webhooks.change')
  const sending = useAct(resend, { changes })
  const { eventId, type, state, attempts, status, problem, eventAt } = delivery
  const kind = say.code('hookKind', type) ?? type
  return (
    <li className={css.row}>
      <div>
        <span>
          {kind} <Chip tone={tones[state]}>{say(`deliveryState.${state}`)}</Chip>
        </span>
        <small>
          <Dotted>
            {formats.dateTime(eventAt)}
            {status !== null && say('hooks.status', { n: String(status) })}
            {problem && (say.code('noAnswer', problem) ?? problem)}
            {attempts > 1 && say('hooks.tries', { n: formats.number(attempts) })}
          </Dotted>
        </small>
        <ProblemNote error={sending.error} />
      </div>
      <span className={css.acts}>
        <Button size="small" type="text" aria-label={say('hooks.bodyOf', { kind })} onClick={onShow}>
          {say('hooks.body')}
        </Button>
        {mayChange && state !== 'waiting' && (
          <Button
            size="small"
            aria-label={say('hooks.againOne', { kind })}
            loading={sending.isPending}
            onClick={() => sending.mutate({ endpointId, eventId })}
          >
            {say('hooks.again')}
          </Button>
        )}
      </span>
    </li>
  )
}

function Content({ endpointId, delivery, onClose }: { endpointId: string; delivery: Delivery; onClose: () => void }) {
  const say = useText()
  const read = useQuery(reading(readDelivery, { endpointId, eventId: delivery.eventId }))
  return (
    <Modal open width={640} title={say('hooks.body')} onCancel={onClose} footer={null}>
      {read.isError ? (
        <Failure error={read.error} onRetry={() => void read.refetch()} />
      ) : read.data ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard
        <pre className={css.body} tabIndex={0}>
          {JSON.stringify(read.data.body, null, 2)}
        </pre>
      ) : (
        <Skeleton width="80%" height={80} />
      )}
    </Modal>
  )
}

function SendAgain({ endpointId, onClose }: { endpointId: string; onClose: () => void }) {
  const say = useText()
  const formats = useFormats()
  const [form] = Form.useForm<{ from: string; until: string }>()
  const sending = useAct(resend, { changes })
  const day = new Date().toISOString().slice(0, 10)
  return (
    <Modal
      open
      title={say('hooks.againRange')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={sending.isPending} onClick={() => form.submit()}>
            {say('hooks.againAll')}
          </Button>
        </>
      }
    >
      <p className={css.why}>{say('hooks.againWhy')}</p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ from: day, until: day }}
        onFinish={({ from, until }) => sending.mutate({ endpointId, from, until })}
      >
        <Form.Item
          name="from"
          label={say('hooks.from')}
          rules={[{ required: true, message: say('hooks.rangeNeeded') }]}
        >
          <Input type="date" />
        </Form.Item>
        <Form.Item
          name="until"
          label={say('hooks.until')}
          rules={[{ required: true, message: say('hooks.rangeNeeded') }]}
        >
          <Input type="date" />
        </Form.Item>
        <ProblemNote error={sending.error} />
        {sending.data && <p role="status">{say('hooks.againDone', { n: formats.number(sending.data.again) })}</p>}
      </Form>
    </Modal>
  )
}
