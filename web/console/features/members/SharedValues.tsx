/** Phones, addresses and numbers that many people use: why they join nobody, where they are met, and the group's own word. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { App, Button, Input, Modal } from 'antd'
import { useId, useState } from 'react'
import { listMembers, memberPage, readToday } from '#modules/desk/contract'
import { listReviews, listSharedValues, sayOfValue, unsayOfValue } from '#modules/members/contract'
import type { Output } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Masked } from '../../parts/Masked.tsx'
import { NotPermitted } from '../../parts/NotPermitted.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './SharedValues.module.css'

const route = getRouteApi('/frame/members/shared')

type Value = Output<typeof listSharedValues>['values'][number]
const kinds = ['phone', 'email', 'document'] as const
const page = 30

export function SharedValues() {
  const say = useText()
  const { kind, from } = route.useSearch()
  const navigate = route.useNavigate()
  const maySee = useMaySee('members.join')
  const offset = Math.max(0, Math.trunc(Number(from) || 0))
  const list = useQuery({
    ...reading(listSharedValues, { kind, limit: page, offset }),
    placeholderData: keepPreviousData,
    enabled: maySee,
  })
  const open = (next: { kind?: string | undefined; from?: number }) =>
    void navigate({
      search: { ...(next.kind && { kind: next.kind }), ...(next.from && { from: String(next.from) }) },
      replace: true,
    })
  return (
    <>
      <PageHead trail={[{ label: say('frame.members'), to: '/members' }]} title={say('shared.title')} />
      {!maySee ? (
        <NotPermitted />
      ) : (
        <div className={css.page}>
          <p className={css.intro}>{say('shared.intro')}</p>
          <fieldset className={css.kinds} aria-label={say('deciding.filter')}>
            {[undefined, ...kinds].map((one) => (
              <button key={one ?? ''} type="button" aria-pressed={kind === one} onClick={() => open({ kind: one })}>
                {one ? say(`sharedKind.${one}`) : say('deciding.all')}
              </button>
            ))}
          </fieldset>
          {list.isError && !list.data ? (
            <Failure error={list.error} onRetry={() => void list.refetch()} />
          ) : list.isPending ? (
            [1, 2, 3, 4].map((row) => (
              <div key={row} className={css.row}>
                <Skeleton width="70%" height={40} />
              </div>
            ))
          ) : list.data.values.length === 0 ? (
            <Empty icon="check" title={say('shared.noneTitle')}>
              {say('shared.none')}
            </Empty>
          ) : (
            <ul>
              {list.data.values.map((value) => (
                <Row key={value.id} value={value} />
              ))}
            </ul>
          )}
          {list.data && (offset > 0 || list.data.more) && (
            <p className={css.pages}>
              <Button disabled={offset === 0} onClick={() => open({ kind, from: Math.max(0, offset - page) })}>
                {say('shared.before')}
              </Button>
              <Button disabled={!list.data.more} onClick={() => open({ kind, from: offset + page })}>
                {say('shared.after')}
              </Button>
            </p>
          )}
        </div>
      )}
    </>
  )
}

function Row({ value }: { value: Value }) {
  const say = useText()
  const formats = useFormats()
  const maySay = useMay('settings.change')
  const [saying, setSaying] = useState<'shared' | 'personal' | null>(null)
  const kind = value.kind.split('@')[0] ?? value.kind
  const records = value.more
    ? say('deciding.andMore', { n: formats.number(value.records) })
    : formats.number(value.records)
  const taking = useAct(unsayOfValue, { changes: changed })
  return (
    <li className={css.row}>
      <div className={css.what}>
        <p className={css.head}>
          <small>{say.code('sharedKind', kind) ?? kind}</small>
          <b>{value.value ? <Masked value={value.value} /> : say('shared.gone')}</b>
          <Chip tone={value.joins ? 'accent' : 'amber'}>
            {say(value.joins ? 'shared.joins' : 'shared.joinsNobody')}
          </Chip>
        </p>
        <p>
          <Dotted>
            {value.reason === 'names' && say('shared.names', { count: value.names })}
            {value.reason === 'records' && say('shared.records', { n: records })}
            {value.likely !== 'nobody' && say(`likely.${value.likely}`)}
          </Dotted>
        </p>
        <small>
          <Dotted>
            {value.examples.length > 0 && value.examples.join(say('comma'))}
            {say('shared.counts', { records, members: formats.number(value.members) })}
            {value.channels
              .slice(0, 3)
              .map(({ name, records: of }) => say('shared.at', { name, n: formats.number(of) }))
              .join(say('comma'))}
            {say('shared.since', { at: formats.date(value.since) })}
          </Dotted>
        </small>
        {value.word && (
          <small className={css.word}>
            {say('shared.said', {
              word: say(`valueWord.${value.word.word}`),
              by: say.code('actor', value.word.by.split(':')[0] ?? '') ?? value.word.by,
              at: formats.date(value.word.at),
              reason: value.word.reason,
            })}
          </small>
        )}
        <ProblemNote error={taking.error} />
      </div>
      {maySay && (
        <div className={css.acts}>
          {value.word?.word !== 'personal' && (
            <Button size="small" onClick={() => setSaying('personal')}>
              {say('valueWord.personal')}
            </Button>
          )}
          {value.word?.word !== 'shared' && (
            <Button size="small" onClick={() => setSaying('shared')}>
              {say('valueWord.shared')}
            </Button>
          )}
          {value.word && (
            <Button
              size="small"
              type="text"
              loading={taking.isPending}
              onClick={() => taking.mutate({ valueId: value.id })}
            >
              {say('shared.takeBack')}
            </Button>
          )}
        </div>
      )}
      {saying && <Say value={value} word={saying} onClose={() => setSaying(null)} />}
    </li>
  )
}

const changed = [listSharedValues, listReviews, memberPage, listMembers, readToday].map((one) => keyOf(one))

function Say({ value, word, onClose }: { value: Value; word: 'shared' | 'personal'; onClose: () => void }) {
  const say = useText()
  const formats = useFormats()
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const field = useId()
  const acting = useAct(sayOfValue, {
    changes: changed,
    onDone: ({ membersBefore, membersAfter }) => {
      onClose()
      void message.success(
        say('shared.done', { before: formats.number(membersBefore), after: formats.number(membersAfter) }),
      )
    },
  })
  const ready = reason.trim() !== ''
  const submit = () => ready && acting.mutate({ valueId: value.id, word, reason: reason.trim() })
  return (
    <Modal
      open
      title={say(word === 'personal' ? 'shared.personalTitle' : 'shared.sharedTitle')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button type="primary" disabled={!ready} loading={acting.isPending} onClick={submit}>
            {say('shared.act', { count: value.records })}
          </Button>
        </>
      }
    >
      <p className={css.effect}>
        {word === 'personal'
          ? say('shared.personalEffect', { records: formats.number(value.records), names: formats.number(value.names) })
          : say('shared.sharedEffect', { records: formats.number(value.records) })}
      </p>
      <label className={css.reason} htmlFor={field}>
        {say('join.reason')}
        <Input
          id={field}
          value={reason}
          maxLength={300}
          placeholder={say(word === 'personal' ? 'shared.personalExample' : 'shared.sharedExample')}
          onChange={({ target }) => setReason(target.value)}
          onPressEnter={submit}
        />
      </label>
      <ProblemNote error={acting.error} />
    </Modal>
  )
}
