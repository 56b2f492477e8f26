/** In which tier a member is and why; staff who may invite to another, for good or until a day, and end that. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { memberPage } from '#modules/desk/contract'
import { endTierInvitation, inviteToTier, listTiers, memberTier } from '#modules/points/contract'
import type { Output } from '#ui/call.ts'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Peaks, tierName } from '#ui/tiers.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import css from './Tier.module.css'

type Known = Output<typeof memberTier>
type Look = Known['tier']

const changes = [keyOf(memberTier), keyOf(memberPage), keyOf(listTiers)]

export function Tier({ memberId, onClose }: { memberId: string; onClose: () => void }) {
  const say = useText()
  const mayInvite = useMay('points.tiers')
  const known = useQuery(reading(memberTier, { memberId }))
  return (
    <Modal open title={say('tier.title')} onCancel={onClose} footer={null} destroyOnHidden>
      {known.isError && !known.data ? (
        <Failure error={known.error} onRetry={() => void known.refetch()} />
      ) : known.data ? (
        <>
          <Now memberId={memberId} known={known.data} mayEnd={mayInvite} />
          {mayInvite && <Invite memberId={memberId} known={known.data} onDone={onClose} />}
          <History known={known.data} />
        </>
      ) : (
        <Skeleton width="60%" height={44} />
      )}
    </Modal>
  )
}

function Mark({ tier }: { tier: Look }) {
  const language = useLanguage()
  const { languages } = useSession().group
  return (
    <span className={css.mark} style={{ color: `var(--tier-${tier.landscape}-ink)` }}>
      <Peaks landscape={tier.landscape} />
      {tierName(tier.names, language, languages)}
    </span>
  )
}

function Now({ memberId, known: { tier, by }, mayEnd }: { memberId: string; known: Known; mayEnd: boolean }) {
  const say = useText()
  const formats = useFormats()
  const [isEnding, end] = useState(false)
  const [form] = Form.useForm<{ reason: string }>()
  const ending = useAct(endTierInvitation, { changes, onDone: () => end(false) })
  return (
    <div className={css.now}>
      <div>
        <Mark tier={tier} />
        <small>
          {by
            ? by.until
              ? say('tier.invitedUntil', { at: formats.lastDay(by.until) })
              : say('tier.invitedForGood')
            : say('tier.everybody')}
        </small>
      </div>
      {by && mayEnd && !isEnding && (
        <Button size="small" onClick={() => end(true)}>
          {say('tier.end')}
        </Button>
      )}
      {by && isEnding && (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          className={css.ending ?? ''}
          onFinish={({ reason }) => ending.mutate({ memberId, id: by.id, reason: reason.trim() })}
        >
          <p className={css.why}>{say('tier.endEffect')}</p>
          <Form.Item
            name="reason"
            label={say('tier.endReason')}
            rules={[{ required: true, whitespace: true, message: say('reasonNeeded') }]}
          >
            <Input maxLength={300} autoComplete="off" autoFocus />
          </Form.Item>
          <ProblemNote error={ending.error} />
          <div className={css.acts}>
            <Button onClick={() => end(false)}>{say('cancel')}</Button>
            <Button danger htmlType="submit" loading={ending.isPending}>
              {say('tier.end')}
            </Button>
          </div>
        </Form>
      )}
    </div>
  )
}

function Invite({ memberId, known, onDone }: { memberId: string; known: Known; onDone: () => void }) {
  const say = useText()
  const list = useQuery(reading(listTiers, {}))
  // One name for this invitation however often it is sent, so that it acts once.
  const [id] = useState(newId)
  const [form] = Form.useForm<{ tier: string; reason: string; until?: string }>()
  const inviting = useAct(inviteToTier, { changes, onDone })
  const wanted = Form.useWatch('tier', form)
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      className={css.invite ?? ''}
      onFinish={({ tier, reason, until }) =>
        inviting.mutate({ memberId, id, tier, reason: reason.trim(), ...(until && { until }) })
      }
    >
      <h3>{say('tier.invite')}</h3>
      <div className={css.fields}>
        <Form.Item name="tier" label={say('tier.to')} rules={[{ required: true, message: say('tier.toNeeded') }]}>
          <Select
            loading={list.isPending}
            options={(list.data?.tiers ?? [])
              .slice(1)
              .map((tier) => ({ value: tier.code, label: <Mark tier={tier} /> }))}
          />
        </Form.Item>
        <Form.Item name="until" label={say('tier.lastDay')} extra={say('tier.lastDayWhy')}>
          <Input type="date" />
        </Form.Item>
      </div>
      <Form.Item
        name="reason"
        label={say('tier.reason')}
        rules={[{ required: true, whitespace: true, message: say('reasonNeeded') }]}
      >
        <Input maxLength={300} placeholder={say('tier.reasonExample')} autoComplete="off" />
      </Form.Item>
      {known.by && <p className={css.why}>{say('tier.replaces')}</p>}
      <ProblemNote error={inviting.error ?? list.error} />
      <div className={css.acts}>
        <Button type="primary" htmlType="submit" disabled={!wanted} loading={inviting.isPending}>
          {say('tier.give')}
        </Button>
      </div>
    </Form>
  )
}

function History({ known: { invitations } }: { known: Known }) {
  const say = useText()
  const formats = useFormats()
  const actor = (name: string) => say.code('actor', name.split(':')[0]!) ?? name
  if (invitations.length === 0) return null
  return (
    <section className={css.history}>
      <h3>{say('tier.history')}</h3>
      <ul>
        {invitations.map((one) => (
          <li key={one.id}>
            <span>
              <Mark tier={one.tier} /> {one.reason}
            </span>
            <small>
              <Dotted>
                {say('tier.given', { at: formats.dateTime(one.givenAt), by: actor(one.givenBy) })}
                {one.until && !one.endedAs && say('tier.through', { at: formats.lastDay(one.until) })}
                {one.endedAs === 'lapsed' && one.until && say('tier.lapsed', { at: formats.lastDay(one.until) })}
                {one.endedAs === 'replaced' &&
                  one.endedAt &&
                  say('tier.replaced', { at: formats.dateTime(one.endedAt) })}
                {one.endedAs === 'taken' &&
                  one.endedAt &&
                  say('tier.taken', { at: formats.dateTime(one.endedAt), by: actor(one.endedBy ?? '') })}
                {one.endReason}
              </Dotted>
            </small>
          </li>
        ))}
      </ul>
    </section>
  )
}
