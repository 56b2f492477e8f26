/** Privacy of the group: what members asked for, what they are asked, how long things are kept, the record of it all. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Form, InputNumber, Popconfirm, Select } from 'antd'
import { cancelRequest, chooseRights, listInactive, listRequests, readRights } from '#modules/privacy/contract'
import type { Output } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { PrivacyTexts } from './PrivacyTexts.tsx'
import { Processing } from './Processing.tsx'
import { Recipients } from './Recipients.tsx'
import { Retention } from './Retention.tsx'
import css from './Settings.module.css'

export function Privacy() {
  return (
    <div className={css.page}>
      <Requests />
      <Rights />
      <Recipients />
      <PrivacyTexts />
      <Retention />
      <Inactive />
      <Processing />
    </div>
  )
}

type Request = Output<typeof listRequests>['requests'][number]

function Requests() {
  const say = useText()
  const formats = useFormats()
  const list = useQuery(reading(listRequests, {}))
  if (list.isError) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  if (list.isPending) return <Waiting />
  const { requests, open, refused } = list.data
  return (
    <section aria-labelledby="privacy-requests">
      <div className={css.title}>
        <h2 id="privacy-requests">{say('privacy.requests')}</h2>
      </div>
      <p className={css.why}>
        {say('privacy.requestsWhy', { open: formats.number(open), refused: formats.number(refused) })}
      </p>
      {requests.length === 0 ? (
        <p className={css.none}>{say('privacy.noRequests')}</p>
      ) : (
        <ul>
          {requests.map((request) => (
            <RequestRow key={request.id} request={request} />
          ))}
        </ul>
      )}
    </section>
  )
}

const tones = { waiting: 'amber', working: 'accent', done: 'green', cancelled: 'grey' } as const

function RequestRow({ request }: { request: Request }) {
  const say = useText()
  const formats = useFormats()
  const mayErase = useMay('privacy.erase')
  const cancelling = useAct(cancelRequest, { changes: [keyOf(listRequests)] })
  const { id, memberId, kind, state, askedBy, reason, askedAt, deadlineAt, endedAt, isLate } = request
  return (
    <li className={css.row}>
      <div>
        <span>
          <Link to="/members/$memberId" params={{ memberId }}>
            {say(`requestKind.${kind}`)}
          </Link>{' '}
          <Chip tone={isLate ? 'red' : tones[state]}>
            {isLate ? say('privacy.late') : say(`requestState.${state}`)}
          </Chip>
        </span>
        <small>
          <Dotted>
            {say(`askedBy.${askedBy}`)}
            {reason}
            {say('privacy.asked', { at: formats.date(askedAt) })}
          </Dotted>
        </small>
        <ProblemNote error={cancelling.error} />
      </div>
      <small>{endedAt ? formats.date(endedAt) : say('privacy.due', { at: formats.lastDay(deadlineAt) })}</small>
      {mayErase && kind === 'erasure' && state === 'waiting' ? (
        <Popconfirm
          title={say('privacy.cancelTitle')}
          description={say('privacy.cancelEffect')}
          okText={say('privacy.cancel')}
          onConfirm={() => cancelling.mutate({ requestId: id })}
        >
          <Button size="small" loading={cancelling.isPending}>
            {say('privacy.cancel')}
          </Button>
        </Popconfirm>
      ) : (
        <span />
      )}
    </li>
  )
}

const laws = ['pipl', 'gdpr', 'both'] as const

function Rights() {
  const say = useText()
  const mayChange = useMay('privacy.change')
  const rights = useQuery(reading(readRights, {}))
  const saving = useAct(chooseRights, { changes: [keyOf(readRights)] })
  if (rights.isError) return <Failure error={rights.error} onRetry={() => void rights.refetch()} />
  if (rights.isPending) return <Waiting />
  return (
    <section aria-labelledby="privacy-rights">
      <h2 id="privacy-rights" className={css.heading}>
        {say('privacy.rights')}
      </h2>
      <Form
        className={css.form ?? ''}
        layout="vertical"
        requiredMark={false}
        disabled={!mayChange}
        initialValues={rights.data}
        onValuesChange={() => saving.reset()}
        onFinish={(values: Output<typeof readRights>) => saving.mutate(values)}
      >
        <Form.Item name="waitingDays" label={say('privacy.waitingDays')} extra={say('privacy.waitingDaysWhy')}>
          <InputNumber min={0} max={30} precision={0} />
        </Form.Item>
        <Form.Item name="law" label={say('privacy.law')}>
          <Select options={laws.map((value) => ({ value, label: say(`law.${value}`) }))} />
        </Form.Item>
        <ProblemNote error={saving.error} />
        {mayChange && (
          <div className={css.save}>
            <Button htmlType="submit" loading={saving.isPending}>
              {say('privacy.save')}
            </Button>
            {saving.isSuccess && <span role="status">{say('privacy.saved')}</span>}
          </div>
        )}
      </Form>
    </section>
  )
}

function Inactive() {
  const say = useText()
  const formats = useFormats()
  const list = useQuery(reading(listInactive, {}))
  if (list.isError) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  if (list.isPending) return <Waiting />
  const { days, members } = list.data
  return (
    <section aria-labelledby="privacy-inactive">
      <h2 id="privacy-inactive" className={css.heading}>
        {say('privacy.inactive')}
      </h2>
      <p className={css.why}>{say('privacy.inactiveWhy', { n: formats.number(days) })}</p>
      {members === null || members.length === 0 ? (
        <p className={css.none}>{say(members === null ? 'privacy.warehouseAway' : 'privacy.nobodyInactive')}</p>
      ) : (
        <ul>
          {members.map(({ memberId, name, lastAt }) => (
            <li key={memberId} className={css.row}>
              <Link to="/members/$memberId" params={{ memberId }} search={{ tab: 'privacy' }}>
                {name ?? say('members.unnamed')}
              </Link>
              <small>{say('privacy.lastHeard', { at: formats.date(lastAt) })}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

export function Waiting() {
  return (
    <section aria-busy="true">
      {[1, 2].map((row) => (
        <div key={row} className={css.row}>
          <Skeleton width="60%" />
        </div>
      ))}
    </section>
  )
}
