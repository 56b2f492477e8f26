/** A member's consents as they stand, what staff note of them, and the rights: everything held, erasing. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Form, Input, Modal, Segmented } from 'antd'
import { useState } from 'react'
import { memberPage } from '#modules/desk/contract'
import {
  eraseMember,
  exportMember,
  listRequests,
  listTexts,
  memberPrivacy,
  previewErasure,
  sayConsent,
} from '#modules/privacy/contract'
import { call, type Output } from '#ui/call.ts'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { countryName } from '../../parts/countries.ts'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useLanguage, useText } from '../../texts/texts.ts'
import css from './Privacy.module.css'

type Consent = Output<typeof memberPrivacy>['consents'][number]

const tones = { given: 'green', withdrawn: 'amber', unsaid: 'grey' } as const

export function Privacy({ memberId }: { memberId: string }) {
  const say = useText()
  const formats = useFormats()
  const language = useLanguage()
  const maySay = useMay('privacy.consent')
  const [saying, setSaying] = useState<Consent | null>(null)
  const privacy = useQuery(reading(memberPrivacy, { memberId }))
  if (privacy.isError) return <Failure error={privacy.error} onRetry={() => void privacy.refetch()} />
  if (privacy.isPending)
    return (
      <div className={css.page} aria-busy="true">
        {[1, 2, 3, 4].map((row) => (
          <div key={row} className={css.row}>
            <Skeleton width="50%" />
          </div>
        ))}
      </div>
    )
  const { erasedAt, consents, looks, received } = privacy.data
  return (
    <div className={css.page}>
      {erasedAt && (
        <p className={css.erased} role="status">
          {say('right.erased', { at: formats.dateTime(erasedAt) })}
        </p>
      )}
      <h2>{say('consent.title')}</h2>
      <p className={css.why}>{say('consent.why')}</p>
      <ul>
        {consents.map((consent) => (
          <li key={consent.topic} className={css.row}>
            <div>
              <span>{say.code('topic', consent.topic) ?? consent.topic}</span>
              {consent.said && (
                <small>
                  <Dotted>
                    {formats.date(consent.said.at)}
                    {consent.said.importId ? (
                      <Link to="/imports/$importId" params={{ importId: consent.said.importId }}>
                        {say('consent.row', { n: formats.number(consent.said.importRow ?? 0) })}
                      </Link>
                    ) : (
                      say(`consentBy.${consent.said.evidence}`)
                    )}
                    {consent.said.textVersion !== null &&
                      say('privacy.version', { n: formats.number(consent.said.textVersion) })}
                  </Dotted>
                </small>
              )}
            </div>
            <Chip tone={tones[consent.state]}>{say(`consentState.${consent.state}`)}</Chip>
            {maySay && !erasedAt && consent.purpose !== 'membership' && (
              <Button size="small" onClick={() => setSaying(consent)}>
                {say('consent.say')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <p className={css.why}>{say('consent.looks', { n: formats.number(looks) })}</p>
      <h2>{say('received.title')}</h2>
      {received.length === 0 ? (
        <p className={css.why}>{say('received.none')}</p>
      ) : (
        <ul>
          {received.map(({ recipientId, name, country, purpose, basis, what, lastAt }) => (
            <li key={recipientId} className={css.row}>
              <div>
                <span>{name}</span>
                <small>
                  <Dotted>
                    {countryName(language, country)}
                    {say(`purpose.${purpose}`)}
                    {say(`basis.${basis}`)}
                    {what.map((kind) => say(`given.${kind}`)).join(say('comma'))}
                  </Dotted>
                </small>
              </div>
              <small>{say('received.last', { at: formats.date(lastAt) })}</small>
            </li>
          ))}
        </ul>
      )}
      {!erasedAt && <Rights memberId={memberId} />}
      {saying && <SayConsent memberId={memberId} consent={saying} onClose={() => setSaying(null)} />}
    </div>
  )
}

function SayConsent({ memberId, consent, onClose }: { memberId: string; consent: Consent; onClose: () => void }) {
  const say = useText()
  const language = useLanguage()
  const [given, setGiven] = useState(consent.state !== 'given')
  const [form] = Form.useForm<{ note: string }>()
  const texts = useQuery(reading(listTexts, {}))
  const text = texts.data?.texts.find(({ topic }) => topic === consent.topic)
  const saving = useAct(sayConsent, { changes: [keyOf(memberPrivacy), keyOf(memberPage)], onDone: onClose })
  return (
    <Modal
      open
      title={say('consent.sayTitle')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" loading={saving.isPending} disabled={!text} onClick={() => form.submit()}>
            {say('consent.keep')}
          </Button>
        </>
      }
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ note }) =>
          saving.mutate({
            memberId,
            topic: consent.topic,
            given,
            textVersion: text?.version,
            language,
            note: note.trim(),
          })
        }
      >
        {text && (
          <blockquote className={css.text}>
            <b>{text.wordings[language].title}</b>
            <p>{text.wordings[language].body}</p>
          </blockquote>
        )}
        <Form.Item>
          <Segmented
            value={given ? 'given' : 'withdrawn'}
            onChange={(value) => setGiven(value === 'given')}
            options={[
              { value: 'given', label: say('consent.agrees') },
              { value: 'withdrawn', label: say('consent.withdraws') },
            ]}
          />
        </Form.Item>
        <Form.Item
          name="note"
          label={say('consent.note')}
          rules={[{ required: true, whitespace: true, min: 3, message: say('reasonNeeded') }]}
        >
          <Input maxLength={300} placeholder={say('consent.noteExample')} autoComplete="off" />
        </Form.Item>
        <ProblemNote error={saving.error} />
      </Form>
    </Modal>
  )
}

function Rights({ memberId }: { memberId: string }) {
  const say = useText()
  const mayExport = useMay('privacy.export')
  const mayErase = useMay('privacy.erase')
  const [erasing, setErasing] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  if (!mayExport && !mayErase) return null
  const download = async () => {
    setBusy(true)
    setFailed(null)
    try {
      keep(await call(exportMember, { memberId }))
    } catch (error) {
      setFailed(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <h2>{say('right.title')}</h2>
      <p className={css.why}>{say('right.exportWhy')}</p>
      <div className={css.acts}>
        {mayExport && (
          <Button loading={busy} onClick={download}>
            {say('right.export')}
          </Button>
        )}
        {mayErase && <Button onClick={() => setErasing(true)}>{say('right.erase')}</Button>}
      </div>
      <ProblemNote error={failed} />
      {erasing && <Erase memberId={memberId} onClose={() => setErasing(false)} />}
    </>
  )
}

/** As a file of this browser; nothing of it is kept on the server. */
function keep(held: Output<typeof exportMember>): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(held, null, 2)], { type: 'application/json' }))
  link.download = `member-${held.memberId}.json`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

function Erase({ memberId, onClose }: { memberId: string; onClose: () => void }) {
  const say = useText()
  const formats = useFormats()
  // One name for this request however often it is sent, so that it acts once.
  const [id] = useState(newId)
  const [form] = Form.useForm<{ reason: string }>()
  const preview = useQuery(reading(previewErasure, { memberId }))
  const erasing = useAct(eraseMember, {
    changes: [keyOf(memberPrivacy), keyOf(memberPage), keyOf(listRequests), keyOf(previewErasure)],
    onDone: onClose,
  })
  const known = preview.data
  const number = formats.number
  return (
    <Modal
      open
      title={say('right.eraseTitle')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          {known && !known.open && (
            <Button type="primary" danger loading={erasing.isPending} onClick={() => form.submit()}>
              {say('right.confirm', { records: number(known.goes.records) })}
            </Button>
          )}
        </>
      }
    >
      {preview.isError ? (
        <Failure error={preview.error} onRetry={() => void preview.refetch()} />
      ) : !known ? (
        <Skeleton width="80%" height={80} />
      ) : (
        <>
          <p className={css.effect}>
            {say('right.goes', {
              records: number(known.goes.records),
              versions: number(known.goes.versions),
              points: number(known.goes.points),
              pending: number(known.goes.pending),
            })}
          </p>
          <p className={css.effect}>
            {say('right.stays', {
              orders: number(known.stays.orders),
              entries: number(known.stays.entries),
              consents: number(known.stays.consents),
            })}
          </p>
          {known.open ? (
            <p className={css.effect} role="status">
              {say('right.openNow', { at: formats.dateTime(known.open.beginsAt) })}
            </p>
          ) : (
            <Form
              form={form}
              layout="vertical"
              requiredMark={false}
              onFinish={({ reason }) => erasing.mutate({ memberId, id, reason: reason.trim() })}
            >
              <p className={css.effect}>
                {known.waitingDays > 0 ? say('right.wait', { n: number(known.waitingDays) }) : say('right.now')}
              </p>
              <Form.Item
                name="reason"
                label={say('right.reason')}
                rules={[{ required: true, whitespace: true, min: 3, message: say('reasonNeeded') }]}
              >
                <Input maxLength={300} placeholder={say('right.reasonExample')} autoComplete="off" />
              </Form.Item>
              <ProblemNote error={erasing.error} />
            </Form>
          )}
        </>
      )}
    </Modal>
  )
}
